"""Pictures of librosa's specshow, today's way and before 0.9, on every axis it has; half of them damaged."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import librosa.display
import numpy as np
from PIL import Image

from bench.pictures.canvas import canvas, colormap, saved
from bench.pictures.common import RATES, SIZES, Array, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import damage_of, spoil

ODD_RATES = (9600, 10000, 18900, 20000, 37800, 40000)  # some converters', and what people choose when they resample
LENGTHS = (512, 1024, 2048, 4096)
ODD_LENGTHS = (640, 1000, 1536, 3000)
ROWS_TELL = ("freq_scale", "freq_edges", "sr", "n_fft", "n_mels")


def levels(rng: np.random.Generator, S: Array) -> Array:
    """Decibels of magnitudes as people make them; seldom without top_db or relative to 1."""
    how = rng.random()
    if how < 0.7:
        return np.asarray(librosa.amplitude_to_db(S, ref=np.max))
    if how < 0.9:
        return np.asarray(librosa.power_to_db(S**2, ref=np.max))
    return np.asarray(librosa.amplitude_to_db(S, ref=1.0))


@dataclass
class Table:
    """Decibels (cells, frames), and what is known about them."""

    db: Array
    truth: dict[str, Any]
    asked: set[str]
    excused: dict[str, str]
    axis: dict[str, Any]  # further arguments of specshow


def table(rng: np.random.Generator, sounds: Sounds, scale: str) -> Table:
    """Cells for one of specshow's axes."""
    odd = rng.random() < 0.06
    sr = int(pick(rng, ODD_RATES if odd else RATES))
    odd_length = scale != "mel" and rng.random() < 0.04
    n_fft = int(pick(rng, ODD_LENGTHS if odd_length else LENGTHS))
    hop = int(pick(rng, [n_fft // 2, n_fft // 4, n_fft // 4, n_fft // 8, 441]))
    hop = min(max(hop, 64), n_fft)
    y = excerpt(rng, sounds, sr, float(pick(rng, [2, 3, 5, 8, 12, 30])))
    window = np.hanning(n_fft) if rng.random() < 0.3 else "hann"
    S = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop, window=window))
    truth = {"sr": sr, "hop_length": hop, "freq_scale": scale, "duration": len(y) / sr, "n_frames": S.shape[1]}
    asked, excused, axis = {"cmap", "freq_scale", "freq_edges"}, {}, {}
    if scale == "mel":
        n_mels = int(pick(rng, [40, 64, 80, 128, 128, 128, 256]))
        options: dict[str, Any] = {"fmax": 8000} if sr > 16000 and rng.random() < 0.25 else {}  # as in librosa's manual
        options |= {"htk": True} if rng.random() < 0.06 else {}
        S = np.sqrt(librosa.feature.melspectrogram(S=S**2, sr=sr, n_mels=min(n_mels, n_fft // 8), **options))
        truth |= {"n_mels": len(S), **{"mel_htk" if k == "htk" else k: v for k, v in options.items()}}
        asked |= {"sr", "n_mels"}
        axis = options
        if options:
            excused = dict.fromkeys(ROWS_TELL, f"a mel bank with {options}")
    elif scale == "cqt":  # notes read off a long transform: the rows are what matters here
        per_octave = int(pick(rng, [12, 12, 12, 24, 36]))
        octaves = min(7, int(np.log2(sr / 2 / 33.0)))
        f = 32.70319566257483 * 2 ** (np.arange(octaves * per_octave) / per_octave)
        at = np.clip(np.rint(f * n_fft / sr).astype(int), 0, n_fft // 2)
        S = S[at] * np.exp(0.2 * rng.standard_normal((len(at), 1)))  # several notes share a bin
        truth |= {"bins_per_octave": per_octave}
        axis = {"bins_per_octave": per_octave}
    else:
        truth["n_fft"] = n_fft
        asked |= {"sr", "n_fft"} if scale == "log" else {"n_fft"}
    if odd or odd_length:  # nothing wrong may be said, but nobody expects a reader to know them
        excused |= dict.fromkeys(ROWS_TELL, "an unusual rate or length")
    return Table(levels(rng, S), truth, asked, excused, axis)


def show(axes: Any, what: Table, scale: str, **look: Any) -> Any:
    """specshow of today's librosa."""
    name = {"cqt": "cqt_note"}.get(scale, scale)
    x = {"x_axis": "time", "sr": what.truth["sr"], "hop_length": what.truth["hop_length"]}
    return librosa.display.specshow(what.db, y_axis=name, ax=axes, **x, **what.axis, **look)


def show_old(axes: Any, what: Table, scale: str, **look: Any) -> Any:
    """What librosa 0.6 - 0.8 told matplotlib: n + 1 edges, flat shading, explicit limits."""
    sr, n = what.truth["sr"], len(what.db)
    x = librosa.frames_to_time(np.arange(what.db.shape[1] + 1), sr=sr, hop_length=what.truth["hop_length"])
    if scale == "mel":
        top = what.axis.get("fmax") or sr / 2
        y = librosa.mel_frequencies(n, fmin=0, fmax=top, htk=what.axis.get("htk", False))
        y[1:] -= 0.5 * np.diff(y)
    else:
        y = librosa.fft_frequencies(sr=sr, n_fft=2 * (n - 1))
        top = y[-1]
        y = y - 0.5 * (y[1] - y[0])
    y = np.append(np.maximum(0, y), top)
    mesh = axes.pcolormesh(x, y, what.db, shading="flat", **{"cmap": "magma", **look})
    axes.set_xlim(x.min(), x.max())
    axes.set_ylim(y.min(), y.max())
    if scale == "mel":
        axes.set_yscale("symlog", linthresh=1000.0, base=2)
    elif scale == "log":
        axes.set_yscale("symlog", linthresh=librosa.note_to_hz("C2"), base=2, linscale=0.5)
    return mesh


def draw(rng: np.random.Generator, sounds: Sounds, kind: str, stem: Path) -> Drawing:
    """A picture of librosa, half of them damaged."""
    scale, old = kind.removesuffix("<0.9"), kind.endswith("<0.9")
    old = old or (scale == "mel" and rng.random() < 0.25)
    what = table(rng, sounds, scale)
    size = pick(rng, SIZES)
    name = colormap(rng)
    look: dict[str, Any] = {} if name is None else {"cmap": name}
    if rng.random() < 0.1:
        low = float(rng.integers(-70, -40))
        look |= {"vmin": what.db.max() + low, "vmax": what.db.max()}
    figure, axes = canvas(*size)
    mesh = (show_old if old else show)(axes, what, scale, **look)
    axes.axis("off")
    truth = {
        **what.truth,
        "profile": "librosa-0.8" if old else "librosa",
        "freq_edges": "librosa<0.9" if old else "librosa>=0.9",
        "cmap": mesh.get_cmap().name,
        "db_range": tuple(float(v) for v in mesh.get_clim()),
        "origin": "lower",
    }
    clean = saved(figure)
    excused = {**what.excused, **hidden(clean)}
    damage = damage_of(rng)
    path, size = spoil(rng, clean, damage, stem)
    truth["plot_area"] = (0, 0, *size)
    if damage == "cropped":  # what is left may look like another axis, which must not be stated
        excused |= dict.fromkeys(ROWS_TELL, "a cropped picture")
        truth = {name: value for name, value in truth.items() if name not in ("n_frames", "duration")}
    how = f"{size[0]}x{size[1]} of {figure.bbox.width:.0f}x{figure.bbox.height:.0f} {what.db.shape} {what.axis} {look}"
    kind = f"{scale}<0.9" if old else scale
    return Drawing(path, kind, truth, frozenset(what.asked), how, damage, excused)


def hidden(png: bytes) -> dict[str, str]:
    """The facts that a picture cannot show: of rows that all differ, or hardly ever, no axis can be read."""
    rgb = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    share = float((rgb[1:] != rgb[:-1]).any(axis=(1, 2)).mean())
    excused = {}
    if not 0.02 < share < 0.98:
        excused = dict.fromkeys(ROWS_TELL, "nearly all rows differ from the next, or none")
    if len(np.unique(rgb.reshape(-1, 3), axis=0)) < 8:
        excused["cmap"] = "fewer than 8 colours"
    return excused
