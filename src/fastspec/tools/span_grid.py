"""An STFT grid of our own, for pictures whose columns are not frames.

SoX and ffmpeg fit the whole sound into the width of the picture: a column shows the mean of the transforms in some
span of time, often farther apart than any phase can bridge, and the picture does not say how far. Such a picture
(fact `columns` is "spans") is read as levels over time, and put on a grid that overlaps enough: as many bins as there
are rows, a hop of an eighth of the window. `grid.to_frames` carries the levels over by time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact

# Facts of pictures whose rows are FFT bins and whose columns are spans of time.
BIN_ROWS: Mapping[str, Any] = {
    "freq_scale": "linear",
    "freq_edges": "cells",
    "origin": "lower",
    "window": "hann",
    "center": True,
    "columns": "spans",
}
_OVERLAP = 8  # hops in a window
_SOX_PIXELS_PER_SECOND = 100.0  # SoX's own default for a sound whose length it is not told
_LARGEST_FFT = 1 << 14
_LONGEST_CHOSEN = 1024
AUDACITY_ZOOM = 44100 / 512  # columns a second, until somebody zooms
_AUDACITY_FFT = 4096
_AUDACITY_GRAYS = {"gray": "audacity-inverse", "gray_r": "audacity-grayscale"}
_RIFFUSION_WINDOW = 10  # steps
# Riffusion's windows in a transform of ours; its own has 4. Log-mel dB of speech, speech, music, music (44.1 kHz) with
# 1: 2.25 2.14 2.33 2.63; 2: 1.66 1.58 2.29 2.64; 4: 1.56 1.62 2.27 2.63.
RIFFUSION_PADDED = 2


def with_grid(known: Calibration, width: int, height: int) -> Calibration:
    """`known` with n_fft, n_bins, win_length and hop_length chosen for a plot of this size, where they are unknown."""
    bands = known.get("profile") in ("riffusion", "audio-diffusion")
    if known.get("columns") != "spans" and not bands:
        return known
    from fastspec.plot import channels

    rows = channels.rows(height, known)
    facts: dict[str, Fact] = {}

    sure = min(0.9, known.facts["profile"].confidence) if "profile" in known else 0.9

    def choose(name: str, value: int, note: str) -> None:
        if name not in facts and (name not in known or known.source(name) == "assumed"):
            facts[name] = Fact(value, "profile", sure, note)

    def chosen(name: str) -> int:
        return int(facts[name].value) if name in facts else int(known[name])

    name = str(known.get("profile", ""))
    if bands:
        choose("n_mels", rows, "one band a row")
        if name == "audio-diffusion" and "duration" not in known:
            choose("n_frames", width, "one frame a column")
    if known.get("columns") == "spans":
        if name == "riffusion":
            step = known.get("column_step", 0.01) * known.get("sr", 44100)
            choose("hop_length", max(1, round(step)), "a column each step")
            choose("win_length", max(2, round(_RIFFUSION_WINDOW * step)), "ten steps")
            choose("n_fft", RIFFUSION_PADDED * chosen("win_length"), "chosen: the window, padded")
        elif name.startswith("ffmpeg"):
            choose("n_fft", 2 * rows, "chosen: ffmpeg transforms twice the height")
            if chosen("n_fft") == 2 * rows and rows > 1:
                facts["n_bins"] = Fact(rows, "profile", 0.95, "ffmpeg leaves the highest bin out")
            if {"duration", "sr"} <= known.keys():  # what 5.1 transforms of a short sound is no longer than its step
                step = _ffmpeg_step(round(known["duration"] * known["sr"]), width, chosen("n_fft"))
                choose("win_length", max(2, min(2 * step, chosen("n_fft"))), "chosen: twice ffmpeg's step")
        elif name == "audacity":
            if known.source("win_length") in (None, "assumed"):
                choose("n_fft", _AUDACITY_FFT, "Audacity's default: its window of 2048, padded to twice the length")
                choose("win_length", max(2, chosen("n_fft") // 2), "Audacity's default padding: half of n_fft")
            choose("n_fft", 2 * chosen("win_length"), "Audacity's default padding: twice its window")
            gray = _AUDACITY_GRAYS.get(known.get("cmap", ""))
            if gray is not None and known.source("cmap") == "pixels":
                facts["cmap"] = Fact(gray, "profile", 0.9, "the gray that Audacity has")
            if "ref" not in known:  # a sine of amplitude 1 is 0 dB, and half the sum of a Hann window in |X|
                facts["ref"] = Fact(chosen("win_length") / 4, "profile", 0.9, "Audacity's 0 dB is a sine at full scale")
        else:
            wanted = 2 * (rows - 1) if name == "sox" else _power_of_two(rows)
            choose("n_fft", min(max(wanted, 16), _LARGEST_FFT), "chosen: a bin a row")
            if name == "sox" and "ref" not in known:
                longest = int(known.get("win_length") or chosen("n_fft"))
                facts["ref"] = Fact(longest / 4, "profile", 0.9, "SoX's 0 dBFS is a sine at full scale")
            if name == "matplotlib-specgram" and {"duration", "sr"} <= known.keys():
                facts.update(_specgram_facts(known, known["duration"] * known["sr"] / width))
        choose("win_length", chosen("n_fft"), "chosen: the whole n_fft")
        choose("hop_length", max(1, chosen("win_length") // _OVERLAP), "chosen, as the columns are no frames")
    return Calibration({**known.facts, **facts}, known.picture, known.remarks)


def with_extent(known: Calibration, width: int) -> Calibration:
    """`known` with duration and time_extent, the seconds at the plot's left and right border, for spans of time."""
    if known.get("columns") != "spans":
        return known
    if "duration" not in known:
        if "time_extent" in known:
            known = known.updated(known.source("time_extent") or "assumed", 0.8, duration=known["time_extent"][1])
        elif known.get("profile") == "riffusion":
            seconds = max(1, width - 1) * known["hop_length"] / known["sr"]
            known = known.updated("profile", 0.9, "a column each hop", duration=seconds)
        else:
            rate = AUDACITY_ZOOM if known.get("profile") == "audacity" else _SOX_PIXELS_PER_SECOND
            seconds = width / rate
            known = known.updated("assumed", 0.2, f"{rate:.4g} columns a second", duration=seconds).remarked(
                f"duration is not known: assuming {seconds:g} s, {rate:.4g} columns a second; give --duration to "
                "correct it"
            )
    if str(known.get("profile", "")).startswith("ffmpeg") and known["duration"] * known["sr"] < known["n_fft"] * width:
        known = known.remarked(
            f"{known['duration']:g} s are too short for {width} columns of {known['n_fft']} samples: "
            f"ffmpeg 5.1 draws such pictures wrongly, so the sound will be poor; draw a narrower picture"
        )
    if "time_extent" in known:
        return known
    source, confidence = known.source("duration") or "assumed", known.facts["duration"].confidence
    extent = _extent(known, width)
    return known.updated(source, confidence, "from duration and width", time_extent=extent)


def _extent(known: Calibration, width: int) -> tuple[float, float]:
    sr, duration = known["sr"], known["duration"]
    samples = max(1, round(duration * sr))
    name = str(known.get("profile", ""))
    if name == "sox":
        return 0.0, width * _sox_span(samples, width, known["n_fft"]) / sr
    if name.startswith("ffmpeg"):
        return 0.0, width * _ffmpeg_span(samples, width, known["n_fft"]) / sr
    if name == "riffusion":
        return _centred(width, known.get("column_step", duration / max(1, width - 1)))
    if name == "audacity":  # a column shows the transform round its first sample but one
        return _centred(width, duration / width)
    if name == "matplotlib-specgram":
        return specgram_extent(samples, sr, known["n_fft"], usual_hop(known["n_fft"]))
    return 0.0, duration


def specgram_extent(samples: int, sr: int, n_fft: int, hop: int) -> tuple[float, float]:
    """Seconds at the borders of plt.specgram: its frames lie wholly within the sound, half a hop is added outside."""
    if samples <= n_fft:
        return 0.0, samples / sr
    frames = 1 + (samples - n_fft) // hop
    start = 0.5 * (n_fft - hop) / sr
    return start, start + frames * hop / sr


def usual_hop(n_fft: int) -> int:
    """mlab's own half of a window of 256; who chooses a longer window mostly lets it overlap more."""
    return n_fft // 2 if n_fft <= 256 else n_fft // 4


def _centred(width: int, step: float) -> tuple[float, float]:
    return -0.5 * step, (width - 0.5) * step


def _sox_span(samples: int, width: int, n_fft: int) -> int:
    """Samples a column of SoX: whole steps of the transform in the whole samples of a pixel (spectrogram.c, start)."""
    block = max(1, samples // width)
    step = int(block / math.ceil(block / max(1, n_fft // 2)) + 0.5)
    return step * max(1, int(block / max(1, step) + 0.5))


def _ffmpeg_span(samples: int, width: int, n_fft: int) -> int:
    """Samples a column of ffmpeg (showspectrumpic_request_frame): whole steps, the rest of the sound is not drawn."""
    step = _ffmpeg_step(samples, width, n_fft)
    return max(1, samples // (step * width)) * step


def cut_window(known: Calibration, columns: int, rows: int) -> int | None:
    """Samples that each of ffmpeg's transforms of 2 * rows holds, where it cut them off; None for other pictures.

    The picture shows these transforms themselves only where its rows are all their bins.
    """
    if not str(known.get("profile", "")).startswith("ffmpeg") or known.get("freq_scale") != "linear":
        return None
    samples = round(known["duration"] * known["sr"])
    if samples < 2 * rows * columns or known["n_fft"] != 2 * rows or {"fmin", "fmax"} & known.keys():
        return None
    return _ffmpeg_step(samples, columns, 2 * rows)


def _ffmpeg_step(samples: int, width: int, n_fft: int) -> int:
    whole = n_fft * width
    return max(1, int(n_fft * (samples / (whole * math.ceil(max(samples, 1) / whole)))))


def _specgram_facts(known: Calibration, span: float) -> dict[str, Fact]:
    """The grid for plt.specgram's columns, `span` samples apart, where its own n_fft is known: its own frames, or those
    of a longer window."""
    if known.source("n_fft") not in ("given", "pixels"):
        return {}
    n_fft, read = known["n_fft"], known.facts["n_fft"]
    facts = {"shown_n_fft": Fact(n_fft, read.source, read.confidence, "n_fft of the drawing")}
    longer = _for_columns(n_fft, span)
    if longer > n_fft and read.source == "pixels":
        facts["n_fft"] = Fact(
            longer, "profile", min(0.9, known.facts["profile"].confidence), f"chosen: columns are far apart for {n_fft}"
        )
    elif "column_step" in known and known.source("hop_length") in (None, "assumed"):
        step = round(known["column_step"] * known["sr"])
        if 1 <= step <= n_fft // 2:  # frames farther apart are interpolated
            every = max(1, n_fft // _OVERLAP // step)
            facts["hop_length"] = Fact(every * step, "pixels", known.facts["column_step"].confidence, "frames drawn")
    return facts


def _for_columns(n_fft: int, span: float) -> int:
    """A longer window where columns lie `span` samples apart: twice that, at most four times n_fft or 1024.

    STOI of speech of plt.specgram's default of 256, columns 196 and 245 samples apart: .914 and .906 with its own
    frames, .941 and .933 with 512; of 512, 245 apart, .981 and with 1024 .922. Log-mel distance of a minute of music,
    of 256 with 256, 512 ... 4096, columns 2117 apart: 8.2, 5.4, 3.9, 4.4, 4.7 dB; of 512 with 512 ... 4096, 1506 apart:
    3.5, 2.95, 3.7, 4.8 dB.
    """
    wanted = 1 << round(math.log2(max(2.0 * span, 2.0)))
    return max(n_fft, min(4 * n_fft, wanted, _LONGEST_CHOSEN))


def _power_of_two(rows: int) -> int:
    """The power of two nearest to two samples a row, at least 256."""
    return max(256, 1 << round(math.log2(max(2 * rows, 2))))
