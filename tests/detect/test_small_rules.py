"""Rules of the readers by themselves, on both sides of each limit."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.detect import blended, faint_borders, stated
from fastspec.detect.figure import subpixel_box
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.picture.picture import Picture


@pytest.mark.parametrize("shape", [(40,), (3, 40)])
def test_a_course_is_the_mean_of_31_neighbours_mirrored_at_the_ends(shape):
    values = np.random.default_rng(0).random(shape).astype(np.float32)
    found = faint_borders._moving_mean(values)
    padded = np.pad(values.astype(float), [(0, 0)] * (len(shape) - 1) + [(15, 15)], mode="reflect")
    wanted = np.stack([padded[..., k : k + 31].mean(axis=-1) for k in range(40)], axis=-1)
    assert found.shape == shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


class Seen:
    """Colours of which so many are entries of maps a and b, and of one of them rounded and truncated."""

    def __init__(self, entries, rounded, truncated):
        self.of, self.told = np.array(entries), {"round": rounded, "trunc": truncated}

    def entries(self):
        return self.of, None

    def shares(self, names, rounding="round"):
        return dict.fromkeys(names, self.told[rounding])


@pytest.mark.parametrize(
    ("entries", "rounded", "truncated", "off", "found"),
    [
        ((0.1, 0.1), 0.1, 0.1, 1.0, ("seen", True)),  # colours lie between those of the map
        ((0.1, 0.1), 0.1, 0.1, 4.9, ("seen", True)),
        ((0.1, 0.1), 0.1, 0.1, 5.0, None),  # as far off as no blending
        ((0.1, 0.1), 0.1, 0.9, 5.0, None),
        ((0.1, 0.1), 0.1, 0.1, 0.25, None),  # as near as rounding leaves them
        ((0.1, 0.1), 0.1, 0.1, 0.35, ("seen", True)),
        ((0.1, 0.1), 0.51, 0.52, 1.0, None),  # most are entries
        ((0.1, 0.1), 0.51, 0.6, 1.0, ("seen", False)),  # of the truncated map
        ((0.1, 0.1), 0.51, 0.58, 1.0, None),
        ((0.1, 0.6), 0.51, 0.6, 9.0, ("b", False)),  # named by its entries
        ((0.1, 0.49), 0.51, 0.6, 9.0, None),
        ((0.97, 0.1), 0.51, 0.6, 9.0, ("a", False)),
        ((0.99, 0.1), 0.51, 0.6, 9.0, None),  # a clean picture of the rounded map
        ((0.1, 0.99), 0.51, 0.6, 9.0, ("b", False)),
    ],
)
def test_what_blended_colours_are(monkeypatch, entries, rounded, truncated, off, found):
    monkeypatch.setattr(blended, "atlas", lambda: SimpleNamespace(roundings=("round", "trunc"), names=("a", "b")))
    reading = SimpleNamespace(name="seen", distance=off)
    monkeypatch.setattr(blended.colormap, "recognise", lambda seen: reading)  # type: ignore[attr-defined]
    assert blended._blended_map(Seen(entries, rounded, truncated)) == found
    monkeypatch.setattr(blended.colormap, "recognise", lambda seen: None)  # type: ignore[attr-defined]
    assert blended._blended_map(Seen(entries, rounded, truncated)) is None


def plot(left, right, kind="image", top=10, bottom=110):
    box = (left, top, right, bottom)
    return Plot(box, box, 0, None, kind)


def bars(*plots, of=0):
    figure = Figure(np.zeros((1, 1, 3)), np.zeros((1, 1)), (0, 0, 0), plots)
    return [bar.box[0] for bar in figure.bars_of(plots[of])]


def test_the_bars_of_a_plot_are_those_before_the_next_plot():
    first, second = plot(0, 100), plot(200, 300)
    near, far = plot(110, 115, "bar"), plot(310, 315, "bar")
    assert bars(first, near) == [110]
    assert bars(first, second, near, far) == [110]  # the other is that of the next plot
    assert bars(first, second, far, near, of=1) == [310]
    assert bars(first, far, near) == [110, 310]  # without another plot in between
    assert bars(first, plot(100, 105), near, far) == [110]  # which begins where this one ends
    assert bars(first, plot(99, 105), near, far) == [110, 310]  # or under it
    assert bars(first, plot(110, 300), near, far) == [110]
    assert bars(first, far, plot(400, 500)) == [310]
    assert bars(plot(50, 100), plot(0, 10, "bar")) == [0]  # the only one, wherever it is
    assert bars(plot(50, 100), plot(0, 10, "bar"), near) == [110]
    low = plot(120, 125, "bar", bottom=104)
    assert bars(first, low, near) == [110]  # one as high as the plot, to a twentieth
    assert bars(first, plot(120, 125, "bar", bottom=105), near) == [110, 120]


def test_rows_and_columns_are_asked_once_of_todays_matplotlib(monkeypatch):
    asked = []
    offsets = Calibration.of("pixels", plot_offsets=(0.1, 0.2, 0.3, 0.4))

    def noting(name, told):
        def read(area, known, **how):
            asked.append((name, dict(known), how))
            return told.get(how.get("old", False), Calibration())

        return read

    known = Calibration.of("given", sr=8000).updated("pixels", plot_offsets=(0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(subpixel_box, "read_rows", noting("rows", {}))
    monkeypatch.setattr(subpixel_box, "read_columns", noting("columns", {}))
    assert not subpixel_box.read_cells(None, known).facts
    assert asked == [("rows", dict(known), {"edges_open": False}), ("columns", dict(known), {})]
    asked.clear()
    subpixel_box.read_cells(None, known, edges_open=True, old=True)
    assert [(name, how) for name, _, how in asked] == [
        ("rows", {"edges_open": True}), ("rows", {"edges_open": True, "old": True}), ("columns", {}),
        ("columns", {"old": True}),
    ]  # fmt: skip
    asked.clear()
    monkeypatch.setattr(subpixel_box, "read_rows", noting("rows", {False: offsets}))
    told = subpixel_box.read_cells(None, known, old=True)
    assert told["plot_offsets"] == (0.1, 0.2, 0.3, 0.4)
    assert [name for name, *_ in asked] == ["rows", "columns", "columns"]
    assert asked[1][1] == {"sr": 8000}  # rows contradict what was known
    monkeypatch.setattr(
        subpixel_box,
        "read_columns",
        noting("columns", {False: Calibration.of("pixels", plot_offsets=(0.5, 0.6, 0.7, 0.8))}),
    )
    both = subpixel_box.read_cells(None, known).facts["plot_offsets"]
    assert (both.value, both.confidence) == ((0.5, 0.2, 0.7, 0.4), subpixel_box.LIMITS.sure_of_both)


def known(drawn=(100, 33), source="embedded", **more):
    cal = Calibration.of(source, n_frames=100, sr=8000).updated(source, duration=1.5, **more)
    return Calibration(cal.facts, picture={} if drawn is None else {"drawn_size": drawn})


@pytest.mark.parametrize(
    ("cal", "size", "said"),
    [
        (known(), (100, 33), None),
        (known(None), (90, 33), None),
        (known(source="given"), (90, 33), None),  # the user says so
        (known(), (90, 33), "it is taken as cut to 90 frames; give --duration if it was stretched"),
        (known(), (100, 30), "it is taken as resized as a whole"),
        (known((120, 33)), (90, 33), "it is taken as resized as a whole"),  # it was not drawn one pixel a frame
    ],
)
def test_a_picture_of_another_size_was_cut_or_resized(cal, size, said):
    picture = Picture(np.zeros(size[::-1], np.uint8))
    found = stated._of_this_size(cal, "embedded", picture)
    if said is None:
        assert found is cal
        return
    (remark,) = found.remarks
    drawn = cal.picture["drawn_size"]
    was = f"the picture has {size[0]} x {size[1]} pixels, but was drawn with {drawn[0]} x {drawn[1]}: "
    assert remark.startswith(was + said)
    cut = "cut" in said
    assert found["n_frames"] == (90 if cut else 100)
    assert ("duration" in found) is not cut
