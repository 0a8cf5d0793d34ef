"""Which readings of a picture are close: those of facts that hang together, and alternatives of single ones."""

from __future__ import annotations

import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.calibration.readings import LIMITS, readings

JOINT = [
    {"facts": {"cmap": "gray", "origin": "lower"}, "probability": 0.5},
    {"facts": {"cmap": "gray_r", "origin": "upper"}, "probability": 0.3},
    {"facts": {"cmap": "gray", "origin": "upper"}, "probability": 0.2},
]
SEEN = {"cmap": Fact("gray", "pixels", 0.7), "origin": Fact("lower", "assumed", 0.5, alternative="upper")}


def open_edges(confidence=0.75, source="pixels"):
    return Fact("librosa>=0.9", source, confidence, alternative="bins")


def test_where_nothing_is_open_there_is_one_reading_without_facts():
    assert readings(Calibration({"sr": Fact(8000)})) == (({}, 1.0),)


def test_facts_that_hang_together_stay_together():
    found = readings(Calibration(SEEN).described(readings=JOINT))
    assert [each.facts for each in found] == [each["facts"] for each in JOINT]
    assert [each.probability for each in found] == [0.5, 0.3, 0.2]


def test_the_stated_reading_is_first():
    stated = {**SEEN, "cmap": Fact("gray_r", "pixels", 0.5), "origin": Fact("upper", "pixels", 0.5)}
    found = readings(Calibration(stated).described(readings=JOINT))
    assert [each.probability for each in found] == [0.3, 0.5, 0.2]


@pytest.mark.parametrize("source", ["given", "embedded"])
def test_what_somebody_knows_is_not_open(source):
    known = {**SEEN, "origin": Fact("upper", source)}
    found = readings(Calibration(known).described(readings=JOINT))
    assert [each.facts for each in found] == [JOINT[2]["facts"], JOINT[1]["facts"]]
    alone = Calibration({"freq_edges": open_edges(0.75, source)})
    assert readings(alone) == (({}, 1.0),)


def test_a_single_fact_has_its_alternative_beside_the_stated_reading():
    edges = open_edges()
    found = readings(Calibration({**SEEN, "freq_edges": edges}).described(readings=JOINT[:2]))
    assert [each.facts["freq_edges"] for each in found] == [edges.value, edges.value, edges.alternative]
    assert found[2].facts == {**JOINT[0]["facts"], "freq_edges": edges.alternative}
    assert [round(each.probability, 4) for each in found] == [0.375, 0.225, 0.125]


def test_a_fact_that_is_sure_is_not_open():
    assert len(readings(Calibration({"freq_edges": open_edges(LIMITS.sure - 0.01)}))) == 2
    assert len(readings(Calibration({"freq_edges": open_edges(LIMITS.sure)}))) == 1


def test_there_are_no_more_than_can_be_heard():
    many = [{"facts": {"sr": 8000 + n}, "probability": 0.05} for n in range(20)]
    found = readings(Calibration({"sr": Fact(8000, "pixels", 0.05)}).described(readings=many))
    assert len(found) == LIMITS.most
    assert found[0].facts == {"sr": 8000}
