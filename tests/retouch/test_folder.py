from __future__ import annotations

import os

import pytest

from fastspec.errors import AudioError, ParameterError
from fastspec.retouch.folder import Originals


def test_a_picture_finds_the_sound_of_its_name(tmp_path):
    for name in ("a.wav", "b.flac", "b.txt", "c.wav", "c.flac"):
        (tmp_path / name).touch()
    found = Originals.of(tmp_path)
    assert found.of_picture("elsewhere/a.png") == str(tmp_path / "a.wav")
    assert found.of_picture("b.jpg") == str(tmp_path / "b.flac")
    with pytest.raises(AudioError, match="no sound named d"):
        found.of_picture("d.png")
    with pytest.raises(AudioError, match=r"c\.flac and c\.wav"):
        found.of_picture("c.png")


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="cannot be listed as a folder"):
        Originals.of(tmp_path / "missing")
    with pytest.raises(ParameterError, match=r"memory://sounds cannot be listed .*; name the folder on this machine"):
        Originals.of("memory://sounds")


def test_it_is_as_it_is_now_and_here(tmp_path, monkeypatch):
    for folder, sound in (("one/sounds", "a.wav"), ("two/sounds", "b.wav")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / sound).touch()
    monkeypatch.chdir(tmp_path / "one")
    assert Originals.of("sounds").paths == [os.path.join("sounds", "a.wav")]
    monkeypatch.chdir(tmp_path / "two")
    assert Originals.of("sounds").paths == [os.path.join("sounds", "b.wav")]
    (tmp_path / "two" / "sounds" / "c.flac").touch()
    os.utime("sounds", ns=(1, 1))  # whatever the clock's ticks
    assert Originals.of("sounds").of_picture("c.png") == os.path.join("sounds", "c.flac")
