"""What matplotlib blended is told from arrays, flat cells and other pictures, and in which way it was blended."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec.detect import blended
from fastspec.detect.blended import Blending
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.plot import imshow

pytest.importorskip("matplotlib")


def drawn(draw, size, dpi=100, **save):
    """The picture of a figure of `size` pixels whose axes `draw` fills."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    draw(axes)
    axes.axis("tight")
    file = io.BytesIO()
    figure.savefig(file, **save)
    file.seek(0)
    return picture_files.read(file)


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 2 * sr] + np.float32(1e-7), sr


@pytest.mark.parametrize(
    ("n_fft", "size", "cmap"),
    [
        (256, (387, 385), "viridis"),
        (256, (500, 210), "gray"),
        (128, (300, 200), "jet"),
        (512, (640, 480), "inferno"),
        (1024, (500, 900), "gray_r"),
        (480, (700, 300), "plasma"),
    ],
)
def test_the_bins_that_imshow_blended_are_counted(clip, n_fft, size, cmap):
    y, sr = clip
    picture = drawn(lambda axes: axes.specgram(y, NFFT=n_fft, Fs=sr, noverlap=n_fft // 2, cmap=cmap), size)
    assert blended.blending(picture) == Blending(imshow.BELLS, n_fft)


@pytest.mark.parametrize(("n_fft", "size"), [(2048, (640, 480)), (4096, (600, 400)), (1024, (700, 400))])
def test_of_more_bins_than_rows_only_the_colours_tell(clip, n_fft, size):
    y, sr = clip
    picture = drawn(lambda axes: axes.specgram(y, NFFT=n_fft, Fs=sr, noverlap=n_fft // 2), size)
    assert blended.blending(picture) == Blending(imshow.BELLS, None)


@pytest.mark.parametrize(("n_fft", "size"), [(256, (640, 480)), (128, (400, 250)), (512, (500, 1000))])
def test_colours_between_cells_are_no_bells(clip, n_fft, size):
    from scipy.signal import spectrogram

    y, sr = clip
    f, t, power = spectrogram(y, sr, nperseg=n_fft, noverlap=n_fft // 8)
    picture = drawn(lambda axes: axes.pcolormesh(t, f, 10 * np.log10(power), shading="gouraud"), size)
    assert blended.blending(picture) == Blending(imshow.VERTICES, None)


@pytest.mark.parametrize("cmap", ["viridis", "magma", "gray", "jet"])
@pytest.mark.parametrize("n_fft", [256, 512, 1024])
def test_arrays_and_flat_cells_are_not_blended(clip, n_fft, cmap):
    import librosa
    import matplotlib.image

    y, _ = clip
    decibels = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft)), ref=np.max)
    file = io.BytesIO()
    matplotlib.image.imsave(file, decibels, cmap=cmap)
    file.seek(0)
    assert blended.blending(picture_files.read(file)) is None
    flat = drawn(lambda axes: axes.pcolormesh(decibels, cmap=cmap), (400, 300))
    assert blended.blending(flat) is None
    large = (4 * decibels.shape[1], 4 * decibels.shape[0])
    assert blended.blending(drawn(lambda axes: axes.imshow(decibels, cmap=cmap, aspect="auto"), large)) is None


def test_bands_of_another_number_are_no_bins(clip):
    import librosa

    y, sr = clip
    mel = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=128))
    seen = blended.blending(drawn(lambda axes: axes.imshow(mel, aspect="auto", origin="lower"), (300, 300)))
    assert seen is None or seen.n_fft is None


def test_nobody_elses_picture_is_judged_nor_a_figure_with_margins(clip):
    y, sr = clip
    picture = drawn(lambda axes: axes.specgram(y, Fs=sr), (387, 385))
    file = io.BytesIO()
    Image.fromarray(picture.pixels).save(file, "PNG")
    file.seek(0)
    assert blended.blending(picture_files.read(file)) is None

    def small(axes):
        axes.specgram(y, Fs=sr)
        axes.set_position((0.1, 0.1, 0.8, 0.8))

    assert blended.blending(drawn(small, (500, 400))) is None


def test_no_wrong_number_of_bins_is_claimed_where_the_plot_lies_between_pixels(clip):
    from matplotlib.figure import Figure

    y, sr = clip
    for size in ((5.0, 6.17), (8.98, 7.61), (5.37, 6.13), (7.71, 4.93)):
        figure = Figure(figsize=size)
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.specgram(y, Fs=sr)
        file = io.BytesIO()
        figure.savefig(file)
        file.seek(0)
        picture = picture_files.read(file)
        paper = (picture.pixels == 255).all(axis=-1)
        rows, columns = np.flatnonzero(~paper.all(axis=1)), np.flatnonzero(~paper.all(axis=0))
        inner = picture.pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        seen = blended.blending(Picture(np.ascontiguousarray(inner), info=picture.info))
        assert seen is not None
        assert seen.n_fft in (None, 256)
