"""What people draw beside spectrograms and in the same styles: features, matrices, angles, surfaces, statistics.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes: a figure in a
random matplotlib style with or without titles and colour bar, or the bare array of it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import librosa
import librosa.display
import numpy as np
import scipy.ndimage
from matplotlib import pyplot as plt
from PIL import Image

from bench.pictures.canvas import saved
from bench.pictures.common import Array, Sounds, excerpt, pick

STYLES = (
    "default", "default", "default", "dark_background", "ggplot", "seaborn-v0_8", "bmh", "fivethirtyeight",
    "seaborn-v0_8-whitegrid", "classic", "Solarize_Light2", "grayscale", "seaborn-v0_8-darkgrid",
)  # fmt: skip
MAPS = (
    "magma", "viridis", "inferno", "plasma", "jet", "gray", "gray_r", "hot", "turbo", "coolwarm", "Blues", "RdBu_r",
    "YlOrRd", "twilight", "cividis", "bone", "Greys",
)  # fmt: skip
SR = 22050


def style(rng: np.random.Generator) -> str:
    """A matplotlib style, the usual one most often."""
    return str(pick(rng, STYLES))


def size(rng: np.random.Generator) -> dict[str, Any]:
    """A figure's size and resolution."""
    inches = float(rng.uniform(4, 10)), float(rng.uniform(3, 6.5))
    return {"figsize": inches, "dpi": int(pick(rng, [60, 72, 80, 100, 100, 120, 150]))}


def _sound(rng: np.random.Generator, sounds: Sounds) -> Array:
    return excerpt(rng, sounds, SR, float(rng.uniform(2, 8)))


def _stft(rng: np.random.Generator, sounds: Sounds) -> Array:
    return np.asarray(librosa.stft(_sound(rng, sounds), n_fft=int(pick(rng, [512, 1024, 2048]))))


def _image(
    rng: np.random.Generator,
    values: Any,
    x: str = "",
    y: str = "",
    bar: str = "",
    *,
    maps: tuple[str, ...] = MAPS,
    bare: bool = True,
    **options: Any,
) -> bytes:
    """imshow or pcolormesh of an array in a style, titles in half of the figures; or one pixel a cell and more."""
    name = str(pick(rng, maps))
    if bare and rng.random() < 0.2:
        level = (values - np.nanmin(values)) / max(float(np.ptp(values)), 1e-9)
        rgb = (plt.get_cmap(name)(level)[::-1, :, :3] * 255).astype(np.uint8)
        more = max(1, int(rng.integers(150, 500)) // min(rgb.shape[:2]))
        return _png(rgb.repeat(more, 0).repeat(more, 1))
    with plt.style.context(style(rng)):
        figure, axes = plt.subplots(**size(rng))
        if rng.random() < 0.7:
            options = {
                "origin": pick(rng, ["lower", "upper"]),
                "aspect": pick(rng, ["auto", "auto", "equal"]),
            } | options
            image = axes.imshow(values, cmap=name, **options)
        else:
            image = axes.pcolormesh(values, cmap=name, vmin=options.get("vmin"), vmax=options.get("vmax"))
        if rng.random() < 0.5:
            axes.set(xlabel=x, ylabel=y)
        _bar(rng, figure, image, axes, bar)
        if rng.random() < 0.3:
            figure.tight_layout()
        return saved(figure)


def _bar(rng: np.random.Generator, figure: Any, image: Any, axes: Any, title: str) -> None:
    if rng.random() < 0.6:
        figure.colorbar(image, ax=axes, label=title if rng.random() < 0.6 else "")


def _png(rgb: Array) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "PNG")
    return out.getvalue()


def _specshow(rng: np.random.Generator, values: Array, bar: str = "", **axes_of: Any) -> bytes:
    with plt.style.context(style(rng)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(**size(rng))
        image = librosa.display.specshow(values, sr=SR, ax=axes, cmap=str(pick(rng, MAPS)), **axes_of)
        _bar(rng, figure, image, axes, bar)
        return saved(figure)


def tempogram(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Autocorrelation of onsets over time, in beats a minute or by lag."""
    shown = librosa.feature.tempogram(y=_sound(rng, sounds), sr=SR)
    if rng.random() < 0.75:
        return _specshow(rng, shown, "Autocorrelation", x_axis="time", y_axis="tempo")
    return _image(rng, shown, "Time (frames)", "Lag", "Autocorrelation", bare=False)


def mfcc(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Cepstral coefficients, or their differences."""
    shown = librosa.feature.mfcc(y=_sound(rng, sounds), sr=SR, n_mfcc=int(pick(rng, [12, 13, 20, 20, 26, 40])))
    if rng.random() < 0.25:
        shown = librosa.feature.delta(shown)
    if rng.random() < 0.6:
        return _specshow(rng, shown, str(pick(rng, ["MFCC coefficients", "", "MFCC"])), x_axis="time")
    return _image(rng, shown, "Frame", "MFCC coefficient", "MFCC", aspect="auto", bare=False)


def soft_mask(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Which share of each cell a separation keeps: of harmonics, of strokes, a Wiener filter's."""
    S = np.abs(_stft(rng, sounds))
    how = int(rng.integers(3))
    if how == 0:
        shown = librosa.decompose.hpss(S, mask=True)[int(rng.integers(2))]
    elif how == 1:
        noise = np.median(S, axis=1, keepdims=True)
        shown = S**2 / (S**2 + (float(rng.uniform(1, 3)) * noise) ** 2 + 1e-12)
    else:
        shown = 1 / (1 + np.exp(-(librosa.amplitude_to_db(S) + rng.uniform(10, 30)) / rng.uniform(1, 4)))
    return _image(rng, shown, "Frame", "Bin", "Mask", aspect="auto", origin="lower")


def binary_mask(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Which cells a separation keeps, in any style and with lines of a grid."""
    S = librosa.amplitude_to_db(np.abs(_stft(rng, sounds)))
    shown = (np.quantile(S, rng.uniform(0.4, 0.9)) < S).astype(float)
    return _image(rng, shown, "Frame", "Bin", "Mask", aspect="auto", origin="lower")


def self_similarity(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """How alike each frame is to each other: similarity, distance, recurrence."""
    y = _sound(rng, sounds)
    feature = librosa.feature.chroma_stft(y=y, sr=SR) if rng.random() < 0.5 else librosa.feature.mfcc(y=y, sr=SR)
    how = int(rng.integers(3))
    if how == 0:
        unit = feature / np.maximum(np.linalg.norm(feature, axis=0), 1e-9)
        shown = unit.T @ unit
    elif how == 1:
        shown = np.linalg.norm(feature[:, :, None] - feature[:, None], axis=0)
    else:
        shown = librosa.segment.recurrence_matrix(feature, mode=str(pick(rng, ["affinity", "connectivity"]))).astype(
            float
        )
    words = pick(rng, [("Time (s)", "Time (s)"), ("Frame", "Frame"), ("frame index", "frame index")])
    return _image(rng, shown, words[0], words[1], str(pick(rng, ["similarity", "distance", "Affinity"])))


def attention(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Where each step of a decoder looks, along the diagonal or everywhere."""
    down, across = int(rng.integers(20, 200)), int(rng.integers(20, 300))
    if rng.random() < 0.5:
        place = np.linspace(0, down, across) + scipy.ndimage.gaussian_filter1d(rng.normal(0, 6, across), 5)
        shown = np.exp(-((np.arange(down)[:, None] - place) ** 2) / (2 * rng.uniform(1, 4) ** 2))
        shown = shown / np.maximum(shown.sum(axis=0), 1e-9)
        return _image(
            rng, shown, "Decoder timestep", "Encoder timestep", "Attention weight", aspect="auto", origin="lower"
        )
    many = int(rng.integers(10, 80))
    logits = rng.normal(size=(many, many)) + 2 * np.eye(many, k=int(rng.integers(-2, 3)))
    shown = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return _image(rng, shown, str(pick(rng, ["Key", "Keys", "Key position"])), "Query", "Attention weights")


def weights(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A layer's weights, embeddings, activations by chance."""
    shape = int(rng.integers(40, 512)), int(rng.integers(40, 512))
    shown = rng.normal(size=shape) if rng.random() < 0.7 else rng.random(shape)
    x, y = pick(rng, [("input unit", "hidden unit"), ("dimension", "token"), ("Feature", "Sample"), ("in", "out")])
    return _image(rng, shown, x, y, str(pick(rng, ["weight", "activation", ""])))


def angles(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Phase in any map, group delay, instantaneous frequency."""
    D = _stft(rng, sounds)
    how = int(rng.integers(4))
    if how == 0:
        shown, bar = np.angle(D), "Phase (rad)"
    elif how == 1:
        shown, bar = -np.diff(np.unwrap(np.angle(D), axis=0), axis=0), "Group delay (s)"
    elif how == 2:
        shown, bar = np.diff(np.unwrap(np.angle(D), axis=1), axis=1), "Instantaneous frequency"
    else:
        shown, bar = np.cos(np.angle(D)), "cos phase"
    if rng.random() < 0.4:
        y = pick(rng, ["linear", "log"])
        return (
            _specshow(rng, shown, bar, x_axis="time", y_axis=y)
            if how in (0, 3)
            else _image(rng, shown, "Time", "Frequency", bar, aspect="auto", origin="lower")
        )
    return _image(rng, shown, "Frame", "Bin", bar, aspect="auto", origin="lower")


def surface_3d(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A spectrogram or hills as a surface in space."""
    with plt.style.context(style(rng)):
        figure = plt.figure(**size(rng))
        axes: Any = figure.add_subplot(projection="3d")
        D = librosa.amplitude_to_db(np.abs(_stft(rng, sounds)), ref=np.max)
        many = int(rng.integers(30, 90))
        heights = D[:many, :many] if rng.random() < 0.6 else scipy.ndimage.gaussian_filter(rng.normal(size=(60, 60)), 6)
        u, v = np.meshgrid(np.arange(heights.shape[1]), np.arange(heights.shape[0]))
        if rng.random() < 0.8:
            image = axes.plot_surface(u, v, heights, cmap=str(pick(rng, MAPS)), rcount=80, ccount=80)
            if rng.random() < 0.5:
                figure.colorbar(image, ax=axes)
        else:
            axes.plot_wireframe(u, v, heights, rcount=30, ccount=30)
        if rng.random() < 0.5:
            axes.set(xlabel="Time", ylabel="Frequency", zlabel="Level (dB)")
        axes.view_init(float(rng.uniform(15, 60)), float(rng.uniform(-80, 80)))
        return saved(figure)


def polar(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Levels by angle and distance."""
    with plt.style.context(style(rng)):
        figure, axes = plt.subplots(subplot_kw={"projection": "polar"}, **size(rng))
        many, rings = int(rng.integers(20, 90)), int(rng.integers(10, 40))
        shown = (
            rng.random((rings, many))
            if rng.random() < 0.5
            else scipy.ndimage.gaussian_filter(rng.normal(size=(rings, many)), 2)
        )
        image = axes.pcolormesh(np.linspace(0, 2 * np.pi, many), np.arange(rings), shown, cmap=str(pick(rng, MAPS)))
        if rng.random() < 0.4:
            figure.colorbar(image, ax=axes)
        return saved(figure)


def texture(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Gabor patches, gratings, sums of waves, clouds, fractals, random walks."""
    y, x = np.mgrid[-3 : 3 : int(rng.integers(100, 400)) * 1j, -3 : 3 : int(rng.integers(100, 500)) * 1j]
    a, b, c = rng.uniform(3, 20, 3)
    z, count = 0 * x + 0j, 0 * x
    for _ in range(40):
        z = np.where(np.abs(z) < 2, z * z + x * 0.6 - 0.6 + 0.5j * y, z)
        count += np.abs(z) < 2
    shown = pick(
        rng,
        [
            np.cos(a * x + b * y) * np.exp(-(x**2) - y**2), np.sign(np.sin(a * x + b * y)), count,
            scipy.ndimage.gaussian_filter(rng.normal(size=x.shape), float(rng.uniform(1, 20))),
            np.cumsum(np.cumsum(rng.normal(size=x.shape), 0), 1), rng.random(x.shape),
            np.sin(a * x) * np.cos(b * y) + 0.3 * np.sin(c * x * y),
        ],
    )  # fmt: skip
    return _image(rng, shown, "x (mm)", "y (mm)", str(pick(rng, ["", "intensity", "height (m)"])))


def styled_heat_map(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Heat maps and correlations in any style, whose lines of a grid lie over the cells."""
    how = int(rng.integers(3))
    if how == 0:
        alike = np.corrcoef(rng.normal(size=(int(rng.integers(6, 60)), 25)))
        return _image(rng, alike, "feature", "feature", "correlation", vmin=-1, vmax=1)
    shape = int(rng.integers(4, 30)), int(rng.integers(5, 60))
    shown = rng.random(shape) if how == 1 else rng.poisson(6, shape) * 1.0
    return _image(
        rng, shown, str(pick(rng, ["week", "hour", "Epoch"])), str(pick(rng, ["species", "layer", ""])), "count"
    )


def histogram(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """How often pairs of values are: in squares or in hexagons."""
    with plt.style.context(style(rng)):
        figure, axes = plt.subplots(**size(rng))
        at, spread = rng.uniform(-3, 30, 2), rng.uniform(0.5, 4, 2)
        pairs = (rng.normal(size=(20000, 2)) * spread + at).T
        name = str(pick(rng, MAPS))
        if rng.random() < 0.5:
            image = axes.hist2d(*pairs, bins=int(rng.integers(20, 120)), cmap=name)[3]
        else:
            image = axes.hexbin(*pairs, gridsize=int(rng.integers(15, 60)), cmap=name)
        if rng.random() < 0.5:
            axes.set(xlabel=pick(rng, ["x (mm)", "Age", "Height (cm)"]), ylabel=pick(rng, ["y (mm)", "Weight (kg)"]))
        _bar(rng, figure, image, axes, "counts")
        return saved(figure)


def measured(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A quantity over time and place that is no sound: temperature of depth, voltage, humidity."""
    down, across = int(rng.integers(60, 300)), int(rng.integers(80, 400))
    smooth = scipy.ndimage.gaussian_filter(rng.normal(size=(down, across)), (4, 6))
    low, high = pick(rng, [(-80, 0), (-60, 0), (0, 80), (-40, 40)])
    shown = low + (smooth - smooth.min()) / np.ptp(smooth) * (high - low)
    unit = pick(rng, ["Temperature (°C)", "Voltage (mV)", "Humidity (%)", "Depth (m)", "Latitude (deg)", "T (K)",
                      "CO2 (ppm)", "Pressure (hPa)"])  # fmt: skip
    with plt.style.context(style(rng)):
        figure, axes = plt.subplots(**size(rng))
        extent = (0, float(rng.uniform(2, 30)), 0, float(rng.uniform(2000, 12000)))
        image = axes.imshow(
            shown, cmap=str(pick(rng, MAPS)), aspect="auto", origin="lower", extent=extent, vmin=low, vmax=high
        )
        axes.set(xlabel=pick(rng, ["Time (s)", "Time (h)", "Day", "x (km)"]), ylabel=pick(rng, ["Depth (m)", "y", ""]))
        figure.colorbar(image, ax=axes, label=str(unit))
        return saved(figure)


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer
    for drawer in (
        tempogram, mfcc, soft_mask, binary_mask, self_similarity, attention, weights, angles, surface_3d, polar,
        texture, styled_heat_map, histogram, measured,
    )
}  # fmt: skip
