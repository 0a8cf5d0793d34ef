"""What a frequency scale says of itself. The defaults are those of STFT bins on an axis that fmin and fmax cut."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["stft", "mel", "cqt"]
Hertz = NDArray[np.float64]


class Axis(Protocol):
    """What a scale may ask of the axis that it is drawn on, see `FrequencyAxis`."""

    @property
    def sr(self) -> float: ...
    @property
    def n_fft(self) -> int | None: ...
    @property
    def count(self) -> int: ...
    @property
    def fmin(self) -> float | None: ...
    @property
    def fmax(self) -> float | None: ...
    @property
    def linthresh(self) -> float | None: ...
    @property
    def linscale(self) -> float | None: ...
    @property
    def base(self) -> float: ...
    @property
    def htk(self) -> bool: ...
    @property
    def bins_per_octave(self) -> int: ...
    @property
    def positions(self) -> Hertz: ...


class Scale:
    """A frequency scale.

    name : as in `NAMES`. kind : what the cells hold where nobody says.
    symlog : (linthresh in Hz, linscale) of the symmetrical log that specshow draws it on, if it does.
    has_pitch : whether `pitch` and `hertz` are there, so that a row may stand for a stretch of pitch.
    zoomable : whether fmin and fmax cut the view; else they are corners of the bank that made the cells.
    counted : whether fmin and the number of cells alone say where it ends.
    ends_at_nyquist : whether drawers put the last bin at half the rate, where an odd n_fft has none.
    one_cell_a_row : whether cells lie evenly, whatever they hold.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind] = "stft"
    symlog: ClassVar[tuple[float, float] | None] = None
    has_pitch: ClassVar[bool] = True
    zoomable: ClassVar[bool] = True
    counted: ClassVar[bool] = False
    ends_at_nyquist: ClassVar[bool] = False
    one_cell_a_row: ClassVar[bool] = False

    def pitch(self, hertz: Hertz) -> Hertz:
        """Hz to the scale's own even measure; any shape."""
        raise NotImplementedError(self.name)

    def hertz(self, pitch: Hertz) -> Hertz:
        """The inverse of `pitch`; what lies beyond the scale's end is infinite."""
        raise NotImplementedError(self.name)

    def lowest(self, axis: Axis) -> float:
        """Hz below which no view begins whose rows are stretches of pitch."""
        return 1.0

    def measure(self, hertz: Hertz, axis: Axis) -> Hertz:
        """Hz to what is even on the axis as drawn: specshow bends some scales (`symlog`)."""
        return self.pitch(hertz)

    def positions(self, axis: Axis) -> Hertz:
        """Hz at which the axis puts each cell's centre: shape (count,)."""
        return bins(axis)

    def borders(self, axis: Axis) -> Hertz | None:
        """Hz of the cells' borders (count + 1,) where the scale says them, whoever draws; else None."""
        return None

    def explicit_borders(self, axis: Axis) -> Hertz:
        """Hz of the borders (count + 1,) that librosa up to 0.8 computed itself for this scale."""
        centres = axis.positions.copy()
        if axis.count > 1:
            centres -= 0.5 * (centres[1] - centres[0])
        return np.append(np.maximum(0.0, centres), axis.sr / 2)

    def check(self, axis: Axis) -> None:
        """Raise ParameterError where the axis' facts leave this scale nothing to show."""


def bins(axis: Axis) -> Hertz:
    """Hz of as many STFT bins as the axis has cells; without n_fft the last lies at half the rate."""
    n_fft = axis.n_fft if axis.n_fft is not None else max(2 * (axis.count - 1), 1)
    return np.arange(axis.count, dtype=np.float64) * (float(axis.sr) / n_fft)


def quotient(above: Hertz, below: Hertz) -> Hertz:
    """above / below, infinite where the divisor is no longer above 0: beyond a scale's end."""
    inside = below > 0
    return np.where(inside, above / np.where(inside, below, 1.0), np.inf)
