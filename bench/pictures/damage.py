"""What happens to pictures on their way: compression, noise, resizing, paint, crops; most stay as they were."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.pictures.common import pick

_AS_SAVED = ("clean", "no metadata")  # what leaves a tool's pixels as they were
DAMAGED = "a damaged picture of a tool"
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


def kept(rng: np.random.Generator, png: bytes, stem: Path) -> tuple[Path, tuple[int, int], str]:
    """Path, size and damage: most pictures as the tool wrote them, some converted to RGB, a few as JPEG."""
    damage = str(rng.choice(["clean", "no metadata", "jpeg 4:2:0"], p=[0.75, 0.15, 0.1]))
    return *spoil(rng, png, damage, stem), damage


def excused_of(damage: str, *names: str) -> dict[str, str]:
    """A tool's fingerprints lie in its exact colours: damaged pictures are only watched for false facts."""
    return {} if damage in _AS_SAVED else dict.fromkeys(names, DAMAGED)
