"""The range of decibels of an array that was not scaled to its own loudest cell is assumed to be a wider one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.detect.unscaled import LIMITS


@pytest.fixture
def saved(tmp_path):
    """Saves rows (bands, frames) of a voice-like sound, one cell a pixel, `top` of the gray scale at the loudest."""

    def make(top, bands=64, frames=170, reverse=False):
        rng = np.random.default_rng(7)
        rows, columns = np.arange(bands)[:, None], np.arange(frames)
        comb = np.exp(-0.5 * ((rows % 9 - 4) / 1.3) ** 2)
        loud = 0.1 + np.abs(np.sin(columns / 13)) ** 3
        power = (comb * loud * 10 ** (-rows / 30) + 1e-3) * rng.rayleigh(0.4, (bands, frames))
        level = np.log(power)
        level = np.clip((level - level.min()) / (level.max() - level.min()) * 1.2 - 0.2, 0, 1) * top
        gray = (255 * level[::-1]).round().astype(np.uint8)
        Image.fromarray(255 - gray if reverse else gray).save(tmp_path / "a.png")
        return tmp_path / "a.png"

    return make


@pytest.mark.parametrize(("top", "low"), [(1.0, -80), (0.97, -80), (0.93, -LIMITS.span), (0.6, -LIMITS.span)])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_range_that_is_not_the_sounds_own_is_wider(saved, top, low, reverse):
    found = fastspec.inspect(saved(top, reverse=reverse), cmap="gray_r" if reverse else "gray", origin="lower")
    assert found["freq_edges"] == "cells"
    assert found["db_range"] == (low, 0.0)
    assert found.source("db_range") == "assumed"
    if low == -LIMITS.span:
        assert f"{top:.0%}" in found.facts["db_range"].note


def test_given_ranges_and_kinds_rule(saved):
    picture = saved(0.6)
    assert fastspec.inspect(picture, cmap="gray", db_range=(-70, 0))["db_range"] == (-70, 0)
    of_power = fastspec.inspect(picture, cmap="gray", level_kind="power")
    assert of_power.get("db_range") in (None, (-80.0, 0.0))


def test_drawings_keep_librosas_range(speech_picture):
    found = fastspec.inspect(speech_picture)
    assert found["freq_edges"] != "cells"
    assert found["db_range"] == (-80, 0)
