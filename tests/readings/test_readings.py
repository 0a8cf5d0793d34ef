"""What the public functions of detect and tools return of some 320 small pictures.

Nothing that a reader measures, concludes or says changes unseen. A change that is meant is reviewed as the diff of
`python -m tests.readings.golden`.
"""

from __future__ import annotations

import pytest

from tests.readings.cases import WORKS
from tests.readings.golden import alike, differences, known, read
from tests.readings.traced import functions, trace


@pytest.mark.parametrize("name", WORKS)
def test_a_picture_is_read_as_it_was(name):
    found = differences(read(name), trace(WORKS[name]))
    assert not found, "\n".join([f"{name}: is that meant? Then: python -m tests.readings.golden", *found[:20]])


def test_nearly_all_functions_are_called_for_some_picture():
    never = set(functions().values()) - known().keys()
    assert len(never) < 0.3 * len(functions()), "\n".join(sorted(never))


def test_numbers_are_alike_that_differ_by_rounding():
    assert alike([1.0, {"a": 2}], [1.0005, {"a": 2}])
    assert not alike([1.0], [1.01])
    assert not alike(True, 1)
    assert not alike({"a": None}, {"a": 0})
