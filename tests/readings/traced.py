"""What the functions of the rooms detect and tools return while a picture is read, as plain values.

What is kept for the process is left out with all that it calls: it depends on what was read before.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

import fastspec
from fastspec.calibration.facts import Fact
from fastspec.detect.evidence import Scene

ROOT = Path(fastspec.__file__).parent
ROOMS = ("detect", "tools")
MOST = 4  # different results of a function that are kept
_DIGITS = 4
_SKIPPED = inspect.CO_GENERATOR | inspect.CO_COROUTINE
# What hands on another's result, or hands out memory.
_PASSING_ON = frozenset(
    {"Scene._upright", "asked", "Tool.with_grid", "Tool.with_extent", "_admitting", "_with_dense_frames", "atlas"}
    | {"Evidence.between", "Evidence.of", "_told_by_bar", "ColourSurvey.once", "ColourSurvey.of", "ColourSurvey.at"}
    | {
        "Views.survey",
        "Scene.survey",
        "ColourSurvey.without_grays",
        "direction",
        "_scratch",
        "Scene.hidden",
        "Scene.box",
    }
    | {"Views.area", "Scene.area", "Scene.stored", "Views.once", "Scene.once", "pixels_fact", "_told", "_colours"}
)
_IN_FULL = "Scene.calibration"
_SHORT = 140  # characters that are kept as they are
_LONGEST = 12  # entries of a list or mapping
# A float that a text holds in full, such as `ref` in what is embedded: its last digits hang on the processor.
_WRITTEN_OUT = re.compile(r"-?\d+\.\d{6,}(?:e[-+]?\d+)?|-?\d(?:\.\d{6,})?e[-+]?\d+")


def modules(room: str) -> list[ModuleType]:
    """All modules of a room, or the module that it is."""
    top = importlib.import_module(f"fastspec.{room}")
    inner = pkgutil.walk_packages(top.__path__, f"{top.__name__}.") if hasattr(top, "__path__") else ()
    names = [top.__name__, *(m.name for m in inner)]
    return [importlib.import_module(name) for name in names]


@lru_cache(maxsize=1)
def functions() -> Mapping[CodeType, str]:
    """The code of every function and method of the rooms that keeps no results, and its name."""
    return {function.__code__: name for name, function in callables().items()}


@lru_cache(maxsize=1)
def callables() -> Mapping[str, Callable[..., Any]]:
    """These functions."""
    found: dict[str, Callable[..., Any]] = {}
    for room in ROOMS:
        for module in modules(room):
            owners: list[Any] = [module, *(c for c in vars(module).values() if inspect.isclass(c))]
            for owner in owners:
                for thing in vars(owner).values():
                    plain_one = getattr(thing, "__func__", getattr(thing, "fget", thing))
                    code = getattr(plain_one, "__code__", None)
                    if code is None or getattr(plain_one, "__module__", "") != module.__name__:
                        continue
                    if plain_one.__qualname__ in _PASSING_ON:
                        continue
                    # private functions may change as their authors like: what they give shows in what others return
                    if not code.co_flags & _SKIPPED and not any(map(_is_private, plain_one.__qualname__.split("."))):
                        name = module.__name__.removeprefix("fastspec.")
                        found[f"{name}:{plain_one.__qualname__}"] = plain_one
    return found


def _is_private(name: str) -> bool:
    return name.startswith("_")


def plain(value: Any, depth: int = 0) -> Any:
    """A value as JSON holds it, floats to five digits; of an array its shape, its mean and that of a ramp of it."""
    if value is None or isinstance(value, bool | str | int) or depth > 5:
        return value if value is None or isinstance(value, bool | str | int) else type(value).__name__
    if isinstance(value, np.ndarray):
        return _of_array(value)
    if isinstance(value, float | np.floating):
        return _rounded(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Fact):
        described = (value.value, value.source, value.confidence, value.note, value.alternative, value.follows)
        return [plain(one, depth + 1) for one in described]
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in fields(value) if not f.name.startswith("_") and f.repr}
        named = {name: one for name, one in named.items() if one is not None and not _is_empty(one)}
        return {name: plain(one, depth + 1) for name, one in named.items()}
    if isinstance(value, Mapping):
        return {str(key): plain(one, depth + 1) for key, one in list(value.items())[:_LONGEST]}
    if isinstance(value, frozenset | set):
        return sorted(str(one) for one in value)
    if isinstance(value, tuple | list):
        return [plain(one, depth + 1) for one in value[:_LONGEST]]
    return type(value).__name__


def _rounded(value: Any) -> float:
    return float(f"{float(value):.{_DIGITS}g}")


def _is_empty(value: Any) -> bool:
    return isinstance(value, Mapping | tuple | list | frozenset) and not value


def _of_array(value: np.ndarray) -> Any:
    if value.dtype.kind not in "biuf":
        return [list(value.shape), value.dtype.kind]
    flat = np.nan_to_num(np.asarray(value, np.float64).ravel(), posinf=1e9, neginf=-1e9)
    if flat.size == 0:
        return [list(value.shape)]
    ramp = np.linspace(0.0, 1.0, flat.size)
    return [list(value.shape), _rounded(flat.mean()), _rounded((flat * ramp).mean())]


def trace(work: Callable[[], Any]) -> dict[str, list[Any]]:
    """The different results of each function in the order in which `work` had them."""
    known, kept, found = functions(), keeping(), {}
    seen: dict[str, set[str]] = {}
    within = 0  # functions that keep their results: what they call depends on what was read before

    def watch(frame: FrameType, event: str, result: Any) -> None:
        nonlocal within
        if event not in ("call", "return"):
            return
        if frame.f_code in kept:
            within += 1 if event == "call" else -1
            return
        if event == "call" or within or (name := known.get(frame.f_code)) is None:
            return
        if isinstance(result, Scene):  # all that was known up to there: what each reader added is kept beside it
            return
        results = found.setdefault(name, [])
        if len(results) < MOST:
            one = shortened(plain(result), name)
            key = repr(one)
            if key not in seen.setdefault(name, set()):
                seen[name].add(key)
                results.append(one)

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def keeping() -> frozenset[CodeType]:
    """The code of all functions of the package and of these tests that keep their results for the process."""
    found = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(("fastspec", "tests.readings")):
            for thing in list(vars(module).values()):
                inner = getattr(thing, "__wrapped__", None)
                if hasattr(thing, "cache_info") and hasattr(inner, "__code__"):
                    found.add(inner.__code__)
    return frozenset(found)


def shortened(value: Any, name: str) -> Any:
    """What is long as a sum of its words and two of its numbers; the facts of a picture are kept in full."""
    if name.endswith(_IN_FULL) or len(json.dumps(value)) <= _SHORT:
        return value
    numbers: list[float] = []
    words = zlib.crc32(json.dumps(_words(value, numbers)).encode())
    scaled = np.sign(numbers) * np.log1p(1000 * np.abs(numbers))
    ramp = np.linspace(0.5, 1.0, len(scaled)) if len(scaled) else scaled
    return {
        "words": words,
        "numbers": len(numbers),
        "sum": _rounded(scaled.sum()),
        "ramp": _rounded((ramp * scaled).sum()),
    }


def _words(value: Any, numbers: list[float]) -> Any:
    if isinstance(value, dict):
        return {key: _words(one, numbers) for key, one in value.items()}
    if isinstance(value, list):
        return [_words(one, numbers) for one in value]
    if isinstance(value, float):
        numbers.append(value)
        return None
    if isinstance(value, str):
        numbers.extend(_rounded(written) for written in _WRITTEN_OUT.findall(value))
        return _WRITTEN_OUT.sub("", value)
    return value
