"""A waveform in a lane of its own is an editor's window; rows of one colour in a spectrogram make none."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.detect.reject import editor as editors
from fastspec.detect.reject.editor import editor
from tests.detect.reject import pictures


def spectrogram(y):
    drawn = fastspec.encode(np.asarray(y, np.float32), pictures.SR, n_fft=512, hop_length=64, cmap="gray_r")
    return drawn.pixels if drawn.palette is None else drawn.palette[drawn.pixels]


def window(y, paper, ink, panel):
    below = spectrogram(y)
    if below.ndim == 2:
        below = np.repeat(below[..., None], 3, axis=2)
    width = below.shape[1]
    lane = np.full((100, width, 3), paper, np.uint8)
    for x, part in enumerate(np.array_split(y / np.abs(y).max(), width)):
        lane[int(50 - 46 * part.max()) : int(50 - 46 * part.min()) + 1, x] = ink
    whole = np.concatenate([np.full((30, width, 3), 225, np.uint8), lane, below])
    return np.pad(whole, ((0, 0), (panel, 0), (0, 0)), constant_values=210)


@pytest.mark.parametrize("panel", [0, 40])
@pytest.mark.parametrize(("paper", "ink"), [(255, (0, 0, 200)), (20, (0, 200, 90))])
def test_a_waveform_above_a_spectrogram(speech, panel, paper, ink):
    said = editor(window(speech[0], paper, ink, panel), None)
    assert said is not None
    assert "waveform at 0," in said
    assert "--crop" in said


def test_sounds_of_all_kinds_have_no_such_lane(speech):
    for name, y in pictures.sounds(speech[0]).items():
        assert editor(spectrogram(y), None) is None, name
        assert editor(spectrogram(np.pad(np.asarray(y), 4000)), None) is None, name


def mixed(rng, height, width):
    """Rows of one colour, nearly so, hardly so, and of many."""
    out = rng.integers(0, 256, (height, width, 3))
    for row in range(height):
        share = rng.choice([0.5, 0.9, 0.96, 0.97, 0.98, 1.0])
        out[row, rng.random(width) < share] = rng.integers(0, 256, 3) + rng.choice([0, 3])
    return np.clip(out + rng.integers(-3, 4, out.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("width", [48, 130, 641])
def test_rows_of_one_colour_are_those_that_all_their_pixels_tell(width):
    rows = mixed(np.random.default_rng(width), 300, width)
    plain, paper = editors._plain_rows(rows, None)
    colour = np.median(rows, axis=1)
    share = (np.abs(rows - colour[:, None]).max(axis=2) <= editors.LIMITS.same).mean(axis=1)
    np.testing.assert_array_equal(plain, share >= editors.LIMITS.plain)
    assert 20 < plain.sum() < 250
    np.testing.assert_array_equal(paper[plain], colour[plain])


@pytest.mark.parametrize(("left", "right"), [(0, 0), (1, 0), (7, 30), (300, 0), (0, 300), (150, 149)])
def test_panels_are_passed_over_on_both_sides(left, right):
    pixels = np.full((100, 300, 3), 80, np.uint8)
    pixels[:, left : 300 - right] = mixed(np.random.default_rng(5), 100, 300)[:, left : 300 - right] // 2
    begin, end = editors._without_panels(pixels, None)
    assert (begin, end) == (left, 300 - right) if left + right < 300 else begin >= end


def test_of_a_spectrogram_few_rows_are_looked_at_whole(speech, monkeypatch):
    looked = []
    whole = editors._of_one_colour

    def counted(rows):
        looked.append(rows[0].size)
        return whole(rows)

    monkeypatch.setattr(editors, "_of_one_colour", counted)
    pixels = spectrogram(speech[0])
    assert editor(pixels, None) is None
    assert sum(looked) < 0.5 * pixels.shape[0] * pixels.shape[1]
