"""Judge the reading of damaged pictures: errors of levels a map and kind of damage, and of sound against the reference.

    python -m bench.quality.damage CORPUS [--maps magma,viridis,...] [--cache FOLDER]

CORPUS as in `sound.py`. The first table draws the corpus' levels with each map, damages the picture and gives the rms
error in dB over an 80 dB range: of the nearest colour in RGB, an arrow, and of fastspec. The second decodes the damaged
pictures of the corpus with fastspec and with `reference.py`, both told the same facts, and beside them the clean one:
log-mel distance and held-out SC. Exit code 1 where fastspec is worse than the nearest colour or the reference, or where
a JPEG of quality 95 is more than 15 % farther (log-mel) from the sound than the clean picture.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.quality.sound import judge_picture
from fastspec.colours import colormap, matching
from fastspec.picture import files as picture_files
from fastspec.plot import damage

Array = npt.NDArray[Any]
MAPS = ("magma", "viridis", "inferno", "plasma", "cividis", "jet", "turbo", "hot", "coolwarm", "gray")
SOURCES = ("new_music_elvish.png", "new_speech_870.png")
KINDS = ("q95", "q75", "q50", "noise 10", "64 colours", "resized")


def spoil(rgb: Array, kind: str) -> Array:
    """The picture after one kind of damage; "resized" goes to 80 % and back."""
    image = Image.fromarray(rgb)
    if kind.startswith("q"):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=int(kind[1:]))
        return np.asarray(Image.open(out))
    if kind.startswith("noise"):
        noise = np.random.default_rng(0).normal(0, float(kind.split()[1]), rgb.shape)
        return np.asarray(np.clip(rgb + noise + 0.5, 0, 255), np.uint8)
    if kind == "64 colours":
        return np.asarray(image.quantize(64).convert("RGB"))
    smaller = image.resize((image.width * 4 // 5, image.height * 4 // 5), Image.Resampling.LANCZOS)
    return np.asarray(smaller.resize(image.size, Image.Resampling.LANCZOS))


def levels_of(path: Path) -> Array:
    """Levels of a clean picture in magma."""
    magma = colormap.get("magma")
    picture = picture_files.read(path)
    return magma.levels_of(matching.index_of(picture.pixels, magma, palette=picture.palette).index)


def errors(true: Array, name: str, kind: str) -> tuple[float, float]:
    """Mean square errors of the nearest colour in RGB, and of fastspec."""
    cmap = colormap.get(name)
    rgb = spoil(colormap.colour_of(true, cmap), kind)
    nearest = cmap.levels_of(matching.index_of(rgb, cmap, "nearest").index)
    ours = damage.read_levels(rgb, cmap, jpeg=kind.startswith("q")).positions
    return float(np.mean((nearest - true) ** 2)), float(np.nanmean((ours - true) ** 2))


def level_table(pictures: Path, maps: list[str]) -> list[str]:
    """Prints the first table; what is missed."""
    missed = []
    sources = [levels_of(pictures / name) for name in SOURCES]
    print("| map | " + " | ".join(KINDS) + " |\n" + "|---" * (len(KINDS) + 1) + "|")
    for name in maps:
        cells = []
        for kind in KINDS:
            both = np.array([errors(true, name, kind) for true in sources]).mean(axis=0)
            theirs, ours = 80 * np.sqrt(both)
            cells.append(f"{theirs:.2f} -> {ours:.2f}")
            if ours > theirs * 1.001:
                missed.append(f"{name} {kind}: {ours:.2f} dB is more than {theirs:.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    return missed


def sound_table(corpus: Path, cache: Path | None) -> list[str]:
    """Prints the second table; what is missed."""
    truth = json.loads((corpus / "truth.json").read_text())
    missed = []
    print("| picture | log-mel dB | held-out SC dB | clean log-mel dB |\n|---|---|---|---|")
    for name in sorted(truth):
        if not name.endswith(("_q95.jpg", "_q75.jpg", "_noise10.png")):
            continue
        clean_name = name.rsplit("_", 1)[0] + ".png"
        row = judge_picture(corpus / "pictures" / name, truth[name], corpus, cache, {})
        clean = judge_picture(corpus / "pictures" / clean_name, truth[clean_name], corpus, cache, {})
        missed += [f"{name}: {what}" for what in row["missed"]]
        if "fastspec" not in row or "fastspec" not in clean:
            continue
        theirs, ours, best = row["reference"], row["fastspec"], clean["fastspec"]["log_mel"]
        print(
            f"| {name} | {theirs['log_mel']:.2f} -> {ours['log_mel']:.2f} "
            f"| {theirs['held_out_sc']:.2f} -> {ours['held_out_sc']:.2f} | {best:.2f} |",
            flush=True,
        )
        if name.endswith("_q95.jpg") and ours["log_mel"] > 1.15 * best:
            missed.append(f"{name}: {ours['log_mel']:.2f} dB is more than 15 % above {best:.2f}")
    return missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--maps", default=",".join(MAPS))
    parser.add_argument("--cache", type=Path)
    args = parser.parse_args()
    missed = level_table(args.corpus / "pictures", args.maps.split(","))
    print()
    missed += sound_table(args.corpus, args.cache)
    print(*missed, sep="\n")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
