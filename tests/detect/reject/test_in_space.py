"""Discs and surfaces on paper are no rectangles; spectrograms on paper of their lowest level are."""

from __future__ import annotations

import io

import librosa
import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from fastspec.detect.reject import in_space as spaces
from fastspec.detect.reject.in_space import in_space


def saved(figure):
    file = io.BytesIO()
    figure.savefig(file, dpi=80)
    plt.close(figure)
    return np.asarray(Image.open(file).convert("RGB"))


def disc(axes):
    angle, away = np.linspace(0, 2 * np.pi, 60), np.arange(20)
    axes.pcolormesh(angle, away, np.random.default_rng(0).random((20, 60)), cmap="Blues")


def surface(axes):
    u, v = np.meshgrid(np.arange(40), np.arange(40))
    axes.plot_surface(u, v, np.sin(u / 4) * np.cos(v / 5), cmap="magma")


@pytest.mark.parametrize(("draw", "projection"), [(disc, "polar"), (surface, "3d")])
@pytest.mark.parametrize("paper", ["white", "black", "#fdf6e3"])
def test_what_is_drawn_in_other_coordinates(draw, projection, paper):
    figure = plt.figure(figsize=(6, 5), facecolor=paper)
    axes = figure.add_subplot(projection=projection)
    axes.set_facecolor(paper)
    axes.tick_params(colors="gray")
    draw(axes)
    assert "not rectangular" in (in_space(saved(figure), None) or "")


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize("low", [-30, -60])
def test_speech_on_paper_has_straight_sides(speech, framed, low):
    S = librosa.amplitude_to_db(np.abs(librosa.stft(speech[0], n_fft=512)), ref=np.max)
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.imshow(S, cmap="gray_r", origin="lower", aspect="auto", vmin=low)
    for spine in axes.spines.values():
        spine.set_visible(framed)
    assert in_space(saved(figure), None) is None


def test_a_call_alone_in_silence_is_no_disc():
    rows, columns = np.mgrid[:200, :300]
    call = 255 - 200 * np.exp(-(((rows - 100) / 40.0) ** 2) - ((columns - 150) / 60.0) ** 2)
    assert in_space(np.repeat(call[..., None], 3, axis=2).astype(np.uint8), None) is None


def test_harmonics_alone_on_paper_like_that_of_the_figure_are_no_disc():
    picture = np.full((300, 400, 3), (253, 246, 227), np.uint8)
    picture[20:280, 20:380] = (255, 255, 204)
    for k in range(1, 12):
        picture[280 - 6 * k - 3 : 280 - 6 * k, 40 + 3 * k : 300 + 5 * k : 1] = (200, 30, 20)
        picture[60 + 9 * k : 62 + 9 * k, 30 * k : 30 * k + 9] = (220, 90, 20)
    assert in_space(picture, None) is None


def test_noise_that_fades_into_paper_has_a_straight_side_though_tick_marks_stick_out():
    picture = np.full((300, 400, 3), 255, np.uint8)
    rng = np.random.default_rng(0)
    loud = np.linspace(-0.2, 1, 200)[:, None] > rng.random((200, 300))
    picture[50:250, 60:360][loud] = (230, 120, 20)
    for k in range(60, 360, 50):
        picture[250:256, k : k + 2] = 0
        picture[260:270, k : k + 6] = 0
    assert in_space(picture, None) is None


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 3, 250), (100.5, 7.5, 246.0)])
def test_what_is_no_paper_differs_by_more_in_any_channel(paper):
    every = np.random.default_rng(0).integers(0, 256, (90, 70, 3)).astype(np.uint8)
    every[:, :35] = np.clip(np.round(paper) + np.random.default_rng(1).integers(-14, 15, (90, 35, 3)), 0, 255)
    wanted = np.abs(every.astype(float) - paper).max(axis=2) > spaces.LIMITS.paper
    np.testing.assert_array_equal(spaces._unlike(every, None, np.array(paper, float)), wanted)
    assert 0.1 < wanted.mean() < 0.9
