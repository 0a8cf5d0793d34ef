"""A round: inputs, an out dir, what disturbs the batch, and the promises that are looked at after each step."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastspec.batch import ledger
from fastspec.errors import FastspecError
from tests.chaos import world as places
from tests.chaos.process import Process
from tests.chaos.world import JOBS, World

ENDED = frozenset({0, 3})  # exit codes of a batch that got to its end
KILLED = -signal.SIGKILL
UGLY = ("Traceback", "Exception ignored", "Fatal Python error", "this is a bug", "Segmentation")
_MOST_INPUTS = 14


class BrokenError(Exception):
    """A promise that did not hold."""


@dataclass
class Round:
    """One disturbed batch. `had[output]` are the contents that its input has had; `loose`: what was taken away or
    changed by us, so that records may tell of what is not there; `again`: inputs may have several records."""

    world: World
    chance: random.Random
    folder: Path
    name: str
    small_disk: bool = False
    remote: bool = False
    job: Any = None
    had: dict[str, set[int]] = field(default_factory=dict)
    inputs: dict[str, int] = field(default_factory=dict)
    said: str = ""
    started: int = 0
    written: int = 0  # to the ledger when the last batch began
    loose: bool = False
    spoilt: dict[str, bytes | None] = field(default_factory=dict)  # outputs that we have damaged or removed
    unsure: set[str] = field(default_factory=set)  # outputs of inputs that may have been read half written
    again: bool = False
    others: bool = False
    replanned: bool = False
    final: str = "--resume"
    counts: Counter[str] = field(default_factory=Counter)

    def prepare(self) -> None:
        """Draw the inputs."""
        pick = self.chance
        self.job = pick.choice(JOBS)
        for place in (self.source, self.folder / "tmp", self.disk):
            place.mkdir(parents=True)
        if self.small_disk:
            places.mount(self.disk, f"{pick.randrange(12, 160) * 4}k")
        for k in range(pick.randint(4, _MOST_INPUTS)):
            below = pick.choice(["", "", "a/", "a/b/", "c/"])
            self.put(f"{below}{k:02d}", pick.randrange(places.CONTENTS + (pick.random() < 0.3)))
        if pick.random() < 0.2:
            self.put("broken", places.CONTENTS)

    @property
    def source(self) -> Path:
        """Folder of the inputs."""
        return self.folder / "in"

    @property
    def disk(self) -> Path:
        """Folder that may be a disk of its own."""
        return self.folder / "disk"

    @property
    def out(self) -> Path:
        """The out dir."""
        return self.disk / "out"

    @property
    def where(self) -> str:
        """The out dir as the command line has it."""
        return f"file://{self.out}" if self.remote else str(self.out)

    @property
    def book(self) -> Path:
        """The ledger."""
        return self.out / ledger.NAME

    def put(self, stem: str, content: int) -> None:
        """Let an input have this content, under its name at once."""
        path = self.source / (stem + self.job.source)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(self.world.pool[self.job.source][content])
        new.replace(path)
        self.inputs[stem] = content
        self.had.setdefault(stem + self.job.suffix, set()).add(content)

    # --- processes ---------------------------------------------------------------------------------------

    def start(self, *more: str, other: bool = False, first: bool = False, **how: Any) -> Process:
        """Begin a batch over the inputs into the out dir."""
        pick, self.started, self.written = self.chance, self.started + 1, self._written()
        words = [self.job.command, str(self.source), "--out-dir", self.where]
        words += [*(self.job.other if other else self.job.words)]
        words += ["--jobs", str(pick.choice([1, 2, 2, 3])), "--shard-size", str(pick.randint(1, 4))]
        words += list(more) if more or first else [self.final]
        how.setdefault("environment", {})
        how["environment"] = {"TMPDIR": str(self.folder / "tmp"), **how["environment"]}
        self.counts["processes"] += 1
        return Process(words, self.folder / f"said-{self.started}", **how)

    def resume(self, *more: str, **how: Any) -> Process:
        """Go on where the last one stopped, by a process that is a user's own now and then."""
        how.setdefault("fresh", self.chance.random() < 0.1)
        self.counts["resumes"] += self.book.exists()
        return self.start(*more, **how)

    def begun(self, process: Process) -> bool:
        """Wait until it has written to the ledger, or ended."""
        return process.until(lambda: self._written() > self.written)

    def _written(self) -> int:
        try:
            return len(os.listdir(self.book)) if self.remote else self.book.stat().st_size
        except OSError:
            return 0

    def ended(self, process: Process, codes: frozenset[int] = ENDED, complete: bool = True) -> int:
        """Wait for its end and look at its exit code and words."""
        code = process.wait()
        said = process.said
        self.said += said
        if code not in codes:
            raise BrokenError(f"exit code {code}, not one of {sorted(codes)}; it said: {said[-1500:]}")
        for word in UGLY:
            if word in said:
                raise BrokenError(f"exit code {code}, and on standard error: {said[-2500:]}")
        self.counts["kills"] += code == KILLED
        if code in ENDED and complete:
            self.check_complete()
        elif not self.remote or code != KILLED:
            self.check_midway()
        return code

    # --- promises ----------------------------------------------------------------------------------------

    def right(self, name: str, other: bool = False) -> list[bytes]:
        """The bytes that an output may have."""
        made = self.world.made[self.job.name, other]
        return [data for content in self.had.get(name, ()) if (data := made[content]) is not None]

    def check_midway(self) -> None:
        """Whatever is there is whole, and what is recorded is there."""
        if self.loose or not self.out.exists():
            return
        found = places.outputs(self.out)
        torn = places.parts(found)
        for name, data in found.items():
            right = [*self.right(name), *(self.right(name, True) if self.others else [])]
            if self.replanned or name in torn or name in self.unsure:
                continue
            if data not in [*right, self.spoilt.get(name)]:
                raise BrokenError(f"{name}: {len(data)} bytes that no input of it gives")
            self.counts["outputs"] += 1
        for record in self.records().values():
            if record.get("code") == "internal":
                raise BrokenError(f"{record['input']}: internal: {record.get('message')}")
            if record["type"] == "done":
                data = found.get(record["output"])
                if data == self.spoilt.get(record["output"], b"-"):
                    continue  # nobody has looked yet
                if data is None:
                    raise BrokenError(f"{record['output']} is recorded as done, and not there")
                # of an input that changed the output may be new, and its record still to come: it is made again
                new = record["output"] in self.unsure or (self.again and data in self.right(record["output"]))
                if places.sha256(data) != record["sha256"] and not new:
                    raise BrokenError(f"{record['output']} is recorded as done, with other bytes")

    def records(self) -> dict[str, dict[str, Any]]:
        """The last record of each output."""
        try:
            return {r["output"]: r for r in ledger.read(self.where) if r["type"] in ledger.TERMINAL}
        except FastspecError as error:
            raise BrokenError(f"the ledger cannot be read: {error}") from error

    def check_complete(self) -> None:
        """A batch that ended has ended for each input."""
        self.check_midway()
        if self.loose:
            return
        found = self.records()
        missing = {stem + self.job.suffix for stem in self.inputs} - found.keys()
        if missing:
            raise BrokenError(f"it ended without a record of {sorted(missing)[:5]}")

    def finish(self) -> None:
        """Undisturbed at last: everything is there, once, as if nothing had happened."""
        for stem, content in self.inputs.items():
            path = self.source / (stem + self.job.source)
            if not path.exists() or path.read_bytes() != self.world.pool[self.job.source][content]:
                self.put(stem, content)
        places_ = [self.folder / "tmp", self.folder / "cache"]
        before = [_below(place) for place in places_]
        failed = any(r["type"] == "failed" for r in self.records().values())
        how = self.final if self.final == "--overwrite" else "--retry-failed" if failed else "--resume"
        self.loose = False
        code = self.ended(self.resume(how))
        broken = [stem for stem, content in self.inputs.items() if content == places.CONTENTS]
        if code != (3 if broken else 0):
            raise BrokenError(f"the last run ended with {code}; it said: {self.said[-1500:]}")
        if new := [name for place, old in zip(places_, before, strict=True) for name in _below(place) - old]:
            raise BrokenError(f"left over: {new[:5]}")
        self._check_outputs()
        self._check_records(again=self.again or failed or how == "--overwrite")

    def _check_outputs(self) -> None:
        found = places.outputs(self.out)
        made = self.world.made[self.job.name, False]
        wanted = {stem + self.job.suffix: made[content] for stem, content in self.inputs.items()}
        wanted = {name: data for name, data in wanted.items() if data is not None}
        if found.keys() != wanted.keys():
            more, less = sorted(found.keys() - wanted.keys()), sorted(wanted.keys() - found.keys())
            raise BrokenError(f"left over: {more[:5]}; lost: {less[:5]}")
        for name, data in wanted.items():
            if found[name] == data:
                continue
            if not self.replanned or "FFTW's plans" not in self.said or not places.alike(found[name], data):
                raise BrokenError(f"{name} differs from an undisturbed run's")
            self.counts["replanned"] += 1
        self.counts["outputs"] += len(wanted)

    def _check_records(self, again: bool) -> None:
        ends = [r for r in ledger.read(self.where) if r["type"] in ledger.TERMINAL]
        last = {r["input"]: r for r in ends}
        many = Counter(r["input"] for r in ends)
        for stem, content in self.inputs.items():
            source = str(self.source / (stem + self.job.source))
            wanted = "failed" if content == places.CONTENTS else "done"
            if last.get(source, {}).get("type") != wanted:
                raise BrokenError(f"{stem} has no record that it is {wanted}")
            if many[source] != 1 and not again:
                raise BrokenError(f"{stem} has {many[source]} records")
        if len(last) != len(self.inputs):
            raise BrokenError(f"{len(last)} inputs have records, not {len(self.inputs)}")

    # --- what acts share ---------------------------------------------------------------------------------

    def gone(self) -> None:
        """The out dir begins anew: nothing of it is left."""
        shutil.rmtree(self.out, ignore_errors=True)

    def input(self) -> Path:
        """One of the input files."""
        return Path(self.source, self.chance.choice(sorted(self.inputs)) + self.job.source)


Act = Callable[[Round], None]


def _below(place: Path) -> set[str]:
    return {os.path.join(above, name) for above, _, names in os.walk(place) for name in names}
