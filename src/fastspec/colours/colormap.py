"""Levels <-> colours: the tables of known colormaps, drawn forward and read backward.

A level is a number in 0..1 (0 the quietest that the picture can show). A colour table has N entries; the *index* of an
entry is its row, and a colour between two entries has a fractional index. What level an index means depends on how the
tool chose it:

- "cells" (matplotlib, SoX): entry = min(N - 1, floor(level N)), so index k stands for the middle, (k + 1/2) / N;
- "rounded" (plain gray levels): entry = round(level (N - 1)), so index k stands for k / (N - 1).

`Colormap.origin` and `.step` say it in numbers: level = origin + step * index.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec._cached import cached_property
from fastspec._typing import Quantiser, Rounding
from fastspec.colours import user_tables
from fastspec.colours.tables import GRAY_LEVELS, MOST_COLOURS, ROUNDINGS, gray_levels, matplotlib_tables
from fastspec.errors import ParameterError
from fastspec.kernels import matching as _kernels

__all__ = [
    "Colormap",
    "ColourTable",
    "colour_of",
    "entry_of",
    "get",
    "is_builtin",
    "names",
    "register",
    "registered",
    "revision",
    "roundings",
]

kernels: Any = _kernels  # numba's dispatchers are untyped
_LONGEST_NAME = 100  # characters
# Modules above this room whose `colour_tables()` gives tables of drawing tools; imported when first asked for.
_PROVIDERS = ("fastspec.tools",)


@dataclass(frozen=True, eq=False)
class Colormap:
    """A colour table and how levels choose its entries.

    table : (N, 3) uint8 for colours, or (N,) uint8 or uint16 for plain gray levels (a *ramp*); made read-only.
    rounding : how the tool turned the map's fractions into bytes: "round" (matplotlib's pcolormesh) or "trunc" (its
        imshow and savefig of arrays).
    quantiser : "cells" or "rounded", see the module.
    guards : how many entries at the lower and upper end stand for levels below 0 and from 1 on ("cells" only).

    Raises ParameterError for a table of another shape or dtype, or with fewer than 2 or more than 4096 colours.
    """

    name: str
    table: NDArray[Any]
    rounding: Rounding = "round"
    quantiser: Quantiser = "cells"
    guards: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        table = np.array(self.table, order="C")
        colours = table.ndim == 2 and table.shape[1] == 3 and table.dtype == np.uint8
        ramp = table.ndim == 1 and table.dtype in (np.uint8, np.uint16)
        if not (colours or ramp) or len(table) < 2 or (colours and len(table) > MOST_COLOURS):
            raise ParameterError(
                f"the table of colormap {self.name!r} has shape {table.shape} and dtype {table.dtype}; "
                f"give (N, 3) uint8 with N in 2..{MOST_COLOURS}, or (N,) uint8 or uint16 gray levels"
            )
        table.flags.writeable = False
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Colormap({self.name!r}, rounding={self.rounding!r}, N={len(self)})"

    @property
    def ramp(self) -> bool:
        """Whether the pixels are plain gray levels, (H, W), rather than colours."""
        return bool(self.table.ndim == 1)

    @property
    def step(self) -> float:
        """How much level one index is worth."""
        return 1 / (len(self) - sum(self.guards)) if self.quantiser == "cells" else 1 / (len(self) - 1)

    @property
    def origin(self) -> float:
        """The level of index 0; below 0 where that entry is a guard."""
        return self.step * (0.5 - self.guards[0]) if self.quantiser == "cells" else 0.0

    @cached_property
    def levels(self) -> int:
        """How many colours can be told apart (at most N: truncated gray, for one, has 232 of 256)."""
        return len(np.unique(self.table, axis=0))

    @cached_property
    def invertible(self) -> bool:
        """Whether every colour belongs to one run of entries only, so that a clean picture has one reading."""
        return len(plateaus(self.table)[0]) == self.levels

    def levels_of(self, index: NDArray[Any]) -> NDArray[np.float32]:
        """Levels in 0..1 of fractional `index`, float32, same shape."""
        return np.asarray(index, np.float32) * np.float32(self.step) + np.float32(self.origin)


@dataclass(frozen=True, slots=True, eq=False)
class ColourTable:
    """A named table that does not come from matplotlib, so that no rounding of fractions has two versions of it.

    table : (N, 3) uint8, or a function that makes it when it is first wanted. guards : see `Colormap`.
    listed : whether `names` lists it, so that pictures are searched for it; a gray that only its tool's fingerprint
        tells from matplotlib's is not.
    tool : who alone draws in these colours, as the first part of a profile's name, or None. default : whether it does
        so unless told otherwise.
    """

    name: str
    table: NDArray[Any] | Callable[[], NDArray[Any]]
    guards: tuple[int, int] = (0, 0)
    listed: bool = True
    tool: str | None = None
    default: bool = False

    def colormap(self) -> Colormap:
        """The map itself."""
        return Colormap(self.name, self.table() if callable(self.table) else self.table, guards=self.guards)

    def reversed(self) -> ColourTable:
        """The same map in the other order, under the name that matplotlib would give it."""
        return replace(
            self,
            name=_reverse_of(self.name),
            table=lambda: np.ascontiguousarray(self.colormap().table[::-1]),
            guards=(self.guards[1], self.guards[0]),
        )


_registered: dict[str, ColourTable] = {}


def register(name: str, table: ArrayLike, *, listed: bool = True, overwrite: bool = False) -> None:
    """Make a colour table known as `name`, and in reverse as `name` with "_r", like any other colormap.

    table : (N, 3) from the quietest to the loudest colour, whole numbers 0 to 255 or fractions 0 to 1, N from 2 to
        4096.
    listed : whether pictures are searched for it, so that `inspect` and `decode` recognise it by themselves.
    overwrite : replace what was registered under this name.

    It is known to this process. What is drawn with it carries its table, so that it is decoded everywhere, and so do
    the options of a batch; but that other processes of a batch recognise it, each must register it.
    Raises ParameterError for a table or name that cannot be, or a name in use; maps that come with fastspec cannot be
    replaced, because pictures name them.
    """
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ParameterError(f"name={name!r} of a colormap is no text of 1 to {_LONGEST_NAME} characters")
    if user_tables.is_text(name):
        raise ParameterError(f"name={name!r} of a colormap reads as a table itself; choose one without '='")
    made = ColourTable(name, user_tables.checked(name, table), listed=listed)
    for one in (made, made.reversed()):
        if is_builtin(one.name):
            raise ParameterError(f"{one.name!r} is a colormap that comes with fastspec; register {name!r} otherwise")
        if one.name in _registered and not overwrite:
            raise ParameterError(f"{one.name!r} is registered already; choose another name, or add overwrite=True")
    _registered.update({one.name: one for one in (made, made.reversed())})
    get.cache_clear()


def registered(name: str) -> Colormap | None:
    """The map that was registered as `name`, or None."""
    return get(name) if name in _registered else None


def revision() -> Hashable:
    """A key for what was worked out from all maps: another one whenever a map has been registered."""
    return tuple(_registered.values())


@lru_cache(maxsize=1)
def _provided() -> dict[str, ColourTable]:
    """The tables of drawing tools."""
    several: list[Iterable[ColourTable]] = [importlib.import_module(name).colour_tables() for name in _PROVIDERS]
    return {table.name: table for tables in several for table in tables}


def is_builtin(name: str) -> bool:
    """Whether fastspec or a drawing tool has a map of this name."""
    return name in GRAY_LEVELS or name in matplotlib_tables()[0] or name in _provided()


def _reverse_of(name: str) -> str:
    return name.removesuffix("_r") if name.endswith("_r") else f"{name}_r"


def _table_of(name: str) -> ColourTable | None:
    """The table that a user or a tool calls `name`; tools are asked last, as asking imports them."""
    if name in _registered or name in GRAY_LEVELS or name in matplotlib_tables()[0]:
        return _registered.get(name)
    return _provided().get(name)


def names() -> list[str]:
    """Names of all maps, sorted: matplotlib's (with `_r` for reversed), plain grays, drawing tools' and registered."""
    others = (*_provided().values(), *_registered.values())
    return sorted({*matplotlib_tables()[0], *GRAY_LEVELS, *(table.name for table in others if table.listed)})


def roundings(name: str) -> tuple[Rounding, ...]:
    """The roundings that make a difference to the map called `name`: both of matplotlib's, one of all others."""
    return ROUNDINGS if _table_of(name) is None else ROUNDINGS[:1]


def tool_of(name: str) -> str | None:
    """The tool that alone draws in the map called `name`, as the first part of a profile's name."""
    table = _table_of(name)
    return None if table is None else table.tool


def defaults_of_tools() -> tuple[str, ...]:
    """Names of the maps that tools with colours of their own draw in unless told otherwise."""
    return tuple(table.name for table in _provided().values() if table.default)


@lru_cache(maxsize=512)
def get(name: str, rounding: Rounding = "round") -> Colormap:
    """The map called `name`: matplotlib's, a drawing tool's or a registered one, or "gray8", "gray16" (and "_r").

    Raises ParameterError for an unknown name (with near ones) or rounding.
    """
    if rounding not in ROUNDINGS:
        raise ParameterError(f"{rounding=} is unknown; use one of {', '.join(ROUNDINGS)}")
    table = _table_of(name)
    if table is not None:
        return table.colormap()
    if name in GRAY_LEVELS:
        return Colormap(name, gray_levels(name), rounding, "rounded")
    where, tables = matplotlib_tables()
    if name not in where:
        near = difflib.get_close_matches(str(name).strip().lower(), [n.lower() for n in names()], n=4)
        near = [n for n in names() if n.lower() in near]
        hint = f"did you mean {', '.join(near)}?" if near else "fastspec.colours.names() lists all"
        raise ParameterError(f"no colormap is called {name!r}; {hint}")
    return Colormap(name, tables[rounding][where[name]], rounding)


def colour_of(levels: NDArray[Any], cmap: Colormap) -> NDArray[Any]:
    """Draw levels (H, W) in 0..1 as pixels (H, W, 3) uint8, or (H, W) uint8 or uint16 for a ramp.

    Equals matplotlib's choice of entries for float32 and float64 alike. Levels below 0 and NaN take the first entry,
    levels above 1 the last (matplotlib draws NaN transparent; a sound picture has no holes).
    """
    out = _drawn(levels, cmap, cmap.table.reshape(len(cmap), -1))
    return out.reshape(out.shape[:2]) if cmap.ramp else out


def entry_of(levels: NDArray[Any], cmap: Colormap) -> NDArray[Any]:
    """The table entries (H, W) that `colour_of` would draw, uint8 if the map has at most 256, else uint16.

    With the table as palette they are the same picture in a third of the bytes, drawn and read several times as fast.
    """
    entries = np.arange(len(cmap), dtype=np.uint8 if len(cmap) <= 256 else np.uint16)
    return _drawn(levels, cmap, entries[:, None])[..., 0]


def _drawn(levels: NDArray[Any], cmap: Colormap, table: NDArray[Any]) -> NDArray[Any]:
    """Rows of `table` (N, channels) chosen by levels (H, W) as the map's quantiser does: (H, W, channels)."""
    levels = np.ascontiguousarray(levels)
    if levels.dtype not in (np.float32, np.float64):
        levels = levels.astype(np.float32)
    if levels.ndim != 2:
        raise ParameterError(f"levels of shape {levels.shape} are no picture; give (height, width)")
    n = len(cmap)
    cells = cmap.quantiser == "cells"
    whole = n - sum(cmap.guards) if cells else n - 1
    factor, offset = levels.dtype.type(whole), levels.dtype.type(cmap.guards[0] if cells else 0.5)
    out = np.empty((levels.size, table.shape[1]), table.dtype)
    kernels.paint(readonly(levels.reshape(-1)), factor, offset, table, out)
    return out.reshape(*levels.shape, table.shape[1])


def readonly(array: NDArray[Any]) -> NDArray[Any]:
    """A view of `array` that cannot be written through: kernels are compiled for such alone."""
    view = array.view()
    view.flags.writeable = False
    return view


def plateaus(table: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Colours of the stretches of equal neighbouring entries, and the index in the middle of each."""
    rows = table.reshape(len(table), -1)
    start = np.flatnonzero(np.r_[True, (rows[1:] != rows[:-1]).any(axis=1)])
    end = np.r_[start[1:], len(table)] - 1
    return table[start], (start + end) / 2
