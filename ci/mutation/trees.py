"""A private copy of the checkout, and tests that run in it, each run in a fork of a process that has imported much.

The copy keeps the times of its files, so compiled kernels are found again: a fault in Python code compiles nothing.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PACKAGE = "src/fastspec"
_PRELOADED = (
    *("numpy", "numba", "scipy.signal", "scipy.ndimage", "PIL.Image", "soundfile", "click", "tqdm", "hypothesis"),
    *("pytest", "_pytest.assertion.rewrite", "matplotlib.figure", "matplotlib.backends.backend_agg", "coverage"),
    *("asyncio", "concurrent.futures.thread", "multiprocessing.pool", "xml.etree.ElementTree", "importlib.metadata"),
)
_ALWAYS = ("-q", "-p", "no:cacheprovider", "-p", "no:benchmark", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_POLL = 0.02  # s between two looks at a child


class Ended(NamedTuple):
    """How a run of tests ended: its exit code (None where it took too long), and its output."""

    code: int | None
    text: str


class Tree:
    """A copy of a checkout below `work`, where files are changed and tests are run."""

    def __init__(self, root: Path, work: Path) -> None:
        self.root = root
        self.work = work
        self.path = work / "tree"

    def refresh(self) -> None:
        """Make the copy equal to the checkout: its tracked files and those that git does not ignore."""
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=self.root, check=True, capture_output=True).stdout.decode().split("\0")
        wanted = {name for name in listed if name and (self.root / name).is_file()}
        for name in wanted:
            target = self.path / name
            if not target.exists() or target.read_bytes() != (self.root / name).read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.root / name, target)
        for folder in ("src", "tests"):
            for path in (self.path / folder).rglob("*.py"):
                if str(path.relative_to(self.path)) not in wanted:
                    path.unlink()

    def source(self, module: str) -> bytes:
        """A module of the package, by its path there."""
        return (self.path / PACKAGE / module).read_bytes()

    @contextmanager
    def changed(self, name: str, source: bytes) -> Iterator[None]:
        """Within, a file of the copy is this. Its time is then another than its compiled form's, which is not used."""
        path = self.path / name
        before, about = path.read_bytes(), path.stat()
        path.write_bytes(source)
        try:
            yield
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

    def pytest(self, arguments: Sequence[str], seconds: float, plugins: Callable[[], list[object]] = list) -> Ended:
        """Run pytest in the copy, in a forked process that ends after so many seconds with all its children.

        plugins : makes, in that process, what pytest is to call.
        """
        output = self.work / "output.txt"
        shutil.rmtree(self.work / "tmp", ignore_errors=True)
        (self.work / "tmp").mkdir()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            self._child(arguments, output, plugins)
        code = _wait(child, seconds)
        return Ended(code, output.read_text(errors="replace"))

    def _child(self, arguments: Sequence[str], output: Path, plugins: Callable[[], list[object]]) -> None:
        code = 70
        try:
            os.setsid()
            stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(stream, 1)
            os.dup2(stream, 2)
            os.chdir(self.path)
            os.environ |= {
                "PYTHONPATH": str(self.path / "src"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "FASTSPEC_CACHE_DIR": str(self.work / "cache"),
                "TMPDIR": str(self.work / "tmp"),
                "OMP_NUM_THREADS": "1",
            }
            sys.dont_write_bytecode = True
            sys.path[:0] = [str(self.path / "src")]
            import pytest

            code = int(pytest.main([*_ALWAYS, *arguments], plugins()))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def preload() -> None:
    """Import what tests need of others, once for all that are forked; never the package itself."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for name in _PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    if "fastspec" in sys.modules:
        raise RuntimeError("the package was imported before its faults were put in")


def _wait(child: int, seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            _end_group(child)
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            _end_group(child)
            os.waitpid(child, 0)
            return None
        time.sleep(_POLL)


def _end_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
