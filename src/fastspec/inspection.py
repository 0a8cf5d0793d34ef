"""Facts about a picture: embedded in it, read off its pixels, from a named profile, given, or only assumed.

`inspect` is a fold of readers over a scene (`fastspec.detect.evidence`). Those that ask the drawing tools stand here,
the others in `fastspec.detect.readers`; READERS is the order in which all are asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fastspec import tools
from fastspec.calibration import consistency, defaults, guesses, level_units, trust
from fastspec.calibration.budget import DEFAULT, ENDLESS, Budget, Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, FILES, STATED
from fastspec.calibration.price import priced
from fastspec.detect.asking import Answers, all_asked
from fastspec.detect.bar_colours import BarColours
from fastspec.detect.counted_cells import CountedCells, EqualRows
from fastspec.detect.direction_reader import DirectionReader, OriginByAxis
from fastspec.detect.evidence import SEEN, Evidence, Reader, Scene, Signal
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.level_kind import LevelKindByColours
from fastspec.detect.magnified import as_drawn
from fastspec.detect.number_levels import NumberLevels
from fastspec.detect.readers import (
    ArrayCells,
    CellBorders,
    Claims,
    ColormapReader,
    Consistency,
    Defaults,
    FaintBorders,
    LabelledAxes,
    NoMargin,
    Overridden,
    Size,
    SkippedBins,
    SubpixelBox,
    Timing,
    WholePicture,
)
from fastspec.detect.reject.rejection import rejected
from fastspec.detect.stated import Beside, Embedded, Like, Marked, as_like, of_json, of_plain
from fastspec.detect.unknown_names import UnknownNames
from fastspec.detect.unscaled import RangeOfUnscaled
from fastspec.errors import CalibrationError, ParameterError, listed
from fastspec.picture import sidecar
from fastspec.picture.files import MAX_PIXELS, read
from fastspec.picture.picture import Picture
from fastspec.plot import colour_table
from fastspec.tools.recognition import read_tool, rows_stated


class FromTool:
    """The tool that drew the picture, by its fingerprints, and what its legend says."""

    tells = frozenset(FACTS)

    def applies(self, scene: Scene) -> bool:
        """Where the file does not say it itself."""
        return scene.source("profile") not in FILES and not scene.is_numbers

    def read(self, scene: Scene) -> Evidence:
        """Profile, plot area, and what follows from the tool."""
        return read_tool(scene.picture, scene.known)


class FromFigure:
    """A whole figure: where its plot lies, what its axes say, and which tool drew within its frame."""

    tells = frozenset(FACTS)

    def applies(self, scene: Scene) -> bool:
        """Where no tool's own margins or legend tell it."""
        drawn = scene.source("profile") not in FILES and not scene.is_numbers
        return drawn and not tools.drawer(scene.known).has_own_frame(scene.known)

    def read(self, scene: Scene) -> Evidence:
        """Plot area and axes; the offsets of a plot whose frequency axis falls upwards are not known."""
        known, figure = scene.known, read_figure(scene.picture, scene.known)
        if known.source("profile") in ("pixels", "profile") and "plot_area" in known:  # a tool's own area is exact
            figure = figure.without("plot_area", "plot_hidden", "freq_scale")
        framed = scene.knowing(Evidence.of(figure))
        if "plot_area" in figure and "profile" not in known:
            inner = scene.picture.area(figure["plot_area"], figure.get("plot_hidden", (0, 0, 0, 0)))
            tool = read_tool(Picture(inner, scene.picture.palette, info=scene.picture.info), framed.known)
            if "plot_area" not in tool.facts:
                framed = framed.knowing(tool)
        if (framed.upside_down or framed.backwards) and framed.source("plot_offsets") not in STATED:
            framed = framed.knowing(Evidence(withdrawn=frozenset({"plot_offsets"})))
        return Evidence.between(known, framed.known)


class FromProfile:
    """The facts of the profile that was recognised or given; of one that was guessed they are assumed."""

    tells = frozenset(FACTS)
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where there is a profile."""
        return "profile" in scene.known

    def read(self, scene: Scene) -> Evidence:
        """The profile's facts; a remark where a file names an unknown one."""
        known = scene.known
        try:
            found = tools.profile(known["profile"]).calibration(known.get("freq_scale"))
        except ParameterError as error:
            fact = known.facts["profile"]
            unknown = {"profile": replace(fact, confidence=0.0)} if fact.source in FILES else {}
            return Evidence(corrected=unknown, remarks=(f"embedded profile: {error}",))
        facts = guesses.of_profile(found.without("profile").facts, known.facts["profile"])
        edges_open = "freq_edges" in tools.drawer(known).unsettled
        return Evidence(facts, signals=frozenset({Signal.EDGES_OPEN} if edges_open else ()))


class PlotOfTool:
    """What the plot's pixels tell where a tool drew them in its own way, such as how many cells imshow blended."""

    tells = frozenset({"n_fft", "win_length", "column_step", "time_extent"})

    def applies(self, scene: Scene) -> bool:
        """Where the tool is known."""
        return "profile" in scene.known

    def read(self, scene: Scene) -> Evidence:
        """The lengths of FFT and window, and where and how far apart frames lie."""
        return tools.drawer(scene.known).read_plot(scene.area, scene.known)


class SpanGrid:
    """The analysis grid for a picture whose columns are spans of time, not frames."""

    tells = frozenset(
        {"n_fft", "n_bins", "n_mels", "win_length", "hop_length", "n_frames", "ref", "cmap", "shown_n_fft"}
    ) | {"column_step", "time_extent"}
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Always: the tool decides."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """The grid."""
        return Evidence.between(
            scene.known, tools.drawer(scene.known).with_grid(scene.known, scene.width, scene.height)
        )


class TimeExtent:
    """The seconds at the plot's left and right border, where its columns are spans of time."""

    tells = frozenset({"duration", "time_extent"})
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where columns are spans."""
        return scene.known.get("columns") == "spans"

    def read(self, scene: Scene) -> Evidence:
        """Duration and extent; what a tool's own time axis says is assumed where the tool is."""
        found = Evidence.between(scene.known, tools.drawer(scene.known).with_extent(scene.known, scene.width))
        profile = scene.known.facts.get("profile")
        if profile is None:
            return found
        own = {name: fact for name, fact in found.corrected.items() if fact.source == "profile"}
        return replace(found, corrected={**found.corrected, **guesses.of_profile(own, profile)})


class Rejection:
    """What seems to be no spectrogram that can be read."""

    tells = frozenset[str]()

    def applies(self, scene: Scene) -> bool:
        """Always."""
        return True

    def read(self, scene: Scene) -> Evidence:
        """The doubt, and a remark that says it; none of a picture of fastspec's own.

        Raises ParameterError where the panel that the user asks for is not there.
        """
        _check_panel(scene)
        what = scene.known.picture.get("doubt")
        if what is None and scene.source("cmap") not in FILES:
            tool = tools.of(scene.known.get("profile"))
            what = rejected(scene, tool.misplaced_axes if tool.draws_axes else None)
        if what is None:
            return Evidence()
        return Evidence(doubt=what, remarks=(f"this does not look like a spectrogram that can be read: {what}",))


def _check_panel(scene: Scene) -> None:
    """Raise ParameterError where the user asks for a panel that the figure does not have."""
    number, panels = scene.given.get("panel", 1), scene.known.picture.get("panels", ())
    if number <= max(1, len(panels)):
        return
    where = f", at {' and '.join(','.join(map(str, box)) for box in panels)}" if panels else ""
    shown = f"{len(panels)} spectrograms" if len(panels) > 1 else "one spectrogram"
    remedy = f"give --panel 1 to {len(panels)}" if len(panels) > 1 else "leave --panel out, or cut it out with --crop"
    raise ParameterError(f"panel={number} is not there: the picture shows {shown}{where}; {remedy}")


READERS: tuple[Reader, ...] = (
    Embedded(),
    Beside(),
    Marked(),
    Like(),
    Overridden(),
    UnknownNames(),
    Claims(),
    NumberLevels(),
    FromTool(),
    FromFigure(),
    FromProfile(),
    WholePicture(),
    ArrayCells(),
    CountedCells(),
    Consistency(),
    LabelledAxes(),
    BarColours(),
    ColormapReader(),
    DirectionReader(),
    LevelKindByColours(),
    RangeOfUnscaled(),
    PlotOfTool(),
    SpanGrid(),
    CellBorders(),
    SubpixelBox(),
    FaintBorders(),
    SkippedBins(),
    EqualRows(),
    OriginByAxis(),
    Rejection(),
    NoMargin(),
    Defaults(),
    Consistency(),
    TimeExtent(),
    Timing(),
    Size(),
)

CHECKS: tuple[Reader, ...] = (Claims(), Consistency(), Size())  # of facts that are all known


def inspect(
    picture: Any,
    /,
    *,
    like: Any = None,
    max_pixels: int | None = MAX_PIXELS,
    max_memory: float | None = None,
    timeout: float | None = None,
    **given: Any,
) -> Calibration:
    """What is known about a picture and how.

    picture : path, Picture, PIL image or pixel array (H, W[, 3|4]), row 0 at the top.
    like : another picture of the same drawing, such as the one that was edited, or its facts; see `known_of`.
    max_pixels : files with more are refused before their pixels are decoded.
    max_memory, timeout : bytes and seconds that reading the picture may take, see `calibration.budget`; a remark says
        where decoding would take more.
    given : facts that the caller knows (`sr=22050`, `profile="librosa-0.8"` ...); they override all others. The ends of
        the colours may be given as `level_range=(lo, hi)` with `level_unit="dB"`, "ln", "log10" or "linear" instead of
        `db_range`; what the logarithm was taken of, or what linear values are, says `level_kind`.

    Returns a Calibration in which every fact has its source: given, embedded (in the file), sidecar (the file
    beside it), like, pixels, profile or assumed.

    Raises PictureError when the file cannot be read, ParameterError for a fact out of range and
    CalibrationError when facts contradict each other.
    """
    consistency.check_limits(max_pixels=max_pixels)
    budget = Budget(max_memory, timeout)
    clock = budget.clock()
    loaded = load(picture, max_pixels=max_pixels, budget=budget)
    facts = given_facts(given)
    other = None if like is None else known_of(like, facts, max_pixels=max_pixels, budget=budget)
    limit = consistency.max_cells(max_pixels, lifted=max_memory is not None)
    scene = seen(loaded, facts, limit, clock, other)
    return priced(scene.calibration(), scene.width, budget)


def load(picture: Any, *, max_pixels: int | None = MAX_PIXELS, budget: Budget = DEFAULT) -> Picture:
    """Any of the accepted kinds of picture as a Picture; files with more pixels than `max_pixels` are refused.

    One that was enlarged by a whole number comes as it was before (`fastspec.detect.magnified`).
    """
    if isinstance(picture, Picture):
        return _as_drawn(picture)
    if isinstance(picture, str) and not picture.strip():
        raise ParameterError("the path of the picture is empty; name a file")
    if isinstance(picture, str | Path) or hasattr(picture, "read"):
        return _as_drawn(read(picture, max_pixels=max_pixels, check=budget.check_pixels))
    if isinstance(picture, np.ndarray):
        return _as_drawn(Picture.from_array(picture))
    if hasattr(picture, "getbands"):
        return _as_drawn(Picture.from_pil(picture))
    raise ParameterError(f"a picture is a path, Picture, PIL image or array, not {type(picture).__name__}")


def _as_drawn(picture: Picture) -> Picture:
    """The picture before it was enlarged; itself where the file says that it has as many rows as were drawn."""
    return picture if rows_stated(picture) == picture.height else as_drawn(picture)


def known_of(
    like: Any, given: Calibration, *, max_pixels: int | None = MAX_PIXELS, budget: Budget = DEFAULT
) -> Calibration:
    """The facts of another picture, for those of the same drawing, as `like=` takes it.

    like : a picture (path, Picture, PIL image, array) whose facts are embedded, beside it or read off it; the path of
    a .json file, its sidecar or what `inspect --json` printed; a Calibration, such as one of `inspect`; or what
    `stated.as_plain` made of it. given : what the user knows of both.
    Raises CalibrationError for what tells nothing or shows no spectrogram.
    """
    if isinstance(like, Mapping):
        return as_like(like, "the other picture") if isinstance(like, Calibration) else of_plain(like)
    name = os.fspath(like) if isinstance(like, str | os.PathLike) else "the other picture"
    if name.lower().endswith(sidecar.SUFFIX):
        return of_json(name)
    picture = load(like, max_pixels=max_pixels, budget=budget)
    known = seen(picture, given, consistency.max_cells(max_pixels), budget.clock()).calibration()
    if "doubt" in known.picture:
        raise CalibrationError(
            f"like={name} does not look like a spectrogram that can be read: {known.picture['doubt']}; "
            "name the picture as it was drawn"
        )
    return as_like(known.described(thumbnail=sidecar.thumbnail(picture)), name)


def given_facts(given: dict[str, Any]) -> Calibration:
    """Checked facts from the user, levels in other units than decibels converted (`calibration.level_units`).

    A colormap's or window's name is checked where it is used.
    """
    cal = level_units.calibration(colour_table.with_table(given))
    if "profile" in cal:
        tools.profile(cal["profile"])
    consistency.check(cal)
    return cal


def as_used(given: Calibration, assumed: dict[str, Any], doubtful: Sequence[str], seen: Sequence[str]) -> Calibration:
    """`given` and what was assumed beside it, as all that is to be known of a picture: nothing of it is read again.

    doubtful : the facts that the sound hangs on among the latter. seen : of `evidence.SEEN`, what holds.
    """
    rest = Calibration.of("assumed", **colour_table.with_table(assumed))
    known = given.merged(rest.without(*given.keys())).described(
        **{trust.AS_USED: tuple(doubtful)}, **{name: True for name in SEEN if name in seen}
    )
    if not doubtful:
        return known
    return known.remarked(f"{listed(doubtful)} assumed as the table of facts has it; correct it there")


def profile_facts(given: Calibration) -> Calibration:
    """`given` with the facts of its profile and librosa's defaults: all that drawing needs but the sound's own."""
    cal = given.merged(tools.profile(given["profile"]).calibration(given.get("freq_scale")))
    return defaults.assumed(cal).without("sr", "db_range").merged(given)


def seen(
    picture: Picture,
    given: Calibration,
    limit: int = consistency.MAX_CELLS,
    clock: Clock = ENDLESS,
    like: Calibration | None = None,
    answers: Answers | None = None,
) -> Scene:
    """`picture` with all that is known about it, from all sources, made to fit together; of at most `limit` cells.

    like : what `known_of` tells of another picture of the same drawing. answers : kept from picture to picture.

    Raises CalibrationError when facts contradict each other, TimeLimitError when the `clock`'s time is over.
    """
    scene = Scene.of(picture, given, limit, like)
    readers = CHECKS if trust.AS_USED in given.picture else READERS
    return all_asked(readers, scene, clock, None if answers is None else answers.about(scene))
