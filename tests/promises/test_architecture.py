"""The rooms of the package: who may import whom (the contracts in pyproject.toml), and that each contract bites."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
