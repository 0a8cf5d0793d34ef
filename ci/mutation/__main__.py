"""Put small faults into a private copy of the tree and tell which ones the tests do not see: `ci/mutate.sh --help`."""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ci.mutation.covering import Covering
from ci.mutation.operators import Mutation, mutations
from ci.mutation.trees import PACKAGE, Tree, preload
from ci.mutation.trial import ROOMS, Equivalents, Fault, Trial, modules, sample, table, told

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
# what covers a room beside its own tests; promises about documents, styles and installs cover none
_TESTS = ("tests/*/**/test_*.py", "tests/test_*.py")
_LEFT_OUT = (
    *("tests/librosa1/", "tests/bench/", "tests/ci/", "tests/promises/test_architecture.py"),
    *("tests/promises/test_limits.py", "tests/promises/test_named_places.py", "tests/promises/test_messages.py"),
    *("tests/promises/test_environments.py", "tests/promises/test_damaged_caches.py", "tests/detect/test_limits.py"),
)


def test_files(root: Path, folders: list[str]) -> list[str]:
    """The test files whose names begin with one of these; all where none is named."""
    names = sorted({str(path.relative_to(root)) for pattern in _TESTS for path in root.glob(pattern)})
    wanted = [name for name in names if not name.startswith(_LEFT_OUT)]
    return [name for name in wanted if not folders or name.startswith(tuple(folders))]


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ci/mutate.sh", description=__doc__)
    parser.add_argument(
        "--room", action="append", choices=None, help=f"a room; may be given again (all: {', '.join(ROOMS)})"
    )
    parser.add_argument("--count", type=int, default=30, help="faults a room (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of faults (%(default)s)")
    parser.add_argument("--most", type=float, default=60.0, help="seconds of tests a fault (%(default)s)")
    parser.add_argument("--at", help="all faults of one line instead, as batch/run.py:123")
    parser.add_argument(
        "--tests", action="append", default=[], help="use only test files whose names begin so; may be given again"
    )
    parser.add_argument(
        "--work", type=Path, help="folder of the copy and of what is known of the tests (one in the temporary folder)"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout than this one")
    parser.add_argument("--list", action="store_true", help="show the faults and run nothing")
    return parser.parse_args()


def _faults(given: argparse.Namespace, root: Path) -> Iterator[Fault]:
    if given.at is not None:
        module, line = given.at.rsplit(":", 1)
        room = module.split("/")[0].removesuffix(".py")
        at = [m for m in mutations((root / PACKAGE / module).read_bytes()) if m.line == int(line)]
        yield from (Fault(room, module, mutation) for mutation in at)
        return
    for room in given.room or ROOMS:
        if not modules(root, room):
            raise SystemExit(f"{room} is no room; use one of {', '.join(ROOMS)}")
        yield from sample(root, room, given.count, given.seed)


def main() -> None:
    """Run it."""
    given = _parsed()
    if given.list:
        for fault in _faults(given, given.root):
            print(f"{fault.module}:{fault.mutation.line} {fault.mutation.kind}: {_words(fault.mutation)}")
        return
    name = hashlib.sha256(str(given.root).encode()).hexdigest()[:8]
    work = given.work or Path(tempfile.gettempdir()) / f"fastspec-mutation-{name}"
    work.mkdir(parents=True, exist_ok=True)
    preload()
    tree = Tree(given.root, work.resolve())
    tree.refresh()
    faults = list(_faults(given, tree.path))  # of the copy: the checkout may change meanwhile
    covering = Covering(tree, test_files(given.root, given.tests))
    for line in covering.gather():
        print(line, flush=True)
    trial = Trial(tree, covering, Equivalents(EQUIVALENT), given.most)
    outcomes = []
    try:
        for fault in faults:
            outcomes.append(trial.of(fault))
            print(told(outcomes[-1], tree.source(fault.module)), flush=True)
    except KeyboardInterrupt:
        print(f"interrupted after {len(outcomes)} of {len(faults)}")
    print("\nNot seen:\n")
    for outcome in outcomes:
        if not outcome.seen and outcome.fate != "equivalent":
            print(told(outcome, tree.source(outcome.fault.module)))
    print()
    print("\n".join(table(outcomes)))


def _words(mutation: Mutation) -> str:
    return " ".join(mutation.new.split()) or "(nothing)"


if __name__ == "__main__":
    main()
