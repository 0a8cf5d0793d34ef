"""Small pictures of every kind that the readers tell apart: drawn spectrograms, damaged ones, figures, and none."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image, ImageDraw, ImageFilter

import fastspec
from fastspec.picture import files
from fastspec.picture.picture import Picture

STORED = Path(__file__).with_name("stored")
DATA = Path(__file__).parents[1] / "data"


def _facts(make: Callable[[], Any], given: Mapping[str, Any]) -> Any:
    return fastspec.inspect(make(), **given)


def case(make: Callable[[], Any], given: Mapping[str, Any] | None = None) -> partial[Any]:
    """Reads a picture, of which something may be given."""
    return partial(_facts, make, given or {})


@lru_cache(maxsize=1)
def speech() -> tuple[np.ndarray, int]:
    """Three seconds of speech, and their rate."""
    y, sr = soundfile.read(DATA / "speech.flac", dtype="float32")
    return y[sr // 2 : 7 * sr // 2], sr


@lru_cache(maxsize=64)
def look(
    scale: str = "log", n_fft: int = 512, size: tuple[int, int] = (330, 240), cmap: str = "magma", seconds: float = 3.0
) -> np.ndarray:
    """Pixels (H, W, 3) of specshow's look of the speech."""
    y, sr = speech()
    picture = fastspec.encode(
        y[: int(seconds * sr)],
        sr,
        profile="librosa",
        size=size,
        freq_scale=scale,
        n_fft=n_fft,
        hop_length=n_fft // 2,
        cmap=cmap,
    )
    return np.ascontiguousarray(picture.rgb())


@lru_cache(maxsize=16)
def native(**drawing: Any) -> np.ndarray:
    """Pixels of fastspec's own drawing, a pixel a bin and frame."""
    y, sr = speech()
    return np.ascontiguousarray(fastspec.encode(y, sr, **drawing).rgb())


# Damages: of pixels (H, W, 3) and a strength 0..1


def _jpeg(pixels: np.ndarray, strength: float) -> np.ndarray:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=round(96 - 70 * strength))
    return np.asarray(files.read(out.getvalue()).rgb())


def _noise(pixels: np.ndarray, strength: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, 0.3 + 12 * strength**2, pixels.shape)
    return np.clip(pixels + noise + 0.5, 0, 255).astype(np.uint8)


def _blur(pixels: np.ndarray, strength: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.2 + 1.5 * strength)))


def _resized(pixels: np.ndarray, strength: float) -> np.ndarray:
    height, width = (round(side * (0.7 + strength)) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR))


def _enlarged(pixels: np.ndarray, strength: float) -> np.ndarray:
    return pixels.repeat(1 + round(2 * strength), axis=0).repeat(1 + round(3 * strength), axis=1)


def _margin(pixels: np.ndarray, strength: float) -> np.ndarray:
    wide = 1 + round(20 * strength)
    out = np.full((pixels.shape[0] + 2 * wide, pixels.shape[1] + 2 * wide, 3), 255, np.uint8)
    out[wide:-wide, wide:-wide] = pixels
    return out


def _few_colours(pixels: np.ndarray, strength: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).quantize(round(128 - 120 * strength)).convert("RGB"))


def _grid(pixels: np.ndarray, strength: float) -> np.ndarray:
    out, step = pixels.copy(), round(60 - 40 * strength)
    out[step // 2 :: step] = 128
    out[:, step // 2 :: step] = 128
    return out


def _words(pixels: np.ndarray, strength: float) -> np.ndarray:
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for line in range(1 + round(12 * strength)):
        draw.text((10, 5 + 16 * line), "what is written over a plot", fill="white")
    return np.asarray(image)


def _painted(pixels: np.ndarray, strength: float) -> np.ndarray:
    out = pixels.copy()
    out[20 : 20 + round(150 * strength), 40 : 40 + round(250 * strength)] = (0, 0, 4)
    return out


def _contrast(pixels: np.ndarray, strength: float) -> np.ndarray:
    return np.clip((pixels - 128.0) * (1.5 - 1.3 * strength) + 128, 0, 255).astype(np.uint8)


def _tilted(pixels: np.ndarray, strength: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).rotate(8 * strength, fillcolor=(255, 255, 255)))


def _two(pixels: np.ndarray, strength: float) -> np.ndarray:
    tile = _margin(pixels, strength)
    return np.concatenate([tile, tile], axis=round(strength) % 2)


def _mosaic(pixels: np.ndarray, strength: float) -> np.ndarray:
    step = 2 + round(10 * strength)
    rows, columns = (np.arange(side) // step * step for side in pixels.shape[:2])
    return pixels[rows][:, columns]


def _cut(pixels: np.ndarray, strength: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    out = round(0.4 * strength * width)
    return pixels[: round((1 - 0.4 * strength) * height), out:].copy()


def _darker(pixels: np.ndarray, strength: float) -> np.ndarray:
    return (pixels * (1 - 0.8 * strength)).astype(np.uint8)


def _dotted(pixels: np.ndarray, strength: float) -> np.ndarray:
    out = pixels.copy()
    chance = np.random.default_rng(5)
    out[chance.random(out.shape[:2]) < 0.2 * strength**2] = (255, 0, 255)
    return out


def _even(pixels: np.ndarray, strength: float) -> np.ndarray:
    out = pixels.copy()
    out[: round(strength * len(out))] = out[0, 0]
    return out


def _step(pixels: np.ndarray, strength: float) -> np.ndarray:
    out = pixels.copy()
    at = round(strength * (out.shape[1] - 1))
    out[:, at:] = np.clip(out[:, at:] + 60.0, 0, 255).astype(np.uint8)
    return out


DAMAGES: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "jpeg": _jpeg,
    "noise": _noise,
    "blur": _blur,
    "resized": _resized,
    "enlarged": _enlarged,
    "margin": _margin,
    "few colours": _few_colours,
    "grid": _grid,
    "words": _words,
    "painted": _painted,
    "contrast": _contrast,
    "tilted": _tilted,
    "two": _two,
    "mosaic": _mosaic,
    "cut": _cut,
    "darker": _darker,
    "dotted": _dotted,
    "even": _even,
    "step": _step,
    "upside down": lambda pixels, _: pixels[::-1].copy(),
    "mirrored": lambda pixels, _: pixels[:, ::-1].copy(),
    "turned": lambda pixels, _: np.rot90(pixels).copy(),
    "inverted": lambda pixels, _: 255 - pixels,
    "gray": lambda pixels, _: pixels.mean(axis=2).astype(np.uint8),
}

# Pictures of a seed

_SCALES = ("linear", "log", "mel")
_CMAPS = ("magma", "viridis", "gray_r", "gray", "jet", "inferno", "coolwarm")


def by_chance(seed: int) -> Any:
    """A spectrogram that is drawn and damaged as the seed says; (H, W[, 3])."""
    chance = np.random.default_rng(seed)
    scale, cmap = chance.choice(_SCALES), chance.choice(_CMAPS)
    n_fft = int(chance.choice([256, 512, 1024]))
    size = int(chance.integers(180, 420)), int(chance.integers(120, 300))
    if chance.random() < 0.2:
        pixels = native(freq_scale=str(scale), n_fft=256, hop_length=128, cmap=str(cmap))
    else:
        pixels = look(str(scale), n_fft, size, str(cmap), float(chance.choice([1.0, 2.0, 3.0])))
    for _ in range(int(chance.integers(0, 3))):
        name = str(chance.choice(sorted(DAMAGES)))
        if pixels.ndim == 3:
            pixels = DAMAGES[name](pixels, float(chance.random()))
    return pixels


# Fixed, so that a seed names the same picture when others are added.
_DAMAGED = (
    *("figure linear", "figure log", "figure mel", "figure zoomed", "figure grid", "figure specgram", "figure imshow"),
    *(
        "figure kilohertz",
        "figure waveform",
        "figure minutes",
        "bar powers of ten",
        "bar halves",
        "bar log10",
        "bar left",
    ),
    *("bar steps", "axis samples", "axis decades", "axis offset", "axis bins", "bells", "bells few frames", "gouraud"),
    *("sox", "sox light", "sox stereo", "ffmpeg", "ffmpeg stereo", "ffmpeg raw", "spek", "audacity", "riffusion"),
    *("look log", "look linear", "look mel", "native", "audio-diffusion"),
)


def damaged_by_chance(seed: int) -> Any:
    """One of the pictures that tools or matplotlib drew, or of those of `PICTURES`, damaged as the seed says."""
    chance = np.random.default_rng(seed)
    whole = PICTURES[str(chance.choice(_DAMAGED))].args[0]()
    pixels = np.asarray(whole.rgb() if isinstance(whole, Picture) else whole)
    for _ in range(int(chance.integers(1, 3))):
        if pixels.ndim == 3:
            pixels = DAMAGES[str(chance.choice(sorted(DAMAGES)))](pixels, float(chance.random()))
    return pixels


def nothing_by_chance(seed: int) -> Any:
    """Pixels of some other thing, as the seed says: words, shapes, photographs, surfaces, rows of bars."""
    chance = np.random.default_rng(seed)
    size = int(chance.integers(160, 400)), int(chance.integers(120, 300))
    kind = seed % 8
    rows, columns = np.mgrid[: size[1], : size[0]] / max(size)
    if kind in (0, 1):  # light on things that hide each other
        light = np.zeros((size[1], size[0]))
        for _ in range(int(chance.integers(40, 200))):
            y, x, radius = chance.random(), chance.random(), 0.02 / chance.uniform(0.1, 1)
            part = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
            light[part] = chance.uniform(30, 220) + (chance.normal(0, 60) * (rows - y))[part]
        pixels = np.clip(light + chance.normal(0, 2, light.shape), 0, 255).astype(np.uint8)
        return pixels if kind == 0 else np.stack([pixels, pixels[::-1], pixels[:, ::-1]], axis=-1)
    image = Image.new("RGB", size, tuple(int(v) for v in chance.choice([0, 255, 240], 3)) if kind == 7 else "white")
    draw = ImageDraw.Draw(image)
    if kind == 2:  # words
        for line in range(size[1] // 14):
            draw.text((5, 14 * line), "many words on a page " * int(chance.integers(1, 4)), fill="black")
    elif kind == 3:  # a waveform
        wave, _ = speech()
        peaks = np.abs(wave[: wave.size // size[0] * size[0]]).reshape(size[0], -1).max(axis=1)
        for x, peak in enumerate(peaks / peaks.max() * size[1] / 2):
            draw.line((x, size[1] / 2 - peak, x, size[1] / 2 + peak), fill=(31, 119, 180))
    elif kind == 4:  # lines
        for k in range(int(chance.integers(2, 9))):
            points = [(x, size[1] * (0.5 + 0.4 * np.sin(x / chance.uniform(9, 40) + k))) for x in range(0, size[0], 4)]
            draw.line(points, fill=tuple(int(v) for v in chance.integers(0, 255, 3)), width=int(chance.integers(1, 4)))
    elif kind == 5:  # a table of cells
        step = int(chance.integers(12, 40))
        for x in range(0, size[0], step):
            for y0 in range(0, size[1], step):
                draw.rectangle((x, y0, x + step, y0 + step), fill=tuple(int(v) for v in chance.integers(0, 255, 3)))
    else:  # a surface or its contours
        level = np.sin(9 * rows * chance.uniform(0.5, 2)) * np.cos(9 * columns) * 0.5 + 0.5
        steps = int(chance.integers(4, 12))
        level = np.floor(level * steps) / steps if kind == 6 else level
        from fastspec.colours import colormap

        return colormap.colour_of(level.astype(np.float32), colormap.get("viridis"))
    return np.asarray(image)


def stored(name: str) -> Picture:
    """A file that a tool has written, see README.md."""
    return files.read(STORED / name)


def _drawn(profile: str, channels: int = 1, **drawing: Any) -> Picture:
    """As a tool draws, without what the file would say."""
    y, sr = speech()
    sound = y if channels == 1 else np.stack([y, 0.5 * y[::-1]])
    picture = fastspec.encode(sound, sr, profile=profile, **drawing)
    return Picture(picture.pixels, picture.palette)


def _numbers(kind: int) -> Picture:
    """Levels (bins, frames) as a file of numbers."""
    levels = native(freq_scale="linear", n_fft=256, hop_length=128, cmap="gray")[::-1, :, 0] / np.float32(255)
    out = io.BytesIO()
    np.save(out, (80 * levels - 80, 4 * levels - 4, levels)[kind].astype(np.float32))
    return files.read(out.getvalue())


_BASES: Mapping[str, Callable[[], np.ndarray]] = {
    "log": look,
    "linear": partial(look, "linear"),
    "mel": partial(look, "mel", 1024, (400, 200), "viridis"),
}

# Seeds at which thresholds that were moved by a third turned what was found (of 300 to 600 tried of each kind).
_TURNED: Mapping[str, tuple[Callable[[int], Any], tuple[int, ...]]] = {
    "damaged": (
        damaged_by_chance,
        (
            5006,
            5009,
            5035,
            5037,
            5047,
            5052,
            5061,
            5062,
            5076,
            5079,
            5086,
            5100,
            5105,
            5110,
            5124,
            5129,
            5134,
            5158,
            5165,
            5166,
            5170,
            5172,
            5182,
            5187,
            5206,
            5209,
            5216,
            5230,
            5270,
            5275,
            5284,
            5291,
            5293,
            5298,
            5310,
            5311,
            5342,
        ),
    ),
    "nothing": (nothing_by_chance, (5028, 5052, 5118, 5250, 5292, 5310, 5337, 5340)),
    "by chance": (by_chance, (5028, 5163, 5166, 5169, 5313)),
}


def _damaged(base: str, damage: Callable[[np.ndarray, float], np.ndarray], strength: float) -> np.ndarray:
    return damage(_BASES[base](), strength)


PICTURES: dict[str, partial[Any]] = {
    **{f"look {name}": case(make) for name, make in _BASES.items()},
    **{f"look log {name}": case(partial(_damaged, "log", damage, 0.5)) for name, damage in DAMAGES.items()},
    **{f"look linear {name}": case(partial(_damaged, "linear", damage, 0.2)) for name, damage in DAMAGES.items()},
    "native": case(partial(native, n_fft=512)),
    "native enlarged": case(lambda: DAMAGES["enlarged"](native(n_fft=256), 0.5)),
    "sox raw": case(partial(_drawn, "sox", size=(200, 129))),
    "sox raw stereo": case(partial(_drawn, "sox", 2, size=(200, 131), cmap="sox-2")),
    "spek": case(partial(_drawn, "spek", size=(400, 300))),
    "spek mono": case(partial(_drawn, "spek", size=(640, 413), cmap="spek-mono", n_fft=512, db_range=(-100.0, -10.0))),
    "audacity": case(partial(_drawn, "audacity", size=(300, 200))),
    "audacity linear": case(partial(_drawn, "audacity", size=(250, 180), freq_scale="linear", cmap="audacity-classic")),
    "riffusion": case(partial(_drawn, "riffusion")),
    "riffusion stereo": case(partial(_drawn, "riffusion", 2)),
    "audio-diffusion": case(lambda: _drawn("audio-diffusion", n_mels=64).pixels[:, :64].copy()),
    "decibels": case(partial(_numbers, 0)),
    "decibels and rate": case(partial(_numbers, 0), {"sr": 16000, "freq_scale": "mel"}),
    "bels": case(partial(_numbers, 1)),
    "amplitudes": case(partial(_numbers, 2)),
    "log, duration given": case(look, {"duration": 3.0, "sr": 16000}),
    "linear, much given": case(_BASES["linear"], {"hop_length": 256, "n_fft": 512, "cmap": "magma"}),
    **{path.stem.replace("_", " "): case(partial(stored, path.name)) for path in sorted(STORED.glob("*.[pj][np]g"))},
    **{f"by chance {seed}": case(partial(by_chance, seed)) for seed in range(12)},
    **{f"nothing {seed}": case(partial(nothing_by_chance, seed)) for seed in range(12)},
    **{f"{kind} {seed}": case(partial(make, seed)) for kind, (make, seeds) in _TURNED.items() for seed in seeds},
}
