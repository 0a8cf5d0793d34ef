"""plt.specgram's fingerprint: signed by matplotlib, and bins that imshow has blended, without margins."""

from __future__ import annotations

from typing import NamedTuple

from fastspec.calibration.facts import Fact
from fastspec.detect.blended import blending
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.plot import imshow
from fastspec.tools.specgram import PROFILE

_TOP_DB = (-80.0, 0.0)


class Limits(NamedTuple):
    """How sure the profile is: the rows "specgram" and "imshow" of `python -m bench.quality.facts CORPUS --draw 400`.

    imshow of any STFT leaves the same pixels, so that none is believed (`calibration.guesses`).
    """

    sure: float = 0.7  # where an STFT's number of bins explains the rows; facts
    sure_of_bins: float = 0.9  # that they are those of an STFT; facts
    sure_of_colours: float = 0.6  # where colours alone show that cells were blended; facts
    sure_of_clipped: float = 0.5  # at most, where levels end at a floor, as those of librosa's top_db do; facts
    sure_of_top_db: float = 0.4  # that they span librosa's 80 dB then; unmeasured


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile, and n_fft where rows tell it, of a picture that imshow has blended, without margins."""
    seen = blending(picture)
    if seen is None or seen.kind != imshow.BELLS:
        return {}
    most = LIMITS.sure_of_clipped if seen.clipped else 1.0
    if seen.n_fft is None:
        sure, note = min(LIMITS.sure_of_colours, most), "colours blended, as by imshow"
    else:
        sure, note = min(LIMITS.sure, most), f"{1 + seen.n_fft // 2} bins blended, as by imshow"
    facts = {"profile": pixels_fact(PROFILE.name, sure, note, "imshow-db")}
    if seen.n_fft is not None:
        facts["n_fft"] = pixels_fact(seen.n_fft, LIMITS.sure_of_bins, note)
    if seen.clipped:  # which plt.specgram's own range never is
        why = "levels end at a floor, as librosa's top_db makes them"
        facts["db_range"] = Fact(_TOP_DB, "assumed", LIMITS.sure_of_top_db, why)
    return facts
