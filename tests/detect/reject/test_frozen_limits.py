"""What axis('tight') before specshow leaves is named, with the remedy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec import PictureError
from fastspec.detect.reject.frozen_limits import frozen_limits
from tests.detect.figure.figures import decibels, saved


def script(sound, n_fft, hop, *, frozen, size=(6, 4), scale="log", **options):
    import librosa.display

    figure = plt.figure(figsize=size, dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    if frozen:
        axes.axis("tight")
    axes.axis("off")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = decibels(sound[0], n_fft, hop)
        librosa.display.specshow(shown, sr=sound[1], hop_length=hop, x_axis="time", y_axis=scale, ax=axes)
    return saved(figure, **options)


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 256), (2048, 512), (512, 128)])
@pytest.mark.parametrize("jpeg", [False, True])
def test_the_stripes_are_named_with_the_remedy(speech, n_fft, hop, jpeg):
    picture = script(speech, n_fft, hop, frozen=True, jpeg=jpeg, size=(7.1, 3.3))
    doubt = fastspec.inspect(picture).picture["doubt"]
    assert "flat stripes" in doubt
    assert "ax.axis('tight') is called before specshow: call it after" in doubt
    with pytest.raises(PictureError, match="flat stripes"):
        fastspec.decode(picture)


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_without_it_nothing_is_said(speech, scale):
    assert "doubt" not in fastspec.inspect(script(speech, 1024, 512, frozen=False, scale=scale)).picture


def test_stripes_elsewhere_are_not_named_so():
    line = np.full((300, 3), 255, np.uint8)
    line[200:240], line[240:] = (30, 20, 90), (200, 60, 90)
    assert frozen_limits(np.tile(line, (200, 1, 1)), None) is None
