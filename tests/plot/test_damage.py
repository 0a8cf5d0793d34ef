"""Damaged pictures: JPEG's colours, noise, paint, other sizes; axes read off them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

import fastspec
from fastspec import Decoder
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, matching
from fastspec.detect import faint_borders
from fastspec.phase import metrics
from fastspec.plot import damage

N_FFT, HOP = 512, 128


@pytest.fixture(scope="module")
def levels(speech_picture):
    magma = colormap.get("magma")
    return magma.levels_of(matching.index_of(np.asarray(Image.open(speech_picture).convert("RGB")), magma).index)


def jpeg(rgb, quality, subsampling=2):
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(out))


def rms_db(read, levels):
    return 80 * float(np.sqrt(np.nanmean((read - levels) ** 2)))


def nearest_db(rgb, cmap, levels):
    return rms_db(cmap.levels_of(matching.index_of(rgb, cmap, "nearest").index), levels)


@pytest.mark.parametrize("name", ["magma", "viridis", "inferno"])
def test_jpeg_is_read_with_at_most_half_the_error_of_nearest_rgb(levels, name):
    cmap = colormap.get(name)
    rgb = jpeg(colormap.colour_of(levels, cmap), 95)
    ours = rms_db(damage.read_levels(rgb, cmap, jpeg=True).positions, levels)
    assert ours <= 0.5 * nearest_db(rgb, cmap, levels)


@pytest.mark.parametrize("quality", [95, 75, 50])
@pytest.mark.parametrize("name", ["jet", "turbo", "hot", "coolwarm", "gray", "cividis"])
def test_jpeg_is_never_read_worse_than_nearest_rgb(levels, name, quality):
    cmap = colormap.get(name)
    rgb = jpeg(colormap.colour_of(levels, cmap), quality)
    ours = rms_db(damage.read_levels(rgb, cmap, jpeg=True).positions, levels)
    assert ours <= nearest_db(rgb, cmap, levels) * 1.001


@pytest.mark.parametrize("kind", ["clean", "jpeg", "noise"])
@pytest.mark.parametrize("name", ["magma", "viridis"])
def test_paint_is_hidden_and_nothing_else(levels, name, kind):
    cmap = colormap.get(name)
    clean = colormap.colour_of(levels, cmap)
    image = Image.fromarray(clean)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 140, 100), fill=(0, 255, 0))
    draw.line((10, 10, 300, 200), fill=(0, 255, 0), width=4)
    spoilt = np.asarray(image)
    mask = (spoilt != clean).any(axis=2)
    if kind == "jpeg":
        clean, spoilt = jpeg(clean, 90), jpeg(spoilt, 90)
    elif kind == "noise":
        noise = np.random.default_rng(0).normal(0, 8, clean.shape)
        clean, spoilt = (np.clip(p + noise + 0.5, 0, 255).astype(np.uint8) for p in (clean, spoilt))
    read = damage.read_levels(spoilt, cmap, jpeg=kind == "jpeg")
    hidden = np.isnan(read.positions)
    assert hidden.sum() == read.hidden
    assert hidden[mask].mean() > 0.75
    assert hidden[~mask].mean() < 0.02
    assert damage.read_levels(clean, cmap, jpeg=kind == "jpeg").hidden < 0.001 * mask.size


@pytest.mark.parametrize("name", ["jet", "rainbow", "viridis", "turbo"])
def test_luma_beside_chroma_of_other_levels_is_no_paint(levels, name):
    """One pixel a cell, so that the chroma of every pixel is its neighbours' as well."""
    cmap = colormap.get(name)
    sharp = levels[::3, ::3]
    read = damage.read_levels(jpeg(colormap.colour_of(sharp, cmap), 75), cmap, jpeg=True)
    assert read.hidden < 0.003 * sharp.size


@pytest.mark.parametrize("name", ["jet", "viridis", "magma", "gray"])
def test_how_far_mixtures_lie_off_the_map(name):
    cmap = colormap.get(name)
    metric = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    metric[1:] *= damage.LIMITS.jpeg_chroma_weight**0.5
    nodes = matching._nodes(cmap)[0] @ metric.T
    off = []
    for one in nodes[::10]:
        for other in nodes[::10]:
            for share in (0.25, 0.5, 0.75):
                seen = np.array([one[0], *(share * one[1:] + (1 - share) * other[1:])])
                off.append(np.sqrt(((seen - nodes) ** 2).sum(axis=1)).min())
    assert damage.of_mixtures(cmap) == pytest.approx(np.quantile(off, damage.LIMITS.mixed), rel=0.02, abs=1e-4)


def test_a_wrong_map_hides_nothing(levels):
    rgb = colormap.colour_of(levels, colormap.get("jet"))
    assert damage.read_levels(rgb, colormap.get("magma")).hidden < 0.4 * levels.size


@pytest.mark.parametrize("name", ["jet", "turbo", "rainbow", "viridis", "nipy_spectral", "hot"])
def test_damage_is_not_called_another_map(levels, name):
    """The map is right, whatever JPEG and noise have done to its colours."""
    rng = np.random.default_rng(8)
    rgb = colormap.colour_of(levels, colormap.get(name))
    noisy = np.clip(rgb + rng.normal(0, 15, rgb.shape), 0, 255).astype(np.uint8)
    for spoilt in (*(jpeg(rgb, quality) for quality in (95, 75, 50)), noisy):
        assert damage.question_colours(spoilt, colormap.get(name), None) is None


@pytest.mark.parametrize(("drawn", "taken"), [("viridis", "hot"), ("jet", "turbo"), ("plasma", "gray")])
def test_another_map_is_said(levels, drawn, taken):
    rgb = colormap.colour_of(levels, colormap.get(drawn))
    for spoilt in (rgb, jpeg(rgb, 95)):
        said = damage.question_colours(spoilt, colormap.get(taken), None)
        assert said is not None
        assert f"to one side of {taken}" in said
        assert "--cmap" in said


@pytest.mark.parametrize("sigma", [0.01, 0.03])
def test_uncertainty_is_that_of_the_noise(sigma):
    rng = np.random.default_rng(0)
    rows, columns = np.arange(120) // 3, np.arange(90) // 3
    true = rng.random((40, 30)).astype(np.float32)[rows][:, columns]
    noisy = (true + rng.normal(0, sigma, true.shape)).astype(np.float32)
    for across in (columns, np.arange(90)):
        variance = damage.variance(noisy, rows, across, 0.1)
        assert variance is not None
        assert variance.shape == (16,)
        np.testing.assert_allclose(np.sqrt(variance), sigma, rtol=0.15)
    assert damage.variance(noisy, np.arange(120), np.arange(90), 0.1) is None
    assert damage.variance(noisy, rows, columns, 1.0) is None


def test_uncertainty_is_told_by_level():
    rng = np.random.default_rng(1)
    true = np.repeat(np.repeat(rng.random((200, 100)), 2, axis=0), 2, axis=1)
    noisy = (true + rng.normal(0, np.where(true < 0.5, 0.005, 0.05))).astype(np.float32)
    variance = damage.variance(noisy, np.arange(400) // 2, np.arange(200) // 2, 0.0)
    assert variance is not None
    np.testing.assert_allclose(np.sqrt(variance[1:6]), 0.005, rtol=0.3)
    np.testing.assert_allclose(np.sqrt(variance[10:15]), 0.05, rtol=0.3)


def drawn(y, sr, scale="log", **options):
    picture = fastspec.encode(y, sr, n_fft=N_FFT, hop_length=HOP, freq_scale=scale, size=(700, 500), **options)
    return picture.palette[picture.pixels]


def decoded(rgb, y, sr):
    facts = {"sr": sr, "n_fft": N_FFT, "hop_length": HOP, "freq_scale": "log", "duration": y.size / sr, "cmap": "magma"}
    return fastspec.decode(rgb, profile="librosa", **facts)[0]


@pytest.mark.parametrize(("kind", "allowed"), [("q95", 1.15), ("q75", 1.4), ("noise", 1.4), ("paint", 1.6)])
def test_sound_of_a_damaged_picture_is_nearly_that_of_the_clean_one(speech, tmp_path, kind, allowed):
    y, sr = speech[0][: 3 * speech[1]], speech[1]
    rgb = drawn(y, sr)
    path = tmp_path / ("p.jpg" if kind[0] == "q" else "p.png")
    spoilt = rgb.copy()
    if kind == "noise":
        spoilt = np.clip(rgb + np.random.default_rng(0).normal(0, 10, rgb.shape) + 0.5, 0, 255).astype(np.uint8)
    if kind == "paint":
        spoilt[200:206, 100:300] = (0, 255, 0)
    Image.fromarray(spoilt).save(path, **({"quality": int(kind[1:])} if kind[0] == "q" else {}))
    clean = metrics.log_mel_distance(decoded(rgb, y, sr), y, sr)
    assert metrics.log_mel_distance(decoded(path, y, sr), y, sr) < allowed * clean


def test_paint_and_noise_are_said(speech):
    y, sr = speech[0][: 2 * speech[1]], speech[1]
    rgb = drawn(y, sr)
    rgb[10:40, 10:90] = (0, 255, 0)
    remarks = " ".join(Decoder(profile="librosa", sr=sr, duration=2.0).read(rgb).calibration.remarks)
    assert "2400 pixels" in remarks
    noisy = np.clip(drawn(y, sr) + np.random.default_rng(0).normal(0, 10, rgb.shape) + 0.5, 0, 255).astype(np.uint8)
    remarks = " ".join(Decoder(profile="librosa", sr=sr, duration=2.0).read(noisy).calibration.remarks)
    assert "uncertain by" in remarks


@pytest.mark.parametrize("scale", ["log", "mel", "linear"])
@pytest.mark.parametrize("kind", ["q75", "noise", "few", "resized"])
def test_axis_rate_and_length_are_read_off_damaged_pictures(speech, scale, kind):
    y, sr = speech[0][: 4 * speech[1]], speech[1]
    rgb = drawn(y, sr, scale, profile="librosa")
    if kind == "q75":
        rgb = jpeg(rgb, 75)
    elif kind == "noise":
        rgb = np.clip(rgb + np.random.default_rng(0).normal(0, 10, rgb.shape) + 0.5, 0, 255).astype(np.uint8)
    elif kind == "few":
        rgb = np.asarray(Image.fromarray(rgb).quantize(64).convert("RGB"))
    else:
        rgb = np.asarray(Image.fromarray(rgb).resize((640, 460), Image.Resampling.LANCZOS))
    read = faint_borders.read_faint(rgb, Calibration())
    assert read["freq_scale"] == scale
    assert read["freq_edges"] == "librosa>=0.9"
    if scale != "linear":
        assert read["sr"] == sr
    assert read.get("n_fft", N_FFT) == N_FFT
    assert read.get("n_mels", 128) == 128
    if "n_frames" in read:
        assert read["n_frames"] == 1 + y.size // HOP or read.facts["n_frames"].confidence <= 0.9


def test_no_axis_is_read_off_noise_and_photographs():
    rng = np.random.default_rng(0)
    for pixels in (
        rng.integers(0, 256, (300, 400, 3)).astype(np.uint8),
        np.asarray(Image.fromarray(rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)).resize((640, 480))),
        np.zeros((100, 100, 3), np.uint8),
    ):
        assert not faint_borders.read_faint(pixels, Calibration())
