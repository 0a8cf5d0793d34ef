"""Kind 3: plt.specgram and scipy.signal.spectrogram as tutorials call them: tight, with margins, as JPEG, gray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from matplotlib import pyplot as plt

from bench.pictures.common import Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.tables import RATES, FieldDrawing, Levels, Table, loud_excerpt

PROFILES = ("matplotlib-specgram", "scipy-pcolormesh", "imshow-db", "imshow")


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """One figure, with or without axes."""
    sr = int(pick(rng, RATES))
    n_fft = int(pick(rng, [256, 256, 256, 512, 1024, 2048]))
    hop = n_fft - int(pick(rng, [128, n_fft // 2, n_fft // 2, n_fft // 8, 3 * n_fft // 4]))
    y = loud_excerpt(rng, sounds, sr, hop) + 1e-7 * rng.standard_normal(1).astype(np.float32)
    scipys = bool(rng.random() < 0.35)
    size, dpi = looks.figure_size(rng)
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    image: Any
    axed = bool(rng.random() < 0.5)
    fs = sr if axed or rng.random() < 0.5 else 2
    cmap = looks.colours(rng, 0.1) if rng.random() < 0.5 else "viridis"
    if scipys:
        f, t, power = scipy.signal.spectrogram(y, fs, nperseg=n_fft, noverlap=n_fft - hop)
        values = 10 * np.log10(power + 1e-14)
        image = axes.pcolormesh(t, f, values, cmap=cmap, shading=pick(rng, ["auto", "gouraud"]))
    else:
        power, _, _, image = axes.specgram(y + 1e-9, NFFT=n_fft, Fs=fs, noverlap=n_fft - hop, cmap=cmap)
        values = 10 * np.log10(power)
    db_range = tuple(float(v) for v in image.get_clim())
    drawn = sum(axes.get_xlim())  # seconds: from as long before the first window's middle as behind the last one's
    path, lossy, box = _finish(rng, figure, axes, stem, axed)
    facts = {"freq_scale": "linear", "n_fft": n_fft, "hop_length": hop, "center": False}
    amplitude = np.sqrt(power)
    amplitude[[0, -1]] *= 2**0.5
    what = Table(y, sr, amplitude, facts)
    shown = (box[3] - box[1], box[2] - box[0])
    truth = {**what.truth, "profile": PROFILES, "cmap": cmap, "db_range": db_range, "origin": "lower", "plot_area": box}
    truth |= {"level_kind": "db", "freq_scale": "linear"}
    promised = {"cmap": "its colours, up to the direction", "plot_area": "its frame, or the picture's own"}
    if axed:
        truth["duration"] = drawn  # what follows the last window is not drawn
        promised |= {"duration": "the labels of time", "freq_scale": "the labels of frequency"}
    else:
        truth.pop("duration")  # the picture ends with the last window
    given = {"sr": sr, "duration": len(y) / sr, "n_fft": n_fft, "hop_length": hop, "cmap": cmap, "db_range": db_range}
    given |= {} if scipys else {"profile": "matplotlib-specgram"}
    how = f"{'scipy' if scipys else 'specgram'} {'axes' if axed else 'bare'} {n_fft}/{hop}"
    hides = lossy or ("" if shown[0] >= what.rows and shown[1] >= amplitude.shape[1] else "hidden cells")
    if hides or shown[0] < 2 * what.rows:
        truth.pop("n_frames")
    drawing = Drawing(path, "specgrams", truth, frozenset(promised), how, lossy or "clean")
    levels = Levels(values, amplitude, "dB", {"db_range": db_range})
    return FieldDrawing(drawing, given, promised, what, levels, shown, hides)


def _finish(rng: np.random.Generator, figure: Any, axes: Any, stem: Path, axed: bool) -> tuple[Path, str, Any]:
    """With labels, or without axes, tight or with margins: path, what is lost, and the plot's box."""
    jpeg = bool(rng.random() < 0.3)
    if axed:
        axes.set(xlabel=pick(rng, looks.SECONDS), ylabel=pick(rng, looks.HERTZ))
        box = looks.box_of(figure, axes)
        return *looks.save(rng, figure, stem, jpeg), box
    axes.axis("off")
    if rng.random() < 0.5:
        box = looks.box_of(figure, axes)
        return *looks.save(rng, figure, stem, jpeg), box
    path, lossy = looks.save(rng, figure, stem, jpeg, bbox_inches="tight", pad_inches=0)
    from PIL import Image

    with Image.open(path) as picture:
        return path, lossy, (0, 0, *picture.size)
