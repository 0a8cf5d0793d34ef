"""What numbers prove, by themselves and on both sides of each limit: rates, rows, masks, maps, units, refused facts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect import counted_cells, fingerprint, legend, readers
from fastspec.detect.figure import axis_words
from fastspec.detect.reject import editor, masks, unlike_cells
from fastspec.errors import CalibrationError


@pytest.mark.parametrize(
    ("low", "high", "rate", "sure", "other"),
    [
        (44_000, 44_200, 44_100, 0.95, None),  # ends 1.0045 apart
        (44_000, 44_240, 44_100, 0.85, 44_000),  # 1.0055
        (43_700, 44_500, 44_100, 0.85, 44_000),  # 1.018
        (44_100, 44_100, 44_100, 0.95, None),
        (21_990, 22_012, 22_000, 0.8, None),  # no usual one
        (44_000, 50_000, 47_250, 0.6, 44_100),  # the nearest to the middle of three
        (43_000, 48_000, 44_100, 0.6, 47_250),
        (17_001.2, 17_001.3, None, None, None),
    ],
)
def test_a_rate_lies_in_an_interval(low, high, rate, sure, other):
    found = legend.rate((low, high), "ruler", 0.95)
    assert (found and found.value, found and found.confidence, found and found.alternative) == (rate, sure, other)
    if found:
        assert found.note.startswith("ruler: ")
        assert f"{low:.0f} .. {high:.0f} Hz" in found.note
        assert found.source == "pixels"


def test_the_end_of_an_axis_lies_where_all_its_ticks_allow():
    low, high = legend.whole([(1.0, 100.0)], 250) or (0, 0)
    assert (low, high) == pytest.approx((250 / 100.5, 250 / 99.5))
    low, high = legend.whole([(1.0, 100.0), (-5.0, 3.0), (0.0, 0.0)], 250, 2.0) or (0, 0)
    assert (low, high) == pytest.approx((250 / 102, 250 / 98))  # what is not above 0 says nothing
    _, high = legend.whole([(1.0, 0.2)], 250) or (0, 0)
    assert high == pytest.approx(2500)
    assert legend.whole([(0.0, 1.0)], 250) is None
    assert legend.common([(1, 2), (2, 3)]) == (2, 2)


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [(99.5, 100.5, 100), (100, 100, 100), (101, 119, 110), (101, 104, 102), (-1, 1, None), (7.1, 7.9, None)],
)
def test_the_roundest_number_within(low, high, number):
    assert legend.roundest(low, high) == number


def test_a_fact_that_is_a_guess_is_assumed_and_half_sure_at_most():
    for before, after in ((0.9, 0.5), (0.3, 0.3)):
        found = counted_cells._guess(Fact(128, "pixels", before, "note"))
        assert (found.value, found.source, found.confidence, found.note) == (128, "assumed", after, "note")


@pytest.mark.parametrize(
    ("number", "slack", "yes"),
    [(128.5, 0.6, True), (128.5, 0.4, False), (128, 0.1, False), (129, 0.1, False), (512.5, 1, False)],
)
def test_bands_and_bins_that_may_be_meant(number, slack, yes):
    assert counted_cells.either(number, slack) is yes


@pytest.mark.parametrize(
    ("quiet", "loud", "said"),
    [
        (0.45, 0.45, "a binary mask: each cell is kept or dropped"),
        (0.65, 0.21, "a binary mask: each cell is kept or dropped"),
        (0.67, 0.19, None),
        (0.4, 0.44, None),
        (0.5, 0.5, "a binary mask: each cell is kept or dropped"),
    ],
)
def test_all_or_nothing_of_each_cell(quiet, loud, said):
    level = np.full(10_000, 0.5)
    level[: round(10_000 * quiet)] = 0.0
    level[round(10_000 * (1 - loud)) :] = 1.0
    assert masks.mask(level.reshape(100, 100)) == said
    assert masks.mask(level.reshape(100, 100)[:23]) is None  # too small to tell
    at_the_limits = np.where(np.arange(10_000) % 2, 0.1, 0.9).reshape(100, 100)  # near no end
    assert masks.mask(at_the_limits) is None
    nothing = np.zeros((30, 30))
    assert masks.mask(nothing) is None


@pytest.mark.parametrize(
    ("ends", "middle", "at", "exact", "said"),
    [
        (0.10, 0.30, 0.05, True, True),
        (0.094, 0.30, 0.05, True, False),  # less than an even spread, of .096
        (0.10, 0.43, 0.05, True, True),
        (0.10, 0.44, 0.05, True, False),  # in the middle nearly as dense
        (0.12, 0.30, 0.003, True, False),  # clipped ones do not count
        (0.12, 0.30, 0.02, True, True),
        (0.12, 0.30, 0.02, False, False),  # of blurred colours .03 is clipped
        (0.12, 0.30, 0.05, False, True),
        (0.20, 0.30, -1.0, True, False),  # near one end alone
    ],
)
def test_shares_most_of_which_are_near_none_or_all(ends, middle, at, exact, said):
    level = np.full(10_000, 0.15)  # neither near an end nor in the middle
    some, inner = round(10_000 * ends), round(10_000 * middle)
    level[:some], level[some : 2 * some], level[2 * some : 2 * some + inner] = abs(at), 1 - at, 0.5
    if at < 0:
        level[:some], level[some : 2 * some] = 0.05, 0.15
    found = masks.mask(level.reshape(100, 100), exact=exact)
    assert found == ("a ratio mask: most of its values are near 0 or 1, unlike levels of sound" if said else None)


class Survey:
    """Colours: how many pixels, how many different, and the shares of maps that hold them."""

    def __init__(self, pixels, all_pixels, different, weighed, shares):
        self.counts, self.different = np.array([pixels]), different
        self.of, self.told, self.every, self.paper = weighed, shares, np.array([all_pixels]), None

    def without_grays(self, paper):
        self.paper = paper
        return self

    def shares(self, names):
        return {name: self.told[name] for name in names}

    def entries(self, root=False):
        assert root
        return np.full(999, self.of), None


@pytest.mark.parametrize(
    ("pixels", "every", "different", "weighed", "found"),
    [
        (64, 64, 24, 0.51, ("b", 0.7)),
        (63, 63, 24, 0.51, ("a", 0.0)),
        (64, 64, 23, 0.51, ("a", 0.0)),
        (64, 64, 24, 0.5, ("b", 0.0)),
        (64, 3200, 24, 0.51, ("b", 0.7)),
        (64, 3201, 24, 0.51, ("a", 0.0)),
    ],
)
def test_a_map_is_named_by_enough_colours(monkeypatch, pixels, every, different, weighed, found):
    coloured = Survey(pixels, every, different, weighed, {"a": 0.2, "b": 0.7})
    whole = Survey(every, every, different, weighed, {})
    monkeypatch.setattr(whole, "without_grays", coloured.without_grays)

    tables = SimpleNamespace(tables={("a", "round"): 0, ("b", "round"): 1})
    monkeypatch.setattr(fingerprint, "atlas", lambda: tables)
    assert fingerprint.best_map(whole, ["a", "b"]) == found
    assert coloured.paper == (221, 216, 208)


@pytest.mark.parametrize(
    ("title", "hertz", "kilohertz", "milliseconds", "minutes"),
    [
        ("Frequency (Hz)", True, False, False, False), ("Frequency [kHz]", True, True, False, False),
        ("Time (ms)", False, False, True, False), ("Time [min]", False, False, False, True),
        ("Time (s)", False, False, False, False), ("bins", False, False, False, False),
    ],
)  # fmt: skip
def test_units_of_titles(title, hertz, kilohertz, milliseconds, minutes):
    assert axis_words.hertz(title) is hertz
    assert axis_words.kilohertz(title) is kilohertz
    assert axis_words.milliseconds(title) is milliseconds
    assert axis_words.minutes(title) is minutes


@pytest.mark.parametrize("gone", [frozenset({"n_mels"}), frozenset()])
def test_what_cannot_be_is_left_out_and_said_or_refused(monkeypatch, gone):
    reader: Any
    (reader,) = [each for each in vars(readers).values() if isinstance(each, type) and _says_misread(each)]
    asked = []

    def check(known, **size):
        asked.append(size)
        raise CalibrationError("planted")

    def misread(known, tells, **size):
        asked.append((tells, size))
        return gone

    monkeypatch.setattr(consistency, "check", check)
    monkeypatch.setattr(consistency, "misread", misread)
    scene = SimpleNamespace(picture=SimpleNamespace(width=7, height=9), known=Calibration())
    if not gone:
        with pytest.raises(CalibrationError, match="planted"):
            reader().read(scene)
        return
    found = reader().read(scene)
    assert found.withdrawn == gone
    assert found.remarks == ("what was read of n_mels cannot be and is left out: planted",)
    assert asked == [{"width": 7, "height": 9}, (reader.tells, {"width": 7, "height": 9})]
    monkeypatch.setattr(consistency, "check", lambda known, **size: None)
    assert not reader().read(scene).remarks


def _says_misread(each):
    code = getattr(vars(each).get("read"), "__code__", None)
    return code is not None and "misread" in code.co_names


def test_rows_of_one_colour_and_how_much_of_them_has_it():
    rows = np.zeros((3, 8, 3), np.uint8)
    rows[0] = (10, 20, 30)
    rows[1, :5], rows[1, 5:] = 100, 130
    rows[2, :4] = 3
    share, colour = editor._of_one_colour(np.moveaxis(rows, 2, 0))
    assert share[0] == 1
    assert colour[0].tolist() == [10, 20, 30]
    assert (share[1], colour[1].tolist()) == (5 / 8, [100] * 3)
    assert colour[2].tolist() == [1.5] * 3
    gray = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert editor._planes(gray, None).shape == (1, 2, 3)
    assert editor._planes(rows, None).shape == (3, 3, 8)
    np.testing.assert_array_equal(editor._planes(rows, None), np.moveaxis(rows, 2, 0))


def test_lines_that_differ_from_the_next_are_told_by_all_of_their_pixels():
    lines = np.zeros((60, 500), np.uint8)
    lines[40:, 3] = 9  # at one place alone
    last = np.array([19, 39])
    found = unlike_cells._changes(lines, None, last)
    assert found is not None
    assert found.tolist() == [39]
    lines[20:, :] += 5
    found = unlike_cells._changes(lines, None, last)
    assert found is not None
    assert found.tolist() == [19, 39]
    every = np.random.default_rng(0).integers(0, 256, (60, 500)).astype(np.uint8)
    assert unlike_cells._changes(every, None, np.arange(59)) is None  # most stand alone
