"""plt.specgram's fingerprint: signed by matplotlib, bins that imshow has blended, without margins."""

from __future__ import annotations

from typing import NamedTuple

from fastspec.calibration.facts import Fact
from fastspec.detect.blended import blending
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.plot import imshow
from fastspec.tools.specgram import PROFILE


class Limits(NamedTuple):
    """How sure the profile is: the rows "specgram" and "imshow" of `python -m bench.quality.facts CORPUS --draw 400`.

    imshow of any STFT leaves the same pixels (7 of 7 such pictures of `python -m bench.quality.field CORPUS --only
    arrays` were called specgram's), so that the profile is assumed and not read.
    """

    likely: float = 0.5  # where an STFT's number of bins explains the rows; facts
    sure_of_bins: float = 0.9  # that they are those of an STFT; facts
    likely_by_colours: float = 0.4  # where colours alone show that cells were blended; facts


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile, and n_fft where rows tell it, of a picture that imshow has blended, without margins."""
    seen = blending(picture)
    if seen is None or seen.kind != imshow.BELLS:
        return {}
    bins = "cells" if seen.n_fft is None else f"{1 + seen.n_fft // 2} bins"
    note = f"{bins} blended, as specgram and imshow do"
    likely = LIMITS.likely_by_colours if seen.n_fft is None else LIMITS.likely
    profile = Fact(PROFILE.name, "assumed", likely, note, "imshow-db")
    if seen.n_fft is None:
        return {"profile": profile}
    return {"profile": profile, "n_fft": pixels_fact(seen.n_fft, LIMITS.sure_of_bins, note)}
