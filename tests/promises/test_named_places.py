"""Files, modules and commands that texts and comments name exist, so that nobody is sent to an old address."""

from __future__ import annotations

import contextlib
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDINGS = {".py", ".pyi", ".md", ".toml", ".sh", ".yml"}
TEXTS = [
    *(ROOT / name for name in ("README.md", "NOTICE", "CONTRIBUTING.md", "pyproject.toml")),
    *(p for room in ("src", "tests", "bench", "ci", "docs") for p in (ROOT / room).rglob("*") if p.suffix in ENDINGS),
]
PLACE = re.compile(r"(?<![\w/.-])(?:src/fastspec|bench|ci|tests|docs)/[\w./-]*\w\.(?:py|md|sh|npz|json|png|flac)\b")
COMMAND = re.compile(r"(?:python|\.venv/bin/python) -m ((?:bench|tests|fastspec)(?:\.\w+)*)")
NAME = re.compile(r"(?<![\w./@-])fastspec(?:\.[a-zA-Z_]\w*)+(?![\w/*])")  # a module, or what it holds
NO_MODULES = {
    "fastspec.tools",  # groups of entry points
    "fastspec.methods",
    "fastspec.starts",
    "fastspec.no_such_name",
    "fastspec.colormaps.names",  # of 0.1, which ci/freeze compares with
}


def exists(name: str) -> bool:
    """Whether this dotted name can be imported or reached from a module."""
    parts = name.split(".")
    for known in range(len(parts), 0, -1):
        with contextlib.suppress(ImportError):
            reached = importlib.import_module(".".join(parts[:known]))
            for part in parts[known:]:
                reached = getattr(reached, part, None)
            return reached is not None
    return False


@pytest.mark.parametrize("path", [p for p in TEXTS if p.exists()], ids=lambda p: str(p.relative_to(ROOT)))
def test_named_places_exist(path):
    text = path.read_text()
    gone = {place for place in PLACE.findall(text) if not (ROOT / place).exists()}
    gone |= {name for name in COMMAND.findall(text) if importlib.util.find_spec(name) is None}
    gone |= {name for name in NAME.findall(text) if name not in NO_MODULES and not exists(name)}
    assert not gone
