from __future__ import annotations

import numpy as np
import pytest

from fastspec import inspection
from fastspec.calibration.complete import Complete
from fastspec.plot import cells, damage, layout
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain
from tests.retouch.pictures import drawn, speech


def explained(picture, sound, **given):
    return explain(picture, inspection.given_facts(given), Original.of(sound))


@pytest.mark.parametrize("window", [np.hanning, "blackman", "hann"])
def test_the_window_of_an_edited_picture_is_found(window):
    y, sr = speech()
    window = np.hanning(1024) if callable(window) else window
    found = explained(drawn(y, sr, window=window), (y, sr))
    cal = found.calibration
    assert cal["window"] == ("hanning" if isinstance(window, np.ndarray) else window)
    assert (cal["n_fft"], cal["hop_length"], cal["sr"], cal["freq_scale"]) == (1024, 512, sr, "log")
    assert cal.source("window") == "original"
    assert cal["db_range"] == (-80.0, 0.0)
    assert found.is_its_original
    assert found.offset == 0


def test_the_redrawn_picture_is_the_one_before_the_edit():
    y, sr = speech()
    found = explained(drawn(y, sr, window=np.hanning(1024)), (y, sr))
    whole = drawn(y, sr, window=np.hanning(1024), edited=False)
    facts = Complete.of(found.calibration)
    cmap, plan = layout.colormap(found.calibration), layout.layout(facts, whole.width, whole.height)
    levels = damage.read_levels(whole.pixels, cmap).positions
    again = cells.draw(found.channels[0].shown, plan.rows, plan.columns)
    assert np.mean(np.abs(again - levels) < 0.6 * cmap.step) > 0.999


def test_what_is_given_rules():
    y, sr = speech()
    found = explained(drawn(y, sr, window=np.hanning(1024)), (y, sr), window="hann", n_fft=1024)
    assert (found.calibration["window"], found.calibration.source("window")) == ("hann", "given")


def test_another_sound_explains_next_to_nothing():
    y, sr = speech()
    picture = drawn(y, sr)
    other = np.ascontiguousarray(y[::-1])
    assert not explained(picture, (other, sr)).is_its_original
    noise = np.random.default_rng(0).normal(0, 0.1, y.size).astype(np.float32)
    wrong = explained(picture, (noise, sr))
    assert wrong.agreement < AGREEMENT.least / 2
    assert "explains" in wrong.verdict


def test_noise_over_everything_leaves_it_the_original():
    y, sr = speech()
    picture = drawn(y, sr, edited=False)
    rng = np.random.default_rng(1)
    pixels = np.clip(picture.pixels + rng.normal(0, 10, picture.pixels.shape), 0, 255).astype(np.uint8)
    assert explained(type(picture).from_array(pixels), (y, sr)).agreement > 2 * AGREEMENT.least


def test_a_picture_drawn_at_another_rate():
    import librosa

    y, sr = speech()
    other = 22050 if sr != 22050 else 16000
    low = librosa.resample(y, orig_sr=sr, target_sr=other, res_type="polyphase")
    found = explained(drawn(low, other), (y, sr))
    assert found.calibration["sr"] == other
    assert found.is_its_original


def test_one_channel_of_two():
    y, sr = speech()
    other = np.roll(y, y.size // 3)
    found = explained(drawn(y, sr), (np.stack([other, y]), sr))
    assert found.channel == 1
    assert found.is_its_original


@pytest.mark.parametrize("width", [400, 90])  # with fewer columns than frames none tells how many there are
def test_a_part_of_a_longer_sound_is_found_by_what_it_shows(width):
    y, sr = speech()
    first, count = 30001, 60000
    part = np.ascontiguousarray(y[first : first + count])
    found = explained(drawn(part, sr, size=(width, 300), window=np.hanning(1024)), (y, sr))
    assert found.agreement > 0.5
    assert (round(found.offset * sr), round(found.calibration["duration"] * sr)) == (first, count)
    assert (found.calibration["window"], found.calibration["hop_length"]) == ("hanning", 512)
    assert found.told is None
    assert any("begins 1.36" in said for said in found.calibration.remarks)


@pytest.mark.parametrize("size", [(400, 300), (120, 300)])
def test_a_sound_that_begins_earlier_is_shifted(size):
    y, sr = speech()
    longer = np.concatenate([np.zeros(8000, np.float32), y])
    found = explained(drawn(y, sr, size=size), (longer, sr))
    assert found.is_its_original
    assert (found.offset * sr, found.calibration["duration"] * sr) == pytest.approx((8000, y.size))
    assert any("begins" in said for said in found.calibration.remarks)


@pytest.mark.parametrize("size", [(400, 300), (120, 300)])
def test_a_shorter_sound_is_found_in_the_picture_and_the_rest_of_it_tells_nothing(size):
    y, sr = speech()
    first, count = 30011, 50000
    found = explained(drawn(y, sr, size=size), (np.ascontiguousarray(y[first : first + count]), sr))
    assert found.is_its_original
    assert round(found.offset * sr) == -first
    assert found.told is not None
    assert 0.4 < found.told.mean() < count / y.size
    assert found.calibration["db_range"] == pytest.approx((-80, 0), abs=0.5)
    assert any("s before the original's first sample" in said for said in found.calibration.remarks)


def test_levels_of_one_plot_are_read_once(monkeypatch):
    y, sr = speech()
    calls = []
    read = damage.read_levels

    def counted(*args, **more):
        calls.append(1)
        return read(*args, **more)

    monkeypatch.setattr(damage, "read_levels", counted)
    explained(drawn(y, sr, y_axis="linear", edited=False), (np.ascontiguousarray(y[::-1]), sr))
    assert len(calls) == 1
