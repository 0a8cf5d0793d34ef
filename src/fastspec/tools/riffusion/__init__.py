"""Riffusion: pictures for an image generator, and by it."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool

PROFILE = Profile(
    "riffusion",
    "Riffusion: the fourth root of mel amplitudes, loud is dark, low at the bottom",
    "riffusion-hobby, spectrogram_params.py, spectrogram_converter.py and util/image_util.py",
    {
        "cmap": "riffusion",
        "level_kind": "power_law",
        "freq_scale": "mel",
        "freq_edges": "cells",
        "origin": "lower",
        "window": "hann",
        "center": True,
        "mel_htk": True,
        "mel_norm": "none",
        "mel_power": 1.0,
        "columns": "spans",
    },
    {
        "level_exponent": 0.25,
        "sr": 44100,
        "fmin": 0.0,
        "fmax": 10_000.0,
        "column_step": 0.01,
    },
)


class Riffusion(Tool):
    """EXIF tags of its own, or 512 rows of inverted gray."""

    profiles = (PROFILE,)


TOOL = Riffusion()
