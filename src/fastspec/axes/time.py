"""Frames <-> columns of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastspec import axes
from fastspec.axes import edges
from fastspec.errors import ParameterError


@dataclass(frozen=True)
class TimeAxis:
    """The horizontal axis of a picture: `n_frames` frames, `hop_length` samples apart at `sr` Hz.

    `edges` as in FrequencyAxis: "librosa<0.9" starts at 0 s, "librosa>=0.9" and the others half a hop earlier.
    """

    n_frames: int
    hop_length: int = 512
    sr: float = 22050.0
    edges: str = axes.EDGES_HALFWAY

    def __post_init__(self) -> None:
        if self.n_frames < 1:
            raise ParameterError(f"n_frames={self.n_frames!r} leaves nothing to show; give at least 1")
        if self.hop_length < 1:
            raise ParameterError(f"hop_length={self.hop_length!r} is not a whole number of samples of at least 1")
        if not self.sr > 0:
            raise ParameterError(f"sr={self.sr!r} is not a sampling rate above 0 Hz")
        edges.get(self.edges)

    @property
    def cell_edges(self) -> NDArray[np.float64]:
        """Seconds of the frames' borders as drawn, ascending; shape (n_frames + 1,)."""
        return edges.get(self.edges).times(self)

    @property
    def limits(self) -> tuple[float, float]:
        """Seconds at the picture's left and right border."""
        borders = self.cell_edges
        return float(borders[0]), float(borders[-1])

    def columns(self, width: int, beyond: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.intp]:
        """The frame shown at each pixel column: shape (width,); `beyond` at the left and right, as for rows."""
        if width < 1:
            raise ParameterError(f"width={width!r} is not a picture width of at least 1 pixel")
        return edges.get(self.edges).columns(self, width, beyond)
