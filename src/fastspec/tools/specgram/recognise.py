"""plt.specgram's fingerprint: signed by matplotlib, and bins that imshow has blended, without margins."""

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

    imshow of any STFT leaves the same pixels, so that neither is believed (`calibration.guesses`).
    """

    sure: float = 0.7  # where an STFT's number of bins explains the rows; facts
    sure_of_bins: float = 0.9  # that they are those of an STFT; facts
    sure_of_colours: float = 0.6  # where colours alone show that cells were blended; facts


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile, and n_fft where rows tell it, of a picture that imshow has blended, without margins."""
    seen = blending(picture)
    if seen is None or seen.kind != imshow.BELLS:
        return {}
    if seen.n_fft is None:
        note = "colours blended, as by imshow"
        return {"profile": pixels_fact(PROFILE.name, LIMITS.sure_of_colours, note, "imshow-db")}
    note = f"{1 + seen.n_fft // 2} bins blended, as by imshow"
    return {
        "profile": pixels_fact(PROFILE.name, LIMITS.sure, note, "imshow-db"),
        "n_fft": pixels_fact(seen.n_fft, LIMITS.sure_of_bins, note),
    }
