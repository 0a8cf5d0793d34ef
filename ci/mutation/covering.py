"""Which tests run which lines: asked once of every test file, kept, and asked again when the file changes.

Lines are named by their function and text, so what is known outlives lines that move.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ci.mutation.operators import Mutation
from ci.mutation.trees import PACKAGE, Tree

_OUTSIDE = ""  # the context of what no test of this process ran: imports and child processes
_STRANGERS = 2.0  # times the seconds of a test that is not of the module's own files: it sees less
_LONGEST = 900.0  # s that a test file may take while it is watched

Lines = dict[str, dict[str, list[str]]]  # module -> line -> its tests


class Chosen(NamedTuple):
    """A test, or a whole file of them, and the seconds that it takes."""

    name: str
    seconds: float


class _Watch:
    """A pytest plugin: tells coverage which test runs, and how long it took."""

    def __init__(self, folder: Path, package: Path) -> None:
        from coverage import Coverage

        config = folder / "rc"
        config.write_text(f"[run]\nparallel = true\nsource = {package}\npatch = subprocess, fork\n")
        self.folder = folder
        self.coverage = Coverage(data_file=str(folder / "data"), config_file=str(config))
        self.seconds: dict[str, float] = defaultdict(float)
        self.coverage.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.coverage.switch_context(_plain(nodeid))

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[_plain(report.nodeid)] += report.duration

    def pytest_runtest_logfinish(self) -> None:
        self.coverage.switch_context(_OUTSIDE)

    def pytest_unconfigure(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        (self.folder / "seconds.json").write_text(json.dumps(self.seconds))


def _plain(nodeid: str) -> str:
    return nodeid.split("[", 1)[0]


class Covering:
    """What the tests of a tree run, kept in a folder."""

    def __init__(self, tree: Tree, test_files: Iterable[str]) -> None:
        self.tree = tree
        self.folder = tree.work / "covering"
        self.known: dict[str, dict[str, Any]] = {}
        for name in test_files:
            path = self._kept(name)
            if path.exists():
                self.known[name] = json.loads(path.read_text())
        self.missing = [name for name in test_files if self.known.get(name, {}).get("sha") != self._sha(name)]

    def _kept(self, test_file: str) -> Path:
        return self.folder / f"{test_file.replace('/', '__')}.json"

    def _sha(self, test_file: str) -> str:
        return hashlib.sha256((self.tree.path / test_file).read_bytes()).hexdigest()

    def gather(self) -> Iterator[str]:
        """Run each test file that is not known yet or has changed, and yield a line about it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.missing:
            clock = time.monotonic()
            folder = self.tree.work / "watched"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            package = self.tree.path / PACKAGE
            ended = self.tree.pytest([name], _LONGEST, lambda: [_Watch(folder, package)])  # noqa: B023 - run at once
            taken = time.monotonic() - clock
            seconds = folder / "seconds.json"
            entry = {
                "sha": self._sha(name),
                "passes": ended.code == 0,
                "seconds": json.loads(seconds.read_text()) if seconds.exists() else {},
                "lines": _lines(folder, package),
            }
            self._kept(name).write_text(json.dumps(entry))
            self.known[name] = entry
            yield f"{name}: {'passes' if ended.code == 0 else f'ends with {ended.code} and is left out'}, {taken:.0f} s"
        self.missing = []

    def tests(self, module: str, source: bytes, mutation: Mutation) -> list[Chosen]:
        """The tests that may see a fault in a module, the quickest first; those of its own files count as quicker."""
        keys = set(_keys_of(source, mutation))
        own = own_test_files(module)
        found: list[tuple[bool, float, str]] = []
        for name, entry in self.known.items():
            if not entry["passes"]:
                continue
            lines = entry["lines"].get(module, {})
            names = {test for key in keys for test in lines.get(key, ())}
            if _OUTSIDE in names:  # of a child process or a fixture: any test of the file may have made it
                names.discard(_OUTSIDE)
                if name in own or not mutation.names:
                    found.append((name not in own, sum(entry["seconds"].values()), name))
                    continue
            found.extend((name not in own, entry["seconds"].get(test, 0.0), test) for test in names)
        found.sort(key=lambda each: (each[1] * (_STRANGERS if each[0] else 1.0), each[2]))
        return [Chosen(name, seconds) for _, seconds, name in found]


def own_test_files(module: str) -> set[str]:
    """Names that a module's own test file may have: that of the module, or of one of the folders it is in."""
    parts = Path(module).with_suffix("").parts
    names = [part for part in parts if part != "__init__"]
    return {"/".join(("tests", *names[:k], f"test_{names[k]}.py")) for k in range(len(names))} | {
        "/".join(("tests", *names[: max(k - 1, 0)], f"test_{names[k]}.py")) for k in range(len(names))
    }


def _lines(folder: Path, package: Path) -> Lines:
    """Of the data that a run and its children left."""
    from coverage import CoverageData
    from coverage.exceptions import CoverageException

    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    keys: dict[str, dict[int, str]] = {}
    for path in sorted(folder.glob("data*")):
        data = CoverageData(str(path))
        try:
            data.read()
            measured = {name: data.contexts_by_lineno(name) for name in data.measured_files()}
        except CoverageException:  # of a process that was killed while it wrote
            continue
        for name, ran in measured.items():
            module = str(Path(name).relative_to(package))
            if name not in keys:
                keys[name] = line_keys(Path(name).read_bytes())
            for line, contexts in ran.items():
                if key := keys[name].get(line):  # what importing runs says nothing: it has no key
                    found[module][key] |= set(contexts)
    return {module: {key: sorted(tests) for key, tests in lines.items()} for module, lines in found.items()}


def line_keys(source: bytes) -> dict[int, str]:
    """Function and text of each line inside a function, its first line left out."""
    text = source.decode().splitlines()
    keys: dict[int, str] = {}

    def visit(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inner = f"{name}.{child.name}"
                if not isinstance(child, ast.ClassDef):
                    for line in range(child.body[0].lineno, (child.end_lineno or 0) + 1):
                        keys[line] = f"{inner}|{text[line - 1].strip()}"
            visit(child, inner)

    visit(ast.parse(source), "")
    return keys


def _keys_of(source: bytes, mutation: Mutation) -> Iterator[str]:
    keys = line_keys(source)
    found = [keys[line] for line in mutation.at if line in keys]
    if not found:  # of the module or a class: whatever reads it
        found = [key for key in keys.values() if any(name in key.split("|", 1)[1] for name in mutation.names)]
    yield from found or keys.values()
