"""The calibration beside a picture: PICTURE.json, for what editors drop from the file itself.

It holds what the picture's own text holds, each fact with its source, and a thumbnail of the picture, by which it is
told whether this is still the picture that it was written for, however that was edited, resized or saved since.
"""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastspec.errors import PictureError

if TYPE_CHECKING:
    from fastspec.picture.picture import Picture

SUFFIX = ".json"
MAX_BYTES = 1 << 18
_SIDE = 16  # cells of a thumbnail, each way
_NEAR, _TELLING, _FEWEST = 3, 12, 8  # of 255 levels; of 255 levels above the darkest; cells


class Sidecar(NamedTuple):
    """What stands beside a picture. text : its contents; fault : why there are none, as a phrase."""

    name: str
    text: str | None
    fault: str = ""


def path_of(picture: str | os.PathLike[str]) -> str:
    """Where the sidecar of the picture under this path is, or would be."""
    return os.fspath(picture) + SUFFIX


def beside(picture: str | os.PathLike[str]) -> Sidecar | None:
    """The sidecar of the picture under a path, None where there is none; anything but a file of text has a fault."""
    return read(path_of(picture)) if isinstance(os.fspath(picture), str) else None


def read(path: str) -> Sidecar | None:
    """The text of a file, None where there is no such file; anything but a file of text has a fault."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return None
    name = os.path.basename(path)
    if not stat.S_ISREG(mode):
        return Sidecar(name, None, "it is no regular file")
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return Sidecar(name, None, f"it has more than {MAX_BYTES} bytes")
        return Sidecar(name, data.decode("utf-8-sig"))
    except OSError as error:
        return Sidecar(name, None, f"it cannot be read: {error.strerror or error}")
    except UnicodeDecodeError:
        return Sidecar(name, None, "it is no text in UTF-8")


def text_of(picture: Picture) -> str:
    """The text of the sidecar of a picture that carries its calibration. Raises PictureError where it carries none."""
    try:
        document: dict[str, Any] = json.loads(picture.embedded or "")
        facts = dict(document["facts"])
    except (ValueError, KeyError, TypeError):
        raise PictureError(
            "the picture carries no calibration that a sidecar could hold; draw it with fastspec.encode"
        ) from None
    document["facts"] = {name: {"value": value, "source": "drawn"} for name, value in facts.items()}
    document["size"] = [picture.width, picture.height]
    document["thumbnail"] = thumbnail(picture)
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def thumbnail(picture: Picture) -> str:
    """The mean brightness of each of 16 x 16 parts of a picture, row by row, in hexadecimal digits."""
    pixels = picture.pixels
    if picture.palette is not None:
        from fastspec.picture.pillow import padded

        pixels = np.round(padded(picture.palette, pixels) @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)[pixels]
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    gray = Image.fromarray(np.ascontiguousarray(pixels)).convert("L")
    return gray.resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes().hex()


def agreement(one: object, other: object, parts: NDArray[np.bool_] | None = None) -> float | None:
    """How much of two thumbnails is the same, 0..1; None where they tell nothing, as those of silence.

    Where hardly a part is as it was, because noise lies over all or colours have changed, it is how far the bright
    parts lie in the same places, whatever rows and columns have in common. parts : (16, 16), those that are compared.
    """
    a, b = _cells(one), _cells(other)
    if a is None or b is None:
        return None
    chosen = np.ones(a.shape, bool) if parts is None else parts
    floor = min(a.min(), b.min())
    telling = chosen & (np.maximum(a, b) > floor + _TELLING)
    if np.count_nonzero(telling) < _FEWEST:
        return None
    same = float(np.mean(np.abs(a - b)[telling] <= _NEAR))
    if parts is not None:
        return same
    left, right = (_centred(cells) for cells in (a, b))
    scale = float(np.sqrt(np.sum(left**2) * np.sum(right**2)))
    return max(same, float(np.sum(left * right)) / scale if scale > 0 else 0.0)


def cells_outside(box: tuple[int, int, int, int], width: int, height: int) -> NDArray[np.bool_]:
    """The parts (16, 16) of a thumbnail that lie wholly outside of a box of the picture."""
    left, top, right, bottom = box
    across, down = (np.arange(_SIDE) for _ in range(2))
    columns = ((across + 1) * width <= left * _SIDE) | (across * width >= right * _SIDE)
    rows = ((down + 1) * height <= top * _SIDE) | (down * height >= bottom * _SIDE)
    outside: NDArray[np.bool_] = rows[:, None] | columns[None]
    return outside


def _cells(text: object) -> NDArray[np.float64] | None:
    try:
        data = bytes.fromhex(str(text))
    except ValueError:
        return None
    if len(data) != _SIDE**2:
        return None
    return np.frombuffer(data, np.uint8).reshape(_SIDE, _SIDE).astype(np.float64)


def _centred(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cells without what each row and each column has in common: all speech falls towards high frequencies."""
    centred: NDArray[np.float64] = (
        cells - cells.mean(axis=0, keepdims=True) - cells.mean(axis=1, keepdims=True) + cells.mean()
    )
    return centred
