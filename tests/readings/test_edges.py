"""What functions return at the edges of their arguments: of lines of one pixel, numbers a third more, facts unknown."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest

from tests.readings import edges
from tests.readings.golden import EDGES, alike
from tests.readings.traced import callables

MODULES = sorted(path.stem for path in EDGES.glob("*.json"))


@lru_cache(maxsize=1)
def calls():
    """The calls of all functions, by function and picture."""
    kept = {m: json.loads((EDGES / f"{m}.json").read_text(encoding="utf-8")) for m in MODULES}
    pictures = dict.fromkeys(one["picture"] for functions in kept.values() for one in functions.values())
    return kept, edges.calls(list(pictures))


@pytest.mark.parametrize("module", MODULES)
def test_a_function_does_at_its_edges_what_it_did(module):
    kept, every = calls()
    wrong = []
    for name, known in kept[module].items():
        function = f"{module}:{name}"
        if function not in callables():  # it is no longer there
            continue
        call = next((c for c in every.get(function, ()) if c.picture == known["picture"]), None)
        if call is None:
            wrong.append(f"{function} is no longer called for {known['picture']}")
            continue
        now = edges.outcomes(function, call, known)
        wrong += [
            f"{name}, {key}: {one}, now {now.get(key)}"
            for key, one in known.items()
            if key in now and not alike(one, now[key])
        ]
        wrong += [f"{name}, {key}: was {known[key]}, is not tried" for key in known.keys() - now.keys() - {"picture"}]
    assert not wrong, "\n".join(["is that meant? Then: python -m tests.readings.golden", *wrong[:20]])


def test_edges_of_arguments_are_tried():
    assert [value for _, value in edges.varied(10)] == [9, 11, 0, 1, 2, 20, 7]
    assert dict(edges.varied(3.0))["1.33 x"] == 4.0
    assert dict(edges.varied(True)) == {"not": False}
    lines = dict(edges.varied(np.arange(12).reshape(4, 3)))
    assert lines["rows 1"].shape == (1, 3)
    assert lines["columns but the last"].shape == (4, 2)
    assert lines["ends"].tolist()[0] == [0, 0, 0]
    assert ("1 more", (1, 3)) in list(edges.varied((1, 2)))
