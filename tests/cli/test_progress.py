"""How files that are converted before the user's eyes show: lines, a bar, or JSON; failures and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fastspec.batch.inputs import Item
from fastspec.batch.summary import Summary
from fastspec.cli import exit_codes, garbage, progress
from fastspec.errors import CalibrationError, ParameterError, PictureError

ITEMS = [Item(Path(f"{name}.png"), Path(f"{name}.wav")) for name in "abc"]
DONE = {"type": "done", "input": "a.png", "output": "a.wav", "seconds": 1.5, "sr": 8000}
DRAWN = {"type": "done", "input": "a.wav", "output": "a.png", "seconds": 1.5, "sr": 8000, "pixels": [63, 129]}
FAILED = {"type": "failed", "input": "b.png", "output": "b.wav", "code": "picture", "message": "no picture"}
BATCH = SimpleNamespace(folder="out", summary=Summary(inputs=3))


def test_all_are_converted_and_the_failures_listed_at_the_end(capsys):
    def convert(item):
        if item.source.stem == "b":
            raise PictureError("no picture")
        return str(item.target)

    assert progress.run_items(ITEMS, convert, "picture") == exit_codes.PARTIAL
    out, err = capsys.readouterr()
    assert out.split() == ["a.wav", "c.wav"]
    assert err.splitlines() == [
        "failed: b.png: no picture",
        "2 of 3 done, 1 failed:",
        "  b.png: picture",
    ]


def test_an_unforeseen_error_of_one_file_does_not_keep_the_others_from_being_read(capsys):
    def convert(item):
        if item.source.stem == "a":
            raise IndexError("out of bounds")
        return str(item.target)

    assert progress.run_items(ITEMS, convert, "picture") == exit_codes.PARTIAL
    out, err = capsys.readouterr()
    assert out.split() == ["b.wav", "c.wav"]
    assert err.splitlines()[0] == "failed: a.png: IndexError: out of bounds"
    assert err.splitlines()[-1] == "  a.png: internal"


@pytest.mark.parametrize("error", [BrokenPipeError(), KeyboardInterrupt()])
def test_who_went_away_is_not_worked_for(error):
    def convert(_):
        raise error

    with pytest.raises(type(error)):
        progress.run_items(ITEMS, convert, "picture")


def test_one_file_fails_with_its_own_error(capsys):
    def convert(_):
        raise PictureError("no picture")

    with pytest.raises(PictureError):
        progress.run_items(ITEMS[:1], convert, "picture")

    def contradict(_):
        raise CalibrationError("does not fit")

    # it is the file that the options do not fit, so it is no wrong usage
    assert progress.run_items(ITEMS[:1], contradict, "picture") == exit_codes.FATAL
    assert "a.png: does not fit" in capsys.readouterr().err
    assert progress.run_items(ITEMS[:1], lambda item: "", "picture") == exit_codes.DONE
    assert capsys.readouterr().out == ""


def test_options_of_batches_are_refused_where_there_is_none():
    progress.refuse({"jobs": 2, "resume": False, "on_error": "continue", "engine": "threads", "report": None})
    for name, value in {"resume": True, "on_error": "stop", "engine": "dask", "shard_size": 3}.items():
        with pytest.raises(ParameterError, match=f"--{name.replace('_', '-')}"):
            progress.refuse({name: value})


def test_lines_for_people(capsys):
    show = progress._Plain()
    for record in (DONE, DRAWN, {**DONE, "kept": True}, FAILED):
        show.record(record, BATCH)
    out, err = capsys.readouterr()
    assert [line.split("\t")[1:] for line in out.splitlines()] == [["1.50 s", "8000 Hz"], ["63 x 129"]]
    assert err == "failed: b.png: no picture\n"
    assert (show.ended, show.kept, show.failed) == (4, 1, 1)


def test_progress_is_told_now_and_then(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    show = progress._Plain()
    show.record(DONE, BATCH)
    assert capsys.readouterr().err == ""
    now[0] = 120.0
    show.record(FAILED, BATCH)
    assert capsys.readouterr().err.splitlines()[-1] == "2 of 3, 0.1 a second, 1 failed, about 10 s left"


def test_json_is_a_line_each(capsys):
    show = progress._Json()
    show.record(DONE, BATCH)
    show.record(FAILED, BATCH)
    show.say("a message")
    show.end(Summary(inputs=3, done=1, failed=1))
    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [DONE, FAILED]
    said, summary = (json.loads(line) for line in err.splitlines())
    assert said == {"type": "message", "text": "a message"}
    assert (summary["type"], summary["inputs"], summary["failed"]) == ("summary", 3, 1)


def test_a_bar_shows_failures_above_itself(capsys):
    show = progress._Bar("picture")
    show.record(DONE, BATCH)
    show.record(FAILED, BATCH)
    show.close()
    out, err = capsys.readouterr()
    assert "a.wav" in out  # standard output is no terminal here
    assert "failed: b.png: no picture" in err
    assert "2/3" in err


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (7325, "2 h 2 min")]
)
def test_durations(seconds, text):
    assert progress._duration(seconds) == text


class Batch:
    """A batch of these records, and what was done with it."""

    folder, interrupted, in_flight = "out", False, 0

    def __init__(self, *records, error=None, **figures):
        self.records, self.error = records, error
        self.summary = Summary(inputs=len(records), seconds=2.0, **figures)

    def __iter__(self):
        yield from self.records
        if self.error is not None:
            raise self.error

    def dry_run(self):
        for record in self.records:
            yield SimpleNamespace(source=record["input"], name=record["output"])


OPTIONS = {"dry_run": False, "log_json": False, "report": None, "jobs": 3}


@pytest.fixture
def loaded(monkeypatch):
    """How often all was said to be loaded."""
    found = []
    monkeypatch.setattr(garbage, "all_is_loaded", lambda: found.append(1))
    return found


def batch_of(batch, **options):
    made = []

    def make(**named):
        made.append(named)
        return batch

    return progress.run_batch(make, {**OPTIONS, **options}, "picture"), made


def test_a_batch_says_how_it_goes_and_what_to_do_next(capsys, loaded):
    code, made = batch_of(Batch(DONE, FAILED, DRAWN, done=2, failed=1))
    assert made == [{"jobs": 3}]
    assert code == exit_codes.PARTIAL
    assert loaded == [1]
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert err.splitlines()[0] == "failed: b.png: no picture"
    assert err.splitlines()[-1] == "run the same command with --retry-failed to try them again"
    assert batch_of(Batch(DONE, done=1))[0] == exit_codes.DONE
    assert "run the same" not in capsys.readouterr().err
    assert batch_of(Batch(FAILED, failed=1, outcome="interrupted"))[0] == exit_codes.INTERRUPTED
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "interrupted; run the same command with --resume to go on"
    assert not any("--retry-failed" in line for line in said)


def test_a_dry_run_only_lists(capsys, loaded):
    batch = Batch(DONE, DRAWN)
    assert batch_of(batch, dry_run=True)[0] == exit_codes.DONE
    out, err = capsys.readouterr()
    assert [line.split("\t") for line in out.splitlines()] == [["a.png", "out/a.wav"], ["a.wav", "out/a.png"]]
    assert (err, loaded) == ("", [])
    batch = Batch(DONE, failed=1, failures=[("in/x", "picture")])
    assert batch_of(batch, dry_run=True)[0] == exit_codes.PARTIAL
    assert capsys.readouterr().err == "failed: in/x cannot be listed\n"


@pytest.mark.parametrize("error", [None, KeyboardInterrupt()])
def test_a_report_is_written_however_it_ends(tmp_path, capsys, loaded, error):
    path = tmp_path / "sub" / "report.json"
    if error is None:
        batch_of(Batch(DONE, done=1), report=str(path))
    else:
        with pytest.raises(KeyboardInterrupt):
            batch_of(Batch(DONE, done=1, error=error), report=str(path))
    text = path.read_text()
    assert json.loads(text)["done"] == 1
    assert text.startswith('{\n  "inputs"')
    assert text.endswith("}\n")


def test_records_as_json_and_the_usual_lines_are_not_mixed(capsys, loaded):
    batch_of(Batch(DONE, FAILED, done=1, failed=1), log_json=True)
    out, err = capsys.readouterr()
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["done", "failed"]
    assert [json.loads(line)["type"] for line in err.splitlines()] == ["summary", "message"]


@pytest.mark.parametrize(("second", "told"), [(114.9, 0), (115.0, 1), (129.9, 1)])
def test_progress_is_told_every_15_seconds(capsys, monkeypatch, second, told):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    show = progress._Plain()
    now[0] = second
    show.record(DONE, BATCH)
    show.record(DONE, BATCH)
    assert len(capsys.readouterr().err.splitlines()) == told
    now[0] = second + 15.0
    show.record(DONE, BATCH)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_json_tells_progress_too(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])  # type: ignore[attr-defined]
    show = progress._Json()
    now[0] = 120.0
    show.record(FAILED, BATCH)
    said = json.loads(capsys.readouterr().err)
    assert said["text"] == "1 of 3, 0.1 a second, 1 failed, about 40 s left"


def test_a_bar_where_there_is_a_terminal(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True)  # type: ignore[attr-defined]
    for more in ({}, {"bar": False}):
        progress.run_items(ITEMS, lambda item: "", "picture", **more)
        shown.append(capsys.readouterr().err)
    assert "3/3" in shown[0]
    assert "picture/s" in shown[0]
    assert shown[1] == ""
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: False)  # type: ignore[attr-defined]
    progress.run_items(ITEMS, lambda item: "", "picture")
    assert capsys.readouterr().err == ""


def test_results_are_above_a_bar_unless_they_are_on_the_terminal(capsys, monkeypatch):
    show = progress._Bar("picture")
    monkeypatch.setattr(progress.sys.stdout, "isatty", lambda: True)  # type: ignore[attr-defined]
    show.record(DONE, BATCH)
    assert capsys.readouterr().out == ""
    show.record(FAILED, BATCH)
    assert (show.bar.n, show.bar.total, show.bar.unit) == (2, 3, "picture")
    assert "failed=1" in str(show.bar)
    show.close()
    assert show.bar.disable


def test_after_the_first_of_many_all_is_loaded(loaded, capsys):
    progress.run_items(ITEMS, lambda item: str(item.target), "picture")
    assert loaded == [1]
    progress.run_items(ITEMS[:1], lambda item: str(item.target), "picture")
    assert loaded == [1]
    assert capsys.readouterr().out.split() == ["a.wav", "b.wav", "c.wav", "a.wav"]


def test_which_options_of_a_batch_are_named_when_there_is_none():
    progress.refuse({"jobs": 3, "dry_run": False, "scheduler": None, "on_error": "continue", "engine": "threads"})
    for name in ("dry_run", "report", "log_json", "retry_failed", "scheduler"):
        with pytest.raises(ParameterError, match=f"--{name.replace('_', '-')} is about many files"):
            progress.refuse({"jobs": 3, name: "x"})
    with pytest.raises(ParameterError, match="--on-error"):
        progress.refuse({"on_error": "threads"})


@pytest.mark.parametrize(("seconds", "text"), [(59.5, "1 min 0 s"), (60, "1 min 0 s"), (3599.4, "59 min 59 s")])
def test_durations_at_their_borders(seconds, text):
    assert progress._duration(seconds) == text


def test_failures_stand_in_a_bar_before_it_moves(capsys):
    bar, calls = progress._Bar("picture"), []
    bar.bar.close()
    bar.bar = SimpleNamespace(
        total=None, set_postfix=lambda **shown: calls.append(shown), update=lambda: calls.append("moves")
    )
    batch: Any = SimpleNamespace(summary=SimpleNamespace(inputs=3))
    for failed, wanted in ((0, ["moves"]), (2, [{"failed": 2, "refresh": False}, "moves"])):
        calls.clear()
        bar.failed = failed
        bar.progress(batch)
        assert (bar.bar.total, calls) == (3, wanted)
