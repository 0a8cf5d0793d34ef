"""Write src/fastspec/data/glyphs.npz: the characters of axis labels in DejaVu (matplotlib's own) and Liberation fonts.

Run by hand when the characters or the grid in fastspec.detect.figure.glyphs change: `python ci/data/make_glyphs.py`;
the Liberation fonts, as wide as Arial and Times, must be installed. Every character is drawn by matplotlib in many
sizes and at several places between pixels, cut and scaled exactly as the reader does; of those that look alike one is
kept.
The archive holds `characters` (N,), `fonts` (N,) uint8, `grids` (N, rows, columns) uint8 and `shapes` (N, 3) float16.
The licences allow this (https://dejavu-fonts.github.io/License.html, SIL Open Font License 1.1).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

from fastspec.detect.figure.glyphs import CHARACTERS, GRID, WORDS, coverage, extent, normalised, spans_of

matplotlib.use("Agg")
from matplotlib import font_manager
from matplotlib import pyplot as plt

TARGET = Path(__file__).parents[2] / "src" / "fastspec" / "data" / "glyphs.npz"
FONTS = (
    ("DejaVu Sans", "normal"),
    ("DejaVu Sans", "bold"),
    ("DejaVu Sans Mono", "normal"),
    ("DejaVu Serif", "normal"),
    ("Liberation Sans", "normal"),
    ("Liberation Sans", "bold"),
    ("Liberation Serif", "normal"),
)
PIXELS_PER_EM = (6.5, 7.2, 8, 8.6, 9.3, 10, 10.7, 11.5, 12.5, 13.9, 16.7, 20.8, 27.8, 41.7)
OFFSETS = ((0.0, 0.0), (0.5, 0.33), (0.25, 0.67))  # of a pixel, across and up
ALIKE = 0.025  # distance from one that is kept


def glyphs(
    character: str, font: tuple[str, str], size: float, offset: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Grid and shape of one character drawn `size` pixels an em, between two digits that show the line's height."""
    wide, high = round(size * 10), round(size * 3)
    with plt.rc_context({"font.family": font[0], "font.weight": font[1], "figure.dpi": 72}):
        figure = plt.figure(figsize=(wide / 72, high / 72), dpi=72)
        place = (int(size) + offset[0]) / wide, (int(size) + offset[1]) / high
        figure.text(*place, f"0   {character}   0", fontsize=size)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]  # type: ignore[attr-defined]
        plt.close(figure)
    ink = coverage(pixels, (255, 255, 255), (0, 0, 0))
    found = spans_of(ink.max(axis=0) > 0.28)
    span = extent(ink[:, found[0][0] : found[0][1]].max(axis=1))
    return normalised(ink, found[0][1] + 1, found[-1][0] - 1, span) if span else None


def distinct(some: list[tuple[np.ndarray, np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Those that are not alike to one before."""
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for grid, shape in some:
        off = [np.abs(g - grid).mean() + np.abs(s - shape) @ (0.25, 0.5, 0.5) for g, s in kept]
        if min(off, default=1.0) > ALIKE:
            kept.append((grid, shape))
    return kept


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", type=Path, default=TARGET)
    target = parser.parse_args().target
    characters, fonts, grids, shapes = [], [], [], []
    for path in font_manager.findSystemFonts():
        if "Liberation" in Path(path).name:  # installed perhaps after matplotlib listed the fonts
            font_manager.fontManager.addfont(path)
    letters = [(k, CHARACTERS) for k in range(len(FONTS))] + [(0, "".join(c for c in WORDS if c not in CHARACTERS))]
    for k, some in letters:
        font = FONTS[k]
        font_manager.findfont(font[0], fallback_to_default=False)
        for character in dict.fromkeys(some):
            drawn = (glyphs(character, font, size, offset) for size in PIXELS_PER_EM for offset in OFFSETS)
            for grid, shape in distinct([one for one in drawn if one is not None]):
                characters.append(character)
                fonts.append(k)
                sixteenths = np.round(grid.clip(0, 1) * 15).astype(np.uint8)  # a third smaller than with all levels
                grids.append(sixteenths.reshape(GRID) * np.uint8(17))
                shapes.append(shape)
    np.savez_compressed(
        target,
        characters=np.array(characters),
        fonts=np.array(fonts, np.uint8),
        grids=np.array(grids),
        shapes=np.array(shapes, np.float16),
    )
    print(f"{target.name}: {len(characters)} glyphs, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
