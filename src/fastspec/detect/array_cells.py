"""Arrays saved as pictures: one cell a pixel, as plt.imsave, Pillow and OpenCV write them.

Rows are then the bands or bins themselves, of equal height, whatever axis a spectrogram might be drawn on; columns are
frames. How many there are says what they may be: 1 + n_fft / 2 bins, or as many bands as people take of mel.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import EDGES_WHOLE
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import SPANS, STATED, Fact
from fastspec.detect.cell_borders import Borders, Once, borders_of, is_dense
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.faint_borders import read_faint
from fastspec.picture.words import all_gray, taken


class Limits(NamedTuple):
    """What tells one cell a pixel from pictures that were drawn or resized.

    The roughness of a picture is the mean square of its second differences over that of its first: 3 of noise, 2 of
    cells that are many pixels large, below 1 of what was enlarged smoothly (98 of 100 are below both); 200 arrays of
    sounds have 1.24 to 3 down (bands narrower than bins are alike) and .6 to 2.8 across (8 frames a window are).
    "field" is `python -m bench.quality.field CORPUS --only arrays`, or `--only gray_signs`.
    """

    rough_down: float = 1.2  # of rows: smoother pictures are resized; field
    rough_across: float = 0.6  # of columns, which overlapping windows make alike; field
    one_colour: float = 0.9  # of a line that is like the next: a floor's, no cell's of several lines; unmeasured
    by_chance: float = 0.01  # of the lines, that may be alike in many colours nevertheless; field
    clean: float = (
        0.98  # share of the colours that are entries of one map, of a picture that nothing damaged; unmeasured
    )
    at_once: int = 32  # lines alike that are looked at together, for speed; unmeasured
    sample: int = 256  # lines in which roughness is measured, at least where there are twice as many; unmeasured
    smallest: int = 16  # rows and columns of an array; unmeasured
    sure_of_cells: float = 0.9  # that rows are cells; field
    sure_of_bins: float = 0.9  # that 1 + 2^k rows are bins; field
    sure_of_frames: float = 0.9  # that columns are frames; field
    sure_where_given: float = 0.95  # that rows are bands or bins where as many are given; field
    # That cells are larger than pixels: drawings under noise and JPEG have .88, arrays whose bands are narrower
    # than bins, so that some are like the next, up to .74
    sure_of_larger: float = 0.8  # confidence in an axis that such cells are read on; field
    likely_spoilt: float = 0.5  # that rows are cells where noise or JPEG may have parted alike ones; unmeasured
    likely_mel: float = 0.6  # that 64, 80 ... rows are mel bands and no bins; unmeasured
    sure_of_title: float = 0.9  # that rows are mel bands where a title says so; field
    many_bins: int = 256  # rows that are rather bins than bands where a title says bins; unmeasured
    likely_bins: float = 0.5  # that a number of rows of no known kind is one of bins; unmeasured
    sure_of_speech: float = 0.8  # that 1 + n / 2 rows are bins of an FFT that is no power of two; unmeasured


LIMITS = Limits()
BANDS = (32, 40, 64, 80, 96, 100, 128, 160, 192, 224, 229, 256, 320, 512)  # of mel, as people take them
SPEECH_FFTS = (400, 480, 800, 960)  # 25 to 60 ms of 16 and 24 kHz: torchaudio's and Whisper's, no powers of two
_SMALLEST_FFT, _LARGEST_FFT = 64, 16384
_LUMA = (0.299, 0.587, 0.114)


def read_array(
    area: NDArray[Any],
    palette: NDArray[np.uint8] | None,
    known: Calibration,
    *,
    clean: bool = True,
    once: Once | None = None,
) -> Calibration | None:
    """freq_edges, n_frames and what rows are, of an array saved as a picture; None of other pictures.

    area : (H, W) or (H, W, 3). palette : (N, 3) of a picture that has one. known : above all what the user has given,
    which decides what rows are. clean : whether colours are those of a map. Noise and JPEG make rows differ that were
    alike, so that what they spoilt is an array only by guess, where what is given does not say so. once : of the scene
    whose area it is.
    """
    height, width = area.shape[:2]
    if min(height, width) < LIMITS.smallest:
        return None
    rows = cells_of(height, known)
    if rows is None or not _one_cell_a_pixel(area, once(borders_of) if once else None):
        return None
    told = bool(given_rows(height, known))
    if not (told or _is_rough(area, palette)):
        return None
    # colours of a map that differ in each line leave no room for larger cells; grays may be those of noise and JPEG
    if not (clean and is_coloured(area)) and _has_faint_cells(area, palette, known, once):
        return None
    facts = {**rows, "n_frames": Fact(width, "pixels", LIMITS.sure_of_frames, "one frame a column")}
    if not (clean or told):
        facts = {name: _guessed(fact) for name, fact in facts.items()}
    return Calibration(facts).remarked(*said_of(height, facts, "one pixel each"))


def has_own_cells(known: Calibration) -> bool:
    """Whether the tool that seems to have drawn it puts one cell on each row and spans on columns, as Riffusion does.

    That its picture looks like an array is then no news.
    """
    facts = known.facts
    follow = all(name in facts and facts[name].follows == "profile" for name in ("freq_edges", "columns"))
    return follow and facts["freq_edges"].value == "cells" and facts["columns"].value == SPANS


def cells_of(height: int, known: Calibration, said: str | None = None) -> dict[str, Fact] | None:
    """freq_edges and what so many equal rows are, by what is given or as people take them; None of other numbers.

    said : "mel" or "bins" where labels say so, "" where an axis counts the rows, which may then be any number.
    """
    told = given_rows(height, known)
    usual = height in BANDS or is_bins(height) or is_fft(2 * height)
    bent = _stated(known, "freq_scale") and known["freq_scale"] not in ("linear", "mel")
    # no more bands than bins, where their number is given
    too_many = _stated(known, "n_fft") and height > 1 + int(known["n_fft"]) // 2
    if bent or too_many or not (told or usual or said is not None):
        return None
    sure = LIMITS.sure_where_given if told else LIMITS.sure_of_cells
    return {
        "freq_edges": Fact(EDGES_WHOLE, "pixels", sure, "one cell a row"),
        **(told or rows_of(height, known, said or "")),
    }


def _guessed(fact: Fact) -> Fact:
    """The fact, where damage may have made cells of pixels."""
    return replace(fact, source="assumed", confidence=min(fact.confidence, LIMITS.likely_spoilt))


def _has_faint_cells(
    area: NDArray[Any], palette: NDArray[np.uint8] | None, known: Calibration, once: Once | None
) -> bool:
    """Whether a damaged drawing still shows cells of several pixels."""
    known = known.without("n_frames", "n_mels", "n_fft", "freq_scale")
    if palette is None:
        found = read_faint(area, known, once).facts
    else:
        found = read_faint(np.take(palette, area, axis=0, mode="clip"), known).facts
    return any(fact.confidence > LIMITS.sure_of_larger for fact in found.values())


def _stated(known: Calibration, name: str) -> bool:
    return known.source(name) in (*STATED, "pixels")


def given_rows(height: int, known: Calibration) -> dict[str, Fact]:
    """What rows are where what the user gives has as many; empty where nothing does."""
    sure = LIMITS.sure_where_given
    scale = known["freq_scale"] if _stated(known, "freq_scale") else None
    n_fft = int(known["n_fft"]) if _stated(known, "n_fft") else None
    if scale != "linear" and _stated(known, "n_mels") and known["n_mels"] == height:
        return {"freq_scale": Fact("mel", "pixels", sure, f"{height} rows of {height} bands")}
    if scale == "mel" and "n_mels" not in known:
        return {"n_mels": Fact(height, "pixels", sure, "one band a row")}
    if scale != "mel" and n_fft is not None and height in (1 + n_fft // 2, n_fft // 2):
        rows = {"freq_scale": Fact("linear", "pixels", sure, f"{height} rows of {1 + n_fft // 2} bins")}
        whole = height == 1 + n_fft // 2
        return (
            rows if whole else {**rows, "n_bins": Fact(height, "pixels", sure, "one bin a row, the highest left out")}
        )
    return {}


def rows_of(height: int, known: Calibration, said: str = "") -> dict[str, Fact]:
    """What so many rows may be. said : "mel" or "bins" where labels say so."""
    n_fft = 2 * (height - 1)
    linear = known.get("freq_scale") == "linear" and _stated(known, "freq_scale")
    # as many mel bands as bins are called bins, too; fewer are mostly bands whatever they are called
    linear = linear or (said == "bins" and height >= LIMITS.many_bins and is_fft(2 * height))
    # more than people take of mel: bins, the highest left out to have a power of two
    linear = linear or (said != "mel" and height not in BANDS and is_fft(2 * height))
    if is_bins(height):
        note = f"{height} rows, one a bin"
        sure = LIMITS.sure_of_bins if is_fft(n_fft) else LIMITS.sure_of_speech
        facts = {"freq_scale": Fact("linear", "pixels", sure, note)}
        return facts if _stated(known, "n_fft") else {**facts, "n_fft": Fact(n_fft, "pixels", sure, note)}
    if linear:  # bins, the highest or lowest of which was left out
        note = f"{height} rows, one a bin, the highest left out"
        scale = (
            {} if _stated(known, "freq_scale") else {"freq_scale": Fact("linear", "assumed", LIMITS.likely_bins, note)}
        )
        facts = {**scale, "n_bins": Fact(height, "assumed", LIMITS.likely_bins, note)}
        return (
            facts
            if _stated(known, "n_fft")
            else {**facts, "n_fft": Fact(2 * height, "assumed", LIMITS.likely_bins, note)}
        )
    if said == "mel":
        note = f"{height} rows, and a title that says mel"
        return {
            "freq_scale": Fact("mel", "pixels", LIMITS.sure_of_title, note),
            "n_mels": Fact(height, "pixels", LIMITS.sure_of_title, note),
        }
    note = f"{height} rows, as many as mel bands are taken" if height in BANDS else f"{height} rows of nothing said"
    return {
        "freq_scale": Fact("mel", "assumed", LIMITS.likely_mel, note, "linear"),
        "n_mels": Fact(height, "assumed", LIMITS.likely_mel, note),
    }


def said_of(height: int, facts: dict[str, Fact], how: str) -> tuple[str, ...]:
    """A sentence on what was made of the rows, where that is a guess."""
    scale = facts.get("freq_scale")
    if scale is None or scale.source != "assumed":
        return ()
    what = "mel bands" if scale.value == "mel" else "linear bins"
    return (
        f"the picture seems to be an array of {height} rows, {how}: they are taken for {what}; give --freq-scale "
        f"and --n-mels or --n-fft ({2 * height} or {2 * (height - 1)} if they are linear bins)",
    )


def is_fft(n_fft: int) -> bool:
    """Whether it is a length that people take: a power of two."""
    return _SMALLEST_FFT <= n_fft <= _LARGEST_FFT and n_fft & (n_fft - 1) == 0


def is_bins(rows: int) -> bool:
    """Whether so many rows are 1 + n_fft / 2 of an FFT as people take it."""
    return is_fft(2 * (rows - 1)) or 2 * (rows - 1) in SPEECH_FFTS


def is_clean(survey: ColourSurvey) -> bool:
    """Whether nearly all colours are those of one map, so that neither noise nor JPEG has changed them."""
    return bool(survey.entries()[0].max(initial=0.0) > LIMITS.clean)


def is_sharp(
    area: NDArray[Any], palette: NDArray[np.uint8] | None, survey: ColourSurvey, once: Once | None = None
) -> bool:
    """Whether a picture is clean and in colour, so that borders of cells are seen one by one. once : of the scene."""
    return palette is None and is_clean(survey) and (once(is_coloured) if once else is_coloured(area))


def shows_no_cells(
    area: NDArray[Any], palette: NDArray[np.uint8] | None, survey: ColourSurvey, once: Once | None = None
) -> bool:
    """Whether a clean picture in colour has no cells higher than a row: what looks like some is chance, or a beat.

    once : of the scene whose area it is.
    """
    return is_sharp(area, palette, survey, once) and is_dense((once(borders_of) if once else borders_of(area))[0])


def is_coloured(area: NDArray[Any]) -> bool:
    """Whether pixels are colours, and not gray alone (H, W, 3)."""
    if not area.shape[2:]:
        return False
    return any(not all_gray(some) for some in (area[:: LIMITS.at_once], area))


def _one_cell_a_pixel(area: NDArray[Any], borders: Borders | None = None) -> bool:
    """Whether neighbouring rows or columns are alike only where they are of one colour, as a floor or silence is."""
    down, across = borders or borders_of(area)
    return _uniform(area, down) and _uniform(area.swapaxes(0, 1), across)


def _uniform(area: NDArray[Any], borders: NDArray[np.bool_]) -> bool:
    """Whether each line of (H, pixels[, 3]) that is like the next has one colour, but for few pixels such as those of
    the first frame. Some lines may be alike by chance, whatever their colours."""
    left, which = LIMITS.by_chance * len(borders), np.flatnonzero(~borders)
    for some in np.split(which, range(LIMITS.at_once, len(which), LIMITS.at_once)):  # a few lines mostly tell
        lines = taken(area, some)
        if not lines.size:
            continue
        planes = np.moveaxis(lines.reshape(*lines.shape[:2], -1), 2, 0)
        same = np.logical_and.reduce([_as_most(plane) for plane in planes])
        left -= int(np.count_nonzero(same.mean(axis=1) < LIMITS.one_colour))
        if left < 0:
            return False
    return True


def _as_most(plane: NDArray[Any]) -> NDArray[np.bool_]:
    """Where lines (n, pixels) have their median: the floor's where it holds more than half."""
    some = np.sort(plane, axis=1, kind="stable")  # of one or two bytes, the fastest
    low, high = some[:, (some.shape[1] - 1) // 2], some[:, some.shape[1] // 2]
    return np.asarray(plane == ((low.astype(np.float64) + high) / 2)[:, None])


def _is_rough(area: NDArray[Any], palette: NDArray[np.uint8] | None) -> bool:
    """Whether neighbours differ as much as cells of a spectrogram do, see Limits."""
    every = max(1, area.shape[1] // LIMITS.sample)
    if roughness(_light(area[:, every // 2 :: every], palette)) <= LIMITS.rough_down:
        return False
    every = max(1, area.shape[0] // LIMITS.sample)
    return roughness(_light(area[every // 2 :: every].swapaxes(0, 1), palette)) > LIMITS.rough_across


def _light(area: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """The luma of pixels (H, W[, 3])."""
    colours = area if palette is None else np.take(palette, area, axis=0, mode="clip")
    if not colours.shape[2:]:
        return colours.astype(np.float32)
    red, green, blue = (colours[..., plane] * np.float32(share) for plane, share in enumerate(_LUMA))
    return np.asarray(red + green + blue, np.float32)


def roughness(light: NDArray[Any]) -> float:
    """Mean square of second differences down, over that of first differences; 0 where there are none."""
    steps = light[1:] - light[:-1]
    bends = steps[1:] - steps[:-1]
    mean = float(np.square(steps).mean())
    return float(np.square(bends).mean()) / mean if mean > 0 else 0.0
