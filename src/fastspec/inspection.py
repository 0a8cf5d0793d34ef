"""Facts about a picture: embedded in it, read off its pixels, from a named profile, given, or only assumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import tools
from fastspec.calibration import consistency, defaults, timing
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import NEEDED, Fact, check_fact
from fastspec.detect.cell_borders import read_runs
from fastspec.detect.colormap import read_colours
from fastspec.detect.colour_survey import Glance
from fastspec.detect.faint_borders import read_faint
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.subpixel_box import read_cells
from fastspec.detect.imshow_cells import read_resampling
from fastspec.detect.magnified import as_drawn, larger, smaller
from fastspec.detect.reject.rejection import doubted
from fastspec.detect.skipped_bins import read_skipped
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture.files import MAX_PIXELS, read
from fastspec.picture.picture import Picture
from fastspec.tools import span_grid
from fastspec.tools.recognise import needs_no_figure, read_tool


def inspect(picture: Any, /, *, max_pixels: int | None = MAX_PIXELS, **given: Any) -> Calibration:
    """What is known about a picture and how.

    picture : path, Picture, PIL image or pixel array (H, W[, 3|4]), row 0 at the top.
    max_pixels : files with more are refused before their pixels are decoded.
    given : facts that the caller knows (`sr=22050`, `profile="librosa-0.8"` ...); they override all others.

    Returns a Calibration in which every fact has its source: given, embedded (in the file), pixels, profile or
    assumed. Raises PictureError when the file cannot be read, ParameterError for a fact out of range and
    CalibrationError when facts contradict each other.
    """
    loaded = load(picture, max_pixels=max_pixels)
    return known_facts(loaded, given_facts(given), consistency.max_cells(max_pixels))


def load(picture: Any, *, max_pixels: int | None = MAX_PIXELS) -> Picture:
    """Any of the accepted kinds of picture as a Picture; files with more pixels than `max_pixels` are refused.

    One that was enlarged by a whole number comes as it was before (`fastspec.detect.magnified`).
    """
    if isinstance(picture, Picture):
        return as_drawn(picture)
    if isinstance(picture, str | Path) or hasattr(picture, "read"):
        return as_drawn(read(picture, max_pixels=max_pixels))
    if isinstance(picture, np.ndarray):
        return as_drawn(Picture.from_array(picture))
    if hasattr(picture, "getbands"):
        return as_drawn(Picture.from_pil(picture))
    raise ParameterError(f"a picture is a path, Picture, PIL image or array, not {type(picture).__name__}")


def given_facts(given: dict[str, Any]) -> Calibration:
    """Checked facts from the user. A colormap's or window's name is checked where it is used."""
    facts = {name: Fact(check_fact(name, value), "given") for name, value in given.items() if value is not None}
    cal = Calibration(facts)
    if "profile" in cal:
        tools.profile(cal["profile"])
    consistency.check(cal)
    return cal


def profile_facts(given: Calibration) -> Calibration:
    """`given` with the facts of its profile and librosa's defaults: all that drawing needs but the sound's own."""
    cal = given.merged(tools.profile(given["profile"]).calibration(given.get("freq_scale")))
    return defaults.assumed(cal).without("sr", "db_range").merged(given)


def known_facts(picture: Picture, given: Calibration, limit: int = consistency.MAX_CELLS) -> Calibration:
    """Everything known about `picture`, from all sources, made to fit together; of at most `limit` cells."""
    if "repeated" in picture.info and "plot_area" in given:
        crop = replace(given.facts["plot_area"], value=smaller(given["plot_area"], picture))
        given = Calibration({**given.facts, "plot_area": crop}, given.picture, given.remarks)
    known = given
    if picture.embedded is not None:
        try:
            known = _still_fitting(known.merged(Calibration.from_json(picture.embedded)), picture)
        except CalibrationError as error:
            known = known.remarked(str(error))
    if "n_frames" not in given and "n_frames" in known and {"duration", "hop_length", "sr"} & given.keys():
        known = _without_overridden(known, given)
    consistency.check_claims(known, limit)
    if known.source("profile") != "embedded":
        known = known.merged(read_tool(picture, known))
        if not needs_no_figure(known):
            known = _figure_facts(picture, known)
    if "profile" in known:
        try:
            known = known.merged(_profile_at_most(known.facts["profile"].confidence, known))
        except ParameterError as error:
            known = known.remarked(f"embedded profile: {error}")
    if "plot_area" not in known:
        known = known.updated("assumed", 0.5, "the whole picture", plot_area=(0, 0, picture.width, picture.height))
    consistency.check(known, width=picture.width, height=picture.height)
    left, top, right, bottom = known["plot_area"]
    place = known["plot_area"], known.get("plot_hidden", (0, 0, 0, 0))
    area, seen = picture.area(*place), None
    turned = known.get("origin") == "upper" and known.source("origin") == "pixels"
    if turned:  # all that follows expects the lowest frequency below
        area, known = np.ascontiguousarray(area[::-1]), known.without("plot_offsets")
    if known.source("cmap") != "embedded":
        seen = Glance.of(area, picture.palette) if turned else Glance.at(picture, *place)
        known = known.merged(read_colours(area, known, picture.palette, seen))
    timed = known.source("duration") == "pixels" or known.picture.get("axes") == "time as given"
    in_hertz = known.source("plot_area") == known.source("sr") == "pixels" and known.picture.get("axes") != "unusual"
    told_by_axes = timed and in_hertz
    spans = known.get("columns") == "spans"
    if known.get("profile") == "matplotlib-specgram":
        known = known.merged(read_resampling(area, known))
    known = span_grid.with_grid(known, right - left, bottom - top)
    if known.source("n_fft") != "embedded" and not spans:  # a picture of fastspec's own needs no reading
        known = known.merged(read_runs(area, known))
        cells = read_cells(area, known)
        if turned and "plot_offsets" in cells:  # in the file the upper border is below
            found = cells.facts["plot_offsets"]
            left_off, top_off, right_off, bottom_off = found.value
            back = replace(found, value=(left_off, bottom_off, right_off, top_off))
            cells = Calibration({**cells.facts, "plot_offsets": back})
        known = (known.without("plot_offsets") if "plot_offsets" in cells else known).merged(cells)
        if known.source("freq_scale") in (None, "assumed"):
            known = known.merged(read_faint(area if picture.palette is None else _coloured(area, picture), known))
        if picture.palette is None:
            known = known.merged(read_skipped(area, known))
    if seen is not None and not told_by_axes:
        known = doubted(picture, area, known, seen)
    if "doubt" in known.picture:
        what = known.picture["doubt"]
        known = known.remarked(f"this seems to be no spectrogram that can be read, but {what}")
    known = defaults.assumed(known)
    consistency.check(known, width=picture.width, height=picture.height)
    known = span_grid.with_extent(known, right - left)
    known = _admit(timing.reconcile(known, right - left))
    consistency.check_size(known, limit=limit)
    info = dict(picture.info)
    known = known.remarked(*info.pop("notes", ()))
    times = info.get("repeated", 1)
    if times > 1:
        in_file = replace(known.facts["plot_area"], value=larger(known["plot_area"], picture))
        known = Calibration({**known.facts, "plot_area": in_file}, known.picture, known.remarks)
    return known.described(width=times * picture.width, height=times * picture.height, **info)


def _figure_facts(picture: Picture, known: Calibration) -> Calibration:
    """`known` with what a whole figure tells, and the fingerprints of the tool inside its frame."""
    figure = read_figure(picture, known)
    if known.source("profile") in ("pixels", "profile") and "plot_area" in known:  # SoX: its own area is exact
        figure = figure.without("plot_area", "plot_hidden", "freq_scale")
    known = known.merged(figure)
    if "plot_area" in figure and "profile" not in known:
        area = picture.area(figure["plot_area"], figure.get("plot_hidden", (0, 0, 0, 0)))
        tool = read_tool(Picture(area, picture.palette, info=picture.info), known)
        if "plot_area" not in tool:
            known = known.merged(tool)
    return known


def _profile_at_most(confidence: float, known: Calibration) -> Calibration:
    """The facts of the profile, none surer than the profile itself."""
    cal = tools.profile(known["profile"]).calibration(known.get("freq_scale"))
    return Calibration({n: replace(fact, confidence=min(fact.confidence, confidence)) for n, fact in cal.facts.items()})


def _coloured(area: NDArray[Any], picture: Picture) -> NDArray[np.uint8]:
    """The colours of palette entries (H, W): their numbers have no order that steps could be measured in."""
    assert picture.palette is not None
    return np.take(picture.palette, area, axis=0, mode="clip")


def _still_fitting(known: Calibration, picture: Picture) -> Calibration:
    """Say when the picture no longer has the size it was drawn with; a native one that was cut has fewer frames."""
    drawn, size = known.picture.get("drawn_size"), (picture.width, picture.height)
    if drawn is None or drawn == size or known.source("n_frames") != "embedded":
        return known
    was = f"the picture has {size[0]} x {size[1]} pixels, but was drawn with {drawn[0]} x {drawn[1]}"
    if drawn[1] == size[1] and drawn[0] == known["n_frames"]:
        known = known.without("n_frames", *() if known.source("duration") == "given" else ("duration",))
        known = known.updated("pixels", 0.7, "one frame a column", n_frames=size[0])
        return known.remarked(f"{was}: it is taken as cut to {size[0]} frames; give --duration if it was stretched")
    return known.remarked(f"{was}: it is taken as resized as a whole; if parts were cut off, pitch and tempo are wrong")


def _admit(known: Calibration) -> Calibration:
    """One line says all that was only assumed."""
    unneeded = ("n_frames", "duration") if known.get("level_kind") == "db" else ("n_frames", "duration", "db_range")
    guesses = [name for name in NEEDED if known.source(name) == "assumed" and name not in unneeded]
    if not guesses:
        return known
    listed = ", ".join(f"{name} {_shown(known[name])}" for name in guesses)
    if known.remarks and known.remarks[-1].startswith("duration is not known"):
        return replace(known, remarks=(*known.remarks[:-1], f"{known.remarks[-1]}; also assumed: {listed}"))
    return known.remarked(f"assumed, as nothing tells it: {listed}")


def _shown(value: Any) -> str:
    return " .. ".join(f"{v:g}" for v in value) + " dB" if isinstance(value, tuple) else str(value)


def _without_overridden(known: Calibration, given: Calibration) -> Calibration:
    """The embedded time fact that follows from others is dropped when the user changes one of those."""
    return known.without("n_frames" if "duration" in given else "duration")
