"""Riffusion's fingerprints: EXIF tags (spectrogram_params.py), or 512 rows of inverted gray.

Its converter writes gray as RGB. A diffusion model writes RGB that is nearly gray, without EXIF; people save either as
gray or with a palette.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

    every: int = 4  # rows, of which one is looked at; unmeasured
    silent: int = 200  # from which on green and blue hold silence, where red is empty; unmeasured
    spread: int = 12  # between the channels of a gray that JPEG has moved; unmeasured
    painted: float = 40.0  # the same of a diffusion model's, of 99 pixels in 100; unmeasured
    nearly_all: float = 99.0  # per cent of pixels: the rest may be coloured; unmeasured
    light: float = 140.0  # from which on the mean is light: its own have 171 to 195, audio-diffusion's 69 to 90; facts
    sure_of_stereo: float = 0.95  # of two channels in green and blue; facts
    sure_of_gray: float = 0.8  # that inverted gray stored as RGB is its; facts
    sure_of_rows: float = 0.7  # likewise where it is stored otherwise: 512 bands may be anybody's; unmeasured


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
    if picture.height != BANDS or picture.info.get("software") or picture.pixels.dtype != np.uint8:
        return {}
    rgb = picture.rgb()[:: LIMITS.every].astype(np.int16)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    if not red.any() and min(green.max(), blue.max()) > LIMITS.silent:
        note = "512 rows, nothing in red: stereo in green and blue"
        stated = {"profile": PROFILE.name, "channels": 2, "channel_layout": "green-blue"}
        return {name: pixels_fact(value, LIMITS.sure_of_stereo, note) for name, value in stated.items()}
    spread = np.maximum(np.abs(red - green), np.abs(green - blue))
    painted = spread.max() > LIMITS.painted and np.percentile(spread, LIMITS.nearly_all) > LIMITS.painted
    if painted or not _loud_is_dark(green):
        return {}
    if fingerprint.is_colour(picture) and spread.max() <= LIMITS.spread:
        note = "512 rows of inverted gray stored as RGB"
        return {"profile": pixels_fact(PROFILE.name, LIMITS.sure_of_gray, note, "librosa")}
    note = "512 rows of inverted gray"
    return {"profile": pixels_fact(PROFILE.name, LIMITS.sure_of_rows, note, "audio-diffusion")}


def _loud_is_dark(gray: NDArray[np.int16]) -> bool:
    """Whether a gray plane (rows, columns) is inverted: a light ground on which dark begins faster than it ends."""
    levels = np.count_nonzero(np.bincount(gray.ravel()))
    if gray.shape[1] < fingerprint.LIMITS.least_side or levels < fingerprint.LIMITS.fewest_colours:
        return False
    onsets = np.diff(gray, axis=1).astype(np.int32)
    return bool(gray.mean() > LIMITS.light and (onsets * onsets * onsets).sum(dtype=np.int64) < 0)
