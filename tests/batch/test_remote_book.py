"""A remote ledger: parts in the order of a counter, one writer whose lock names it, no clock anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from fastspec.batch import decode_files, holder, ledger, storage
from fastspec.errors import OutputError
from tests.promises.small_batches import FAST, draw

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(params=["memory", "file"])
def folder(request, tmp_path):
    """An empty remote folder."""
    path = f"{request.param}://{tmp_path}/out"
    yield path
    fs, inner = storage.filesystem(path)
    if fs.exists(inner):
        fs.rm(inner, recursive=True)


def lock(folder, document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    storage.write(storage.join(folder, storage.LOCK_NAME), data)


def locked(folder):
    return storage.exists(storage.join(folder, storage.LOCK_NAME))


def kinds(folder):
    return [record["type"] for record in ledger.read(folder)]


def write(folder, *types):
    with ledger.Ledger(folder) as book:
        for kind in types:
            book.append([{"type": kind}])


def test_no_clock_orders_the_parts(folder, monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 9 * 10**18)
    monkeypatch.setattr(time, "time", lambda: 9e9)
    write(folder, "a", "b")
    monkeypatch.setattr(time, "time_ns", lambda: 10**9)
    monkeypatch.setattr(time, "time", lambda: 1.0)
    write(folder, "c")
    write(folder, "d", "e")
    assert kinds(folder) == ["a", "b", "c", "d", "e"]
    assert not locked(folder)


def test_parts_of_0_1_come_first_though_their_clock_ran_ahead(folder):
    later = (time.time_ns() + 10**18, 10**20 - 1)
    for number, kind in zip(later, ("old", "older by name"), strict=True):
        part = f"{ledger.NAME}/{number:020d}-000001.jsonl"
        storage.write(storage.join(folder, part), json.dumps({"type": kind}).encode() + b"\n")
    write(folder, *(str(k) for k in range(12)))
    assert kinds(folder) == ["old", "older by name", *(str(k) for k in range(12))]


def test_two_writers_of_one_number_lose_nothing(folder):
    with ledger.Ledger(folder) as book:
        fs, inner = storage.filesystem(storage.join(folder, storage.LOCK_NAME))
        document = json.loads(fs.cat_file(inner))
        lock(folder, b"")  # as if it were free
        with ledger.Ledger(folder) as other:
            other.append([{"type": "other"}])
            with pytest.raises(OutputError, match="has taken"):
                book.append([{"type": "mine"}])
        lock(folder, document)
        book.append([{"type": "mine"}])
    assert sorted(kinds(folder)) == ["mine", "other"]


@pytest.mark.parametrize("ahead", [-1e9, 0, 1e5, 1e12])
def test_a_dead_holder_of_this_machine_holds_nothing(folder, ahead):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    me = holder.myself()
    for document in ({"host": me["host"], "pid": process.pid, "time": time.time() + ahead},
                     {**me, "pid": process.pid, "started": 5, "time": time.time() + ahead}):  # fmt: skip
        lock(folder, document)
        write(folder, "a")
    assert kinds(folder) == ["a", "a"]


def test_a_living_holder_is_named_and_nothing_is_taken(folder):
    with ledger.Ledger(folder), pytest.raises(OutputError, match=r"another fastspec .process"), ledger.Ledger(folder):
        pass
    lock(folder, {"host": "elsewhere", "pid": 7, "time": 0})
    with pytest.raises(OutputError, match=r"process 7 on elsewhere.*cannot be asked from here.*delete .*lock"):
        write(folder, "a")
    assert locked(folder)
    assert kinds(folder) == []


GARBLED = [
    b"",
    b"\0\0\0",
    b"[]",
    b"{",
    b'{"time":"x"}',
    b'"x"',
    b"7",
    b"null",
    b'{"host":[]}',
    b"\xff\xfe",
    b"[" * 9999,
]


@pytest.mark.parametrize("data", GARBLED)
def test_a_garbled_lock_names_nobody_and_holds_nothing(folder, data):
    lock(folder, data)
    write(folder, "a")
    assert kinds(folder) == ["a"]
    assert not locked(folder)


@pytest.mark.parametrize("data", [None, *GARBLED])
def test_a_lock_that_goes_away_ends_the_batch(folder, data):
    with ledger.Ledger(folder) as book:
        book.append([{"type": "a"}])
        fs, inner = storage.filesystem(storage.join(folder, storage.LOCK_NAME))
        fs.rm_file(inner) if data is None else lock(folder, data)
        with pytest.raises(OutputError, match="was removed while the batch wrote there"):
            book.append([{"type": "b"}])
    assert kinds(folder) == ["a"]


def test_a_later_done_counts_though_the_clock_fell_back(tmp_path, folder, monkeypatch):
    pictures = draw(tmp_path / "in", 2)
    good = (pictures / "0.png").read_bytes()
    (pictures / "0.png").write_bytes(b"none")
    ahead = time.time_ns() + 86400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: ahead)
    assert decode_files([pictures], folder, **FAST).run().failed == 1
    monkeypatch.undo()
    (pictures / "0.png").write_bytes(good)
    assert decode_files([pictures], folder, retry_failed=True, **FAST).run().failed == 0
    summary = decode_files([pictures], folder, resume=True, **FAST).run()
    assert (summary.done, summary.kept, summary.failed) == (2, 2, 0)
