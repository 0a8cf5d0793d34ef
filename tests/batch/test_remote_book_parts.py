"""What a remote ledger does where its storage refuses, and how its parts are named and ordered."""

from __future__ import annotations

import json
import re

import pytest

from fastspec.batch import holder, remote_book, storage
from fastspec.batch.remote_book import RemoteBook, _Lock, _order, parts
from fastspec.errors import OutputError

FOLDER = "memory://book"
LINES = f"{FOLDER}/lines"


@pytest.fixture
def memory():
    fs = pytest.importorskip("fsspec").filesystem("memory")
    yield fs
    if fs.exists("/book"):
        fs.rm("/book", recursive=True)


@pytest.fixture
def book(memory):
    made = RemoteBook(FOLDER, LINES)
    made.open()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("x/lines/00000000000000000012-ab.jsonl", (12, "00000000000000000012-ab.jsonl")),
        ("7-", (7, "7-")),
        ("x/7", (-1, "7")),
        ("notes-7.txt", (-1, "notes-7.txt")),
        ("1" * 40 + "-a", (int("1" * 40), "1" * 40 + "-a")),
        ("1" * 41 + "-a", (-1, "1" * 41 + "-a")),
    ],
)
def test_a_part_is_ordered_by_its_number_and_then_by_its_name(part, place):
    assert _order(part) == place


def test_numbers_go_on_from_the_highest(memory):
    for expected in (1, 2):
        book = RemoteBook(FOLDER, LINES)
        book.open()
        book.append(b"a\n")
        book.close()
        _, found = parts(LINES)
        names = [part.rsplit("/", 1)[-1] for part in found]
        assert len(names) == expected
        assert re.fullmatch(rf"{expected:020d}-[0-9a-f]{{8}}\.jsonl", names[-1])
    storage.write(f"{LINES}/41-x.jsonl", b"")
    storage.write(f"{LINES}/nothing", b"")
    book = RemoteBook(FOLDER, LINES)
    book.open()
    book.append(b"b\n")
    book.append(b"c\n")
    book.close()
    assert [_order(part)[0] for part in parts(LINES)[1]] == [-1, 1, 2, 41, 42, 43]


def test_nothing_is_read_where_nothing_was_written(memory):
    assert parts(f"{FOLDER}/none")[1] == []


def test_starting_over_forgets_all(book, memory):
    book.start_over()
    book.append(b"a\n")
    book.start_over()
    assert parts(LINES)[1] == []
    assert book.place() is None


@pytest.mark.parametrize(
    ("method", "work", "said"),
    [
        ("find", lambda book: parts(LINES), "the ledger memory://book/lines cannot be read: planted"),
        ("rm", lambda book: book.start_over(), "the ledger memory://book/lines cannot be removed: planted"),
        ("cat_file", lambda book: book.append(b"a"), "the lock memory://book/.* cannot be read: planted"),
        ("pipe_file", lambda book: book.append(b"a"), "lines/.*cannot be written: planted"),
    ],
)
def test_what_storage_refuses_is_a_sentence(book, memory, monkeypatch, method, work, said):
    def refuses(*_, **__):
        raise RuntimeError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(type(memory), method, refuses)
        with pytest.raises(OutputError, match=said):
            work(book)


def test_a_cache_that_cannot_be_emptied_is_no_fault(memory, monkeypatch):
    seen = []

    def fails(self, path):
        seen.append(path)
        raise RuntimeError("planted")

    monkeypatch.setattr(type(memory), "invalidate_cache", fails)
    storage.write(f"{LINES}/1-a", b"x")
    assert len(parts(LINES)[1]) == 1
    assert seen == ["/book/lines"]


def test_the_lock_names_this_process_and_its_own_word(memory):
    lock = _Lock(FOLDER)
    lock.take()
    told = json.loads(memory.cat_file("/book/" + storage.LOCK_NAME))
    assert told == {**holder.myself(), "token": lock.token}
    assert re.fullmatch(r"[0-9a-f]{8}", lock.token)
    lock.check()
    lock.release()
    assert not memory.exists("/book/" + storage.LOCK_NAME)
    lock.release()
    with pytest.raises(OutputError, match=r"the lock .* was removed while the batch wrote there"):
        lock.check()


def test_anothers_lock_is_left(memory):
    lock, other = _Lock(FOLDER), _Lock(FOLDER)
    lock.take()
    with pytest.raises(OutputError, match=rf"another fastspec \(process \d+ on .*\) is writing to {FOLDER}; wait"):
        other.take()
    storage.write(lock.path, json.dumps({**holder.myself(), "token": other.token}).encode())
    with pytest.raises(OutputError, match=rf"another fastspec \(process .*\) has taken {FOLDER}; .*--resume"):
        lock.check()
    lock.release()
    assert memory.exists("/book/" + storage.LOCK_NAME)


def test_of_a_lock_no_more_is_read_than_a_lock_has(memory):
    lock = _Lock(FOLDER)
    told = json.dumps({"host": "elsewhere", "pid": 7}).encode()
    for blanks, names in ((remote_book._LARGEST_LOCK - len(told), True), (remote_book._LARGEST_LOCK, False)):
        storage.write(lock.path, told[:-1] + b" " * blanks + told[-1:])
        assert (lock._holder() is not None) is names
    assert remote_book._LARGEST_LOCK == 65536
