from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec.decoder import Decoder
from fastspec.phase import metrics
from tests.retouch.edited import Drawing
from tests.retouch.pictures import speech

FIRST, COUNT = 30001, 60000


def retouched(pixels, sound):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    stream.seek(0)
    return Decoder().retouch(stream, sound)


def part_drawn(y, sr, edited):
    """A picture of a part of a sound, and what its edit gives as the whole sound."""
    drawing = Drawing(np.ascontiguousarray(y[FIRST : FIRST + COUNT]), sr)
    entries, spectrum = drawing.entries.copy(), drawing.spectrum.copy()
    if edited:
        entries[60:150, 120:240] = 0
        spectrum[drawing.cells(60, 150, 120, 240)] = 0
    ideal = y.copy()
    ideal[FIRST : FIRST + COUNT] = drawing.sound(spectrum) if edited else drawing.y
    return drawing, drawing.pixels(entries), ideal


def test_an_unedited_part_gives_the_whole_original_bit_for_bit():
    y, sr = speech()
    _, pixels, _ = part_drawn(y, sr, edited=False)
    found = retouched(pixels, (y, sr))
    np.testing.assert_array_equal(found.wave, y)
    assert found.exact == y.size
    assert any("nothing was edited" in said for said in found.calibration.remarks)


def test_an_edited_part_changes_the_whole_original_there_alone():
    y, sr = speech()
    drawing, pixels, ideal = part_drawn(y, sr, edited=True)
    found = retouched(pixels, (y, sr))
    assert metrics.held_out_sc(found.wave, ideal, sr) < -60
    frames = drawing.plan.columns[[120, 239]]
    low, high = FIRST + frames[0] * 512 - 512, FIRST + frames[1] * 512 + 512
    changed = np.flatnonzero(found.wave != y)
    assert low <= changed[0]
    assert changed[-1] < high
    assert 0 <= found.exact - (y.size - (high - low)) < 16  # some edited samples come out the same


def test_noise_over_a_part_changes_no_other_part():
    y, sr = speech()
    _, pixels, _ = part_drawn(y, sr, edited=False)
    noise = np.random.default_rng(0).normal(0, 10, pixels.shape)
    found = retouched(np.clip(pixels + noise, 0, 255).astype(np.uint8), (y, sr))
    assert found.everywhere
    np.testing.assert_array_equal(found.wave[:FIRST], y[:FIRST])
    np.testing.assert_array_equal(found.wave[FIRST + COUNT + 512 :], y[FIRST + COUNT + 512 :])
    assert metrics.held_out_sc(found.wave, y, sr) < -20
    assert found.exact >= y.size - COUNT - 1024


@pytest.mark.parametrize("edited", [False, True])
def test_of_a_shorter_original_the_rest_of_the_picture_is_left_out(edited):
    y, sr = speech()
    drawing = Drawing(y, sr)
    entries, spectrum = drawing.entries.copy(), drawing.spectrum.copy()
    if edited:
        entries[60:150, 190:240] = 0
        spectrum[drawing.cells(60, 150, 190, 240)] = 0
    part = np.ascontiguousarray(y[FIRST : FIRST + COUNT])
    found = retouched(drawing.pixels(entries), (part, sr))
    if not edited:
        np.testing.assert_array_equal(found.wave, part)
        return
    assert metrics.held_out_sc(found.wave, drawing.sound(spectrum)[FIRST : FIRST + COUNT], sr) < -60
    assert found.exact > 0.6 * COUNT


def test_noise_over_a_picture_of_more_than_the_original_is_noise():
    y, sr = speech()
    noise = np.random.default_rng(0).normal(0, 10, (300, 400, 3))
    pixels = Drawing(y, sr).picture.pixels + noise
    part = np.ascontiguousarray(y[FIRST : FIRST + COUNT])
    found = retouched(np.clip(pixels, 0, 255).astype(np.uint8), (part, sr))
    assert found.everywhere
    assert metrics.held_out_sc(found.wave, part, sr) < -15


@pytest.mark.parametrize("first", [9999, 30001, 30002])
def test_a_part_drawn_at_another_rate_is_put_back_where_it_was(first):
    import librosa

    y, sr = speech()
    double = librosa.resample(y, orig_sr=sr, target_sr=2 * sr, res_type="polyphase").astype(np.float32)
    low = librosa.resample(double[first : first + 2 * COUNT], orig_sr=2 * sr, target_sr=sr, res_type="polyphase")
    drawing = Drawing(low.astype(np.float32), sr)
    entries = drawing.entries.copy()
    entries[:, 120:240] = 0
    found = retouched(drawing.pixels(entries), (double, 2 * sr))
    frames = drawing.plan.columns[[120, 239]]
    inside = slice(first + 2 * 512 * (frames[0] + 2), first + 2 * 512 * (frames[1] - 2))
    left = np.sqrt(np.mean(np.square(found.wave[inside])) / np.mean(np.square(double[inside])))
    assert 20 * np.log10(left) < -35
    np.testing.assert_array_equal(found.wave[: first - 72], double[: first - 72])  # resampling reaches a little farther


def test_a_block_pasted_where_not_every_frame_has_a_column_is_moved_by_whole_frames():
    y, sr = speech()
    drawing = Drawing(y, sr, size=(120, 200))
    shown, entries, spectrum = drawing.plan.columns, drawing.entries.copy(), drawing.spectrum.copy()
    assert len(spectrum) > 1.5 * len(shown)
    entries[40:120, 50:90] = drawing.entries[40:120, 20:60]
    moved = round(float(np.median(shown[50:90] - shown[20:60])))
    mask = drawing.cells(40, 120, 50, 90)
    spectrum[mask] = np.roll(spectrum, moved, axis=0)[mask]
    found = retouched(drawing.pixels(entries), (y, sr))
    assert metrics.held_out_sc(found.wave, drawing.sound(spectrum), sr) < -25


def spoilt(pixels, how):
    """A file of a picture that lost something, or kept it in a format that loses something usually."""
    stream, image = io.BytesIO(), Image.fromarray(pixels)
    if how == "palette":
        colours = image.quantize(64, dither=Image.Dither.NONE)
        image.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG).save(stream, "PNG")
    else:
        image.save(stream, "WEBP", **({"lossless": True} if how == "lossless" else {"quality": 80}))
    stream.seek(0)
    return stream


@pytest.mark.parametrize(("how", "wanted"), [("WebP", -30), ("lossless", -60), ("palette", -30)])
def test_edits_are_told_from_what_lossy_webp_and_few_colours_lost(how, wanted):
    y, sr = speech()
    drawing = Drawing(y, sr)
    entries, spectrum = drawing.entries.copy(), drawing.spectrum.copy()
    unedited = Decoder().retouch(spoilt(drawing.pixels(entries), how), (y, sr))
    assert unedited.share < 0.005
    assert metrics.held_out_sc(unedited.wave, y, sr) < wanted if unedited.exact < y.size else True
    entries[60:150, 150:240] = 0
    spectrum[drawing.cells(60, 150, 150, 240)] = 0
    found = Decoder().retouch(spoilt(drawing.pixels(entries), how), (y, sr))
    true = float((entries != drawing.entries).mean())
    assert abs(found.share - true) < 0.02
    assert metrics.held_out_sc(found.wave, drawing.sound(spectrum), sr) < wanted
