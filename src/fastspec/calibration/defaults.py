"""How known tools draw: named presets of facts, each with the source it was taken from."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastspec.calibration.calibration import Calibration, Fact
from fastspec.calibration.profile import FOREIGN, Profile
from fastspec.errors import ParameterError

# What is taken when nobody says anything: librosa's own defaults.
ASSUMED: Mapping[str, Any] = MappingProxyType(
    {
        "cmap": "magma",
        "cmap_rounding": "round",
        "level_kind": "db",
        "level_quantiser": "cells",
        "db_range": (-80.0, 0.0),
        "freq_scale": "linear",
        "freq_edges": "librosa>=0.9",
        "origin": "lower",
        "sr": 22050,
        "window": "hann",
        "center": True,
        "hop_length": 512,
    }
)
_N_FFT = 2048  # librosa.stft's default; applied last, because pixels often tell better


_SPECSHOW = {
    "cmap_rounding": "round",
    "level_kind": "db",
    "level_quantiser": "cells",
    "origin": "lower",
    "window": "hann",
    "center": True,
}
_SPECSHOW_USUAL = {
    "cmap": "magma",
    "db_range": (-80.0, 0.0),
    "freq_scale": "log",
    "sr": 22050,
    "hop_length": 512,
}
_MEL = {"n_mels": 128, "mel_htk": False, "mel_norm": "slaney", "mel_power": 2.0, "fmin": 0.0}
_BY_SCALE: Mapping[str, Mapping[str, Any]] = {
    "mel": _MEL,
    "cqt": {"fmin": 32.70319566257483, "bins_per_octave": 12, "n_bins": 84},
}

_PROFILES = (
    Profile(
        "librosa",
        "librosa 0.9 and later: specshow draws cells around bin centres",
        "librosa.display.specshow 0.9 - 1.0 with matplotlib's pcolormesh",
        {**_SPECSHOW, "freq_edges": "librosa>=0.9"},
        _SPECSHOW_USUAL,
        _BY_SCALE,
    ),
    Profile(
        "librosa-0.8",
        "librosa up to 0.8: specshow draws explicit cell edges, the outer bins half as high",
        "librosa.display.specshow 0.6 - 0.8 with matplotlib's pcolormesh",
        {**_SPECSHOW, "freq_edges": "librosa<0.9"},
        _SPECSHOW_USUAL,
        _BY_SCALE,
    ),
    Profile(
        "fastspec",
        "fastspec's native drawing: one pixel a bin and a frame",
        "fastspec.encode without size",
        {
            "cmap_rounding": "round",
            "level_kind": "db",
            "level_quantiser": "cells",
            "origin": "lower",
            "freq_edges": "cells",
            "center": True,
        },
        {
            "cmap": "magma",
            "db_range": (-80.0, 0.0),
            "freq_scale": "linear",
            "window": "hann",
            "sr": 22050,
            "hop_length": 512,
        },
        _BY_SCALE,
    ),
    *FOREIGN,
)
_BY_NAME = MappingProxyType({profile.name: profile for profile in _PROFILES})


def profiles() -> Mapping[str, Profile]:
    """The named presets, by name."""
    return _BY_NAME


def profile(name: str) -> Profile:
    """The preset `name`; ParameterError with near names when there is none."""
    found = _BY_NAME.get(name)
    if found is None:
        near = difflib.get_close_matches(name, _BY_NAME, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the profiles are {', '.join(_BY_NAME)}"
        raise ParameterError(f"unknown profile {name!r}; {hint}")
    return found


def assumed(known: Calibration) -> Calibration:
    """`known`, with librosa's defaults for what is still unknown, as assumed facts."""
    scale = known.get("freq_scale") or ASSUMED["freq_scale"]
    of_scale = {} if known.get("freq_edges") == "audacity" else _BY_SCALE.get(scale, {})  # bins on a mel axis, no bands
    rest = {**ASSUMED, **of_scale, "n_fft": _N_FFT}
    new = {k: Fact(v, "assumed", 0.3, "librosa's default") for k, v in rest.items() if k not in known}
    if "win_length" not in known:
        n_fft = known.facts.get("n_fft") or new["n_fft"]
        new["win_length"] = Fact(n_fft.value, "assumed", 0.8, "the whole n_fft, librosa's default")
    complete = known.merged(Calibration(new))
    win_length = complete["win_length"]
    if complete.source("hop_length") == "assumed" and complete["hop_length"] > max(1, win_length // 2):
        quarter = Fact(max(1, win_length // 4), "assumed", 0.3, "a quarter of the window, librosa.stft's default")
        complete = Calibration({**complete.facts, "hop_length": quarter}, complete.picture, complete.remarks)
    return complete
