"""The table of sound formats: what a name means, and that one entry makes a new format."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from fastspec.batch.inputs import items_of
from fastspec.errors import AudioError
from fastspec.sound import files, formats
from fastspec.sound.formats import SoundFormat, resolve_format


def test_what_names_mean():
    assert resolve_format("a.wav", None, None) == ("WAV", "PCM_16")
    assert resolve_format("a.WAV", None, "float") == ("WAV", "FLOAT")
    assert resolve_format("a.ogg", None, None) == ("OGG", "VORBIS")
    assert resolve_format("a.opus", None, None) == ("OGG", "OPUS")
    assert resolve_format("a.opus", None, "vorbis") == ("OGG", "VORBIS")
    assert resolve_format("a.aifc", None, None) == ("AIFF", "PCM_16")
    assert resolve_format("a.opus", "flac", None) == ("FLAC", "PCM_16")


def test_the_known_suffixes_are_told_in_this_order():
    with pytest.raises(AudioError) as caught:
        resolve_format("a.xyz", None, None)
    wanted = ["wav", "flac", "ogg", "mp3", "aiff", "au", "caf", "rf64", "w64", "oga", "opus", "aif", "aifc"]
    if "MP3" not in soundfile.available_formats():
        wanted.remove("mp3")
    assert str(caught.value).endswith("known: " + ", ".join(f".{suffix}" for suffix in wanted))


def test_every_entry_is_of_libsndfile_and_no_suffix_has_two_meanings():
    assert {entry.name for entry in formats.FORMATS} <= {*soundfile.available_formats(), "MP3"}
    suffixes = [suffix for entry in formats.FORMATS for suffix in entry.every_suffix]
    assert len(suffixes) == len(set(suffixes))
    assert all(entry.usual_subtypes.keys() <= set(entry.every_suffix) for entry in formats.FORMATS)


def test_one_entry_makes_a_format(monkeypatch, tmp_path):
    y = np.linspace(-0.5, 0.5, 800, dtype=np.float32)
    with pytest.raises(AudioError, match=r"suffix \.voc"):
        files.write(tmp_path / "a.voc", y, 8000)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, SoundFormat("VOC", ("voc",))))
    files.write(tmp_path / "a.voc", y, 8000, normalize=False)
    back, rate = files.read(tmp_path / "a.voc")
    assert rate == 8000
    np.testing.assert_allclose(back, y, atol=2**-15)
    items = items_of([str(tmp_path)], suffixes=formats.searched_suffixes(), new_suffix=".png", out_dir="out")
    assert [item.source.name for item in items] == ["a.voc"]
    with pytest.raises(AudioError, match=r"known: .*\.voc"):
        files.write(tmp_path / "a.xyz", y, 8000)
