"""imshow's blending, modelled and undone."""

from __future__ import annotations

import io

import numpy as np
import pytest

from fastspec.picture import files as picture_files
from fastspec.plot import imshow

pytest.importorskip("matplotlib")
DB = (-140.0, -40.0)


def _drawn(y, sr, size, n_fft, noverlap):
    """Pixels of plt.specgram's picture, which fills the figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=noverlap, cmap="viridis")[3].set_clim(*DB)
    axes.axis("tight")
    file = io.BytesIO()
    figure.savefig(file)
    file.seek(0)
    return picture_files.read(file).pixels


def _shares(count, pixels, nearest=False):
    """The blending as a plain matrix (pixels, count), cell by cell."""
    out = np.zeros((pixels, count))
    reach = max(1.0, count / pixels)
    for pixel in range(pixels):
        centre = (pixel + 0.5) * count / pixels
        if nearest:
            out[pixel, int(centre)] = 1
            continue
        for cell in range(-int(reach) - 2, count + int(reach) + 2):
            away = abs(cell + 0.5 - centre) / reach
            if away < 1:
                mirrored = -1 - cell if cell < 0 else 2 * count - 1 - cell if cell >= count else cell
                out[pixel, mirrored] += 0.5 + 0.5 * np.cos(np.pi * away)
    return out / out.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("count", "pixels"), [(129, 480), (1222, 640), (257, 257), (700, 130), (3, 50), (1, 9), (2, 9)]
)
def test_cells_are_the_least_squares_fit(count, pixels):
    lines = np.random.default_rng(count).random((pixels, 5)).astype(np.float32)
    shares = _shares(count, pixels)
    bend = np.diff(np.eye(count), 2, axis=0) if count > 2 else np.zeros((1, count))
    for smooth in (1e-2, 1e-4):
        normal = shares.T @ shares + smooth * (bend.T @ bend) + 1e-3 * smooth * np.eye(count)
        np.testing.assert_allclose(
            imshow.invert(lines, count, smooth), np.linalg.solve(normal, shares.T @ lines), atol=2e-3
        )
    if count < pixels:
        bend = np.diff(np.eye(count), 1, axis=0)
        normal = shares.T @ shares + 1e-6 * (bend.T @ bend) + 1e-9 * np.eye(count)
        left = lines - shares @ np.linalg.solve(normal, shares.T @ lines)
        assert imshow.misfit(lines, count) == pytest.approx(np.mean(left**2) / (1 - count / pixels), rel=1e-3)


def test_nearest_cells_are_means_of_their_pixels():
    cells = np.random.default_rng(4).random((20, 3)).astype(np.float32)
    shares = _shares(20, 90, nearest=True)
    lines = (shares @ cells).astype(np.float32)
    np.testing.assert_allclose(imshow.invert(lines, 20, kind=imshow.NEAREST), cells, atol=1e-3)
    assert imshow.misfit(lines, 20, nearest=True) < 1e-6 < 1e-3 < imshow.misfit(lines, 19, nearest=True)


@pytest.mark.parametrize(("n_fft", "noverlap", "size"), [(256, 128, (640, 480)), (1024, 768, (800, 400))])
def test_imshow_blends_as_the_model_says(speech, n_fft, noverlap, size):
    import matplotlib
    from matplotlib import mlab

    if tuple(int(part) for part in matplotlib.__version__.split(".")[:2]) < (3, 10):
        pytest.skip("this matplotlib blends the data")
    y, sr = speech[0][: int(3.3 * speech[1])], speech[1]
    power, _, _ = mlab.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=noverlap)
    colours = matplotlib.colormaps["viridis"]((10 * np.log10(power) - DB[0]) / (DB[1] - DB[0]))[::-1, :, :3]
    down, across = _shares(colours.shape[0], size[1]), _shares(colours.shape[1], size[0])
    blended = np.einsum("hb,bfk,wf->hwk", down, colours, across, optimize=True)
    off = np.floor(255 * blended).astype(int) - _drawn(y, sr, size, n_fft, noverlap)
    assert np.abs(off).max() <= 1
    assert (off == 0).mean() > 0.96


def test_cells_of_odd_claims_are_made_or_left():
    pixels = np.random.default_rng(1).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    assert imshow.cells(pixels, 64, None, None) is pixels
    assert imshow.cells(pixels[..., 0], 64, 64, None).shape == (33, 30)
    assert imshow.cells(pixels[..., 0], 64, 64, None, entries=True) is not None
    assert imshow.cells(pixels, 1 << 17, 1 << 17, None) is pixels
    assert imshow.cells(pixels, 64, 64, None).shape == (33, 30, 3)
    assert imshow.cells(pixels, 64, 2, None).shape == (33, 30, 3)
    assert imshow.cells(pixels, 64, 64, 10**18).shape == (33, 30, 3)
    assert imshow.cells(pixels, 64, 64, 10).shape == (33, 10, 3)


def test_cells_that_reach_past_the_pixels_are_undone_where_they_lie():
    cells = np.random.default_rng(5).random((30, 4)).astype(np.float32)
    index, weight = imshow.blend(30, 80, imshow.BELLS, (0.4, 0.7))
    lines = np.einsum("pt,ptn->pn", weight, cells[index]).astype(np.float32)
    assert np.abs(imshow.invert(lines, 30, beyond=(0.4, 0.7)) - cells).max() < 0.05
    assert np.abs(imshow.invert(lines, 30) - cells).max() > 0.15


def test_rows_that_are_bands_come_back_as_many():
    pixels = np.random.default_rng(6).integers(0, 255, (100, 90, 3), dtype=np.uint8)
    assert imshow.cells(pixels, 512, 512, 30, rows=40).shape == (40, 30, 3)
