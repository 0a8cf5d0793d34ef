"""ffmpeg's columns: steps of transforms that it cuts off (showspectrumpic_request_frame)."""

from __future__ import annotations

import math

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED, Fact
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice

_SURE_OF_BINS = 0.95


def choose_grid(chosen: Choice, width: int, rows: int) -> None:
    """Transforms of twice the height, without the highest bin, of samples that 5.1 cuts off after its step."""
    known = chosen.known
    chosen.choose("n_fft", 2 * rows, "chosen: ffmpeg transforms twice the height")
    if chosen["n_fft"] == 2 * rows and rows > 1:
        chosen.facts["n_bins"] = Fact(rows, "profile", _SURE_OF_BINS, "ffmpeg leaves the highest bin out")
    if {"duration", "sr"} <= known.keys():  # what 5.1 transforms of a short sound is no longer than its step
        step = _step(span_grid.samples_of(known), width, chosen["n_fft"])
        chosen.choose("win_length", max(2, min(2 * step, chosen["n_fft"])), "chosen: twice ffmpeg's step")


def extent(known: Calibration, width: int) -> tuple[float, float]:
    """Seconds at the plot's borders; what is left of the sound after whole steps is not drawn."""
    samples = max(1, span_grid.samples_of(known))
    step = _step(samples, width, known["n_fft"])
    transforms = max(1, samples // (step * width))  # whose mean a column shows
    # windows that end with their steps have their middles half a window earlier
    early = (known["n_fft"] - step) / 2 if are_whole(known) else 0.0
    return -early / known["sr"], (width * transforms * step - early) / known["sr"]


def cut_window(known: Calibration, columns: int, rows: int) -> int | None:
    """Samples that each of ffmpeg's transforms of 2 * rows holds, where it cut them off; None for other pictures.

    The picture shows these transforms themselves only where its rows are all their bins.
    """
    if known.get("freq_scale") != "linear" or are_whole(known):
        return None
    samples = span_grid.samples_of(known)
    if samples < 2 * rows * columns or known["n_fft"] != 2 * rows or {"fmin", "fmax"} & known.keys():
        return None
    return _step(samples, columns, 2 * rows)


def too_short(known: Calibration, width: int) -> tuple[str, ...]:
    """What is to be said of a sound that fills its columns less than once."""
    if known["duration"] * known["sr"] >= known["n_fft"] * width or are_whole(known):
        return ()
    return (
        f"{known['duration']:g} s are too short for {width} columns of {known['n_fft']} samples: "
        f"ffmpeg up to 5.1 cuts the windows of such pictures off, so the sound will be poor; if a later one drew it, "
        f"give --win-length {known['n_fft']}",
    )


def _step(samples: int, width: int, n_fft: int) -> int:
    """Samples from one transform to the next."""
    whole = n_fft * width
    return max(1, int(n_fft * (samples / (whole * math.ceil(max(samples, 1) / whole)))))


def are_whole(known: Calibration) -> bool:
    """Whether the windows are known to be whole, by the user or by the pixels: as long as the transforms."""
    told = known.source("win_length") in (*STATED, "pixels")
    return told and known.get("win_length") == known.get("n_fft")
