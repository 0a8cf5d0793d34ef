"""Audacity's view: windows padded to twice their length, a transform a column."""

from __future__ import annotations

from fastspec.calibration.facts import Fact
from fastspec.tools.span_grid import Choice

ZOOM = 44100 / 512  # columns a second, until somebody zooms
_N_FFT = 4096
_GRAYS = {"gray": "audacity-inverse", "gray_r": "audacity-grayscale"}
_SURE = 0.9


def choose_grid(chosen: Choice) -> None:
    """n_fft and window, the gray that Audacity has, and what 0 dB is."""
    known = chosen.known
    if chosen.unknown("win_length"):
        chosen.choose("n_fft", _N_FFT, "Audacity's default: its window of 2048, padded to twice the length")
        chosen.choose("win_length", max(2, chosen["n_fft"] // 2), "Audacity's default padding: half of n_fft")
    chosen.choose("n_fft", 2 * chosen["win_length"], "Audacity's default padding: twice its window")
    gray = _GRAYS.get(known.get("cmap", ""))
    if gray is not None and known.source("cmap") == "pixels":
        chosen.facts["cmap"] = Fact(gray, "profile", _SURE, "the gray that Audacity has")
    if "ref" not in known:  # a sine of amplitude 1 is 0 dB, and half the sum of a Hann window in |X|
        note = "Audacity's 0 dB is a sine at full scale"
        chosen.facts["ref"] = Fact(chosen["win_length"] / 4, "profile", _SURE, note)
