"""Edges of where files lie: limits to the byte, what is made and synced and in which order, whose leftovers go."""

from __future__ import annotations

import os

import pytest

from fastspec import _files
from fastspec.batch import storage
from fastspec.batch.place import Place
from fastspec.errors import OutputError, PictureError

SUFFIXES = frozenset({".png"})


@pytest.fixture
def memory():
    """An empty folder of fsspec's memory."""
    fs = pytest.importorskip("fsspec").filesystem("memory")
    yield fs
    if fs.exists("/edges"):
        fs.rm("/edges", recursive=True)


def test_a_link_to_nothing_is_there(tmp_path):
    (tmp_path / "link").symlink_to("gone")
    assert storage.exists(str(tmp_path / "link"))
    assert not storage.exists(str(tmp_path / "gone"))


def test_a_stamp_is_size_and_time_to_the_nanosecond(tmp_path, memory):
    (tmp_path / "a").write_bytes(b"abc")
    os.utime(tmp_path / "a", ns=(5, 123_456_789_012_345_678))
    found = os.stat(tmp_path / "a")
    assert storage.stamp(str(tmp_path / "a")) == (3, found.st_mtime_ns)
    assert storage.stamp("a\0b") is None
    storage.write("memory://edges/a", b"abcd")
    assert storage.stamp("memory://edges/a") == (4, 0)
    assert storage.stamp("memory://edges/none") is None


def test_only_files_have_checksums(tmp_path, memory):
    os.mkfifo(tmp_path / "pipe")
    storage.write("memory://edges/sub/a", b"")
    for path in (str(tmp_path), str(tmp_path / "pipe"), str(tmp_path / "gone"), "memory://edges/sub"):
        assert storage.checksum(path) is None
    assert (storage.checksum("memory://edges/sub/a") or (1,))[0] == 0


def test_what_is_no_file_is_closed_again(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="not a regular file"):
            storage.regular(str(path), os.O_RDONLY)
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)


@pytest.mark.parametrize("told", [True, False])
def test_a_remote_file_of_just_the_most_bytes_is_read(memory, monkeypatch, told):
    storage.write("memory://edges/a", b"abcd")
    if not told:
        about = memory.info
        monkeypatch.setattr(memory, "info", lambda path: {**about(path), "size": None})
    assert storage.fetch("memory://edges/a", 4).read() == b"abcd"
    with pytest.raises(PictureError, match="has 4 bytes or more, more than the 3"):
        storage.fetch("memory://edges/a", 3)


def test_what_fails_on_its_way_is_a_sentence(memory, monkeypatch):
    storage.write("memory://edges/sub/a", b"abcd")
    with pytest.raises(PictureError, match="sub is a folder; name a file in it"):
        storage.fetch("memory://edges/sub", 9)

    def fails(error):
        def raising(*_, **__):
            raise error

        monkeypatch.setattr(memory, "cat_file", raising)

    fails(RuntimeError("planted"))
    with pytest.raises(PictureError, match="a cannot be read: planted"):
        storage.fetch("memory://edges/sub/a", 9)
    fails(MemoryError())
    with pytest.raises(MemoryError):
        storage.fetch("memory://edges/sub/a", 9)
    monkeypatch.setattr(memory, "pipe_file", lambda *_: 1 / 0)
    with pytest.raises(OutputError, match="b cannot be written: division by zero"):
        storage.write("memory://edges/b", b"")


@pytest.fixture
def synced(monkeypatch):
    """The folders that are synced, in order."""
    found: list[str] = []
    monkeypatch.setattr(storage, "sync_folder", found.append)
    return found


def test_each_folder_that_is_made_is_synced_into_the_one_above(tmp_path, synced):
    storage.make_folder(str(tmp_path / "a" / "b" / "c"))
    assert synced == [str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")]
    storage.make_folder(str(tmp_path / "a" / "b" / "c"))
    assert len(synced) == 3
    storage.make_folder("memory://edges/x")
    assert len(synced) == 3


def test_a_folder_of_the_working_folder_is_made(tmp_path, monkeypatch, synced):
    monkeypatch.chdir(tmp_path)
    storage.make_folder("a")
    assert synced == ["."]
    storage.write("b.bin", b"x")
    assert sorted(os.listdir(tmp_path)) == ["a", "b.bin"]


def test_what_was_taken_away_is_not_made_again(tmp_path):
    root = tmp_path / "root"
    with pytest.raises(OutputError, match=r"cannot create the folder .*sub: .*root was moved or removed"):
        storage.make_folder(str(root / "sub"), str(root))
    assert not root.exists()
    root.mkdir()
    storage.write(str(root / "sub" / "a"), b"", Place.of(str(root), os.stat(root)))
    assert (root / "sub" / "a").exists()


def test_another_thread_may_have_made_it(tmp_path, monkeypatch):
    mkdir = os.mkdir

    def twice(path):
        mkdir(path)
        mkdir(path)

    monkeypatch.setattr(os, "mkdir", twice)
    storage.make_folder(str(tmp_path / "a"))
    assert (tmp_path / "a").is_dir()
    (tmp_path / "f").touch()
    monkeypatch.setattr(os.path, "isdir", lambda path: False)
    with pytest.raises(OutputError, match="File exists"):
        storage.make_folder(str(tmp_path / "f"))


def test_folders_on_the_way_are_synced_the_deepest_first(synced):
    storage.sync_folders(["/r/a/b/1", "/r/a/b/2", "/r/2", "/r/cc/3"], "/r")
    assert synced == sorted(synced, key=len, reverse=True)
    assert set(synced) == {"/r/a/b", "/r/cc", "/r/a", "/r"}
    assert len(synced) == 4
    synced.clear()
    storage.sync_folders([], "/r")
    assert synced == ["/r"]
    synced.clear()
    storage.sync_folders(["memory://r/a/b"], "memory://r")
    assert set(synced) == {"memory://r", "memory://r/a"}


def test_syncing_closes_what_it_opened(tmp_path, monkeypatch):
    closed = []
    close = os.close

    def closing(handle):
        closed.append(handle)
        close(handle)

    monkeypatch.setattr(os, "close", closing)
    storage.sync_folder(str(tmp_path))
    assert len(closed) == 1

    def fails(_):
        raise OSError(5, "planted")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OutputError, match="cannot be written: planted"):
        storage.sync_folder(str(tmp_path))
    assert len(closed) == 2
    storage.sync_folder("memory://edges")  # nothing to sync


def test_leftovers_of_a_batch_at_work_in_a_folder_below_are_left(tmp_path):
    """Those of the folder itself go, whoever holds it: it is we who do."""
    parts = {}
    for name in (".", "held", "held/deep", "free"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)

        def fill(_, folder=folder, name=name):
            (part,) = [each for each in os.listdir(folder) if _files.is_part(each)]
            (tmp_path / "kept").write_text(part)

        _files.write_whole(str(folder / "whole"), fill)
        parts[name] = folder / (tmp_path / "kept").read_text()
    for path in parts.values():
        path.write_bytes(b"half")
    locks = []
    for name in (".", "held"):
        locks.append(os.open(tmp_path / name / storage.LOCK_NAME, os.O_RDWR | os.O_CREAT))
        _files.hold(locks[-1])
    (tmp_path / "free" / storage.LOCK_NAME).touch()
    storage.remove_leftovers(str(tmp_path))
    for lock in locks:
        os.close(lock)
    assert {name for name, path in parts.items() if path.exists()} == {"held", "held/deep"}
    assert (tmp_path / "free" / "whole").exists()


def test_who_holds_a_file_is_asked_of_the_file(tmp_path, monkeypatch):
    (tmp_path / "lock").touch()
    assert not storage._is_held(str(tmp_path / "lock"))
    assert storage._is_held(str(tmp_path / "gone"))  # nobody can know
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    storage._is_held(str(tmp_path / "lock"))
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)


@pytest.mark.parametrize(
    ("pattern", "folders"),
    [
        ("*.png", ["."]),
        ("a/*.png", ["a"]),
        ("a/*/c.png", ["a"]),
        ("a/*/*.png", ["a", "a/b"]),
        ("a/**/*.png", ["a", "a/b", "a/b/c"]),
        ("**/x.png", [".", "a", "a/b", "a/b/c"]),
        ("?/b/*.png", [".", "a/b"]),
        ("gone/*.png", []),
    ],
)
def test_the_folders_that_a_pattern_lists(tmp_path, monkeypatch, pattern, folders):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "x.png").touch()
    monkeypatch.chdir(tmp_path)
    assert sorted({os.path.normpath(path) for path in storage._searched(pattern)}) == folders
    absolute = os.path.join(tmp_path, pattern)
    assert sorted(os.path.relpath(path, tmp_path) for path in storage._searched(absolute)) == folders


def test_what_cannot_be_listed_is_told_and_the_rest_is_found(tmp_path, monkeypatch):
    for name in ("a/1.png", "b/2.png", "b/3.png/4.png"):
        storage.write(str(tmp_path / name), b"")
    told = []
    scandir = os.scandir

    def refusing(path):
        if os.path.basename(path) == "a":
            raise PermissionError(13, "planted", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = storage.find(os.path.join(tmp_path, "*", "*.png"), SUFFIXES, lambda *each: told.append(each))
    assert [name for _, name in found] == ["2.png"]  # a folder is no file
    path = str(tmp_path / "a")
    assert told == [(path, f"{path} cannot be listed: planted; allow reading it, or leave it out")]
    told.clear()
    found = storage.find(str(tmp_path), SUFFIXES, lambda *each: told.append(each))
    assert [name for _, name in found] == ["b/2.png", "b/3.png/4.png"]
    assert [each for each, _ in told] == [path]


def test_remote_names_are_below_what_was_named(memory):
    for name in ("a/1.png", "a/b/2.PNG", "a/b/.3.png", "a/4.txt", "5.png"):
        storage.write(f"memory://edges/{name}", b"")
    for folder in ("memory://edges/a", "memory://edges/a/"):
        assert [name for _, name in storage.find(folder, SUFFIXES)] == ["1.png", "b/2.PNG"]
    assert list(storage.find("memory://edges/a/*.png", SUFFIXES)) == [("memory:///edges/a/1.png", "1.png")]
    assert list(storage.find("memory://edges/9.png", SUFFIXES)) == [("memory://edges/9.png", "9.png")]


def test_names_are_parts_of_paths():
    assert storage.join("a", "b/c") == os.path.join("a", "b", "c")
    assert storage.join("memory://a", "b") == "memory://a/b"
    assert storage.parent("memory://a/b/c") == "memory://a/b"
    assert storage.parent("a/b") == "a"
    assert not storage.is_remote("a:/b")


def test_all_files_below_a_folder_that_lists_itself_are_found(tmp_path):
    pytest.importorskip("fsspec")
    for name in ("a.png", "b/c.png", "b/d/e.png", "b/none.txt"):
        storage.write(str(tmp_path / name), b"")
    found = [name for _, name in storage.find(f"file://{tmp_path}", SUFFIXES)]
    assert found == ["a.png", "b/c.png", "b/d/e.png"]
