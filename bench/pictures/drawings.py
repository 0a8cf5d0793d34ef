"""Pictures of spectrograms drawn with random parameters that are known: what `bench.quality.facts --draw` judges.

`draw(sounds, folder, seed, number)` draws one picture and says what it shows; the same seed and number give the same
picture. Three of five are librosa's (specshow today's way, or before 0.9), of which half are damaged; the others are of
the tools in `tools.py`. What a picture cannot show is in `excused`, with the reason.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import librosa
import librosa.display
import matplotlib
import numpy as np
import numpy.typing as npt
import scipy.signal
import soundfile
from PIL import Image, ImageDraw, ImageFont

matplotlib.use("Agg")
from matplotlib import pyplot as plt

Array = npt.NDArray[Any]
Sounds = dict[str, tuple[Array, int]]
RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
ODD_RATES = (9600, 10000, 18900, 20000, 37800, 40000)  # some converters', and what people choose when they resample
LENGTHS = (512, 1024, 2048, 4096)
ODD_LENGTHS = (640, 1000, 1536, 3000)
SIZES = (
    (320, 240), (432, 288), (500, 500), (640, 480), (775, 385), (800, 400), (1000, 400), (1024, 512), (1280, 960),
    (1600, 1200),
)  # fmt: skip
ROWS_TELL = ("freq_scale", "freq_edges", "sr", "n_fft", "n_mels")
MAPS = (
    "viridis", "plasma", "inferno", "magma", "cividis", "jet", "turbo", "hot", "afmhot", "gray", "Greys", "binary",
    "bone", "copper", "coolwarm", "Spectral", "cubehelix", "gnuplot", "gnuplot2", "nipy_spectral", "gist_heat",
    "YlGnBu", "YlOrRd", "Blues", "PuBu", "RdBu", "seismic", "rainbow", "ocean", "twilight",
)  # fmt: skip
# how often each is drawn, of 20
KINDS = (
    "log", "log<0.9", "mel", "log", "sox", "linear", "log<0.9", "riffusion", "log", "ffmpeg",
    "log", "mel", "log<0.9", "specgram", "log", "linear<0.9", "cqt", "sox", "scipy", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """One picture. truth : facts by fastspec's names. asked : the facts whose reading is counted. excused : facts that
    the picture cannot show, with the reason. how : all parameters, for the reader."""

    path: Path
    kind: str
    truth: dict[str, Any]
    asked: frozenset[str]
    how: str = ""
    damage: str = "clean"
    excused: dict[str, str] = field(default_factory=dict)


def load_sounds(corpus: Path) -> Sounds:
    """The sounds of a corpus."""
    return {p.stem: soundfile.read(p, dtype="float32") for p in sorted((corpus / "audio").glob("*.flac"))}


def pick(rng: np.random.Generator, choices: Any) -> Any:
    """One of a sequence, as it is."""
    return choices[int(rng.integers(len(choices)))]


def excerpt(rng: np.random.Generator, sounds: Sounds, rate: int, seconds: float) -> Array:
    """About `seconds` of one of the sounds at `rate`: resampled, or its samples taken as they are, so that treble
    is as full as in a recording at that rate."""
    name = pick(rng, sorted(sounds))
    y, sr = sounds[name]
    if rate < sr or rng.random() < 0.3:
        y = scipy.signal.resample_poly(y, rate // (g := int(np.gcd(rate, sr))), sr // g).astype(np.float32)
    length = min(len(y), int(seconds * rate))
    start = int(rng.integers(len(y) - length + 1))
    return np.asarray(y[start : start + length])


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


def specshow(rng: np.random.Generator, sounds: Sounds, kind: str, stem: Path) -> Drawing:
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


# Damage -----------------------------------------------------------------------------------------------------------

_DAMAGES: tuple[tuple[str, float], ...] = (
    ("clean", 0.34), ("no metadata", 0.08), ("palette", 0.08), ("jpeg 4:2:0", 0.12), ("jpeg 4:4:4", 0.07),
    ("noise", 0.09), ("resized", 0.08), ("64 colours", 0.05), ("painted", 0.05), ("alpha", 0.04),
    ("cropped", 0.04),
)  # fmt: skip


def damage_of(rng: np.random.Generator) -> str:
    """One kind of damage."""
    names, odds = zip(*_DAMAGES, strict=True)
    return str(rng.choice(names, p=np.array(odds) / sum(odds)))


def spoil(rng: np.random.Generator, png: bytes, damage: str, stem: Path) -> tuple[Path, tuple[int, int]]:
    """Write the picture with this damage beside `stem`: its path and size."""
    image: Image.Image = Image.open(io.BytesIO(png))
    path = stem.with_name(f"{stem.name}_{damage.replace(' ', '_').replace(':', '')}.png")
    if damage == "clean":
        path.write_bytes(png)
        return path, image.size
    image = image.convert("RGB")
    if damage.startswith("jpeg"):
        path = path.with_suffix(".jpg")
        quality = int(rng.integers(75, 96))
        image.save(path, quality=quality, subsampling=0 if damage.endswith("4:4:4") else 2)
        return path, image.size
    image = _SPOILERS[damage](rng, image)
    image.save(path)
    return path, image.size


def _noisy(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    noise = rng.normal(0, rng.uniform(3, 12), (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise + 0.5, 0, 255).astype(np.uint8))


def _resized(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    share = rng.uniform(0.7, 1.5)
    method = pick(rng, [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
    return image.resize((round(image.width * share), round(image.height * share)), method)


def _painted(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Strokes of a brush and some words."""
    draw = ImageDraw.Draw(image)
    width, height = image.size

    def colour() -> tuple[int, ...]:
        return tuple(int(v) for v in rng.integers(0, 256, 3))

    for _ in range(int(rng.integers(2, 7))):
        points = np.cumsum(rng.normal(0, 0.06, (8, 2)), axis=0) + rng.random(2)
        line = [(float(x * width), float(y * height)) for x, y in points]
        draw.line(line, fill=colour(), width=int(rng.integers(2, 13)), joint="curve")
    for _ in range(int(rng.integers(0, 3))):
        place = (float(rng.uniform(0, 0.7) * width), float(rng.uniform(0, 0.9) * height))
        draw.text(place, "cut this here", fill=colour(), font=ImageFont.load_default(int(rng.integers(12, 40))))
    return image


def _erased(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Some places transparent, as an eraser leaves them, and its soft edge."""
    alpha = Image.new("L", image.size, 255)
    draw = ImageDraw.Draw(alpha)
    for _ in range(int(rng.integers(1, 5))):
        x, y = rng.random(2) * image.size
        radius = rng.uniform(0.02, 0.12) * image.height
        for part in np.linspace(1, 0.7, 6):
            r = radius * part
            draw.ellipse((x - r, y - r, x + r, y + r), fill=int(255 * (part - 0.7) / 0.3))
    image.putalpha(alpha)
    return image


def _cropped(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Strips cut off in an editor: at the top, at the right, or all round."""
    left, top, right, bottom = (int(v) for v in rng.uniform(0.01, 0.2, 4) * min(image.size))
    which = int(rng.integers(3))
    left, bottom = (left, bottom) if which == 2 else (0, 0)
    right, top = (right if which else 0), (top if which != 1 else 0)
    return image.crop((left, top, image.width - right, image.height - bottom))


_SPOILERS: dict[str, Callable[[np.random.Generator, Image.Image], Image.Image]] = {
    "no metadata": lambda rng, image: image,
    "palette": lambda rng, image: image.quantize(256, dither=Image.Dither.NONE),
    "noise": _noisy,
    "resized": _resized,
    "64 colours": lambda rng, image: image.quantize(64),
    "painted": _painted,
    "alpha": _erased,
    "cropped": _cropped,
}


def draw(sounds: Sounds, folder: Path, seed: int, number: int) -> Drawing | None:
    """Picture `number` of the series `seed` in `folder`; None when the tool that draws it is not installed."""
    from bench.pictures import tools

    rng = np.random.default_rng([seed, number])
    kind = KINDS[number % len(KINDS)]
    stem = folder / f"s{seed}_{number:04d}_{kind.replace('<', '_before_')}"
    if kind == "other":
        kind = str(pick(rng, ["audio-diffusion", "imshow"]))
    make = tools.TOOLS.get(kind)
    return make(rng, sounds, stem) if make else specshow(rng, sounds, kind, stem)
