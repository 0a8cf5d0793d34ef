"""The rooms of the package: who may import whom (the contracts in pyproject.toml), and that each contract bites.

Of drawing tools only their own rooms know the names.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastspec import tools

pytest.importorskip("importlinter")  # of the `test` extra

ROOT = Path(__file__).parents[2]
ROAD = "The road has one direction"
TOOLS = "Drawing tools do not know each other"
CYCLES = "No cycles inside a room"
KERNELS = "Kernels take arrays and scalars only"
PHASE = "What reads or draws pictures knows no phase retrieval"


def contracts(tree: Path) -> tuple[int, str]:
    """Exit code and report of import-linter in `tree`, a checkout of src and pyproject.toml."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tree, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_the_contracts_are_kept():
    code, report = contracts(ROOT)
    assert code == 0, report


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the source that may be spoilt."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


@pytest.mark.parametrize(
    ("module", "planted", "broken"),
    [
        ("axes/frequency.py", "from fastspec.picture import files", {ROAD}),
        ("axes/frequency.py", "from fastspec.colours import levels", {ROAD}),
        ("picture/files.py", "from fastspec.sound import files", {ROAD}),
        ("detect/skipped_bins.py", "from fastspec.tools import librosa", {ROAD}),
        ("encoder.py", "from fastspec import decoder", {ROAD, PHASE}),
        ("cellar.py", "", {ROAD}),  # a module without a floor
        ("tools/imshow.py", "from fastspec.tools import librosa", {TOOLS}),
        ("tools/imshow.py", "from fastspec.tools import profiles", {TOOLS}),
        ("tools/sox/__init__.py", "from fastspec.tools.ffmpeg import cut_window", {TOOLS}),
        ("sound/formats.py", "from fastspec.sound import files", {CYCLES}),
        ("detect/figure/plots.py", "from fastspec.detect.figure import ticks", {CYCLES}),
        ("kernels/cells.py", "from fastspec import errors", {KERNELS}),
        ("kernels/cells.py", "from fastspec.picture import silence", {KERNELS, ROAD}),
        ("inspection.py", "from fastspec.phase import metrics", {PHASE}),
        ("plot/layout.py", "from fastspec.phase import metrics", {PHASE, ROAD}),
    ],
)
def test_a_planted_import_breaks_its_contract(copied, module, planted, broken):
    path = copied / "src" / "fastspec" / module
    before = path.read_text() if path.exists() else None
    try:
        path.write_text(f"{before or ''}\n{planted}\n")
        code, report = contracts(copied)
    finally:
        path.unlink()
        if before is not None:
            path.write_text(before)
    assert code == 1, report
    assert {name for name in (ROAD, TOOLS, CYCLES, KERNELS, PHASE) if f"{name} BROKEN" in report} == broken, report


SOURCE = ROOT / "src" / "fastspec"
NAME_TOOLS = {"tools", "cli", "integrations", "compat", "phasebench"}  # rooms that may name one
PUBLIC_VALUES = {("axes/__init__.py", "audacity")}  # values of a public fact, each where the fact is defined
NAMES = {*tools.profiles(), *tools.PROGRAMS, *tools.LIBRARIES} - {"fastspec"}  # which is the package, too


def tools_named(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of every string in Python source that is a tool's or a profile's name; docstrings may be."""
    tree = ast.parse(source)
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    firsts = [owner.body[0] for owner in owners if ast.get_docstring(owner) is not None]
    docstrings = {id(first.value) for first in firsts if isinstance(first, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings and node.value in NAMES:
            yield node.lineno, str(node.value)


def test_only_their_own_rooms_name_drawing_tools():
    found = [
        f"{where}:{line}: {name!r}"
        for path in sorted(SOURCE.rglob("*.py"))
        if (where := path.relative_to(SOURCE).as_posix()).split("/")[0] not in NAME_TOOLS
        for line, name in tools_named(path.read_text(encoding="utf-8"))
        if (where, name) not in PUBLIC_VALUES
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        ("if profile == 'sox': pass", ["sox"]),
        ("KNOWN = {'a': ('ffmpeg-sqrt', 1)}", ["ffmpeg-sqrt"]),
        ("def f(tool='audacity'): return tool.startswith('librosa')", ["audacity", "librosa"]),
        ("match tool:\n    case 'riffusion': pass", ["riffusion"]),
        ("'sox'\ndef f():\n    'ffmpeg'", []),
        ("x = 'as sox draws'", []),
    ],
)
def test_a_planted_name_is_seen(planted, named):
    assert sorted(name for _, name in tools_named(planted)) == sorted(named)


def test_no_file_is_longer_than_a_page_of_four_hundred_lines():
    files = [path for room in ("src", "tests", "bench", "ci") for path in (ROOT / room).rglob("*.py")]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in files}
    assert not {name: length for name, length in lengths.items() if length > 400}


NOTHING_TO_TEST = {"_typing", "_version", "__main__"}
TESTED_ELSEWHERE = {
    **dict.fromkeys(("cli/decode", "cli/encode", "cli/inspect_", "cli/maintenance"), "cli/test_cli"),
    "_cached": "promises/test_forks",
    "_forks": "promises/test_forks",
    "_kept": "promises/test_damaged_caches",
    "batch/files": "batch/test_run",
    "cli/exit_codes": "cli/test_options",
    "colours/formulas": "colours/test_colormap",
    "colours/tables": "colours/test_colormap",
    "calibration/price": "calibration/test_budget",
    "detect/asking": "test_inspection",
    "detect/rates": "detect/test_axis_candidates",
    "tools/librosa": "tools/test_registry",
    "tools/native": "tools/test_registry",
    "tools/span_grid": "tools/test_tool",
}


def test_every_module_has_its_tests():
    """tests/<room>/test_<module>.py, or that of the folder; kernels are tested beside those who call them."""
    tests, missing = ROOT / "tests", []
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE).with_suffix("")
        if place.name in ("__init__", *NOTHING_TO_TEST) or place.parts[0] == "kernels":
            continue
        names = [place.parent / f"test_{place.name.strip('_')}", place.parent.parent / f"test_{place.parent.name}"]
        names += [Path(TESTED_ELSEWHERE[place.as_posix()])] if place.as_posix() in TESTED_ELSEWHERE else []
        if not any((tests / name).with_suffix(".py").exists() for name in names):
            missing.append(place.as_posix())
    assert not missing


def test_the_figure_in_the_documentation_shows_the_contract():
    lines = (ROOT / "docs" / "architecture.md").read_text().split("```mermaid")[1].split("```")[0].splitlines()
    arrows = [[side.strip().split(" & ") for side in line.split("-->")] for line in lines if "-->" in line]
    drawn = [arrows[0][0], *(below for _, below in arrows)]
    assert [above for above, _ in arrows] == drawn[:-1]
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    floors = [[room for room in floor.replace(" ", "").split("|") if not room.startswith("(")] for floor in layers]
    assert drawn == [floor for floor in floors if floor]
