"""What a JPEG file stores: luma and chroma before they are clipped to colours, and how coarsely they are rounded."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastspec.picture.silence import quiet_decoders

SIDE = 8  # samples of a block
LARGEST = 1 << 24  # bytes of a file that is kept for its planes


class Planes(NamedTuple):
    """A JPEG as it is stored.

    ycbcr : (H, W, 3) uint8; chroma enlarged smoothly to the pixels, 128 for none. steps : (8, 8) of luma's and of
    chroma's coefficients, rows for the frequency down. shared : how many pixels share a sample of chroma, down and
    across, 1 or 2.
    """

    ycbcr: NDArray[np.uint8]
    steps: tuple[NDArray[np.float32], NDArray[np.float32]]
    shared: tuple[int, int]


def planes(file: bytes) -> Planes | None:
    """The planes of a JPEG file of three; None for one that stores no luma and chroma, or shares them otherwise.

    >>> planes(pathlib.Path("figure.jpg").read_bytes()).shared  # doctest: +SKIP
    (2, 2)
    """
    try:
        with quiet_decoders(), Image.open(io.BytesIO(file), formats=["JPEG"]) as image:
            described: Any = image
            shared = _shared(described.layer)
            tables = [np.asarray(described.quantization[part[3]], np.float32) for part in described.layer]
            image.draft("YCbCr", None)
            if shared is None or image.mode != "YCbCr" or any(len(table) != SIDE * SIDE for table in tables):
                return None
            stored = np.asarray(image)
    except Exception:  # as many types as decoders raise, see pillow.decoding; the colours were read before
        return None
    luma, chroma = tables[0].reshape(SIDE, SIDE), np.maximum(tables[1], tables[2]).reshape(SIDE, SIDE)
    return Planes(stored, (luma, chroma), shared)


def _shared(layers: list[tuple[int, int, int, int]]) -> tuple[int, int] | None:
    """Pixels down and across that share chroma, of (name, samples across, samples down, table) a plane."""
    if len(layers) != len("YCC") or any(layer[1:3] != (1, 1) for layer in layers[1:]):
        return None
    across, down = layers[0][1:3]
    return (down, across) if {across, down} <= {1, 2} else None
