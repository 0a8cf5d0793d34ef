"""Judge the JSON of bench/speed/compare.py: every ratio must be surely above its floor, whatever the machine.

    python -m bench.speed.compare --quick --json quick.json && python -m bench.speed.gate quick.json

A ratio passes by the bound of its interval, never by its median, and seconds are never judged. The floors are well
below what fastspec reaches, because they must hold on busy machines: they find what broke, not what slowed a little.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench.speed.record import Row

# name: (relation, floor). The lower bound of the interval counts for >=, the upper one for <=.
FLOORS: dict[str, tuple[str, float]] = {
    "iteration_1024": (">=", 5.0),
    "iteration_2048": (">=", 5.0),
    "transforms_1024": ("<=", 2.5),
    "transforms_2048": ("<=", 2.5),
    "stft": (">=", 1.2),
    "istft": (">=", 1.5),
    "quality_200": (">=", 40.0),
    "pghi_heap": (">=", 3.0),
    "colours": (">=", 8.0),
    "picture": (">=", 6.0),
    "batch": (">=", 10.0),
    "command": (">=", 1.5),
    "import": (">=", 1.5),
}
GROWTH_MIB = 50.0


def judge(results: dict[str, Any]) -> list[str]:
    """What is wrong, one sentence a row; empty if all is well."""
    rows = {saved["name"]: Row.of(saved) for saved in results["rows"]}
    wrong = [f"{row.name} failed: {row.error}" for row in rows.values() if row.error is not None]
    for name, (relation, floor) in FLOORS.items():
        row = rows.get(name)
        if row is None:
            wrong.append(f"{name} was not measured")
        elif row.error is None and row.ratio is None:
            wrong.append(f"{name} has no ratio")
        elif row.ratio is not None:
            bound = row.ratio.low if relation == ">=" else row.ratio.high
            if not (bound >= floor if relation == ">=" else bound <= floor):
                wrong.append(f"{name}: the interval's bound {bound:.2f} is not {relation} {floor:g}")
    memory = rows.get("memory")
    if memory is None:
        wrong.append("memory was not measured")
    elif memory.error is None and not (memory.ours is not None and memory.ours <= GROWTH_MIB):
        wrong.append(f"memory: a long run grows by {memory.ours} MiB; {GROWTH_MIB:g} are allowed")
    return wrong


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Judge ratios by the bounds of their intervals.")
    parser.add_argument("results", type=Path)
    wrong = judge(json.loads(parser.parse_args(arguments).results.read_text()))
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    print(f"{len(FLOORS) + 1} gates, {len(wrong)} not passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
