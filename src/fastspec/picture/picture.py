"""Picture: pixels and what came with them, made of arrays and of Pillow images of every mode.

Row 0 is the top. `fastspec.picture.files` reads and writes the files.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, Box
from fastspec.errors import PictureError
from fastspec.picture.pillow import decoding, laid_on, opaque_colour, padded, parts_of
from fastspec.picture.sidecar import Sidecar
from fastspec.picture.silence import quiet_decoders

if TYPE_CHECKING:
    from PIL import Image

_Result = TypeVar("_Result")
_FILES = "fastspec.picture.files"  # which knows this module, and is imported when a picture is first saved


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels and what came with them.

    pixels : (H, W) uint8 or uint16 gray, (H, W) uint8 palette entries if there is a `palette`, or (H, W, 3) uint8 RGB;
        read-only, row 0 at the top. Transparent pixels already lie on the background that `read` was told.
    palette : (N, 3) uint8 colours of the entries, N <= 256, or None.
    alpha : (H, W) uint8 as it was in the file, or None if all is opaque.
    embedded : the calibration's JSON text, unread, or None.
    info : format, mode, software, dpi, aspect (of a pixel), exif {tag: value}, orientation, subsampling (of JPEG),
        notes (sentences on what was changed in reading); each only if known.
    sidecar : the text beside the file, or None. file : the bytes of a JPEG file that it was read from, or None.

    Raises PictureError for pixels of another shape or dtype.
    """

    pixels: Array
    palette: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None
    embedded: str | None = None
    info: dict[str, Any] = field(default_factory=dict)
    sidecar: Sidecar | None = None
    file: bytes | None = field(default=None, repr=False)
    looked: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)  # what tools saw, by where

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels).view()
        gray = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
        colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8 and self.palette is None
        if not (gray or colour) or not pixels.size:
            raise PictureError(
                f"pixels of shape {pixels.shape} and dtype {pixels.dtype} make no picture; "
                "give (H, W) uint8 or uint16, or (H, W, 3) uint8, with at least one pixel"
            )
        if self.palette is not None:
            palette = np.ascontiguousarray(self.palette, np.uint8).view()
            if palette.ndim != 2 or palette.shape[1] != 3 or not 1 <= len(palette) <= 256 or pixels.dtype != np.uint8:
                raise PictureError(f"a palette of shape {palette.shape} does not fit; give (N, 3), N <= 256, uint8")
            palette.flags.writeable = False
            object.__setattr__(self, "palette", palette)
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)

    def __reduce__(self) -> tuple[Any, ...]:
        # what was seen here speaks of colormaps that another process may not know
        return (type(self), (self.pixels, self.palette, self.alpha, self.embedded, self.info, self.sidecar, self.file))

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    def save(self, target: str | os.PathLike[str] | BinaryIO, **options: Any) -> None:
        """Write the picture with its calibration; `options` and errors are those of `picture.files.write`.

        >>> fastspec.encode(y, sr).save("speech.png")  # doctest: +SKIP
        """
        importlib.import_module(_FILES).write(self, target, **options)

    def rgb(self) -> NDArray[np.uint8]:
        """The picture as (H, W, 3) uint8 colours, whatever it is stored as."""
        if self.palette is not None:
            colours: NDArray[np.uint8] = padded(self.palette, self.pixels)[self.pixels]
            return colours
        pixels = self.pixels
        if pixels.ndim == 3:
            return pixels
        if pixels.dtype == np.uint16:
            pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
        return np.repeat(pixels[:, :, None], 3, axis=2)

    def area(self, box: Box, hidden: Box = (0, 0, 0, 0)) -> Array:
        """The pixels within `box` (left, top, right, bottom), the `hidden` lines at its sides filled from beside them.

        hidden : lines that a frame covers at the left, top, right and bottom.
        """
        left, top, right, bottom = box
        pixels = self.pixels[top:bottom, left:right]
        height, width = pixels.shape[:2]
        if not any(hidden) or hidden[0] + hidden[2] >= width or hidden[1] + hidden[3] >= height:
            return pixels
        last_key, last_one = self.looked.get("area", (None, None))  # the last one alone: it is as large as the picture
        if last_key == (box, hidden):
            return np.asarray(last_one)
        first, above, last, below = hidden
        pixels = pixels.copy()
        pixels[:, :first] = pixels[:, first : first + 1]
        pixels[:, width - last :] = pixels[:, width - last - 1 : width - last]
        pixels[:above] = pixels[above]
        pixels[height - below :] = pixels[height - below - 1]
        pixels.flags.writeable = False
        self.looked["area"] = (box, hidden), pixels
        return pixels

    def once(self, work: Callable[[Array], _Result], box: Box, hidden: Box = (0, 0, 0, 0)) -> _Result:
        """`work` of an `area`'s pixels, done once for all that ask."""
        key = (work, box, hidden)
        if key not in self.looked:
            self.looked[key] = work(self.area(box, hidden))
        found: _Result = self.looked[key]
        return found

    @classmethod
    def from_array(cls, pixels: Array, *, background: Sequence[int] = (255, 255, 255), **fields: Any) -> Picture:
        """A Picture of an array (H, W), (H, W, 3) or, alpha last, (H, W, 4); `fields` as the class has them.

        Raises PictureError for another shape or dtype.
        """
        pixels = np.asarray(pixels)
        if pixels.ndim == 3 and pixels.shape[2] == 4 and pixels.dtype == np.uint8:
            pixels, fields["alpha"] = laid_on(pixels, opaque_colour(background))
        return cls(pixels, **fields)

    @classmethod
    def from_pil(cls, image: Image.Image, *, background: Sequence[int] = (255, 255, 255)) -> Picture:
        """A Picture of a Pillow image of any mode that `read` takes. Raises PictureError for others."""
        behind = opaque_colour(background)
        with quiet_decoders():
            with decoding("the image"):
                image.load()
            return cls(*parts_of(image, behind, "the image", []))
