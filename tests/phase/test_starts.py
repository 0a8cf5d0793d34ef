"""PGHI and SPSI: against slow twins, exact on what theory makes exact, deterministic, and never NaN."""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import fastspec
from fastspec.errors import ParameterError
from fastspec.kernels import pghi as kernels
from fastspec.phase import metrics
from fastspec.phase.starts import pghi, spsi
from fastspec.transform.geometry import Geometry

SPEECH = Path(__file__).resolve().parents[1] / "data" / "speech.flac"


def heap_twin(S, hop, n_fft, gamma, centre, tol):
    """PGHI as published: a binary heap over the whole spectrogram, double precision. (phase, bins it integrated)."""
    frames, bins = S.shape
    logs = np.log(np.maximum(S / S.max(), tol))
    by_bin = np.zeros_like(logs)
    by_bin[:, 1:-1] = (logs[:, 2:] - logs[:, :-2]) / 2
    if n_fft % 2:
        by_bin[:, -1] = (logs[:, -1] - logs[:, -2]) / 2
    by_frame = np.gradient(logs, axis=0) if frames > 1 else np.zeros_like(logs)
    advance = hop * n_fft / gamma * by_bin + 2 * np.pi * hop * np.arange(bins) / n_fft
    across = -gamma / (hop * n_fft) * by_frame - 2 * np.pi * centre / n_fft
    phase, done = np.zeros_like(logs), logs <= np.log(tol)
    kept = ~done
    for flat in np.argsort(-logs, axis=None, kind="stable"):
        seed = divmod(int(flat), bins)
        if done[seed]:
            continue
        done[seed] = True
        heap = [(-logs[seed], seed)]
        while heap:
            _, (n, m) = heapq.heappop(heap)
            for i, j, grad in ((n + 1, m, advance), (n - 1, m, -advance), (n, m + 1, across), (n, m - 1, -across)):
                if 0 <= i < frames and 0 <= j < bins and not done[i, j]:
                    done[i, j] = True
                    phase[i, j] = phase[n, m] + (grad[n, m] + grad[i, j]) / 2
                    heapq.heappush(heap, (-logs[i, j], (i, j)))
    return phase, kept


def bucket_twin(levels, hop, n_fft, gamma, centre, tol, rows):
    """What `pghi` does: 64 buckets, last in first out, in pieces of `rows` frames from the middle. (phase, known).

    levels : natural logarithms of magnitudes relative to the largest.
    """
    frames, bins = levels.shape
    known = levels > np.log(tol) + 0.002 * np.log(2)
    share = np.clip(1 - levels / np.log(tol), 0, None)
    bucket = np.where(known, (1 + 62 * share**1.5).astype(int), 0)
    by_bin, by_frame = np.zeros_like(levels), np.gradient(levels, axis=0)
    by_bin[:, 1:-1] = (levels[:, 2:] - levels[:, :-2]) / 2
    by_bin[:, -1] = (n_fft % 2) * (levels[:, -1] - levels[:, -2]) / 2
    advance = hop * n_fft / gamma * by_bin + 2 * np.pi * hop * np.arange(bins) / n_fft
    across = -gamma / (hop * n_fft) * by_frame - 2 * np.pi * centre / n_fft
    phase, queues = np.zeros_like(levels), [[] for _ in range(64)]
    left = known.copy()  # cells that wait for their phase

    def flood(piece, way):
        while any(queues):
            n, m = next(queue for queue in reversed(queues) if queue).pop()
            for i, j, grad in (
                (n, m + 1, across),
                (n, m - 1, -across),
                (n + way, m, way * advance),
                (n - way, m, -way * advance),
            ):
                if i in piece and 0 <= j < bins and left[i, j]:
                    left[i, j] = False
                    phase[i, j] = phase[n, m] + (grad[n, m] + grad[i, j]) / 2
                    queues[bucket[i, j]].append((i, j))

    first = max(0, (frames - rows) // 2)
    todo = [(range(first, min(first + rows, frames)), 1, -1)]
    todo += [(range(n, min(n + rows, frames)), 1, n - 1) for n in range(first + rows, frames, rows)]
    todo += [(range(max(0, n - rows), n), -1, n) for n in range(first, 0, -rows)]
    for piece, way, border in todo:
        for m in range(bins if border >= 0 else 0):
            if known[border, m]:
                queues[bucket[border, m]].append((border, m))
        flood(piece, way)
        seeds = [(n, m) for n in piece[::way] for m in range(bins) if left[n, m]]
        for n, m in sorted(seeds, key=lambda cell: -bucket[cell]):
            if left[n, m]:
                left[n, m] = False
                queues[bucket[n, m]].append((n, m))
                flood(piece, way)
    return phase, known


def spsi_twin(S, hop, n_fft, plain=False):
    """SPSI as published if `plain`; else with the parabola through logarithms and the mean frequency of two frames."""
    frames, bins = S.shape
    phase, out, past = np.zeros(bins), np.zeros((frames, bins)), np.full(bins, -9.0)
    for n, row in enumerate(np.asarray(S, float)):
        now = past.copy()
        for j in range(1, bins - 1):
            if not (row[j] >= row[j - 1] and row[j] > row[j + 1]):
                continue
            a, b, c = row[j - 1 : j + 2] if plain else np.log(np.maximum(row[j - 1 : j + 2] / row[j], 1e-6))
            at = j + 0.5 * (a - c) / (a - 2 * b + c)
            glides = not plain and abs(at - past[j]) < 2
            phase[j] += 2 * np.pi * hop * ((at + past[j]) / 2 if glides else at) / n_fft
            first = last = j
            while last + 1 < bins and row[last + 1] < row[last]:
                last += 1
            while first - 1 >= 0 and (first == j or row[first - 1] < row[first]):
                first -= 1
            region = np.arange(first, last + 1)
            phase[region], now[region] = phase[j] + np.pi * (region - j), at
        out[n], past = phase, now
    return out


def sound(samples=9000, seed=0):
    t = np.arange(samples) / 8000
    y = np.sin(2 * np.pi * (300 + 900 * t) * t) * np.exp(-((t % 0.3) * 6)) + 0.5 * np.sin(2 * np.pi * 2100 * t)
    return y + 1e-3 * np.random.default_rng(seed).standard_normal(samples)


def magnitude(y, n_fft=256, hop=64, window="hann", dtype=np.float32):
    return np.abs(fastspec.stft(y, n_fft=n_fft, hop_length=hop, window=window)).astype(dtype)


def own(X, S, **options):
    length = (S.shape[-1] - 1) * options["hop_length"]
    return metrics.own_sc(fastspec.istft(X, length=length, **options), S, **options)


@pytest.mark.parametrize(
    ("window", "constant"), [("hann", 0.25645), ("sqrt", 0.41532), ("hamming", 0.29794), ("blackman", 0.17954)]
)
def test_fitted_gaussian_gives_the_published_constants(window, constant):
    w = scipy.signal.get_window("hann", 1024) ** 0.5 if window == "sqrt" else scipy.signal.get_window(window, 1024)
    gamma, centre = pghi.fit_gaussian(w)
    assert gamma / 1024**2 == pytest.approx(constant, rel=2e-3)
    assert centre == pytest.approx(512, abs=0.05)


def test_fitted_gaussian_finds_a_gaussian_exactly_wherever_it_lies():
    w = -3.0 * np.exp(-np.pi * (np.arange(1000) - 420.0) ** 2 / 30000.0)
    assert pghi.fit_gaussian(w) == pytest.approx((30000.0, 420.0), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
@pytest.mark.parametrize("name", ["boxcar", "hann", "flattop", "triang"])
def test_every_window_has_a_finite_fit(name, n):
    gamma, centre = pghi.fit_gaussian(fastspec_window(name, n))
    assert 1 <= gamma < 100 * n * n + 1
    assert 0 <= centre <= n


def fastspec_window(name, n):
    from fastspec.transform.windows import get_window

    return get_window(name, n)


def test_one_gabor_atom_has_the_heaps_phases():
    """The gradients of a Gaussian's transform have no curl: every queue's way through it gives the same phases."""
    w = scipy.signal.get_window("hann", 128)
    gamma, centre = pghi.fit_gaussian(w)
    n, m = np.mgrid[:40, :65]
    S = np.exp(-((n - 19) ** 2) * np.pi * 16**2 / gamma / 2 - ((m - 30) ** 2) * np.pi * gamma / 128**2 / 2)
    phase, _ = heap_twin(S, 16, 128, gamma, centre, 1e-4)
    X = pghi.spectrum(S.astype(np.float32), Geometry.of(128, 16, window=w), tol=1e-4)
    inner = S > 1e-2  # nearer to the tolerance, gradients are cut
    assert inner.sum() > 40
    assert np.abs(X[inner] / S[inner] * np.exp(-1j * phase[inner]) - 1).max() < 1e-3


@pytest.mark.parametrize(
    ("n_fft", "frames", "rows"), [(64, 61, 8), (64, 61, 100), (64, 9, 8), (63, 40, 12), (256, 41, 8)]
)
def test_pghi_equals_its_twin(monkeypatch, n_fft, frames, rows):
    monkeypatch.setattr(pghi, "piece_rows", lambda frames, *_: min(frames, rows))
    S = magnitude(sound(16 * frames), n_fft, 16)[:, :frames].T.astype(float)
    # amid its bucket, no level is rounded into another
    share = np.round(62 * np.clip(1 + np.log(S / S.max()) / np.log(1e4), 0, 1) ** 1.5) - 0.5
    levels = np.where(share > 0, (np.clip(share, 0, None) / 62) ** (2 / 3) - 1, -1) * np.log(1e4)
    levels.flat[np.argmax(S)] = 0
    S = np.exp(levels).astype(np.float32)
    decibels = 20 / np.log(10) * levels
    gamma, centre = pghi.fit_gaussian(fastspec_window("hann", n_fft))
    phase, known = bucket_twin(levels, 16, n_fft, gamma, centre, 1e-4, rows)
    X = pghi.spectrum(S, Geometry.of(n_fft, 16), log_magnitude=decibels)
    assert 0.2 < known.mean() < 1
    assert np.abs((X / S * np.exp(-1j * phase))[known] - 1).max() < 1e-3


@pytest.mark.parametrize(("n_fft", "hop", "window"), [(256, 64, "hann"), (256, 128, "hann"), (255, 60, "blackman")])
def test_pghi_is_as_good_as_the_exact_heap(n_fft, hop, window):
    S = magnitude(sound(), n_fft, hop, window)
    options = {"hop_length": hop, "n_fft": n_fft, "window": window}
    gamma, centre = pghi.fit_gaussian(fastspec_window(window, n_fft))
    phase, _ = heap_twin(S.T.astype(float), hop, n_fft, gamma, centre, 1e-4)
    exact = own(S * np.exp(1j * phase.T), S, **options)
    ours = own(fastspec.pghi(S, rng=0, **options), S, **options)
    zero = own(S.astype(np.complex64), S, **options)
    assert ours < exact + 1.0
    assert ours < zero - 5


def test_impulse_and_tone_are_found():
    """What theory makes exact: the group delay of a click and the frequency of a tone."""
    y = np.zeros(4000)
    y[2000] = 1
    S = magnitude(y, 256, 32)
    assert own(fastspec.pghi(S, hop_length=32, rng=0), S, hop_length=32, n_fft=256) < -20
    tone = np.sin(2 * np.pi * 0.1234 * np.arange(4000)) * np.hanning(4000)
    S = magnitude(tone, 256, 32)
    assert own(fastspec.pghi(S, hop_length=32, rng=0), S, hop_length=32, n_fft=256) < -25
    assert own(fastspec.spsi(S, hop_length=32), S, hop_length=32, n_fft=256) < -25


def test_pieces_hand_their_phases_on(monkeypatch):
    S = magnitude(sound(20000), 256, 64)
    monkeypatch.setattr(pghi, "piece_rows", lambda *_: 8)
    pieces = fastspec.pghi(S, hop_length=64, rng=0)
    assert own(pieces, S, hop_length=64, n_fft=256) < -20


@pytest.mark.parametrize(
    ("frames", "bins", "overlap", "rows"),
    [
        (9999, 513, 2, 47),
        (9999, 513, 4, 47),
        (9999, 513, 16, 127),
        (9999, 1025, 8, 63),
        (30, 513, 16, 30),
        (99, 9999, 9, 8),
    ],
)
def test_pieces_span_eight_windows_and_fit_a_cache(frames, bins, overlap, rows):
    assert pghi.piece_rows(frames, bins, overlap) == rows


def test_a_steady_tone_crosses_piece_borders_unbroken(monkeypatch):
    monkeypatch.setattr(pghi, "piece_rows", lambda *_: 8)
    S = magnitude(np.sin(2 * np.pi * 0.1234 * np.arange(12800)))
    X = fastspec.pghi(S, hop_length=64, rng=0)
    peak = round(0.1234 * 256)
    turns = np.diff(np.unwrap(np.angle(X[peak, 8:-8] * np.exp(-2j * np.pi * 0.1234 * 64 * np.arange(8, 193)))))
    assert np.abs(turns).max() < 0.05


def test_spsi_equals_its_twin():
    S = magnitude(sound(), 256, 64)
    expected = S * np.exp(1j * spsi_twin(S.T, 64, 256).T)
    assert np.abs(fastspec.spsi(S, hop_length=64) - expected).max() < 1e-3 * S.max()


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 256), (2048, 512), (512, 128), (1024, 512)])
def test_spsi_is_as_good_as_its_paper(n_fft, hop):
    y, _ = soundfile.read(SPEECH, frames=60_000)
    S, options = magnitude(y, n_fft, hop), {"hop_length": hop, "n_fft": n_fft}
    plain = own(S * np.exp(1j * spsi_twin(S.T, hop, n_fft, plain=True).T), S, **options)
    assert own(fastspec.spsi(S, **options), S, **options) < plain


def test_spsi_gives_both_bins_of_an_equal_pair_their_tone():
    """Levels of a picture repeat: a peak may be two bins wide, and its sides begin at either."""
    row = np.float32([1e-3, 1e-2, 0.5, 1, 1, 0.5, 1e-2, 1e-3, 1e-4])
    X = fastspec.spsi(np.tile(row[:, None], 4), hop_length=4)
    signs = X[1:-1, 2] / X[4, 2] / row[1:-1] * np.float32([-1, 1, -1, 1, -1, 1, -1])
    assert np.abs(signs - 1).max() < 1e-4


def test_off_centre_and_short_windows():
    """Half a window, and a window padded to n_fft: the phases refer to where the window is."""
    half = np.where(np.arange(256) < 128, 0.0, scipy.signal.get_window("hann", 256))
    y = sound()
    S = magnitude(y, 256, 16, half)
    assert own(fastspec.pghi(S, hop_length=16, window=half, rng=0), S, hop_length=16, n_fft=256, window=half) < -8
    short = {"n_fft": 512, "win_length": 256, "hop_length": 64}
    S = np.abs(fastspec.stft(y, **short))
    assert own(fastspec.pghi(S, rng=0, **short), S, **short) < -13


def test_levels_give_what_their_magnitude_gives():
    S = magnitude(sound())
    levels = 20 * np.log10(np.maximum(S, 1e-4 * S.max()))
    options = {"hop_length": 64, "n_fft": 256}
    a = own(fastspec.pghi(S, rng=0, **options), S, **options)
    b = own(fastspec.pghi(S, rng=0, log_magnitude=levels, **options), S, **options)
    assert abs(a - b) < 1.0


def test_cells_at_the_floor_have_random_phase_and_others_none():
    S = np.full((129, 50), 1e-4, np.float32)
    S[40, :] = 1
    X = fastspec.pghi(S, hop_length=64, tol=1e-4, rng=3)
    floor = np.delete(X, 40, axis=0) / 1e-4
    assert abs(floor.mean()) < 0.03
    assert np.abs(X - fastspec.pghi(S, hop_length=64, tol=1e-4, rng=4))[40].max() < 1e-6
    assert np.abs(X - fastspec.pghi(S, hop_length=64, tol=1e-4, rng=4)).max() > 1e-4


def test_same_seed_same_bits_alone_and_in_company():
    S = np.stack([magnitude(sound(seed=k)) for k in range(3)])
    together = fastspec.pghi(S, hop_length=64, rng=7)
    assert together.shape == S.shape
    for one, X in zip(S, together, strict=True):
        np.testing.assert_array_equal(fastspec.pghi(one, hop_length=64, rng=7), X)
        np.testing.assert_array_equal(fastspec.pghi(np.asfortranarray(one), hop_length=64, rng=7), X)


def test_double_precision_goes_through_and_read_only_input_works():
    S = magnitude(sound(), dtype=np.float64)
    S.flags.writeable = False
    for X in (fastspec.pghi(S, hop_length=64), fastspec.spsi(S, hop_length=64)):
        assert X.dtype == np.complex128
        np.testing.assert_allclose(np.abs(X), S, rtol=1e-5, atol=1e-44)


@pytest.mark.parametrize("shape", [(129, 1), (129, 2), (1, 5), (2, 5), (2, 1), (3, 3)])
@pytest.mark.parametrize("value", [0.0, 1.0, 1e-45, 1e-30, 3e38])
def test_flat_and_tiny_pictures_give_their_magnitude(shape, value):
    S = np.full(shape, value, np.float32)
    for X in (fastspec.pghi(S, hop_length=1), fastspec.spsi(S, hop_length=1)):
        assert np.isfinite(X).all()
        np.testing.assert_allclose(np.abs(X), S, rtol=1e-5, atol=1e-44)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.sampled_from([9, 17]), st.integers(1, 40)),
        elements=st.sampled_from([float(np.float32(each)) for each in (0.0, 1e-6, 1e-4, 0.5, 1.0, 1e30)]),
    ),
    st.integers(1, 40),
    st.sampled_from([1e-12, 1e-4, 0.5]),
)
def test_magnitude_survives_whatever_the_picture(S, hop, tol):
    for X in (fastspec.pghi(S, hop_length=hop, tol=tol, rng=0), fastspec.spsi(S, hop_length=hop)):
        assert np.isfinite(X).all()
        np.testing.assert_allclose(np.abs(X), S, rtol=1e-5, atol=1e-44)


def test_log2_and_sincos_of_the_kernels():
    x = np.exp(np.random.default_rng(0).uniform(-60, 60, 4096)).astype(np.float32)
    out = np.empty_like(x)
    work = x.copy()
    kernels._log2_row(work, work.view(np.int32), out)
    np.testing.assert_allclose(out, np.log2(x.astype(float)), atol=1e-5, rtol=1e-6)
    turns = np.random.default_rng(0).integers(-(2**31), 2**31, 4096).astype(np.int32)
    turns[:4] = [0, -(2**31), 2**30, 2**31 - 1]
    pairs = np.empty(8192, np.float32)
    kernels._emit_row(np.ones(4096, np.float32), turns, pairs)
    expected = np.exp(2j * np.pi * turns.astype(float) / 2**32)
    assert np.abs(pairs.view(np.complex64) - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"S": np.full((129, 4), np.nan, np.float32)}, "NaN"),
        ({"S": np.full((129, 4), -1.0)}, "negative"),
        ({"S": np.ones((129, 4), complex)}, "complex"),
        ({"S": np.ones(129)}, r"\(129,\)"),
        ({"S": np.ones((129, 0))}, "not empty"),
        ({"n_fft": 512}, "129 bins"),
        ({"tol": 0.0}, "tol=0"),
        ({"tol": float("nan")}, "tol=nan"),
        ({"gamma": -1.0}, "gamma=-1"),
        ({"rng": -1}, "rng=-1"),
        ({"rng": "x"}, "rng='x'"),
        ({"log_magnitude": np.zeros((129, 5))}, r"\(129, 5\)"),
        ({"log_magnitude": np.full((129, 4), np.nan)}, "NaN"),
        ({"hop_length": 0}, "hop_length"),
    ],
)
def test_bad_input_is_a_clear_error(change, words):
    S = change.pop("S", np.ones((129, 4), np.float32))
    with pytest.raises(ParameterError, match=words):
        fastspec.pghi(S, **change)


def test_internal_form_refuses_a_wrong_out():
    S = np.ones((4, 129), np.float32)
    with pytest.raises(ParameterError, match="out is complex128"):
        spsi.spectrum(S, Geometry.of(256, 64), out=np.empty((4, 129), complex))
    with pytest.raises(ParameterError, match="int64"):
        spsi.spectrum(S.astype(np.int64), Geometry.of(256, 64))
