"""Scenes never change: what a reader found makes the next one, in which boxes and offsets are those of the file."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect.evidence import Evidence, Scene, Signal
from fastspec.inspection import load, seen
from fastspec.picture.picture import Picture

LIMIT = 1 << 22


def test_a_scene_never_changes():
    scene = Scene.of(Picture(np.zeros((8, 9), np.uint8)), Calibration(), LIMIT)
    later = scene.knowing(Evidence({"sr": Fact(8000, "pixels", 0.7)}, signals=frozenset({Signal.TIME_AS_GIVEN})))
    assert "sr" not in scene.known
    assert not scene.signals
    assert later.known["sr"] == 8000
    assert later.signals == {Signal.TIME_AS_GIVEN}
    with pytest.raises(AttributeError):
        scene.limit = 3  # type: ignore[misc]


def test_facts_are_weighed_corrections_are_not_and_withdrawn_facts_go():
    given = Calibration.of("given", sr=22050, n_fft=1024, duration=2.0)
    scene = Scene.of(Picture(np.zeros((8, 9), np.uint8)), given, LIMIT)
    weaker = scene.knowing(Evidence({"sr": Fact(8000, "pixels", 0.9)}))
    assert weaker.known["sr"] == 22050
    assert "sr: given says 22050, pixels says 8000" in weaker.known.remarks[0]
    corrected = scene.knowing(Evidence(corrected={"n_fft": Fact(512, "assumed", 0.3)}))
    assert (corrected.known["n_fft"], corrected.source("n_fft")) == (512, "assumed")
    assert "duration" not in scene.knowing(Evidence(withdrawn=frozenset({"duration"}))).known


def test_a_remark_may_take_the_place_of_earlier_ones():
    before = Calibration.of("given", sr=22050).remarked("first", "second")
    after = before.without("sr").remarked("third").updated("pixels", 0.5, n_fft=512)
    after = Calibration(after.facts, {"axes": "unusual", "width": 3}, ("first", "third"))
    evidence = Evidence.between(before, after)
    assert (evidence.remarks, evidence.unsaid) == (("third",), {"second"})
    assert evidence.withdrawn == {"sr"}
    assert evidence.signals == {Signal.AXIS_UNUSUAL}
    scene = Scene.of(Picture(np.zeros((8, 9), np.uint8)), before, LIMIT).knowing(evidence)
    assert scene.known.remarks == ("first", "third")
    assert scene.known.facts == after.facts
    assert scene.known.picture == after.picture


def test_offsets_of_a_plot_that_is_upside_down_are_those_of_the_file():
    pixels = np.arange(72, dtype=np.uint8).reshape(8, 9)
    scene = Scene.of(Picture(pixels), Calibration(), LIMIT)
    scene = scene.knowing(Evidence({"origin": Fact("upper", "pixels", 0.9)}))
    np.testing.assert_array_equal(scene.area, pixels[::-1])
    np.testing.assert_array_equal(scene.stored, pixels)
    offsets = Fact((0.1, 0.2, 0.3, 0.4), "pixels", 0.8)
    assert scene.knowing(Evidence({"plot_offsets": offsets})).known["plot_offsets"] == (0.1, 0.4, 0.3, 0.2)


@pytest.mark.parametrize("source", ["given", "pixels", "profile", "assumed"])
def test_readers_see_the_lowest_frequency_below_whoever_says_that_it_is_on_top(source):
    pixels = np.arange(72, dtype=np.uint8).reshape(8, 9)
    scene = Scene.of(Picture(pixels), Calibration.of(source, origin="upper"), LIMIT)
    np.testing.assert_array_equal(scene.area, pixels[::-1])
    np.testing.assert_array_equal(scene.stored, pixels)


def test_boxes_of_an_enlarged_picture_are_those_of_the_file(speech):
    y, sr = speech
    pixels = np.array(fastspec.encode(y[:sr], sr, size=(300, 200), freq_scale="log").rgb())
    large = pixels.repeat(3, axis=0).repeat(3, axis=1)
    crop = (30, 0, 900, 600)
    scene = seen(load(large), Calibration.of("given", plot_area=crop))
    assert scene.box == (10, 0, 300, 200)
    assert scene.stored.shape == (200, 290, 3)
    known = scene.calibration()
    assert known["plot_area"] == crop
    assert (known.picture["width"], known.picture["height"]) == (900, 600)


def test_a_survey_is_made_once(speech_picture, monkeypatch):
    picture = load(speech_picture)
    scene = seen(picture, Calibration())
    assert scene.survey is scene.survey
    assert scene.knowing(Evidence(remarks=("x",))).survey is scene.survey


@pytest.mark.parametrize("given", [{}, {"duration": 3.0}])
def test_what_runs_backwards_is_seen_as_it_sounds(tmp_path, speech, given):
    """Readers and decoder get the same plot of a time axis that runs either way."""
    from matplotlib import pyplot as plt

    from tests.detect.figure.figures import decibels

    plots = []
    for way in (1, -1):
        figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
        axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", extent=(0, 3, 0, 8000), interpolation="nearest")
        axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)", xlim=(0, 3)[::way])
        path = tmp_path / f"{way}.png"
        figure.savefig(path)
        plt.close(figure)
        scene = seen(load(path), Calibration.of("given", **given), 1 << 28)
        assert bool(scene.calibration().picture.get("backwards")) == (way < 0)
        assert "doubt" not in scene.calibration().picture
        assert scene.calibration()["duration"] == pytest.approx(3.0, rel=0.01)
        plots.append((scene.area.astype(int), scene.stored.astype(int)))
    for forward, backward in zip(*plots, strict=True):
        assert np.abs(forward - backward).mean() < np.abs(forward - backward[:, ::-1]).mean() / 4


@pytest.mark.parametrize(
    ("said", "given", "stays"),
    [
        ("it counts samples; give --sr or --duration", {"duration": 2.0}, False),
        ("it counts samples; give --sr or --duration", {"sr": 8000}, False),
        ("it counts samples; give --sr or --duration", {"n_fft": 512}, True),
        ("they are taken for bands; give --freq-scale and --n-mels or --n-fft (512)", {"freq_scale": "mel"}, True),
        ("they are taken for bands; give --freq-scale and --n-mels or --n-fft (512)", {"n_fft": 512}, False),
        ("a bar; give --db-range, --level-range with --level-unit, or --level-kind", {"db_range": (-9.0, 0.0)}, False),
        ("a bar; give --level-range LO HI with --level-unit", {"db_range": (-9.0, 0.0)}, False),
        ("assumed; give --duration to correct it", {"duration": 2.0}, False),
        ("sr: given says 8000, pixels says 16000", {"sr": 8000}, True),
        ("a sentence of --sr and nothing else", {"sr": 8000}, True),
    ],
)
def test_a_remark_that_asks_for_what_is_given_is_gone(said, given, stays):
    scene = Scene.of(Picture(np.zeros((8, 9), np.uint8)), Calibration.of("given", **given), LIMIT)
    told = scene.knowing(Evidence(remarks=("another", said))).calibration().remarks
    assert told == (("another", said) if stays else ("another",))


def test_an_area_is_looked_at_once_and_anew_where_it_is_turned_over():
    seen = []

    def first_row(area):
        seen.append(area)
        return area[0].tolist()

    pixels = np.arange(12, dtype=np.uint8).reshape(4, 3)
    scene = Scene.of(Picture(pixels), Calibration(), LIMIT)
    assert scene.once(first_row) == scene.knowing(Evidence()).once(first_row) == [0, 1, 2]
    assert len(seen) == 1
    turned = scene.knowing(Evidence({"origin": Fact("upper", "pixels", 0.9)}))
    assert turned.once(first_row) == turned.once(first_row) == [9, 10, 11]
    assert len(seen) == 2
    part = scene.knowing(Evidence({"plot_area": Fact((1, 1, 3, 3), "pixels", 0.9)}))
    assert part.once(first_row) == [4, 5]
