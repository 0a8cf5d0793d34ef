"""audio-diffusion's fingerprint: plain gray whose sides are powers of two, loud rows on top."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact
from fastspec.detect import fingerprint
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.audio_diffusion import PROFILE

_SIDES = (64, 128, 256, 512)


class Limits(NamedTuple):
    """What tells its pixels from others, of 255; whether that is right is counted by the rows "audio-diffusion" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    louder: float = 4.0  # by which the upper quarter is louder than the lower: bass; unmeasured
    dark: float = 140.0  # mean at most: its own have 69 to 90, inverted gray 171 to 195; facts
    sure: float = 0.8  # that a picture like that is its; facts


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile of a picture that looks like audio-diffusion's."""
    gray = picture.pixels
    plain = gray.dtype == np.uint8 and not fingerprint.is_colour(picture) and picture.palette is None
    if not plain or picture.info.get("software"):
        return {}
    if picture.height not in _SIDES or picture.width not in _SIDES:
        return {}
    quarter = max(1, picture.height // 4)
    bass_on_top = float(gray[:quarter].mean()) > float(gray[-quarter:].mean()) + LIMITS.louder
    if not bass_on_top or gray.mean() > LIMITS.dark or len(np.unique(gray)) < fingerprint.LIMITS.fewest_colours:
        return {}
    note = f"{picture.width} x {picture.height} plain gray, loud rows at the top"
    return {"profile": pixels_fact(PROFILE.name, LIMITS.sure, note, "imshow-db")}
