"""The readers that ask no drawing tool: when each is worth asking, and what it makes of a scene."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours import colormap
from fastspec.detect import readers, stated
from fastspec.detect.evidence import Evidence, Scene, Signal
from fastspec.errors import CalibrationError
from fastspec.picture.picture import Picture

LIMIT = 1 << 22
FILE = {"sr": 8000, "n_fft": 64, "hop_length": 32, "freq_scale": "linear", "n_frames": 9, "duration": 0.03}


def scene(given=None, embedded=None, shape=(33, 9), **more):
    """A black picture of which the user has given these facts."""
    pixels = np.zeros((*shape, 3), np.uint8)
    return Scene.of(Picture(pixels, embedded=embedded, **more), Calibration.of("given", **(given or {})), LIMIT)


def found(reader, at):
    """The scene that this reader makes of another."""
    assert reader.applies(at)
    evidence = reader.read(at)
    assert evidence.told <= reader.tells
    return at.knowing(evidence)


def drawn(size=(9, 33), **changed):
    """The text of a calibration that a picture of that size carries."""
    return Calibration.of("embedded", **{**FILE, **changed}).to_json(size=size)


def test_a_calibration_of_the_file_is_believed_unless_the_user_knows_better():
    at = found(stated.Embedded(), scene({"sr": 16000}, drawn()))
    assert (at.known["sr"], at.source("sr")) == (16000, "given")
    assert (at.known["n_fft"], at.source("n_fft")) == (64, "embedded")
    assert "sr: given says 16000, embedded says 8000" in at.known.remarks[0]
    assert not stated.Embedded().applies(scene())


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "other"}'])
def test_what_is_no_calibration_is_said(text):
    at = found(stated.Embedded(), scene(embedded=text))
    assert len(at.known) == 0
    assert "ignored" in at.known.remarks[0]


def test_a_picture_that_was_cut_or_resized_since_is_said():
    cut = found(stated.Embedded(), scene(embedded=drawn(size=(9, 33)), shape=(33, 5)))
    assert (cut.known["n_frames"], cut.source("n_frames")) == (5, "pixels")
    assert "duration" not in cut.known
    resized = found(stated.Embedded(), scene(embedded=drawn(size=(9, 33)), shape=(66, 18)))
    assert resized.known["n_frames"] == 9
    assert ["cut to 5 frames" in r for r in cut.known.remarks] == [True]
    assert ["resized" in r for r in resized.known.remarks] == [True]


@pytest.mark.parametrize(
    ("given", "gone"), [({"duration": 2.0}, "n_frames"), ({"hop_length": 16}, "duration"), ({"sr": 16000}, "duration")]
)
def test_what_follows_from_a_changed_fact_is_dropped(given, gone):
    at = found(stated.Embedded(), scene(given, drawn()))
    assert gone not in found(readers.Overridden(), at).known
    unchanged = found(stated.Embedded(), scene({"cmap": "magma"}, drawn()))
    assert not readers.Overridden().applies(unchanged)


def test_impossible_claims_and_contradictions_are_refused():
    with pytest.raises(CalibrationError):
        readers.Claims().read(found(stated.Embedded(), scene(embedded=drawn(n_frames=10**9))))
    with pytest.raises(CalibrationError, match=r"plot_area|picture"):
        readers.Consistency().read(scene({"plot_area": (0, 0, 10, 33)}))
    with pytest.raises(CalibrationError, match="limit"):
        readers.Size().read(
            scene({"n_fft": 1 << 17, "n_frames": 10**6, "hop_length": 1, "sr": 8000, "duration": 125.0})
        )


def test_the_whole_picture_is_assumed_where_nobody_knows_the_plot():
    at = found(readers.WholePicture(), scene())
    assert (at.known["plot_area"], at.source("plot_area")) == ((0, 0, 9, 33), "assumed")
    assert not readers.WholePicture().applies(scene({"plot_area": (0, 0, 9, 33)}))


def test_labelled_axes_need_both_and_nothing_unusual():
    facts = {name: Fact(value, "pixels", 0.9) for name, value in
             {"sr": 8000, "plot_area": (0, 0, 9, 33), "duration": 0.5}.items()}  # fmt: skip
    at = scene().knowing(Evidence(facts))
    assert Signal.LABELLED_AXES in found(readers.LabelledAxes(), at).signals
    assert not readers.LabelledAxes().applies(at.knowing(Evidence(signals=frozenset({Signal.AXIS_UNUSUAL}))))
    untimed = scene().knowing(Evidence({name: facts[name] for name in ("sr", "plot_area")}))
    assert not readers.LabelledAxes().applies(untimed)
    assert readers.LabelledAxes().applies(untimed.knowing(Evidence(signals=frozenset({Signal.TIME_AS_GIVEN}))))


@pytest.mark.parametrize(
    "reader", [readers.CellBorders(), readers.SubpixelBox(), readers.FaintBorders(), readers.SkippedBins()]
)
def test_borders_of_cells_are_sought_only_where_columns_are_frames(reader):
    assert reader.applies(scene())
    assert not reader.applies(scene({"columns": "spans"}))
    assert not reader.applies(found(stated.Embedded(), scene(embedded=drawn())))


def test_faint_borders_are_sought_where_sharp_ones_were_not_found():
    known = scene().knowing(Evidence({"freq_scale": Fact("log", "pixels", 0.8)}))
    assert not readers.FaintBorders().applies(known)
    guessed = scene().knowing(Evidence({"freq_scale": Fact("log", "assumed", 0.3)}))
    assert readers.FaintBorders().applies(guessed)


def test_what_is_only_assumed_is_said_in_one_sentence():
    at = found(readers.Timing(), found(readers.Defaults(), found(readers.WholePicture(), scene())))
    said = [remark for remark in at.known.remarks if "assum" in remark]
    assert len(said) == 1
    for name in ("sr 22050", "n_fft 2048", "cmap magma", "db_range -80 .. 0 dB"):
        assert name in said[0]
    assert {"n_frames", "duration", "hop_length"} <= at.known.keys()


def test_facts_that_the_user_has_given_are_not_called_assumed():
    known = {"sr": 8000, "n_fft": 64, "hop_length": 32, "freq_scale": "linear", "cmap": "gray", "db_range": (-60, 0)}
    known |= {"origin": "lower"}
    at = found(readers.Timing(), found(readers.Defaults(), scene({**known, "duration": 0.03})))
    assert not [remark for remark in at.known.remarks if "assumed" in remark]


def test_whoever_must_guess_the_kind_of_levels_and_the_direction_says_so():
    known = {"sr": 8000, "n_fft": 64, "hop_length": 32, "freq_scale": "linear", "cmap": "gray", "duration": 0.03}
    at = found(readers.Timing(), found(readers.Defaults(), scene(known)))
    assert "assumed, as nothing tells it: db_range -80 .. 0 dB, origin lower, level_kind db" in at.known.remarks


def test_colours_that_reach_all_edges_say_that_nothing_lies_round_the_plot():
    pixels = np.random.default_rng(2).integers(0, 255, (33, 9, 3), dtype=np.uint8)
    of_map = Evidence({"cmap": Fact("magma", "pixels", 0.9)})
    start = Scene.of(Picture(pixels), Calibration(), LIMIT)
    assert not readers.NoMargin().applies(found(readers.WholePicture(), start))  # whose map nobody knows
    at = found(readers.WholePicture(), start).knowing(of_map)
    assert found(readers.NoMargin(), at).source("plot_area") == "pixels"
    assert not readers.NoMargin().read(at.knowing(Evidence(doubt="a table"))).told
    pixels[[0, -1]] = pixels[:, [0, -1]] = 90  # a margin has one colour
    margin = found(readers.WholePicture(), Scene.of(Picture(pixels), Calibration(), LIMIT)).knowing(of_map)
    weak = readers.NoMargin().read(margin)
    assert (weak.told, weak.corrected["cmap"].confidence) == ({"cmap"}, readers.SURE_WITHIN_MARGIN)


@pytest.mark.parametrize(("what", "asked"), [("clean", False), ("gray", True), ("noisy", True), ("wide", True)])
def test_cells_are_not_sought_where_clean_rows_leave_no_room_for_them(what, asked):
    """A linear axis of more bins than rows looked like mel bands of 48 kHz (.81), where two grids beat."""
    rng = np.random.default_rng(5)
    table = colormap.get("gray" if what == "gray" else "viridis").table
    pixels = table[rng.integers(0, 256, (90, 120))]
    if what == "noisy":
        pixels = np.clip(pixels + rng.normal(0, 12, pixels.shape), 0, 255).astype(np.uint8)
    if what == "wide":
        pixels[1::2] = pixels[::2]
    assert readers.FaintBorders().applies(Scene.of(Picture(pixels), Calibration(), LIMIT)) == asked


def test_what_was_read_and_contradicts_itself_is_left_out_and_said():
    """The notes C2 to C9 beside an axis, read as numbers, ended inspect with an error."""
    read = scene().knowing(Evidence(dict(Calibration.of("pixels", sr=8000, freq_scale="log", fmin=9000.0).facts)))
    at = found(readers.Consistency(), read)
    assert "fmin" not in at.known
    assert "fmin" in at.known.remarks[-1]
    with pytest.raises(CalibrationError):
        readers.Consistency().read(read.knowing(Evidence(corrected={"fmin": Fact(9000.0, "given", 1.0)})))
