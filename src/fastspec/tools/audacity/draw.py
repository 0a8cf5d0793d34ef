"""Drawing as Audacity's spectrogram view does.

Of Audacity 3.2.4's own screen, speech on six scales, .993 to .99999 of the pixels come out the same and the rest within
two levels of 256.
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
from fastspec.tools.audacity import PROFILE, TOOL, grid
from fastspec.tools.tool import Drawing
from fastspec.transform.windows import get_window

_ROWS = 512
_BLOCK = 256  # columns at a time
_QUIETEST = 1e-16  # power; Audacity's -160 dB


class AudacityDrawing(Drawing):
    """SpectrumView.cpp and SpectrumCache.cpp."""

    profile = PROFILE
    takes = frozenset({"n_fft", "win_length", "window", "freq_scale", "fmin", "fmax", "cmap", "db_range"})

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """With one of Audacity's scales and maps, at any rate."""
        cal = super().facts(given, size).without("sr")
        if cal["freq_scale"] == "cqt":
            raise ParameterError("freq_scale='cqt' is none of Audacity's; use linear, log, mel, bark, erb or period")
        if not str(cal["cmap"]).startswith("audacity"):
            raise ParameterError(
                f"cmap={cal['cmap']!r} is none of Audacity's; use audacity, audacity-3.2, audacity-classic, "
                "audacity-grayscale or audacity-inverse"
            )
        layout.colormap(cal)
        return cal

    def draw(
        self,
        wave: NDArray[np.float32],
        cal: Calibration,
        *,
        size: tuple[int, int] | None,
        max_seconds: float | None,
        top_db: float,
    ) -> Picture:
        """A row's loudest bin, a column's transform; without a size a column each 512 samples of 44 100 Hz."""
        sound = wave[0]
        width, height = size or (max(1, round(cal["duration"] * grid.ZOOM)), _ROWS)
        chosen = TOOL.with_grid(cal, width, height)
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
            scale=cal["freq_scale"],
            sr=cal["sr"],
            n_fft=n_fft,
            edges=cal["freq_edges"],
            fmin=cal.get("fmin"),
            fmax=cal.get("fmax"),
        )
        first, stop = axis.spans(height)
        stop = np.maximum(first + 1, stop)
        centres = np.floor(1.0 + np.arange(width) * (sound.size / width)).astype(np.intp)
        cmap = layout.colormap(cal)
        lo, hi = cal["db_range"]
        entries = np.empty((height, width), np.uint8)
        for at in range(0, width, _BLOCK):
            power = _powers(sound, centres[at : at + _BLOCK] - win_length // 2, window, n_fft)
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


DRAWING = AudacityDrawing()
