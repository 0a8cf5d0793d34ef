"""Drawing as SoX does, raw: columns are spans of time, channels lie below each other, 0 dB is full scale.

Of SoX 14.4.2's raw pictures of speech, music and a minute of orchestra, .997 to .999 of the pixels come out the same:
all but a few that rounding moves by one level, and those in half a window of the ends, where SoX shortens its window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array
from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS
from fastspec.colours import colormap
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture.picture import Picture
from fastspec.plot import layout
from fastspec.tools.sox import PROFILE, colours, grid
from fastspec.tools.tool import Drawing

_HEIGHT = 550  # pixels
_SMALLEST, _LARGEST = 32, 1 << 14  # lengths of a transform
_SMALLEST_CHOSEN = 128
_BLOCK = 1 << 22  # cells of a transform at a time


class SoxDrawing(Drawing):
    """`sox -n spectrogram -r`."""

    profile = PROFILE
    takes = frozenset({"n_fft", "cmap", "db_range"})
    freq_scale = "linear"
    most_channels = int(FACTS["channels"].high)
    takes_top_db = True

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """With one of SoX's maps."""
        cal = super().facts(given, size)
        layout.colormap(cal)
        if not cal["cmap"].startswith("sox"):
            raise ParameterError(
                f"cmap={cal['cmap']!r} is none of SoX's; use sox, sox-2 to sox-6, sox-mono or sox-high"
            )
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
        """Palette entries, whose first four are inks."""
        channels, samples = wave.shape
        asked = size[0] if size else grid.USUAL_WIDTH
        n_fft = _n_fft(cal, channels, size)
        drawn = grid.columns(samples, cal["sr"], asked, n_fft)
        consistency.check_size(cal.updated("given", n_fft=n_fft, n_frames=drawn.width), max_seconds=max_seconds)
        # |X| of a sine of amplitude 1 is half the window's sum, n_fft / 4 of Hann's
        lo, hi = cal["db_range"] if cal.source("db_range") == "given" else (-top_db, 0.0)
        ref = n_fft / 4
        cal = cal.updated("given", n_fft=n_fft, db_range=(lo, hi), ref=ref)
        if grid.columns_of_width(samples, cal["sr"], drawn.width, n_fft).span != drawn.span:  # else width tells it
            cal = cal.updated("given", time_extent=(0.0, drawn.width * drawn.span / cal["sr"]))
        cmap = layout.colormap(cal)
        rows = 1 + n_fft // 2
        entries = np.zeros((channels * (rows + 1) - 1, drawn.width), np.uint8)  # 0, the paper, is also the line between
        for channel, one in enumerate(wave):
            power = _mean_power(one, drawn, n_fft)
            with np.errstate(divide="ignore"):
                decibels = 10 * np.log10(power / np.float32(ref**2))
            position = np.clip((decibels - lo) / (hi - lo), -1.0, 2.0)
            top = channel * (rows + 1)
            entries[top : top + rows] = colours.INK_COUNT + colormap.entry_of(position.T[::-1], cmap)
        palette = np.concatenate([np.array(colours.inks(cal["cmap"]), np.uint8), cmap.table])
        return Picture(entries, palette=palette, embedded=cal.to_json(size=(drawn.width, len(entries))))

    def remarks(self, wave: Array, sr: int | None) -> tuple[str, ...]:
        """Where samples lie beyond full scale."""
        if np.abs(wave).max(initial=0.0) > 1:
            return ("samples lie beyond full scale, where SoX's colours end: scale the sound to 1",)
        return ()


def _n_fft(cal: Calibration, channels: int, size: tuple[int, int] | None) -> int:
    """The length of SoX's transform: as told, of a height, or the power of two that its 550 rows hold (-Y)."""
    n_fft = cal.get("n_fft")
    if size is not None:
        rows = (size[1] - channels + 1) // channels
        if rows * channels + channels - 1 != size[1] or not _SMALLEST // 2 < rows <= 1 + _LARGEST // 2:
            raise CalibrationError(
                f"size={size!r}: {channels} channel(s) of equal height, a line between them, do not fill {size[1]} "
                f"rows; give a height of {channels} times 17 to 8193 rows, and {channels - 1} lines"
            )
        if n_fft is not None and n_fft != 2 * (rows - 1):
            raise CalibrationError(
                f"n_fft={n_fft} contradicts size={size!r}: {rows} rows a channel are n_fft={2 * (rows - 1)}; drop one"
            )
        return 2 * (rows - 1)
    if n_fft is not None:
        if n_fft % 2 or not _SMALLEST <= n_fft <= _LARGEST:
            raise CalibrationError(f"n_fft={n_fft} is no even number from {_SMALLEST} to {_LARGEST}; correct it")
        return int(n_fft)
    return max(_SMALLEST_CHOSEN, 1 << (max(_SMALLEST, _HEIGHT // channels - 2).bit_length()))


def _mean_power(wave: NDArray[np.float32], drawn: grid.Columns, n_fft: int) -> NDArray[np.float32]:
    """(columns, 1 + n_fft // 2): mean |X|^2 of a column's transforms, each in the middle of its `step` samples."""
    from fastspec.transform.stft import stft

    step, steps, columns, last = drawn
    before = n_fft // 2 - step // 2
    out = np.empty((columns, 1 + n_fft // 2), np.float32)
    some = max(1, _BLOCK // (steps * out.shape[1]))
    for at in range(0, columns, some):
        count = min(some, columns - at)
        first = at * drawn.span - before
        piece = wave[max(0, first) : first + (count * steps - 1) * step + n_fft]
        lead = max(0, -first)
        piece = np.pad(piece, (lead, (count * steps - 1) * step + n_fft - lead - piece.size))
        spectrum = stft(piece, n_fft=n_fft, hop_length=step, center=False).T
        power = (np.square(spectrum.real) + np.square(spectrum.imag)).reshape(count, steps, -1)
        out[at : at + count] = power.mean(axis=1)
        if at + count == columns:
            out[-1] = power[-1, :last].mean(axis=0)
    return out


DRAWING = SoxDrawing()
