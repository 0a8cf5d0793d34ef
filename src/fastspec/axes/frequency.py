"""Cells <-> rows of a picture: which STFT bin, mel band or constant-Q bin each pixel shows.

A picture shows a table of cells, `(n_frames, n_cells)`. Columns are frames; rows are STFT bins, mel bands or
constant-Q bins on a frequency axis. Each pixel shows the one cell under its centre, so cells thinner than a pixel may
not be shown at all. `FrequencyAxis.rows` and `TimeAxis.columns` say which cell each pixel shows; `fastspec.plot.cells`
uses them to make a picture from cells and cells from a picture. What a scale is says `fastspec.axes.scales`, how a
drawer cuts cells `fastspec.axes.edges`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec import axes
from fastspec._cached import cached_property
from fastspec.axes import edges, scales
from fastspec.axes.scales.cqt import bin_frequencies
from fastspec.axes.scales.mel import bank_frequencies
from fastspec.axes.scales.scale import Kind, Scale, bins
from fastspec.errors import ParameterError

Origin = Literal["lower", "upper"]


@dataclass(frozen=True)
class FrequencyAxis:
    """The vertical axis of a picture: how the cells lie on it, and what they hold.

    scale : "linear" | "log" | "mel" | "mel-rows" | "cqt" | "bark" | "erb" | "period", or an alias of specshow ("hz",
        "fft", "fft_note", ...). "log" and "mel" are symmetrical-log axes as specshow sets them (its "mel" axis is not
        the mel scale); "mel-rows" is one band per row, evenly; "cqt" a logarithmic axis.
    sr : sampling rate, Hz. n_fft : FFT length; gives the bins of an STFT. Where only the number of cells is known:
        `2 * (n_cells - 1)`. n_cells : cells on the axis (default: `1 + n_fft // 2`; mel bands or constant-Q bins must
        be counted).
    kind : what the cells hold, "stft" | "mel" | "cqt" (default: what the scale suggests). specshow draws any table
        on any axis, an STFT on the mel axis too; the geometry follows the scale, `frequencies` follows the kind.
    fmin, fmax : Hz. On linear and log axes the view's limits (default: all cells); on mel axes the corners of the
        mel bank (0, sr / 2); on a cqt axis `fmin` is the lowest bin (default C1, 32.7 Hz).
    edges : who drew it. "librosa<0.9", "librosa>=0.9", "cells" (fastspec's own drawing and images: all cells whole)
        "bins" (`plt.specgram`: evenly from the first to the last bin centre) or "audacity" (STFT bins without the
        highest; a row shows the loudest of its bins, see `spans`; fmin and fmax are those of its lowest and highest
        row, limited as Audacity limits them).
    linthresh, linscale, base : of the symmetrical log; `linthresh=0` is a plain log (needs `fmin`).
    htk : HTK's mel formula instead of Slaney's. bins_per_octave : of a cqt axis.
    origin : "lower" has low frequencies at the bottom, "upper" at the top.

    Raises ParameterError for facts that contradict each other or leave nothing to show.
    """

    scale: str = "linear"
    sr: float = 22050.0
    n_fft: int | None = None
    n_cells: int | None = None
    kind: Kind | None = None
    fmin: float | None = None
    fmax: float | None = None
    edges: str = axes.EDGES_HALFWAY
    linthresh: float | None = None
    linscale: float | None = None
    base: float = 2.0
    htk: bool = False
    bins_per_octave: int = 12
    origin: Origin = "lower"

    def __post_init__(self) -> None:
        put = object.__setattr__
        scale = scales.get(self.scale)
        put(self, "scale", scale.name)
        drawer = edges.get(self.edges)
        if self.origin not in get_args(Origin):
            raise ParameterError(f"origin={self.origin!r} is unknown; use 'lower' or 'upper'")
        if self.kind is None:
            put(self, "kind", drawer.kind_of(scale))
        if self.kind not in get_args(Kind):
            raise ParameterError(f"kind={self.kind!r} is unknown; use one of {', '.join(get_args(Kind))}")
        if not (self.sr > 0 and math.isfinite(self.sr)):
            raise ParameterError(f"sr={self.sr!r} is not a sampling rate above 0 Hz")
        if not drawer.draws(scale, str(self.kind)):
            raise ParameterError(f"edges={self.edges!r} has no {self.kind} cells on a {self.scale} axis; use STFT bins")
        self._fill_counts()
        self._fill_symlog()
        self._check_limits()

    def _fill_counts(self) -> None:
        put, highest = object.__setattr__, edges.get(self.edges).shows_highest
        if self.n_fft is not None and self.n_fft < 2:
            raise ParameterError(f"n_fft={self.n_fft!r} is not an FFT length of at least 2")
        if self.n_cells is None:
            if self.n_fft is None or self.kind != "stft":
                need = "n_fft" if self.kind == "stft" else "n_cells"
                raise ParameterError(f"A {self.scale} axis of {self.kind} cells needs {need}; none was given")
            put(self, "n_cells", highest + self.n_fft // 2)
        assert self.n_cells is not None
        if self.n_cells < 1:
            raise ParameterError(f"n_cells={self.n_cells!r} leaves nothing to show; give at least 1")
        if self.kind != "stft":
            return
        if self.n_fft is None:
            if self.n_cells < 2:
                raise ParameterError("One STFT bin alone does not tell n_fft; give n_fft too")
            put(self, "n_fft", 2 * (self.n_cells - highest))
        assert self.n_fft is not None
        if self.n_cells > 1 + self.n_fft // 2:
            raise ParameterError(
                f"n_cells={self.n_cells} contradicts n_fft={self.n_fft}, which has {1 + self.n_fft // 2} bins"
            )

    def _fill_symlog(self) -> None:
        put = object.__setattr__
        threshold, linear_part = self.drawn_on.symlog or (None, None)
        if self.linthresh is None:
            put(self, "linthresh", threshold)
        if self.linscale is None:
            put(self, "linscale", linear_part)
        if self.linthresh is not None and not self.linthresh >= 0:
            raise ParameterError(f"linthresh={self.linthresh!r} Hz is below 0; give 0 for a plain log axis")
        if self.linscale is not None and not self.linscale > 0:
            raise ParameterError(f"linscale={self.linscale!r} must be above 0")
        if not self.base > 1:
            raise ParameterError(f"base={self.base!r} of a log axis must be above 1")
        if self.bins_per_octave < 1:
            raise ParameterError(f"bins_per_octave={self.bins_per_octave!r} must be at least 1")

    def _check_limits(self) -> None:
        scale, drawer = self.drawn_on, edges.get(self.edges)
        if not scale.counted:
            low = 0.0 if self.fmin is None else self.fmin
            high = self.sr / 2 if self.fmax is None else self.fmax
            if not 0 <= low < high:
                raise ParameterError(f"fmin={low!r} Hz must lie at or above 0 and below fmax={high!r} Hz")
            if high > self.sr / 2 and not drawer.limits_view:
                raise ParameterError(
                    f"fmax={high!r} Hz lies above half the sampling rate ({self.sr / 2!r} Hz); lower it or raise sr"
                )
        scale.check(self)
        if scale.ends_at_nyquist and drawer.needs_even_fft and self.n_fft is not None and self.n_fft % 2:
            # librosa takes n_fft = 2 (bins - 1) and puts the last bin at sr / 2, where an odd n_fft has none
            raise ParameterError(
                f"n_fft={self.n_fft} is odd, but a {self.scale} axis of {self.edges} ends at half the sampling "
                f"rate, which only an even n_fft has as a bin; try {self.n_fft - 1} or {self.n_fft + 1}"
            )

    @property
    def drawn_on(self) -> Scale:
        """The scale itself."""
        return scales.get(self.scale)

    @property
    def count(self) -> int:
        """Number of cells on the axis."""
        assert self.n_cells is not None
        return self.n_cells

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Hz at which the axis puts each cell's centre: shape (n_cells,). `frequencies` says what a cell holds."""
        return edges.get(self.edges).positions(self)

    @cached_property
    def frequencies(self) -> NDArray[np.float64]:
        """Hz of what each cell holds: STFT bins, mel band centres, constant-Q bins; shape (n_cells,)."""
        if self.kind == "stft":
            return bins(self)
        return bank_frequencies(self, self.count + 2)[1:-1] if self.kind == "mel" else bin_frequencies(self)

    @cached_property
    def cell_edges(self) -> NDArray[np.float64]:
        """Hz of the cells' borders as drawn, ascending; shape (n_cells + 1,)."""
        own = self.drawn_on.borders(self)
        return edges.get(self.edges).borders(self) if own is None else own

    @property
    def limits(self) -> tuple[float, float]:
        """Hz at the picture's lower and upper border (upper and lower with `origin="upper"`)."""
        return edges.get(self.edges).limits(self)

    def transform(self, frequencies: ArrayLike) -> NDArray[np.float64]:
        """Hz to the axis' own even measure (matplotlib's identity, symlog, log; mel for "mel-rows"; Audacity's)."""
        return edges.get(self.edges).measure(np.asarray(frequencies, dtype=np.float64), self)

    def spans(self, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First cell and stop of each row of Audacity's, the highest row first: two arrays (height,).

        A row shows the loudest cell from `first` up to, not including, `stop`, and `first` where that is none.
        """
        return edges.LOUDEST.spans(self, height)

    def rows(self, height: int, beyond: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.intp]:
        """The cell shown at each pixel row, row 0 at the top: shape (height,).

        beyond : pixels by which the axis reaches past the uppermost and lowest row (librosa's edges alone have any).
        Cells without a pixel row of their own do not occur. Raises ParameterError for a height below 1.
        """
        if height < 1:
            raise ParameterError(f"height={height!r} is not a picture height of at least 1 pixel")
        upright = self.origin == "lower"
        if self.drawn_on.one_cell_a_row:
            cells = edges.evenly(height, self.count)[::-1]
        else:
            cells = edges.get(self.edges).rows(self, height, beyond[::-1] if upright else beyond)
        return np.ascontiguousarray(cells if upright else cells[::-1], dtype=np.intp)
