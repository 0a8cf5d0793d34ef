"""What a batch came to, as figures and for a reader."""

from __future__ import annotations

import json

from fastspec.batch.shard import Report
from fastspec.batch.summary import Summary


def summary() -> Summary:
    """Five inputs: three done, one of them earlier, one failed, one not begun."""
    made = Summary(inputs=5, done=3, failed=1, open=1, seconds=2.0, ledger="out/ledger")
    made.add(
        Report(
            0,
            [
                {"type": "done", "seconds": 3.0, "remarks": ["a"]},
                {"type": "done", "seconds": 1.0},
                {"type": "done", "kept": True, "seconds": 9.0},
            ],
            {"verify": 0.1, "read": 0.5, "retrieve": 3.0, "write": 0.4},
        )
    )
    made.errors = {"picture": 1}
    made.failures = [("b.png", "picture")]
    return made


def test_rates_are_of_this_run_alone():
    made = summary()
    assert (made.kept, made.remarks, made.sound_seconds) == (1, 1, 4.0)
    assert made.per_second == 1.0
    assert made.slowest == "retrieve"
    told = made.as_dict()
    assert (told["files_per_second"], told["sound_seconds_per_second"], told["slowest_stage"]) == (1.0, 2.0, "retrieve")
    json.dumps(told)


def test_a_reader_is_told_all_that_matters():
    assert summary().lines() == [
        "3 of 5 done (1 of them earlier), 1 failed, 1 not begun",
        "2.0 s: 1.0 files/s, 2 s of sound a second; slowest stage: retrieve (75 %)",
        "1 files have remarks, which are in the ledger",
        "errors: picture 1",
        "  b.png: picture",
    ]


def test_more_failures_than_are_listed_are_counted():
    made = summary()
    made.failed, made.skipped = 12, 2
    assert "2 skipped" in made.lines()[0]
    assert made.lines()[-1] == "  and 11 more; all are in out/ledger"


def test_nothing_done_is_no_division_by_zero():
    made = Summary(inputs=1, failed=1)
    assert made.per_second == 0
    assert made.lines() == ["0 of 1 done, 1 failed"]
    assert made.as_dict()["sound_seconds_per_second"] == 0


def test_each_line_is_there_where_it_has_something_to_say_and_in_this_order():
    made = Summary(inputs=4, done=2, failed=2, seconds=4.0, ledger="out/ledger", repeated=1, unusable=3)
    made.first_unusable, made.replanned, made.outcome = "line 7: it is no JSON", "plans differ", "incomplete"
    made.add(Report(0, [{"type": "done", "seconds": 6.0, "remarks": ["a"]}], {"read": 1.0, "write": 3.0}))
    made.add(Report(1, [{"type": "done", "seconds": 6.0}, {"type": "failed", "remarks": ["b"]}], {"write": 4.0}))
    made.count_doubts([(["sr"], 1), (["sr", "duration"], 1)])
    made.errors, made.failures = {"picture": 1, "output": 1}, [("b.png", "picture"), ("c.png", "output")]
    assert made.lines() == [
        "2 of 4 done, 2 failed",
        "4.0 s: 0.5 files/s, 3 s of sound a second; slowest stage: write (88 %)",
        "2 of 2 outputs are doubtful, as what they hang on was only assumed (sr 2, duration 1): see out/ledger",
        "1 inputs were named more than once and are converted once",
        "3 lines of the ledger are no usable records and were ignored (line 7: it is no JSON): see out/ledger",
        "plans differ",
        "2 files have remarks, which are in the ledger",
        "errors: picture 1, output 1",
        "  b.png: picture",
        "  c.png: output",
    ]
    made.count_doubts([(["sr"], 1)])  # counted anew, not on top
    made.facts_out = "used.csv"
    assert made.lines()[2] == ("1 of 2 outputs is doubtful, as what they hang on was only assumed (sr 1): see used.csv")
    assert made.stages == {"verify": 0.0, "read": 1.0, "retrieve": 0.0, "write": 7.0}


def test_what_is_reported_is_all_of_it():
    told = summary().as_dict()
    assert told["files_per_second"] == 1.0
    made = Summary(inputs=3, done=3, seconds=7.0, sound_seconds=1.0)
    assert made.as_dict()["files_per_second"] == 0.429
    assert made.as_dict()["sound_seconds_per_second"] == 0.143
    assert told.keys() - vars(made).keys() == {"files_per_second", "sound_seconds_per_second", "slowest_stage"}
    assert vars(made).keys() <= told.keys()


def test_a_summary_begins_with_nothing():
    nothing = vars(Summary())
    stages = {"verify": 0.0, "read": 0.0, "retrieve": 0.0, "write": 0.0}
    assert {name: value for name, value in nothing.items() if value} == {"outcome": "complete", "stages": stages}
    assert Summary().lines() == ["0 of 0 done, 0 failed"]
    assert Report(3) == Report(3, [], stages)
    one, other = Report(0), Report(0)
    one.records.append({})
    assert other.records == []
