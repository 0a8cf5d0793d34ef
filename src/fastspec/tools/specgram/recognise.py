"""plt.specgram's fingerprint: signed by matplotlib, colours truncated or blended as by imshow, no margins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact
from fastspec.detect import colormap, fingerprint
from fastspec.detect.colour_survey import atlas
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.specgram import PROFILE

_SOFTWARE = "Matplotlib"


class Limits(NamedTuple):
    """What tells imshow's colours from pcolormesh's.

    unmeasured: no command repeats the value; whether the profile is right is counted by the rows "specgram" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    all_entries: float = 0.98  # share of a clean picture's colours that are entries of its map; unmeasured
    blended: float = 5.0  # of 255: as far as blended colours lie from the map on average; unmeasured
    apart: float = 0.3  # of 255: farther than rounding leaves them; unmeasured
    half: float = 0.5  # share of entries from which on a map is named by them; unmeasured
    truncated: float = 0.08  # by which more colours are entries of the truncated map; unmeasured
    sure: float = 0.7  # that it is plt.specgram's, and no other imshow's; facts


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile of a picture that imshow has drawn without margins."""
    if not str(picture.info.get("software", "")).startswith(_SOFTWARE) or not fingerprint.is_colour(picture):
        return {}
    height, width = picture.height, picture.width
    box = (width // 4, height // 4, max(width // 4 + 1, 3 * width // 4), max(height // 4 + 1, 3 * height // 4))
    seen = fingerprint.look(picture, box)
    if seen is None or fingerprint.few(seen):
        return {}
    book, shares = atlas(), seen.entries()[0]
    if max(shares[np.array(book.roundings) == "round"]) > LIMITS.all_entries:
        return {}  # a clean picture of pcolormesh's, the usual case
    reading = colormap.recognise(seen)
    if reading is None:
        return {}
    name, off = reading.name, reading.distance
    if shares.max() > LIMITS.half:
        name, off = book.names[int(np.argmax(shares))], 0.0
    rounded, truncated = seen.shares([name])[name], seen.shares([name], "trunc")[name]
    between = rounded < LIMITS.half and off > LIMITS.apart
    if off >= LIMITS.blended or not (truncated > rounded + LIMITS.truncated or between):
        return {}
    note = "colours truncated or blended, as by imshow"
    return {"profile": pixels_fact(PROFILE.name, LIMITS.sure, note, "imshow-db")}
