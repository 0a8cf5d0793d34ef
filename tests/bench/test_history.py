"""The history of throughput: a line a milestone, its plot, and a tree beside an earlier commit."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from bench.speed import growth, history, since, since_work
from bench.speed.history import HistoryError
from bench.speed.paired import Estimate

RATIO = {"median": 11.69, "low": 11.3, "high": 11.9123456, "rounds": 11}
RESULTS = {
    "machine": {"processor": "some processor", "vectors": "AVX2", "versions": {"numpy": "2.0"}},
    "quick": False,
    "rows": [
        {"name": "iteration_1024", "ratio": RATIO, "error": None},
        {"name": "memory", "ratio": None, "error": None},
    ],
}


def test_a_line_says_what_was_measured_where():
    line = history.line_of(RESULTS, "abc", "2026-11-27")
    assert line["commit"] == "abc"
    assert line["vectors"] == "AVX2"
    assert line["ratios"] == {"iteration_1024": {**RATIO, "high": 11.912}}
    assert history.kind_of(line) == "some processor, AVX2"


def test_a_milestone_needs_every_row():
    rows = [{**RESULTS["rows"][0], "error": "no such peer"}]
    with pytest.raises(HistoryError, match="iteration_1024 failed"):
        history.line_of({**RESULTS, "rows": rows}, "abc", "2026-11-27")
    with pytest.raises(HistoryError, match="no ratio"):
        history.line_of({**RESULTS, "rows": RESULTS["rows"][1:]}, "abc", "2026-11-27")


def test_a_line_is_added_to_those_before(tmp_path, monkeypatch):
    answers = {"status": "", "log": "abc 2026-11-27"}
    monkeypatch.setattr(history, "git", lambda *words: answers[words[0]])
    saved, kept = tmp_path / "results.json", tmp_path / "history.jsonl"
    saved.write_text(json.dumps(RESULTS))
    history.add(saved, kept)
    answers["log"] = "def 2026-11-28"
    history.add(saved, kept)
    assert [line["commit"] for line in history.lines(kept)] == ["abc", "def"]
    answers["status"] = " M src/fastspec/decoder.py"
    with pytest.raises(HistoryError, match=r"not as committed: src/fastspec/decoder.py"):
        history.add(saved, kept)
    assert len(history.lines(kept)) == 2


def test_the_kept_history_is_plotted(tmp_path):
    lines = history.lines()
    assert lines
    assert all(set(history.PLOTTED) <= set(line["ratios"]) for line in lines)
    history.plot(lines, tmp_path / "plot.svg")
    assert "<svg" in (tmp_path / "plot.svg").read_text()


class Fake:
    """A process that answers with the seconds that it is given."""

    def __init__(self, **seconds: Any) -> None:
        self.seconds = seconds

    def ask(self, name: str) -> str:
        return str(self.seconds[name])


class FakePair:
    """Pairs of processes, one after another."""

    def __init__(self, *pairs: tuple[Fake, Fake]) -> None:
        self.later = list(pairs)
        self.restart()

    def restart(self) -> None:
        self.sides = self.later.pop(0)


def test_only_what_is_slower_in_every_pair_counts(capsys):
    before = Fake(stft=1.0, istft=1.0, read=1.0)
    pairs = FakePair(
        (before, Fake(stft=1.2, istft=1.2, read=1.01)),
        (before, Fake(stft=1.2, istft=1.0)),
        (before, Fake(stft=1.2)),
    )
    assert since.compare(pairs, ["stft", "istft", "read"], 3) == ["stft"]
    said = capsys.readouterr().out.splitlines()
    assert sum("slower" in line for line in said) == 4
    assert [line.split()[0] for line in said] == ["stft", "istft", "read", "stft", "istft", "stft"]
    assert not pairs.later


def test_nothing_is_measured_again_where_nothing_is_slower():
    pairs = FakePair((Fake(stft=1.0), Fake(stft=0.7)), (Fake(), Fake()))
    assert since.compare(pairs, ["stft"], 3) == []
    assert len(pairs.later) == 1


@pytest.mark.parametrize(("high", "wanted"), [(since.SAME - 0.001, True), (since.SAME + 0.001, False)])
def test_an_interval_must_lie_wholly_below(high, wanted):
    assert since.slower(Estimate(0.5, 0.4, high, 9)) is wanted


def test_what_the_earlier_commit_did_not_know_is_passed_over_and_what_this_tree_cannot_do_is_not(capsys):
    assert since.compare(FakePair((Fake(stft="TypeError: x"), Fake(stft=1.0))), ["stft"], 3) == []
    assert since.compare(FakePair((Fake(stft=1.0), Fake(stft="TypeError: x"))), ["stft"], 3) == ["stft"]
    assert capsys.readouterr().out.count("not compared: stft: TypeError: x") == 2


def test_a_commit_that_is_not_there_is_said(capsys, tmp_path):
    with pytest.raises(HistoryError, match="is not in this clone"):
        since.installed("0" * 40, tmp_path)
    assert since.main(["0" * 40]) == 2
    assert "git rev-parse" in capsys.readouterr().err


def test_a_process_that_ends_is_said(tmp_path, monkeypatch):
    script = tmp_path / "ends.py"
    script.write_text("raise SystemExit(7)")
    monkeypatch.setattr(since, "WORK", script)
    side = since.Side(tmp_path, tmp_path)
    with pytest.raises(HistoryError, match="the process ended with 7 while it was asked for ready"):
        side.ask("ready")
    side.end()


def test_the_works_run_and_an_error_is_an_answer(monkeypatch, capsys):
    def fails() -> None:
        raise ValueError("no such\nthing")

    monkeypatch.setattr(since_work, "works", lambda: {"good": lambda: None, "bad": fails})
    monkeypatch.setattr(sys, "stdin", iter(["ready\n", "good\n", "bad\n"]))
    since_work.main()
    ready, good, bad = capsys.readouterr().out.splitlines()
    assert ready == "ready good bad"
    assert float(good) >= 0
    assert bad == "ValueError: no such thing"


def test_time_and_memory_are_measured_and_plotted(tmp_path):
    found = growth.one(2, 256, 128)
    assert found["ms_a_second"] > 0
    assert found["times_the_magnitudes"] >= 0
    growth.plot([found, {**found, "seconds": 4}], tmp_path / "growth.svg")
    assert "<svg" in (tmp_path / "growth.svg").read_text()
