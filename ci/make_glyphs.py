"""Write src/fastspec/data/glyphs.npz: the characters of axis labels in the font that matplotlib ships, DejaVu Sans.

Run by hand when the characters or the grid in fastspec.detect.labels change: `python ci/make_glyphs.py`.
Every character is drawn by matplotlib in many sizes and at several places between pixels, cut and scaled exactly as the
reader does. The archive holds `characters` (N,), `grids` (N, rows, columns) uint8 and `shapes` (N, 3) float16.
The font's licence allows this (https://dejavu-fonts.github.io/License.html).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

from fastspec.detect.labels import CHARACTERS, GRID, coverage, extent, normalised, runs

matplotlib.use("Agg")
from matplotlib import pyplot as plt

TARGET = Path(__file__).parents[1] / "src" / "fastspec" / "data" / "glyphs.npz"
PIXELS_PER_EM = (8, 9, 10, 11.1, 12, 13.9, 16.7, 20.8, 27.8, 41.7)
OFFSETS = ((0.0, 0.0), (0.5, 0.33), (0.25, 0.67))  # of a pixel, across and up


def glyphs(character: str, size: float, offset: tuple[float, float]) -> tuple[np.ndarray, np.ndarray] | None:
    """Grid and shape of one character drawn `size` pixels an em, between two digits that show the line's height."""
    wide, high = round(size * 8), round(size * 3)
    with plt.rc_context({"font.family": "DejaVu Sans", "figure.dpi": 72}):
        figure = plt.figure(figsize=(wide / 72, high / 72), dpi=72)
        place = (int(size) + offset[0]) / wide, (int(size) + offset[1]) / high
        figure.text(*place, f"0   {character}   0", fontsize=size)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]
        plt.close(figure)
    ink = coverage(pixels, (255, 255, 255), (0, 0, 0))
    found = runs(ink.max(axis=0) > 0.28)
    span = extent(ink[:, found[0][0] : found[0][1]].max(axis=1))
    return normalised(ink, found[0][1] + 1, found[-1][0] - 1, span) if span else None


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", type=Path, default=TARGET)
    target = parser.parse_args().target
    characters, grids, shapes = [], [], []
    for character in dict.fromkeys(CHARACTERS):
        for size in PIXELS_PER_EM:
            for offset in OFFSETS:
                found = glyphs(character, size, offset)
                if found is not None:
                    characters.append(character)
                    grids.append(np.round(found[0].reshape(GRID) * 255).astype(np.uint8))
                    shapes.append(found[1])
    np.savez_compressed(
        target, characters=np.array(characters), grids=np.array(grids), shapes=np.array(shapes, np.float16)
    )
    print(f"{target.name}: {len(characters)} glyphs, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
