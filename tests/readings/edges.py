"""What the functions of detect and tools return at the edges of what they are called with.

Each is called as it was for some picture, and then with one argument changed: a number a little less or more, 0 or 1,
an array cut to one line, to two, by one, turned over, of one value, a fact unknown. `python -m tests.readings.golden`
keeps what came of it.
"""

from __future__ import annotations

import copy
import inspect
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from fastspec.calibration.calibration import Calibration
from fastspec.detect.evidence import Scene
from tests.readings.cases import WORKS
from tests.readings.traced import callables, functions, keeping, modules, plain, shortened

_OF_ANY_NUMBER = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS  # of arguments
_READ_WITH = ("axes", "calibration", "colours", "detect", "kernels", "picture", "plot", "tools", "transform")
REFUSED, SAME = "refused", "="
_LARGEST = 200_000  # entries of an array that is kept
_SLOWEST = 0.03  # s that a call may take
_MOST_FACTS = 12


class Call(NamedTuple):
    """A call of a function: of which picture, and with which arguments."""

    picture: str
    arguments: Mapping[str, Any]
    positional: int  # the first so many are given by place


def calls(pictures: list[str]) -> dict[str, list[Call]]:
    """One call of each function for each of some pictures."""
    known, kept = functions(), keeping()
    found: dict[str, list[Call]] = {}
    for picture in pictures:
        within = 0  # functions that keep their results: what they call depends on what was read before

        def watch(frame: FrameType, event: str, _: Any, picture: str = picture) -> None:
            nonlocal within
            code = frame.f_code
            if code in kept and event in ("call", "return"):
                within += 1 if event == "call" else -1
            name = known.get(code) if event == "call" and not within else None
            if name is None or (name in found and found[name][-1].picture == picture):
                return
            if code.co_flags & _OF_ANY_NUMBER:
                return
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            values = {name: frame.f_locals[name] for name in names}
            if all(not isinstance(one, np.ndarray) or one.size <= _LARGEST for one in values.values()):
                arguments = {name: _copied(one) for name, one in values.items()}
                found.setdefault(name, []).append(Call(picture, arguments, code.co_argcount))

        sys.setprofile(watch)
        try:
            WORKS[picture]()
        finally:
            sys.setprofile(None)
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return copy.copy(value) if isinstance(value, list | dict | set) else value


def varied(value: Any) -> Iterator[tuple[str, Any]]:
    """Other values of an argument, each with what it is called."""
    if isinstance(value, bool | np.bool_):
        yield "not", not value
    elif isinstance(value, int | np.integer):
        yield from (("less", value - 1), ("more", value + 1), ("0", 0), ("1", 1), ("2", 2), ("twice", 2 * value))
        yield "3/4", value * 3 // 4
    elif isinstance(value, float | np.floating):
        for factor in (0.5, 0.75, 0.9, 1.1, 4 / 3, 2.0, 0.0, -1.0):
            yield f"{factor:.3g} x", type(value)(value * factor)
    elif isinstance(value, str):
        yield "no text", ""
    elif isinstance(value, np.ndarray):
        yield from _of_array(value)
    else:
        yield from _of_several(value)


def _of_several(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Calibration):
        for name in list(value.facts)[:_MOST_FACTS]:
            yield f"without {name}", value.without(name)
    elif isinstance(value, Scene):
        for name, known in varied(value.known):
            yield name, replace(value, known=known)
    elif isinstance(value, tuple):
        for k, one in enumerate(value[:5]):
            for name, other in varied(one):
                whole = (*value[:k], other, *value[k + 1 :])
                yield f"{k} {name}", type(value)(*whole) if hasattr(value, "_fields") else whole
    elif isinstance(value, list):
        yield from (("none", []), ("first", value[:1]), ("all but one", value[:-1]), ("backwards", value[::-1]))
        if value:
            for name, other in varied(value[0]):
                yield f"first {name}", [other, *value[1:]]


def _of_array(value: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    for name, part in (("1", slice(1)), ("2", slice(2)), ("3", slice(3)), ("but the last", slice(-1))):
        yield f"rows {name}", value[part].copy()
    yield "rows but the first", value[1:].copy()
    yield "rows backwards", value[::-1].copy()
    yield "every second row", value[::2].copy()
    yield "half the rows", value[: len(value) // 2].copy() if value.ndim else value
    if value.ndim > 1:
        yield "columns 1", value[:, :1].copy()
        yield "columns 2", value[:, :2].copy()
        yield "columns but the last", value[:, :-1].copy()
        yield "half the columns", value[:, : value.shape[1] // 2].copy()
    yield "zeros", np.zeros_like(value)
    if value.dtype.kind == "b":
        yield "not", ~value
    elif value.dtype.kind in "iuf" and value.size:
        yield "ends", np.where(value > np.median(value), value.max(), value.min()).astype(value.dtype)
        for factor in (0.5, 0.75, 0.9):
            yield f"{factor} x", (value * factor).astype(value.dtype)
        if value.dtype.kind == "f":
            yield "4/3 x", (value * (4 / 3)).astype(value.dtype)


@lru_cache(maxsize=1)
def compiled() -> frozenset[str]:
    """The names of functions that may call compiled code, which trusts the shapes that it is given."""
    for room in _READ_WITH:  # the same, whatever was imported before
        modules(room)
    calls: dict[str, set[str]] = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(tuple(f"fastspec.{room}" for room in _READ_WITH if room != "kernels")):
            owners = [module, *(c for c in vars(module).values() if isinstance(c, type) and c.__module__ == name)]
            for owner in owners:
                for thing in list(vars(owner).values()):
                    inner = getattr(thing, "__wrapped__", getattr(thing, "__func__", getattr(thing, "fget", thing)))
                    code = getattr(inner, "__code__", None)
                    if isinstance(code, CodeType):
                        calls.setdefault(code.co_name, set()).update(_names(code))
    kernels = {name for name, module in sys.modules.items() if name.startswith("fastspec.kernels")}
    found = {thing for name in kernels for thing in vars(sys.modules[name])} | kernels | {"kernels"}
    found = {name for name in found if not name.startswith("__")} - {"np", "annotations", "NDArray", "Any"}
    while new := {name for name, used in calls.items() if name not in found and used & found}:
        found |= new
    return frozenset(found)


def _names(code: CodeType) -> set[str]:
    inner = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inner)


def result(function: Callable[..., Any], call: Call, name: str, other: Any) -> Any:
    """What a function returns with one argument changed; "refused" where it raises."""
    arguments = {key: _copied(one) for key, one in call.arguments.items()}
    if name:
        arguments[name] = other
    given = list(arguments.values())
    rest = dict(list(arguments.items())[call.positional :])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = function(*given[: call.positional], **rest)
            return json.loads(json.dumps(shortened(plain(found), "")))
        except Exception:
            return REFUSED


def outcomes(function: str, call: Call, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What comes of a call and of its variations: of those that are known, or of all that are quick."""
    work = callables()[function]
    plainly = result(work, call, "", None)
    found = {"as is": plainly}
    trusts = work.__code__.co_name in compiled()
    for name, value in call.arguments.items():
        for how, other in varied(value):
            key = f"{name}: {how}"
            trusted = not trusts or isinstance(other, bool | Calibration | Scene)
            if (known is not None and key not in known) or not trusted:
                continue
            clock = time.process_time()
            one = result(work, call, name, other)
            if known is not None or time.process_time() - clock < _SLOWEST:
                found[key] = SAME if one == plainly else one
    return found


@lru_cache(maxsize=1)
def covering_pictures() -> list[str]:
    """Pictures for which together each function that is called for any is called for one, or two."""
    from tests.readings.golden import known

    left = dict.fromkeys(known(), 1)
    chosen = []
    for picture in WORKS:
        if picture.startswith(("levels", "drawn", "data", "riffusion")):
            continue
        new = [f for f, results in known().items() if left[f] and results.get(picture, results["else"]) is not None]
        if new:
            chosen.append(picture)
            for function in new:
                left[function] -= 1
    return chosen
