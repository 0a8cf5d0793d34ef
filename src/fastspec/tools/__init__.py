"""The drawing tools, a file or folder each, and what is asked of them by a profile's name.

A module of this package that draws or recognises holds one `Tool` called TOOL. Other packages add tools as entry
points of the group "fastspec.tools", each of which loads to a `Tool`.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.metadata
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fastspec.calibration.profile import Profile
from fastspec.errors import ParameterError
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    from fastspec.colours.colormap import ColourTable

# Programs sign their pictures more clearly than plotting libraries, with which any program may draw: they are asked
# first who drew a picture, each in this order, and listed last. A new tool is a module and its name here.
PROGRAMS = ("sox", "ffmpeg", "riffusion", "audio_diffusion", "audacity", "spek", "praat", "matlab")
LIBRARIES = ("librosa", "native", "specgram", "scipy_pcolormesh", "imshow")
GROUP = "fastspec.tools"

_NOBODY = Tool()


@lru_cache(maxsize=1)
def all_tools() -> tuple[Tool, ...]:
    """All tools in order of recognition: programs, those of other packages, plotting libraries."""
    return (*_modules(PROGRAMS), *_added(), *_modules(LIBRARIES))


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """The ways of drawing that are known, by name."""
    listed = (*_modules(LIBRARIES), *_modules(PROGRAMS), *_added())
    return MappingProxyType({profile.name: profile for tool in listed for profile in tool.profiles})


def profile(name: str) -> Profile:
    """The profile `name`; ParameterError with near names when there is none."""
    found = profiles().get(name)
    if found is None:
        near = difflib.get_close_matches(name, profiles(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the profiles are {', '.join(profiles())}"
        raise ParameterError(f"unknown profile {name!r}; {hint}")
    return found


def of(name: str | None) -> Tool:
    """The tool of the profile `name`; one that knows nothing where there is none."""
    return _by_profile().get(name or "", _NOBODY)


def drawer(known: Mapping[str, Any]) -> Tool:
    """The tool that drew what is `known` of a picture, by its fact `profile`."""
    return of(known.get("profile"))


def colour_tables() -> Iterator[ColourTable]:
    """The maps that tools alone draw in, each name once; `fastspec.colours` asks for them."""
    seen: set[str] = set()
    for tool in all_tools():
        for table in _tables_of(tool):
            if table.name not in seen:
                seen.add(table.name)
                yield table


def _tables_of(tool: Tool) -> tuple[ColourTable, ...]:
    """The maps of one tool; those of another package's that cannot be had are warned of."""
    try:
        return tuple(tool.colour_tables())
    except Exception as error:
        if tool not in _added():
            raise
        names = ", ".join(profile.name for profile in tool.profiles)
        why = f"the colours of the drawing tool {names} are left out: {type(error).__name__}: {error}"
        warnings.warn(why, RuntimeWarning, stacklevel=2)
        return ()


def drawings() -> Mapping[str, Drawing]:
    """How tools draw sounds, by profile; those first that draw the most channels."""
    found = [drawing for tool in all_tools() if (drawing := tool.drawing()) is not None]
    ordered = sorted(found, key=lambda drawing: (-drawing.most_channels, drawing.profile.name))
    return {drawing.profile.name: drawing for drawing in ordered}


@lru_cache(maxsize=1)
def _by_profile() -> Mapping[str, Tool]:
    return {profile.name: tool for tool in all_tools() for profile in tool.profiles}


def _modules(names: tuple[str, ...]) -> list[Tool]:
    """The tools of modules of this package."""
    return [importlib.import_module(f"{__name__}.{name}").TOOL for name in names]


@lru_cache(maxsize=1)
def _added() -> tuple[Tool, ...]:
    """The tools of other packages; one that cannot be had, or whose profile bears a name in use, is warned of."""
    taken = {profile.name for tool in _modules((*PROGRAMS, *LIBRARIES)) for profile in tool.profiles}
    kept = []
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            tool = point.load()
            if not isinstance(tool, Tool):
                raise TypeError(f"{point.value} is a {type(tool).__name__}, not a fastspec.tools.tool.Tool")
            names = {profile.name for profile in tool.profiles}
            if names & taken:
                raise ValueError(f"there is a profile {', '.join(sorted(names & taken))} already")
        # whatever a stranger's module raises: the tools that work go on working
        except (Exception, SystemExit) as error:
            package = point.dist.name if point.dist is not None else "an unknown package"
            warnings.warn(
                f"the drawing tool {point.name!r} of {package} is left out: {type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
            continue
        taken |= names
        kept.append(tool)
    return tuple(kept)
