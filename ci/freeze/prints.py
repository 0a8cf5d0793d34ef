"""Finger prints of output files: the same for the same bytes, but for what two versions may differ in.

Left out are the version number in pictures (PNG: the text chunk `Software` and the checksum of chunks), and from
ledgers and summaries the times, the machine, and what is computed from the version: the fingerprint of the options
and the checksums of pictures.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

LEDGER = "fastspec-ledger.jsonl"
_SOFTWARE = re.compile(rb"fastspec \d+\.\d+\.\w+")
_TIMES = ("fingerprint", "host", "started", "time", "pid")
_MEASURED = ("seconds", "stages", "files_per_second", "sound_seconds_per_second", "slowest_stage")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


def of_folder(folder: Path) -> dict[str, Any]:
    """The finger print of every file in a folder, by its path there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): of_file(path) for path in files}


def of_file(path: Path) -> Any:
    """The finger print of a file, by what it is."""
    if path.name.startswith(LEDGER):
        return ledger(path)
    data = path.read_bytes()
    if path.suffix == ".json":
        document = json.loads(data)
        kept = {name: value for name, value in document.items() if name not in _MEASURED}
        return {name: round(value, 6) if isinstance(value, float) else value for name, value in kept.items()}
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return list(_chunks(data))
    return f"{len(data)} bytes, sha256 {hashlib.sha256(_SOFTWARE.sub(b'fastspec VERSION', data)).hexdigest()[:40]}"


def _chunks(data: bytes) -> Any:
    position = 8
    while position + 8 <= len(data):
        size, kind = (
            int.from_bytes(data[position : position + 4], "big"),
            data[position + 4 : position + 8].decode("latin1"),
        )
        body = _SOFTWARE.sub(b"fastspec VERSION", data[position + 8 : position + 8 + size])
        shown = body.decode("utf-8", "replace") if kind in ("tEXt", "iTXt") else hashlib.sha256(body).hexdigest()[:40]
        yield f"{kind} {shown}"
        position += 12 + size
    if position != len(data):
        yield f"{len(data) - position} bytes behind the last chunk"


def ledger(path: Path) -> list[str]:
    """The records of a ledger, sorted, because workers end in any order."""
    return sorted(record(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def record(found: dict[str, Any]) -> str:
    """A record of a ledger as text, without times, machine and what follows from the version."""
    kept = {name: value for name, value in found.items() if name not in _TIMES}
    if isinstance(kept.get("stamp"), list):
        kept["stamp"] = kept["stamp"][:1]  # the size, without the time of change
    if str(kept.get("output", "")).endswith(_PICTURES):
        kept = {name: value for name, value in kept.items() if name not in ("sha256", "size")}
    return json.dumps(kept)


def line(text: str) -> str:
    """A line of output; one of JSON, as --log-json prints, without times and machine."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if not isinstance(found, dict):
        return text
    return record({name: value for name, value in found.items() if name not in _MEASURED or found["type"] == "done"})
