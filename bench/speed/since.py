"""Has anything become slower since the last milestone? This tree beside the commit of history.jsonl's last line.

    python -m bench.speed.since [COMMIT] [--rounds 15] [--only PATTERN]

The commit is built from the history and installed into a folder of its own. Two processes, one of each, do the same
works in turn, A B B A, one thread each; a ratio is the processor's time before over that now, the median of all rounds
with its interval. Exit code 1 where the intervals of `TRIES` pairs of processes, one pair after another, all lie wholly
below `SAME`: one interval in forty lies below by chance, and where the memory of a process lies, and which plans FFTW
timed, make a tenth of difference for as long as the process lives. A row that was meant to become slower, for better
sound, needs a new line of history, whose commit message says why.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from io import BytesIO
from pathlib import Path

from bench.speed.history import ROOT, HistoryError, git, lines
from bench.speed.paired import THREADS, Estimate, estimate

SAME = 0.95  # of the speed before; `python -m bench.speed.since HEAD` gave .90 to 1.03 for single pairs of processes
TRIES = 3  # pairs of processes; see above
WORK = Path(__file__).with_name("since_work.py")


class Side:
    """A process that does the works with one of the two."""

    def __init__(self, package: Path, cache: Path) -> None:
        settings = {
            "PYTHONPATH": str(package),
            "FASTSPEC_CACHE_DIR": str(cache),
            "NUMBA_CACHE_DIR": str(cache / "numba"),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(WORK)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **THREADS, **settings},
        )  # fmt: skip

    def ask(self, name: str) -> str:
        """The answer to one line. Raises HistoryError where the process has ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):  # then there is no answer
            self.process.stdin.write(f"{name}\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise HistoryError(f"the process ended with {self.process.wait()} while it was asked for {name}")
        return answer.strip()

    def end(self) -> None:
        """Let it end."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]
        self.process.wait()


def installed(commit: str, folder: Path) -> Path:
    """The folder with the package of `commit`, built and installed with pip.

    Raises HistoryError where this clone has no such commit.
    """
    tree, target = folder / "tree", folder / "installed"
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        raise HistoryError(f"{commit[:7]} is not in this clone's history; fetch all of it")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(tree, filter="data")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(tree)]
    subprocess.run(pip, check=True)
    return target


class Pair:
    """The two packages, and the two processes that run them, which can be started anew."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.packages = installed(commit, folder), ROOT / "src"
        self.caches = folder / "before", folder / "now"
        self.sides: list[Side] = []
        self.restart()

    def restart(self) -> None:
        """End the two processes, and start two."""
        self.end()
        self.sides = [Side(package, cache) for package, cache in zip(self.packages, self.caches, strict=True)]
        self.names = self.sides[1].ask("ready").split()[1:]
        self.sides[0].ask("ready")

    def end(self) -> None:
        for side in self.sides:
            side.end()


def ratio(before: Side, now: Side, name: str, rounds: int) -> Estimate:
    """Seconds before over seconds now. Raises HistoryError where one side cannot do the work."""
    found = []
    for i in range(rounds):
        order = (before, now, now, before) if i % 2 else (now, before, before, now)
        seconds = {id(before): 0.0, id(now): 0.0}
        for side in order:
            answer = side.ask(name)
            try:
                seconds[id(side)] += float(answer)
            except ValueError:
                raise HistoryError(f"{name}: {answer}") from None
        found.append(seconds[id(before)] / seconds[id(now)])
    return estimate(found)


def slower(found: Estimate) -> bool:
    """Whether the interval lies wholly below."""
    return found.high < SAME


def compare(pair: Pair, names: Sequence[str], rounds: int) -> list[str]:
    """Print a line a row; the names of those that have become slower, or that this tree cannot do."""
    broken = []
    for attempt in range(TRIES):
        worse = []
        if attempt:
            pair.restart()
        for name in names:
            try:
                found = ratio(pair.sides[0], pair.sides[1], name, rounds)
            except HistoryError as error:
                print(f"{name:16} not compared: {error}", flush=True)
                if not _does(pair.sides[1], name):
                    broken.append(name)
                continue
            words = f"{found.median:6.3f} [{found.low:.3f}, {found.high:.3f}] x{found.rounds}"
            print(f"{name:16} {words}{' slower' if slower(found) else ''}", flush=True)
            if slower(found):
                worse.append(name)
        names = worse
        if not worse:
            break
    return broken + list(names)


def _does(side: Side, name: str) -> bool:
    try:
        float(side.ask(name))
    except ValueError:
        return False
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="This tree beside an earlier commit.")
    parser.add_argument("commit", nargs="?", help="instead of that of the last line of bench/history.jsonl")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="works whose name matches")
    args = parser.parse_args(arguments)
    try:
        commit = git("rev-parse", f"{args.commit or lines()[-1]['commit']}^{{commit}}")
        print(f"seconds of {commit[:7]} over those of this tree")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fastspec-since-")))
            pair = Pair(commit, folder)
            stack.callback(pair.end)
            names = [name for name in pair.names if fnmatch.fnmatch(name, args.only)]
            worse = compare(pair, names, args.rounds)
    except HistoryError as error:
        print(error, file=sys.stderr)
        return 2
    if worse:
        print(f"slower than {commit[:7]}: {', '.join(worse)}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
