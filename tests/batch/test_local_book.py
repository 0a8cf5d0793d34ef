"""The ledger's file in a local folder: whole lines, durable where the outputs are, one writer."""

from __future__ import annotations

import errno
import os

import pytest

from fastspec.batch import storage
from fastspec.batch.local_book import LocalBook
from fastspec.errors import OutputError


@pytest.fixture
def opened(tmp_path):
    book = LocalBook(str(tmp_path), str(tmp_path / "lines"))
    book.open()
    yield book
    book.close()


def test_lines_are_added_after_whole_ones(opened, tmp_path):
    (tmp_path / "lines").write_bytes(b"one\ntorn")
    opened.append(b"two\n")
    opened.append(b"three\n")
    assert (tmp_path / "lines").read_bytes() == b"one\ntwo\nthree\n"


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_a_failed_append_leaves_the_bytes_as_they_were(opened, tmp_path, monkeypatch, failing):
    opened.append(b"one\n")
    right = getattr(os, failing)

    def once(handle, *data):
        monkeypatch.setattr(os, failing, right)
        if data:
            right(handle, data[0][:3])  # half a line, as on a disk that is nearly full
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, failing, once)
    with pytest.raises(OutputError, match="No space left"):
        opened.append(b"second\n")
    assert (tmp_path / "lines").read_bytes() == b"one\n"
    opened.append(b"third\n")
    assert (tmp_path / "lines").read_bytes() == b"one\nthird\n"


def test_one_writer_at_a_time(opened, tmp_path):
    other = LocalBook(str(tmp_path), str(tmp_path / "lines"))
    with pytest.raises(OutputError, match="another fastspec is writing"):
        other.open()
    assert not other._held
    opened.close()
    other.open()
    other.close()


def test_where_nothing_can_be_locked_it_says_so(tmp_path, monkeypatch):
    def none(_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fastspec.batch.local_book.hold", none)
    with pytest.raises(OutputError, match="cannot be locked"):
        LocalBook(str(tmp_path), str(tmp_path / "lines")).open()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_refused_at_once(opened, tmp_path):
    os.mkfifo(tmp_path / "lines")
    with pytest.raises(OutputError, match="not a regular file"):
        opened.append(b"one\n")
    (tmp_path / "lines").unlink()
    (tmp_path / "lines").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        opened.append(b"one\n")


def test_starting_over_keeps_the_old_lines_aside(opened, tmp_path):
    opened.start_over()
    (tmp_path / "lines").write_bytes(b"one\n")
    opened.start_over()
    opened.append(b"two\n")
    assert (tmp_path / "lines").read_bytes() == b"two\n"
    assert (tmp_path / "lines.old").read_bytes() == b"one\n"


def test_the_lock_is_beside_the_lines(opened, tmp_path):
    assert (tmp_path / storage.LOCK_NAME).exists()


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
def test_whoever_may_write_to_the_folder_may_go_on(tmp_path):
    """Modes are left to the umask."""
    before = os.umask(0)
    try:
        book = LocalBook(str(tmp_path), str(tmp_path / "lines"))
        book.open()
        book.append(b"one\n")
        book.close()
    finally:
        os.umask(before)
    for name in ("lines", storage.LOCK_NAME):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o666
