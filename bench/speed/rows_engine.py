"""Rows of the engine: iterations, transforms, PGHI, quality against time, threads, batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt

import fastspec
from bench.quality.heap_pghi import heap_spectrum
from bench.speed import peers
from bench.speed.clips import Clip
from bench.speed.paired import alone, alternate, clock, clock_cpu, clock_iteration, clock_once
from bench.speed.record import DisagreementError, Row
from fastspec.phase import metrics
from fastspec.phase.starts.pghi import spectrum as pghi_spectrum
from fastspec.transform import fft
from fastspec.transform.geometry import Geometry

Array = npt.NDArray[Any]
HOP = 512
TOL = 1e-4  # of PGHI, as in the published figures


def magnitude(y: Array, n_fft: int, hop: int) -> Array:
    """librosa's magnitudes (bins, frames), float32."""
    return np.asarray(np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop)), np.float32)


def same(theirs: Array, ours: Array, limit: float = 1e-4) -> str:
    """Refuse a comparison of different things; else say how alike they are."""
    if theirs.shape != ours.shape:
        raise DisagreementError(f"shapes {theirs.shape} and {ours.shape}")
    apart = float(np.abs(theirs - ours).max() / np.abs(theirs).max())
    if not apart <= limit:
        raise DisagreementError(f"outputs differ by {apart:.2g} of the peak; {limit:g} is allowed")
    return f"largest difference {apart:.1g} of the peak"


def judged(y: Array, truth: Array, sr: int) -> dict[str, float]:
    """Held-out spectral convergence and log-mel distance, dB, smaller is better."""
    return {
        "held-out SC dB": float(metrics.held_out_sc(y, truth)),
        "log-mel dB": float(metrics.log_mel_distance(y, truth, sr)),
    }


def both(theirs: dict[str, float], ours: dict[str, float]) -> dict[str, tuple[float, float]]:
    return {key: (theirs[key], ours[key]) for key in theirs}


def iteration(clip: Clip, n_fft: int, rounds: int) -> Iterator[Row]:
    """One fast Griffin-Lim iteration beside librosa's, and beside the transforms that it cannot do without."""
    S = magnitude(clip.y, n_fft, HOP)
    what = f"one Griffin-Lim iteration, {n_fft}/{HOP}, {clip.y.size / clip.sr:.0f} s"

    def ours(n_iter: int) -> Array:
        return fastspec.griffinlim(S, n_iter=n_iter, hop_length=HOP, n_fft=n_fft, init=None)

    def librosas(n_iter: int) -> Array:
        return peers.librosa_griffinlim(S, n_iter, HOP)

    agreement = same(librosas(2), ours(2))
    found = alternate(clock_iteration(librosas), clock_iteration(ours), rounds)
    yield Row(
        f"iteration_{n_fft}",
        what,
        "librosa",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 8.0),
        agreement=agreement,
    )
    few, many = 4, 28  # the transforms are short: more iterations, so that their noise does not drown the ratio
    turned = alternate(clock_iteration(ours, few, many), clock(peers.Transforms(n_fft, S.shape[1])), 3 * rounds)
    yield Row(
        f"transforms_{n_fft}",
        f"the same, beside its two transforms alone, {n_fft}/{HOP}",
        "FFTW, same plans, same blocks",
        turned.ours * 1e3,
        turned.theirs * 1e3,
        ratio=turned.ratio,
        how="of the peer",
        wanted=("ratio", "<=", 1.35),
        agreement=f"as many blocks of {fft.block_height(n_fft)} frames",
    )
    torch = peers.optional("torch")
    if torch is not None:
        tensor = torch.from_numpy(S)
        agreement = same(peers.torch_griffinlim(tensor, 2, HOP).numpy(), ours(2))
        torchs = clock_iteration(lambda n: peers.torch_griffinlim(tensor, n, HOP))
        found = alternate(torchs, clock_iteration(ours), rounds)
        yield Row(
            f"iteration_{n_fft}_torch",
            what,
            f"torch {torch.__version__.split('+')[0]}, torchaudio's loop",
            found.theirs * 1e3,
            found.ours * 1e3,
            ratio=found.ratio,
            agreement=agreement,
        )
    yield from other_engines(ours, what, n_fft, rounds)


def other_engines(ours: Callable[[int], Array], what: str, n_fft: int, rounds: int) -> Iterator[Row]:
    """The same loop in lanes, with FFTW's transforms and with MKL's."""

    def on(backend: str) -> Callable[[int], Array]:
        def run(n_iter: int) -> Array:
            before, os.environ[fft.SETTING] = os.environ.get(fft.SETTING, ""), "fftw"
            fft.set_backend(backend)
            try:
                return ours(n_iter)
            finally:
                fft.set_backend("pyfftw")
                os.environ[fft.SETTING] = before

        return run

    for backend, shown in (("pyfftw", "fastspec on FFTW's transforms"), ("mkl", "fastspec with the `mkl` extra")):
        if backend == "mkl" and peers.optional("mkl_fft") is None:
            continue
        other = on(backend)
        agreement = same(ours(2), other(2))
        found = alternate(clock_iteration(other, 4, 24), clock_iteration(ours, 4, 24), rounds)
        yield Row(
            f"iteration_{n_fft}_{'fftw' if backend == 'pyfftw' else backend}",
            what,
            shown,
            found.theirs * 1e3,
            found.ours * 1e3,
            ratio=found.ratio,
            agreement=agreement,
        )


def transforms(clip: Clip, rounds: int) -> Iterator[Row]:
    """stft and istft beside librosa's, SciPy's and torch's."""
    n_fft, y = 1024, clip.y
    X = fastspec.stft(y, n_fft=n_fft, hop_length=HOP)
    length = y.size
    work: dict[str, dict[str, Callable[[], Array]]] = {
        "stft": {
            "fastspec": lambda: fastspec.stft(y, n_fft=n_fft, hop_length=HOP),
            "librosa": lambda: librosa.stft(y, n_fft=n_fft, hop_length=HOP),
        },
        "istft": {
            "fastspec": lambda: fastspec.istft(X, hop_length=HOP, length=length),
            "librosa": lambda: librosa.istft(X, hop_length=HOP, length=length),
        },
    }
    signal = peers.optional("scipy.signal")
    if signal is not None:
        window = signal.get_window("hann", n_fft).astype(np.float32)
        engine = signal.ShortTimeFFT(window, HOP, fs=1.0, phase_shift=None)
        frames = X.shape[1]
        work["stft"]["scipy"] = lambda: engine.stft(y, p0=0, p1=frames, padding="zeros")
        work["istft"]["scipy"] = lambda: engine.istft(X, k1=length)
    torch = peers.optional("torch")
    if torch is not None:
        window_t, y_t, X_t = torch.hann_window(n_fft), torch.from_numpy(y), torch.from_numpy(np.ascontiguousarray(X))
        work["stft"]["torch"] = lambda: torch.stft(
            y_t, n_fft, HOP, window=window_t, pad_mode="constant", return_complex=True
        ).numpy()
        work["istft"]["torch"] = lambda: torch.istft(X_t, n_fft, HOP, window=window_t, length=length).numpy()
    for name, ways in work.items():
        for peer in (p for p in ways if p != "fastspec"):
            # samples of the last half window that no frame covers fully are normalised differently by each
            cut = slice(None) if name == "stft" else slice(0, length - n_fft)
            agreement = same(ways[peer]()[..., cut], ways["fastspec"]()[..., cut])
            found = alternate(clock(ways[peer]), clock(ways["fastspec"]), rounds)
            yield Row(
                name if peer == "librosa" else f"{name}_{peer}",
                f"{name}, {n_fft}/{HOP}, {length / clip.sr:.0f} s",
                peer,
                found.theirs * 1e3,
                found.ours * 1e3,
                ratio=found.ratio,
                agreement=agreement,
            )


def quality_200(clip: Clip, rounds: int, n_iter: int = 200) -> Iterator[Row]:
    """The held-out quality of librosa's random start, and how soon a PGHI start is as good."""
    S = magnitude(clip.y, 1024, HOP)
    length = clip.y.size

    def theirs() -> Array:
        return peers.librosa_griffinlim(S, n_iter, HOP, init="random", random_state=0, length=length)

    def ours(n: int) -> Array:
        y: Array = fastspec.phase_retrieval(
            S, method="admm", init="pghi", n_iter=n, hop_length=HOP, n_fft=1024, length=length
        )
        return y

    target = judged(theirs(), clip.y, clip.sr)
    for n in (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32):
        reached = judged(ours(n), clip.y, clip.sr)
        if all(reached[key] <= target[key] for key in target):
            break
    else:
        raise DisagreementError(f"32 iterations reach {reached}, librosa's {n_iter} reach {target}")
    found = alternate(clock_once(theirs), clock(lambda: ours(n)), rounds)
    yield Row(
        "quality_200",
        f"held-out quality of {n_iter} random-start iterations, 1024/{HOP}; here PGHI and {n} of GLADMM",
        "librosa",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 100.0),
        quality=both(target, reached),
        agreement="both measures at least as good",
    )


def pghi(clip: Clip, lengths: dict[str, int], rounds: int) -> Iterator[Row]:
    """Nanoseconds a bin at each length in seconds; a longer one repeats the clip."""
    window = np.hanning(1025)[:-1].astype(np.float32)
    geometry = Geometry.of(1024, HOP, window=window)
    one = np.ascontiguousarray(magnitude(clip.y, 1024, HOP).T)
    for name, seconds in lengths.items():
        frames = 1 + seconds * clip.sr // HOP
        S = np.ascontiguousarray(np.tile(one, (-(-frames // len(one)), 1))[:frames])
        out = np.empty(S.shape, np.complex64)

        def ours(S: Array = S, out: Array = out) -> Array:
            return pghi_spectrum(S, geometry, tol=TOL, out=out)

        alike = alone(clock_cpu(ours), rounds if seconds < 100 else 3)
        ns = alike.median / S.size * 1e9
        spread = [round(v / S.size * 1e9, 1) for v in (alike.low, alike.high)]
        yield Row(
            name,
            f"PGHI, {seconds} s" if seconds < 3600 else "PGHI, 1 h",
            ours=ns,
            unit="ns/bin",
            wanted=("ours", "<=", 10.0),
            note=f"{spread[0]} to {spread[1]}, processor time",
        )
    S = one[: 20 * clip.sr // HOP]

    def quality(X: Array) -> dict[str, float]:
        y = librosa.istft(X.T, hop_length=HOP, n_fft=1024)
        return {"own SC dB": float(metrics.own_sc(y, S.T, hop_length=HOP)), **judged(y, clip.y[: y.size], clip.sr)}

    heaps = heap_spectrum(S, hop_length=HOP, window=window, tol=TOL)
    buckets = pghi_spectrum(S, geometry, tol=TOL)
    quality_of = both(quality(heaps), quality(buckets))
    if quality_of["held-out SC dB"][1] > quality_of["held-out SC dB"][0] + 0.5:
        raise DisagreementError(f"the bucket queue loses quality: {quality_of}")
    found = alternate(
        clock(lambda: heap_spectrum(S, hop_length=HOP, window=window, tol=TOL)),
        clock(lambda: pghi_spectrum(S, geometry, tol=TOL)),
        max(3, rounds // 3),
    )
    yield Row(
        "pghi_heap",
        f"PGHI, {len(S) * HOP / clip.sr:.0f} s, buckets in pieces beside one binary heap",
        "heap, numba",
        found.theirs / S.size * 1e9,
        found.ours / S.size * 1e9,
        "ns/bin",
        ratio=found.ratio,
        quality=quality_of,
        agreement="held-out SC within .5 dB",
    )


def threads(clip: Clip, rounds: int) -> Iterator[Row]:
    """Two threads over one on the clip's own spectrogram."""
    S = magnitude(clip.y, 1024, HOP)

    def run(workers: int) -> Array:
        y: Array = fastspec.phase_retrieval(
            S, method="fgla", init="pghi", n_iter=32, hop_length=HOP, n_fft=1024, workers=workers
        )
        return y

    if not np.array_equal(run(1), run(2)):
        raise DisagreementError("two threads do not give the bits of one")
    found = alternate(clock(lambda: run(1)), clock(lambda: run(2)), rounds)
    # what the machine itself gives: two calls that know nothing of each other, one after the other and at once
    with ThreadPoolExecutor(2) as pool:
        at_once = clock(lambda: list(pool.map(run, (1, 1))))
        limit = alternate(clock(lambda: [run(1), run(1)]), at_once, max(3, rounds // 3)).ratio
    yield Row(
        "threads",
        f"two threads over one, PGHI and 32 iterations, {clip.y.size / clip.sr:.0f} s",
        "fastspec, one thread",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 1.85),
        agreement="same bits",
        note=f"two separate calls at once on this machine: {limit.median:.2f} x, {limit.low:.2f} to {limit.high:.2f}",
    )


def batch(clip: Clip, number: int, rounds: int) -> Iterator[Row]:
    """Many one-second pictures at once beside a loop of librosa's 32 iterations."""
    n_fft, hop, n = 512, 128, clip.sr
    sounds = [clip.y[at : at + n] for at in np.linspace(0, clip.y.size - n, number).astype(int)]
    spectra = [magnitude(y, n_fft, hop) for y in sounds]

    def theirs() -> list[Array]:
        return [peers.librosa_griffinlim(S, 32, hop, init="random", random_state=0, length=n) for S in spectra]

    def ours() -> list[Array]:
        made: list[Array] = fastspec.phase_retrieval(
            spectra, method="fgla", init="pghi", n_iter=4, hop_length=hop, n_fft=n_fft, length=n
        )
        return made

    def quality(made: list[Array]) -> dict[str, float]:
        each = [judged(y, truth, clip.sr) for y, truth in zip(made, sounds, strict=True) if truth.any()]
        return {key: float(np.median([q[key] for q in each])) for key in each[0]}

    first, second = theirs(), ours()
    found = alternate(clock_once(theirs), clock(ours), rounds)
    yield Row(
        "batch",
        f"{number} one-second pictures, {n_fft}/{hop}: PGHI and 4 iterations, one call",
        "loop of librosa's 32",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 25.0),
        quality=both(quality(first), quality(second)),
        agreement="not the same work: see the quality",
    )
