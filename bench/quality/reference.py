"""The reference pipeline that fastspec is compared with: what a careful person would write with today's libraries.

Pillow -> nearest colour by SciPy's k-d tree on matplotlib's 256 colours -> dB -> linear interpolation of amplitude
over the cells that the picture does not show -> `librosa.griffinlim(n_iter=32, random_state=0)` -> soundfile. It is
told every fact (axis, edges, range, window), so what is compared is the method, not the guessing. Geometry is written
here anew, in plain NumPy, after librosa's and matplotlib's sources; nothing is shared with fastspec.

    python -m bench.quality.reference PICTURE --sr 22050 --n-fft 1024 --hop-length 512 --freq-scale log --edges old \
        --duration 61.45 -o out.wav
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import librosa
import matplotlib
import numpy as np
import numpy.typing as npt
import soundfile
from PIL import Image
from scipy.spatial import cKDTree

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Facts:
    """What the reference is told about a picture."""

    sr: int
    n_fft: int
    hop_length: int
    duration: float  # seconds
    freq_scale: str = "log"  # "log" (librosa's symlog), "linear" or "mel" (mel bands drawn by specshow)
    edges: str = "new"  # librosa's cell edges: "old" (before 0.9) or "new"
    cmap: str = "magma"
    db_range: tuple[float, float] = (-80.0, 0.0)
    n_mels: int = 128
    window: str = "hann"  # "hann" (periodic) or "hanning" (NumPy's symmetric one)

    @property
    def n_samples(self) -> int:
        return round(self.duration * self.sr)

    @property
    def n_frames(self) -> int:
        return 1 + self.n_samples // self.hop_length


def levels(path: str | Path, cmap: str) -> Array:
    """The picture's levels in 0..1, shape (height, width): the nearest of the map's 256 colours at each pixel.

    matplotlib paints entry k for values in [k / 256, (k + 1) / 256), so the middle of that is read.
    """
    rgb = np.asarray(Image.open(path).convert("RGB"))
    table = np.round(255 * matplotlib.colormaps[cmap](np.arange(256))[:, :3])
    _, index = cKDTree(table).query(rgb.reshape(-1, 3).astype(float))
    return np.asarray((index + 0.5) / 256).reshape(rgb.shape[:2])


def symlog(f: Array, linthresh: float, linscale: float) -> Array:
    """matplotlib's symlog transform to base 2."""
    scale = linscale / (1 - 1 / 2)
    outer = np.sign(f) * linthresh * (scale + np.log2(np.maximum(np.abs(f), linthresh) / linthresh))
    return np.where(np.abs(f) <= linthresh, f * scale, outer)


def cell_edges(facts: Facts) -> Array:
    """Edges of the drawn frequency cells in Hz, ascending, one more than there are rows of data."""
    if facts.freq_scale == "mel":
        centres = librosa.mel_frequencies(facts.n_mels, fmin=0, fmax=facts.sr / 2)
        if facts.edges == "old":
            inner = centres[1:] - 0.5 * np.diff(centres)
            return np.concatenate([[0.0], inner, [facts.sr / 2]])
    else:
        centres = np.arange(facts.n_fft // 2 + 1) * facts.sr / facts.n_fft
        if facts.edges == "old":
            step = facts.sr / facts.n_fft
            return np.concatenate([np.maximum(0, centres - step / 2), [facts.sr / 2]])
    inner = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - inner[0]], inner, [2 * centres[-1] - inner[-1]]])


def cells_of_rows(facts: Facts, height: int) -> Array:
    """The data row that each pixel row shows, from the top: the cell under the pixel's centre."""
    edges = cell_edges(facts)
    if facts.freq_scale == "log":
        edges = symlog(edges, float(librosa.note_to_hz("C2")), 0.5)
    elif facts.freq_scale == "mel":
        edges = symlog(edges, 1000.0, 1.0)
    at = edges[-1] - (np.arange(height) + 0.5) / height * (edges[-1] - edges[0])
    return np.asarray(np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2))


def mean_by(cells: Array, values: Array) -> tuple[Array, Array]:
    """The distinct cells shown and the mean of `values` (first axis: pixels) over the pixels that show each."""
    shown, inverse, counts = np.unique(cells, return_inverse=True, return_counts=True)
    total = np.zeros((len(shown), *values.shape[1:]))
    np.add.at(total, inverse, values)
    return shown, total / counts.reshape(-1, *[1] * (values.ndim - 1))


def interpolate(amplitude: Array, shown: Array, n: int) -> Array:
    """Linear interpolation along the first axis from the cells shown to all `n`; the outermost values are held."""
    at = np.interp(np.arange(n), shown, np.arange(len(shown)))
    low = at.astype(int)
    high = np.minimum(low + 1, len(shown) - 1)
    part = (at - low)[:, None]
    return np.asarray((1 - part) * amplitude[low] + part * amplitude[high])


def magnitude(path: str | Path, facts: Facts) -> Array:
    """The picture's amplitude on the whole grid: (n_fft // 2 + 1, n_frames), or (n_mels, n_frames) for mel rows."""
    low, high = facts.db_range
    db = low + (high - low) * levels(path, facts.cmap)
    rows = cells_of_rows(facts, db.shape[0])
    columns = ((np.arange(db.shape[1]) + 0.5) / db.shape[1] * facts.n_frames).astype(int)
    rows_shown, db = mean_by(rows, db)
    columns_shown, db = mean_by(columns, db.T)
    amplitude = 10 ** (db.T / 20)
    amplitude = interpolate(amplitude, rows_shown, len(cell_edges(facts)) - 1)
    return interpolate(amplitude.T, columns_shown, facts.n_frames).T


def invert(S: Array, facts: Facts, n_iter: int = 32) -> Array:
    """Amplitude -> waveform of `facts.n_samples`, by librosa; mel rows go through `mel_to_stft` first."""
    if facts.freq_scale == "mel":
        # the picture holds dB of mel power, so S**2 is what melspectrogram gave
        S = librosa.feature.inverse.mel_to_stft(S**2, sr=facts.sr, n_fft=facts.n_fft, power=2.0)
    window: Any = np.hanning(facts.n_fft) if facts.window == "hanning" else facts.window
    y: Array = librosa.griffinlim(
        S.astype(np.float32),
        n_iter=n_iter,
        hop_length=facts.hop_length,
        n_fft=facts.n_fft,
        window=window,
        length=facts.n_samples,
        random_state=0,
    )
    return y


def decode(path: str | Path, facts: Facts) -> Array:
    """The whole pipeline: picture file to waveform."""
    return invert(magnitude(path, facts), facts)


def main() -> None:
    parser = argparse.ArgumentParser(description="Decode a librosa/matplotlib spectrogram picture the usual way.")
    parser.add_argument("picture")
    parser.add_argument("--sr", type=int, default=22050)
    parser.add_argument("--n-fft", type=int, default=1024)
    parser.add_argument("--hop-length", type=int, default=512)
    parser.add_argument("--freq-scale", choices=["log", "linear", "mel"], default="log")
    parser.add_argument("--edges", choices=["old", "new"], default="new")
    parser.add_argument("--duration", type=float, required=True)
    parser.add_argument("--cmap", default="magma")
    parser.add_argument("--db-range", type=float, nargs=2, default=(-80.0, 0.0), metavar=("LO", "HI"))
    parser.add_argument("--n-mels", type=int, default=128)
    parser.add_argument("--window", choices=["hann", "hanning"], default="hann")
    parser.add_argument("-o", "--output", required=True)
    args = vars(parser.parse_args())
    picture, output = args.pop("picture"), args.pop("output")
    args["db_range"] = tuple(args["db_range"])
    start = time.perf_counter()
    y = decode(picture, Facts(**args))
    soundfile.write(output, 0.99 * y / max(float(np.abs(y).max()), 1e-9), args["sr"])
    print(f"{output}: {len(y) / args['sr']:.2f} s of sound in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
