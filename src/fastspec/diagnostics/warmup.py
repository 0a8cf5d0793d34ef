"""Getting a machine ready: every kernel compiled and the FFTs planned, by walking the real road with tiny data."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # at run time `doctor`, which imports this module, must report without any package
    import numpy as np
    import numpy.typing as npt


_ODD_SIZES = (480, 448)  # 480 has passes of 5 and 3; 448 = 64 x 7 is FFTW's


def warmup(n_fft: Sequence[int] = (1024, 2048), *, float64: bool = False) -> dict[str, Any]:
    """Compile every kernel and plan the FFTs now, and keep both on disk, instead of in the first call.

    n_fft : lengths to plan, in samples; other lengths are planned when they are first used, in .1 to .4 s each.
    float64 : also compile and plan for work in double precision.

    Nothing is listed here that could be forgotten: tiny pictures and sounds of every kind are sent along the real road.

    Returns {"kernels": names of those compiled (none if all lay in the cache), "compile_seconds", "n_fft",
    "plan_seconds", "seconds"}. Raises ParameterError for a length that cannot be transformed.
    """
    import numpy as np

    from fastspec import kernels
    from fastspec.transform import fft

    started = time.perf_counter()
    dtypes = (np.float32, np.float64) if float64 else (np.float32,)
    for size in n_fft:
        for dtype in dtypes:
            fft.pair(int(size), dtype)
    planned = time.perf_counter()
    compiled: list[str] = []
    with kernels.compiling(compiled.append):
        for dtype in dtypes:
            _walk(int(n_fft[0]) if len(n_fft) else 1024, np.dtype(dtype))
    ended = time.perf_counter()
    return {
        "kernels": sorted(set(compiled)),
        "compile_seconds": ended - planned,
        "n_fft": [int(size) for size in n_fft],
        "plan_seconds": planned - started,
        "seconds": ended - started,
    }


def _walk(n_fft: int, dtype: np.dtype[Any]) -> None:
    """Call all that users call, with every kind of picture and every layout of array that compiles of its own."""
    import numpy as np

    import fastspec
    from fastspec import Decoder, Encoder
    from fastspec.decoder import QUALITIES
    from fastspec.phase import methods, starts

    hop = max(1, n_fft // 4)
    rate = 16000
    y = chirp(16 * n_fft, rate).astype(dtype)
    if dtype == np.float32:
        shape: Any = {"n_fft": n_fft, "hop_length": hop}
        for picture, facts in _pictures(y, rate, shape):
            decoder = Decoder(n_iter=1, **{**facts, "force": True})  # chirps in few pixels hardly look like sound
            decoder.waveform(decoder.read(picture))
        drawn = Encoder(**shape, size=(64, 48), freq_scale="log").encode(y, rate)
        Encoder(**shape, size=(640, 480)).encode(y, rate)  # more pixels than cells
        facts = {**shape, "sr": rate, "freq_scale": "log"}
        Decoder(force=True, **facts).retouch(_touched(drawn), (y, rate))
        for quality in QUALITIES:
            Decoder(quality=quality, n_iter=1).decode(drawn)
        for init in starts.names():
            Decoder(init=init, n_iter=1).decode(drawn)
    spectrum = fastspec.stft(y, n_fft=n_fft, hop_length=hop)
    fastspec.istft(spectrum, hop_length=hop)
    layouts = np.abs(spectrum), np.ascontiguousarray(np.abs(spectrum))
    for S in layouts:
        fastspec.pghi(S, hop_length=hop)
        fastspec.spsi(S, hop_length=hop)
        fastspec.griffinlim(S, hop_length=hop, n_iter=1)
        for method in methods.names():
            fastspec.phase_retrieval(S, method=method, hop_length=hop, n_iter=2, tol=1e-9, return_trace=True)
            for odd in _ODD_SIZES:
                noise = np.abs(fastspec.stft(y, n_fft=odd))
                fastspec.phase_retrieval(noise, method=method, n_iter=2, return_trace=True)
        for start in (spectrum, np.ascontiguousarray(spectrum)):
            fastspec.phase_retrieval(S, init=start, hop_length=hop, n_iter=1, pad_mode="reflect", workers=2)


def _pictures(y: npt.NDArray[Any], rate: int, shape: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Pictures of all kinds that are read in different ways, with the facts that reading them needs."""
    import numpy as np

    from fastspec import Encoder, Picture
    from fastspec.tools.specgram import PROFILE as SPECGRAM

    own = Encoder(**shape).encode(y, rate)
    facts = {**shape, "sr": rate, "freq_scale": "linear", "freq_edges": "bins", "level_kind": "db"}
    rgb = own.rgb()
    figure = _figure(rgb)
    spoilt = rgb.copy()
    spoilt[::2] ^= 5  # colours beside the map
    deep = Encoder(**shape, bits=16).encode(y, rate)
    mel = Encoder(**shape, freq_scale="mel", n_mels=24).encode(y, rate)
    gray = Encoder(**shape, cmap="gray").encode(y, rate)
    large = Encoder(**shape, freq_scale="log", size=(200, 150)).encode(y, rate).rgb()
    rough = np.clip(large + np.random.default_rng(0).normal(0, 20, large.shape), 0, 255).astype(np.uint8)
    seconds = {"duration": y.size / rate, "sr": rate, "level_kind": "db"}
    assert own.palette is not None
    return [
        (own, {}),
        (Picture(own.pixels, own.palette ^ np.uint8(5)), {**facts, "cmap": "magma"}),
        (rgb, {**facts, "cmap": "magma"}),
        (np.dstack([rgb, np.full_like(rgb[..., :1], 255)]), {**facts, "cmap": "magma"}),
        (spoilt, {**facts, "cmap": "magma"}),
        (deep, {}),
        (mel, {}),
        (gray.rgb()[..., 0], {**facts, "cmap": "gray"}),
        (rough, {**shape, "duration": y.size / rate, "level_kind": "db", "force": True}),
        (np.repeat(rough[..., 1:2], 3, axis=2), {**shape, **seconds, "force": True}),
        (large, {**seconds, "profile": SPECGRAM.name, "force": True}),
        (large, {**seconds, "profile": SPECGRAM.name, "n_fft": 256, "hop_length": 128, "force": True}),
        (figure, {**facts, "cmap": "magma"}),
        (np.dstack([figure, np.full((192, 256), 255, np.uint8)]), {**facts, "cmap": "magma"}),
        (Picture(figure, info={"format": "JPEG"}), {**facts, "cmap": "magma"}),
        (Picture(spoilt, info={"format": "JPEG", "subsampling": "4:2:0"}), {**facts, "cmap": "jet"}),
        (_shared_chroma(spoilt), {**facts, "cmap": "jet"}),
        (Picture(np.dstack([figure, figure])[..., :3], info={"format": "JPEG"}), {**facts, "cmap": "magma"}),
    ]


def _shared_chroma(rgb: npt.NDArray[np.uint8]) -> Any:
    """The picture in a JPEG file of pixels (H, W, 3) of which 2 x 2 share their chroma."""
    import io

    from PIL import Image

    from fastspec.picture import files

    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", subsampling="4:2:0")
    return files.read(out.getvalue())


def _touched(picture: Any) -> npt.NDArray[np.uint8]:
    """A picture (H, W, 3) of which a part was erased and a line drawn into it."""
    pixels: npt.NDArray[np.uint8] = picture.rgb().copy()
    pixels[8:20, 8:30] = picture.rgb().reshape(-1, 3).min(axis=0)
    pixels[30:32, 20:60] = picture.rgb().reshape(-1, 3).max(axis=0)
    return pixels


def _figure(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture (192, 256, 3) within a frame, with marks and strokes for labels beside it, one of two that touch."""
    import numpy as np

    page = np.full((192, 256, 3), 255, np.uint8)
    page[39:141, 59:221] = 0
    high, wide = rgb.shape[:2]
    page[40:140, 60:220] = rgb[np.arange(100)[:, None] * high // 100, np.arange(160) * wide // 160]
    for place in (42, 90, 138):
        page[place, 54:59] = 0
        page[place - 5 : place + 6, [40, 41, 46]] = 0
        page[place, 40:52] = 0
    return page


def chirp(samples: int, rate: int) -> npt.NDArray[np.float32]:
    """A sine that rises from a twentieth to a quarter of the rate, float32 (samples,), fading in and out."""
    import numpy as np

    t = np.arange(samples) / samples
    phase = 2 * np.pi * samples * (0.05 * t + 0.1 * t * t)
    y: npt.NDArray[np.float32] = (0.5 * np.hanning(samples) * np.sin(phase)).astype(np.float32)
    return y
