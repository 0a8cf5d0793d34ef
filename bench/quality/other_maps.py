"""Judge the remark that a picture is probably in another colormap.

    python -m bench.quality.other_maps SOUNDS [--count N] [--seed S]

SOUNDS is a folder of sound files. N spectrograms (`bench.pictures.levels`) are drawn in known maps and damaged (JPEG,
noise, few colours, resizing) or left clean. Each is asked about twice: in its own map, and in the map that would be
named if its own and those like it were not known. The table gives how often the remark is made of each, by damage.
Exit code 1 where it is made of more than 3 % of the pictures in their own map.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from bench.pictures import levels
from bench.pictures.canvas import MAPS
from bench.pictures.common import Array, pick
from bench.quality.direction import SUFFIXES
from bench.quality.text_table import text_table
from fastspec.colours import colormap
from fastspec.plot import damage

KINDS = ("clean", "q50", "q75", "q85", "q95", "noise 3", "noise 8", "noise 15", "64 colours", "resized")
MOST, SAME = 0.03, 6.0


def colours(name: str) -> Array:
    """64 of a map's colours (64, 3)."""
    table = np.asarray(colormap.get(name).table, float)
    table = np.repeat(table[:, None], 3, axis=1) if table.ndim == 1 else table
    return np.asarray(table[np.arange(64) * len(table) // 64])


def distance(some: Array, others: Array) -> float:
    """Mean distance of colours (n, 3) from the nearest of others (m, 3)."""
    return float(np.sqrt(np.square(some[:, None] - others[None]).sum(axis=2)).min(axis=1).mean())


def spoilt(rng: np.random.Generator, rgb: Array, kind: str) -> Array:
    """The picture after one kind of damage."""
    image, (name, _, amount) = Image.fromarray(rgb), kind.partition(" ")
    if name.startswith("q"):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=int(name[1:]), subsampling=2)
        return np.asarray(Image.open(out))
    if name == "noise":
        return np.asarray(np.clip(rgb + rng.normal(0.5, float(amount), rgb.shape), 0, 255), np.uint8)
    if name == "64":
        return np.asarray(image.quantize(64).convert("RGB"))
    if name == "resized":
        factor = rng.uniform(0.6, 1.7)
        size = max(8, int(image.width * factor)), max(8, int(image.height * factor))
        return np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    return rgb


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Judge the remark that a picture is probably in another colormap.")
    parser.add_argument("sounds", type=Path, metavar="SOUNDS")
    parser.add_argument("--count", type=int, default=300, metavar="N", help="pictures")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the drawings")
    args = parser.parse_args(arguments)
    paths = sorted(p for p in args.sounds.rglob("*") if p.suffix.lower() in SUFFIXES)
    maps = [name for name in MAPS if name not in ("gray", "Greys", "binary")]
    known = {name: colours(name) for name in colormap.names() if not name.endswith("_r")}
    said: dict[str, list[tuple[bool, bool]]] = {kind: [] for kind in KINDS}
    for number in range(args.count):
        rng = np.random.default_rng([args.seed, number])
        y, rate = soundfile.read(pick(rng, paths), dtype="float32", always_2d=True)
        what = levels.levels(rng, y.mean(axis=1), rate)
        if what is None:
            continue
        name, kind = str(pick(rng, maps)), str(pick(rng, KINDS))
        gray, _ = levels.picture(rng, what, damaged=False)
        cmap = colormap.get(name)
        rgb = spoilt(rng, np.ascontiguousarray(cmap.table[gray[:800, :1000].astype(int) * len(cmap) // 256]), kind)
        seen = rgb.reshape(-1, 3)[:: max(1, rgb.size // 3000)].astype(float)
        others = [other for other, table in known.items() if distance(known[name], table) > SAME]
        nearest = min(others, key=lambda other: distance(seen, known[other]))
        asked = [damage.question_colours(rgb, colormap.get(which), None) is not None for which in (name, nearest)]
        said[kind].append((asked[0], asked[1]))
    every = [pair for pairs in said.values() for pair in pairs]
    body = []
    for kind, pairs in [*said.items(), ("all", every)]:
        shares = np.mean(pairs, axis=0) if pairs else (0, 0)
        body.append([f"{kind} ({len(pairs)})", *(f"{share:.1%}" for share in shares)])
    print(text_table(["damage", "of its own map", "of the next best"], body, False))
    return int(float(np.mean([own for own, _ in every])) > MOST)


if __name__ == "__main__":
    sys.exit(main())
