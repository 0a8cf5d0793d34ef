"""Tick marks and the labels at them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fastspec.detect.figure.plots import find_figure
from fastspec.detect.figure.ticks import factor_beside, read_side
from tests.detect.figure.figures import saved


def figure_with(change, *, size=(6.13, 4.07)):
    """The figure found in a picture of noise after `change(axes)`, its plot, and where its ticks are in pixels."""
    figure, axes = plt.subplots(figsize=size, dpi=100)
    axes.imshow(np.random.default_rng(1).random((60, 90)), aspect="auto", origin="lower", extent=(0, 7, 0, 9000))
    change(axes)
    figure.canvas.draw()
    across = [axes.transData.transform((x, 0))[0] for x in axes.get_xticks() if 0 <= x <= 7]
    height = figure.bbox.height
    up = [height - axes.transData.transform((0, y))[1] for y in axes.get_yticks() if 0 <= y <= 9000]
    found = find_figure(saved(figure).rgb())
    assert found is not None
    return found, found.images[0], across, up


@pytest.mark.parametrize("width", [1, 2, 3])
def test_marks_of_every_width_lie_within_half_a_pixel(width):
    def change(axes):  # no mark at a corner, where a thick one reaches into the other axis' margin
        axes.tick_params(width=0.72 * width, length=5)
        axes.set(xticks=np.arange(1, 7), yticks=np.arange(1000, 9000, 1000))

    found, plot, across, up = figure_with(change)
    for side, places in (("bottom", across), ("left", sorted(up))):
        marks = read_side(found, plot, side).marks
        np.testing.assert_allclose(sorted(marks), places, atol=0.501)


def test_labels_stand_at_their_marks_and_the_title_is_read():
    found, plot, across, _ = figure_with(lambda axes: axes.set_xlabel("Time (s)"))
    side = read_side(found, plot, "bottom", titled=True)
    assert side.unread == 0
    assert side.title.startswith("Time")
    for tick in side.ticks:
        assert tick.position == pytest.approx(across[round(tick.value)], abs=0.501)


def test_at_most_five_labels_are_read_with_both_ends_among_them():
    found, plot, _, _ = figure_with(lambda axes: axes.set_xticks(np.arange(0, 7.1, 0.5)))
    side = read_side(found, plot, "bottom")
    assert len(side.marks) == 15
    assert len(side.ticks) == 5
    assert {side.ticks[0].value, side.ticks[-1].value} == {0.0, 7.0}


def test_an_axis_without_marks_has_labels_at_their_middles():
    found, plot, across, _ = figure_with(lambda axes: axes.tick_params(length=0))
    side = read_side(found, plot, "bottom")
    assert side.marks == ()
    for tick in side.ticks:
        assert tick.position == pytest.approx(across[round(tick.value)], abs=1.5)


def test_a_factor_over_the_axis_is_read():
    def scientific(axes):
        axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))

    assert factor_beside(*figure_with(scientific)[:2]) == 1000.0
    assert factor_beside(*figure_with(lambda axes: None)[:2]) == 1.0


def test_a_side_without_room_has_nothing():
    found, plot, _, _ = figure_with(lambda axes: axes.set_position((0.1, 0.1, 0.895, 0.8)))
    side = read_side(found, plot, "right")
    assert (side.marks, side.ticks, side.unread) == ((), (), 0)


def test_a_title_amid_bare_marks_holds_no_labels():
    """The upper of two axes that share their times: "Time" was read as 3 and 0, so that time ran backwards."""

    def change(axes):
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("3 i 0", labelpad=1)

    found, plot, _, _ = figure_with(change)
    side = read_side(found, plot, "bottom")
    assert len(side.marks) >= 4
    assert (side.ticks, side.unread) == ((), 0)
