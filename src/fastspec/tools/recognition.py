"""Which tool drew a picture, and what its legend says: rate, duration, channels and levels as the tool wrote them.

What the file says of itself is asked of all tools before any is recognised by its pixels. What is there but cannot be
understood is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES, Fact
from fastspec.detect.evidence import Evidence
from fastspec.errors import FastspecError
from fastspec.picture.picture import Picture
from fastspec.tools.tool import Tool


class Limits(NamedTuple):
    """When two numbers are the same."""

    agrees: float = 0.02  # share by which a duration that is given may differ from the one read; unmeasured
    labels: float = 0.003  # likewise, where the tool's arithmetic tells what labels must say; unmeasured
    columns: float = 1.5  # besides, columns by which ticks are rounded and the last one is filled; by SoX's source


LIMITS = Limits()


def rows_stated(picture: Picture) -> int | None:
    """How many bands the file's own tags say that it has, of the tools that write them; None of other files."""
    if not picture.info.get("exif"):
        return None
    for _, found in _fingerprints(picture, tools.all_tools(), (_of_metadata,)):
        if "n_mels" in found:
            return int(found["n_mels"].value)
    return None


def read_tool(picture: Picture, known: Calibration) -> Evidence:
    """profile, plot_area and what follows from the tool, as far as the file shows it.

    Where a profile is known, only its tool is asked, and states what does not contradict it.
    """
    asked = (tools.drawer(known),) if "profile" in known else tools.all_tools()
    for tool, found in _fingerprints(picture, asked):
        legend = read_legend(tool, picture, found, known)
        facts = {**found, **legend.facts}
        if "profile" in known:
            facts.pop("profile")
        if "plot_area" in known:  # what was told of the area changes what margins and channels mean
            facts = {name: fact for name, fact in facts.items() if name not in ("channels", "channel_layout")}
        return replace(legend, facts={n: fact for n, fact in facts.items() if known.source(n) not in FILES})
    return Evidence()


def read_legend(tool: Tool, picture: Picture, found: Mapping[str, Fact], known: Calibration) -> Evidence:
    """What the legend of a picture tells whose tool and plot area were `found`; nothing where there is no legend.

    What the user has given for the area is believed; a duration that agrees with the one given is not stated again.
    """
    area = found.get("plot_area")
    if area is None or "plot_area" in known or area.value[0] == 0:
        return Evidence()
    try:
        legend = tool.read_legend(picture, found)
    except (ValueError, IndexError, ArithmeticError):
        name = found["profile"].value
        return Evidence(remarks=(f"the legend of {name} is not understood; give what it says as options",))
    scale, given = legend.facts.get("profile"), known.get("profile")
    if scale is not None and given is not None and scale.value != given:
        more = f"profile: given is {given}, but the legend shows {scale.value}; using {given}"
        legend = replace(legend, remarks=(*legend.remarks, more))
    told, read_off = known.get("duration"), legend.facts.get("duration")
    if told is None or read_off is None:
        return legend
    dropped = _doubled(tool, {**found, **legend.facts, **known.facts}, told, read_off.value)
    return replace(legend, facts={name: fact for name, fact in legend.facts.items() if name not in dropped})


def _doubled(tool: Tool, facts: Mapping[str, Fact], told: float, read_off: float) -> frozenset[str]:
    """Which of a legend's facts of time a sound of `told` seconds makes needless, where labels say `read_off`.

    A duration that is not dropped contradicts the one that was given.
    """
    off = abs(told / read_off - 1)
    shown = tool.shown_seconds(facts, told)
    if shown is None:
        return frozenset({"time_extent", "duration"} if off < LIMITS.agrees else {"time_extent"})
    left, _, right, _ = facts["plot_area"].value
    near = min(LIMITS.agrees, LIMITS.labels + LIMITS.columns / (right - left))
    if abs(shown / read_off - 1) < near:
        return frozenset({"time_extent", "duration"})
    # the width may follow from columns a second (SoX's -X) and not they from the width
    return frozenset({"duration"} if off < near else {"time_extent"})


_Kind = Callable[[Tool, Picture], Mapping[str, Fact]]


def _of_metadata(tool: Tool, picture: Picture) -> Mapping[str, Fact]:
    return tool.read_metadata(picture)


def _of_pixels(tool: Tool, picture: Picture) -> Mapping[str, Fact]:
    return tool.recognise(picture)


def _fingerprints(
    picture: Picture, asked: tuple[Tool, ...], kinds: tuple[_Kind, ...] = (_of_metadata, _of_pixels)
) -> Iterator[tuple[Tool, Mapping[str, Fact]]]:
    """The tools that have left theirs, and what these tell; surest first."""
    for kind in kinds:
        for tool in asked:
            try:
                found = kind(tool, picture)
            except (FastspecError, ValueError, IndexError, ArithmeticError):
                continue  # a picture too odd for this tool is not of it
            if found:
                yield tool, found
