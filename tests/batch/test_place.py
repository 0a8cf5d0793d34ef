"""A folder is known by its inode where that means something."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace

import pytest

from fastspec.batch import holder, storage
from fastspec.batch.place import Place
from fastspec.errors import OutputError


@pytest.fixture
def place(tmp_path):
    (tmp_path / "out").mkdir()
    return Place.of(str(tmp_path / "out"), os.stat(tmp_path / "out"))


def exchanged(place):
    os.rename(place.path, place.path + ".old")
    os.mkdir(place.path)


def test_the_folder_itself_is_known_also_by_a_worker(place):
    place.check()
    pickle.loads(pickle.dumps(place)).check()
    assert place.machine == holder.machine()


def test_a_folder_that_is_gone_or_another_one_is_a_sentence(place):
    os.rename(place.path, place.path + ".old")
    with pytest.raises(OutputError, match="out was moved or removed"):
        place.check()
    os.mkdir(place.path)
    with pytest.raises(OutputError, match="out was replaced by another folder"):
        place.check()
    os.rmdir(place.path)
    os.rename(place.path + ".old", place.path)
    place.check()


@pytest.mark.parametrize("which", [0, 1])
def test_device_and_number_both_count(place, which):
    other = tuple(number + (k == which) for k, number in enumerate(place.inode))
    with pytest.raises(OutputError, match="was replaced"):
        replace(place, inode=other).check()


def test_what_cannot_be_looked_at_is_a_sentence(place):
    file = storage.join(place.path, "file")
    storage.write(file, b"")
    with pytest.raises(OutputError, match="x cannot be reached any more: Not a directory"):
        replace(place, path=storage.join(file, "x")).check()


def test_another_machine_has_other_numbers(place):
    elsewhere = replace(place, machine="another")
    exchanged(place)
    elsewhere.check()
    os.rmdir(place.path)
    with pytest.raises(OutputError, match="was moved or removed"):
        elsewhere.check()


def test_nothing_is_written_into_another_folder(place):
    storage.write(storage.join(place.path, "sub/a"), b"a", place)
    exchanged(place)
    with pytest.raises(OutputError, match="was replaced by another folder"):
        storage.write(storage.join(place.path, "sub/b"), b"b", place)
    assert os.listdir(place.path) == []


def test_nothing_is_left_in_a_folder_that_is_exchanged_while_it_is_written(place, monkeypatch):
    right = storage.make_folder

    def make_folder(*arguments):
        right(*arguments)
        exchanged(place)

    monkeypatch.setattr(storage, "make_folder", make_folder)
    with pytest.raises(OutputError, match="was replaced by another folder"):
        storage.write(storage.join(place.path, "a"), b"a", place)
    assert os.listdir(place.path) == os.listdir(place.path + ".old") == []
