"""A worklist asked part by part: what is noted of each input, and the rows that records are about."""

from __future__ import annotations

import json
import os

import pytest

from fastspec.batch import facts_table, storage
from fastspec.batch.worklist import Worklist, _of, _present
from fastspec.errors import OutputError, ParameterError

SUFFIXES = frozenset({".png"})


@pytest.fixture
def work(tmp_path):
    with Worklist(str(tmp_path / "out"), ".wav") as made:
        made.add(["a.png", "b.png", "c.png"], SUFFIXES)
        yield made


def ended(kind, name, **more):
    return {"type": kind, "input": f"{name}.png", "output": f"{name}.wav", **more}


def open_names(work):
    return [task.name for task in work.tasks()]


def test_a_folder_that_cannot_be_listed_is_one_input_with_one_record(work):
    for _ in range(3):
        work._unlisted("closed", "closed cannot be listed")
    assert (len(work), work.repeated) == (4, 2)
    told = {
        "type": "failed",
        "input": "closed",
        "output": None,
        "code": "picture",
        "message": "closed cannot be listed",
    }
    assert list(work.unlisted()) == [told]
    assert work.counts() == {"open": 4, "done": 0, "failed": 0, "skipped": 0}  # its record is still to come
    assert open_names(work) == ["a.wav", "b.wav", "c.wav"]
    work.end(told)
    assert list(work.unlisted()) == []
    assert work.counts()["failed"] == 1
    assert work.errors() == {"picture": 1}
    assert work.failures(9) == [("closed", "picture")]


@pytest.mark.parametrize("retry", [False, True])
def test_a_folder_that_could_not_be_listed_is_looked_at_again_if_failures_are_retried(work, retry):
    work._unlisted("closed", "closed cannot be listed")
    (told,) = work.unlisted()
    work.recall([told], retry_failed=retry)
    assert list(work.unlisted()) == ([told] if retry else [])


def test_more_unlisted_folders_than_a_page_are_each_told_once(work):
    for number in range(2001):
        work._unlisted(f"{number:04d}", "closed")
    assert [record["input"] for record in work.unlisted()] == [f"{number:04d}" for number in range(2001)]


def test_an_input_named_twice_is_counted(tmp_path):
    with Worklist(str(tmp_path), ".wav") as work:
        work.add(["a.png", "a.png", "./a.png", "b.png"], SUFFIXES)
        assert (len(work), work.repeated) == (2, 2)


def test_the_first_five_names_are_told_where_there_is_nothing_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Worklist(str(tmp_path), ".wav") as work, pytest.raises(ParameterError) as told:
        work.add([f"{k}*.png" for k in range(7)], SUFFIXES)
    assert str(told.value).endswith("among 0*.png, 1*.png, 2*.png, 3*.png, 4*.png")


def test_what_an_earlier_run_said_is_taken_over_by_kind(work, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "stamp", lambda path: (5, 7) if path == "a.png" else None)
    done = {"size": 9, "sha256": "77", "doubtful": ["sr"]}
    records = [
        {"type": "run"},
        ended("done", "a", stamp=[5, 7], **done),
        ended("done", "b", stamp=[5, 8], **done),  # its input has changed
        ended("failed", "c", code="picture"),
        ended("done", "d", stamp=[5, 7], **done),  # which is no input
        {"type": "end"},
    ]
    work.recall(records, retry_failed=False)
    assert [(task.name, task.size, task.sha256) for task in work.tasks()] == [("a.wav", 9, "77"), ("b.wav", None, None)]
    assert work.counts() == {"open": 2, "done": 0, "failed": 1, "skipped": 0}
    assert work.doubtful() == []  # of what is done
    work.end(ended("done", "a", kept=True))
    work.end(ended("done", "b", doubtful=["sr", "duration"]))
    assert sorted(work.doubtful()) == [(["sr"], 1), (["sr", "duration"], 1)]
    work.end(ended("done", "b"))  # made anew, and nothing is doubtful
    assert work.doubtful() == [(["sr"], 1)]
    work.recall([ended("skipped", "a"), ended("failed", "c", code="picture")], retry_failed=True)
    assert [(task.name, task.size) for task in work.tasks()] == [("a.wav", None), ("c.wav", None)]


def test_errors_are_told_the_most_frequent_first_and_then_by_name(work):
    for name, code in (("a", "zeta"), ("b", "beta"), ("c", "beta")):
        work.end(ended("failed", name, code=code))
    assert list(work.errors().items()) == [("beta", 2), ("zeta", 1)]
    work.end(ended("failed", "c", code="alpha"))
    assert list(work.errors()) == ["alpha", "beta", "zeta"]
    assert work.failures(2) == [("a.png", "zeta"), ("b.png", "beta")]


def test_facts_that_were_used_are_of_the_last_done_record(work):
    fact = {"sr": [8000, "given"]}
    records = [
        {"type": "run"},
        ended("done", "b", facts={"sr": [9000, "given"]}),
        ended("done", "b", facts={"sr": [8000, "assumed"], "n_fft": [64, "given"]}, doubtful=["sr"], seen=["x"],
              unsure=["n_fft"]),
        ended("failed", "a", facts=fact),
        ended("done", "c"),
        ended("done", "a", facts=fact),
    ]  # fmt: skip
    work.note_used(records)
    assert list(work.used()) == []  # none is done
    for name in "ab":
        work.end(ended("done", name))
    cells = facts_table.used(records[2]["facts"], ["n_fft"], ["sr"], ["x"])
    assert cells["n_fft"].endswith("?")
    assert list(work.used()) == [("a.png", facts_table.used(fact)), ("b.png", cells)]


def test_rows_of_a_table_are_of_inputs_by_where_they_lie(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "c.png", "other.png"):
        (tmp_path / name).touch()
    table = tmp_path / "facts.csv"
    table.write_text("path,sr\na.png,8000\nother.png,1\n./c.png,9000\n")
    with Worklist("out", ".wav") as work:
        work.add(["a.png", "b.png", "c.png"], SUFFIXES)
        work.know(str(table))
        told = [task.facts and json.loads(task.facts) for task in work.tasks()]
        assert told == [{"sr": 8000}, None, {"sr": 9000}]
    table.write_text("path,sr\na.png,8000\n./a.png,9000\n")
    with Worklist("out", ".wav") as work:
        work.add(["a.png"], SUFFIXES)
        with pytest.raises(ParameterError, match=r"line 3: './a.png' is the file of line 2"):
            work.know(str(table))
    table.write_text("path,sr\nother.png,8000\n")
    with Worklist("out", ".wav") as work:
        work.add(["a.png"], SUFFIXES)
        with pytest.raises(ParameterError, match="none of the 1 rows"):
            work.know(str(table))
    table.write_text("path,sr\n")
    with Worklist("out", ".wav") as work:
        work.add(["a.png"], SUFFIXES)
        work.know(str(table))


def test_an_output_over_an_input_is_refused_by_what_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.wav", "b.WAV"):
        (tmp_path / "in" / name).touch()
    os.symlink("in", "same")
    for folder, wrong in (("in", "a.wav"), ("same", "a.wav")):
        with Worklist(folder, ".wav") as work, pytest.raises(ParameterError, match=f"{wrong} would replace an input"):
            work.add(["in/a.wav"], frozenset({".wav"}))
    with Worklist("out", ".wav") as work:
        work.add(["in/a.wav", "in/b.WAV"], frozenset({".wav"}))
    with Worklist("in", ".png") as work:
        work.add(["in/a.wav"], frozenset({".wav"}))


def test_outputs_that_are_there_are_counted(tmp_path):
    folder = str(tmp_path / "out")
    with Worklist(folder, ".wav") as work:
        work.add([f"{k}.png" for k in range(4)], SUFFIXES)
        work.refuse_existing()
        for name in ("1.wav", "2.wav", "strange.wav"):
            storage.write(storage.join(folder, name), b"")
        with pytest.raises(OutputError, match=r"1\.wav and 1 more already exists"):
            work.refuse_existing()


def test_outputs_that_are_there_are_found_in_one_listing_of_remote_storage(monkeypatch):
    pytest.importorskip("fsspec")
    folder = "memory://present/out/"
    for name in ("a.wav", "sub/b.wav"):
        storage.write(storage.join(folder, name), b"")
    assert _present(folder) == {"a.wav", "sub/b.wav"}
    assert _present("out") is None
    with Worklist(folder, ".wav") as work:
        work.add(["b.png"], SUFFIXES)
        work.refuse_existing()
        work.add(["a.png"], SUFFIXES)
        with pytest.raises(OutputError, match=r"a\.wav already exists"):
            work.refuse_existing()


@pytest.mark.parametrize(
    ("record", "where", "keys"),
    [
        ({"output": "a"}, "WHERE name = ?", (b"a",)),
        ({"output": "a", "input": "b"}, "WHERE name = ? AND source = ?", (b"a", b"b")),
        ({"output": None, "input": "b"}, "WHERE name IS NULL AND source = ?", (b"b",)),
        ({"output": "\udcff"}, "WHERE name = ?", ("\udcff".encode(errors="surrogatepass"),)),
    ],
)
def test_the_row_that_a_record_is_about(record, where, keys):
    assert _of(record) == (where, keys)


def test_it_is_closed_on_leaving(tmp_path):
    with Worklist(str(tmp_path), ".wav") as work:
        pass
    with pytest.raises(Exception, match="closed"):
        len(work)
