"""Pictures of which each pixel stands several times are read as they were before."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.detect import magnified
from fastspec.picture.picture import Picture


@pytest.fixture(scope="module")
def drawn(speech_picture):
    with Image.open(speech_picture) as image:
        return np.asarray(image.convert("RGB"))


def grown(pixels, times):
    return np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)


@pytest.mark.parametrize("times", [2, 3, 4])
def test_facts_and_sound_are_those_of_the_picture_before(drawn, times):
    before, large = fastspec.inspect(drawn), fastspec.inspect(grown(drawn, times))
    for name in ("freq_scale", "freq_edges", "sr", "n_fft", "cmap", "n_frames"):
        assert large.facts[name].value == before.facts[name].value
        assert large.facts[name].source == before.facts[name].source
    assert large["plot_area"] == (0, 0, times * drawn.shape[1], times * drawn.shape[0])
    assert large.picture["width"] == times * drawn.shape[1]
    assert any(f"{times} x {times} times" in remark for remark in large.remarks)
    y, _ = fastspec.decode(drawn, duration=4.5)
    z, _ = fastspec.decode(grown(drawn, times), duration=4.5)
    np.testing.assert_array_equal(y, z)


def test_a_given_area_is_one_of_the_file(drawn):
    area = (20, 10, 500, 400)
    y, _ = fastspec.decode(drawn, plot_area=area, sr=22050, duration=3.0, freq_scale="linear")
    twice = tuple(2 * v for v in area)
    z, _ = fastspec.decode(grown(drawn, 2), plot_area=twice, sr=22050, duration=3.0, freq_scale="linear")
    np.testing.assert_array_equal(y, z)
    assert fastspec.inspect(grown(drawn, 2), plot_area=twice)["plot_area"] == twice


def test_other_pictures_stay_as_they_are(drawn):
    spoilt = grown(drawn, 2)
    spoilt[7, 9] ^= 1
    for pixels in (drawn, spoilt, grown(drawn[:20, :20], 2), np.zeros((400, 400, 3), np.uint8)):
        picture = Picture.from_array(pixels)
        assert magnified.as_drawn(picture) is picture


def test_enough_must_be_left_and_no_plain_picture_is_one():
    def twice(size, borders):
        pixels = np.random.default_rng(3).integers(0, 255, (size, size), np.uint8)
        pixels[:, borders:] = pixels[:, borders : borders + 1]  # columns differ so often
        return Picture(grown(pixels, 2))

    for size, borders, enlarged in ((48, 40, True), (47, 40, False), (48, 16, True), (48, 15, False)):
        picture = twice(size, borders)
        assert (magnified.as_drawn(picture) is not picture) == enlarged


def test_boxes_of_the_file_hold_at_least_a_pixel():
    picture = Picture(np.zeros((50, 50), np.uint8), info={"enlarged": (3.0, 3.0)})
    assert magnified.smaller((4, 4, 5, 5), picture) == (1, 1, 2, 2)
    assert magnified.smaller((3, 3, 10, 12), picture) == (1, 1, 4, 4)
    assert magnified.larger((1, 1, 4, 4), picture) == (3, 3, 12, 12)
