"""A waveform in a lane of its own is an editor's window; rows of one colour in a spectrogram make none."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
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
