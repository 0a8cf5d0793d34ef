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


@pytest.mark.skipif(not hasattr(os, "O_CLOEXEC"), reason="no such flag here")
def test_programs_begun_by_us_do_not_get_its_handles(opened):
    opened.append(b"one\n")
    assert sorted(opened._held) == ["", storage.LOCK_NAME, "lines"]
    assert not any(os.get_inheritable(handle) for handle in opened._held.values())


def test_closing_lets_go_of_everything(opened):
    opened.append(b"one\n")
    handles = list(opened._held.values())
    opened.close()
    assert not opened._held
    for handle in handles:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)


@pytest.mark.parametrize("fails", ["no folder", "no lock"])
def test_what_cannot_be_opened_is_a_sentence_and_nothing_stays_open(tmp_path, monkeypatch, fails):
    book, right, opened = LocalBook(str(tmp_path), str(tmp_path / "lines")), os.open, []

    def open_(path, *flags, **more):
        if fails == "no folder" or path.endswith(storage.LOCK_NAME):
            raise PermissionError(13, "Permission denied")
        opened.append(right(path, *flags, **more))
        return opened[-1]

    monkeypatch.setattr(os, "open", open_)
    said = "cannot be read" if fails == "no folder" else f"{storage.LOCK_NAME} cannot be written"
    with pytest.raises(OutputError, match=f"{said}: Permission denied; name another place"):
        book.open()
    assert not book._held
    for handle in opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)


def test_where_folders_cannot_be_opened_the_path_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_DIRECTORY", raising=False)  # as on Windows
    book = LocalBook(str(tmp_path), str(tmp_path / "lines"))
    book.open()
    book.append(b"one\n")
    assert sorted(book._held) == [storage.LOCK_NAME, "lines"]
    assert book.place().inode == (tmp_path.stat().st_dev, tmp_path.stat().st_ino)
    book.close()


def test_the_place_is_the_folder_that_is_held(opened, tmp_path):
    inode = tmp_path.stat().st_dev, tmp_path.stat().st_ino
    tmp_path.rename(tmp_path.with_name("moved"))
    tmp_path.mkdir()
    assert (opened.place().path, opened.place().inode) == (str(tmp_path), inode)


def test_a_relative_folder_is_the_one_of_the_beginning(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    book = LocalBook("out", os.path.join("out", "lines"))
    book.open()
    monkeypatch.chdir(tmp_path / "other")
    book.append(b"one\n")
    book.close()
    assert (tmp_path / "out" / "lines").read_bytes() == b"one\n"


def test_half_written_lines_are_written_to_their_end(opened, tmp_path, monkeypatch):
    right = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: right(handle, data[:2]))
    opened.append(b"seven!\n")
    assert (tmp_path / "lines").read_bytes() == b"seven!\n"


@pytest.mark.parametrize(("before", "kept"), [(b"torn", b""), (b"\n", b"\n"), (b"a\nb", b"a\n"), (b"", b"")])
def test_a_torn_last_line_is_cut_off(opened, tmp_path, before, kept):
    (tmp_path / "lines").write_bytes(before)
    opened.append(b"x\n")
    assert (tmp_path / "lines").read_bytes() == kept + b"x\n"


def test_the_folder_is_synced_once_the_ledger_is_in_it(opened, tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(storage, "sync_folder", synced.append)
    opened.append(b"one\n")
    opened.append(b"two\n")
    assert synced == [str(tmp_path)]
    opened.start_over()
    assert synced == [str(tmp_path)] * 2


def test_lines_that_cannot_be_put_aside_are_a_sentence(opened, tmp_path, monkeypatch):
    def refuses(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuses)
    with pytest.raises(OutputError, match="lines cannot be renamed: Permission denied; name another place"):
        opened.start_over()
