from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from fastspec.retouch import writing

Y = np.round(np.random.default_rng(0).uniform(-0.5, 0.5, 4000) * 32768) / 32768


@pytest.mark.parametrize(
    ("original", "name", "wanted"),
    [
        ("PCM_16", "a.wav", "PCM_16"),
        ("PCM_24", "a.flac", "PCM_24"),
        ("PCM_32", "a.wav", "PCM_32"),
        ("FLOAT", "a.flac", "PCM_24"),  # which has no floats
        ("VORBIS", "a.wav", "FLOAT"),
        (None, "a.wav", "FLOAT"),
        ("PCM_16", "a.ogg", None),
    ],
)
def test_the_subtype_holds_the_original_samples(original, name, wanted):
    assert writing.subtype_for(original, name, None) == wanted


def test_samples_come_back_bit_for_bit_and_only_those_beyond_full_scale_are_clipped(tmp_path):
    y = Y.copy()
    y[[5, 9]] = 1.5, -2.0
    written = writing.write_as(tmp_path / "a.wav", y, 8000, "PCM_16")
    assert (written.clipped, written.gain, written.subtype) == (2, 1.0, "PCM_16")
    assert "2 edited samples" in (written.remark() or "")
    back = soundfile.read(tmp_path / "a.wav", dtype="float64")[0]
    np.testing.assert_array_equal(np.delete(back, [5, 9]), np.delete(y, [5, 9]))
    assert writing.write_as(tmp_path / "b.wav", y, 8000, "FLOAT").remark() is None
    np.testing.assert_array_equal(soundfile.read(tmp_path / "b.wav")[0], y)


@pytest.mark.parametrize(
    ("subtype", "original", "same"),
    [
        ("PCM_16", "PCM_16", True),
        ("PCM_24", "PCM_16", True),
        ("PCM_16", "PCM_24", False),
        ("FLOAT", "PCM_24", True),
        ("FLOAT", "PCM_32", False),
        ("DOUBLE", "PCM_32", True),
        ("FLOAT", "DOUBLE", False),
        ("FLOAT", "VORBIS", True),
        ("PCM_24", "VORBIS", False),
        ("FLOAT", None, True),
        ("PCM_24", None, False),
        ("VORBIS", "VORBIS", False),
        ("MPEG_LAYER_III", "PCM_16", False),
    ],
)
def test_where_samples_cannot_be_the_same_it_is_said(subtype, original, same):
    assert writing.holds(subtype, original) == same
    remark = writing.Written(1.0, 0, subtype, original).remark()
    assert (remark is None) == same
    assert same or f"{subtype} cannot hold" in str(remark)


def test_streams_take_their_format_from_a_name():
    stream = io.BytesIO()
    written = writing.write_as(stream, Y, 8000, "PCM_16", name="x.flac")
    assert written.subtype == "PCM_16"
    stream.seek(0)
    assert soundfile.info(stream).format == "FLAC"


def test_nothing_is_scaled_unless_asked(tmp_path):
    assert writing.write_as(tmp_path / "a.wav", Y, 8000, "PCM_16").gain == 1
    written = writing.write_as(tmp_path / "b.wav", 2 * Y, 8000, "PCM_16", normalize=True)
    assert (written.clipped, written.subtype) == (0, "PCM_16")
    peak = np.abs(soundfile.read(tmp_path / "b.wav")[0]).max()
    assert peak == pytest.approx(0.99, abs=1e-4)
