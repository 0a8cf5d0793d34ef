"""All that is read: pictures, odd things, and what is told beside them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import fastspec
from fastspec.transform import fft
from tests.readings.odd_things import THINGS
from tests.readings.pictures import PICTURES, case
from tests.readings.told import TOLD

CASES: Mapping[str, Callable[[], Any]] = {
    **PICTURES,
    **{f"thing: {name}": case(make) for name, make in THINGS.items()},
    **TOLD,
}


@contextmanager
def _numpys_fft() -> Iterator[None]:
    before, fft._backend = fft._backend, "numpy"
    try:
        yield
    finally:
        fft._backend = before


def read(work: Callable[[], Any]) -> Any:
    """What comes of a case: its result, or the sentence of its refusal.

    Pictures are drawn with NumPy's FFT: FFTW times its plans, and others round a level here and there otherwise.
    """
    with warnings.catch_warnings(), _numpys_fft():
        warnings.simplefilter("ignore")
        try:
            return work()
        except fastspec.FastspecError as error:
            return f"{type(error).__name__}: {error}"


WORKS: Mapping[str, Callable[[], Any]] = {name: partial(read, work) for name, work in CASES.items()}
