"""How files that are converted before the user's eyes show: lines, a bar, or JSON; failures and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from fastspec.batch.inputs import Item
from fastspec.batch.summary import Summary
from fastspec.cli import exit_codes, progress
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
