"""What a batch came to: counts, rates, the slowest stage, and how often each error struck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from fastspec.batch.shard import STAGES, Report


@dataclass
class Summary:
    """Counts over all inputs of a batch; times and rates are of this run alone.

    kept : of the done, those that an earlier run had finished. seconds : wall clock. sound_seconds : of sound
    converted. doubtful : of the done, those whose sound hangs on what was only assumed, and how often each fact was.
    stages : seconds of a worker in each stage. errors : inputs by the code of their error.
    facts_out : the table of the facts used, once it is written. repeated : inputs that were named once more and are
    converted once. unusable : lines of the earlier ledger that are no records, and what is wrong with the first.
    replanned : that outputs were made with plans of FFTW that round differently, as a sentence.
    outcome : "complete" | "stopped" | "interrupted".
    """

    inputs: int = 0
    done: int = 0
    kept: int = 0
    failed: int = 0
    skipped: int = 0
    open: int = 0
    seconds: float = 0.0
    sound_seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    errors: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    remarks: int = 0
    doubtful: int = 0
    assumed: dict[str, int] = field(default_factory=dict)
    ledger: str = ""
    facts_out: str = ""
    repeated: int = 0
    unusable: int = 0
    first_unusable: str = ""
    replanned: str = ""
    outcome: str = "complete"

    @property
    def per_second(self) -> float:
        """Files that this run converted a second."""
        return (self.done - self.kept) / self.seconds if self.seconds else 0.0

    @property
    def slowest(self) -> str:
        """The stage that took most of the workers' time."""
        return max(self.stages, key=lambda name: self.stages[name])

    def add(self, report: Report) -> None:
        """Count the times and the sound of a shard."""
        for name, seconds in report.seconds.items():
            self.stages[name] += seconds
        for record in report.records:
            self.kept += bool(record.get("kept"))
            self.remarks += "remarks" in record
            if not record.get("kept"):
                self.sound_seconds += record.get("seconds", 0.0)

    def count_doubts(self, found: Iterable[tuple[list[str], int]]) -> None:
        """Take over of how many outputs which facts were only assumed."""
        self.doubtful, self.assumed = 0, {}
        for names, number in found:
            self.doubtful += number
            for name in names:
                self.assumed[name] = self.assumed.get(name, 0) + number

    def as_dict(self) -> dict[str, Any]:
        """What `--report` writes."""
        rates = {
            "files_per_second": round(self.per_second, 3),
            "sound_seconds_per_second": round(self.sound_seconds / self.seconds, 3) if self.seconds else 0.0,
            "slowest_stage": self.slowest,
        }
        return {**asdict(self), **rates}

    def lines(self) -> list[str]:
        """The summary for a reader."""
        kept = f" ({self.kept} of them earlier)" if self.kept else ""
        counts = f"{self.done} of {self.inputs} done{kept}, {self.failed} failed"
        counts += f", {self.skipped} skipped" if self.skipped else ""
        counts += f", {self.open} not begun" if self.open else ""
        said = [counts]
        if self.done > self.kept:
            work = sum(self.stages.values()) or 1.0
            said.append(
                f"{self.seconds:.1f} s: {self.per_second:.1f} files/s, {self.sound_seconds / self.seconds:.0f} s of "
                f"sound a second; slowest stage: {self.slowest} ({100 * self.stages[self.slowest] / work:.0f} %)"
            )
        if self.doubtful:
            facts = ", ".join(f"{name} {number}" for name, number in self.assumed.items())
            verb = "is" if self.doubtful == 1 else "are"
            said.append(
                f"{self.doubtful} of {self.done} outputs {verb} doubtful, as what they hang on was only assumed "
                f"({facts}): see {self.facts_out or self.ledger}"
            )
        if self.repeated:
            said.append(f"{self.repeated} inputs were named more than once and are converted once")
        if self.unusable:
            said.append(
                f"{self.unusable} lines of the ledger are no usable records and were ignored ({self.first_unusable}): "
                f"see {self.ledger}"
            )
        if self.replanned:
            said.append(self.replanned)
        if self.remarks:
            said.append(f"{self.remarks} files have remarks, which are in the ledger")
        if self.errors:
            said.append("errors: " + ", ".join(f"{code} {number}" for code, number in self.errors.items()))
            said += [f"  {source}: {code}" for source, code in self.failures]
            if self.failed > len(self.failures):
                said.append(f"  and {self.failed - len(self.failures)} more; all are in {self.ledger}")
        return said
