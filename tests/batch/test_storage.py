"""Local folders and remote ones (fsspec's `memory://`) behave alike."""

from __future__ import annotations

import hashlib
import os

import pytest

from fastspec import _files
from fastspec.batch import storage
from fastspec.errors import MissingExtraError, OutputError, PictureError

SUFFIXES = frozenset({".png"})


@pytest.fixture(params=["local", "remote"])
def folder(request, tmp_path):
    """An empty folder's path."""
    if request.param == "local":
        yield str(tmp_path)
        return
    fsspec = pytest.importorskip("fsspec")
    yield f"memory://{tmp_path.name}"
    memory = fsspec.filesystem("memory")
    if memory.exists(f"/{tmp_path.name}"):
        memory.rm(f"/{tmp_path.name}", recursive=True)


def test_what_is_written_is_there_with_size_and_checksum(folder):
    path = storage.join(folder, "a/b/c.bin")
    assert not storage.exists(path)
    assert storage.stamp(path) is storage.checksum(path) is None
    storage.write(path, b"abc" * 1_000_000)
    assert storage.exists(path)
    assert storage.checksum(path) == (3_000_000, hashlib.sha256(b"abc" * 1_000_000).hexdigest())
    size, changed = storage.stamp(path) or (0, 0)
    assert size == 3_000_000
    assert (changed == 0) == storage.is_remote(folder)
    assert storage.parent(path) == storage.join(folder, "a/b")
    storage.write(path, memoryview(b"less"))
    assert (storage.stamp(path) or (0,))[0] == 4
    storage.sync_folder(storage.parent(path))


def test_folders_are_searched_in_a_fixed_order(folder):
    for name in ("b.png", "a.PNG", "sub/c.png", "sub/.hidden.png", "notes.txt"):
        storage.write(storage.join(folder, name), b"x")
    assert [relative for _, relative in storage.find(folder, SUFFIXES)] == ["a.PNG", "b.png", "sub/c.png"]
    assert [storage.stamp(path) is not None for path, _ in storage.find(folder, SUFFIXES)] == [True] * 3
    assert [name for _, name in storage.find(storage.join(folder, "*.p*"), SUFFIXES)] == ["b.png"]
    assert [name for _, name in storage.find(storage.join(folder, "gone.png"), SUFFIXES)] == ["gone.png"]


def test_leftovers_of_killed_processes_are_removed(tmp_path):
    sub = tmp_path / "sub"
    storage.write(str(sub / "whole.wav"), b"x")

    def fill(out):
        (part,) = set(os.listdir(sub)) - {"whole.wav"}
        (tmp_path / part).write_bytes(b"half")  # as one that nobody was left to delete

    _files.write_whole(str(sub / "other.wav"), fill)
    (left,) = set(os.listdir(tmp_path)) - {"sub"}
    storage.remove_leftovers(str(tmp_path))
    assert os.listdir(tmp_path) == ["sub"], left
    assert sorted(os.listdir(sub)) == ["other.wav", "whole.wav"]


def test_remote_files_are_fetched_by_name_or_refused():
    pytest.importorskip("fsspec")
    storage.write("memory://fetched/a.png", b"abc")
    found = storage.fetch("memory://fetched/a.png", 3)
    assert (found.read(), found.name) == (b"abc", "memory://fetched/a.png")
    with pytest.raises(PictureError, match="does not exist"):
        storage.fetch("memory://fetched/gone.png", 3)
    with pytest.raises(OutputError, match="cannot be reached"):
        storage.exists("no-such-scheme://a/b")


@pytest.mark.parametrize("told", [True, False])
def test_a_remote_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch, told):
    fs = pytest.importorskip("fsspec").filesystem("memory")
    storage.write("memory://large/a.png", bytes(5 << 20))
    read = []
    if told:
        monkeypatch.setattr(fs, "cat_file", lambda *_, **__: pytest.fail("it was read"))
    else:  # as by a server that does not tell the size
        about, opened = fs.info, fs.open
        monkeypatch.setattr(fs, "info", lambda path: {**about(path), "size": None})

        def counting(path, mode):
            stream = opened(path, mode)
            take = stream.read

            def reading(size):
                read.append(size)
                return take(size)

            monkeypatch.setattr(stream, "read", reading)
            return stream

        monkeypatch.setattr(fs, "open", counting)
    with pytest.raises(PictureError, match=r"large/a\.png has .* bytes or more, more than the 1000000"):
        storage.fetch("memory://large/a.png", 1_000_000)
    assert read == ([] if told else [1 << 20])
    if not told:
        assert len(storage.fetch("memory://large/a.png", 5 << 20).read()) == 5 << 20


def test_a_remote_pipe_is_refused_and_not_waited_for(tmp_path):
    pytest.importorskip("fsspec")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PictureError, match="not a regular file"):
        storage.fetch(f"file://{tmp_path}/pipe.png", 1000)


def test_without_fsspec_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match="remote"):
        storage.exists("s3://bucket/a")


def test_what_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot create the folder"):
        storage.make_folder(str(tmp_path / "file" / "sub"))
    with pytest.raises(OutputError, match="cannot"):
        storage.write(str(tmp_path / "file" / "sub" / "a.wav"), b"x")
    with pytest.raises(OutputError, match="cannot be written"):
        storage.sync_folder(str(tmp_path / "gone"))


def test_paths_are_named_as_another_process_finds_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert storage.absolute("a") == str(tmp_path / "a")
    assert storage.absolute("s3://b/a") == storage.join_source("/x", "s3://b/a") == "s3://b/a"
    assert storage.join_source("/x", "a/b") == os.path.join("/x", "a/b")
    assert storage.join("s3://b/", "a/c") == "s3://b/a/c"
    assert storage.parent("a.wav") == "."
