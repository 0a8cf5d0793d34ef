"""Batches of one tree: undisturbed, killed and resumed, with files that cannot be read, and run again in other ways."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import prints
from pictures import SPEECH
from sides import Side, Task

LIMIT = 300.0  # seconds until a batch counts as hung
_OPTIONS = ("--n-iter", "300", "--sr", "8000", "--shard-size", "1")
_TRIES = 8
_MEASURED = re.compile(r"\d+ of \d+, [\d.]+ a second, |^[\d.]+ s: [\d.]+ files/s, ")


def run(side: Side, pictures: Sequence[str]) -> dict[str, Any]:
    """The results of all batches, by name."""
    folder = side.folder / "run" / "batch"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in" / "deep").mkdir(parents=True)
    for number, path in enumerate(pictures):
        shutil.copy(path, folder / "in" / ("deep" if number % 3 == 0 else "") / f"{number}{Path(path).suffix}")
    whole = side.process(
        ["decode", "in", "--out-dir", "out", *_OPTIONS, "--jobs", "2", "--report", "r.json"], str(folder)
    )
    results = {"undisturbed": _sorted(whole), "killed and resumed": _killed(side, folder)}
    for name, arguments in _AGAIN.items():
        results[name] = _again(side, folder, arguments)
    (folder / "in" / "torn.png").write_bytes((folder / "in" / "1.png").read_bytes()[:3000])
    (folder / "in" / "text.png").write_text("this is no picture\n")
    for name, arguments in _BROKEN.items():
        results[name] = _again(side, folder, arguments)
    _exchange(folder / "in" / "1.png", folder / "in" / "2.png")
    results["an input exchanged"] = _again(side, folder, ["decode", "in", "--out-dir", "broken", "--resume", *_FEW])
    (folder / "sounds").mkdir()
    for number in range(2):
        shutil.copy(SPEECH, folder / "sounds" / f"{number}.flac")
    for name, arguments in _ENCODE.items():
        results[name] = _again(side, folder, arguments)
    return results


_FEW = ("--n-iter", "1", "--sr", "8000")
_AGAIN = {
    "outputs exist": ["decode", "in", "--out-dir", "out", *_OPTIONS],
    "other options": ["decode", "in", "--out-dir", "out", "--resume", "--sr", "16000"],
    "all is done": ["decode", "in", "--out-dir", "out", *_OPTIONS, "--resume"],
    "dry run": ["decode", "in", "--out-dir", "dry", *_FEW, "--dry-run"],
    "overwritten": ["decode", "in", "--out-dir", "out", *_FEW, "--overwrite", "--format", "flac", "--jobs", "2"],
}
_BROKEN = {
    "broken files": ["decode", "in", "--out-dir", "broken", *_FEW, "--report", "r.json"],
    "broken files again": ["decode", "in", "--out-dir", "broken", *_FEW, "--resume"],
    "broken files retried": ["decode", "in", "--out-dir", "broken", *_FEW, "--retry-failed", "--log-json"],
    "stopped at the first": ["decode", "in", "--out-dir", "stop", *_FEW, "--on-error", "stop", "--jobs", "1"],
}
_ENCODE = {
    "sounds": ["encode", "sounds", "--out-dir", "drawn", "--n-fft", "1024"],
    "sounds again": ["encode", "sounds", "--out-dir", "drawn", "--n-fft", "1024", "--resume"],
    "sounds as JPEG": [
        "encode",
        "sounds",
        "--out-dir",
        "jpeg",
        "--format",
        "jpeg",
        "--quality",
        "40",
        "--profile",
        "sox",
    ],
}


def _again(side: Side, folder: Path, arguments: list[str]) -> dict[str, Any]:
    """A further batch in the same folder, in a worker; of the files there only its own."""
    result = side.ask(Task("batch", "", "in_place", {"arguments": arguments, "folder": str(folder)}))
    own = (arguments[arguments.index("--out-dir") + 1] + "/", "r.json")
    files = {name: shown for name, shown in result.get("files", {}).items() if name.startswith(own)}
    return _sorted({**result, "files": files})


def _sorted(result: dict[str, Any]) -> dict[str, Any]:
    """With the lines in order of text: workers end in any order. Lines of JSON lose their times.

    Left out are lines of progress, which appear where a batch takes long, and that of its speed.
    """
    lines = {}
    for name in ("out", "err"):
        said = str(result.get(name, "")).splitlines()
        lines[name] = sorted(prints.line(text) for text in said if not _MEASURED.search(text))
    return {**result, **lines}


def _killed(side: Side, folder: Path) -> dict[str, Any]:
    """A batch that was killed after its first outputs and resumed: what it left, and what it came to."""
    out = folder / "killed"
    for _ in range(_TRIES):
        shutil.rmtree(out, ignore_errors=True)
        left = _kill_midway(side, folder, out)
        if left is not None:
            break
    else:
        return {"message": "could not be killed midway"}
    arguments = ["decode", "in", "--out-dir", out.name, *_OPTIONS, "--jobs", "1", "--resume"]
    resumed = side.process(arguments, str(folder))
    files = {name: shown for name, shown in prints.of_folder(out).items() if not name.startswith(".")}
    whole = prints.of_folder(folder / "out")
    records = [line for line in files.pop(prints.LEDGER) if '"type": "run"' not in line]
    return {
        "exit": resumed["exit"],
        "partial outputs left": sorted(name for name, shown in left.items() if shown != files.get(name)),
        "some were done": bool(left),
        "files": files,
        "unlike the undisturbed": sorted(name for name in files if files[name] != whole.get(name)),
        "records": records,
        "last line": resumed["err"].splitlines()[-1:] if resumed["exit"] else [],
    }


def _kill_midway(side: Side, folder: Path, out: Path) -> dict[str, Any] | None:
    """Kill a batch once its ledger tells of an output; the outputs then, or None where it came too late."""
    arguments = ["decode", "in", "--out-dir", out.name, *_OPTIONS, "--jobs", "1"]
    process = subprocess.Popen(
        [side.python, "-m", "fastspec", *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=side.environment, cwd=folder,
    )  # fmt: skip
    ledger, deadline = out / prints.LEDGER, time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        if ledger.exists() and b'"type":"done"' in ledger.read_bytes():
            break
        time.sleep(0.005)
    process.kill()
    process.wait()
    if not ledger.exists() or b'"type":"end"' in ledger.read_bytes():
        return None
    return {n: shown for n, shown in prints.of_folder(out).items() if n.endswith(".wav") and not n.startswith(".")}


def _exchange(first: Path, second: Path) -> None:
    """Make `first` show what `second` shows, in a file of just the size it had."""
    size, data = first.stat().st_size, second.read_bytes()
    first.write_bytes((data + bytes(max(0, size - len(data))))[: max(size, len(data))])
