"""The calibration in the pixels of fastspec's own pictures, for editors that drop the text from the file.

On a lattice of pixels the parity of the level carries bits of the text, compressed, with a checksum: each bit stands in
many places all over the picture, and the majority of them counts. So it outlives saving as any lossless format, with a
palette or in RGB, and paint over part of the picture. It does not outlive JPEG or resizing, and the checksum then tells
that nothing is there. A marked level is the nearest of the right parity; the lowest and the highest carry nothing and
stay exact.
"""

from __future__ import annotations

import itertools
import zlib
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import colormap
from fastspec.picture.picture import Picture

MAPS = ("magma", "gray", "viridis", "inferno", "plasma", "cividis", "turbo", "jet", "gray_r", "Greys")
_STEPS = (64, 32, 16, 8, 4)  # of all pixels of a lattice one in so many is marked, each lattice within the next
_HEADER = 6  # bytes: two of length, four of checksum
_FACTORS = (2, 3, 5, 7)
_KEY = np.array([65536, 256, 1])  # what makes one number of red, green and blue
# What texts have in common. It is part of the format: a changed one reads no earlier picture.
_COMMON = (
    b'{"facts": {"center": true, "cmap": "viridis", "cmap": "gray", "cmap": "magma", "cmap_rounding": "round", '
    b'"db_range": [-120.0, 0.0], "db_range": [-80.0, 0.0], "duration": 1.5, "freq_edges": "cells", '
    b'"freq_scale": "mel", "freq_scale": "linear", "hop_length": 256, "hop_length": 512, "level_kind": "db", '
    b'"level_quantiser": "cells", '
    b'"n_fft": 1024, "n_fft": 2048, "n_frames": 1, "origin": "lower", "profile": "fastspec", "ref": 1.234567890, '
    b'"sr": 44100, "sr": 16000, "sr": 22050, "win_length": 1024, "win_length": 2048, "window": "hamming", '
    b'"window": "hann"}, "format": "fastspec-calibration", "size": [1, 513], "size": [1, 1025], "version": 1}'
)


class Limits(NamedTuple):
    """How often each bit stands in a picture, and what is looked at."""

    quiet: float = 0.6  # of the scale, 32 dB below the loudest of 80: a step of these costs nothing; unmeasured
    votes: int = 32  # pixels a bit from which a coarser lattice is taken; unmeasured
    enough: int = 12  # pixels a bit for which quiet ones do; unmeasured
    fewest: int = 5  # pixels a bit below which there is no mark; unmeasured
    longest: int = 600  # bytes of compressed text; one without a table of colours has some 70; unmeasured
    on_map: float = 0.1  # share of pixels in a map's colours; unmeasured
    tile: int = 32  # pixels, the side of parts whose levels may have been moved together; unmeasured
    rounds: int = 4  # in which it is found how much each part counts; unmeasured
    sample: int = 2048  # pixels by which the map is told; unmeasured
    few: int = 256  # the same where it is only asked whether there is a mark; unmeasured
    most: int = 1 << 17  # pixels that are looked at; the time of a few milliseconds; unmeasured
    # what tells in a part of a millisecond that there is none
    tested: int = 3072  # pixels of the header, for which quiet ones suffice; unmeasured
    parts: int = 4  # of each side, in which the votes are counted, so that what moved a part hides no mark; unmeasured
    # Standard deviations by which pixels of one bit agree more than by chance. Of 980 pictures of noise at most 5.1; of
    # 351 marks that all pixels tell, with 30 to 97 % of the pixels, columns or rows replaced, none had less.
    agree: float = 5.25  # that many; unmeasured


LIMITS = Limits()


def fits(rows: int) -> bool:
    """Whether a picture of so many rows may be marked: 1 + n_fft / 2 of an n_fft with small factors, as all usual."""
    rest = 2 * (rows - 1)
    for factor in _FACTORS:
        while rest and rest % factor == 0:
            rest //= factor
    return rest == 1


def drawn(levels: NDArray[Any], position: NDArray[Any], text: str, cmap: str) -> NDArray[Any]:
    """Levels (H, W), whole numbers, that carry `text`; themselves where there is no room for it.

    position : (H, W) what they were rounded from, 0..1. cmap : the name of their map.
    """
    height, top = levels.shape[0], int(np.iinfo(levels.dtype).max)
    data = _packed(text)
    if cmap not in MAPS or not fits(height) or data is None:
        return levels
    step, most = _chosen(levels, top, 8 * len(data))
    if not step:
        return levels
    at = _lattice(levels.shape, step)
    shown = levels[at].astype(np.int64)
    usable = (shown > 0) & (shown < most)
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).astype(np.int64)
    in_header, place, white = _places(at, len(data) - _HEADER)
    wanted = bits[np.where(in_header, place, 8 * _HEADER + place)] ^ white
    above = (position[at] * (top + 1)) % 1 >= 0.5
    moved = np.where(above, shown + 1, shown - 1)
    moved = np.where(moved < 1, 2, np.where(moved >= most, most - 2, moved))
    out = levels.copy()
    out[at] = np.where(usable & (shown & 1 != wanted), moved, shown)
    return out


def read(picture: Picture) -> str | None:
    """The text that the pixels of a picture carry, None where they carry none that is whole."""
    shape = picture.pixels.shape[:2]
    if not fits(shape[0]) or not _may_be_marked(picture):
        return None
    steps = [step for step in _STEPS if step >= _finest(shape)]
    finest = _lattice(shape, steps[-1])
    for levels, top in _levels(picture, finest):
        for most, step in itertools.product(_ends(top), steps):
            chosen = (levels > 0) & (levels < most) & ((finest[1] + 5 * finest[0]) % step == 0)
            at = finest[0][chosen], finest[1][chosen]
            text = _decoded(at, levels[chosen] & 1)
            if text is not None:
                return text
    return None


def _may_be_marked(picture: Picture) -> bool:
    """Whether some pixels that carry one bit of the header agree more than by chance.

    What turns a bit over is as good as thrown, so that pixels without a mark agree by chance whatever they show.
    """
    shape, step = picture.pixels.shape[:2], _STEPS[0]
    tested = _tested(shape, step)
    seen = _levels(picture, tested.at, LIMITS.few, LIMITS.on_map / 2)
    usable = max((np.count_nonzero((levels > 0) & (levels < _ends(top)[0])) for levels, top in seen), default=0)
    while seen and step > _finest(shape) and usable * _STEPS[0] < LIMITS.tested * step:
        step //= 2
    if step < _STEPS[0]:
        tested = _tested(shape, step)
        seen = _levels(picture, tested.at, LIMITS.few, LIMITS.on_map / 2)
    bits = 8 * _HEADER
    cells = LIMITS.parts**2 * bits
    for levels, top in seen:
        said = np.where(levels & 1 != tested.white, 1.0, -1.0)
        for most in _ends(top):
            inside = (levels > 0) & (levels < most)
            for first in tested.begins:
                some = np.flatnonzero(inside[first:]) + first
                cell = tested.cell[some]
                votes = np.asarray(np.bincount(cell, said[some], cells), np.float64).reshape(-1, bits)
                if _agree(votes, np.bincount(cell, minlength=cells).reshape(-1, bits)):
                    return True
    return False


def _agree(votes: NDArray[np.float64], pixels: NDArray[np.intp]) -> bool:
    """Whether votes (parts, bits) of so many pixels are more of one mind than by chance, in a part, all, or the whole.

    In the whole, parts agree with each other, too.
    """
    pairs = (votes * votes - pixels).sum(axis=1)  # twice the pairs that agree less twice those that do not
    spread = (2.0 * pixels * (pixels - 1)).sum(axis=1)
    if (pairs > LIMITS.agree * np.sqrt(np.maximum(spread, 1.0))).any():
        return True
    if float(pairs.sum()) > LIMITS.agree * max(float(spread.sum()), 1.0) ** 0.5:
        return True
    return len(votes) > 1 and _agree(votes.sum(axis=0)[None], pixels.sum(axis=0)[None])


class _Tested(NamedTuple):
    """Pixels of the header, those of the coarsest lattice last.

    at : rows and columns. cell : the number of its part of the picture and of the bit that it carries. white : what
    turns that over. begins : where the pixels of each lattice begin, which go on to the end.
    """

    at: tuple[NDArray[np.intp], NDArray[np.intp]]
    cell: NDArray[np.intp]
    white: NDArray[np.int64]
    begins: tuple[int, ...]


@lru_cache(maxsize=4)
def _tested(shape: tuple[int, ...], finest: int) -> _Tested:
    """The pixels of a picture of this shape by which it is told whether it may be marked, on a lattice and coarser."""
    steps = [step for step in _STEPS if step >= finest]
    rows, columns = _lattice(shape, finest)
    some = rows % max(1, len(rows) // LIMITS.most) == 0  # of a picture that is larger than that
    rows, columns = rows[some], columns[some]
    in_header = _mixed((rows, columns)) & np.uint32(3) == 0
    rows, columns = rows[in_header], columns[in_header]
    _, place, white = _places((rows, columns), 1)
    lattices = sum(((columns + 5 * rows) % step == 0).astype(np.intp) for step in steps)
    order = np.argsort(lattices, kind="stable")
    begins = np.searchsorted(lattices[order], np.arange(len(steps), 0, -1))
    part = (rows * LIMITS.parts // shape[0]) * LIMITS.parts + columns * LIMITS.parts // shape[1]
    cell = 8 * _HEADER * part + place
    return _Tested((rows[order], columns[order]), cell[order], white[order], tuple(begins.tolist()))


def _finest(shape: tuple[int, ...]) -> int:
    """The finest lattice that is looked at, which has not too many pixels."""
    return min((step for step in _STEPS if shape[0] * shape[1] <= step * LIMITS.most), default=_STEPS[0])


def _ends(top: int) -> tuple[int, int]:
    """Levels from which on nothing is marked: the loud ones if there are others enough, for what they cost most."""
    return round(LIMITS.quiet * top), top


def _chosen(levels: NDArray[Any], top: int, bits: int) -> tuple[int, int]:
    """The lattice, and the level from which on nothing is marked, for so many bits; a lattice of 0 for no room."""
    for most, fewest in zip(_ends(top), (LIMITS.enough, LIMITS.fewest), strict=True):
        for step in _STEPS:
            shown = levels[_lattice(levels.shape, step)]
            enough = np.count_nonzero((shown > 0) & (shown < most)) / bits
            if enough >= (fewest if step == _STEPS[-1] else LIMITS.votes):
                return step, most
    return 0, top


def _numbered(at: tuple[NDArray[np.intp], NDArray[np.intp]]) -> NDArray[np.intp]:
    """The number of the tile that each pixel lies in, of those in which one lies, row by row."""
    down, across = at[0] // LIMITS.tile, at[1] // LIMITS.tile
    tile = down * (int(across.max(initial=0)) + 1) + across
    seen = np.zeros(int(tile.max(initial=0)) + 1, bool)
    seen[tile] = True
    return np.asarray((np.cumsum(seen) - 1)[tile])  # np.unique would sort them


def _decoded(at: tuple[NDArray[np.intp], NDArray[np.intp]], parity: NDArray[np.int64]) -> str | None:
    """The text by the parity of marked pixels, whose levels may all have been moved by an odd number."""
    in_header, place, white = _places(at, 1)
    place, said, tile = place[in_header], (parity ^ white)[in_header], _numbered((at[0][in_header], at[1][in_header]))
    for flipped in (0, 1):
        header = _majority(place, said ^ flipped, 8 * _HEADER, tile)
        length = int.from_bytes(header[:2], "big") - _HEADER
        if 0 < length <= LIMITS.longest:
            text = _body(at, parity ^ flipped, length, header[2:])
            if text is not None:
                return text
    return None


def _body(
    at: tuple[NDArray[np.intp], NDArray[np.intp]], parity: NDArray[np.int64], length: int, checksum: bytes
) -> str | None:
    """The text of `length` bytes compressed, None where it is not whole."""
    in_header, place, white = _places(at, length)
    body = _majority(place[~in_header], (parity ^ white)[~in_header], 8 * length, _numbered(at)[~in_header])
    if zlib.crc32(body) != int.from_bytes(checksum, "big"):
        return None
    try:
        packer = zlib.decompressobj(-15, zdict=_COMMON)
        return packer.decompress(body, 1 << 16).decode()
    except (zlib.error, UnicodeDecodeError):
        return None


def _majority(place: NDArray[np.int64], bit: NDArray[np.int64], count: int, tile: NDArray[np.intp]) -> bytes:
    """Bytes of `count` bits, each what most of its pixels say.

    tile : of each pixel, the number of its part of the picture. A part counts as much as it agrees with the others:
    one that was painted over does not count, and one whose levels were moved by an odd number says the contrary.
    """
    said = 2.0 * bit - 1
    votes = np.bincount(place, weights=said, minlength=count)
    pixels = np.maximum(np.bincount(tile), 1)
    for _ in range(LIMITS.rounds):
        agreement = np.bincount(tile, weights=said * np.sign(votes)[place]) / pixels
        votes = np.bincount(place, weights=said * agreement[tile], minlength=count)
    return np.packbits(votes[:count] > 0).tobytes()


def _packed(text: str) -> bytes | None:
    """A text with its length and checksum, None if it is too long."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_COMMON)
    body = packer.compress(text.encode()) + packer.flush()
    if len(body) > LIMITS.longest:
        return None
    return (len(body) + _HEADER).to_bytes(2, "big") + zlib.crc32(body).to_bytes(4, "big") + body


def _lattice(shape: tuple[int, ...], step: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the pixels that are marked."""
    height, width = shape[:2]
    first = (-5 * np.arange(height)) % step
    columns = first[:, None] + step * np.arange(-(-width // step))
    rows = np.broadcast_to(np.arange(height)[:, None], columns.shape)
    inside = columns < width
    return rows[inside], columns[inside]


def _places(
    at: tuple[NDArray[np.intp], NDArray[np.intp]], length: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Of each pixel: whether it is of the header, which bit of header or body it carries, and what turns that over."""
    mixed = _mixed(at)
    in_header = mixed % 4 == 0
    place = (mixed >> np.uint32(4)) % np.where(in_header, 8 * _HEADER, 8 * length).astype(np.uint32)
    return in_header, place.astype(np.int64), ((mixed >> np.uint32(2)) & np.uint32(1)).astype(np.int64)


def _mixed(at: tuple[NDArray[np.intp], NDArray[np.intp]]) -> NDArray[np.uint32]:
    """A number of each pixel, of which the two lowest bits, the next one and the rest tell what `_places` does."""
    rows, columns = (each.astype(np.uint32) for each in at)
    mixed = (rows * np.uint32(0x9E3779B1)) ^ (columns * np.uint32(0x85EBCA77))
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return np.asarray(mixed ^ (mixed >> np.uint32(15)))


def _levels(
    picture: Picture,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    sample: int = LIMITS.sample,
    on_map: float = LIMITS.on_map,
) -> list[tuple[NDArray[np.int64], int]]:
    """The levels of pixels by each map that has their colours, likelier first, 0 for other colours; and the highest.

    sample : how many pixels tell the map. on_map : the share of these that it must have.
    """
    pixels = picture.pixels[at]
    if picture.palette is None and pixels.ndim == 1:
        return [(pixels.astype(np.int64), int(np.iinfo(pixels.dtype).max))]
    if picture.palette is not None:
        from fastspec.picture.pillow import padded

        colours, which = padded(picture.palette, picture.pixels), pixels
    else:
        colours, which = pixels, np.arange(len(pixels))
    packed = colours.astype(np.int64) @ _KEY
    some = packed[which[:: max(1, len(which) // sample)]]
    shares = [(float(np.mean(_level_of(some, name) > 0)), name) for name in MAPS]
    likely = sorted(((share, name) for share, name in shares if share >= on_map), reverse=True)
    return [(_level_of(packed, name)[which], 255) for _, name in likely[:2]]


def _level_of(packed: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    """The level of each colour in a map, 0 for colours that it does not have."""
    keys, order = _keys(name)
    slot = np.minimum(np.searchsorted(keys, packed), len(keys) - 1)
    return np.where(keys[slot] == packed, order[slot], 0)


@lru_cache(maxsize=len(MAPS))
def _keys(name: str) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """The colours of a map as sorted numbers, and the level of each."""
    cmap = colormap.get(name)
    table = cmap.table.reshape(len(cmap), -1).astype(np.int64)
    keys = (np.repeat(table, 3, axis=1) if cmap.ramp else table) @ _KEY
    order = np.argsort(keys, kind="stable")
    return keys[order], order
