"""The text of ffmpeg's legend, at the places of avf_showspectrum.c (`draw_legend`)."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.bitmap_fonts import Font, Plane, font, sums
from fastspec.picture.picture import Picture

INK = 127  # text is the inverse of the black paper
_ENOUGH = 10  # labels of an axis that are read


def face() -> Font:
    """The font of its legends."""
    return font("ffmpeg", columns=8, pitch=8)


class Lettering:
    """What is written round the plot of one picture, within `box`. wrong : pixels that are not as the font has them."""

    def __init__(self, plane: Plane, box: Box) -> None:
        self.plane, self.box = plane, box
        self.height, self.width = plane.pixels.shape[:2]
        self.w, self.h = box[2] - box[0], box[3] - box[1]
        self.font: Font = face()
        self.wrong = 0

    def line(self, top: int, left: int = 0, right: int | None = None) -> NDArray[np.bool_]:
        """Eight rows of ink; what lies left or right of the picture is left out."""
        return self.plane.ink((top, top + 8, left, self.width if right is None else right), 0, INK)

    def at(self, top: int, x: int, count: int) -> str:
        """`count` characters from (x, top) on."""
        text, wrong = self.font.read(self.line(top, x, x + 8 * count), 0, count)
        self.wrong += wrong
        return text

    def shows(self, top: int, x: int, text: str) -> bool:
        """Whether just this text stands at (x, top)."""
        return x >= 0 and self.at(top, x, len(text)) == text

    def right(self, top: int, pattern: str) -> re.Match[str] | None:
        """The text that ends a line, where ffmpeg reckons ten pixels a character but writes them eight apart."""
        line = self.line(top)
        inked = sums(line)
        for count in range(8, 60):
            x = self.width - 2 - 10 * count
            if x < 0:
                return None
            if inked[x + 8] > inked[x] and inked[x] == inked[max(x - 8, 0)]:  # a text may begin here
                text, wrong = self.font.read(line, x, count)
                match = re.fullmatch(pattern, text)
                if match:
                    self.wrong += wrong
                    return match
        return None

    def bar(self, picture: Picture) -> NDArray[np.float32]:
        """The colours of the bar, the lowest first: (h, 3)."""
        right = self.box[2]
        part = Picture(picture.pixels[self.box[1] : self.box[3], right + 22 : right + 28], picture.palette)
        return np.asarray(part.rgb()[::-1].mean(axis=1, dtype=np.float32))


def some_of(places: range) -> list[int]:
    """Some of many places, evenly; the first and the last among them."""
    if len(places) <= _ENOUGH:
        return list(places)
    return [places[i] for i in sorted({round(k * (len(places) - 1) / (_ENOUGH - 1)) for k in range(_ENOUGH)})]
