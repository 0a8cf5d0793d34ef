"""What is known of the cases: `python -m tests.readings.golden` writes it anew, for review by its diff."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.readings.cases import WORKS
from tests.readings.traced import functions, trace

ELSE = "else"
FOLDER = Path(__file__).with_name("golden")
_NEAR = 2e-3  # share by which numbers may differ: of five digits four are kept, and libraries round otherwise
_TINY = 1e-4  # or as much, of numbers near 0


@lru_cache(maxsize=1)
def known() -> Mapping[str, Mapping[str, Any]]:
    """What each function returned when that was last reviewed: of a picture, or else; None where it was not called."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.json")):
        for name, results in json.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}:{name}"] = results
    return found


def read(picture: str) -> dict[str, Any]:
    """What is known of one picture, None where a function was not called."""
    return {name: results.get(picture, results[ELSE]) for name, results in known().items()}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Sentences on the functions that exist, and return something else than was known."""
    names = set(functions().values())
    found = []
    for name, results in before.items():
        if name in names and not alike(results, json.loads(json.dumps(now.get(name)))):
            found.append(f"{name} returned {_short(results)}, now {_short(now.get(name))}")
    return sorted(found)


def alike(one: Any, other: Any) -> bool:
    """Whether two plain values are the same, numbers nearly so."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_TINY)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return bool(one == other)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 300 else f"{text[:297]}..."


def write() -> None:
    """Keep what the functions return of all pictures, a file for each module."""
    each = {picture: trace(work) for picture, work in WORKS.items()}
    modules: dict[str, dict[str, dict[str, Any]]] = {}
    for function in sorted({name for found in each.values() for name in found}):
        module, name = function.split(":")
        results = {picture: found.get(function) for picture, found in each.items()}
        texts = [json.dumps(result) for result in results.values()]
        usual = max(texts, key=lambda text: (texts.count(text), text))
        others = {picture: one for picture, one in results.items() if json.dumps(one) != usual}
        entry = {ELSE: json.loads(usual), **others}
        if entry not in modules.setdefault(module, {}).values():  # that is not what another hands on
            modules[module][name] = entry
    for path in FOLDER.glob("*.json"):
        path.unlink()
    FOLDER.mkdir(exist_ok=True)
    for module, names in modules.items():
        (FOLDER / f"{module}.json").write_text(_laid_out(names), encoding="utf-8")


def _laid_out(names: Mapping[str, Mapping[str, Any]]) -> str:
    """As JSON, a line for each function and picture."""
    parts = []
    for name, results in names.items():
        lines = [
            f"  {json.dumps(picture)}: {json.dumps(one, separators=(',', ':'))}" for picture, one in results.items()
        ]
        parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    write()
