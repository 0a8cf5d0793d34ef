"""Which tool drew the picture: what SoX, ffmpeg, Riffusion, audio-diffusion and matplotlib leave in a file.

SoX's palette has four fixed entries and then its levels; ffmpeg's colours are the roundings of its own YUV tables and
its legend has a frame of one gray; Riffusion writes EXIF tags of its own; matplotlib signs its PNG files, and imshow
truncates colours that pcolormesh rounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact, check_fact
from fastspec.detect import legend as detect_legend
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey, atlas
from fastspec.errors import FastspecError
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import colours as ffmpeg_colours
from fastspec.tools.ffmpeg import legend as ffmpeg_legend
from fastspec.tools.sox import colours as sox_colours
from fastspec.tools.sox import legend as sox_legend

_FEWEST = 24  # colours that a picture must have to name its tool by them
_CLEAN = 0.97  # share of pixels that must be entries of the tool's table
_SOX_LEFT, _SOX_RIGHT, _SOX_BELOW = 58, 86, 48  # margins of spectrogram.c; above: 30, with a title 50
_SOX_FIXED = {
    "dark": ((0, 0, 0), (255, 255, 255), (191, 191, 191), (127, 127, 127)),
    "light": ((221, 216, 208), (0, 0, 0), (63, 63, 63), (63, 63, 63)),
    "light, monochrome": ((223, 223, 223), (0, 0, 0), (63, 63, 63), (63, 63, 63)),
}
_ALL_ENTRIES = 0.98  # share of a clean picture's colours that are entries of its map
_BLENDED = 5.0  # of 255: as far as blended colours lie from the map on average
_GRID = 3  # SoX's palette entry of lines
# dark and light have the same colours
_SOX_MAPS = list(sox_colours.COLOURS)
_FFMPEG_MAPS = list(ffmpeg_colours.NAMES)
_FFMPEG_FRAME, _FFMPEG_ABOVE = 200, 64
_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000)
# Riffusion's EXIF tags (spectrogram_params.py)
_RATE, _STEREO, _TRIPLE, _STEP, _WINDOW, _BANDS, _LOW, _HIGH, _POWER = (
    11000, 11005, 11007, 11010, 11020, 11040, 11050, 11060, 11070,
)  # fmt: skip


def read_tool(picture: Picture, known: Calibration) -> Calibration:
    """profile, plot_area and what follows from the tool, as far as the file shows it.

    Nothing is stated that contradicts a profile given or embedded.
    """
    if known.source("profile") == "given" and str(known["profile"]).startswith(("librosa", "fastspec")):
        return Calibration()
    for reader in (_riffusion_exif, _sox, _ffmpeg, _riffusion_pixels, _audio_diffusion, _imshow):
        try:
            found = reader(picture)
        except (FastspecError, ValueError, IndexError, ArithmeticError):
            continue  # a picture too odd for this reader is not of its tool
        if not found:
            continue
        if "profile" in known and family(known["profile"]) != family(found["profile"].value):
            continue
        legend = detect_legend.read(picture, found, known)
        found |= legend.facts
        if "profile" in known:
            found.pop("profile")
        if "plot_area" in known:  # what was told of the area changes what margins and channels mean
            found = {k: v for k, v in found.items() if k not in ("channels", "channel_layout")}
        facts = {name: fact for name, fact in found.items() if known.source(name) != "embedded"}
        return Calibration(facts, legend.picture, legend.remarks)
    return Calibration()


def family(profile: str) -> str:
    """The tool of a profile that names one of its options too: "ffmpeg" of "ffmpeg-sqrt"."""
    return "ffmpeg" if profile.startswith("ffmpeg") else profile


def _fact(value: Any, confidence: float, note: str, alternative: Any = None) -> Fact:
    return Fact(value, "pixels", confidence, note, alternative)


# SoX --------------------------------------------------------------------------------------------------------------


def _sox(picture: Picture) -> dict[str, Fact]:
    if picture.palette is not None:
        return _sox_palette(picture)
    look = _look(picture)
    if look is None:
        return {}
    # only the paper tells which end is loud
    name, share = _best_map(look, _SOX_MAPS)
    box = sox_legend.plot(picture)
    if share < _CLEAN:
        return _sox_legend(picture, box)
    corner = picture.pixels[-1, -1]
    light = picture.pixels.ndim == 3 and tuple(int(v) for v in corner) == _SOX_FIXED["light"][0]
    name = f"{name}_r" if light else name
    note = "colours of SoX's palette"
    facts = {"profile": _fact("sox", 0.95, note), "cmap": _fact(name, 0.97, note)}
    if box is not None:
        return facts | {"plot_area": _fact(box, 0.95, "SoX's margins")}
    rgb = picture.rgb()
    fixed = _SOX_FIXED["light" if light else "dark"]
    is_line = (rgb == np.array(fixed[_GRID], np.uint8)).all(axis=2)
    paper = (rgb == np.array(fixed[0], np.uint8)).all(axis=2)
    return facts | _sox_area(is_line, paper, 0.95)


def _sox_legend(picture: Picture, box: tuple[int, int, int, int] | None) -> dict[str, Fact]:
    """What the titles of SoX's axes and its colour bar tell of grays and of colours that are no longer exact."""
    if box is None:
        return {}
    facts = {"profile": _fact("sox", 0.95, "titles of SoX's axes"), "plot_area": _fact(box, 0.95, "SoX's margins")}
    name = sox_legend.bar(picture, box)
    if name is not None:
        facts["cmap"] = _fact(name, 0.93, "SoX's colour bar")
    return facts


def _sox_palette(picture: Picture) -> dict[str, Fact]:
    palette = picture.palette
    assert palette is not None
    levels = len(palette) - sox_colours.INK_COUNT
    if levels < 2 or levels > sox_colours.LEVELS:
        return {}
    start = tuple(tuple(int(v) for v in row) for row in palette[: sox_colours.INK_COUNT])
    if start not in _SOX_FIXED.values():
        return {}
    table = palette[sox_colours.INK_COUNT :]
    same = [n for n in sox_colours.NAMES if np.array_equal(sox_colours.table(n, levels), table)]
    sure = 0.99 if same else 0.9
    note = "SoX's palette, whose index is the level"
    facts = {"profile": _fact("sox", sure, note), "cmap": _fact(same[0] if same else "sox", sure, note)}
    return facts | _sox_area(picture.pixels == _GRID, picture.pixels == 0, sure)


def _sox_area(line: NDArray[np.bool_], paper: NDArray[np.bool_], sure: float) -> dict[str, Fact]:
    """plot_area and channels from where SoX's lines (or, with `-a`, its margins) are."""
    height, width = paper.shape
    whole = width >= _SOX_LEFT + _SOX_RIGHT + 16 and height >= _SOX_BELOW + 30 + 16
    box, top = (0, 0, width, height), 0
    if whole:
        border = line[:, _SOX_LEFT - 1] & line[:, width - _SOX_RIGHT]
        if border[50 : height - _SOX_BELOW].mean() > 0.9:
            top = 30 if border[29:50].mean() > 0.9 else 50
        elif paper[:, : _SOX_LEFT - 8].mean() > 0.8 and paper[:28].mean() > 0.8:  # -a: no lines, only margins
            top = 30 if not paper[30:50, _SOX_LEFT : width - _SOX_RIGHT].mean() > 0.9 else 50
        else:
            whole = False
    if whole:
        box = (_SOX_LEFT, top, width - _SOX_RIGHT, height - _SOX_BELOW)
    left, above, right, below = box
    between = line | paper if not whole else line
    empty: NDArray[np.bool_] = np.asarray(between[above:below, left:right].all(axis=1))
    channels = _stacked(empty)
    where = "SoX's margins" if whole else "no margins: drawn raw"
    facts = {"plot_area": _fact(box, min(sure, 0.97), where)}
    if channels > 1:
        facts["channels"] = _fact(channels, 0.9, "lines between equal parts")
        facts["channel_layout"] = _fact("stacked", 0.9, "lines between equal parts")
    return facts


def _stacked(empty: NDArray[np.bool_]) -> int:
    """Channels of equal height with one empty row between each two; 1 if that is not so."""
    height = len(empty)
    for channels in (8, 7, 6, 5, 4, 3, 2):
        rows = (height - channels + 1) // channels
        if rows < 16 or rows * channels + channels - 1 != height:
            continue
        at = (np.arange(1, channels)) * (rows + 1) - 1
        if empty[at].all() and empty.sum() < 0.5 * height:
            return channels
    return 1


# ffmpeg -----------------------------------------------------------------------------------------------------------


def _ffmpeg(picture: Picture) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    colour = picture.pixels.ndim == 3
    box, side = _ffmpeg_frame(picture.pixels) if colour else ((0, 0, picture.width, picture.height), None)
    if side is None:
        signed = ffmpeg_legend.plot(picture)
        box, side = (box, None) if signed is None else (signed, signed[0])
    if side is None and not colour:
        return {}
    look = _look(picture, box)
    if look is None:
        return {}
    name, share = _best_map(look, _FFMPEG_MAPS)
    few = look.different < _FEWEST
    square = picture.info.get("aspect") == (1, 1)
    if side is None and (few or share < _CLEAN):
        return {}
    sure = 0.97 if square and share >= _CLEAN else 0.95 if side is not None else 0.9
    facts["profile"] = _fact("ffmpeg", sure, "ffmpeg's legend" if side is not None else "roundings of ffmpeg's colours")
    if share >= _CLEAN:
        facts["cmap"] = _fact(name, 0.97, "roundings of ffmpeg's colours")
    facts["plot_area"] = _fact(box, 0.97 if side is not None else 0.9, "ffmpeg's frame" if side else "no legend")
    if side is not None:
        rates = [rate for rate in _RATES if side in (int((math.log10(rate) + 1) * 25), int(math.log10(rate) * 25))]
        if rates:
            sure = 0.9 if len(rates) == 1 else 0.6
            facts["sr"] = _fact(rates[0], sure, "width of the legend's margin", (*rates, None)[1])
    return facts


def _ffmpeg_frame(rgb: NDArray[np.uint8]) -> tuple[tuple[int, int, int, int], int | None]:
    """The area within ffmpeg's legend and the width of its margin; the whole picture and None without a legend."""
    height, width = rgb.shape[:2]
    whole = (0, 0, width, height)
    if height < 2 * _FFMPEG_ABOVE + 8 or width < 2 * 97 + 8:
        return whole, None
    low, high = _FFMPEG_FRAME - 12, _FFMPEG_FRAME + 12  # JPEG moves it a little
    top = rgb[_FFMPEG_ABOVE - 1]
    gray = ((top >= low) & (top <= high)).all(axis=1)
    if gray.sum() < 8:
        return whole, None
    first = int(np.argmax(gray))
    side = first + 1
    right = width - side
    if not 90 <= side <= 170 or right - side < 8 or gray[first : right + 1].mean() < 0.95:
        return whole, None
    column = rgb[_FFMPEG_ABOVE : height - _FFMPEG_ABOVE, side - 1]
    if ((column >= low) & (column <= high)).all(axis=1).mean() < 0.95:
        return whole, None
    return (side, _FFMPEG_ABOVE, right, height - _FFMPEG_ABOVE), side


# Riffusion, audio-diffusion, matplotlib ---------------------------------------------------------------------------


def _riffusion_exif(picture: Picture) -> dict[str, Fact]:
    exif: Mapping[int, Any] = picture.info.get("exif") or {}
    if not {_RATE, _STEP, _BANDS} <= exif.keys():
        return {}
    sr = int(exif[_RATE])
    step, window = float(exif[_STEP]) / 1000, float(exif.get(_WINDOW) or 100) / 1000
    stated = {
        "profile": "riffusion",
        "n_mels": int(exif[_BANDS]),
        "sr": sr,
        "fmin": float(exif.get(_LOW) or 0),
        "fmax": float(exif.get(_HIGH) or 10_000),
        "level_exponent": float(exif.get(_POWER) or 0.25),
        "column_step": step,
    }
    if not math.isclose(window, 10 * step):
        stated["win_length"] = int(window * sr)
    facts = {name: Fact(check_fact(name, value), "embedded", 1.0, "Riffusion's EXIF") for name, value in stated.items()}
    if exif.get(_STEREO):
        facts["channels"] = Fact(2, "embedded", 1.0, "Riffusion's EXIF")
        facts["channel_layout"] = Fact("green-blue", "embedded", 1.0, "Riffusion's EXIF")
    return facts


def _riffusion_pixels(picture: Picture) -> dict[str, Fact]:
    if picture.pixels.ndim != 3 or picture.height != 512 or picture.info.get("software"):
        return {}
    rgb = picture.pixels[::4, ::4].astype(np.int16)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    if not red.any() and green.max() > 200 and blue.max() > 200:
        note = "512 rows, nothing in red: stereo in green and blue"
        return {
            "profile": _fact("riffusion", 0.95, note),
            "channels": _fact(2, 0.95, note),
            "channel_layout": _fact("green-blue", 0.95, note),
        }
    spread = max(int(np.abs(red - green).max()), int(np.abs(green - blue).max()))
    # inverted, low at the bottom: darker below than above, and the background is light
    bottom, top = float(green[-len(green) // 4 :].mean()), float(green[: len(green) // 4].mean())
    if spread > 12 or not (bottom < top and float(green.mean()) > 100) or len(np.unique(green)) < _FEWEST:
        return {}
    return {"profile": _fact("riffusion", 0.8, "512 rows of inverted gray stored as RGB", "librosa")}


def _audio_diffusion(picture: Picture) -> dict[str, Fact]:
    gray, info = picture.pixels, picture.info
    sides = (64, 128, 256, 512)
    if gray.ndim != 2 or gray.dtype != np.uint8 or picture.palette is not None or info.get("software"):
        return {}
    if picture.height not in sides or picture.width not in sides or len(np.unique(gray)) < _FEWEST:
        return {}
    quarter = max(1, picture.height // 4)
    if not float(gray[:quarter].mean()) > float(gray[-quarter:].mean()) + 4:  # loud bass at the top
        return {}
    note = f"{picture.width} x {picture.height} plain gray, loud rows at the top"
    return {"profile": _fact("audio-diffusion", 0.8, note, "imshow-db")}


def _imshow(picture: Picture) -> dict[str, Fact]:
    """plt.specgram: signed by matplotlib, colours truncated as imshow does, whole picture without margins."""
    if not str(picture.info.get("software", "")).startswith("Matplotlib") or picture.pixels.ndim != 3:
        return {}
    height, width = picture.height, picture.width
    box = (width // 4, height // 4, max(width // 4 + 1, 3 * width // 4), max(height // 4 + 1, 3 * height // 4))
    look = _look(picture, box)
    if look is None or look.different < _FEWEST:
        return {}
    book, shares = atlas(), look.entries()[0]
    if (
        max(shares[np.array(book.roundings) == "round"]) > _ALL_ENTRIES
    ):  # a clean picture of pcolormesh's, the usual case
        return {}
    reading = recognise(look)
    if reading is None:
        return {}
    name, off = reading.name, reading.distance
    if shares.max() > 0.5:
        name, off = book.names[int(np.argmax(shares))], 0.0
    rounded, truncated = look.shares([name])[name], look.shares([name], "trunc")[name]
    if off < _BLENDED and (truncated > rounded + 0.08 or (rounded < 0.5 and off > 0.3)):
        return {
            "profile": _fact("matplotlib-specgram", 0.7, "colours truncated or blended, as by imshow", "imshow-db"),
        }
    return {}


def _look(picture: Picture, box: tuple[int, int, int, int] | None = None) -> ColourSurvey | None:
    """The colours within `box`; None for 16-bit gray and tiny pictures."""
    if picture.pixels.dtype != np.uint8:
        return None
    left, top, right, bottom = box = box or (0, 0, picture.width, picture.height)
    return None if right - left < 8 or bottom - top < 8 else ColourSurvey.at(picture, box)


def _best_map(look: ColourSurvey, names: list[str]) -> tuple[str, float]:
    """The map that holds most pixels, and their share; black, gray and paper do not count."""
    coloured = look.without_grays(_SOX_FIXED["light"][0])
    seen = int(coloured.counts.sum())
    if seen < 0.02 * int(look.counts.sum()) or seen < 64 or coloured.different < _FEWEST:
        return names[0], 0.0
    shares = coloured.shares(names)
    name = max(shares, key=lambda n: (shares[n], n))
    return name, shares[name]
