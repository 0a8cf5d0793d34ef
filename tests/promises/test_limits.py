"""Every threshold says what it separates and which command measured it, whose source sets it, or that none does."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from pathlib import Path

import pytest

import fastspec

ROOT = Path(fastspec.__file__).parent
HOLDERS = [
    path for room in ("detect", "plot", "tools") for path in sorted((ROOT / room).rglob("*.py"))
    if re.search(r"^class Limits\b", path.read_text(), re.MULTILINE)
]  # fmt: skip
# What a line of a field's comment ends with; the class's docstring tells in full what "facts" and the like are.
SOURCE = re.compile(
    r"[;:,] (unmeasured|unmeasured since|facts|field|refusals|tools|damage|direction|other_maps|"
    r"by (its standard|[\w' ]+ sources?))$"
)
COMMAND = re.compile(r"python -m [\w.]+")


def name_of(path):
    return "fastspec." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def fields_of(path):
    """Each field's name and the lines of its comment, which reach down to the next field."""
    text = path.read_text()
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == "Limits":
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            for item, after in zip(fields, [*fields[1:], None], strict=True):
                stop = after.lineno if after else (node.end_lineno or item.lineno) + 3
                yield ast.unparse(item.target), [comments[k] for k in range(item.lineno, stop) if k in comments]


@pytest.mark.parametrize("path", HOLDERS, ids=name_of)
def test_every_limit_has_a_meaning_and_a_source(path):
    fields = list(fields_of(path))
    assert fields
    explained = path.read_text()
    for field, lines in fields:
        assert len(" ".join(lines).split()) > 2, f"{field} says nothing of itself"
        sources = [found[1] for line in lines if (found := SOURCE.search(line))]
        assert sources or COMMAND.search(" ".join(lines)), f"{field} does not say what measured it: {lines}"
        for source in {"facts", "field", "refusals", "tools", "damage"}.intersection(sources):
            assert f"python -m bench.quality.{source} CORPUS" in explained, f"{source!r} is not explained"


@pytest.mark.parametrize("path", HOLDERS, ids=name_of)
def test_limits_cannot_be_changed(path):
    module = importlib.import_module(name_of(path))
    assert isinstance(module.LIMITS, module.Limits)
    first = next(name for name, _ in fields_of(path))
    with pytest.raises(AttributeError):
        setattr(module.LIMITS, first, 0)
    assert not hasattr(module.LIMITS, "__dict__")
