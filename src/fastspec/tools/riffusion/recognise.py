"""Riffusion's fingerprints: EXIF tags (spectrogram_params.py), or 512 rows of inverted gray stored as RGB."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact, check_fact
from fastspec.detect import fingerprint
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.riffusion import BANDS, PROFILE, STEPS_OF_WINDOW

# EXIF tags; milliseconds, Hz
_RATE, _STEREO, _STEP, _WINDOW, _BANDS, _LOW, _HIGH, _POWER = 11000, 11005, 11010, 11020, 11040, 11050, 11060, 11070
_USUAL = {_WINDOW: 100, _LOW: 0, _HIGH: 10_000, _POWER: 0.25}


class Limits(NamedTuple):
    """What tells Riffusion's pixels from others, of 255; whether that is right is counted by the rows "riffusion" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    every: int = 4  # rows and columns, of which one is looked at; unmeasured
    silent: int = 200  # from which on green and blue hold silence, where red is empty; unmeasured
    spread: int = 12  # between the channels of a gray that JPEG has moved; unmeasured
    light: float = 100.0  # from which on the mean of a picture is light; unmeasured
    sure_of_stereo: float = 0.95  # of two channels in green and blue; facts
    sure_of_gray: float = 0.8  # that a picture like that is its; facts


LIMITS = Limits()


def of_exif(picture: Picture) -> dict[str, Fact]:
    """profile and nearly all else of a picture with Riffusion's tags; ParameterError for values out of range."""
    exif: Mapping[int, Any] = picture.info.get("exif") or {}
    if not {_RATE, _STEP, _BANDS} <= exif.keys():
        return {}

    def told(tag: int) -> float:
        return float(exif.get(tag) or _USUAL[tag])

    sr, step, window = int(exif[_RATE]), float(exif[_STEP]) / 1000, told(_WINDOW) / 1000
    stated: dict[str, Any] = {
        "profile": PROFILE.name,
        "n_mels": int(exif[_BANDS]),
        "sr": sr,
        "fmin": told(_LOW),
        "fmax": told(_HIGH),
        "level_exponent": told(_POWER),
        "column_step": step,
    }
    if not math.isclose(window, STEPS_OF_WINDOW * step):
        stated["win_length"] = int(window * sr)
    if exif.get(_STEREO):
        stated |= {"channels": 2, "channel_layout": "green-blue"}
    return {name: Fact(check_fact(name, value), "embedded", 1.0, "Riffusion's EXIF") for name, value in stated.items()}


def of_pixels(picture: Picture) -> dict[str, Fact]:
    """profile, channels and channel_layout of a picture that looks like Riffusion's."""
    if not fingerprint.is_colour(picture) or picture.height != BANDS or picture.info.get("software"):
        return {}
    rgb = picture.pixels[:: LIMITS.every, :: LIMITS.every].astype(np.int16)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    if not red.any() and min(green.max(), blue.max()) > LIMITS.silent:
        note = "512 rows, nothing in red: stereo in green and blue"
        stated = {"profile": PROFILE.name, "channels": 2, "channel_layout": "green-blue"}
        return {name: pixels_fact(value, LIMITS.sure_of_stereo, note) for name, value in stated.items()}
    spread = max(int(np.abs(red - green).max()), int(np.abs(green - blue).max()))
    # inverted, low at the bottom: darker below than above, and the background is light
    quarter = len(green) // 4
    bottom, top = float(green[-quarter:].mean()), float(green[:quarter].mean())
    light = bottom < top and float(green.mean()) > LIMITS.light
    if spread > LIMITS.spread or not light or len(np.unique(green)) < fingerprint.LIMITS.fewest_colours:
        return {}
    note = "512 rows of inverted gray stored as RGB"
    return {"profile": pixels_fact(PROFILE.name, LIMITS.sure_of_gray, note, "librosa")}
