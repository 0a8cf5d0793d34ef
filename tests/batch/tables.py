"""Tables of facts for tests: written, read as a batch reads them, and what was made of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from fastspec.batch import facts_table


def table(text: str, name: str = "facts.csv", encoding: str = "utf-8") -> str:
    """Write a table as it stands; its name."""
    with open(name, "w", encoding=encoding, newline="") as out:
        out.write(text)
    return name


def given(name: str = "facts.csv") -> list[tuple[str, Any]]:
    """File name and facts of each row."""
    return [(os.path.basename(row.path), json.loads(row.facts)) for row in facts_table.rows(name)]


def outputs(out: Path) -> dict[str, bytes]:
    """The bytes of all sounds below a folder, by relative path."""
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*.wav")}
