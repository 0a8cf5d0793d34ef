"""Whole figures with axes and labels and known random parameters: librosa's and plt.specgram's."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot as plt

from bench.pictures.canvas import colormap, saved
from bench.pictures.common import RATES, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import spoil
from bench.pictures.librosa import show, table

_STYLES = ("default", "default", "default", "default", "dark_background", "ggplot", "seaborn-v0_8")
_SCALES = ("linear", "log", "mel", "linear", "log", "specgram")


def figure(sounds: Sounds, folder: Path, seed: int, number: int) -> Drawing:
    """Figure `number` of the series `seed` in `folder`."""
    rng = np.random.default_rng([seed, number, 1])
    scale = _SCALES[number % len(_SCALES)]
    style = str(pick(rng, _STYLES))
    size = (float(rng.uniform(5, 14)), float(rng.uniform(3, 8)))
    if rng.random() < 0.7:  # as most people choose it
        size = (round(2 * size[0]) / 2, round(2 * size[1]) / 2)
    dpi = int(pick(rng, [72, 80, 100, 100, 100, 120, 150, 200]))
    font = {"font.size": float(pick(rng, [10, 10, 10, 8, 12, 14]))}
    bar = bool(rng.random() < 0.6)
    with plt.style.context([style, font]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown, axes = plt.subplots(figsize=size, dpi=dpi)
        mesh, truth = _spectrogram(rng, sounds, axes, scale)
        if bar:
            form = pick(rng, ["%+2.0f dB", "%+2.0f dB", None])
            shown.colorbar(mesh, ax=axes, **({"format": form} if form else {}))
        if rng.random() < 0.7:
            axes.set_title(pick(rng, ["a title", "STFT magnitude (dB)", "Power spectrogram"]))
        if rng.random() < 0.4:
            shown.tight_layout()
        shown.canvas.draw()
        box, height = axes.get_window_extent(), int(shown.bbox.height)  # as Agg cuts it
        edges = (box.x0, height - box.y1, box.x1, height - box.y0)
        png = saved(shown, dpi=dpi)
    area = tuple(int(np.floor(v + 0.5)) for v in edges)
    beyond = [area[0] - edges[0], area[1] - edges[1], edges[2] - area[2], edges[3] - area[3]]
    truth |= {"plot_area": area, "plot_offsets": tuple(beyond), "cmap": mesh.get_cmap().name}
    asked = {"plot_area", "duration", "sr", "freq_scale", "cmap"}
    if bar:  # without one, nothing in the figure tells the levels
        truth["db_range"] = tuple(float(v) for v in mesh.get_clim())
        asked.add("db_range")
    damage = "jpeg 4:2:0" if rng.random() < 0.15 else "clean"
    stem = folder / f"f{seed}_{number:04d}_{scale}"
    path, pixels = spoil(rng, png, damage, stem)
    how = f"{pixels[0]}x{pixels[1]} dpi {dpi} {style} font {font['font.size']:g} {'bar' if bar else 'no bar'}"
    return Drawing(path, f"figure {scale}", truth, frozenset(asked), how, damage)


def _spectrogram(rng: np.random.Generator, sounds: Sounds, axes: Any, scale: str) -> tuple[Any, dict[str, Any]]:
    """Draw one on `axes`: the mesh or image, and what it shows."""
    if scale != "specgram":
        what = table(rng, sounds, scale)
        while what.excused:  # an axis that ends elsewhere, or an unusual rate: not here
            what = table(rng, sounds, scale)
        name = colormap(rng)
        mesh = show(axes, what, scale, **({"cmap": name} if name else {}))
        return mesh, {**what.truth, "profile": "librosa", "freq_edges": "librosa>=0.9", "origin": "lower"}
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [256, 512, 1024]))
    y = excerpt(rng, sounds, sr, float(rng.uniform(3, 20)))
    *_, mesh = axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=n_fft // 2)
    axes.set_xlabel("Time (s)")
    axes.set_ylabel("Frequency (Hz)")
    truth = {
        "profile": "matplotlib-specgram",
        "freq_scale": "linear",
        "freq_edges": "bins",
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": n_fft // 2,
        "duration": len(y) / sr,
        "origin": "lower",
    }
    return mesh, truth
