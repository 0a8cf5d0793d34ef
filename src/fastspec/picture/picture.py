"""Picture: pixels and what came with them, made of arrays and of Pillow images of every mode.

Row 0 is the top. `fastspec.picture.files` reads and writes the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastspec.errors import ParameterError, PictureError
from fastspec.picture import zero_copy
from fastspec.picture.silence import quiet_decoders

__all__ = ["KEYWORD", "Picture", "decoding", "from_loaded", "opaque_colour"]

KEYWORD = "fastspec:calibration"
MAX_EMBEDDED = 1 << 18  # characters of calibration; a real one has some thousand
DESCRIPTION, ORIENTATION, SOFTWARE = 270, 274, 305  # EXIF and TIFF tags
DEEP_MODES = {"I;16", "I;16B", "I;16L", "I;16N", "I"}
_BLOCK = 1 << 20  # pixels
_LONGEST_REASON = 200
_LONGEST_EXIF = 1 << 12  # longer values are left out of `info`


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Pixels and what came with them.

    pixels : (H, W) uint8 or uint16 gray, (H, W) uint8 palette entries if there is a `palette`, or (H, W, 3) uint8 RGB;
        read-only, row 0 at the top. Transparent pixels already lie on the background that `read` was told.
    palette : (N, 3) uint8 colours of the entries, N <= 256, or None.
    alpha : (H, W) uint8 as it was in the file, or None if all is opaque.
    embedded : the calibration's JSON text, unread, or None.
    info : format, mode, software, dpi, aspect (of a pixel), exif {tag: value}, orientation,
        notes (sentences on what was changed in reading); each only if known.

    Raises PictureError for pixels of another shape or dtype.
    """

    pixels: NDArray[Any]
    palette: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None
    embedded: str | None = None
    info: dict[str, Any] = field(default_factory=dict)
    # The last area behind a frame: three rooms ask for it, and a copy of a million pixels takes 2 ms.
    _behind: dict[Any, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)
    looked: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)  # what readers saw, by where

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

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    def rgb(self) -> NDArray[np.uint8]:
        """The picture as (H, W, 3) uint8 colours, whatever it is stored as."""
        if self.palette is not None:
            colours: NDArray[np.uint8] = _padded(self.palette, self.pixels)[self.pixels]
            return colours
        pixels = self.pixels
        if pixels.ndim == 3:
            return pixels
        if pixels.dtype == np.uint16:
            pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
        return np.repeat(pixels[:, :, None], 3, axis=2)

    def area(self, box: tuple[int, int, int, int], hidden: tuple[int, int, int, int] = (0, 0, 0, 0)) -> NDArray[Any]:
        """The pixels within `box` (left, top, right, bottom), the `hidden` lines at its sides filled from beside them.

        hidden : lines that a frame covers at the left, top, right and bottom.
        """
        left, top, right, bottom = box
        pixels = self.pixels[top:bottom, left:right]
        height, width = pixels.shape[:2]
        if not any(hidden) or hidden[0] + hidden[2] >= width or hidden[1] + hidden[3] >= height:
            return pixels
        kept = self._behind.get((box, hidden))
        if kept is not None:
            return kept
        first, above, last, below = hidden
        pixels = pixels.copy()
        pixels[:, :first] = pixels[:, first : first + 1]
        pixels[:, width - last :] = pixels[:, width - last - 1 : width - last]
        pixels[:above] = pixels[above]
        pixels[height - below :] = pixels[height - below - 1]
        pixels.flags.writeable = False
        self._behind.clear()
        self._behind[box, hidden] = pixels
        return pixels

    @classmethod
    def from_array(cls, pixels: NDArray[Any], *, background: Sequence[int] = (255, 255, 255), **fields: Any) -> Picture:
        """A Picture of an array (H, W), (H, W, 3) or, alpha last, (H, W, 4); `fields` as the class has them.

        Raises PictureError for another shape or dtype.
        """
        pixels = np.asarray(pixels)
        if pixels.ndim == 3 and pixels.shape[2] == 4 and pixels.dtype == np.uint8:
            pixels, fields["alpha"] = _laid_on(pixels, opaque_colour(background))
        return cls(pixels, **fields)

    @classmethod
    def from_pil(cls, image: Image.Image, *, background: Sequence[int] = (255, 255, 255)) -> Picture:
        """A Picture of a Pillow image of any mode that `read` takes. Raises PictureError for others."""
        behind = opaque_colour(background)
        with quiet_decoders():
            with decoding("the image"):
                image.load()
            return from_loaded(image, behind, "the image", [])


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Whatever a decoder raises (Pillow's raise more than a dozen types) says that the file is bad."""
    try:
        yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{name} has more pixels than Pillow's limit allows ({error})") from error
    except MemoryError as error:
        raise PictureError(f"{name} does not fit into memory") from error
    except Exception as error:
        reason = str(error).split("\n")[0][:_LONGEST_REASON] or type(error).__name__
        raise PictureError(f"{name} is damaged or of an unsupported kind: {reason}") from error


def from_loaded(
    image: Image.Image, behind: NDArray[np.uint8], name: str, notes: list[str], *, own: bool = False
) -> Picture:
    """A Picture of an image whose pixels are decoded; `notes` is what was noted before.

    own : the image is nobody else's, so its memory may become the picture's.
    """
    info: dict[str, Any] = {"format": image.format, "mode": image.mode}
    embedded = _read_metadata(image, name, info, notes)
    with decoding(name):
        pixels, palette, alpha = _pixels_of(image, behind, name, notes, own)
    if notes:
        info["notes"] = tuple(notes)
    return Picture(pixels, palette, alpha, embedded, info)


def opaque_colour(background: Sequence[int]) -> NDArray[np.uint8]:
    """`background` as three bytes. Raises ParameterError when it is no RGB colour."""
    colour = np.asarray(background)
    if colour.shape != (3,) or not np.issubdtype(colour.dtype, np.integer) or ((colour < 0) | (colour > 255)).any():
        raise ParameterError(f"{background=} is no colour; give three integers in 0..255")
    return colour.astype(np.uint8)


def _pixels_of(
    image: Image.Image, behind: NDArray[np.uint8], name: str, notes: list[str], own: bool
) -> tuple[NDArray[Any], NDArray[np.uint8] | None, NDArray[np.uint8] | None]:
    """Pixels, palette and alpha of a loaded image."""
    mode, keyed = image.mode, "transparency" in image.info
    if own and not keyed and mode in ("RGB", "RGBA"):
        lying = zero_copy.rgbx(image)
        if lying is not None:
            pixels, alpha = (lying[..., :3], None) if mode == "RGB" else _laid_on(lying, behind)
            return pixels, None, alpha
    if mode == "P":
        return _palette_pixels(image, behind)
    if mode in DEEP_MODES:
        levels = np.asarray(image)
        if mode == "I" and (levels.min() < 0 or levels.max() > 65535):
            raise PictureError(f"{name} has levels from {levels.min()} to {levels.max()}; scale them to 16 bits first")
        if keyed:
            notes.append("the transparent gray level of a 16-bit picture was taken as opaque")
        return levels.astype(np.uint16, copy=False), None, None
    if mode in ("F", "LAB", "HSV"):
        what = "floating-point levels" if mode == "F" else f"{mode} colours"
        raise PictureError(f"{name} holds {what}, whose scale is unknown; save it as 8-bit RGB or 16-bit gray")
    if mode in ("CMYK", "YCbCr", "RGBX"):
        if mode == "CMYK":
            notes.append("CMYK inks were converted to RGB without a colour profile: colours are not exact")
        return np.asarray(image.convert("RGB")), None, None
    if mode == "1":
        image = image.convert("L")
    if keyed or mode in ("RGBA", "RGBa", "LA", "La", "PA"):
        pixels, alpha = _laid_on(np.asarray(image if mode == "RGBA" else image.convert("RGBA")), behind)
        gray = mode in ("1", "L", "LA", "La") and (alpha is None or (behind == behind[0]).all())
        return pixels[..., 0] if gray else pixels, None, alpha
    if image.mode not in ("L", "RGB"):
        raise PictureError(f"{name} has pixels of mode {mode}, which is not supported; save it as RGB")
    return np.asarray(image), None, None


def _palette_pixels(
    image: Image.Image, behind: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Entries stay entries: transparency, which belongs to entries here, is laid on the background in the palette."""
    pixels = np.asarray(image)
    colours = np.array(image.getpalette("RGBA"), np.uint8).reshape(-1, 4)[:256]
    key = image.info.get("transparency")
    if isinstance(key, bytes):
        count = min(len(key), len(colours))
        colours[:count, 3] = np.frombuffer(key, np.uint8, count)
    elif isinstance(key, int) and key < len(colours):
        colours[key, 3] = 0
    opacity = colours[:, 3]
    palette, mixed = _laid_on(colours[None], behind)
    palette = _padded(palette[0], pixels)
    if mixed is None:
        return pixels, palette, None
    alpha = np.pad(opacity, (0, len(palette) - len(opacity)), constant_values=255)[pixels]
    return pixels, palette, None if alpha.min() == 255 else alpha


def _padded(palette: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The palette with black for entries that are used but missing, as all viewers show them."""
    missing = int(pixels.max()) + 1 - len(palette)
    return np.pad(palette, ((0, missing), (0, 0))) if missing > 0 else palette


def _laid_on(rgba: NDArray[np.uint8], behind: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """RGB of (H, W, 4) over an opaque colour, and alpha; without a copy, and None, where all is opaque."""
    rgba = np.ascontiguousarray(rgba)
    # one AND over whole pixels is five times as fast as the minimum of every fourth byte
    if np.bitwise_and.reduce(rgba.view(np.uint32), axis=None).reshape(1).view(np.uint8)[3] == 255:
        return rgba[..., :3], None
    alpha = rgba[..., 3]
    mixed = np.empty((*alpha.shape, 3), np.uint8)
    step = max(1, _BLOCK // max(1, rgba.shape[1]))
    for top in range(0, len(rgba), step):  # by blocks: products of 32 bits for all pixels would be 12 times the picture
        block = rgba[top : top + step]
        part = block[..., 3:].astype(np.uint32)
        mixed[top : top + step] = (block[..., :3] * part + behind * (255 - part) + 127) // 255
    return mixed, alpha


def _read_metadata(image: Image.Image, name: str, info: dict[str, Any], notes: list[str]) -> str | None:
    """Fill `info`; return the embedded calibration. Unreadable EXIF is noted, not fatal: the pixels are good."""
    found = image.info.get(KEYWORD)
    if image.info.get("Software"):
        info["software"] = str(image.info["Software"])[:_LONGEST_EXIF]
    if image.info.get("aspect"):
        info["aspect"] = tuple(image.info["aspect"])
    dpi = image.info.get("dpi")
    if isinstance(dpi, tuple):
        info["dpi"] = tuple(float(value) for value in dpi)
    try:
        exif = dict(image.getexif())
    except Exception as error:  # as many types as for pixels, see decoding
        notes.append(f"its EXIF is damaged and was ignored: {str(error) or type(error).__name__}")
        exif = {}
    description = exif.pop(DESCRIPTION, None)
    if found is None and isinstance(description, str) and description.startswith(KEYWORD + "\n"):
        found = description[len(KEYWORD) + 1 :]
    if SOFTWARE in exif:
        info["software"] = str(exif[SOFTWARE])[:_LONGEST_EXIF]
    info["exif"] = {
        tag: value
        for tag, value in exif.items()
        if isinstance(value, int | float | str | bytes)
        and (isinstance(value, int | float) or len(value) < _LONGEST_EXIF)
    }
    turn = exif.get(ORIENTATION, 1)
    if turn != 1 and image.format != "TIFF":
        info["orientation"] = turn
        notes.append(f"its EXIF orientation is {turn}; it was read as stored, so turn it first if it was drawn upright")
    if found is not None and len(found) > MAX_EMBEDDED:
        raise PictureError(f"{name} embeds a calibration of {len(found)} characters; at most {MAX_EMBEDDED} are read")
    return None if found is None else str(found)
