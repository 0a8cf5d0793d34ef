"""The thresholds of every reader: each says what it is and what measured it, and none can be changed."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import fastspec

ROOT = Path(fastspec.__file__).parent
# "facts" and so on are commands of bench/quality, which the docstring of the class spells out
SOURCES = re.compile(
    r"\b(unmeasured|facts|field|refusals|damage|direction|other_maps|tools|sound|no threshold)\b"
    r"|\bby (its|the|\w+'s) \w+|`python -m bench\.[\w.]+"
)
FILES = [
    path.relative_to(ROOT)
    for room in ("detect", "tools", "plot")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "\nclass Limits" in path.read_text(encoding="utf-8")
]


def fields(path: Path) -> dict[str, str]:
    """The lines of each field of a file's `Limits`, its comment with it."""
    source = (ROOT / path).read_text(encoding="utf-8")
    lines = source.split("\n")
    found = next(n for n in ast.parse(source).body if isinstance(n, ast.ClassDef) and n.name == "Limits")
    named = [n for n in found.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
    ends = [n.lineno - 1 for n in named[1:]] + [(found.end_lineno or 0) + 1]
    return {ast.unparse(n.target): "\n".join(lines[n.lineno - 1 : end]) for n, end in zip(named, ends, strict=True)}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_threshold_says_what_measured_it(path):
    for name, lines in fields(path).items():
        assert "#" in lines, f"{name} does not say what it is"
        assert SOURCES.search(lines), f'{name} names no source; say "unmeasured" where none can repeat it'


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_threshold_can_be_changed(path):
    module = importlib.import_module("fastspec." + ".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    for name in fields(path):
        with pytest.raises(AttributeError):
            setattr(module.LIMITS, name, 0)


def test_readers_have_thresholds():
    assert len(FILES) > 20
