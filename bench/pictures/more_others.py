"""More of what is no spectrogram: features without titles, statistics, maps, views in space, windows of editors.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import librosa
import numpy as np
import scipy.ndimage
import scipy.signal
from matplotlib import pyplot as plt

from bench.pictures.canvas import saved
from bench.pictures.common import Array, Sounds, excerpt, pick
from bench.pictures.styled_others import MAPS, SR, size, style

_WHITE = ("Blues", "Greys", "gray_r", "YlOrRd", "Reds", "Greens", "RdBu_r", "coolwarm", "seismic", "PuBu", "Purples")
_ALL = (*MAPS, *_WHITE)


def _sound(rng: np.random.Generator, sounds: Sounds) -> Array:
    return excerpt(rng, sounds, SR, float(rng.uniform(2, 8)))


def _figure(
    rng: np.random.Generator, draw: Callable[[Any, Any, str], Any], *, titles: tuple[str, str, str] = ("", "", "")
) -> bytes:
    """A figure in a style: `draw(figure, axes, cmap)` gives what has a colour bar."""
    with plt.style.context(style(rng)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(**size(rng))
        image = draw(figure, axes, str(pick(rng, _ALL)))
        if rng.random() < 0.4:
            axes.set(xlabel=titles[0], ylabel=titles[1])
        if image is not None and rng.random() < 0.5:
            figure.colorbar(image, ax=axes, label=titles[2] if rng.random() < 0.3 else "")
        if rng.random() < 0.15:
            axes.axis("off")
        tight = {"bbox_inches": "tight"} if rng.random() < 0.3 else {}
        return saved(figure, **tight)


def _shown(rng: np.random.Generator, values: Array, titles: tuple[str, str, str], **options: Any) -> bytes:
    def draw(figure: Any, axes: Any, cmap: str) -> Any:
        if rng.random() < 0.6:
            options.setdefault("origin", pick(rng, ["lower", "upper"]))
            return axes.imshow(values, cmap=cmap, aspect="auto", **options)
        return axes.pcolormesh(values, cmap=cmap)

    return _figure(rng, draw, titles=titles)


def features(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Cepstra of all kinds, their differences, contrasts, tonnetz, embeddings over time."""
    y = _sound(rng, sounds)
    how = int(rng.integers(6))
    many = int(pick(rng, [13, 13, 20, 24, 32, 40]))
    cepstra = librosa.feature.mfcc(y=y, sr=SR, n_mfcc=many)
    if how == 1:
        cepstra = librosa.feature.delta(cepstra)
    elif how == 2:  # standardised row by row
        cepstra = (cepstra - cepstra.mean(axis=1, keepdims=True)) / (cepstra.std(axis=1, keepdims=True) + 1e-9)
    elif how == 3:
        mix = rng.normal(size=(int(pick(rng, [32, 48, 64, 128])), many))
        cepstra = np.tanh(mix @ (cepstra - cepstra.mean(axis=1, keepdims=True)) / 60)
    elif how == 4:
        cepstra = cepstra[1:]
    elif how == 5:
        cepstra = librosa.feature.spectral_contrast(y=y, sr=SR)
    return _shown(rng, cepstra, ("Frame", "Coefficient", "MFCC"))


def masks(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Ratio masks of two sounds or of a sound in noise, their roots, in mel bands too."""
    S = np.abs(librosa.stft(_sound(rng, sounds), n_fft=int(pick(rng, [512, 1024, 2048]))))
    other = np.abs(librosa.stft(_sound(rng, sounds), n_fft=2 * (len(S) - 1)))
    many = min(S.shape[1], other.shape[1])
    S, other = S[:, :many], other[:, :many]
    if rng.random() < 0.3:
        bank = librosa.filters.mel(sr=SR, n_fft=2 * (len(S) - 1), n_mels=int(pick(rng, [64, 80, 128])))
        S, other = bank @ S, bank @ other
    if rng.random() < 0.3:
        other = other * 0 + float(np.median(S)) * rng.rayleigh(size=S.shape)
    power = float(pick(rng, [1, 2, 2]))
    shown = (S**power / (S**power + other**power + 1e-12)) ** float(pick(rng, [1, 1, 0.5]))
    if rng.random() < 0.25:
        shown = (shown > 0.5) * 1.0
    return _shown(rng, shown, ("Frame", "Bin", "Mask"), origin="lower")


def alignments(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Where a decoder looks: a diagonal, several heads' rows, causal attention."""
    down, across = int(rng.integers(20, 160)), int(rng.integers(40, 400))
    how = int(rng.integers(3))
    if how == 0:
        place = np.sort(rng.uniform(0, down, across))
        shown = np.exp(-np.abs(np.arange(down)[:, None] - place) / rng.uniform(0.5, 3))
        shown = shown / shown.sum(axis=0)
    else:
        many = int(rng.integers(12, 120))
        logits = rng.normal(size=(many, many)) * rng.uniform(0.5, 2) + rng.uniform(0, 3) * np.eye(many)
        if how == 1:
            logits = np.where(np.tri(many) > 0, logits, -30)
        shown = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return _shown(rng, shown, ("Decoder step", "Encoder step", "Attention"))


def statistics(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Histograms in two dimensions, contours, scatter, boxes, areas, quivers, streams."""
    how = int(rng.integers(8))
    pairs = rng.normal(size=(2, 6000)) * rng.uniform(0.5, 5, (2, 1)) + rng.uniform(-5, 40, (2, 1))

    def draw(figure: Any, axes: Any, cmap: str) -> Any:
        if how == 0:
            return axes.hist2d(*pairs, bins=int(rng.integers(15, 150)), cmap=cmap)[3]
        if how == 1:
            return axes.hexbin(*pairs, gridsize=int(rng.integers(12, 70)), cmap=cmap)
        if how == 2:
            return axes.scatter(*pairs, c=rng.random(6000), s=float(rng.uniform(3, 60)), cmap=cmap)
        if how == 3:
            z = scipy.ndimage.gaussian_filter(rng.normal(size=(50, 70)), 5)
            return axes.contourf(z, levels=int(rng.integers(5, 25)), cmap=cmap)
        if how == 4:
            return axes.stackplot(np.arange(60), np.abs(rng.normal(size=(6, 60))).cumsum(axis=1)) and None
        if how == 5:
            return axes.boxplot(rng.normal(size=(40, 8)), patch_artist=True) and None
        if how == 6:
            u, v = np.meshgrid(np.linspace(0, 6, 25), np.linspace(0, 6, 25))
            return axes.quiver(u, v, np.cos(u), np.sin(v), np.hypot(u, v), cmap=cmap)
        return axes.violinplot(rng.normal(size=(80, 6))) and None

    return _figure(rng, draw, titles=("x (mm)", "y (mm)", "counts"))


def in_space(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Surfaces, bars and waterfalls in space; polar plots, in every map."""
    how = int(rng.integers(5))
    with plt.style.context(style(rng)):
        figure = plt.figure(**size(rng))
        cmap = str(pick(rng, _ALL))
        if how < 3:
            axes: Any = figure.add_subplot(projection="3d")
            D = librosa.amplitude_to_db(np.abs(librosa.stft(_sound(rng, sounds), n_fft=512)), ref=np.max)
            many = int(rng.integers(15, 80))
            z = D[:many, :many]
            u, v = np.meshgrid(np.arange(z.shape[1]), np.arange(z.shape[0]))
            if how == 0:
                axes.plot_surface(u, v, z, cmap=cmap, rcount=60, ccount=60, linewidth=0)
            elif how == 1:
                for k in range(0, z.shape[1], 3):
                    axes.plot(np.full(len(z), k), np.arange(len(z)), z[:, k])
            else:
                axes.bar3d(u[::4, ::4].ravel(), v[::4, ::4].ravel(), 0, 3, 3, z[::4, ::4].ravel() + 81)
            if rng.random() < 0.3:
                axes.set_axis_off()
        else:
            axes = figure.add_subplot(projection="polar")
            shown = scipy.ndimage.gaussian_filter(rng.normal(size=(20, 80)), float(rng.uniform(0, 3)))
            if how == 3:
                axes.pcolormesh(np.linspace(0, 2 * np.pi, 81), np.arange(21), shown, cmap=cmap)
            else:
                axes.bar(np.linspace(0, 6, 16), rng.random(16), 0.35, color=plt.get_cmap(cmap)(rng.random(16)))
            axes.grid(bool(rng.random() < 0.5))
        return saved(figure)


def learned(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Weights of low rank, of convolutions, embeddings, activations after ReLU, Hovmoeller and terrain."""
    shape = int(rng.integers(40, 300)), int(rng.integers(40, 400))
    how = int(rng.integers(6))
    if how == 0:
        shown = rng.normal(size=(shape[0], 8)) @ rng.normal(size=(8, shape[1])) + rng.normal(size=shape)
    elif how == 1:
        shown = np.maximum(rng.normal(size=shape), 0)
    elif how == 2:
        shown = rng.standard_t(4, size=shape)
    elif how == 3:  # embeddings of positions
        k = np.arange(shape[0])[:, None] / 10000 ** (np.arange(shape[1]) // 2 * 2 / shape[1])
        shown = np.where(np.arange(shape[1]) % 2, np.cos(k), np.sin(k))
    elif how == 4:
        shown = np.cumsum(np.cumsum(rng.normal(size=shape), 0), 1) + rng.normal(size=shape) * 5
    else:
        shown = rng.normal(size=shape) * rng.uniform(0.5, 2, (1, shape[1]))
    return _shown(rng, shown, ("input", "output", "weight"))


def editors(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Windows of editors: a toolbar, a waveform over a spectrogram, all touching."""
    y = _sound(rng, sounds)
    S = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=512)), ref=np.max)[::-1]
    wide, high = int(rng.integers(500, 1100)), int(rng.integers(120, 300))
    level = np.clip((S + 70) / 70, 0, 1)[
        np.linspace(0, len(S) - 1, high).astype(int)[:, None], np.linspace(0, S.shape[1] - 1, wide).astype(int)
    ]
    spectrogram = (
        plt.get_cmap(str(pick(rng, ["gray_r", "gray_r", "hot", "viridis", "jet"])))(level)[..., :3] * 255
    ).astype(np.uint8)
    tall = int(rng.integers(60, 160))
    wave = np.full((tall, wide, 3), int(pick(rng, [255, 240, 20])), np.uint8)
    parts = np.array_split(y / np.abs(y).max(), wide)
    ink = pick(rng, [(0, 0, 200), (20, 20, 20), (0, 120, 60)])
    for x, part in enumerate(parts):
        top, bottom = (int(tall * (0.5 - 0.48 * float(v))) for v in (part.max(), part.min()))
        wave[top : bottom + 1, x] = ink
    bar = np.full((int(rng.integers(20, 60)), wide, 3), int(rng.integers(180, 240)), np.uint8)
    for x in range(6, wide - 30, 30):
        bar[5:18, x : x + 20] = rng.integers(0, 255, 3)
    window = np.concatenate([bar, wave, np.zeros((1, wide, 3), np.uint8), spectrogram, bar[:20] * 0 + 220])
    side = int(pick(rng, [0, 40, 60]))
    window = np.pad(window, ((0, 0), (side, 0), (0, 0)), constant_values=225)
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(window).save(out, "PNG")
    return out.getvalue()


def gray_sheets(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Several gray spectrograms on one sheet, with and without axes."""
    rows, columns = pick(rng, [(1, 2), (2, 1), (2, 2), (3, 2), (2, 4)])
    figure, axes = plt.subplots(rows, columns, **size(rng))
    for one in np.ravel(axes):
        y = _sound(rng, sounds)
        S = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=512)), ref=np.max)
        one.imshow(
            S, origin="lower", aspect="auto", cmap=str(pick(rng, ["gray_r", "gray_r", "Greys", "gray"])), vmin=-60
        )
    how = int(rng.integers(3))
    for one in np.ravel(axes):
        if how == 1:
            one.axis("off")
        elif how == 2:
            one.set(xticks=[], yticks=[])
    if rng.random() < 0.4:
        figure.tight_layout()
    return saved(figure)


def flat_drawings(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Curves of several colours over each other, and boxes with text and arrows on paper of any colour."""
    figure, axes = plt.subplots(figsize=rng.uniform(4, 12, 2).clip(3, (12, 6)), dpi=int(rng.integers(60, 130)))
    x = np.linspace(0, float(rng.uniform(1, 9)), 1500)
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(2, 5))):
            axes.plot(x, rng.uniform(0.3, 1) * np.sin(rng.uniform(3, 90) * x + rng.uniform(0, 6)))
        if rng.random() < 0.5:
            axes.set(xlabel="Time (s)", ylabel="Amplitude")
    else:
        axes.axis("off")
        figure.set_facecolor(rng.choice(["white", "white", "#16202c", "#f4f0e6"]))
        for k in range(int(rng.integers(5, 16))):
            box = {"boxstyle": "round", "facecolor": f"C{k % 9}", "edgecolor": "black"}
            u, v, w, z = rng.uniform(0, 0.9, 4).tolist()
            axes.text(u, v, f"layer {k}: conv, norm", bbox=box, size=float(rng.uniform(8, 16)))
            axes.annotate("", (u, v), (w, z), arrowprops={"color": f"C{k % 7}"})
    return saved(figure)


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer
    for drawer in (features, masks, alignments, statistics, in_space, learned, editors, gray_sheets, flat_drawings)
}
