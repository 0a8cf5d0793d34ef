"""All that is read: pictures, odd things, and what is told beside them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import fastspec
from tests.readings.odd_things import THINGS
from tests.readings.pictures import PICTURES, case
from tests.readings.told import TOLD

CASES: Mapping[str, Callable[[], Any]] = {
    **PICTURES,
    **{f"thing: {name}": case(make) for name, make in THINGS.items()},
    **TOLD,
}


def read(work: Callable[[], Any]) -> Any:
    """What comes of a case: its result, or the sentence of its refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return work()
        except fastspec.FastspecError as error:
            return f"{type(error).__name__}: {error}"


WORKS: Mapping[str, Callable[[], Any]] = {name: partial(read, work) for name, work in CASES.items()}
