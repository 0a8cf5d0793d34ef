"""Error messages are one style: a phrase with the offending value and the remedy, without a full stop at its end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastspec import errors

SOURCE = Path(errors.__file__).parent
OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}


def final_text(node: ast.expr) -> str:
    """The last literal piece of a message; empty where it ends in a value."""
    if isinstance(node, ast.JoinedStr):
        return final_text(node.values[-1]) if node.values else ""
    if isinstance(node, ast.BinOp):
        return final_text(node.right)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def stopped(code: str) -> Iterator[tuple[int, str]]:
    """(line, end) of every message of our errors that ends with a full stop."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            end = final_text(node.args[0])
            if name in OURS and end.rstrip().endswith(".") and not end.endswith("..."):
                yield node.lineno, end[-40:]


def test_no_message_ends_with_a_full_stop():
    found = {str(path.relative_to(SOURCE)): list(stopped(path.read_text())) for path in SOURCE.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("message", ['"wrong."', 'f"{x} is wrong."', '"one " + "two."', '("one; " f"two{x}.")'])
def test_one_that_did_would_be_found(message):
    assert list(stopped(f"raise ParameterError({message})"))
    assert list(stopped(f"raise errors.PictureError({message}) from None"))


@pytest.mark.parametrize("message", ['"as 1.5 or ..."', 'f"no. {x}"', '"fine"', 'f"{x}."[:-1]'])
def test_one_that_does_not_is_not(message):
    assert not list(stopped(f"raise ParameterError({message})"))
