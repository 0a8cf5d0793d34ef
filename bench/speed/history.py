"""The throughput of each milestone beside the peers', kept as a line of bench/history.jsonl, and a plot of all lines.

    python -m bench.speed.compare --json results.json && python -m bench.speed.history add results.json
    python -m bench.speed.history plot docs/throughput.svg

A line names the commit, its date, the processor and the vectors that compiled code may use, the versions of the
libraries, and of each row the ratio with its interval. Ratios of two machines do not compare: the plot has a curve for
each kind of processor. `since.py` pairs a tree with the commit of the last line.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ROOT / "bench" / "history.jsonl"
PLOTTED = ("iteration_1024", "iteration_2048", "picture", "batch", "stft", "istft")
MEASURED = ("src", "pyproject.toml")  # what a figure depends on


class HistoryError(Exception):
    """No line can be added; the message says why."""


def git(*arguments: str) -> str:
    """What git says in this repository. Raises HistoryError where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HistoryError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def lines(path: Path = HISTORY) -> list[dict[str, Any]]:
    """All lines, the oldest first."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def line_of(results: dict[str, Any], commit: str, date: str) -> dict[str, Any]:
    """The line for the JSON of compare.py, measured on `commit`.

    Raises HistoryError where rows failed or none has a ratio.
    """
    failed = [row["name"] for row in results["rows"] if row.get("error")]
    if failed:
        raise HistoryError(f"{', '.join(failed)} failed; a milestone needs every row")
    ratios = {row["name"]: row["ratio"] for row in results["rows"] if row.get("ratio")}
    if not ratios:
        raise HistoryError("the results hold no ratio")
    rounded = {
        name: {key: round(value, 3) if isinstance(value, float) else value for key, value in ratio.items()}
        for name, ratio in ratios.items()
    }
    machine = results["machine"]
    return {
        "commit": commit,
        "date": date,
        "quick": results["quick"],
        "processor": machine["processor"],
        "vectors": machine.get("vectors"),
        "versions": machine["versions"],
        "ratios": rounded,
    }


def add(results: Path, history: Path = HISTORY) -> dict[str, Any]:
    """Append the results that were measured on the commit that is checked out. Raises HistoryError, as `line_of`, and
    where files that figures depend on are not as committed."""
    if changed := git("status", "--porcelain", "--", *MEASURED):
        raise HistoryError(f"not as committed: {', '.join(line[3:] for line in changed.splitlines())}; commit first")
    commit, date = git("log", "-1", "--format=%H %cs").split()
    line = line_of(json.loads(results.read_text(encoding="utf-8")), commit, date)
    with history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return line


def plot(history: list[dict[str, Any]], path: Path) -> None:
    """Ratios over milestones with their intervals: a panel a row, a curve a kind of processor."""
    from matplotlib.figure import Figure

    kinds = sorted({kind_of(line) for line in history})
    figure = Figure(figsize=(9, 5), layout="constrained")
    for axes, name in zip(figure.subplots(2, 3).ravel(), PLOTTED, strict=True):
        for kind in kinds:
            points = [
                (i, line["ratios"][name])
                for i, line in enumerate(history)
                if kind_of(line) == kind and name in line["ratios"]
            ]
            middle = [ratio["median"] for _, ratio in points]
            below = [ratio["median"] - ratio["low"] for _, ratio in points]
            above = [ratio["high"] - ratio["median"] for _, ratio in points]
            axes.errorbar([i for i, _ in points], middle, yerr=(below, above), marker="o", capsize=3, label=kind)
        axes.set_xticks(range(len(history)), [line["commit"][:7] for line in history], rotation=30, fontsize=7)
        axes.set_ylim(bottom=0)
        axes.set_title(name, fontsize=9)
    figure.supylabel("times as fast as the peer (librosa)")
    figure.axes[0].legend(fontsize=7)
    figure.savefig(path, metadata={"Date": None})


def kind_of(line: dict[str, Any]) -> str:
    """The processor of a line, as the legend names it."""
    return f"{line['processor']}, {line['vectors']}" if line.get("vectors") else str(line["processor"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Keep and plot the throughput of milestones.")
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser(
        "add", help="append the JSON of compare.py, measured on the commit that is checked out"
    )
    adding.add_argument("results", type=Path)
    commands.add_parser("plot", help="draw all lines").add_argument("picture", type=Path)
    args = parser.parse_args(arguments)
    try:
        if args.command == "add":
            line = add(args.results)
            print(f"{line['commit'][:7]}: {len(line['ratios'])} ratios on {kind_of(line)}")
        else:
            plot(lines(), args.picture)
    except HistoryError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
