"""A file of ours is whole under its name or not there: full disks, interruptions, links, devices, bad places."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastspec._files import is_part, output_errors, write_whole
from fastspec.errors import OutputError


def put(path, data=b"new") -> None:
    write_whole(path, lambda out: out.write(data))


def test_a_file_is_replaced_whole_and_nothing_is_left_over(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    put(path)
    assert os.listdir(tmp_path) == ["a.wav"]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("when", ["fsync", "replace"])
def test_a_full_disk_keeps_the_old_file_and_leaves_no_part(tmp_path, monkeypatch, when):
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, when, full)
    with pytest.raises(OutputError, match=r"a\.wav cannot be written: No space left"):
        put(path)
    assert os.listdir(tmp_path) == ["a.wav"]
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE")
def test_a_real_limit_on_file_size_is_an_output_error(tmp_path):
    code = (
        "import resource, sys; from fastspec._files import write_whole\n"
        "from fastspec.errors import OutputError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))\n"
        "try: write_whole(sys.argv[1], lambda out: out.write(bytes(99999)))\n"
        "except OutputError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.wav"], capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    assert os.listdir(tmp_path) == []


def test_an_interruption_leaves_no_part(tmp_path, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path / "a.wav")
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_leaves_is_known_by_its_name(tmp_path):
    seen = []
    write_whole(tmp_path / "a.wav", lambda out: seen.extend(os.listdir(tmp_path)))
    assert [is_part(name) for name in seen] == [True]
    assert not any(map(is_part, ("a.part", ".fastspec-ledger.lock", "a.wav")))


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(OutputError, match="folder does not exist; create it"):
        put(tmp_path / "none" / "a.wav")
    with pytest.raises(OutputError, match="cannot be written: Not a directory"):
        put(tmp_path / "file" / "a.wav")
    with pytest.raises(OutputError, match="it is a folder"):
        put(tmp_path / "folder.wav")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError, match="Permission denied"):
            put(tmp_path / "a.wav")
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes and links")
def test_mode_links_and_devices_are_respected(tmp_path):
    mask = os.umask(0o022)
    try:
        put(tmp_path / "a.wav")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o644
    (tmp_path / "link.wav").symlink_to(tmp_path / "a.wav")
    put(tmp_path / "link.wav", b"other")
    assert (tmp_path / "link.wav").is_symlink()
    assert (tmp_path / "a.wav").read_bytes() == b"other"
    put("/dev/null")  # a rename would replace the device
    assert Path("/dev/null").is_char_device()


def test_a_name_of_full_length_can_be_written(tmp_path):
    path = tmp_path / ("a" * 251 + ".wav")
    put(path)
    assert path.exists()


def test_an_error_of_ours_keeps_its_words():
    with pytest.raises(OutputError, match="said before"), output_errors("x"):
        raise OutputError("said before")
