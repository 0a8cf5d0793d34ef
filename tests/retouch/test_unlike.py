"""Originals that are not quite the sound that was drawn: copies that lost something, clipped or noisy ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from fastspec.colours.levels import LevelScale
from fastspec.decoder import Decoder
from fastspec.phase import metrics
from fastspec.retouch import unlike
from tests.retouch.edited import STEP, Drawing
from tests.retouch.pictures import speech

BOX = 60, 150, 150, 240  # pixels: top, bottom, left, right
WHERE = slice(BOX[0], BOX[1]), slice(BOX[2], BOX[3])


def saved(y, sr, format, subtype):
    stream = io.BytesIO()
    soundfile.write(stream, y, sr, format=format, subtype=subtype)
    stream.seek(0)
    return soundfile.read(stream, dtype="float32")[0]


def copy(kind, y, sr):
    """A copy of a sound that is not quite the same."""
    if kind == "Ogg Vorbis":
        return saved(y, sr, "OGG", "VORBIS")
    if kind == "mu-law":
        return saved(y, sr, "WAV", "ULAW")
    if kind == "noise":
        return y + np.random.default_rng(0).normal(0, 0.01 * y.std(), y.size).astype(np.float32)
    peak = 0.6 * np.abs(y).max()
    return np.clip(y, -peak, peak)


@pytest.fixture(scope="module")
def drawn():
    return Drawing(*speech())


def pixels_of(drawn, edit):
    entries = drawn.entries.copy()
    if edit == "erased":
        entries[WHERE] = 0
    if edit == "louder":
        entries[WHERE] = np.where(entries[WHERE] > 0, np.clip(entries[WHERE] + 19, 0, 255), 0)
    return drawn.pixels(entries)


@pytest.mark.parametrize("kind", ["Ogg Vorbis", "mu-law", "noise", "clipped"])
@pytest.mark.parametrize("edit", ["none", "erased", "louder"])
def test_what_a_copy_lost_is_no_edit(drawn, kind, edit):
    y = copy(kind, drawn.y, drawn.sr)
    pixels = pixels_of(drawn, edit)
    found = Decoder().retouch(pixels, (y, drawn.sr))
    true = float((pixels != drawn.pixels(drawn.entries)).any(axis=2).mean())
    assert abs(found.share - true) < 0.02
    own = Drawing(y, drawn.sr)
    spectrum = own.spectrum.copy()
    gain = {"none": 1.0, "erased": 0.0, "louder": 10 ** (19 * STEP / 20)}[edit]
    spectrum[own.cells(*BOX)] *= gain
    ideal = own.sound(spectrum)
    nothing = metrics.held_out_sc(y, ideal, drawn.sr) if edit != "none" else -20.0
    assert metrics.held_out_sc(found.wave, ideal, drawn.sr) < min(nothing - 6, -19)
    said = [remark for remark in found.calibration.remarks if "not quite the sound that was drawn" in remark]
    assert len(said) == 1
    assert ("samples are clipped" in said[0]) == (kind == "clipped")


def test_the_very_sound_is_compared_as_ever(drawn):
    for edit in ("none", "erased", "louder"):
        found = Decoder().retouch(pixels_of(drawn, edit), (drawn.y, drawn.sr))
        assert not any("not quite" in remark for remark in found.calibration.remarks)


def test_what_lies_scattered_is_no_edit_and_what_lies_together_is():
    told = np.ones((200, 300), np.bool_)
    rng = np.random.default_rng(0)
    unclipped = np.zeros(200)
    assert unlike.differs(rng.random(told.shape) < 0.01, told, unclipped)
    assert unlike.differs(rng.random(told.shape) < 0.6, told, unclipped)
    box = np.zeros_like(told)
    box[30:170, 20:250] = True
    assert not unlike.differs(box, told, unclipped)
    assert not unlike.differs(~box, told, unclipped)
    spray = box & (rng.random(told.shape) < 0.3)
    spray[100:] = False
    assert not unlike.differs(spray, told, unclipped)


def test_frames_that_are_clipped_differ_whatever_others_do():
    told, clipped = np.ones((200, 300), np.bool_), np.zeros(200)
    touched = np.zeros_like(told)
    for first in (20, 60, 120, 150):
        clipped[first : first + 3] = 0.01
        touched[first : first + 3] = True
    assert unlike.differs(touched, told, clipped)
    assert not unlike.differs(touched, told, np.zeros(200))
    touched[:] = False
    touched[10:180, 50:250] = True  # an edit over all of them
    assert not unlike.differs(touched, told, clipped)


def test_noise_of_the_original_is_found_by_band_and_an_edit_beside_it():
    rng = np.random.default_rng(1)
    scale = LevelScale("db", -80.0, 0.0)
    own = 10 ** (rng.normal(-40, 8, (160, 120)) / 20)
    noise = 10 ** (np.linspace(-60, -30, 120) / 20)
    drawn = np.abs(own + noise * (rng.normal(size=own.shape) + 1j * rng.normal(size=own.shape)))
    drawn[40:80, 20:60] *= 4
    levels = (np.floor(scale.level(drawn) * 256) + 0.5) / 256
    levels = np.clip(levels, 0.5 / 256, 255.5 / 256).astype(np.float32)
    how = unlike.found(own, levels, scale, (0.5 / 256, 255.5 / 256, 1 / 256), np.zeros(160))
    box = np.zeros(own.shape, np.bool_)
    box[40:80, 20:60] = True
    assert np.mean(how.touched != box) < 0.02
    assert how.by_cell[-10:].mean() > 4 * how.by_cell[:10].mean()
