"""Matrices, textures and measurements have no spectrum and no course; similarity is its own mirror image."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

import fastspec
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.structure import unstructured
from tests.detect.reject import pictures

RNG = np.random.default_rng(3)


def scaled(values):
    values = np.asarray(values, np.float64)
    return (values - values.min()) / np.ptp(values)


@pytest.mark.parametrize("shape", [(60, 90), (150, 200)])
@pytest.mark.parametrize(
    "make",
    [
        RNG.random,
        lambda shape: RNG.normal(size=shape),
        lambda shape: RNG.uniform(-np.pi, np.pi, shape),
        lambda shape: np.diff(RNG.uniform(-np.pi, np.pi, (shape[0] + 1, shape[1])), axis=0),
        lambda shape: scipy.ndimage.gaussian_filter(RNG.normal(size=shape), 2),
        lambda shape: np.sin(np.arange(shape[0])[:, None] * 0.7 + np.arange(shape[1]) * 0.4),
    ],
)  # fmt: skip
def test_what_has_neither_spectrum_nor_course(make, shape):
    said = unstructured(scaled(make(shape)))
    assert said is not None
    assert "matrix" in said


@pytest.mark.parametrize("turned", [1, -1])
def test_similarity_and_distance_of_moments(speech, turned):
    import librosa

    feature = librosa.feature.mfcc(y=speech[0], sr=speech[1])[:, :160]
    away = np.linalg.norm(feature[:, :, None] - feature[:, None], axis=0)
    assert "symmetric matrix" in (unstructured(scaled(away)[::turned]) or "")


@pytest.mark.parametrize("options", [{}, {"freq_scale": "log", "size": (640, 480)}, {"cmap": "gray_r"}])
def test_sounds_of_all_kinds_have_one(speech, options):
    for name, y in pictures.sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), pictures.SR, n_fft=512, hop_length=128, **options)
        survey = ColourSurvey.of(drawn.pixels, drawn.palette)
        reading = recognise(survey)
        assert reading is not None
        index, top = survey.index(reading.name)
        assert unstructured(index / top) is None, name


def test_small_and_flat_pictures_are_not_judged():
    assert unstructured(RNG.random((20, 90))) is None
    assert unstructured(0.5 + 0.02 * RNG.normal(size=(90, 90))) is None
