"""python -m tests.chaos [--minutes M] [--seed N] [--kinds a,b] [--round K] [--plant NAME] [--keep DIR] [--most N]

`--plant NAMES` puts each of these faults into the batch (tests/chaos/plants.py; "all" for all), in turn, and ends with
1 if one of them is not found.

Prints each problem with the command that repeats its round, and at the end a summary as JSON; ends with 1 if there was
any. Signals and instants differ between two runs of a round; what is drawn, and steps that are counted, do not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

_MOST_PROBLEMS = 20


def main() -> int:
    """Run rounds until the time is over."""
    ask = argparse.ArgumentParser(prog="python -m tests.chaos", description="Disturb real batches and look at promises")
    ask.add_argument("--minutes", type=float, default=2.0)
    ask.add_argument("--seed", type=int, default=None)
    ask.add_argument("--kinds", help="only these, with commas between")
    ask.add_argument("--round", type=int, help="only this one")
    ask.add_argument("--plant", help="names of faults that are put into the batch and must be found, or all")
    ask.add_argument("--keep", type=Path, help="a folder that broken rounds are kept in")
    ask.add_argument("--most", type=int, default=10**9, help="rounds at most")
    told = ask.parse_args()
    seed = told.seed if told.seed is not None else int.from_bytes(os.urandom(3))
    print(f"chaos: seed {seed}, {told.minutes:g} minutes", flush=True)
    root = Path(tempfile.mkdtemp(prefix="fastspec-chaos-"))
    os.environ |= {"FASTSPEC_CACHE_DIR": str(root / "plans"), "OMP_NUM_THREADS": "1"}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from tests.chaos import process, world

    try:
        place = world.World(root)
        place.build()
        result = _planted(told, seed, place) if told.plant else _loop(told, seed, place)
    finally:
        process.end_all()
        for folder in root.iterdir():
            world.clear(folder)
        shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(result, indent=1), flush=True)
    return 1 if result["problems"] else 0


def _planted(told: Any, seed: int, place: Any) -> dict[str, Any]:
    """Each fault in a process of its own; what is not found is a problem."""
    from tests.chaos.plants import PLANTS
    from tests.chaos.process import Process

    missed = []
    for name in PLANTS if told.plant == "all" else told.plant.split(","):
        plant, kinds = PLANTS[name]
        told.kinds = told.kinds or kinds
        said = place.root / f"plant-{name}"

        def work(plant: Any = plant) -> int:
            plant()
            return 1 if _loop(told, seed, place, most_problems=1)["problems"] else 0

        found = Process(["plant", name], said, work=work, limit=told.minutes * 60 + 200).wait()
        if found != 1:
            missed.append(f"{name} was not found")
        print(f"{name}: {said.read_text().strip()[:200] or 'not found'}", flush=True)
        told.kinds = None
    return {"seed": seed, "problems": missed}


def _loop(told: Any, seed: int, place: Any, most_problems: int = _MOST_PROBLEMS) -> dict[str, Any]:
    from tests.chaos.acts import ACTS

    kinds = told.kinds.split(",") if told.kinds else list(ACTS)
    clock = time.monotonic()
    counts: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    problems: list[str] = []
    numbers = iter([told.round]) if told.round is not None else iter(range(told.most))
    for number in numbers:
        if told.round is None and time.monotonic() - clock > told.minutes * 60:
            break
        problem, found, acts = _one(place, seed, number, kinds, told.keep)
        counts += found
        by_kind.update(acts)
        counts["rounds"] += 1
        if problem:
            problems.append(f"{' '.join(acts)}: {problem}")
            only = f" --kinds {told.kinds}" if told.kinds else ""
            print(f"round {number} ({', '.join(acts)}): {problem}", file=sys.stderr)
            print(f"  again: python -m tests.chaos --seed {seed} --round {number}{only}", file=sys.stderr, flush=True)
            if len(problems) >= most_problems:
                break
    return {
        "seed": seed,
        "seconds": round(time.monotonic() - clock),
        "counts": dict(sorted(counts.items())),
        "acts": dict(sorted(by_kind.items())),
        "small disks": place.may_mount,
        "problems": problems,
    }


def _one(
    place: Any, seed: int, number: int, kinds: list[str], keep: Path | None
) -> tuple[str, Counter[str], list[str]]:
    from tests.chaos import process, world
    from tests.chaos.acts import ACTS, OFTEN
    from tests.chaos.rounds import BrokenError, Round

    chance = random.Random(f"{seed}:{number}")
    acts = chance.choices(kinds, [OFTEN.get(kind, 1.0) for kind in kinds], k=chance.choice([1, 1, 2, 3]))
    acts = list(dict.fromkeys(acts))
    folder = place.root / f"round-{number}"
    small = "full_disk" in acts and place.may_mount and chance.random() < 0.8
    remote = acts == ["clock"] and chance.random() < 0.7 and _has_fsspec()
    one = Round(place, chance, folder, f"{seed}:{number}", small, remote)
    problem = ""
    try:
        one.prepare()
        for act in acts:
            ACTS[act](one)
        one.finish()
    except (BrokenError, process.HungError) as error:
        problem = str(error)
    except Exception as error:  # of chaos itself, or of what it did not foresee
        problem = f"{type(error).__name__}: {error} (line {_line(error)})"
    finally:
        process.end_all()
        if problem and keep:
            shutil.copytree(folder, keep / folder.name, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        world.clear(folder)
    return problem, one.counts, acts


def _line(error: BaseException) -> str:
    found = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    return "?" if found is None else f"{Path(found.tb_frame.f_code.co_filename).name}:{found.tb_lineno}"


def _has_fsspec() -> bool:
    try:
        import fsspec
    except ImportError:
        return False
    return bool(fsspec)


if __name__ == "__main__":
    sys.exit(main())
