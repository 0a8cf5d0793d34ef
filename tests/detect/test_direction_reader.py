"""How a plot lies: sounds in all four readings, what is given decides the rest, and doubt is said."""

from __future__ import annotations

import itertools

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.colours import colormap
from tests.detect.drawn import drawn as drawn_cells

READINGS = list(itertools.product(("gray", "gray_r"), ("lower", "upper")))


def plucked():
    """Three seconds of plucked strings, (y, sr)."""
    sr, rng = 16000, np.random.default_rng(2)
    t = np.arange(3 * sr) / sr
    y = 1e-4 * rng.normal(size=len(t))
    for start in np.arange(0.2, 2.8, 0.3):
        partials = 196.0 * 2 ** (rng.integers(0, 24) / 12) * np.arange(1, 12)
        decay = np.where(t > start, np.exp(-5 * np.maximum(t - start, 0)), 0)
        y += decay * sum(np.sin(2 * np.pi * f * t) / k**1.2 for k, f in enumerate(partials, 1) if f < sr / 2)
    return y.astype(np.float32), sr


@pytest.fixture(scope="module", params=["speech", "plucked"])
def sound(request, speech):
    return (speech[0][: 4 * speech[1]], speech[1]) if request.param == "speech" else plucked()


def cells(sound, kind):
    """Levels 0..1 of a sound as people save them, the lowest frequency first."""
    y, sr = sound
    magnitude = np.abs(librosa.stft(y, n_fft=1024, hop_length=256))
    if kind == "floor":
        levels = librosa.amplitude_to_db(magnitude, ref=np.max)
    elif kind == "ln mel":
        levels = np.log(librosa.feature.melspectrogram(S=magnitude**2, sr=sr, n_mels=96) + 1e-9)
    else:
        levels = magnitude ** {"magnitude": 1.0, "root": 0.25}[kind]
    return (levels - levels.min()) / np.ptp(levels)


def drawn(levels, cmap, origin):
    """One cell a pixel."""
    rows = levels if origin == "upper" else levels[::-1]
    return colormap.colour_of(np.ascontiguousarray(rows, np.float32), colormap.get(cmap))


def reading(cal):
    return cal["cmap"].replace("Greys", "gray_r").replace("gray_r_r", "gray"), cal["origin"]


@pytest.mark.parametrize("kind", ["floor", "ln mel", "magnitude", "root"])
def test_all_four_readings_of_a_sound_are_told_apart(sound, kind):
    levels = cells(sound, kind)
    for true in READINGS:
        found = fastspec.inspect(drawn(levels, *true))
        told = [tuple(each["facts"].values()) for each in found.picture.get("readings", [])]
        assert reading(found) == true or true in told
        assert reading(found) == true or kind == "ln mel"  # strings without noise hang either way
        assert found.facts["origin"].source == "pixels" or told


@pytest.mark.parametrize(("cmap", "kind"), [("inferno_r", "magnitude"), ("viridis", "root"), ("plasma_r", "floor")])
def test_maps_of_colours_lie_either_way_too(sound, cmap, kind):
    levels = cells(sound, kind)
    for origin in ("lower", "upper"):
        found = fastspec.inspect(drawn(levels, cmap, origin))
        assert (found["cmap"], found["origin"]) == (cmap, origin)


def ambiguous():
    """Levels (90, 120) of falling treble, upside down nearly as likely in the reverse of a gray."""
    rng = np.random.default_rng(9)
    return np.clip(np.linspace(0.8, 0.2, 90)[:, None] + 0.1 * rng.normal(size=(90, 120)), 0, 1)


def test_close_readings_are_all_said():
    found = fastspec.inspect(drawn(ambiguous(), "gray", "lower"))
    told = found.picture["readings"]
    assert len(told) >= 2
    chances = [each["probability"] for each in told]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1.001
    assert told[0]["facts"] == {name: found[name] for name in ("cmap", "origin")}
    remark = next(said for said in found.remarks if "hardly shows" in said)
    for each in told:
        assert f"--cmap {each['facts']['cmap']} --origin {each['facts']['origin']}" in remark
    assert found.facts["origin"].confidence < 0.9
    assert found.facts["origin"].alternative in ("lower", "upper")


def test_what_is_given_decides_the_other():
    levels = ambiguous()
    for cmap, origin in READINGS:
        pixels = drawn(levels, cmap, origin)
        by_origin, by_map = fastspec.inspect(pixels, origin=origin), fastspec.inspect(pixels, cmap=cmap)
        assert reading(by_origin) == reading(by_map) == (cmap, origin)
        assert (by_origin.source("origin"), by_map.source("cmap")) == ("given", "given")
        both = fastspec.inspect(pixels, cmap=cmap, origin=origin)
        assert "readings" not in both.picture
        assert not any("hardly shows" in said for said in both.remarks)


def test_a_guess_is_assumed():
    noise = drawn(np.random.default_rng(1).random((120, 200)), "gray", "lower")
    found = fastspec.inspect(noise)
    assert found.source("cmap") == found.source("origin") == "assumed"
    assert "readings" in found.picture


def test_rows_of_a_log_axis_tell_the_origin_where_loudness_does_not():
    axis = FrequencyAxis(scale="log", sr=22050, n_fft=1024)
    noise = drawn_cells(axis, size=(500, 400), cmap="gray").astype(float)
    noise += np.random.default_rng(5).normal(0, 4, noise.shape)
    found = fastspec.inspect(np.clip(noise, 0, 255).astype(np.uint8))
    assert (found["freq_scale"], found["origin"], found.source("origin")) == ("log", "lower", "pixels")
    assert {each["facts"]["origin"] for each in found.picture["readings"]} == {"lower"}
    assert not any("how the plot lies" in said for said in found.remarks)
    assert any("which end of the colours is loud" in said for said in found.remarks)


def test_an_origin_that_is_given_is_that_of_all_readers(speech):
    y, sr = speech
    upright = np.array(fastspec.encode(y[: 2 * sr], sr, size=(400, 300), freq_scale="log").rgb())
    known = fastspec.inspect(upright)
    turned = fastspec.inspect(np.ascontiguousarray(upright[::-1]), origin="upper")
    for name in ("freq_scale", "sr", "n_fft", "freq_edges", "cmap"):
        assert (turned[name], turned.source(name)) == (known[name], known.source(name)), name
