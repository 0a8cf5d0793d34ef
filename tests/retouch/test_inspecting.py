from __future__ import annotations

import shlex

import numpy as np
import soundfile
from click.testing import CliRunner
from PIL import Image

import fastspec
from fastspec.cli.decode import decode
from fastspec.cli.inspect_ import inspect as command
from tests.retouch.edited import as_jpeg
from tests.retouch.pictures import SPEECH, drawn, speech


def test_inspect_says_what_the_original_told(tmp_path):
    y, sr = speech()
    picture = drawn(y, sr, window=np.hanning(1024))
    cal = fastspec.inspect(picture, original=(y, sr))
    assert cal.source("window") == "original"
    assert fastspec.inspect(picture, sr=sr).source("window") == "assumed"
    path = tmp_path / "edited.png"
    Image.fromarray(picture.pixels).save(path)
    result = CliRunner().invoke(command, [str(path), "--original", str(SPEECH)], standalone_mode=False)
    assert "from the original" in result.output
    assert "window hanning: drawn with it, the sound gives" in " ".join(result.output.split())


def as_file(path):
    """A picture of the tests' speech as a file, and its original beside it."""
    y, sr = speech()
    picture = drawn(y, sr, window=np.hanning(1024))
    Image.fromarray(picture.pixels).save(path)
    return picture, (y, sr)


def test_what_the_original_confirms_is_no_longer_called_assumed(tmp_path):
    """Before, one report said "db_range ... from the original" and "assumed, as nothing tells it: db_range"."""
    picture, original = as_file(tmp_path / "edited.png")
    for cal in (
        fastspec.inspect(picture, original=original),
        fastspec.Decoder().retouch(picture, original).calibration,
        fastspec.Decoder().retouch(as_jpeg(picture.pixels, tmp_path / "edited.jpg"), original).calibration,
    ):
        assert {cal.source(name) for name in ("db_range", "level_kind", "hop_length")} <= {"original", "pixels"}
        assert not any("nothing tells it" in remark for remark in cal.remarks)
    assert any("nothing tells it" in remark for remark in fastspec.inspect(picture).remarks)


def test_another_sound_tells_nothing(tmp_path):
    picture, (y, sr) = as_file(tmp_path / "edited.png")
    other = np.ascontiguousarray(y[::-1][: y.size // 2]), sr
    alone, beside = fastspec.inspect(picture), fastspec.inspect(picture, original=other)
    assert dict(alone) == dict(beside)
    assert beside.facts["duration"].source != "original"
    assert "does not fit the picture" in beside.remarks[-1]
    assert "original" not in beside.picture


def test_the_command_that_inspect_prints_names_the_original_and_needs_nothing(tmp_path):
    path = tmp_path / "edited.jpg"
    as_jpeg(as_file(tmp_path / "edited.png")[0].pixels, path)
    result = CliRunner().invoke(command, [str(path), "--original", str(SPEECH)], standalone_mode=False)
    last = result.output.strip().splitlines()[-1]
    assert f"fastspec decode {path} --original {SPEECH} " in last
    assert "?" not in last
    words = shlex.split(last)[2:]
    out = tmp_path / "edited.flac"
    CliRunner().invoke(decode, [*words, "-o", str(out)], standalone_mode=False, catch_exceptions=False)
    wanted, _ = fastspec.decode(path, original=SPEECH)
    np.testing.assert_allclose(soundfile.read(out, dtype="float32")[0], wanted, atol=2**-14)
