"""Arrays of numbers as pictures: .npy and .npz files and floating-point TIFF, without eight bits between.

The numbers become 16-bit gray from the lowest to the highest, which is .002 dB of a hundred; row 0, the lowest bin of
an array, lies at the bottom. `Picture.info["levels"]` keeps both ends. Nothing is ever unpickled.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fastspec.errors import PictureError

TOP = 65535  # the highest level of 16 bits
_WIDEST = 8  # bytes of a number
_DIMENSIONS = 2
_MOST_MEMBERS = 256  # of an archive
_MOST_NAMES = 8  # of arrays that a message lists
_VERSIONS: dict[tuple[int, int], Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

Check = Callable[[int, int], None]  # of width and height, which raises for too many pixels


def gray(values: NDArray[Any], name: str) -> tuple[NDArray[np.uint16], tuple[float, float]]:
    """16-bit gray (rows, columns), row 0 at the bottom, of numbers; the values of its lowest and highest level.

    Numbers of which none is negative begin at 0. Raises PictureError for what is not finite.
    """
    if not values.size:
        raise PictureError(f"{name} holds no numbers; save an array (bins, frames)")
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = int(np.count_nonzero(~np.isfinite(values)))
        raise PictureError(f"{name} holds {bad} numbers that are not finite; replace them, as by np.nan_to_num")
    low = min(low, 0.0)
    span = high - low
    if not np.isfinite(span):
        raise PictureError(f"{name} holds numbers from {low:g} to {high:g}, too far apart; save decibels")
    levels = np.zeros(values.shape, np.uint16)
    if span > 0:
        scaled = (values.astype(np.float64) - low) / span
        levels = np.rint(scaled * TOP).astype(np.uint16)
    return np.ascontiguousarray(levels[::-1]), (low, high)


def load_npy(stream: IO[bytes], name: str, check: Check) -> NDArray[Any]:
    """The array of an .npy file (bins, frames)."""
    start = stream.tell()
    _check_array(*_header(stream, name), name, check)
    stream.seek(start)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def load_npz(stream: IO[bytes], name: str, check: Check) -> NDArray[Any]:
    """The only array (bins, frames) of an .npz file; single numbers beside it are passed over."""
    with zipfile.ZipFile(stream) as archive:
        members = [entry.filename for entry in archive.infolist() if entry.filename.endswith(".npy")]
        if not members or len(members) > _MOST_MEMBERS:
            raise PictureError(f"{name} is an archive of {len(members)} arrays; save one array (bins, frames)")
        flat = []
        for member in members:
            with archive.open(member) as file:
                if len(_header(file, f"{name}: {member}")[0]) >= _DIMENSIONS:
                    flat.append(member)
        if len(flat) > 1:
            names = ", ".join(member.removesuffix(".npy") for member in flat[:_MOST_NAMES])
            raise PictureError(
                f"{name} holds {len(flat)} arrays ({names}); save the one to decode as a file of its own, as by np.save"
            )
        member = (flat or members)[0]
        with archive.open(member) as file:
            _check_array(*_header(file, name), name, check)
        with archive.open(member) as file:
            return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of the array that begins here."""
    version = np.lib.format.read_magic(stream)
    if version not in _VERSIONS:
        raise PictureError(f"{name} is of version {version[0]}.{version[1]} of the format, which is not read")
    shape, _, dtype = _VERSIONS[version](stream)
    return shape, dtype


def _check_array(shape: tuple[int, ...], dtype: np.dtype[Any], name: str, check: Check) -> None:
    """Raise PictureError for what is no array of levels, before its numbers are read."""
    if dtype.hasobject:
        raise PictureError(f"{name} holds Python objects, which are never unpickled; save an array of floats")
    if dtype.kind == "c":
        raise PictureError(f"{name} holds complex numbers; save their magnitudes or decibels (bins, frames)")
    if dtype.kind != "f" or dtype.itemsize > _WIDEST:
        raise PictureError(f"{name} holds numbers of type {dtype}; save float32 or float64")
    if len(shape) != _DIMENSIONS:
        raise PictureError(f"{name} holds an array of shape {shape}; save one of two dimensions (bins, frames)")
    check(shape[1], shape[0])
