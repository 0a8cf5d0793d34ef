"""Levels whose ends are stated in another unit than decibels: `level_range` and `level_unit` become facts.

Natural and decimal logarithms are decibels in another unit. How many decibels one of them is hangs on what was taken
the logarithm of: power, as `np.log(Sxx)` of SciPy's spectrogram, or amplitude, as `np.log(np.abs(D))`. `level_kind`
says which; where it does not, power is assumed, and a remark says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, check_fact
from fastspec.errors import ParameterError, listed

UNITS = ("dB", "ln", "log10", "linear")
_PER_LOG10 = {"power": 10.0, "amplitude": 20.0}  # decibels
_LOG10 = {"ln": math.log10(math.e), "log10": 1.0}  # decades that one unit is
_LINEAR = ("amplitude", "power", "power_law")
_ENDS = 2


class Limits(NamedTuple):
    """What is taken for equal, which is of our own making, and how sure a guess is."""

    zero: float = 1 / 512  # of the highest value: half of one of 256 levels, which nobody can see
    same_db: float = 0.01  # decibels between two statements of one range: people round them
    of_power: float = 0.4  # that a logarithm is of power where nobody says so, 0..1; unmeasured


LIMITS = Limits()


def calibration(given: Mapping[str, Any]) -> Calibration:
    """`as_facts` as a Calibration: facts are given, but for a range of decibels that hangs on a guess."""
    facts, remarks = as_facts(given)
    _check_ranges(facts)
    cal = Calibration.of("given", **facts).remarked(*remarks)
    if not remarks or given.get("db_range") is not None:
        return cal
    note = f"if level_unit {given['level_unit']} is of power"
    return cal.updated("assumed", LIMITS.of_power, note, db_range=cal["db_range"])


def _check_ranges(facts: Mapping[str, Any]) -> None:
    """Raise ParameterError with the remedy for a value that its fact cannot have."""
    for name in facts.keys() & FACTS.keys():
        if facts[name] is None:
            continue
        try:
            check_fact(name, facts[name])
        except ParameterError as error:
            option = name.replace("_", "-")
            raise ParameterError(f"{error}; correct it, or leave it out (--{option})") from None


def as_facts(given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(facts, remarks): what is given, with db_range and level_kind instead of level_range and level_unit.

    given : facts by name and, besides, level_range (lo, hi), the values at the lowest and highest colour, and
    level_unit, "dB", "ln", "log10" or "linear", in capitals or not. Values of None are not given. With "ln" and
    "log10", level_kind "power" or "amplitude" says what the logarithm was taken of. With "linear", level_kind must say
    what the values are; the highest one only scales the sound, whose loudness stays unknown.

    Raises ParameterError where one of the two is missing, where they contradict db_range or level_kind, and for a
    linear range that does not begin at 0.

    level_exponent rules over level_kind: a quarter of "amplitude", or of nothing said, is power_law .25, and of "power"
    .5. Raises ParameterError where level_kind is "db", which has no exponent.
    """
    facts = _with_exponent(given)
    ends, unit = facts.pop("level_range", None), facts.pop("level_unit", None)
    if ends is None and unit is None:
        return facts, ()
    if ends is None:
        raise ParameterError(f"level_unit={unit!r} needs a range; give --level-range LO HI")
    lo, hi = _checked(ends)
    unit = _unit(unit, (lo, hi))
    kind = facts.get("level_kind")
    if unit == "linear":
        _check_linear(lo, hi, kind, facts.get("db_range"))
        return facts, ()
    remarks: tuple[str, ...] = ()
    per_unit = 1.0
    if unit == "dB":
        if kind not in (None, "db"):
            raise ParameterError(f"level_unit='dB' contradicts level_kind={kind!r}; leave --level-kind out")
    else:
        if kind not in (None, *_PER_LOG10):
            raise ParameterError(
                f"level_kind={kind!r} does not say what level_unit={unit!r} is the logarithm of; give --level-kind "
                "power or amplitude"
            )
        per_unit = _LOG10[unit] * _PER_LOG10[kind or "power"]
        if kind is None:
            remarks = (
                f"level_unit {unit} is assumed to be the logarithm of power, so that {lo:g} .. {hi:g} are "
                f"{lo * per_unit:.4g} .. {hi * per_unit:.4g} dB; give --level-kind amplitude for twice as many",
            )
    decibels = (lo * per_unit, hi * per_unit)
    _check_same(decibels, facts.get("db_range"), f"level_range={lo:g} .. {hi:g} {unit}")
    return {**facts, "db_range": decibels, "level_kind": "db"}, remarks


def _with_exponent(given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, with level_kind power_law where an exponent is given of amplitude, of power, or of nothing said."""
    kind, exponent = given.get("level_kind"), given.get("level_exponent")
    plain: dict[Any, tuple[float, ...]] = {
        "amplitude": (1.0,),
        "power": (1.0, 2.0),
    }  # exponents that say no more than the kind does
    if (
        not isinstance(exponent, int | float)
        or exponent is True
        or kind not in (None, "db", *plain)
        or exponent in plain.get(kind, ())
    ):
        return dict(given)
    if kind == "db":
        if exponent == 1:
            return dict(given)
        raise ParameterError(f"level_exponent={exponent:g} says nothing of decibels; give --level-kind power_law")
    if kind is None and given.get("level_range") is not None and str(given.get("level_unit")).lower() != "linear":
        return dict(given)  # a logarithm
    return {**given, "level_kind": "power_law", "level_exponent": exponent * (2.0 if kind == "power" else 1.0)}


def checked(name: str, value: Any) -> Any:
    """level_range or level_unit as this module takes it. Raises ParameterError for what is none."""
    return list(_checked(value)) if name == "level_range" else _unit(value, (0.0, 0.0))


def _checked(ends: Any) -> tuple[float, float]:
    """The range as two numbers."""
    wrong = ParameterError(f"level_range={ends!r} is no range; give two numbers, LO below HI")
    if isinstance(ends, str):
        raise wrong
    try:
        values = tuple(float(end) for end in ends)
    except (TypeError, ValueError):
        raise wrong from None
    if len(values) != _ENDS or not all(map(math.isfinite, values)) or not values[0] < values[1]:
        raise wrong
    return values[0], values[1]


def _unit(unit: Any, ends: tuple[float, float]) -> str:
    """The unit as this module writes it."""
    if unit is None:
        raise ParameterError(f"level_range={ends[0]:g} .. {ends[1]:g} has no unit; give --level-unit {listed(UNITS)}")
    for known in UNITS:
        if str(unit).lower() == known.lower():
            return known
    raise ParameterError(f"level_unit={unit!r} is unknown; use one of {', '.join(UNITS)}")


def _check_linear(lo: float, hi: float, kind: Any, db_range: Any) -> None:
    """Raise ParameterError where linear values cannot be read."""
    if kind not in _LINEAR:
        said = "nothing says what the values are" if kind is None else f"it contradicts level_kind={kind!r}"
        raise ParameterError(f"level_unit='linear': {said}; give --level-kind amplitude, power or power_law")
    if db_range is not None:
        raise ParameterError(f"level_unit='linear' contradicts db_range={db_range}; leave one of them out")
    if not hi > 0 or abs(lo) > LIMITS.zero * hi:
        raise ParameterError(
            f"level_range={lo:g} .. {hi:g} linear does not begin at 0, which cannot be read; give --level-range 0 HI "
            "if the lowest colour is silence"
        )


def _check_same(decibels: tuple[float, float], db_range: Any, said: str) -> None:
    """Raise ParameterError where a range that was given in decibels as well is another."""
    if db_range is None:
        return
    try:
        same = all(abs(a - float(b)) <= LIMITS.same_db for a, b in zip(decibels, db_range, strict=True))
    except (TypeError, ValueError):
        return  # no range at all: the check of facts says so
    if not same:
        raise ParameterError(
            f"{said} is {decibels[0]:.4g} .. {decibels[1]:.4g} dB, which contradicts db_range={db_range}; leave one of "
            "them out"
        )
