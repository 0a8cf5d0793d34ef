"""matplotlib's figures that are all axes, without margins, as the pictures of its tools are drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from bench.pictures.common import Drawing, pick
from bench.pictures.damage import damage_of, spoil

matplotlib.use("Agg")
from matplotlib import pyplot as plt

MAPS = (
    "viridis", "plasma", "inferno", "magma", "cividis", "jet", "turbo", "hot", "afmhot", "gray", "Greys", "binary",
    "bone", "copper", "coolwarm", "Spectral", "cubehelix", "gnuplot", "gnuplot2", "nipy_spectral", "gist_heat",
    "YlGnBu", "YlOrRd", "Blues", "PuBu", "RdBu", "seismic", "rainbow", "ocean", "twilight",
)  # fmt: skip


def colormap(rng: np.random.Generator) -> str | None:
    """librosa's own (None), or any, a quarter of them reversed."""
    if rng.random() < 0.3:
        return None
    return str(pick(rng, MAPS)) + ("_r" if rng.random() < 0.25 else "")


def canvas(width: int, height: int) -> tuple[Any, Any]:
    """A figure that is all axes, without margins."""
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    return figure, axes


def saved(figure: Any, **options: Any) -> bytes:
    """The figure as a PNG file, as matplotlib writes it."""
    out = io.BytesIO()
    figure.savefig(out, format="png", **options)
    plt.close(figure)
    return out.getvalue()


def finished(
    rng: np.random.Generator, figure: Any, image: Any, kind: str, stem: Path, truth: dict[str, Any]
) -> Drawing:
    """The Drawing of a figure without axes that shows `image`, perhaps damaged."""
    truth |= {"cmap": image.get_cmap().name, "db_range": tuple(float(v) for v in image.get_clim())}
    damage = damage_of(rng)
    path, size = spoil(rng, saved(figure), damage, stem)
    truth["plot_area"] = (0, 0, *size)
    how = f"{size[0]}x{size[1]}"
    return Drawing(path, kind, truth, frozenset({"profile", "cmap", "freq_scale"}), how, damage)
