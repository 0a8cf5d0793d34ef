"""How each drawer cuts cells: where their borders lie, and which cell a row or column of pixels shows.

Sources: librosa.display.specshow of 0.8 and 0.11 (borders), the snapping of matplotlib's Agg renderer, whose arithmetic
`pixels_of` repeats so that ties at pixel centres fall as they fall there; Audacity's SpectrumView.cpp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec import axes
from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from fastspec.axes.frequency import FrequencyAxis
    from fastspec.axes.scales.scale import Kind, Scale
    from fastspec.axes.time import TimeAxis

Beyond = tuple[float, float]


class Edges:
    """Borders halfway between centres, as specshow from 0.9 on has them drawn by pcolormesh.

    shows_highest : whether the highest STFT bin has a cell. bins_only : whether cells are STFT bins on every scale.
    one_band_a_row : whether mel bands lie evenly. zoomable : whether fmin and fmax may cut the view.
    limits_view : whether it cuts the view itself where fmax lies above half the rate. needs_even_fft : whether the
    last bin is drawn at half the rate, on scales that end there.
    """

    name: ClassVar[str] = axes.EDGES_HALFWAY
    shows_highest: ClassVar[bool] = True
    bins_only: ClassVar[bool] = False
    one_band_a_row: ClassVar[bool] = False
    zoomable: ClassVar[bool] = True
    limits_view: ClassVar[bool] = False
    needs_even_fft: ClassVar[bool] = True

    def kind_of(self, scale: Scale) -> Kind:
        """What the cells hold where nobody says."""
        return "stft" if self.bins_only else scale.kind

    def draws(self, scale: Scale, kind: str) -> bool:
        """Whether cells of this kind can lie on this scale."""
        return True

    def positions(self, axis: FrequencyAxis) -> NDArray[np.float64]:
        """Hz at which the axis puts each cell's centre."""
        return axis.drawn_on.positions(axis)

    def measure(self, hertz: NDArray[np.float64], axis: FrequencyAxis) -> NDArray[np.float64]:
        """Hz to what is even on the axis."""
        return axis.drawn_on.measure(hertz, axis)

    def borders(self, axis: FrequencyAxis) -> NDArray[np.float64]:
        """Hz of the cells' borders, rising: shape (n_cells + 1,)."""
        return np.array([0.0, axis.sr / 2]) if axis.count == 1 else _halfway(axis.positions)

    def limits(self, axis: FrequencyAxis) -> tuple[float, float]:
        """Hz at the picture's lower and upper border."""
        low, high = float(axis.cell_edges[0]), float(axis.cell_edges[-1])
        if axis.drawn_on.zoomable and self.zoomable:
            low = low if axis.fmin is None else float(axis.fmin)
            high = high if axis.fmax is None else float(axis.fmax)
        return low, high

    def rows(self, axis: FrequencyAxis, height: int, beyond: Beyond) -> NDArray[np.intp]:
        """The cell at each pixel row from the top, the lowest frequency at the bottom; `beyond` below and above."""
        borders = pixels_of(axis.transform(axis.cell_edges), axis.transform(axis.limits), height, beyond)
        # Agg counts downwards and gives a tie to the upper pixel's cell
        snapped = np.floor(height - borders[::-1] + 0.5)
        from_top = np.searchsorted(snapped, np.arange(height), side="right") - 1
        return np.clip(axis.count - 1 - from_top, 0, axis.count - 1)

    def times(self, axis: TimeAxis) -> NDArray[np.float64]:
        """Seconds of the frames' borders, rising: shape (n_frames + 1,)."""
        centres = np.arange(axis.n_frames) * axis.hop_length / float(axis.sr)
        if axis.n_frames == 1:
            border = axis.hop_length / (2.0 * axis.sr)
            return np.array([-border, border])
        return _halfway(centres)

    def columns(self, axis: TimeAxis, width: int, beyond: Beyond) -> NDArray[np.intp]:
        """The frame at each pixel column; `beyond` at the left and right."""
        edges = axis.cell_edges
        snapped = np.floor(pixels_of(edges, edges[[0, -1]], width, beyond) + 0.5)
        frames = np.searchsorted(snapped, np.arange(width), side="right") - 1
        return np.clip(frames, 0, axis.n_frames - 1).astype(np.intp)


class Explicit(Edges):
    """Borders that specshow up to 0.8 computed itself: the outer cells half as high, time from 0 s."""

    name = axes.EDGES_EXPLICIT

    def borders(self, axis: FrequencyAxis) -> NDArray[np.float64]:
        return axis.drawn_on.explicit_borders(axis)

    def times(self, axis: TimeAxis) -> NDArray[np.float64]:
        return np.asarray(np.arange(axis.n_frames + 1) * axis.hop_length / float(axis.sr))


class Whole(Edges):
    """All cells whole: fastspec's own drawing, and images of a spectrogram."""

    name = axes.EDGES_WHOLE
    one_band_a_row = True
    needs_even_fft = False

    def columns(self, axis: TimeAxis, width: int, beyond: Beyond) -> NDArray[np.intp]:
        return evenly(width, axis.n_frames, beyond)


class BinCentres(Whole):
    """`plt.specgram`: evenly from the first to the last bin centre."""

    name = axes.EDGES_BIN_CENTRES
    zoomable = False
    needs_even_fft = True

    def borders(self, axis: FrequencyAxis) -> NDArray[np.float64]:
        return np.linspace(axis.positions[0], axis.positions[-1], axis.count + 1)

    def rows(self, axis: FrequencyAxis, height: int, beyond: Beyond) -> NDArray[np.intp]:
        return evenly(height, axis.count, beyond)[::-1]


class Loudest(Edges):
    """Audacity: STFT bins without the highest, on even measures of pitch; a row shows the loudest of its bins."""

    name = axes.EDGES_LOUDEST
    shows_highest = False
    bins_only = True
    limits_view = True
    top = 20_000.0  # Hz; its default, or half the rate where that is less

    def kind_of(self, scale: Scale) -> Kind:
        """What the cells hold where nobody says."""
        return "stft" if self.bins_only else scale.kind

    def draws(self, scale: Scale, kind: str) -> bool:
        return kind == "stft" and scale.has_pitch

    def positions(self, axis: FrequencyAxis) -> NDArray[np.float64]:
        from fastspec.axes.scales.scale import bins

        return bins(axis)

    def measure(self, hertz: NDArray[np.float64], axis: FrequencyAxis) -> NDArray[np.float64]:
        return axis.drawn_on.pitch(hertz)

    def limits(self, axis: FrequencyAxis) -> tuple[float, float]:
        top, lowest = axis.sr / 2, axis.drawn_on.lowest(axis)
        low = max(lowest, min(top, axis.fmin or 0.0))
        return low, max(lowest, min(top, axis.fmax or self.top))

    def rows(self, axis: FrequencyAxis, height: int, beyond: Beyond) -> NDArray[np.intp]:
        first, stop = self.spans(axis, height)
        return (first + np.maximum(first, stop - 1)) // 2

    def spans(self, axis: FrequencyAxis, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First bin and stop of each row, the highest row first, see `FrequencyAxis.spans`."""
        low, high = self.measure(np.asarray(axis.limits), axis)
        step = (high - low) / max(1, height - 1)
        with np.errstate(over="ignore"):
            hertz = axis.drawn_on.hertz(low + np.arange(height + 1) * step)
        hertz[np.isinf(hertz)] = 0.0  # what lies beyond the scale's end is below 0 there: the last row has one cell
        bins = np.floor(np.clip(hertz * (float(axis.n_fft or 1) / axis.sr), 0, axis.count - 1) + 0.5).astype(np.intp)
        return bins[:-1][::-1], bins[1:][::-1]


LOUDEST = Loudest()
DRAWERS: dict[str, Edges] = {drawer.name: drawer for drawer in (Edges(), Explicit(), Whole(), BinCentres(), LOUDEST)}


def get(name: str) -> Edges:
    """The way to cut that fact `freq_edges` names; ParameterError for an unknown one."""
    if name not in DRAWERS:
        raise ParameterError(f"edges={name!r} is unknown; use one of {', '.join(axes.FREQ_EDGES)}")
    return DRAWERS[name]


def evenly(pixels: int, cells: int, beyond: Beyond = (0.0, 0.0)) -> NDArray[np.intp]:
    """Cells shown when `cells` divide `pixels` evenly: floor((p + 1/2) / pixels * cells), exactly.

    beyond : pixels that the cells reach past the first and the last.
    """
    if beyond == (0.0, 0.0):
        return ((2 * np.arange(pixels, dtype=np.int64) + 1) * cells // (2 * pixels)).astype(np.intp)
    at = (np.arange(pixels) + (0.5 + beyond[0])) * (cells / (pixels + beyond[0] + beyond[1]))
    cell: NDArray[np.intp] = np.clip(np.floor(at), 0, cells - 1).astype(np.intp)
    return cell


def pixels_of(borders: NDArray[np.float64], limits: ArrayLike, size: int, beyond: Beyond) -> NDArray[np.float64]:
    """Pixel coordinates of `borders`, in matplotlib's own order of operations (BboxTransformFrom, then ...To)."""
    low, high = np.asarray(limits, dtype=np.float64)
    if low == high:
        raise ParameterError(f"the axis begins and ends at {low:g} of its own scale; check sr, fmin and fmax")
    scale = 1.0 / (high - low)
    shift = -low * scale
    span = size + (beyond[0] + beyond[1])
    return np.asarray(borders * (span * scale) + (span * shift - beyond[0]))


def _halfway(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders halfway between centres, the outer cells as wide as their neighbours."""
    half = np.diff(centres) * 0.5
    return np.concatenate([[centres[0] - half[0]], centres[:-1] + half, [centres[-1] + half[-1]]])
