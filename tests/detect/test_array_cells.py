"""Arrays saved as pictures, one cell a pixel: rows and columns are counted, and given facts say what they are."""

from __future__ import annotations

import io

import librosa
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.detect import array_cells
from fastspec.detect.array_cells import LIMITS
from fastspec.phase import metrics


def _gray(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - values.min()) / (values.max() - values.min()) * 255).astype(np.uint8)


def _stft_db(y, n_fft, hop):
    return librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop)), ref=np.max)


def _mel_ln(y, sr, n_mels, n_fft, hop):
    return np.log(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=n_mels, n_fft=n_fft, hop_length=hop) + 1e-9)


def _imsave(values, **how):
    file = io.BytesIO()
    plt.imsave(file, values, format="png", **how)
    file.seek(0)
    return Image.open(file)


def _jpeg(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return Image.open(file)


@pytest.mark.parametrize("n_fft", [512, 1024, 2048])
@pytest.mark.parametrize("how", ["imsave", "imsave lower", "pillow", "jpeg"])
def test_bins_and_frames_of_a_saved_stft_are_counted(speech, n_fft, how):
    y, sr = speech
    hop = n_fft // 4
    d = _stft_db(y, n_fft, hop)
    saved = {
        "imsave": lambda: _imsave(d),
        "imsave lower": lambda: _imsave(d, origin="lower", cmap="inferno"),
        "pillow": lambda: _gray(d[::-1]),
        "jpeg": lambda: _jpeg(_gray(d[::-1])),
    }[how]()
    read = fastspec.inspect(saved, hop_length=hop, sr=sr)
    assert "profile" not in read
    assert (read["freq_scale"], read["n_fft"], read["n_frames"]) == ("linear", n_fft, d.shape[1])
    assert read["freq_edges"] == "cells"
    assert {read.source(name) for name in ("freq_scale", "n_fft", "n_frames", "freq_edges")} == {"pixels"}
    assert read["duration"] == pytest.approx((d.shape[1] - 1) * hop / sr)  # the hop that is given rules it
    assert max(read.facts[name].confidence for name in ("freq_scale", "n_fft")) <= LIMITS.sure_of_bins


@pytest.mark.parametrize("n_mels", [64, 80, 100, 128])
def test_bands_of_a_saved_mel_array_are_likely_and_not_sure(speech, n_mels):
    y, sr = speech
    m = _mel_ln(y, sr, n_mels, 1024, 256)
    read = fastspec.inspect(_gray(m[::-1]))
    assert (read["freq_scale"], read["n_mels"], read["freq_edges"]) == ("mel", n_mels, "cells")
    assert read.source("freq_scale") == read.source("n_mels") == "assumed"
    assert (read["n_frames"], read.source("n_frames")) == (m.shape[1], "pixels")
    assert any(
        f"array of {n_mels} rows, one pixel each: they are taken for mel bands" in remark and "--freq-scale" in remark
        for remark in read.remarks
    )


@pytest.mark.parametrize(("given", "told"), [
    ({"freq_scale": "mel"}, {"n_mels": 80}),
    ({"n_mels": 80}, {"freq_scale": "mel"}),
    ({"freq_scale": "mel", "n_mels": 80}, {}),
    ({"freq_scale": "linear"}, {"n_bins": 80, "n_fft": 160}),
])  # fmt: skip
def test_what_is_given_says_what_rows_are(speech, given, told):
    y, sr = speech
    read = fastspec.inspect(_gray(_mel_ln(y, sr, 80, 1024, 256)[::-1]), **given)
    assert (read["freq_edges"], read.source("freq_edges")) == ("cells", "pixels")
    assert {name: read[name] for name in told} == told
    assert not any("they are taken for mel bands" in remark for remark in read.remarks)


@pytest.mark.parametrize(("n_fft", "left_out"), [(2048, 1), (4096, 1), (400, 0), (480, 0), (960, 0)])
def test_bins_of_other_numbers_are_counted(speech, n_fft, left_out):
    """Without the highest bin there are 1024 or 2048; an FFT of 25 ms at 16 kHz has 201."""
    y, _sr = speech
    d = _stft_db(y, n_fft, n_fft // 4)
    d = d[: len(d) - left_out]
    read = fastspec.inspect(_gray(d[::-1]))
    assert (read["freq_scale"], read["n_fft"], read["n_frames"]) == ("linear", n_fft, d.shape[1])
    assert read.source("n_frames") == "pixels"
    assert read.source("n_fft") == ("assumed" if left_out else "pixels")
    assert read.get("n_bins") == (n_fft // 2 if left_out else None)
    assert read.picture["rows"] == len(d)


def _narrow_bands(y, sr):
    """More bands than bins at low frequencies, so that neighbours are alike and rows are smooth."""
    return np.sqrt(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=229, n_fft=2048, hop_length=441))


def _hardly_moving_frames(y, sr):
    """Six frames a window, so that columns are smooth."""
    m = librosa.feature.melspectrogram(y=y, sr=sr, n_mels=64, n_fft=2048, hop_length=320)
    return librosa.power_to_db(m, ref=np.max)


@pytest.mark.parametrize("make", [_narrow_bands, _hardly_moving_frames])
@pytest.mark.parametrize("cmap", [None, "viridis"])
def test_smooth_arrays_are_arrays(speech, make, cmap):
    m = make(*speech)
    pixels = _gray(m[::-1])
    light = pixels.astype(np.float32)
    assert min(array_cells.roughness(light) - 1.5, array_cells.roughness(light.T) - 0.9) < 0  # smoother than most
    read = fastspec.inspect(pixels if cmap is None else _imsave(m[::-1], cmap=cmap))
    assert (read["n_frames"], read.source("n_frames"), read.picture["rows"]) == (m.shape[1], "pixels", len(m))


def test_rows_that_are_alike_by_chance_leave_an_array_one():
    rng = np.random.default_rng(3)
    area = rng.integers(0, 255, (400, 90)).astype(np.uint8)
    area[[50, 120, 300]] = area[[51, 121, 301]]  # fewer than 1 of 100
    assert array_cells._one_cell_a_pixel(area)
    area[200:203] = area[199]
    assert not array_cells._one_cell_a_pixel(area)


@pytest.mark.parametrize(("times", "edges"), [(1, "cells"), (1.6, "librosa>=0.9")])
def test_even_bins_some_pixels_high_may_be_specshows(speech, times, edges):
    """Both draw the same rows; specshow's own pictures, 1.99 pixels a bin, were said to be cells."""
    y, _sr = speech
    d = _stft_db(y, 512, 128)[::-1, :300]
    image = _imsave(d, cmap="viridis").convert("RGB")
    size = round(times * image.width), round(times * image.height)
    read = fastspec.inspect(np.asarray(image.resize(size, Image.Resampling.NEAREST)))
    assert (read["freq_scale"], read["n_fft"], read["n_frames"], read["freq_edges"]) == ("linear", 512, 300, edges)
    assert (read.source("freq_edges") == "pixels") == (times == 1)


def test_more_rows_than_bins_that_are_given_are_no_bands(speech):
    y, sr = speech
    pixels = _gray(_mel_ln(y, sr, 160, 2048, 512)[::-1])
    assert fastspec.inspect(pixels, n_fft=512)["freq_scale"] == "mel"
    assert "n_mels" not in fastspec.inspect(pixels, n_fft=256)


def test_what_is_given_is_never_replaced(speech):
    y, _sr = speech
    read = fastspec.inspect(_gray(_stft_db(y, 512, 128)[::-1]), n_frames=7, freq_scale="mel", n_mels=40)
    assert {name: (read[name], read.source(name)) for name in ("n_frames", "freq_scale", "n_mels")} == {
        "n_frames": (7, "given"),
        "freq_scale": ("mel", "given"),
        "n_mels": (40, "given"),
    }


@pytest.mark.parametrize("rows", [256, 257])
def test_a_number_of_rows_that_fits_the_given_length_is_one_bin_a_row(speech, rows):
    y, _sr = speech
    d = _stft_db(y, 512, 128)[:rows]
    read = fastspec.inspect(_gray(d[::-1]), n_fft=512)
    assert (read["freq_scale"], read["freq_edges"]) == ("linear", "cells")
    assert read.get("n_bins") == (256 if rows == 256 else None)


@pytest.mark.parametrize("origin", ["lower", "upper"])
def test_given_facts_decode_a_mel_array_as_well_as_the_array_itself(speech, origin):
    y, sr = speech
    m = _mel_ln(y, sr, 128, 1024, 256)
    pixels = _gray(m if origin == "upper" else m[::-1])
    db = tuple(float(v) * 10 / np.log(10) for v in (m.min(), m.max()))
    facts = {"freq_scale": "mel", "n_mels": 128, "n_fft": 1024, "hop_length": 256, "sr": sr, "db_range": db}
    x, _ = fastspec.decode(pixels, **facts, cmap="gray", origin=origin, duration=len(y) / sr)
    # the profile that says all of it, as the array's own road
    best, _ = fastspec.decode(
        np.ascontiguousarray(pixels if origin == "lower" else pixels[::-1]),
        profile="fastspec", **facts, cmap="gray", duration=len(y) / sr,
    )  # fmt: skip
    assert metrics.stoi(x, y, sr) > 0.9
    assert metrics.held_out_sc(x, y, sr) == pytest.approx(metrics.held_out_sc(best, y, sr), abs=0.1)


def test_what_was_drawn_or_resized_is_no_array(speech, speech_picture):
    y, _sr = speech
    with Image.open(speech_picture) as image:
        drawn = image.convert("RGB")
    assert array_cells.read_array(np.asarray(drawn), None, fastspec.Calibration()) is None
    # of a height that arrays have, too
    for height in (128, 257):
        nearest = np.asarray(drawn.resize((500, height), Image.Resampling.NEAREST))
        assert fastspec.inspect(nearest)["n_frames"] != 500 or fastspec.inspect(nearest).source("n_frames") != "pixels"
        smooth = np.asarray(
            Image.fromarray(_gray(_stft_db(y, 128, 64))).resize((700, height), Image.Resampling.BICUBIC)
        )
        assert array_cells.read_array(smooth, None, fastspec.Calibration()) is None


@pytest.mark.parametrize("height", [128, 256, 257])
@pytest.mark.parametrize("scale", ["log", "linear"])
@pytest.mark.parametrize("damage", ["noise", "jpeg"])
@pytest.mark.parametrize("cmap", ["magma", "gray_r"])
def test_a_damaged_drawing_of_an_arrays_height_shows_its_cells(speech, height, scale, damage, cmap):
    y, sr = speech
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=512, freq_scale=scale, size=(900, height), cmap=cmap)
    pixels = picture.rgb()
    noise = np.random.default_rng(1).normal(0, 8, (*pixels.shape[:2], 3 if cmap == "magma" else 1))
    spoilt = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    read = fastspec.inspect(spoilt if damage == "noise" else _jpeg(pixels))
    assert read["freq_edges"] != "cells"
    assert read.get("freq_scale") != "mel"


def test_what_noise_may_have_parted_is_a_guess():
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 255, (257, 300, 3), np.uint8)
    none = fastspec.Calibration()
    spoilt = array_cells.read_array(cells, None, none, clean=False)
    assert spoilt is not None
    assert {fact.source for fact in spoilt.facts.values()} == {"assumed"}
    assert max(fact.confidence for fact in spoilt.facts.values()) <= LIMITS.likely_spoilt
    given = array_cells.read_array(cells, None, fastspec.Calibration.of("given", n_fft=512), clean=False)
    assert given is not None
    assert given.source("freq_edges") == "pixels"


def test_alike_rows_are_a_floors_or_those_of_one_cell():
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 255, (64, 50), np.uint8)
    floor = cells.copy()
    floor[:10] = 0
    floor[:10, 0] = 255  # the first frame is at the beginning's click
    twice = cells.copy()
    twice[20] = twice[21]
    none = fastspec.Calibration()
    assert array_cells.read_array(cells, None, none) is not None
    assert array_cells.read_array(floor, None, none) is not None
    assert array_cells.read_array(twice, None, none) is None


def test_roughness_is_that_of_its_definition():
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 40, (400, 300)).astype(np.float32)
    first, second = np.diff(noise, axis=0), np.diff(noise, n=2, axis=0)
    assert array_cells.roughness(noise) == pytest.approx((second**2).mean() / (first**2).mean(), rel=1e-4)
    assert array_cells.roughness(noise) == pytest.approx(3, rel=0.02)
    assert array_cells.roughness(np.zeros((5, 5), np.float32)) == 0


@pytest.mark.parametrize("rows", [80, 129])
def test_how_many_rows_there_are_is_described_whatever_they_are(speech, rows):
    y, sr = speech
    values = _mel_ln(y, sr, 80, 1024, 256) if rows == 80 else _stft_db(y, 256, 64)
    assert fastspec.inspect(_imsave(values)).picture["rows"] == rows


def test_the_plot_area_that_is_stated_may_be_given(speech):
    y, sr = speech
    saved = _imsave(_mel_ln(y, sr, 80, 1024, 256))
    read = fastspec.inspect(saved, n_mels=80)
    again = fastspec.inspect(saved, n_mels=80, plot_area=read["plot_area"])
    assert again["freq_edges"] == read["freq_edges"] == "cells"
    assert again.source("freq_scale") == read.source("freq_scale") == "pixels"
