"""SoX's fingerprints: a palette of four inks and then its levels; its colours and lines; titles of its axes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.calibration.facts import Fact
from fastspec.detect import fingerprint
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.sox import PROFILE, colours, legend, margins


class Limits(NamedTuple):
    """What tells SoX's pictures from others, and its margins from plots.

    unmeasured: no command repeats the value; which profiles are right, false or missing, and how sure they are, is
    counted by `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    clean: float = 0.97  # share of the coloured pixels that are entries of the map; unmeasured
    fewest_levels: int = 2  # palette entries behind the inks; unmeasured
    line: float = 0.9  # share of a plot's border that has the lines' colour; unmeasured
    paper: float = 0.8  # share of the margins that is paper, where `-a` leaves lines out; unmeasured
    title: float = 0.9  # share of the rows below a title that is paper where there is one; unmeasured
    most_channels: int = 8  # stacked ones that are looked for; unmeasured
    fewest_rows: int = 16  # of a channel; unmeasured
    empty: float = 0.5  # share of rows that may be lines or paper, else the sound is silence; unmeasured
    sure_of_palette: float = 0.99  # whose levels are a map's; facts
    sure_of_inks: float = 0.9  # of a palette that begins with SoX's inks, whatever follows; facts
    sure_of_colours: float = 0.95  # that they are SoX's; facts
    sure_of_map: float = 0.97  # which of SoX's maps it is; facts
    sure_of_titles: float = 0.95  # that words where SoX writes them are SoX's; facts
    sure_of_bar: float = 0.93  # which map a colour bar shows whose colours are no longer exact; facts
    sure_of_area: float = 0.97  # at most, of a plot's area; facts
    sure_of_margins: float = 0.95  # of the area within margins, of a picture that is no palette's; facts
    sure_of_channels: float = 0.9  # of channels between lines; facts


LIMITS = Limits()
_AXIS_WIDTH = 8  # columns at the plot's left that have ticks


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile, cmap, plot_area, channels and channel_layout, as far as the picture shows them; empty for others."""
    if picture.palette is not None:
        return _of_palette(picture.pixels, picture.palette)
    seen = fingerprint.look(picture)
    if seen is None:
        return {}
    # only the paper tells which end is loud
    name, share = fingerprint.best_map(seen, colours.COLOURS)
    box = legend.plot(picture)
    if share < LIMITS.clean:
        return _of_titles(picture, box)
    corner = picture.pixels[-1, -1]
    light = fingerprint.is_colour(picture) and tuple(int(v) for v in corner) == colours.LIGHT[0]
    name = f"{name}_r" if light else name
    note = "colours of SoX's palette"
    facts = _named(LIMITS.sure_of_colours, note) | {"cmap": pixels_fact(name, LIMITS.sure_of_map, note)}
    if box is not None:
        return facts | {"plot_area": pixels_fact(box, LIMITS.sure_of_margins, "SoX's margins")}
    rgb = picture.rgb()
    inks = np.array(colours.LIGHT if light else colours.DARK, np.uint8)
    line, paper = (
        (rgb[..., 0] == ink[0]) & (rgb[..., 1] == ink[1]) & (rgb[..., 2] == ink[2])
        for ink in (inks[colours.LINES], inks[0])
    )
    return facts | _area(line, paper, LIMITS.sure_of_margins)


def _named(sure: float, note: str) -> dict[str, Fact]:
    return {"profile": pixels_fact(PROFILE.name, sure, note)}


def _of_titles(picture: Picture, box: Box | None) -> dict[str, Fact]:
    """What the titles of SoX's axes and its colour bar tell of grays and of colours that are no longer exact."""
    if box is None:
        return {}
    facts = _named(LIMITS.sure_of_titles, "titles of SoX's axes")
    facts["plot_area"] = pixels_fact(box, LIMITS.sure_of_margins, "SoX's margins")
    name = legend.bar(picture, box)
    if name is not None:
        facts["cmap"] = pixels_fact(name, LIMITS.sure_of_bar, "SoX's colour bar")
    return facts


def _of_palette(pixels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> dict[str, Fact]:
    """What a palette (N, 3) tells that begins with SoX's inks."""
    levels = len(palette) - colours.INK_COUNT
    if not LIMITS.fewest_levels <= levels <= colours.LEVELS:
        return {}
    start = tuple(tuple(int(v) for v in row) for row in palette[: colours.INK_COUNT])
    if start not in colours.INKS:
        return {}
    table = palette[colours.INK_COUNT :]
    same = [name for name in colours.NAMES if np.array_equal(colours.table(name, levels), table)]
    sure = LIMITS.sure_of_palette if same else LIMITS.sure_of_inks
    note = "SoX's palette, whose index is the level"
    facts = _named(sure, note) | {"cmap": pixels_fact(same[0] if same else colours.COLOURS[0], sure, note)}
    return facts | _area(pixels == colours.LINES, pixels == 0, sure)


def _area(line: NDArray[np.bool_], paper: NDArray[np.bool_], sure: float) -> dict[str, Fact]:
    """plot_area and channels from where SoX's lines (or, with `-a`, its margins) are."""
    box = _within_margins(line, paper)
    where = "no margins: drawn raw" if box is None else "SoX's margins"
    height, width = paper.shape
    left, above, right, below = area = box or (0, 0, width, height)
    between = line | paper if box is None else line
    empty: NDArray[np.bool_] = np.asarray(between[above:below, left:right].all(axis=1))
    channels = _stacked(empty)
    facts = {"plot_area": pixels_fact(area, min(sure, LIMITS.sure_of_area), where)}
    if channels > 1:
        note = "lines between equal parts"
        facts["channels"] = pixels_fact(channels, LIMITS.sure_of_channels, note)
        facts["channel_layout"] = pixels_fact("stacked", LIMITS.sure_of_channels, note)
    return facts


def _within_margins(line: NDArray[np.bool_], paper: NDArray[np.bool_]) -> Box | None:
    """The area within SoX's margins; None of a picture without."""
    height, width = paper.shape
    if not margins.has_room(width, height):
        return None
    low, high = margins.ABOVE, margins.ABOVE_WITH_TITLE
    left, _, right, below = margins.plot(width, height)
    border = line[:, left - 1] & line[:, right]
    if border[high:below].mean() > LIMITS.line:
        titled = not border[low - 1 : high].mean() > LIMITS.line
    elif paper[:, : left - _AXIS_WIDTH].mean() > LIMITS.paper and paper[: low - 2].mean() > LIMITS.paper:
        titled = bool(paper[low:high, left:right].mean() > LIMITS.title)
    else:
        return None
    return margins.plot(width, height, high if titled else low)


def _stacked(empty: NDArray[np.bool_]) -> int:
    """Channels of equal height with one empty row between each two; 1 if that is not so."""
    height = len(empty)
    for channels in range(LIMITS.most_channels, 1, -1):
        rows = (height - channels + 1) // channels
        if rows < LIMITS.fewest_rows or rows * channels + channels - 1 != height:
            continue
        at = (np.arange(1, channels)) * (rows + 1) - 1
        if empty[at].all() and empty.sum() < LIMITS.empty * height:
            return channels
    return 1
