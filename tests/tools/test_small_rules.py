"""Rules of the tools' readers by themselves, on both sides of each limit, with the values that the labels have."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from fastspec.colours import colormap
from fastspec.tools import spek
from fastspec.tools.ffmpeg import colour_bar, legend
from fastspec.tools.sox import draw as sox_draw
from fastspec.tools.specgram import imshow_cells
from tests.tools.test_ffmpeg import figure

NOTHING: dict = {}


class Reader:
    """Stands for ffmpeg's lettering: what is written where, and how many pixels were wrong."""

    def __init__(self, *, text="", times=(), wrong=0, w=480, h=256):
        self.text, self.times, self.wrong, self.w, self.h = text, dict(times), wrong, w, h
        self.height, self.width, self.box = h + 128, w + 200, (100, 64, 100 + w, 64 + h)
        self.font = SimpleNamespace(centred=lambda line, inked, x, longest: (self.times.get(x - 100, ""), 0))

    def line(self, top):
        return np.zeros((8, self.width), bool)

    def right(self, top, pattern):
        return re.fullmatch(pattern, self.text)

    def at(self, top, x, count):
        return self.text[top - 61] if 0 <= top - 61 < len(self.text) else ""


# --- ffmpeg's legend


@pytest.mark.parametrize(
    ("text", "wrong", "rate", "sure"),
    [
        ("8000 Hz | mono", 0, 8000, 0.97),
        ("8000 Hz | mono", 1, 8000, 0.93),
        ("1 Hz | mono", 0, 1, 0.97),
        ("0 Hz | mono", 0, None, None),
        ("Hz | mono", 0, None, None),
    ],
)
def test_a_rate_is_a_number_above_nought(text, wrong, rate, sure):
    facts: dict = {}
    assert legend._sound(Reader(text=text, wrong=wrong), facts) == (None if rate is None else "mono")
    found = facts.get("sr")
    assert (found and found.value, found and found.confidence) == (rate, sure)


@pytest.mark.parametrize(
    ("w", "times", "wrong", "seconds", "sure"),
    [
        (170, {80: "0.80s", 160: "1.60s"}, 0, 1.7, 0.96),
        (170, {80: "0.80s", 160: "1.60s"}, 1, 1.7, 0.9),
        (90, {80: "8.00s"}, 0, 9.0, 0.9),  # a label alone
        (90, {80: "0.80s"}, 0, 0.9, 0.85),  # which leaves .6 %
        (90, {80: "0.16s"}, 0, 0.18, 0.85),  # 3 %
        (90, {80: "0.08s"}, 0, 0.09, 0.5),  # 6 %
        (90, {80: "0.80m"}, 0, 54.0, 0.85),
        (90, {80: "0.80h"}, 0, 3240.0, 0.85),
        (90, {80: "0.80x"}, 0, None, None),
        (90, {80: "0.00s"}, 0, 0.002818, 0.5),  # between nothing and half a hundredth
        (170, {80: "0.80s", 160: "1.70s"}, 0, None, None),  # they contradict each other
    ],
)
def test_a_duration_is_as_sure_as_its_labels(w, times, wrong, seconds, sure):
    facts: dict = {}
    read = legend._times(Reader(times=times, wrong=wrong, w=w), facts)
    if seconds is None:
        assert (read, facts) == (False, {})
        return
    assert read
    assert facts["duration"].value == pytest.approx(seconds, rel=2e-3)
    assert facts["duration"].confidence == sure


@pytest.mark.parametrize("beside", [True, False])
def test_levels_that_cannot_be_read_are_said(beside):
    picture = figure()
    if not beside:
        pixels = picture.pixels.copy()
        pixels[: picture.height - 12, -110:] = 0  # the numbers, and not the rate below
        picture = type(picture)(pixels)
    box = legend.plot(picture)
    assert box is not None
    fact = SimpleNamespace(value=box, confidence=0.5)
    found = legend.read(picture, {"plot_area": fact, "profile": fact, "cmap": fact})
    said = "ffmpeg's labels of levels are not understood; give what they say as options"
    assert (said in found.remarks) is not beside


def power(root, h=256, off=0.0):
    """Numbers beside the bar of a scale of this root, every 25 pixels; the third one is off."""
    shares = [max(0.0, 1 - y / (h - 1)) ** root for y in range(0, h + 5, 25)]
    return [f"{share + (off if k == 3 else 0):.3f}" for k, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        (power(1), "ffmpeg-lin"),
        (power(2), "ffmpeg-sqrt"),
        (power(5), "ffmpeg-5thrt"),
        (power(1, off=0.001), "ffmpeg-lin"),
        (power(1, off=0.004), None),  # no power law
        (["1.000", "0.902"], None),  # any of them
        (["1.000"], None),
        (["1.000", "0.902", "x"], None),
    ],
)
def test_a_scale_is_the_power_law_that_fits_clearly(numbers, name):
    class Numbers(Reader):
        def at(self, top, x, count):
            assert (x, count) in ((615, 8), (615, 6))
            return numbers[(top - 61) // 25] if (top - 61) % 25 == 0 and (top - 61) // 25 < len(numbers) else ""

    facts: dict = {}
    beside = Numbers()
    found = {"profile": SimpleNamespace(confidence=0.5)}
    remarks: list = []
    assert colour_bar.read_levels(beside, found, facts, remarks) is (name is not None)
    assert (facts["profile"].value if "profile" in facts else None) == name
    assert not remarks
    if name:
        assert facts["profile"].confidence == 0.95


# --- the others


def test_riffusions_map_is_told_by_its_tool_alone():
    """It is a gray upside down, which a picture of another tool may have."""
    assert "riffusion" not in colormap.names()
    assert colormap.get("riffusion").table[:, 0].tolist() == list(range(255, -1, -1))


@pytest.mark.parametrize(
    ("channels", "n_fft"), [(1, 1024), (2, 512), (3, 256), (4, 256), (5, 128), (8, 128), (100, 128)]
)
def test_soxs_transform_is_the_power_of_two_that_550_rows_hold(channels, n_fft):
    assert sox_draw._n_fft({}, channels, None) == n_fft


@pytest.mark.parametrize(
    ("line", "black", "framed"), [(199, 0, False), (200, 64, True), (255, 65, False), (255, 63, True)]
)
def test_speks_plot_lies_within_a_white_line_on_black(line, black, framed):
    luma = np.full((60, 80), black, np.uint8)
    luma[10:50, 10:70] = 90
    luma[[10, 49], 10:70] = luma[10:50, [10]] = luma[10:50, [69]] = line
    plane = SimpleNamespace(part=lambda top, bottom, left, right: luma[top:bottom, left:right])
    assert spek._is_framed(plane, (10, 10, 70, 50)) is framed


@pytest.mark.parametrize(
    ("frames", "height", "found"),
    [
        (179, 5.6, True),
        (179, 5.4, False),
        (181, 5.6, False),
        (181, 12.1, True),
        (181, 11.9, False),
        (97, 50, False),
        (99, 50, True),
        (1600, 50, True),
        (1601, 50, False),
    ],
)
def test_a_hop_is_told_by_a_clear_beat(monkeypatch, frames, height, found):
    monkeypatch.setattr(imshow_cells, "_Beat", lambda levels, axis: SimpleNamespace(at=lambda cells: height))
    monkeypatch.setattr(imshow_cells, "_hops", lambda n_fft: [7])
    monkeypatch.setattr(imshow_cells, "count_frames", lambda samples, hop, n_fft, *, center: frames)
    assert imshow_cells._hop_by_beat(np.zeros((9, 100), np.float32), 5, 64) == (7 if found else None)


@pytest.mark.parametrize(("second", "found"), [(50 / 1.81, True), (50 / 1.79, False)])
def test_a_hop_is_told_where_it_is_clearly_ahead(monkeypatch, second, found):
    beats = {110: 50.0, 120: second}
    monkeypatch.setattr(imshow_cells, "_Beat", lambda levels, axis: SimpleNamespace(at=beats.__getitem__))
    monkeypatch.setattr(imshow_cells, "_hops", lambda n_fft: [7, 8])
    monkeypatch.setattr(
        imshow_cells, "count_frames", lambda samples, hop, n_fft, *, center: {7: 110, 8: 120}[hop] if not center else 0
    )
    assert imshow_cells._hop_by_beat(np.zeros((9, 100), np.float32), 5, 64) == (7 if found else None)
