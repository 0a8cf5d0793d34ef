"""Which faults are put in, whether the tests saw them, and the table of that."""

from __future__ import annotations

import difflib
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ci.mutation.covering import Chosen, Covering
from ci.mutation.operators import Mutation, mutations, shown
from ci.mutation.trees import PACKAGE, Tree

ROOMS = ("batch", "cli", "plot", "decoder", "encoder", "detect", "tools")
_HUNG = 5.0  # times what the tests take: then a fault has hung them
_STARTED = 45.0  # s beside, for what is not measured
_FAILED = "FAILED ", "ERROR "  # begin the lines of pytest's summary


class Fault(NamedTuple):
    """A mutation of a module (its path below the package) of a room."""

    room: str
    module: str
    mutation: Mutation


class Outcome(NamedTuple):
    """What became of a fault: "killed", "hung", "survived", "no test runs it" or "equivalent"; and why."""

    fault: Fault
    fate: str
    why: str
    seconds: float = 0.0

    @property
    def seen(self) -> bool:
        """Whether the tests saw it."""
        return self.fate in ("killed", "hung")


def modules(root: Path, room: str) -> list[str]:
    """The modules of a room, which is a folder or a module of the package."""
    package = root / PACKAGE
    if (package / f"{room}.py").exists():
        return [f"{room}.py"]
    return sorted(str(path.relative_to(package)) for path in (package / room).rglob("*.py"))


def sample(root: Path, room: str, count: int, seed: int) -> list[Fault]:
    """Faults of a room, the same for a seed: lines have equal chances, then kinds, then places."""
    chance = random.Random(f"{room} {seed}")
    found = {name: mutations((root / PACKAGE / name).read_bytes()) for name in modules(root, room)}
    found = {name: faults for name, faults in found.items() if faults}
    sizes = [len({fault.line for fault in faults}) for faults in found.values()]
    if not sizes:
        raise ValueError(f"{room} has no code to put a fault into")
    chosen: list[Fault] = []
    lines: set[tuple[str, int]] = set()
    for _ in range(100 * count):
        module = chance.choices(list(found), sizes)[0]
        kinds: dict[str, list[Mutation]] = defaultdict(list)
        for fault in found[module]:
            if (module, fault.line) not in lines:
                kinds[fault.kind].append(fault)
        if kinds:
            mutation = chance.choice(kinds[chance.choice(sorted(kinds))])
            lines.add((module, mutation.line))
            chosen.append(Fault(room, module, mutation))
        if len(chosen) == count:
            break
    return chosen


class Equivalents:
    """Faults that change nothing that a test may ask for, with reasons: a TOML file of module, line and new line."""

    def __init__(self, path: Path) -> None:
        entries = tomllib.loads(path.read_text())["equivalent"] if path.exists() else []
        self.reasons = {(e["module"], e["line"], e.get("new")): str(e["reason"]) for e in entries}

    def reason(self, module: str, before: str, after: str) -> str | None:
        """Why a change of this line is none, or None."""
        return self.reasons.get((module, before, after)) or self.reasons.get((module, before, None))


def changed(source: bytes, mutation: Mutation) -> tuple[str, str]:
    """The lines that a mutation takes away, and those that it puts there, stripped."""
    before, after = source.decode().splitlines(), mutation.applied(source).decode().splitlines()
    taken, put = [], []
    for line in difflib.ndiff(before, after) if len(before) < 2 else difflib.unified_diff(before, after, n=0):
        if line.startswith("-") and not line.startswith("---"):
            taken.append(line[1:].strip())
        elif line.startswith("+") and not line.startswith("+++"):
            put.append(line[1:].strip())
    return " ".join(taken), " ".join(put)


def chosen_tests(tests: Sequence[Chosen], most: float) -> tuple[list[str], float, bool]:
    """Names of the tests that take no more seconds than that together (one at least), their seconds, whether all."""
    names: list[str] = []
    total = 0.0
    for test in tests:
        if names and total + test.seconds > most:
            continue
        names.append(test.name)
        total += test.seconds
    return names, total, len(names) == len(tests)


class Trial:
    """Puts faults into the copy and runs the tests that may see them."""

    def __init__(self, tree: Tree, covering: Covering, equivalents: Equivalents, most: float) -> None:
        self.tree = tree
        self.covering = covering
        self.equivalents = equivalents
        self.most = most  # s of tests a fault

    def of(self, fault: Fault) -> Outcome:
        """Put one in, run the tests, take it out."""
        name = f"{PACKAGE}/{fault.module}"
        source = self.tree.source(fault.module)
        if reason := self.equivalents.reason(fault.module, *changed(source, fault.mutation)):
            return Outcome(fault, "equivalent", reason)
        tests = self.covering.tests(fault.module, source, fault.mutation)
        if not tests:
            return Outcome(fault, "no test runs it", "")
        names, seconds, are_all = chosen_tests(tests, self.most)
        with self.tree.changed(name, fault.mutation.applied(source)):
            ended = self.tree.pytest(["-x", *names], _HUNG * seconds + _STARTED)
        if ended.code is None:
            return Outcome(fault, "hung", f"{len(names)} tests", seconds)
        if ended.code:
            failed = [line for line in ended.text.splitlines() if line.startswith(_FAILED)]
            return Outcome(fault, "killed", shown(failed[0] if failed else ended.text[-200:]), seconds)
        left = "" if are_all else f" of {len(tests)}, as more would take too long"
        return Outcome(fault, "survived", f"{len(names)} tests{left}", seconds)


def told(outcome: Outcome, source: bytes) -> str:
    """An outcome with its change, for those who answer it."""
    fault = outcome.fault
    before, after = changed(source, fault.mutation)
    place = f"{fault.module}:{fault.mutation.line} ({fault.mutation.kind}): {outcome.fate}, {outcome.why}"
    return f"{place}\n  - {before}\n  + {after}"


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A row for each room, as Markdown: how many faults were put in and seen; equivalent ones do not count."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        for room in (outcome.fault.room, "all"):
            rooms[room]["faults"] += 1
            rooms[room][outcome.fate] += 1
    yield "| room | faults | killed | hung | survived | no test runs it | equivalent | killed, of those that count |"
    yield "|---|---|---|---|---|---|---|---|"
    for room in sorted(rooms, key=lambda name: (name == "all", name)):
        n = rooms[room]
        counted = n["faults"] - n["equivalent"]
        share = f"{100 * (n['killed'] + n['hung']) / counted:.0f} %" if counted else "-"
        cells = (n[name] for name in ("faults", "killed", "hung", "survived", "no test runs it", "equivalent"))
        yield f"| {room} | {' | '.join(map(str, cells))} | {share} |"
