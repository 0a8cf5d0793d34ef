"""Drawing as Audacity and audio-diffusion do: pictures of one channel. `fastspec.calibration.profile` names the
sources.

Of Audacity 3.2.4's own screen, speech on six scales, .993 to .99999 of the pixels come out the same and the rest within
two levels of 256; of audio-diffusion's Mel all but some in 10 000, which are one level off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture.picture import Picture
from fastspec.plot import layout
from fastspec.tools.audacity import TOOL as AUDACITY
from fastspec.transform import mel
from fastspec.transform.windows import get_window

TOOLS = ("audacity", "audio-diffusion")
TAKES = {
    "audacity": ("profile", "n_fft", "win_length", "window", "freq_scale", "fmin", "fmax", "cmap", "db_range"),
    "audio-diffusion": ("profile", "n_fft", "hop_length", "n_mels"),
}
SCALE: dict[str, str | None] = {"audacity": None, "audio-diffusion": "mel"}
_AUDACITY_ROWS, _DIFFUSION_BANDS = 512, 256
_BLOCK = 256  # columns at a time
_QUIETEST = 1e-16  # power; Audacity's -160 dB


def facts(name: str, given: Calibration, size: tuple[int, int] | None) -> Calibration:
    """What is known of the pictures before a sound is; ParameterError for what the tool does not draw."""
    from fastspec.tools import profile

    cal = given.merged(profile(name).calibration(given.get("freq_scale"))).without("sr")
    if name == "audacity":
        if cal["freq_scale"] == "cqt":
            raise ParameterError("freq_scale='cqt' is none of Audacity's; use linear, log, mel, bark, erb or period")
        if not str(cal["cmap"]).startswith("audacity"):
            raise ParameterError(
                f"cmap={cal['cmap']!r} is none of Audacity's; use audacity, audacity-3.2, audacity-classic, "
                "audacity-grayscale or audacity-inverse"
            )
        layout.colormap(cal)
        return cal
    if size is not None:
        raise ParameterError(
            f"size={size!r}: profile={name!r} draws a pixel a band and frame; give n_mels or drop size"
        )
    usual = {"n_mels": _DIFFUSION_BANDS, "n_fft": 2048, "hop_length": 512}
    return cal.updated("given", **{fact: given.get(fact, value) for fact, value in usual.items()})


def draw(
    wave: NDArray[np.float32], cal: Calibration, *, size: tuple[int, int] | None, max_seconds: float | None
) -> Picture:
    """The picture of a sound (n,). cal : of `facts`, with the sound's sr and duration.

    size : (width, height); None is a column each 512 samples of 44 100 Hz, Audacity's zoom, and 512 rows.
    Raises CalibrationError for a sound that is too long.
    """
    if cal["profile"] == "audacity":
        return _audacity(wave, cal, size, max_seconds)
    return _audio_diffusion(wave, cal, max_seconds)


def _audacity(
    wave: NDArray[np.float32], cal: Calibration, size: tuple[int, int] | None, max_seconds: float | None
) -> Picture:
    width, height = size or (max(1, round(cal["duration"] * AUDACITY.columns_per_second)), _AUDACITY_ROWS)
    chosen = AUDACITY.with_grid(cal, width, height)
    cal = cal.updated("given", **{fact: chosen[fact] for fact in ("n_fft", "win_length")})
    consistency.check(cal)
    consistency.check_size(cal.updated("given", n_frames=width), max_seconds=max_seconds)
    n_fft, win_length = cal["n_fft"], cal["win_length"]
    if n_fft % 2:
        raise CalibrationError(f"n_fft={n_fft} is odd; Audacity's transforms have an even length, try {n_fft + 1}")
    window = get_window(cal["window"], win_length)
    cal = cal.updated("given", ref=float(window.sum() / 2))  # |X| of a sine of amplitude 1, which is 0 dB
    window = window * (2 / window.sum())
    axis = FrequencyAxis(
        scale=cal["freq_scale"], sr=cal["sr"], n_fft=n_fft, edges="audacity", fmin=cal.get("fmin"), fmax=cal.get("fmax")
    )
    first, stop = axis.spans(height)
    stop = np.maximum(first + 1, stop)
    centres = np.floor(1.0 + np.arange(width) * (wave.size / width)).astype(np.intp)
    cmap = layout.colormap(cal)
    lo, hi = cal["db_range"]
    entries = np.empty((height, width), np.uint8)
    for at in range(0, width, _BLOCK):
        power = _powers(wave, centres[at : at + _BLOCK] - win_length // 2, window, n_fft)
        position = np.clip((10 * np.log10(np.maximum(power, _QUIETEST)) - lo) / (hi - lo), 0.0, 1.0)
        for row in range(height):
            loudest = position[:, first[row] : stop[row]].max(axis=1)
            entries[row, at : at + _BLOCK] = loudest * (len(cmap) - 1)
    return Picture(entries, palette=cmap.table, embedded=cal.to_json(size=(width, height)))


def _powers(
    wave: NDArray[np.float32], starts: NDArray[np.intp], window: NDArray[np.float64], n_fft: int
) -> NDArray[np.float64]:
    """|FFT|^2 (frames, 1 + n_fft // 2) of windowed stretches of `wave` (n,) from `starts` on; it is silent outside."""
    at = starts[:, None] + np.arange(window.size)
    inside = (at >= 0) & (at < wave.size)
    frames = np.where(inside, wave[np.clip(at, 0, wave.size - 1)], 0.0) * window
    spectrum = np.fft.rfft(frames, n_fft, axis=1)
    power: NDArray[np.float64] = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


def _audio_diffusion(wave: NDArray[np.float32], cal: Calibration, max_seconds: float | None) -> Picture:
    """librosa's mel spectrogram in 80 dB, a byte a cell, the lowest band on top (mel.py, audio_slice_to_image)."""
    from fastspec.colours.levels import power_to_db
    from fastspec.transform.stft import stft

    n_fft, hop, bands = cal["n_fft"], cal["hop_length"], cal["n_mels"]
    consistency.check(cal)
    frames = 1 + wave.size // hop
    consistency.check_size(cal.updated("given", n_frames=frames), max_seconds=max_seconds)
    magnitude = np.ascontiguousarray(np.abs(stft(wave, n_fft=n_fft, hop_length=hop)).T)
    power = np.square(magnitude) @ mel.mel_filterbank(sr=cal["sr"], n_fft=n_fft, n_mels=bands).T
    peak, top = float(power.max()), -cal["db_range"][0]
    decibels = power_to_db(power, ref=np.max, top_db=top)
    gray = (np.clip((decibels + top) * 255 / top, 0, 255) + 0.5).astype(np.uint8).T
    if not peak > 0:
        gray[:] = 0  # the tool draws silence as loud as can be
    cal = cal.updated("given", n_frames=frames, win_length=n_fft, ref=peak**0.5 if peak > 0 else None)
    return Picture(np.ascontiguousarray(gray), embedded=cal.to_json(size=(frames, bands)))
