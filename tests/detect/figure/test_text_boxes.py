"""Pieces of text beside a plot, put together to labels."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from fastspec.detect.figure import text_boxes
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure

PLOT = Plot((60, 30, 260, 130), (60, 30, 260, 130), 1, (0, 0, 0), "image")


def figure(*letters, other=()):
    """White paper with a plot and black letters (left, top, right, bottom)."""
    away = np.zeros((200, 400), np.uint8)
    for left, top, right, bottom in letters:
        away[top:bottom, left:right] = 255
    rgb = np.repeat(255 - away[..., None], 3, axis=2)
    return Figure(rgb, away, (255, 255, 255), (PLOT, *other))


def found_beside(side, *letters, turned=False):
    room = text_boxes.margin(figure(*letters), PLOT, side)
    return text_boxes.labels(room, text_boxes.pieces(room), turned=turned)


def word(left, top, gaps=(2, 2), wide=5, high=9):
    """Three letters with so many pixels between."""
    letters, x = [], left
    for gap in (*gaps, 0):
        letters.append((x, top, x + wide, top + high))
        x += wide + gap
    return letters


def test_letters_near_each_other_are_one_label():
    first, second = word(90, 145), word(180, 145)
    assert found_beside("bottom", *first, *second) == [(90, 145, 109, 154), (180, 145, 199, 154)]
    assert found_beside("bottom", *word(90, 145, gaps=(2, 5))) == [(90, 145, 112, 154)]  # .66 of 9 pixels
    assert len(found_beside("bottom", *word(90, 145, gaps=(2, 6)))) == 2


def test_labels_of_an_upright_axis_lie_below_each_other_and_farther_text_is_none():
    labels = [*word(30, 40), *word(30, 80), *word(30, 120)]
    title = [(5, 60, 14, 62), (5, 66, 14, 68), (5, 72, 14, 74)]
    boxes = found_beside("left", *labels, *title)
    assert [box[1] for box in boxes] == [40, 80, 120]


def test_turned_text_is_put_together_upwards():
    turned = [(90, 145 + 7 * k, 99, 150 + 7 * k) for k in range(3)]
    assert found_beside("bottom", *turned, turned=True) == [(90, 145, 99, 164)]


def test_a_margin_ends_at_the_next_plot():
    beside = Plot((300, 30, 320, 130), (300, 30, 320, 130), 1, (0, 0, 0), "bar")
    room = text_boxes.margin(figure((270, 60, 275, 69), other=(beside,)), PLOT, "right")
    assert room is not None
    assert room.window[0] == 260
    assert room.window[2] == 300
    assert text_boxes.margin(figure((270, 60, 275, 69), other=(beside,)), PLOT, "bottom") is None  # no ink there


@pytest.mark.parametrize(("ink", "seen"), [(41, True), (40, False)])
def test_ink_is_darker_than_noise(ink, seen):
    drawn = figure((90, 145, 95, 154))
    drawn.away[drawn.away > 0] = ink
    pale = Plot(PLOT.box, PLOT.outer, 0, None, "image")
    assert (text_boxes.margin(drawn, pale, "bottom") is not None) == seen


def test_what_touches_the_plot_is_no_text():
    room = text_boxes.margin(figure((90, 130, 92, 136), (120, 145, 125, 154)), PLOT, "bottom")
    np.testing.assert_array_equal(text_boxes.pieces(room), [[120, 145, 125, 154]])


@pytest.mark.parametrize("gap", [7, 8, 9])
def test_a_number_far_from_its_unit_is_one_label_where_it_has_a_line_of_its_own(gap):
    """ "2 kHz": a space and the glyphs' own room are .7 to .9 heights."""
    labels = [[*word(20, y, gaps=(gap, 2))] for y in (40, 80, 120)]
    assert [box[0] for box in found_beside("left", *chain(*labels))] == [20, 20, 20]
    assert len(found_beside("bottom", *word(90, 145, gaps=(gap, 2)))) == 2  # numbers side by side


def test_letters_above_each_other_are_a_title_beside_a_label():
    """The "dB" of librosa 1.0's colorbar_db stands three pixels beside its middle label."""
    labels = [word(265, y) for y in (40, 75, 110)]
    title = [(287, 70, 296, 78), (287, 80, 296, 88)]  # 3 pixels from the label at 75, turned
    assert [box[2] for box in found_beside("right", *chain(*labels), *title)] == [284, 284, 284]
