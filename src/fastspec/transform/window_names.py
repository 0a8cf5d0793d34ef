"""Windows with parameters as one text, "tukey:0.25", which travels in facts, options and tables."""

from __future__ import annotations

import math
import reprlib
from typing import Any

import numpy as np

from fastspec.errors import ParameterError

_WORDS: dict[str, Any] = {"none": None, "true": True, "false": False}  # parameters that are no numbers


def parsed(text: str) -> tuple[Any, ...]:
    """Name and parameters of a window that is given as one text: "tukey:0.25", "general_gaussian:1.5,100", "8.6".

    Raises ParameterError for parameters that are no numbers.

    >>> parsed("tukey:0.25")
    ('tukey', 0.25)
    """
    name, colon, rest = text.partition(":")
    if not colon:
        beta = _number(text)
        return (text,) if math.isnan(beta) else ("kaiser", beta)
    parameters = [_parameter(word.strip().lower(), text) for word in rest.split(",")]
    if name.strip().removesuffix("_symmetric").removesuffix("_periodic") in ("general_cosine", "general cosine"):
        return name.strip(), parameters
    return name.strip(), *parameters


def as_text(spec: Any) -> str:
    """The text that `parsed` takes for this window; ParameterError for samples and functions, which have none.

    >>> as_text(("gaussian", 100))
    'gaussian:100'
    """
    if isinstance(spec, str):
        return spec
    if isinstance(spec, (int, float, np.number)) and not isinstance(spec, bool):
        return f"kaiser:{_parameter_text(spec)}"
    if not isinstance(spec, (tuple, list)) or not spec or not isinstance(spec[0], str):
        raise ParameterError(f"window {reprlib.repr(spec)} has no name; give one such as 'hann' or ('tukey', 0.25)")
    name, rest = str(spec[0]), spec[1:]
    parameters = rest[0] if len(rest) == 1 and isinstance(rest[0], (list, tuple, np.ndarray)) else rest
    if not len(parameters):
        return name
    return f"{name}:{','.join(map(_parameter_text, parameters))}"


def _parameter(word: str, text: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    try:
        return int(word)
    except ValueError:
        number = _number(word)
    if not math.isfinite(number):
        raise ParameterError(f"window {text!r} has {word!r} for a parameter; give numbers, as in 'tukey:0.25'")
    return number


def _parameter_text(value: Any) -> str:
    for word, meaning in _WORDS.items():
        if value is meaning:
            return word
    number = _number(value)
    if not math.isfinite(number):
        raise ParameterError(f"{value!r} is no parameter of a window; give numbers, as in ('tukey', 0.25)")
    return str(int(number)) if number == int(number) else repr(number)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
