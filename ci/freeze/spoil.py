"""Spoiled copies of a picture: cut, turned, tilted, resized, compressed, blended step by step into what is none.

What decides between a spectrogram and something else, or between two readings, is a threshold; pictures on both sides
of each are what shows that it moved. So every kind of damage comes in several strengths.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

_AT = np.arange(256) / 255
# the map that matplotlib calls cool: red rises, green falls, blue is full
_TABLE = np.stack([_AT * 255 + 0.5, (1 - _AT) * 255 + 0.5, np.full(256, 255.0)], axis=1).astype(np.uint8)
_SMOOTH = (0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)


def write(path: Path, folder: Path) -> list[str]:
    """Write the copies of `path` into `folder`; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    written = []
    for name, copy in copies(image):
        target = folder / f"{path.stem}_{name}.png"
        copy.save(target)
        written.append(str(target))
    for quality in (20, 50, 75, 90, 98):
        target = folder / f"{path.stem}_q{quality}.jpg"
        image.save(target, quality=quality)
        written.append(str(target))
    return written


def copies(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """(name, picture) of every lossless copy."""
    width, height = image.size
    yield "upside_down", image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    yield "backwards", image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    yield "quarter", image.transpose(Image.Transpose.ROTATE_90)
    for angle in (0.3, 0.6, 1, 2, 4, 8):
        yield f"tilt{angle}", image.rotate(angle, Image.Resampling.BICUBIC)
    for box in ((0, 0, 0.5, 1), (0.33, 0, 1, 1), (0, 0.25, 1, 1), (0, 0, 1, 0.6), (0.4, 0.4, 0.6, 0.6)):
        edges = tuple(round(part * side) for part, side in zip(box, (width, height) * 2, strict=True))
        yield f"cut{'_'.join(map(str, edges))}", image.crop(edges)  # type: ignore[arg-type]
    for side in (2, 3):
        yield f"whole{side}", image.resize((side * width // 2, side * height // 2), Image.Resampling.NEAREST)
        yield f"smooth{side}", image.resize((side * width // 2, side * height // 2), Image.Resampling.BICUBIC)
    yield "twice", image.resize((2 * width, 2 * height), Image.Resampling.NEAREST)
    yield "half", image.resize((width // 2, height // 2), Image.Resampling.BOX)
    yield "gray", image.convert("L")
    yield "few", image.quantize(32)
    yield "negative", image.point(lambda level: 255 - level)
    yield "darker", image.point(lambda level: level * 3 // 4)
    yield "framed", _on_paper(image, 40, 30)
    yield "beside", _beside(image, 12)
    yield from _blended(image)


def _on_paper(image: Image.Image, left: int, top: int) -> Image.Image:
    paper = Image.new("RGB", (image.width + 2 * left, image.height + 2 * top), "white")
    paper.paste((0, 0, 0), (left - 1, top - 1, left + image.width + 1, top + image.height + 1))
    paper.paste(image, (left, top))
    return paper


def _beside(image: Image.Image, gap: int) -> Image.Image:
    paper = Image.new("RGB", (2 * image.width + gap, image.height), "white")
    paper.paste(image, (0, 0))
    paper.paste(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (image.width + gap, 0))
    return paper


def _blended(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """Step by step into noise, into a photograph of nothing, and into a flat gray."""
    rng = np.random.default_rng(3)
    shape = (image.height, image.width, 3)
    noise = _picture(rng.integers(0, 256, shape))
    clouds = _picture(rng.integers(0, 256, shape)).filter(ImageFilter.GaussianBlur(9))
    levels = np.asarray(clouds, np.float64)
    clouds = _picture((levels - levels.min()) * 255 / np.ptp(levels))
    flat = Image.new("RGB", image.size, (120, 120, 120))
    for share in _SMOOTH:
        yield f"noise{share}", Image.blend(image, noise, share)
        yield f"photo{share}", Image.blend(image, clouds, share)
        yield f"flat{share}", Image.blend(image, flat, min(share, 0.97))
    again = io.BytesIO()
    clouds.save(again, "JPEG", quality=85)
    yield "photograph", Image.open(again).convert("RGB")


def write_turned(path: Path, target: Path, fade: bool) -> None:
    """Write a gray picture in each of the ways it may stand, and, if wanted, faded into a photograph.

    The latter in gray and in the colours of an even map, since photographs in colours of a map are told otherwise.
    """
    with Image.open(path) as opened:
        levels = np.asarray(opened.convert("L"))
    for quarters, name in enumerate(("upright", "left", "upside_down", "right")):
        _picture(np.rot90(levels, quarters)).save(target.with_name(target.name.replace("upright", name)))
    _picture(levels[::-1]).save(target.with_name(target.name.replace("upright", "flipped")))
    if not fade:
        return
    clouds = _clouds(levels.shape)
    for share in np.arange(0.2, 1.0, 0.04):
        faded = _picture(levels + share * (clouds - levels))
        faded.save(target.with_name(target.name.replace("upright", f"photo{share:.2f}")))
        faded.putpalette(_TABLE.tobytes())
        faded.convert("RGB").save(target.with_name(target.name.replace("upright", f"painted{share:.2f}")))


def _clouds(shape: tuple[int, int]) -> Any:
    """What a photograph has: soft and hard edges in all directions, at every size (float, 0..255)."""
    rng = np.random.default_rng(5)
    out = np.zeros(shape)
    for size in (64, 32, 16, 8, 4, 2):
        small = _picture(rng.integers(0, 256, (2 + shape[0] // size, 2 + shape[1] // size)))
        out += size * np.asarray(small.resize(shape[::-1], Image.Resampling.BICUBIC), np.float64)
    return (out - out.min()) * 255 / np.ptp(out)


def _picture(levels: Any) -> Image.Image:
    return Image.fromarray(np.asarray(levels).astype(np.uint8))
