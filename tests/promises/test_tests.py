"""Every test can fail: it asserts something, expects an error or a warning, or calls a helper that does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_EXPECTING = ("raises", "warns", "fail")  # pytest's


@lru_cache(maxsize=1024)
def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions of a file, methods and those within others, too."""
    return {node.name: node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


@lru_cache(maxsize=1024)
def imported(path: Path) -> dict[str, tuple[Path, str]]:
    """(file, name there) of each name that a file has from another of the tests."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
            source = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            if source.exists():
                found.update({alias.asname or alias.name: (source, alias.name) for alias in node.names})
    return found


def called(function: ast.FunctionDef) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def _is_failure(node: ast.AST) -> bool:
    """Whether this raises an AssertionError, as a function does that must not be called."""
    raised = node.exc if isinstance(node, ast.Raise) else None
    return getattr(raised.func if isinstance(raised, ast.Call) else raised, "id", "") == "AssertionError"


def checks(path: Path, name: str, seen: frozenset[tuple[Path, str]] = frozenset()) -> bool:
    """Whether a function can fail by what it says itself, or by a helper that it calls or takes as a fixture."""
    function = functions(path).get(name)
    if function is None or (path, name) in seen:
        return False
    if any(isinstance(node, ast.Assert) or _is_failure(node) for node in ast.walk(function)):
        return True
    helpers = {argument.arg for argument in function.args.args}
    for other, call in called(function):
        if other in _EXPECTING or other.startswith("assert_"):
            return True
        if other in ("run", "check_call", "check_output") and (
            other != "run" or any(k.arg == "check" and getattr(k.value, "value", None) is True for k in call.keywords)
        ):
            return True
        helpers.add(other)
    seen |= {(path, name)}
    return any(checks(*imported(path).get(helper, (path, helper)), seen) for helper in helpers)


def without_a_check(path: Path) -> list[str]:
    """The tests of a file that say nothing that could be wrong."""
    return [name for name in functions(path) if name.startswith("test_") and not checks(path, name)]


def test_no_test_is_without_a_check():
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    assert paths
    assert not {str(path.relative_to(ROOT)): names for path in paths if (names := without_a_check(path))}


CODE = """
import subprocess, pytest, numpy as np
def helper(value):
    assert value
def around(value):
    helper(value)
def idle(value):
    return value
def test_asserts(): assert 1
def test_expects():
    with pytest.raises(ValueError): int("x")
def test_compares(): np.testing.assert_allclose(1, 1)
def test_helped(): around(1)
def test_runs(): subprocess.run(["x"], check=True)
def test_must_not_be_called():
    def stub(): raise AssertionError("called")
    idle(stub)
def test_idle(): idle(1)
def test_only_runs(): subprocess.run(["x"])
def test_calls(): idle(helper)
"""


def test_tests_without_a_check_are_found(tmp_path):
    path = tmp_path / "test_planted.py"
    path.write_text(CODE)
    assert without_a_check(path) == ["test_idle", "test_only_runs", "test_calls"]
