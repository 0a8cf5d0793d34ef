"""Colour maps, labels in several languages, colour bars and files of field pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from PIL import Image

from bench.pictures.common import Array, pick

COMMON = (
    "viridis",
    "viridis",
    "magma",
    "magma",
    "inferno",
    "plasma",
    "jet",
    "gray",
    "gray_r",
    "turbo",
    "hot",
    "cividis",
)
SECONDS = ("Time (s)", "Time [s]", "Time [sec]", "Zeit (s)", "Temps (s)", "Tiempo (s)", "Tijd (s)", "Tempo (s)")
HERTZ = (
    "Frequency (Hz)",
    "Frequency [Hz]",
    "Hz",
    "Frequenz (Hz)",
    "Fréquence (Hz)",
    "Frecuencia (Hz)",
    "Frekvens (Hz)",
)
FRAMES = ("Frames", "Frame", "time index", "Time frames", "Frame index", "Rahmen", "Trames", "Quadros", "frame number")
BINS = ("Frequency bin", "freq_bin", "frequency bin index", "Bins", "FFT bin", "Frequenzband", "index")
CHANNELS = ("Channels", "Mel channel", "mel bins", "Mel bands", "n_mels", "Mel-Kanäle", "Canaux mel")
# the colours of MATLAB's parula at eight even places
_PARULA = (
    (0.2422, 0.1504, 0.6603), (0.2810, 0.3228, 0.9579), (0.1786, 0.5289, 0.9682), (0.0689, 0.6948, 0.8394),
    (0.2161, 0.7843, 0.5923), (0.6720, 0.7793, 0.2227), (0.9970, 0.7659, 0.2199), (0.9769, 0.9839, 0.0805),
)  # fmt: skip


def colours(rng: np.random.Generator, reversed_share: float = 0.15) -> str:
    """A colour map that people use, at times reversed."""
    name = str(pick(rng, COMMON))
    return name + "_r" if rng.random() < reversed_share and not name.endswith("_r") else name


def parula() -> ListedColormap:
    """MATLAB's default map, to one of 255 or so."""
    return ListedColormap(LinearSegmentedColormap.from_list("", _PARULA, N=256)(np.linspace(0, 1, 256)), "parula")


def unknown_map(rng: np.random.Generator) -> ListedColormap:
    """A map of somebody's own: from dark to bright through some colours."""
    nodes = rng.random((int(rng.integers(3, 6)), 3))
    nodes = nodes[np.argsort(nodes @ (0.299, 0.587, 0.114))]
    nodes[0] *= 0.3
    nodes[-1] = 1 - 0.3 * (1 - nodes[-1])
    some = [tuple(node) for node in nodes]
    return ListedColormap(LinearSegmentedColormap.from_list("", some, N=256)(np.linspace(0, 1, 256)), "own")


def table_file(cmap: Any, path: Path) -> Path:
    """The map's 256 colours as a text file, as `--cmap FILE` takes it."""
    np.savetxt(path, np.rint(255 * cmap(np.arange(256))[:, :3]), fmt="%d", delimiter=",")
    return path


def figure_size(rng: np.random.Generator) -> tuple[tuple[float, float], int]:
    """Inches and dots per inch."""
    return pick(rng, [(6.4, 4.8), (6.4, 4.8), (8, 4), (10, 4), (12, 3), (10, 5), (8, 8), (5, 5)]), int(
        pick(rng, [100, 100, 100, 72, 150])
    )


def save(rng: np.random.Generator, figure: Any, stem: Path, jpeg: bool, **options: Any) -> tuple[Path, str]:
    """Save the figure as PNG, or as JPEG of some quality: the path, and what was lost."""
    path = stem.with_suffix(".jpg" if jpeg else ".png")
    if jpeg:
        quality = int(pick(rng, [75, 75, 85, 90, 95]))
        options["pil_kwargs"] = {"quality": quality}
    figure.savefig(path, **options)
    plt.close(figure)
    return path, f"JPEG {quality}" if jpeg else ""


def save_pixels(rng: np.random.Generator, pixels: Array, stem: Path, jpeg: bool = False) -> tuple[Path, str]:
    """An array as a file of Pillow's."""
    path = stem.with_suffix(".jpg" if jpeg else ".png")
    quality = int(pick(rng, [75, 85, 95, 95]))
    options: dict[str, Any] = {"quality": quality} if jpeg else {}
    Image.fromarray(pixels).save(path, **options)
    return path, f"JPEG {quality}" if jpeg else ""


def box_of(figure: Any, axes: Any) -> tuple[int, int, int, int]:
    """The axes' box in pixels of the picture: left, top, right, bottom."""
    figure.canvas.draw()
    extent, height = axes.get_window_extent(), int(figure.bbox.height)  # rows, counted from below, of whole pixels
    sides = extent.x0, height - extent.y1, extent.x1, height - extent.y0
    left, top, right, bottom = (int(np.floor(side + 0.5)) for side in sides)
    return left, top, right, bottom


def as_png(figure: Any) -> Image.Image:
    """The figure's pixels."""
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plt.close(figure)
    return Image.open(out).convert("RGB")
