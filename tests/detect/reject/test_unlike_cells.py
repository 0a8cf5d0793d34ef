"""Cells that have nothing to do with those beside them are no sound's; noise under a window is."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.detect.colour_survey import as_colours
from fastspec.detect.reject import unlike_cells as unlike
from fastspec.detect.reject.unlike_cells import unlike_cells
from tests.detect.reject import pictures


def drawn(values, tall=3, wide=4):
    """Gray cells of some pixels."""
    values = np.asarray(values, np.float64)
    level = ((values - values.min()) / np.ptp(values) * 255).astype(np.uint8)
    return level.repeat(tall, 0).repeat(wide, 1)


def palette():
    return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def weights(rng, shape):
    return rng.normal(size=shape)


def rectified(rng, shape):
    return np.maximum(rng.normal(size=shape), 0)


def attention(rng, shape):
    logits = 2 * rng.normal(size=(shape[0], shape[0])) + 2 * np.eye(shape[0])
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize("make", [weights, rectified, attention])
@pytest.mark.parametrize("shape", [(30, 40), (120, 90)])
def test_matrices_whose_cells_are_each_unlike_the_next(make, shape):
    said = unlike_cells(drawn(make(np.random.default_rng(1), shape)), palette())
    assert said is not None
    assert "each unlike the next" in said


@pytest.mark.parametrize("overlap", [2, 4])
@pytest.mark.parametrize("bands", [0, 64])
def test_noise_under_a_window_is_like_the_next(overlap, bands):
    y = np.random.default_rng(2).normal(size=16000).astype(np.float32)
    power = np.abs(librosa.stft(y, n_fft=512, hop_length=512 // overlap)) ** 2
    if bands:
        power = librosa.filters.mel(sr=16000, n_fft=512, n_mels=bands) @ power
    shown = drawn(librosa.power_to_db(power, ref=np.max))
    assert unlike_cells(shown, palette()) is None
    assert unlike_cells(shown[:, ::4], palette()) is None  # a pixel a frame


def test_sounds_of_all_kinds_are_like_the_next(speech):
    for name, y in pictures.sounds(speech[0]).items():
        level = fastspec.encode(np.asarray(y, np.float32), pictures.SR, n_fft=512, hop_length=128, cmap="gray").pixels
        gray = level if level.ndim == 2 else level[..., 0]
        assert unlike_cells(gray.repeat(2, 0).repeat(2, 1), palette()) is None, name


@pytest.mark.parametrize("standardised", [False, True])
def test_cepstra_are_no_bands_and_bands_are(speech, standardised):
    y, sr = speech
    bands = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=26), ref=np.max)
    cepstra = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=26)
    if standardised:
        bands, cepstra = ((v - v.mean(axis=1)[:, None]) / (v.std(axis=1)[:, None] + 1e-9) for v in (bands, cepstra))
    assert unlike_cells(drawn(bands, 12, 3), palette()) is None
    assert "rows, each unlike the next" in (unlike_cells(drawn(cepstra, 12, 3), palette()) or "")


def test_power_most_of_which_is_dark_is_not_judged_by_a_few_cells(speech):
    power = np.abs(librosa.stft(speech[0][:20000], n_fft=256)) ** 2
    assert unlike_cells(drawn(np.minimum(power, np.quantile(power, 0.995)) ** 1.5), palette()) is None


def palette_of_two_grays():
    """Other colours of the same levels, by which lines differ and their levels do not."""
    return np.array([[10, 10, 10], [10, 10, 10], [200, 0, 0], [0, 102, 3]], np.uint8)


@pytest.mark.parametrize("runs", [1, 2, 3, 40])
@pytest.mark.parametrize("kind", ["colours", "gray", "entries"])
def test_lines_change_where_any_of_their_levels_does(runs, kind):
    rng = np.random.default_rng(runs)
    base = rng.integers(
        0, 4 if kind == "entries" else 256, (300 // runs + 1, 1500) + ((3,) if kind == "colours" else ())
    )
    base[1:][rng.random(len(base) - 1) < 0.7] = base[0]  # most are like the first, but for a place
    base[:, 1000] = rng.integers(0, 2, base[:, 1000].shape)
    lines = base.repeat(runs, 0)[:300].astype(np.uint8)
    colours = palette_of_two_grays() if kind == "entries" else None
    level = as_colours(lines, colours).astype(int) @ np.array(unlike._LUMA)
    changed = np.flatnonzero((level[1:] != level[:-1]).any(axis=1))
    borders = np.flatnonzero((lines[1:] != lines[:-1]).reshape(299, -1).any(axis=1))
    told = unlike._changes(lines, colours, borders)
    alone = np.count_nonzero(np.diff(np.concatenate([[-1], changed, [299]])) == 1)
    if told is None:
        assert 3 * alone > 300
    else:
        np.testing.assert_array_equal(told, changed)


def test_lines_that_mostly_stand_alone_are_told_by_a_few_places(monkeypatch):
    looked = []
    luma = unlike._luma

    def counted(pixels, palette):
        looked.append(pixels.size)
        return luma(pixels, palette)

    monkeypatch.setattr(unlike, "_luma", counted)
    lines = np.random.default_rng(0).integers(0, 256, (400, 900, 3)).astype(np.uint8)
    assert unlike_cells(lines, None) is None
    assert sum(looked) < 0.1 * lines.size
