"""What is assumed of a picture when nothing tells it: librosa's own defaults."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastspec.axes import EDGES_HALFWAY, EDGES_LOUDEST
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import SPANS, Fact

ASSUMED: Mapping[str, Any] = MappingProxyType(
    {
        "cmap": "magma",
        "cmap_rounding": "round",
        "level_kind": "db",
        "level_quantiser": "cells",
        "db_range": (-80.0, 0.0),
        "freq_scale": "linear",
        "freq_edges": EDGES_HALFWAY,
        "origin": "lower",
        "sr": 22050,
        "window": "hann",
        "center": True,
        "hop_length": 512,
    }
)
CONFIDENCE = 0.3  # of a default, which nothing but librosa's own speaks for
_N_FFT = 2048  # librosa.stft's default; applied last, because pixels often tell better

# librosa's defaults of one frequency scale.
_MEL: Mapping[str, Any] = {"n_mels": 128, "mel_htk": False, "mel_norm": "slaney", "mel_power": 2.0, "fmin": 0.0}
BY_SCALE: Mapping[str, Mapping[str, Any]] = {
    "mel": _MEL,
    "cqt": {"fmin": 32.70319566257483, "bins_per_octave": 12, "n_bins": 84},
}


def assumed(known: Calibration) -> Calibration:
    """`known`, with librosa's defaults for what is still unknown, as assumed facts."""
    scale = known.get("freq_scale") or ASSUMED["freq_scale"]
    bins = known.get("freq_edges") == EDGES_LOUDEST  # on a mel axis too
    if scale != "mel" and known.source("mel_power") == "assumed":
        known = known.without("mel_power")
    of_scale = {} if bins else BY_SCALE.get(scale, {})
    rest = {**ASSUMED, **of_scale, "n_fft": _N_FFT}
    new = {k: Fact(v, "assumed", CONFIDENCE, "librosa's default") for k, v in rest.items() if k not in known}
    if "win_length" not in known:
        n_fft = known.facts.get("n_fft") or new["n_fft"]
        new["win_length"] = Fact(n_fft.value, "assumed", 0.8, "the whole n_fft, librosa's default")
    complete = known.merged(Calibration(new))
    win_length = complete["win_length"]
    own_grid = "hop_length" in known and known.get("columns") == SPANS  # chosen for it
    if complete.source("hop_length") == "assumed" and not own_grid and complete["hop_length"] > max(1, win_length // 2):
        quarter = Fact(
            max(1, win_length // 4), "assumed", CONFIDENCE, "a quarter of the window, librosa.stft's default"
        )
        complete = Calibration({**complete.facts, "hop_length": quarter}, complete.picture, complete.remarks)
    return complete
