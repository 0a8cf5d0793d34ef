"""An analysis grid of our own, for pictures whose columns are not frames.

SoX, ffmpeg and others fit the whole sound into the width of the picture: a column shows the mean of the transforms in
some span of time, often farther apart than any phase can bridge, and the picture does not say how far. Such a picture
(fact `columns` is "spans") is read as levels over time, and put on a grid that overlaps enough: as many bins as there
are rows, a hop of an eighth of the window. `plot.cells.to_frames` carries the levels over by time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact

# Facts of pictures whose rows are FFT bins and whose columns are spans of time.
BIN_ROWS: Mapping[str, Any] = {
    "freq_scale": "linear",
    "freq_edges": "cells",
    "origin": "lower",
    "window": "hann",
    "center": True,
    "columns": "spans",
}
OVERLAP = 8  # hops in a window
COLUMNS_PER_SECOND = 100.0  # SoX's own default for a sound whose length it is not told
_SMALLEST_FFT, _LARGEST_FFT = 16, 1 << 14
_SMALLEST_POWER = 256  # of two, as an n_fft
_SURE = 0.9  # of what a tool's profile implies


class Choice:
    """The facts of a grid while they are chosen, each only where nothing better than an assumption is known."""

    def __init__(self, known: Calibration) -> None:
        self.known = known
        self.facts: dict[str, Fact] = {}

    @property
    def spans(self) -> bool:
        """Whether columns are spans of time."""
        return bool(self.known.get("columns") == "spans")

    def unknown(self, name: str) -> bool:
        """Whether nothing better than an assumption is known of a fact."""
        return self.known.source(name) in (None, "assumed")

    def choose(self, name: str, value: int, note: str, origins: tuple[str, ...] = (), *, guessed: bool = False) -> None:
        """Set a fact where it is neither known nor chosen, as `of_tool` has it."""
        if name not in self.facts and self.unknown(name):
            self.facts[name] = self.of_tool(value, note, origins, guessed=guessed)

    def of_tool(self, value: Any, note: str, origins: tuple[str, ...] = (), *, guessed: bool = False) -> Fact:
        """A fact that follows from how the tool draws and from the facts `origins`, none of which it is surer than;
        assumed where it is `guessed`, such as a default that the user of the tool may have changed."""
        every = {**self.known.facts, **self.facts}
        facts = {**every, "tool": Fact(None, "assumed" if guessed else "profile", _SURE)}
        fact = guesses.following(value, facts, ("tool", *origins), note)
        return fact if "profile" not in every else guesses.of_profile({"it": fact}, every["profile"])["it"]

    def __getitem__(self, name: str) -> int:
        """The chosen value, or the known one."""
        return int(self.facts[name].value) if name in self.facts else int(self.known[name])


def choose_bins(chosen: Choice, n_fft: int) -> None:
    """`n_fft` so that there is a bin a row, within what can be computed."""
    chosen.choose("n_fft", min(max(n_fft, _SMALLEST_FFT), _LARGEST_FFT), "chosen: a bin a row")


def choose_usual_bins(chosen: Choice, rows: int) -> None:
    """The usual `n_fft` nearest to a bin a row: a guess, as rows need not be bins."""
    chosen.choose("n_fft", power_of_two(rows), f"the power of two nearest to a bin a row of {rows}", guessed=True)


def choose_overlap(chosen: Choice) -> None:
    """Window and hop where the tool's own are not known."""
    chosen.choose("win_length", chosen["n_fft"], "chosen: the whole n_fft", ("n_fft",))
    hop = max(1, chosen["win_length"] // OVERLAP)
    chosen.choose("hop_length", hop, "chosen, as the columns are no frames", ("win_length",))


def power_of_two(rows: int) -> int:
    """The power of two nearest to two samples a row, at least 256."""
    return max(_SMALLEST_POWER, 1 << round(math.log2(max(2 * rows, 2))))


def centred(width: int, step: float) -> tuple[float, float]:
    """Seconds at the borders of `width` columns, each of which shows the sound round its own time, `step` apart."""
    return -0.5 * step, (width - 0.5) * step


def samples_of(known: Calibration) -> int:
    """Samples of a sound whose duration and rate are known."""
    samples: int = round(known["duration"] * known["sr"])
    return samples
