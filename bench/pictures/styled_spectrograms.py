"""True spectrograms of speech and music in all styles of matplotlib: grids drawn over, insets, two colour bars, cut
views, annotations, turned axes. None of them may be refused.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import librosa
import librosa.display
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import Normalize

from bench.pictures.canvas import saved
from bench.pictures.common import Array, Sounds, excerpt, pick
from bench.pictures.styled_others import MAPS, STYLES, size

TITLES = (
    ("Time (s)", "Frequency (Hz)", "Spectrogram"), ("", "", ""), ("Zeit in s", "Frequenz in Hz", ""),
    ("Время, с", "Частота, Гц", "Спектрограмма"),  # noqa: RUF001
    ("Temps [s]", "Fréquence [Hz]", ""), ("时间 (s)", "频率 (Hz)", ""),
    ("Time", "Hz", ""), ("Χρόνος (s)", "Συχνότητα (Hz)", ""),
)  # fmt: skip
WAYS = ("log", "linear", "mel", "mesh", "mesh", "gouraud", "image", "image", "specgram", "mesh_log", "cqt")


def _analysed(rng: np.random.Generator, sounds: Sounds) -> tuple[Array, Array, int, int, int]:
    sr = int(pick(rng, [16000, 22050, 44100]))
    y = excerpt(rng, sounds, sr, float(rng.uniform(1.5, 6)))
    n_fft = int(pick(rng, [512, 1024, 1024, 2048]))
    hop = n_fft // int(pick(rng, [2, 4, 4]))
    return y, np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop)), sr, n_fft, hop


def _draw(rng: np.random.Generator, sounds: Sounds, axes: Any, name: str) -> Any:
    """A spectrogram in `axes` by any of the usual ways."""
    y, S, sr, n_fft, hop = _analysed(rng, sounds)
    shown = librosa.amplitude_to_db(S, ref=np.max, top_db=None)
    options: dict[str, Any] = {"cmap": name, "vmin": float(pick(rng, [-100, -80, -80, -60])), "vmax": 0}
    way = str(pick(rng, WAYS))
    start = float(rng.uniform(1, 60)) if rng.random() < 0.2 else 0.0
    f, t = np.linspace(0, sr / 2, len(S)), start + np.arange(S.shape[1]) * hop / sr
    if way in ("log", "linear", "mel", "cqt"):
        if way == "mel":
            bands = int(pick(rng, [64, 80, 128]))
            mel = librosa.feature.melspectrogram(S=S**2, sr=sr, n_fft=n_fft, n_mels=bands)
            shown = librosa.power_to_db(mel, ref=np.max, top_db=None)
        if way == "cqt":
            shown, hop = librosa.amplitude_to_db(np.abs(librosa.cqt(y, sr=sr)), ref=np.max, top_db=None), 512
        axis = "cqt_hz" if way == "cqt" else way
        return librosa.display.specshow(shown, sr=sr, hop_length=hop, x_axis="time", y_axis=axis, ax=axes, **options)
    if way == "mesh":
        return axes.pcolormesh(t, f, shown, shading="nearest", **options)
    if way == "gouraud":
        return axes.pcolormesh(t, f, shown, shading="gouraud", **options)
    if way == "mesh_log":
        image = axes.pcolormesh(t, f[1:], shown[1:], shading="nearest", **options)
        axes.set_yscale("log")
        return image
    if way == "specgram":
        image = axes.specgram(y + 1e-9, NFFT=n_fft, Fs=sr, noverlap=n_fft - hop, cmap=name)[3]
        image.set_clim(-130, -30)
        return image
    smooth = pick(rng, ["nearest", "antialiased", "bilinear"])
    extent = (t[0], t[-1], 0, f[-1])
    return axes.imshow(shown, origin="lower", aspect="auto", extent=extent, interpolation=smooth, **options)


def _figure(rng: np.random.Generator, sounds: Sounds, extra: Callable[..., None] | None = None) -> bytes:
    with plt.style.context(str(pick(rng, STYLES))), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(**size(rng))
        image = _draw(rng, sounds, axes, str(pick(rng, MAPS)))
        x, y, title = pick(rng, TITLES)
        axes.set(xlabel=x, ylabel=y, title=title)
        if extra is not None:
            extra(rng, figure, axes, image)
        elif rng.random() < 0.6:
            figure.colorbar(image, ax=axes, format=pick(rng, [None, "%+2.0f dB"]), label=pick(rng, ["", "Level (dB)"]))
        if rng.random() < 0.3:
            figure.tight_layout()
        return saved(figure)


def in_style(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A figure in a random style."""
    return _figure(rng, sounds)


def with_grid(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Lines of a grid over the spectrogram."""

    def extra(rng: np.random.Generator, figure: Any, axes: Any, image: Any) -> None:
        axes.grid(
            True, color=pick(rng, ["w", "k", "0.7"]), alpha=float(rng.uniform(0.3, 1)),
            linestyle=pick(rng, ["-", "-", "--", ":"]), which=pick(rng, ["major", "major", "both"]),
        )  # fmt: skip
        axes.set_axisbelow(False)
        if rng.random() < 0.6:
            figure.colorbar(image, ax=axes, format=pick(rng, [None, "%+2.0f dB"]))

    return _figure(rng, sounds, extra)


def with_inset(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A small plot of a curve in a corner, an arrow with text, a stretch that is marked."""

    def extra(rng: np.random.Generator, figure: Any, axes: Any, image: Any) -> None:
        if rng.random() < 0.5:
            place = float(pick(rng, [0.05, 0.6])), float(pick(rng, [0.1, 0.6])), 0.35, 0.3
            axes.inset_axes(place).plot(np.cumsum(rng.normal(size=300)))
        else:
            axes.annotate(
                "here!", xy=(0.5, 0.5), xytext=(0.2, 0.8), xycoords="axes fraction", textcoords="axes fraction",
                color="w", arrowprops={"color": "w"},
            )  # fmt: skip
        if rng.random() < 0.5:
            left, right = axes.get_xlim()
            axes.axvspan(left + 0.4 * (right - left), left + 0.5 * (right - left), color="r", alpha=0.3)
        if rng.random() < 0.5:
            figure.colorbar(image, ax=axes)

    return _figure(rng, sounds, extra)


def two_bars(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A colour bar of the spectrogram and one of something else."""

    def extra(rng: np.random.Generator, figure: Any, axes: Any, image: Any) -> None:
        figure.colorbar(image, ax=axes, label=pick(rng, ["", "dB"]))
        other = plt.cm.ScalarMappable(Normalize(-np.pi, np.pi), "hsv")
        figure.colorbar(other, ax=axes, label=pick(rng, ["", "phase (rad)"]))

    return _figure(rng, sounds, extra)


def cut_view(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Only some of the frequencies or seconds, a frequency axis that falls."""

    def extra(rng: np.random.Generator, figure: Any, axes: Any, image: Any) -> None:
        low, high = axes.get_ylim()
        if low >= 0 and axes.get_yscale() == "linear":
            axes.set_ylim(low, low + (high - low) * float(rng.uniform(0.4, 0.9)))
        left, right = axes.get_xlim()
        if rng.random() < 0.5:
            axes.set_xlim(left + (right - left) * float(rng.uniform(0, 0.3)), right)
        if rng.random() < 0.3:
            axes.invert_yaxis()
        if rng.random() < 0.6:
            figure.colorbar(image, ax=axes, orientation=pick(rng, ["vertical", "horizontal"]))

    return _figure(rng, sounds, extra)


def backwards(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A time axis that runs from right to left."""

    def extra(rng: np.random.Generator, figure: Any, axes: Any, image: Any) -> None:
        axes.invert_xaxis()
        if rng.random() < 0.3:
            axes.grid(True, color="w", alpha=0.6)
        if rng.random() < 0.6:
            figure.colorbar(image, ax=axes, format=pick(rng, [None, "%+2.0f dB"]))

    return _figure(rng, sounds, extra)


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer for drawer in (in_style, with_grid, with_inset, two_bars, cut_view, backwards)
}
