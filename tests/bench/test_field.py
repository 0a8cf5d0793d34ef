"""Pictures as people make them and their judge: each kind draws, false or missing facts do not pass, bounds hold."""

from __future__ import annotations

import dataclasses

import librosa
import numpy as np
import pytest

from bench.pictures import field
from bench.quality import field as judge
from bench.quality import field_bound
from bench.quality.facts import FALSE, RIGHT, SILENT, Said


@pytest.fixture(scope="module")
def sounds(speech):
    return {"speech": speech}


@pytest.mark.parametrize("kind", field.KINDS)
def test_every_kind_draws_the_same_picture_again(sounds, tmp_path, kind):
    drawn = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        drawn.append(field.draw(sounds, tmp_path / name, 3, 5, kind))
    first, second = drawn
    assert first.drawing.path.read_bytes() == second.drawing.path.read_bytes()
    assert first.drawing.kind == kind
    assert first.promised.keys() <= first.drawing.truth.keys()
    assert {"sr", "duration", "n_fft", "hop_length", "cmap"} <= first.given.keys()
    assert first.levels.values.shape == first.table.amplitude.shape


def test_the_bound_is_near_the_sound_and_an_array_upside_down_is_not(sounds, tmp_path):
    made = next(m for n in range(9) if (m := field.draw(sounds, tmp_path, 1, n, "arrays")).table.is_fft)
    best = field_bound.bound(made)
    levels = dataclasses.replace(made.levels, amplitude=made.levels.amplitude[::-1])
    wrong = field_bound.bound(dataclasses.replace(made, levels=levels))
    assert best[0] < -5
    assert not field_bound.near(wrong, best)


def test_cells_without_a_pixel_are_interpolated():
    amplitude = 10 ** (np.arange(8.0)[:, None] / 20) * np.ones((8, 3))
    assert field_bound.seen(amplitude, (8, 3)) == pytest.approx(amplitude)
    some = field_bound.seen(amplitude, (4, 3))
    assert some[1:7] == pytest.approx(amplitude[1:7])


def row(*promised, said=()):
    return judge.Row("x.png", "arrays", "imsave", tuple(said), tuple(promised))


def test_right_promises_pass_and_missing_or_sure_false_facts_do_not(capsys):
    right = row(Said("cmap", RIGHT, "magma", "magma", 0.99, "pixels"))
    assert judge.report([right] * 30, False) == []
    silent = row(Said("cmap", SILENT, None, "magma"))
    assert "66.7%" in judge.report([right, right, silent], False)[0]
    false = Said("sr", FALSE, 192000, 22050, 0.95, "pixels")
    assert len(judge.report([right, row(said=[false])], True)) == 1
    assert "sr 192000" in capsys.readouterr().out
    assert judge.report([right, row(said=[dataclasses.replace(false, confidence=0.5)])], True) == []


def test_a_person_and_a_bound_for_the_pictures_of_a_folder(sounds):
    y, sr = sounds["speech"]
    facts = {"freq_scale": "mel", "n_mels": 80, "n_fft": 1024, "hop_length": 256}
    S = np.abs(librosa.stft(y[:sr], n_fft=1024, hop_length=256))
    for power in (2.0, 1.0):
        array, known = field_bound.redrawn(y[:sr], sr, {**facts, "mel_power": power})
        bands = librosa.feature.melspectrogram(S=S**power, sr=sr, n_mels=80) ** (1 / power)
        np.testing.assert_allclose(array, bands, rtol=1e-4)
        sound = field_bound.decode_array(array, known, sr, sr)
        assert field_bound.figures(sound, y[:sr], sr)[0] < -5
        assert not np.array_equal(sound, field_bound.decode_array(array, {**known, "mel_power": 3.0}, sr, sr))
