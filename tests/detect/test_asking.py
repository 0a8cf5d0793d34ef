"""Readers that look at no pixels are asked once for pictures that are alike, and say the same as when asked anew."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

import fastspec
from fastspec import Decoder, inspection
from fastspec.calibration import calibration as calibrations
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import check_fact
from fastspec.detect.asking import Answers
from fastspec.detect.evidence import Scene
from fastspec.errors import CalibrationError, PictureError
from fastspec.picture.picture import Picture

SR = 8000
LIMIT = 1 << 22


def _sound(number):
    rng = np.random.default_rng(number)
    return np.sin(np.arange(SR) * (0.1 + 0.05 * number)).astype(np.float32) + 0.1 * rng.standard_normal(SR, np.float32)


def _plain(number, **options):
    """A picture of fastspec's own without its text."""
    drawn = fastspec.encode(_sound(number), SR, **{"n_fft": 256, "db_range": (-80.0, 0.0), **options})
    return Picture(drawn.pixels, drawn.palette)


def _told(source):
    drawn = fastspec.encode(_sound(0), SR, n_fft=256, db_range=(-80.0, 0.0))
    found = fastspec.inspect(drawn).without("ref")
    return Calibration({name: replace(fact, source=source) for name, fact in found.facts.items()})


def _same(one, other):
    assert dict(one.facts) == dict(other.facts)
    assert list(one.facts) == list(other.facts)
    assert (dict(one.picture), one.remarks) == (dict(other.picture), other.remarks)


@pytest.mark.parametrize("source", ["embedded", "given", "pixels", "assumed"])
def test_what_is_kept_is_what_would_be_found_anew(source):
    planned = Decoder(_told(source))
    for number in (1, 2, 1, 3):
        kept, anew = planned.read(_plain(number)), Decoder(_told(source)).read(_plain(number))
        _same(kept.calibration, anew.calibration)
        np.testing.assert_array_equal(kept.magnitude, anew.magnitude)


def test_pictures_that_differ_in_more_than_pixels_have_answers_of_their_own():
    planned = Decoder(sr=SR)
    drawn = [fastspec.encode(_sound(n), SR, n_fft=n_fft) for n, n_fft in ((1, 256), (2, 512), (1, 256))]
    told = [Picture(one.pixels, one.palette, info={"software": "sox"}) for one in drawn[:2]]
    for picture in (*drawn, _plain(1), *told, _plain(2, n_fft=128), _plain(1, cmap="gray")):
        _same(planned.read(picture).calibration, Decoder(sr=SR).read(picture).calibration)


def test_no_fact_is_checked_anew(monkeypatch):
    planned = Decoder(_told("embedded"))
    planned.read(_plain(1))
    second, checked = _plain(2), list[str]()

    def noted(name, value):
        checked.append(name)
        return check_fact(name, value)

    monkeypatch.setattr(calibrations, "check_fact", noted)
    planned.read(second)
    assert checked == []
    Decoder(_told("embedded")).read(second)
    assert checked


def test_answers_are_those_to_one_question():
    scene, answers = Scene.of(_plain(1), _told("given"), LIMIT), Answers()
    assert answers.about(scene) is answers.about(Scene.of(_plain(2), scene.given, LIMIT))
    for other in (
        Scene.of(_plain(1), _told("given"), LIMIT),
        Scene.of(_plain(1), scene.given, LIMIT - 1),
        Scene.of(_plain(1), scene.given, LIMIT, like=_told("like")),
        Scene.of(_plain(1, n_fft=128), scene.given, LIMIT),
        Scene.of(replace(_plain(1), embedded="{}"), scene.given, LIMIT),
        Scene.of(replace(_plain(1), info={"exif": {1: "a"}}), scene.given, LIMIT),
    ):
        assert answers.about(other) is not answers.about(scene)


def test_what_cannot_be_compared_is_not_kept():
    numbers = replace(_plain(1), info={"levels": np.zeros(3)})
    assert Answers().about(Scene.of(numbers, Calibration(), LIMIT)) is None
    assert Answers().once(Scene.of(numbers, Calibration(), LIMIT), lambda scene: scene.limit) == LIMIT


def test_few_kinds_of_picture_are_kept_at_a_time():
    answers, given = Answers(), Calibration()
    for height in range(2, 100):
        answers.about(Scene.of(Picture(np.zeros((height, 2), np.uint8)), given, LIMIT))
    assert len(answers._alike) == 32


def test_answers_stay_behind_where_a_decoder_goes_elsewhere():
    planned = Decoder(_told("embedded"))
    planned.read(_plain(1))
    assert not pickle.loads(pickle.dumps(planned)).answers._alike
    assert not copy.deepcopy(planned).answers._alike


def test_what_is_refused_is_refused_again():
    planned = Decoder(sr=SR, n_fft=256, hop_length=64, n_frames=40, duration=7.0, profile="fastspec")
    for number in (1, 2):
        with pytest.raises((CalibrationError, PictureError)):
            planned.read(_plain(number))


class _Unseen(Picture):
    """A picture whose pixels nobody may look at."""

    __slots__ = ()

    def area(self, *_):
        raise AssertionError("looked at")

    once = area
    rgb = area


@pytest.mark.parametrize(
    "reader", [r for r in inspection.READERS if getattr(r, "blind", False)], ids=lambda r: type(r).__name__
)
@pytest.mark.parametrize("source", ["embedded", "given", "pixels", "assumed"])
def test_readers_that_are_asked_once_look_at_no_pixels(reader, source):
    all_told = _told(source)
    spans = all_told.updated(source, profile="sox", columns="spans")
    for told in (all_told, all_told.without("plot_area", "fmin"), spans):
        answers = []
        for number in (1, 2):
            picture = _plain(number)
            unseen = _Unseen(picture.pixels, embedded=told.to_json())
            scene = Scene.of(unseen, told, LIMIT)
            try:
                answers.append(scene.knowing(reader.read(scene)).known if reader.applies(scene) else None)
            except CalibrationError as error:
                answers.append(str(error))
        assert answers[0] == answers[1]
