"""What a decoder asks and passes on, part by part."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import fastspec
from fastspec import Decoder, decoder
from fastspec.batch import facts_table
from fastspec.batch.config import decoder_of
from fastspec.calibration import consistency, trust
from fastspec.detect import unknown_names
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture import files
from fastspec.plot import reading, stored, subsampled


@pytest.mark.parametrize(
    ("quality", "apart", "every", "count"),
    [
        ("fast", 0.25, False, 4), ("fast", 0.5, False, 2), ("fast", 0.5, True, 4), ("fast", 1 / 3, False, 2),
        ("balanced", 0.25, False, 16), ("balanced", 0.5, False, 4), ("best", 0.5, False, 100), ("best", 0.1, True, 100),
    ],
)  # fmt: skip
def test_frames_that_hardly_overlap_get_fewer_iterations(quality, apart, every, count):
    assert Decoder(quality=quality)._iterations(apart, every) == count
    assert Decoder(quality=quality, n_iter=7)._iterations(apart, every) == 7


@pytest.mark.parametrize(
    ("box", "change", "blocks"),
    [
        ((0, 0, 9, 9), {}, (0, 0)), ((3, 2, 9, 9), {}, (0, 1)), ((2, 5, 9, 9), {}, (1, 0)), ((5, 7, 9, 9), {}, (1, 1)),
        ((4, 8, 9, 9), {}, (0, 0)), ((0, 0, 9, 9), {"subsampling": None}, None), ((0, 0, 9, 9), {"enlarged": 2}, None),
        ((0, 0, 9, 9), {"subsampling": "4:4:4"}, None),
    ],
)  # fmt: skip
def test_where_jpegs_blocks_begin(box, change, blocks):
    info = {"subsampling": subsampled.SHARED, **change}
    scene = SimpleNamespace(picture=SimpleNamespace(info=info, file=b"file"), box=box, backwards=False)
    page = stored.Page(b"file", box[1], box[0])
    assert decoder._blocks(scene) == (None if blocks is None else (blocks, page))
    scene.picture.file = None
    assert decoder._blocks(scene) == (None if blocks is None else (blocks, None))
    if blocks is not None:
        info["subsampling"] = stored.BESIDE
        assert decoder._blocks(scene) == (None, None)
    scene.backwards = True
    assert decoder._blocks(scene) is None


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_how_colours_were_stored_is_handed_on(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a{suffix}"
    files.write(fastspec.encode(np.sin(np.arange(4000) * 0.3), 8000, n_fft=256), path)
    seen = []
    right = reading.read

    def noted(*arguments, **named):
        seen.append(named)
        return right(*arguments, **named)

    monkeypatch.setattr(reading, "read", noted)
    Decoder(sr=8000, n_fft=256).read(path)
    assert [each["jpeg"] for each in seen] == [suffix == ".jpg"]
    assert (seen[0]["palette"] is None) == (suffix == ".jpg")


def test_what_is_unknown_or_only_assumed_is_refused_before_pixels_are_read(tmp_path, monkeypatch):
    picture = fastspec.encode(np.sin(np.arange(4000) * 0.3), 8000, n_fft=256)
    monkeypatch.setattr(reading, "read", lambda *_, **__: pytest.fail("they were"))

    def refuse(cal):
        raise CalibrationError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(unknown_names, "check", refuse)
        with pytest.raises(CalibrationError, match="planted"):
            Decoder().read(picture)
    monkeypatch.setattr(trust, "check", refuse)
    with pytest.raises(CalibrationError, match="planted"):
        Decoder(strict=True).read(picture)


def test_a_row_as_it_was_written_holds_unless_an_option_adds_to_it():
    row = '{"sr": 8000, "as used": {"assumed": {"duration": 1.5}, "doubtful": ["duration"], "seen": []}}'
    assert facts_table.AS_USED == "as used"
    whole = decoder_of("{}", row).given
    assert (whole["sr"], whole["duration"], whole.source("duration")) == (8000, 1.5, "assumed")
    assert "duration" not in decoder_of('{"n_fft": 256}', row).given


@pytest.mark.parametrize("memory", [None, 1e9])
def test_whoever_limits_memory_lifts_the_limit_of_cells(monkeypatch, memory):
    picture = fastspec.encode(np.sin(np.arange(4000) * 0.3), 8000, n_fft=256)
    asked = []
    size = consistency.check_size

    def noting(cal, **how):
        asked.append(how["limit"])
        size(cal, **how)

    monkeypatch.setattr(consistency, "check_size", noting)
    Decoder(max_memory=memory, n_iter=0).read(picture)
    usual, lifted = (consistency.max_cells(Decoder().max_pixels, lifted=yes) for yes in (False, True))
    assert set(asked) == {usual if memory is None else lifted}
    assert usual < lifted


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({}, False), ({"workers": 2}, False), ({"mono": True}, True), ({"quality": "fast"}, True), ({"seed": 1}, True),
        ({"n_iter": 3}, True), ({"quality": "balanced"}, False),
    ],
)  # fmt: skip
def test_how_phases_are_retrieved_says_nothing_beside_an_original(options, refused):
    tool = Decoder(**options)
    if not refused:
        tool.check_retouches()
        return
    with pytest.raises(
        ParameterError, match="quality, method, init, n_iter, seed and mono say nothing; leave them out"
    ):
        tool.check_retouches()
