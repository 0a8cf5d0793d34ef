"""What tools choose where they do not tell: grids, extents, durations; and what is believed of their legends."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect.evidence import Evidence
from fastspec.errors import PictureError
from fastspec.picture.picture import Picture
from fastspec.tools import matlab, recognition, scipy_pcolormesh, span_grid, spek
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Tool

SPANS = Calibration.of("profile", columns="spans")
BLANK = Picture(np.zeros((4, 4), np.uint8))


# --- choices


@pytest.mark.parametrize(
    ("source", "chosen"), [("given", False), ("pixels", False), ("embedded", False), ("assumed", True), (None, True)]
)
def test_a_fact_is_chosen_where_nothing_better_is_known(source, chosen):
    known = Calibration() if source is None else Calibration.of(source, n_fft=64)
    choice = Choice(known)
    assert choice.unknown("n_fft") is chosen
    choice.choose("n_fft", 128, "why")
    assert choice["n_fft"] == (128 if chosen else 64)
    assert ("n_fft" in choice.facts) is chosen
    choice.choose("n_fft", 256, "later")
    assert choice["n_fft"] == (128 if chosen else 64)  # the first choice holds


def test_what_follows_is_no_surer_than_its_origins():
    choice = Choice(Calibration.of("given", sr=8000).updated("pixels", 0.6, n_fft=64))
    plain, after = choice.of_tool(7, "why"), choice.of_tool(7, "why", ("n_fft",))
    guessed = choice.of_tool(7, "why", guessed=True)
    assert (plain.value, plain.confidence, plain.note) == (7, 0.9, "why")
    assert after.confidence == 0.6
    assert guessed.source == "assumed"
    assert plain.source != "assumed"
    assert (Choice(SPANS).spans, Choice(Calibration()).spans) == (True, False)


@pytest.mark.parametrize(
    ("wanted", "n_fft"), [(15, 16), (16, 16), (64, 64), (1 << 14, 1 << 14), ((1 << 14) + 1, 1 << 14)]
)
def test_lengths_are_within_what_can_be_computed(wanted, n_fft):
    choice = Choice(Calibration())
    span_grid.choose_bins(choice, wanted)
    assert (choice["n_fft"], choice.facts["n_fft"].note) == (n_fft, "chosen: a bin a row")


@pytest.mark.parametrize(
    ("rows", "n_fft"), [(1, 256), (180, 256), (182, 512), (256, 512), (362, 512), (363, 1024), (513, 1024)]
)
def test_the_usual_length_is_the_power_of_two_nearest_to_a_bin_a_row(rows, n_fft):
    assert span_grid.power_of_two(rows) == n_fft
    choice = Choice(Calibration())
    span_grid.choose_usual_bins(choice, rows)
    found = choice.facts["n_fft"]
    assert (found.value, found.source) == (n_fft, "assumed")
    assert found.note.startswith(f"the power of two nearest to a bin a row of {rows}")


@pytest.mark.parametrize(
    ("known", "window", "hop"),
    [
        ({"n_fft": 64}, 64, 8),
        ({"n_fft": 64, "win_length": 40}, 40, 5),
        ({"n_fft": 64, "win_length": 4}, 4, 1),
        ({"n_fft": 64, "hop_length": 3}, 64, 3),
    ],
)
def test_windows_are_whole_and_hops_an_eighth(known, window, hop):
    choice = Choice(Calibration.of("given", **known))
    span_grid.choose_overlap(choice)
    assert (choice["win_length"], choice["hop_length"]) == (window, hop)


def test_columns_that_show_the_sound_round_their_own_time():
    assert span_grid.centred(10, 0.5) == (-0.25, 4.75)
    assert span_grid.samples_of(Calibration.of("given", duration=0.1001, sr=8000)) == 801


# --- extents


def test_only_spans_have_an_extent():
    plain = Calibration.of("given", duration=2.0)
    assert Tool().with_extent(plain, 10) is plain


def test_an_extent_follows_from_the_duration_as_surely():
    known = SPANS.updated("pixels", 0.7, duration=2.0)
    found = Tool().with_extent(known, 10).facts["time_extent"]
    assert (found.value, found.source, found.confidence) == ((0.0, 2.0), "pixels", 0.7)
    assert found.note == "from duration and width"


def test_a_duration_follows_from_an_extent_hardly():
    known = SPANS.updated("given", time_extent=(0.5, 3.0))
    found = Tool().with_extent(known, 10)
    assert (found["duration"], found.source("duration"), found["time_extent"]) == (3.0, "given", (0.5, 3.0))
    both = Tool().with_extent(known.updated("given", duration=2.0), 10)
    assert (both["duration"], both["time_extent"]) == (2.0, (0.5, 3.0))


def test_where_neither_is_known_columns_a_second_are_assumed():
    found = Tool().with_extent(SPANS, 250)
    assert (found["duration"], found["time_extent"]) == (2.5, (0.0, 2.5))
    assert {found.source(name) for name in ("duration", "time_extent")} == {"assumed"}
    assert found.facts["duration"].confidence == 0.2
    assert any("assuming 2.5 s, 100 columns a second; give --duration" in remark for remark in found.remarks)


def test_what_a_plot_cannot_show_is_said():
    class Short(Tool):
        def cannot_show(self, known, width):
            return (f"{width} columns of {known['duration']:g} s",)

    known = SPANS.updated("given", duration=2.0, time_extent=(0.0, 2.0))
    assert Short().with_extent(known, 10).remarks == ("10 columns of 2 s",)


@pytest.mark.parametrize(
    ("source", "samples", "frames"),
    [
        ("given", 256, 1),
        ("given", 479, 1),
        ("given", 480, 2),
        ("given", 100, 1),
        ("assumed", 480, 0),
        ("pixels", 128, 1),
        ("pixels", 351, 2),
        ("pixels", 352, 2),
        ("pixels", 463, 2),
        ("pixels", 464, 3),
    ],
)
def test_windows_within_a_sound(source, samples, frames):
    known = Calibration.of("given", sr=8000).updated(source, duration=samples / 8000)
    assert scipy_pcolormesh._frames(known, 256, 224) == frames
    assert scipy_pcolormesh._frames(Calibration.of("given", sr=8000), 256, 224) == 0


def test_scipys_grid_is_its_defaults_and_what_is_known():
    tool = scipy_pcolormesh.TOOL
    choice = Choice(Calibration.of("given", sr=8000, duration=480 / 8000))
    tool.grid(choice, 9, 9)
    assert {name: choice[name] for name in ("n_fft", "win_length", "hop_length", "shown_n_fft")} == {
        "n_fft": 256, "win_length": 256, "hop_length": 224, "shown_n_fft": 256,
    }  # fmt: skip
    assert choice.facts["time_extent"].value == pytest.approx(((128 - 112) / 8000, (128 + 1.5 * 224) / 8000))
    assert choice.facts["column_step"].value == pytest.approx(224 / 8000)
    own = Choice(Calibration.of("given", n_fft=64, hop_length=10))
    tool.grid(own, 9, 9)
    assert (own["win_length"], own["hop_length"], own["shown_n_fft"]) == (64, 10, 64)
    assert not {"time_extent", "column_step"} & own.facts.keys()


@pytest.mark.parametrize(
    ("samples", "n_fft"),
    [(None, 256), (1152, 256), (1156, 256), (1157, 512), (2304, 512), (2308, 512), (2309, 1024), (90_000, 32_768)],
)
def test_matlab_takes_eight_windows_half_over_each_other(samples, n_fft):
    known = Calibration.of("given", sr=8000)
    choice = Choice(known if samples is None else known.updated("given", duration=samples / 8000))
    matlab.TOOL.grid(choice, 9, 9)
    assert [choice[name] for name in ("n_fft", "win_length", "hop_length")] == [n_fft, n_fft, n_fft // 2]
    assert {name: fact.source for name, fact in choice.facts.items()} == {
        "n_fft": "assumed", "win_length": "assumed", "hop_length": choice.facts["hop_length"].source,
    }  # fmt: skip
    own = Choice(Calibration.of("given", n_fft=64, sr=8000, duration=9.0))
    matlab.TOOL.grid(own, 9, 9)
    assert [own[name] for name in ("n_fft", "win_length", "hop_length")] == [64, 64, 32]
    lengths = Choice(Calibration.of("given", duration=9.0))  # without a rate it is of no known length
    matlab.TOOL.grid(lengths, 9, 9)
    assert lengths["n_fft"] == 256
    assert matlab.PROFILE.usual == {"db_range": (-150.0, -30.0), "n_fft": 256}


# --- what is believed of a legend


class Told(Tool):
    """A tool with this legend."""

    def __init__(self, legend=None, shown=None, error=None):
        self.legend, self.shown, self.error = legend or Evidence(), shown, error

    def read_legend(self, picture, found):
        if self.error:
            raise self.error
        return self.legend

    def shown_seconds(self, facts, seconds):
        return self.shown


def pixels(value):
    return Fact(value, "pixels", 0.9)


FOUND = {"profile": pixels("sox"), "plot_area": pixels((50, 5, 150, 55))}


def legend_of(tool, known=None, found=FOUND):
    return recognition.read_legend(tool, BLANK, found, known or Calibration())


def test_a_legend_is_asked_where_there_is_a_margin_that_nobody_gave():
    told = Told(Evidence({"sr": pixels(8000)}))
    assert legend_of(told).facts["sr"].value == 8000
    for found in ({"profile": pixels("sox")}, {**FOUND, "plot_area": pixels((0, 5, 150, 55))}):
        assert not legend_of(told, found=found).facts
    assert not legend_of(told, Calibration.of("given", plot_area=(1, 1, 9, 9))).facts


@pytest.mark.parametrize("error", [ValueError, IndexError, ZeroDivisionError])
def test_a_legend_that_is_not_understood_is_said(error):
    assert legend_of(Told(error=error("x"))).remarks == (
        "the legend of sox is not understood; give what it says as options",
    )


def test_a_scale_that_contradicts_the_profile_given_is_said():
    told = Told(Evidence({"profile": pixels("ffmpeg")}, remarks=("odd",)))
    assert legend_of(told, Calibration.of("given", profile="ffmpeg-lin")).remarks == (
        "odd", "profile: given is ffmpeg-lin, but the legend shows ffmpeg; using ffmpeg-lin",
    )  # fmt: skip
    for known in (Calibration.of("given", profile="ffmpeg"), Calibration()):
        assert legend_of(told, known).remarks == ("odd",)


@pytest.mark.parametrize(
    ("told", "shown", "dropped"),
    [
        (10.19, None, {"time_extent", "duration"}),
        (10.21, None, {"time_extent"}),
        (9.81, None, {"time_extent", "duration"}),
        (99.0, 10.17, {"time_extent", "duration"}),  # as labels must say, to .3 % and 1.5 of 100 columns
        (99.0, 10.19, {"time_extent"}),
        (10.17, 99.0, {"duration"}),
        (10.19, 99.0, {"time_extent"}),
    ],
)
def test_what_a_given_duration_makes_needless(told, shown, dropped):
    legend = Evidence({"duration": pixels(10.0), "time_extent": pixels((0.0, 10.0)), "sr": pixels(8000)})
    found = legend_of(Told(legend, shown), Calibration.of("given", duration=told))
    assert {"duration", "time_extent", "sr"} - found.facts.keys() == dropped
    assert legend_of(Told(legend, shown)).facts.keys() == legend.facts.keys()


def test_fingerprints_are_those_of_metadata_first_and_odd_pictures_have_none():
    class Odd(Tool):
        def __init__(self, name, metadata=None, shown=None):
            self.name, self.metadata, self.shown = name, metadata, shown

        def read_metadata(self, picture):
            if self.metadata is None:
                raise PictureError("too odd")
            return self.metadata

        def recognise(self, picture):
            if self.shown is None:
                raise IndexError
            return self.shown

    some, other, none = Odd("a", {}, {"sr": 1}), Odd("b", {"sr": 2}, {}), Odd("c")
    told = [(tool.name, found) for tool, found in recognition._fingerprints(BLANK, (some, none, other))]  # type: ignore[attr-defined]
    assert told == [("b", {"sr": 2}), ("a", {"sr": 1})]


@pytest.mark.parametrize("exif", [None, b"x"])
def test_bands_that_a_file_states_are_asked_of_its_metadata(monkeypatch, exif):
    def fingerprints(picture, asked, kinds):
        assert kinds == (recognition._of_metadata,)
        assert asked == tools.all_tools()
        return iter([(None, {"sr": pixels(1)}), (None, {"n_mels": pixels(80)})])

    monkeypatch.setattr(recognition, "_fingerprints", fingerprints)
    picture = Picture(BLANK.pixels, info={"exif": exif} if exif else {})
    assert recognition.rows_stated(picture) == (80 if exif else None)
    monkeypatch.setattr(recognition, "_fingerprints", lambda *_: iter([]))
    assert recognition.rows_stated(picture) is None


# --- spek's rulers


@pytest.mark.parametrize(
    ("high", "scale", "ticks"),
    [
        (10, 10.0, [0, 10, 2, 4, 6, 8]),
        (10, 3.9, [0, 10, 5]),  # 2 would crowd
        (10, 4.0, [0, 10, 5]),
        (10, 7.5, [0, 10, 2, 4, 6, 8]),
        (10, 7.4, [0, 10, 5]),
        (10, 1.0, [0, 10]),
        (9, 10.0, [0, 9, 2, 4, 6]),  # 8 lies too near to the end
    ],
)
def test_ticks_are_the_ends_and_what_does_not_crowd(high, scale, ticks):
    assert list(spek._ticks(0, high, (2, 5), scale, 1.5, 10.0)) == ticks
