"""How surely labels tell what they tell."""

from __future__ import annotations

import pytest

from fastspec.detect.figure.axis_fit import Fit, Tick
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.ticks import Side


@pytest.mark.parametrize(
    ("used", "doubt", "misfit", "labels", "sure"),
    [
        (5, 0.0, 0.0, 5, 0.9),
        (3, 0.0, 0.0, 3, 0.9),
        (2, 0.0, 0.0, 2, 0.55),
        (5, 0.19, 0.0, 5, 0.9),
        (5, 0.21, 0.0, 5, 0.9 * 0.6),
        (5, 0.0, 0.49, 5, 0.9),
        (5, 0.0, 0.51, 5, 0.9 * 0.85),
        (4, 0.0, 0.0, 5, 0.9 * (0.7 + 0.3 * 0.8)),
    ],
)
def test_few_blurred_and_contradicting_labels_are_less_sure(used, doubt, misfit, labels, sure):
    side = Side(ticks=(Tick(0.0, 0.0, ""),) * (labels - 1), unread=1, doubt=doubt)
    assert trust(Fit("linear", 0.0, 1.0, misfit, used), side) == pytest.approx(sure)


def test_what_depends_on_unclear_ends_is_weakened():
    findings = Findings()
    findings.add("duration", 3.0, 0.9, "labels")
    findings.add("sr", 22050, 0.4, "labels")
    findings.add("db_range", (-80.0, 0.0), 0.9, "labels")
    findings.weaken("the view may reach beyond")
    assert {name: fact.confidence for name, fact in findings.facts.items()} == {
        "duration": 0.5, "sr": 0.4, "db_range": 0.9,
    }  # fmt: skip
    assert findings.facts["duration"].note == "labels; the view may reach beyond"


@pytest.mark.parametrize(("name", "value", "kept"), [
    ("db_range", (-80.0, 0.0), True),
    ("db_range", (-1720.1, 940.1), False),  # the numbers of cepstral coefficients
    ("db_range", (3.0, 3.0), False),
    ("duration", float("inf"), False),
    ("sr", 10**12, False),
])  # fmt: skip
@pytest.mark.parametrize("how", ["add", "assume"])
def test_what_cannot_be_is_said_and_not_stated(how, name, value, kept):
    """It ended inspect with an error about an option that nobody had given."""
    found = Findings()
    getattr(found, how)(name, value, 0.9, "labels")
    assert (name in found.facts) == kept
    assert kept != any(f"--{name.replace('_', '-')}" in remark and "was left out" in remark for remark in found.remarks)
    if name == "duration":
        found.doubt(name, "it is long")
