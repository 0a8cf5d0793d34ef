"""One row of the comparison, and the list of rows that a complete comparison has."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.speed.paired import Estimate

# In the order of the table. compare.py measures them, table.py fails where one is missing.
REQUIRED = (
    "iteration_1024",
    "iteration_2048",
    "transforms_1024",
    "transforms_2048",
    "stft",
    "istft",
    "quality_200",
    "pghi_1s",
    "pghi_61s",
    "pghi_1h",
    "pghi_heap",
    "colours",
    "picture",
    "picture_fast",
    "reading",
    "reading_clean",
    "reading_jpeg",
    "reading_figure",
    "threads",
    "batch",
    "memory",
    "command",
    "first_call",
    "import",
)


class DisagreementError(Exception):
    """Two ways of the same work do not give the same: their times must not be compared."""


@dataclass
class Row:
    """What was measured.

    what, peer : words for the table; theirs, ours : in `unit`; ratio : with its interval, as `how` says
    wanted : ("ratio" or "ours", ">=" or "<=", number) or None where nothing is promised
    quality : measure -> (theirs, ours); note : what else must be said; error : why there is no figure
    """

    name: str
    what: str
    peer: str = ""
    theirs: float | None = None
    ours: float | None = None
    unit: str = "ms"
    ratio: Estimate | None = None
    how: str = "faster"  # "faster": peer's time over ours; "of the peer": ours over the peer's
    wanted: tuple[str, str, float] | None = None
    quality: dict[str, tuple[float, float]] = field(default_factory=dict)
    agreement: str = ""
    note: str = ""
    error: str | None = None

    @property
    def met(self) -> bool | None:
        """Whether the median reaches what is wanted; None where nothing is."""
        if self.wanted is None:
            return None
        side, relation, number = self.wanted
        value = self.ours if side == "ours" else self.ratio.median if self.ratio else None
        if self.error is not None or value is None:
            return False
        return value >= number if relation == ">=" else value <= number

    def asdict(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}

    @classmethod
    def of(cls, saved: dict[str, Any]) -> Row:
        """The row that `asdict` gave."""
        values = {k: v for k, v in saved.items() if k != "met"}
        values["ratio"] = Estimate(**values["ratio"]) if values["ratio"] else None
        values["wanted"] = tuple(values["wanted"]) if values["wanted"] else None
        values["quality"] = {k: tuple(v) for k, v in values["quality"].items()}
        return cls(**values)
