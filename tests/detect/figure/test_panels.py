"""Panels of one figure are told apart however little room there is between them; one spectrogram is never cut."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec import ParameterError, PictureError
from fastspec.detect.figure.panels import reading_order
from fastspec.detect.figure.plots import find_figure
from tests.detect.figure.figures import decibels, saved


def panels(sound, shape, *, room=0.2, cmap="magma", jpeg=False, bars=False, size=(8, 6), **shared):
    """The picture of a figure of spectrograms, and each one's box, row by row."""
    wave, sr = sound
    figure, axes = plt.subplots(*shape, figsize=size, dpi=100, squeeze=False, **shared)
    figure.subplots_adjust(wspace=room, hspace=room)
    for number, one in enumerate(axes.flat):
        shown = decibels(np.roll(wave, 9000 * number))
        extent = (0, len(wave) / sr, 0, sr / 2)
        image = one.imshow(shown, cmap=cmap, origin="lower", aspect="auto", extent=extent)
        one.set(xlabel="Time (s)", ylabel="Hz")
        one.label_outer()
        if bars:
            figure.colorbar(image, ax=one)
    figure.canvas.draw()
    height = figure.bbox.height
    extents = [one.get_window_extent() for one in axes.flat]
    return saved(figure, jpeg=jpeg), [(e.x0, height - e.y1, e.x1, height - e.y0) for e in extents]


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((1, 2), {"room": 0.03, "sharey": True}),
        ((2, 1), {"room": 0.04, "sharex": True, "cmap": "viridis"}),
        ((3, 1), {"room": 0.05, "sharex": True, "jpeg": True}),
        ((2, 2), {"room": 0.06, "sharex": True, "sharey": True, "cmap": "gray_r"}),
        ((1, 3), {"room": 0.3, "size": (11, 4), "cmap": "jet", "jpeg": True}),
        ((2, 1), {"room": 0.4, "bars": True}),
        ((2, 1), {"room": 0.0, "sharex": True, "cmap": "plasma"}),
    ],
)
def test_each_panel_is_found_and_counted_row_by_row(speech, shape, options):
    picture, boxes = panels(speech, shape, **options)
    doubt = fastspec.inspect(picture).picture["doubt"]
    assert f"{len(boxes)} spectrograms in one figure" in doubt
    found = fastspec.inspect(picture).picture["panels"]
    np.testing.assert_allclose(found, boxes, atol=2)


def test_a_panel_is_read_with_its_own_axes(speech):
    wave, sr = speech
    picture, boxes = panels(speech, (2, 2), room=0.35, size=(11, 8))
    for number, box in enumerate(boxes, 1):
        known = fastspec.inspect(picture, panel=number)
        np.testing.assert_allclose(known["plot_area"], box, atol=1.5)
        assert "doubt" not in known.picture
    last = fastspec.inspect(picture, panel=3)  # the only one with labels on both sides
    assert (last["sr"], last.source("sr")) == (sr, "pixels")
    assert last["duration"] == pytest.approx(len(wave) / sr, rel=0.02)


def test_a_panel_that_is_not_there_is_a_usage_error(speech, speech_picture):
    picture, _ = panels(speech, (1, 2))
    with pytest.raises(ParameterError, match=r"panel=3 is not there: .* 2 spectrograms, at .*; give --panel 1 to 2"):
        fastspec.inspect(picture, panel=3)
    with pytest.raises(ParameterError, match="panel=2 is not there: the picture shows one spectrogram; leave"):
        fastspec.inspect(speech_picture, panel=2)
    with pytest.raises(ParameterError, match="panel=0 is not a whole number"):
        fastspec.inspect(picture, panel=0)
    assert "doubt" not in fastspec.inspect(speech_picture, panel=1).picture


def test_one_of_two_is_decoded_where_it_is_named(speech):
    picture, _ = panels(speech, (1, 2), room=0.05, sharey=True)
    with pytest.raises(PictureError, match="2 spectrograms in one figure"):
        fastspec.decode(picture)
    first, second = (fastspec.Decoder(panel=n, duration=4.0).read(picture).magnitude for n in (1, 2))
    assert first.shape == second.shape
    assert not np.allclose(first, second)


@pytest.mark.parametrize("cmap", ["gray_r", "magma", "viridis"])
def test_silence_in_the_papers_or_the_frames_colour_parts_no_spectrogram(speech, cmap):
    wave = np.concatenate([speech[0][:20000], np.zeros(30000), speech[0][20000:40000]]).astype(np.float32)
    picture, boxes = panels((wave, speech[1]), (1, 1), cmap=cmap)
    figure = find_figure(picture.rgb())
    assert figure is not None
    assert len(figure.images) == 1
    np.testing.assert_allclose(figure.images[0].box, boxes[0], atol=1.5)


@pytest.mark.parametrize("colour", ["red", "white", "black"])
def test_a_cursor_parts_no_spectrogram(speech, colour):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    axes.specgram(wave + 1e-5, NFFT=512, Fs=sr, noverlap=256)
    axes.axvline(len(wave) / sr / 2, color=colour, lw=1)
    figure = find_figure(saved(figure).rgb())
    assert figure is not None
    assert len(figure.images) == 1


def test_reading_order_is_by_rows_even_where_heights_differ(speech):
    wave, sr = speech
    figure, axes = plt.subplots(2, 2, figsize=(9, 6), dpi=100, height_ratios=[1, 2], width_ratios=[2, 1])
    for one in axes.flat:
        one.specgram(wave + 1e-5, NFFT=256, Fs=sr)
    found = find_figure(saved(figure).rgb())
    assert found is not None
    corners = [plot.box[:2] for plot in reading_order(found.images)]
    assert len(corners) == 4
    assert corners[0][1] == corners[1][1] < corners[2][1] == corners[3][1]
    assert corners[0][0] == corners[2][0] < corners[1][0] == corners[3][0]
