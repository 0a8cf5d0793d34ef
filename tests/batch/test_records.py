"""Which records of a ledger can be used."""

from __future__ import annotations

import pytest

from fastspec.batch.records import fault

DONE = {
    "type": "done",
    "input": "a.png",
    "output": "a.wav",
    "stamp": [3, 4],
    "size": 9,
    "sha256": "0" * 64,
    "beside": {"sounds/a.flac": [5, 6]},
    "doubtful": ["sr"],
    "unsure": [],
    "facts": {"sr": [8000, "given"], "db_range": [[-80, 0], "embedded"]},
}


@pytest.mark.parametrize(
    "record",
    [
        DONE,
        {"type": "done", "input": "a\udcff.png", "output": "a\udcff.wav"},
        {**DONE, "stamp": None, "size": None, "sha256": None},
        {**DONE, "size": 0, "stamp": [0, -1], "more": {"of": "a later release"}},
        {"type": "failed", "input": "a", "output": "b", "code": "picture", "message": 3},
        {"type": "failed", "input": "a", "output": None, "code": "picture"},
        {"type": "skipped", "input": "a", "output": "b"},
        {"type": "run", "config": 3},
        {"type": "of a later release"},
    ],
)
def test_what_can_be_used(record):
    assert fault(record) is None


@pytest.mark.parametrize("record", [None, [], "done", 3, {}, {"type": None}, {"type": ["done"]}])
def test_what_is_no_record(record):
    assert fault(record)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("input", [None, "", 3, {}, [], "a\0b", True]),
        ("output", [None, "", 3, {}, [], "a\0b"]),
        ("stamp", [3, "ab", [], [1], [1, 2, 3], ["a", "b"], [1.5, 2], [-1, 2], [2**63, 0], [1, 2**63], [True, 1]]),
        ("beside", [3, [], {"a.flac": None}, {"a.flac": [1]}, {"": [1, 2]}, {"a\0": [1, 2]}]),
        ("size", ["9", 9.0, -1, 2**63, {}, [], True, float("nan")]),
        ("sha256", [7, "", "0" * 63, "G" * 64, "0" * 64 + "\n", {}]),
        ("code", [7, "", "x" * 65, "a\nb", "\x1b[0m", "\ud800", {}]),
        ("doubtful", ["sr", {"sr": 1}, [1], [["sr"]], 3]),
        ("unsure", ["sr", [None], {}]),
        ("facts", [[], "x", {"sr": 8000}, {"sr": [8000]}, {"sr": [8000, 3]}, {"sr": [{}, "given"]}]),
    ],
)
def test_a_field_of_another_kind_is_named(name, values):
    for value in values:
        told = fault({**DONE, "type": "done", name: value})
        if value is None and name == "output":
            assert told
            continue
        assert told is not None, value
        assert name in told


def test_what_must_be_there_is_missed():
    for name in ("input", "output"):
        assert fault({key: value for key, value in DONE.items() if key != name}) == f"it has no {name}"
    assert fault({"type": "failed", "input": "a"}) == "it has no output"
    deep = []
    for _ in range(10):
        deep = [deep]
    assert fault({**DONE, "facts": {"sr": [deep, "given"]}})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("size", [0, 2**63 - 1]),
        ("stamp", [[0, 0], [2**63 - 1, 2**63 - 1], [5, -(2**63) + 1]]),
        ("code", ["a", "x" * 64, "~ "]),
        ("facts", [{}, {"a": [1, "b", "more"]}, {"a": [[[[1]]], "b"]}, {"a": [None, "b"]}]),
        ("doubtful", [[], ["a", "b"]]),
        ("seen", [[], ["a"]]),
    ],
)
def test_the_last_values_that_can_be_used(name, values):
    for value in values:
        assert fault({**DONE, name: value}) is None, value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", 2**63),
        ("stamp", [0, 2**63]),
        ("stamp", [0, -(2**63)]),
        ("stamp", [0, True]),
        ("stamp", [0, 1.0]),
        ("code", "x" * 65),
        ("facts", {"a": [[[[[1]]]], "b"]}),
        ("facts", {"a": [1]}),
        ("facts", {"a": [1, "b"], "c": (1, "b")}),
        ("seen", ["a", 1]),
        ("input", b"a"),
    ],
)
def test_the_first_that_cannot(name, value):
    wanted = {
        "size": "size of a file", "stamp": "size and time of a file", "code": "code of an error",
        "facts": "table of facts with their sources", "seen": "list of what was seen", "input": "name of a file",
    }  # fmt: skip
    assert fault({**DONE, name: value}) == f"{name} is no {wanted[name]}"


def test_no_output_is_allowed_of_failures_alone():
    for kind in ("done", "skipped"):
        assert fault({"type": kind, "input": "a", "output": None}) == "output is no name of a file"
    assert fault({"type": "failed", "input": None, "output": None}) == "input is no name of a file"
    assert fault(3) == "it is no record"
    assert fault({"input": "a"}) == "it has no type"
