"""The place of a batch's outputs goes away while it runs: it says so and ends with 1."""

from __future__ import annotations

import ast
import errno
import gc
import io
import os
import shutil
from pathlib import Path

import pytest

import fastspec
from fastspec import _files, cli
from fastspec.batch import decode_files, ledger, storage
from fastspec.cli import exit_codes
from fastspec.errors import OutputError
from tests.promises.small_batches import FAST, WORDS, draw, ended


@pytest.fixture
def pictures(tmp_path):
    return draw(tmp_path / "in", 4)


def removed(out):
    while out.exists():  # a worker may write an output meanwhile
        shutil.rmtree(out, ignore_errors=True)


def moved(out):
    out.rename(out.with_name("elsewhere"))


def replaced(out):
    moved(out)
    out.mkdir()


def copied(out):
    """Also its ledger, as a copy: the batch has the other."""
    moved(out)  # what is written meanwhile may have no place
    out.mkdir()
    shutil.copy(out.with_name("elsewhere") / ledger.NAME, out)


def ledger_removed(out):
    (out / ledger.NAME).unlink()


def ledger_replaced(out):
    data = (out / ledger.NAME).read_bytes()
    (out / "new").write_bytes(data)
    (out / "new").replace(out / ledger.NAME)


def lock_removed(out):
    (out / storage.LOCK_NAME).unlink()


GONE = [removed, moved, replaced, copied, ledger_removed, ledger_replaced, lock_removed]


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be moved there")
@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize("when", [1, 4], ids=["midway", "at the end"])
def test_a_place_that_goes_away_ends_the_batch(pictures, tmp_path, gone, when):
    out = tmp_path / "out"
    batch = decode_files([pictures], out, **FAST)
    handed = []

    def consume():
        for record in batch:
            handed.append(record)
            if len(handed) == when:
                gone(out)

    with pytest.raises(OutputError, match=r"was (moved or removed|replaced) while the batch wrote there"):
        consume()
    assert len(handed) == when
    assert batch.summary.done == when
    if gone in (removed, moved):
        assert not out.exists()  # it is not made again
    if gone in (replaced, copied):  # what was in flight is not written into another folder
        assert {path.name for path in out.iterdir()} <= {ledger.NAME}


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be moved there")
def test_the_command_says_so_in_one_sentence_and_ends_with_1(pictures, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    right = ledger.Ledger.append

    def append(self, records):
        right(self, records)
        if len(list(out.glob("*.wav"))) >= 2:
            moved(out)

    monkeypatch.setattr(ledger.Ledger, "append", append)
    code = cli.run(["decode", str(pictures), "--out-dir", str(out), *WORDS])
    said = capsys.readouterr().err
    assert code == exit_codes.FATAL
    assert said.strip().count("\n") == 0
    assert f"the folder {out} was moved or removed" in said
    assert not out.exists()
    left = tmp_path / "elsewhere"
    done = [name for name, kind in ended(left).items() if kind == "done"]
    assert {Path(name).stem for name in done} <= {path.stem for path in left.glob("*.wav")}
    left.rename(out)
    monkeypatch.setattr(ledger.Ledger, "append", right)
    assert decode_files([pictures], out, resume=True, **FAST).run().done == 4


def test_an_output_that_is_taken_away_before_its_record_is_a_failure(pictures, tmp_path, monkeypatch):
    put = storage.sync_folders

    def take_away(paths, root):
        put(paths, root)
        for path in paths:
            if path.endswith(("1.wav", "2.wav")):
                os.truncate(path, 7) if path.endswith("1.wav") else os.unlink(path)

    monkeypatch.setattr(storage, "sync_folders", take_away)
    batch = decode_files([pictures], tmp_path / "out", **FAST)
    batch.run()
    assert batch.summary.errors == {"output": 2}
    assert sorted(ended(tmp_path / "out").values()) == ["done", "done", "failed", "failed"]
    monkeypatch.setattr(storage, "sync_folders", put)
    assert decode_files([pictures], tmp_path / "out", retry_failed=True, **FAST).run().done == 4


def test_a_folder_below_is_made_and_the_place_itself_never_again(tmp_path):
    storage.make_folder(str(tmp_path / "out" / "a" / "b"), str(tmp_path))
    assert (tmp_path / "out" / "a" / "b").is_dir()
    with pytest.raises(OutputError, match="was moved or removed"):
        storage.make_folder(str(tmp_path / "gone" / "a"), str(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE])
def test_a_file_system_that_refuses_ends_it_with_a_sentence(pictures, tmp_path, monkeypatch, capsys, number):
    out = tmp_path / "out"
    right, calls = os.write, []

    def write(handle, data):
        calls.append(handle)
        if len(calls) > 2:
            raise OSError(number, os.strerror(number))
        return right(handle, data)

    monkeypatch.setattr(os, "write", write)
    code = cli.run(["decode", str(pictures), "--out-dir", str(out), *WORDS])
    said = capsys.readouterr().err
    assert code == exit_codes.FATAL
    assert said.strip().count("\n") == 0
    assert os.strerror(number) in said
    assert len(ended(out)) == 1


# --- a full disk: no stream dies while its buffer is out (CPython 3.12 crashes then, 3.13 grumbles) -----------


def exports(code):
    """Lines where a buffer of a stream is taken otherwise than by `with`, which gives it back whatever happens."""
    tree = ast.parse(code)
    fine = {id(item.context_expr) for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
    taken = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "getbuffer"]
    calls = {id(n.func): id(n) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    return [node.lineno for node in taken if calls.get(id(node)) not in fine]


def test_buffers_of_streams_are_given_back():
    root = Path(fastspec.__file__).parent
    found = {str(path.relative_to(root)): exports(path.read_text()) for path in root.rglob("*.py")}
    assert not {path: lines for path, lines in found.items() if lines}
    assert exports("data = memory.getbuffer()") == exports("f(memory.getbuffer())") == [1]
    assert exports("take = memory.getbuffer") == [1]
    assert exports("with memory.getbuffer() as data:\n    f(data)") == []


def test_a_full_disk_leaves_no_stream_whose_buffer_is_out(pictures, tmp_path, monkeypatch):
    made = []

    class Stream(io.BytesIO):
        def __init__(self, *more):
            super().__init__(*more)
            made.append(self)

    def full(path, fill):
        raise OutputError(f"{path} cannot be written: No space left on device")

    kept = []  # tracebacks, as a record's maker or a debugger may keep them
    monkeypatch.setattr(io, "BytesIO", Stream)
    monkeypatch.setattr(storage, "write_whole", full)
    from fastspec.batch import shard

    right = shard.failed

    def failed(task, error):
        kept.append(error)
        return right(task, error)

    monkeypatch.setattr(shard, "failed", failed)
    summary = decode_files([pictures], tmp_path / "out", **FAST).run()
    assert summary.errors == {"output": 4}
    gc.collect()
    assert len(kept) == 4
    assert made
    for stream in made:
        if not stream.closed:
            stream.seek(0)
            stream.truncate()  # BufferError where its buffer is out


# --- leftovers ------------------------------------------------------------------------------------------------


def test_leftovers_go_before_overwriting_too(pictures, tmp_path):
    out = tmp_path / "out"
    decode_files([pictures], out, **FAST).run()
    (out / ".fastspec-0123456789abcdef.part").write_bytes(b"RIFF")
    decode_files([pictures], out, overwrite=True, **FAST).run()
    assert not list(out.glob("*.part")) + list(out.glob(".*.part"))


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be removed there")
def test_what_another_is_writing_is_no_leftover(tmp_path):
    inner = tmp_path / "sub"
    inner.mkdir()
    dead = tmp_path / "sub" / ".fastspec-00.part"
    seen = []

    def fill(stream):
        stream.write(b"whole")
        dead.write_bytes(b"half")
        storage.remove_leftovers(str(tmp_path))
        seen.extend(path.name for path in inner.iterdir())

    _files.write_whole(inner / "a.wav", fill)
    assert (inner / "a.wav").read_bytes() == b"whole"
    assert len(seen) == 1
    assert not dead.exists()
    with ledger.Ledger(str(inner)):  # a batch is at work there: what lies there is its own
        dead.write_bytes(b"half")
        storage.remove_leftovers(str(tmp_path))
        assert dead.exists()
    storage.remove_leftovers(str(tmp_path))
    assert not dead.exists()


def test_a_lock_is_gone_with_its_batch_though_a_child_has_its_handle(tmp_path):
    book = ledger.Ledger(str(tmp_path))
    book.__enter__()
    copy = os.dup(book._book._held[storage.LOCK_NAME])  # as a fork makes one
    lock = str(tmp_path / storage.LOCK_NAME)
    try:
        assert storage._is_held(lock)
        book.__exit__()
        assert not storage._is_held(lock)
        with ledger.Ledger(str(tmp_path)) as other:
            other.append([{"type": "x"}])
        assert [record["type"] for record in ledger.read(str(tmp_path))] == ["x"]
    finally:
        os.close(copy)
