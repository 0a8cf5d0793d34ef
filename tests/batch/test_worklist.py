"""All inputs of a batch and what is known of each: order, states, what an earlier run says, what cannot be."""

from __future__ import annotations

import os

import pytest

from fastspec.batch import storage
from fastspec.batch.shard import Task
from fastspec.batch.worklist import Worklist, _clean, _pair, temporary_errors
from fastspec.errors import OutputError, ParameterError

SUFFIXES = frozenset({".png", ".wav"})


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Four empty pictures in a folder `in`; the working folder is above it."""
    for name in ("a.png", "b.png", "sub/a.png", "sub/c.png"):
        storage.write(str(tmp_path / "in" / name), b"")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def listed(files):
    with Worklist("out", ".wav") as work:
        work.add(["in"], SUFFIXES)
        yield work


def names(work):
    return [task.name for task in work.tasks()]


def done(name, **more):
    source = os.path.join("in", name.replace(".wav", ".png"))
    return {"type": "done", "input": source, "output": name, "stamp": list(storage.stamp(source) or ()), **more}


def test_inputs_are_open_in_their_order(listed):
    assert len(listed) == 4
    assert names(listed) == ["a.wav", "b.wav", "sub/a.wav", "sub/c.wav"]
    assert next(listed.tasks()) == Task(os.path.join("in", "a.png"), "a.wav")
    assert listed.counts() == {"open": 4, "done": 0, "failed": 0, "skipped": 0}


def test_ended_inputs_are_counted_with_their_errors(listed):
    listed.end({"type": "done", "output": "a.wav"})
    for name, code in (("b.wav", "picture"), ("sub/a.wav", "audio"), ("sub/c.wav", "picture")):
        listed.end({"type": "failed", "output": name, "code": code})
    assert listed.counts() == {"open": 0, "done": 1, "failed": 3, "skipped": 0}
    assert list(listed.errors().items()) == [("picture", 2), ("audio", 1)]
    assert listed.failures(2) == [(os.path.join("in", "b.png"), "picture"), (os.path.join("in", "sub/a.png"), "audio")]
    assert names(listed) == []


@pytest.mark.parametrize("retry", [False, True])
def test_what_an_earlier_run_did_is_verified_and_its_failures_stay(listed, retry):
    failed = {"type": "failed", "input": os.path.join("in", "b.png"), "output": "b.wav", "code": "picture"}
    skipped = {"type": "skipped", "input": os.path.join("in", "sub/a.png"), "output": "sub/a.wav"}
    listed.recall([done("a.wav", size=9, sha256="77"), failed, skipped], retry_failed=retry)
    tasks = {task.name: task for task in listed.tasks()}
    assert (tasks["a.wav"].size, tasks["a.wav"].sha256) == (9, "77")
    assert ("b.wav" in tasks) == retry
    assert tasks["sub/a.wav"].sha256 is None
    assert listed.errors() == ({} if retry else {"picture": 1})


def test_a_changed_input_is_converted_again(listed):
    record = done("a.wav", size=9, sha256="77")
    storage.write(os.path.join("in", "a.png"), b"new")
    listed.recall([record], retry_failed=False)
    assert next(listed.tasks()).sha256 is None


def test_with_another_original_or_sidecar_it_is_converted_again(listed):
    storage.write("a.flac", b"sound")
    record = {**done("a.wav", size=9, sha256="77"), "beside": {"a.flac": list(storage.stamp("a.flac"))}}
    listed.recall([record], retry_failed=False)
    assert next(listed.tasks()).sha256 == "77"
    storage.write("a.flac", b"another sound")
    listed.recall([record], retry_failed=False)
    assert next(listed.tasks()).sha256 is None


def test_the_last_record_of_an_output_counts_and_strangers_do_not(listed):
    first = {"type": "failed", "input": os.path.join("in", "a.png"), "output": "a.wav", "code": "picture"}
    strange = {**first, "input": "elsewhere/b.png", "output": "b.wav"}
    listed.recall([first, done("a.wav", size=1, sha256="1"), strange], retry_failed=False)
    assert listed.counts()["open"] == 4
    assert next(listed.tasks()).sha256 == "1"


def test_more_than_a_page_is_listed_once_each(tmp_path):
    with Worklist(str(tmp_path), ".wav") as work:
        work.add((f"{k:05d}.png" for k in range(2500)), SUFFIXES)
        assert names(work) == [f"{k:05d}.wav" for k in range(2500)]


@pytest.mark.parametrize(
    ("inputs", "suffix", "folder", "word"),
    [
        (["in/sub/a.png", "in/a.png"], ".wav", "out", "would both become"),
        (["nothing*.png"], ".wav", "out", "nothing to do"),
        (["in/a.png"], ".png", "in", "would replace an input"),
        (["in/b.png"], ".wav", "sounds", "would replace a sound that pictures were drawn of"),
        (["gone/.."], ".wav", "out", "no name of a file"),
    ],
)
def test_what_cannot_work_is_refused(files, inputs, suffix, folder, word):
    storage.write(os.path.join("sounds", "b.wav"), b"precious")
    with Worklist(folder, suffix) as work:
        work.keep([os.path.join("sounds", "..", "sounds", "b.wav")])
        with pytest.raises(ParameterError, match=word):
            work.add(inputs, SUFFIXES)


def test_existing_outputs_of_open_inputs_are_refused(listed):
    listed.refuse_existing()
    storage.write(os.path.join("out", "b.wav"), b"precious")
    with pytest.raises(OutputError, match=r"b\.wav"):
        listed.refuse_existing()
    listed.end({"type": "done", "output": "b.wav"})
    listed.refuse_existing()


def test_a_full_temporary_folder_is_a_sentence(tmp_path):
    def listed(room):
        with temporary_errors(), Worklist(str(tmp_path / "out"), ".wav") as work:
            work._base.execute(f"PRAGMA max_page_count={room}")
            work.add([str(tmp_path)], frozenset({".png"}))
            return len(work)

    for number in range(200):
        (tmp_path / f"{number}.png").touch()
    assert listed(1000) == 200
    with pytest.raises(OutputError, match=r"list of inputs.*full; make room in .*TMPDIR.*--resume"):
        listed(8)


@pytest.mark.parametrize(
    ("stamp", "pair"), [([1, 2], (1, 2)), ([1], None), ([1, 2, 3], None), ("ab", None), ((1, 2), None), (None, None)]
)
def test_a_stamp_is_a_list_of_two(stamp, pair):
    assert _pair(stamp) == pair


@pytest.mark.parametrize(("relative", "name"), [("a.png", "a.wav"), ("a/b.c.png", "a/b.c.wav"), ("./a.png", "a.wav")])
def test_a_name_gets_its_suffix_and_stays_below_the_folder(relative, name):
    assert _clean(relative, ".wav", "x") == name
    for wrong in ("", ".", "..", "../a.png", "a/../../b.png", "/a.png"):
        with pytest.raises(ParameterError, match="'x' is no name of a file"):
            _clean(wrong, ".wav", "x")
