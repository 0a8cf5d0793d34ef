"""Are facts as often right as their confidence says? Over the verdicts of `facts` and `field`, by source and by fact.

    python -m bench.quality.facts CORPUS --draw 100 --figures 60 --json FACTS
    python -m bench.quality.field CORPUS --count 200 --json FIELD
    python -m bench.quality.reliability FACTS FIELD [--markdown]

A row for each bin of confidence: of each source how many facts are right, beside their mean confidence. Then a row for
each fact stated from the pixels. `facts` does not judge what is assumed, so that column holds the facts of `field`.
Exit code 1 where a bin of 30 facts or more is right less often than its facts say, by more than chance allows (two
standard deviations) and a twentieth.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.quality.facts import BINS, FALSE, RIGHT, SILENT
from bench.quality.text_table import text_table

SOURCES = ("pixels", "embedded", "profile", "assumed")
FEWEST = 30  # facts of a bin that is judged
SLACK = 0.05  # by which facts may be right less often than they say
DEVIATIONS = 2.0


class Stated(NamedTuple):
    """One fact: its name, source and confidence, and whether it is right."""

    name: str
    source: str
    confidence: float
    right: bool


def stated_in(text: str) -> list[Stated]:
    """The facts of a JSON file that `facts` or `field` wrote; those that nobody stated are left out."""
    data = json.loads(text)
    rows = data if isinstance(data, list) else [row for some in data.values() for row in some]
    found = []
    for row in rows:
        for said in row["said"]:
            assumed = said["verdict"] == SILENT and said.get("source") == "assumed"
            if said["verdict"] in (RIGHT, FALSE) or (assumed and said.get("note") in ("right", "wrong")):
                right = said["note"] == "right" if assumed else said["verdict"] == RIGHT
                found.append(Stated(said["name"], said["source"], float(said["confidence"]), right))
    return found


def too_sure(some: list[Stated]) -> bool:
    """Whether they are right less often than they say, by more than chance and SLACK."""
    if len(some) < FEWEST:
        return False
    mean = sum(s.confidence for s in some) / len(some)
    deviation = math.sqrt(max(mean * (1 - mean), 1e-9) / len(some))
    return sum(s.right for s in some) / len(some) < mean - SLACK - DEVIATIONS * deviation


def _share(some: list[Stated]) -> str:
    if not some:
        return ""
    right, mean = sum(s.right for s in some), sum(s.confidence for s in some) / len(some)
    return f"{right} of {len(some)} = {right / len(some):.0%} (says {mean:.0%}){' !' if too_sure(some) else ''}"


def tables(stated: list[Stated], markdown: bool) -> tuple[str, str]:
    """By confidence and source; and by fact, of those stated from the pixels or the file."""
    by_bin = []
    for low, high in itertools.pairwise(BINS):
        some = [s for s in stated if low < s.confidence <= high]
        by_bin.append(
            [f"{low:.2f} - {min(high, 1):.2f}", *(_share([s for s in some if s.source == name]) for name in SOURCES)]
        )
    seen = [s for s in stated if s.source in ("pixels", "embedded")]
    by_fact = [[name, _share([s for s in seen if s.name == name])] for name in sorted({s.name for s in seen})]
    return (
        text_table(["confidence", *SOURCES], by_bin, markdown),
        text_table(["fact, from pixels or file", "right"], by_fact, markdown),
    )


def misjudged(stated: Iterable[Stated]) -> list[str]:
    """The bins whose facts are right less often than they say."""
    every = list(stated)
    return [
        f"{source} {low:.2f} - {min(high, 1):.2f}: {_share(some)}"
        for source in SOURCES
        for low, high in itertools.pairwise(BINS)
        if too_sure(some := [s for s in every if s.source == source and low < s.confidence <= high])
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Compare confidence with how often facts are right.")
    parser.add_argument("files", type=Path, nargs="+", metavar="JSON", help="of bench.quality.facts and .field")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    args = parser.parse_args(arguments)
    stated = [fact for file in args.files for fact in stated_in(file.read_text())]
    print(*tables(stated, args.markdown), sep="\n")
    missed = misjudged(stated)
    print(*missed, sep="\n", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
