"""Pictures that are no spectrogram, or several, as people put them into folders of spectrograms: a drawer a kind.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes. Sizes, maps,
labels, colour bars and contents are random; the same generator gives the same picture.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import librosa
import librosa.display
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import hsv_to_rgb
from PIL import Image

from bench.pictures.canvas import canvas, saved
from bench.pictures.common import Array, Sounds, excerpt, pick

HEAT_MAPS = ("viridis", "magma", "inferno", "plasma", "coolwarm", "YlGnBu", "Blues", "RdBu_r", "jet", "gray", "hot")
LABELS = (
    ("week", "species"), ("hour", "weekday"), ("month", "year"), ("gene", "sample"), ("feature", "feature"),
    ("predicted", "true"), ("x", "y"), ("", ""),
)  # fmt: skip
SR = 22050


def _axes(rng: np.random.Generator, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    size = (float(rng.uniform(5, 10)), float(rng.uniform(3.5, 7)))
    return plt.subplots(rows, columns, figsize=size, dpi=int(pick(rng, [72, 100, 100, 150])), **options)


def _map(rng: np.random.Generator) -> str:
    return str(pick(rng, HEAT_MAPS))


def _decibels(y: Array, n_fft: int = 1024) -> Array:
    return np.asarray(librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft)), ref=np.max))


def _cells(rng: np.random.Generator) -> Array:
    """Counts, measurements or a smooth course over few rows and columns."""
    shape = int(rng.integers(4, 33)), int(rng.integers(5, 60))
    how = int(rng.integers(4))
    if how == 0:
        return np.asarray(rng.poisson(rng.uniform(1, 20), shape) ** float(pick(rng, [0.5, 1.0])))
    if how == 1:
        return np.asarray(rng.normal(size=shape) + rng.normal(size=(shape[0], 1)))
    if how == 2:
        return np.asarray(rng.random(shape))
    down, across = np.mgrid[: shape[0], : shape[1]]
    return np.asarray(np.sin(across / shape[1] * 6) + np.cos(down / shape[0] * 3) + 0.3 * rng.normal(size=shape))


def heat_map(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A table in colours, with axes, and perhaps a colour bar, lines between its cells, or their numbers in them."""
    values = _cells(rng)
    figure, axes = _axes(rng)
    if rng.random() < 0.6:
        image = axes.imshow(values, cmap=_map(rng), aspect=pick(rng, ["auto", "auto", "equal"]))
    else:
        lines = {"edgecolors": "white", "linewidth": 0.5} if rng.random() < 0.4 else {}
        image = axes.pcolormesh(values, cmap=_map(rng), **lines)
    if rng.random() < 0.5:
        figure.colorbar(image, ax=axes)
    if values.size < 250 and rng.random() < 0.4:
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=6, color="white")
    x, y = pick(rng, LABELS)
    axes.set(xlabel=x, ylabel=y)
    return saved(figure)


def bare_heat_map(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A table in colours that fills the picture."""
    figure, axes = canvas(int(rng.integers(300, 1000)), int(rng.integers(240, 700)))
    axes.imshow(_cells(rng), cmap=_map(rng), aspect="auto", interpolation="nearest")
    return saved(figure)


def correlation_matrix(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """How measurements go together: symmetric, the diagonal all ones."""
    many = int(rng.integers(5, 60))
    mixed = rng.normal(size=(300, many)) + rng.normal(size=(300, 1)) * rng.random(many)
    mixed[:, 1:] += mixed[:, :-1] * rng.random()
    figure, axes = _axes(rng)
    image = axes.imshow(np.corrcoef(mixed.T), cmap=_map(rng), vmin=-1 if rng.random() < 0.5 else None)
    if rng.random() < 0.7:
        figure.colorbar(image, ax=axes)
    if many < 25:
        names = [f"var{k}" for k in range(many)]
        axes.set_xticks(range(many), names, rotation=90)
        axes.set_yticks(range(many), names)
    return saved(figure)


def confusion_matrix(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A classifier's counts, mostly on the diagonal."""
    many = int(rng.integers(4, 24))
    counts = rng.poisson(2, (many, many)) + np.diag(rng.poisson(60, many))
    figure, axes = _axes(rng)
    axes.imshow(counts, cmap=str(pick(rng, ["Blues", "viridis", "YlGnBu"])))
    axes.set(xlabel="Predicted label", ylabel="True label")
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column, row, str(count), ha="center", va="center", fontsize=7)
    return saved(figure)


def chroma(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Twelve pitch classes over time: no spectrum."""
    y = excerpt(rng, sounds, SR, float(rng.uniform(3, 10)))
    figure, axes = _axes(rng)
    shown = librosa.feature.chroma_stft(y=y, sr=SR)
    librosa.display.specshow(shown, y_axis="chroma", x_axis="time", ax=axes, sr=SR)
    return saved(figure)


def editor_window(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Praat's editor: menu, waveform, gray spectrogram with formants and pitch, tiers of text, buttons."""
    y = excerpt(rng, sounds, 16000, float(rng.uniform(1, 4)))
    width, height = int(rng.integers(700, 1200)), int(rng.integers(450, 800))
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=100, facecolor=str(pick(rng, ["0.93", "0.87", "w"])))
    tiers = int(rng.integers(0, 3))
    low, wave = 0.12 + 0.1 * tiers, float(rng.uniform(0.2, 0.35))
    seconds = len(y) / 16000
    top = figure.add_axes((0.07, 0.92 - wave, 0.86, wave))
    top.plot(np.arange(len(y)) / 16000, y, "k", lw=0.4)
    top.axis((0, seconds, -1.1 * abs(y).max(), 1.1 * abs(y).max()))
    top.set_xticks([])
    below = figure.add_axes((0.07, low, 0.86, 0.92 - wave - low))
    shown = _decibels(y, 512)[:160]
    below.imshow(shown, cmap="gray_r", vmin=-60, origin="lower", aspect="auto", extent=(0, seconds, 0, 5000))
    t = np.arange(0, seconds, 0.01)
    voiced = np.sin(7 * t + rng.random()) > -0.2
    below.plot(t[voiced], 900 + 400 * np.sin(3 * t[voiced]), ".", color="blue", ms=3)
    for formant in (500, 1500, 2500, 3500):
        at = t[rng.random(len(t)) < 0.6]
        below.plot(at, formant + 120 * rng.normal(size=len(at)), ".", color="red", ms=2)
    below.set_xticks([])
    for tier in range(tiers):
        box = figure.add_axes((0.07, 0.12 + 0.1 * tier, 0.86, 0.1), facecolor="white")
        box.set(xticks=[], yticks=[], xlim=(0, seconds))
        for at in np.sort(rng.random(6)) * seconds:
            box.axvline(at, color="blue", lw=1.5)
            box.text(at, 0.4, str(pick(rng, ["the", "a", "n", "sil", "word"])), fontsize=11)
    for k, word in enumerate(("File", "Edit", "Query", "View", "Select", "Spectrum", "Pitch", "Formant")):
        figure.text(0.01 + 0.08 * k, 0.965, word, fontsize=9)
    return saved(figure, facecolor=figure.get_facecolor())


def mask(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Which cells of a spectrogram a separation keeps: nought and one."""
    y = excerpt(rng, sounds, SR, float(rng.uniform(2, 6)))
    shown = _decibels(y)
    keep = shown > np.quantile(shown, rng.uniform(0.5, 0.85))
    name = str(pick(rng, ["viridis", "gray", "magma", "gray_r", "Blues"]))
    if rng.random() < 0.5:
        figure, axes = canvas(int(rng.integers(300, 900)), int(rng.integers(240, 600)))
    else:
        figure, axes = _axes(rng)
        axes.set(xlabel="frame", ylabel="bin", title="ideal binary mask")
    axes.imshow(keep, cmap=name, origin="lower", aspect="auto", interpolation="nearest")
    return saved(figure)


def phase_in_hue(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Angles as hue, perhaps levels as brightness."""
    y = excerpt(rng, sounds, SR, float(rng.uniform(1, 4)))
    D = librosa.stft(y, n_fft=1024)[::-1]
    turn = np.angle(D) / (2 * np.pi) % 1
    if rng.random() < 0.5:
        figure, axes = _axes(rng) if rng.random() < 0.5 else canvas(600, 400)
        axes.imshow(turn, cmap=str(pick(rng, ["hsv", "twilight", "hsv"])), aspect="auto")
        return saved(figure)
    value = np.clip(1 + librosa.amplitude_to_db(np.abs(D), ref=np.max) / 70, 0, 1)
    hsv = np.stack([turn, np.ones_like(turn), value], axis=2)
    return _png(hsv_to_rgb(hsv[::3, :200]))


def gradient(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A ramp, a hill or a vignette in a map's colours."""
    y, x = np.mgrid[-1 : 1 : int(rng.integers(200, 500)) * 1j, -1 : 1 : int(rng.integers(200, 700)) * 1j]
    angle, spread = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1.5)
    shown = pick(rng, [np.cos(angle) * x + np.sin(angle) * y, np.exp(-(x**2 + y**2) / spread), np.hypot(x, y)])
    return _shown(rng, shown)


def sine_art(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Waves across a picture: sums and products of sines, rings, moire."""
    y, x = np.mgrid[-3 : 3 : int(rng.integers(200, 500)) * 1j, -3 : 3 : int(rng.integers(200, 700)) * 1j]
    a, b, c = rng.uniform(1, 6, 3)
    waves = [
        np.sin(a * x) + np.cos(b * y), np.sin(a * x) * np.sin(b * y), np.sin(a * np.hypot(x, y)),
        np.sin(a * x * y), np.sin(a * x + np.cos(b * y) * c), np.sin(x**2 + a * y) + np.cos(b * y**2 - x),
    ]  # fmt: skip
    return _shown(rng, pick(rng, waves))


def contour_plot(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Filled contours of a smooth surface."""
    y, x = np.mgrid[-3:3:120j, -3:3:160j]
    shift = rng.uniform(0, 60, 2) + 3
    places = rng.uniform(0.3, 3, (6, 3)) - [1.5, 1.5, 0]
    hills = sum(rng.normal() * np.exp(-((x - u) ** 2 + (y - v) ** 2) / s) for u, v, s in places)
    figure, axes = _axes(rng)
    shown = axes.contourf(x + shift[0], y + shift[1], hills, levels=int(rng.integers(5, 30)), cmap=_map(rng))
    if rng.random() < 0.4:
        axes.contour(x + shift[0], y + shift[1], hills, colors="k", linewidths=0.5)
    if rng.random() < 0.5:
        figure.colorbar(shown, ax=axes)
    return saved(figure)


def waveforms(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Waveforms in several colours, over each other or in one plot."""
    y = excerpt(rng, sounds, 16000, float(rng.uniform(1, 5)))
    rows = int(rng.integers(1, 4))
    figure, axes = _axes(rng, rows, squeeze=False)
    for k, one in enumerate(axes[:, 0]):
        one.plot(np.roll(y, 3000 * k), f"C{k}", lw=float(rng.uniform(0.3, 1.5)))
        if rows == 1 or rng.random() < 0.3:
            one.plot(0.6 * y[::-1], f"C{k + 3}", alpha=float(pick(rng, [1.0, 0.6])))
        if rng.random() < 0.3:
            one.grid(True)
    return saved(figure)


def bar_chart(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Bars of several colours, a pie, points or curves."""
    figure, axes = _axes(rng)
    how, many = int(rng.integers(4)), int(rng.integers(4, 12))
    if how == 0:
        for k in range(int(rng.integers(2, 5))):
            axes.bar(np.arange(many) + 0.2 * k, rng.random(many), width=0.2 if rng.random() < 0.5 else 0.8)
    elif how == 1:
        axes.pie(rng.random(many) + 0.1, labels=[f"part {k}" for k in range(many)])
    elif how == 2:
        axes.scatter(*rng.normal(size=(2, 500)), c=rng.random(500), s=rng.uniform(5, 60), cmap=_map(rng))
    else:
        for k in range(many):
            axes.plot(np.cumsum(rng.normal(size=200)), label=f"run {k}")
        axes.legend()
    return saved(figure)


def panels(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Several spectrograms: beside, below, two by two; shared axes, hardly any room between, with colour bars."""
    shape = pick(rng, [(1, 2), (2, 1), (2, 2), (3, 1), (1, 3)])
    shared = bool(rng.random() < 0.6)
    figure, axes = _axes(rng, *shape, squeeze=False, sharex=shared, sharey=shared)
    if rng.random() < 0.6:
        figure.subplots_adjust(wspace=float(rng.uniform(0.03, 0.3)), hspace=float(rng.uniform(0.03, 0.4)))
    name, bar = _map(rng), bool(rng.random() < 0.3)
    scale = str(pick(rng, ["hz", "log", "mel"]))
    for one in axes.flat:
        y = excerpt(rng, sounds, SR, float(rng.uniform(2, 6)))
        shown = _decibels(y) if scale != "mel" else librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=SR))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mesh = librosa.display.specshow(
                shown, sr=SR, n_fft=1024, hop_length=256, x_axis="time", y_axis=scale, ax=one, cmap=name
            )
        if bar:
            figure.colorbar(mesh, ax=one)
        if rng.random() < 0.3:
            one.set_title("a panel")
        if rng.random() < 0.6:
            one.label_outer()
    if rng.random() < 0.3 and not bar:
        figure.tight_layout()
    return saved(figure)


def frozen_limits(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """The 2020 script under today's librosa: axis('tight') before specshow freezes the limits at a corner."""
    sr = int(pick(rng, [16000, 22050, 44100]))
    y, n_fft = excerpt(rng, sounds, sr, float(rng.uniform(2, 8))), int(pick(rng, [512, 1024, 2048]))
    figure, axes = canvas(int(rng.integers(300, 1000)), int(rng.integers(240, 700)))
    axes.axis("tight")
    axes.axis("off")
    hop = int(pick(rng, [n_fft // 4, n_fft // 2, 512]))
    shown = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop)), ref=np.max)
    scale = str(pick(rng, ["log", "linear", "mel", "log"]))
    librosa.display.specshow(shown, ax=axes, y_axis=scale, x_axis="time", sr=sr, hop_length=hop)
    return saved(figure)


def _shown(rng: np.random.Generator, values: Array) -> bytes:
    """A smooth surface with axes, or filling the picture."""
    if rng.random() < 0.5:
        figure, axes = canvas(int(rng.integers(300, 900)), int(rng.integers(240, 600)))
    else:
        figure, axes = _axes(rng)
    axes.imshow(values, cmap=_map(rng), aspect="auto")
    return saved(figure)


def _png(rgb: Array) -> bytes:
    import io

    out = io.BytesIO()
    Image.fromarray((255 * rgb).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer
    for drawer in (
        heat_map, bare_heat_map, correlation_matrix, confusion_matrix, chroma, editor_window, mask, phase_in_hue,
        gradient, sine_art, contour_plot, waveforms, bar_chart, panels, frozen_limits,
    )
}  # fmt: skip
