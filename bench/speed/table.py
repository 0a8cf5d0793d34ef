"""Write the README's table from the JSON of bench/speed/compare.py.

    python -m bench.speed.table results.json --write README.md

The table replaces what stands between the lines `<!-- bench-table -->` and `<!-- /bench-table -->`. Fails, and writes
nothing, where a required row is missing or failed, or the file has no such lines. Without --write the table is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench.speed.record import REQUIRED, Row

BEGIN, END = "<!-- bench-table -->", "<!-- /bench-table -->"
HEAD = ("what", "peer", "peer's", "fastspec", "ratio (95 %)", "wanted", "")


class TableError(Exception):
    """No table can be made; the message says why."""


def rows_of(results: dict[str, Any]) -> list[Row]:
    """All rows in the order of the table, required ones first by name, the others after the one they belong to."""
    rows = {saved["name"]: Row.of(saved) for saved in results["rows"]}
    missing = [name for name in REQUIRED if name not in rows]
    if missing:
        raise TableError(f"no figure for {', '.join(missing)}: run bench/speed/compare.py without --only and --quick")
    failed = [row for row in rows.values() if row.error is not None]
    if failed:
        raise TableError("; ".join(f"{row.name} failed: {row.error}" for row in failed))
    rank = {name: i for i, name in enumerate(REQUIRED)}

    def place(name: str) -> tuple[int, bool]:
        owner = max((r for r in REQUIRED if name == r or name.startswith(f"{r}_")), key=len, default=REQUIRED[-1])
        return rank[owner], name != owner

    return [rows[name] for name in sorted(rows, key=place)]


def figure(value: float) -> str:
    """Three significant digits without an exponent."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}".replace(",", " ")
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def quantity(value: float | None, unit: str) -> str:
    """The value with its unit; times of more than a second in seconds."""
    if value is None:
        return ""
    if unit == "ms" and value >= 1000:
        value, unit = value / 1000, "s"
    return f"{figure(value)} {unit}"


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    quality = "; ".join(f"{key} {a:.2f} → {b:.2f}" for key, (a, b) in row.quality.items())
    ratio = wanted = verdict = ""
    if row.ratio is not None:
        r = row.ratio
        ratio = f"{figure(r.median)} x ({figure(r.low)} to {figure(r.high)})"
        if row.how != "faster":
            ratio += " the time"
    if row.wanted is not None:
        side, relation, number = row.wanted
        sign = "≥" if relation == ">=" else "≤"
        wanted = f"{sign} {number:g} {'x' if side == 'ratio' else row.unit}"
        verdict = "" if row.met else "**missed**"
    elif row.ratio is not None and row.ratio.median < 1 and row.how == "faster":
        verdict = "**slower**"
    what = row.what + (f" ({quality})" if quality else "") + (f" ({row.note})" if row.note else "")
    return what, row.peer, quantity(row.theirs, row.unit), quantity(row.ours, row.unit), ratio, wanted, verdict


def render(results: dict[str, Any]) -> str:
    """The table in Markdown, with a line on what it was measured on."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rows_of(results)]
    machine, clip = results["machine"], results["clip"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if version)
    said = (
        "One thread each unless said; alternating in one process, outputs compared first; medians, 95 % intervals of"
        f" the median ratio. {clip['name']}, {clip['seconds']:g} s. {machine['processor']}, Python {machine['python']},"
        f" {versions}. Quality is the peer's → fastspec's, in dB against the sound that was drawn; less is better."
    )
    return "\n".join([*lines, "", said])


def put(text: str, table: str) -> str:
    """`text` with the table between its two marks."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise TableError(f"there must be one line {BEGIN} and, after it, one line {END}")
    return text[: text.index(BEGIN) + len(BEGIN)] + f"\n{table}\n" + text[text.index(END) :]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The README's table from the JSON of bench/speed/compare.py.")
    parser.add_argument("results", type=Path)
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this file")
    args = parser.parse_args(arguments)
    try:
        table = render(json.loads(args.results.read_text()))
        if args.write is None:
            print(table)
        else:
            args.write.write_text(put(args.write.read_text(), table))
    except TableError as error:
        print(f"{args.write or args.results}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
