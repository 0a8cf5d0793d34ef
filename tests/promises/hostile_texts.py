"""Hostile calibrations: what a tampered picture may claim of itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from fastspec.calibration.facts import FACTS

BIG = 0x7FFFFFFF


def texts(right: str) -> Iterator[str]:
    """Texts that are no calibration, and variants of the `right` one that claim what they like."""
    good = json.loads(right)
    yield from ("", "{", "null", "[]", "0", '"x"', "NaN", "\ud7ff\0\n", "{}" * 9)
    yield from ("[" * 50_000, '{"a":' * 30_000, "9" * 60_000)
    yield '{"format": "fastspec-calibration", "version": 1e999, "facts": {}}'
    yield '{"format": "fastspec-calibration", "version": 1, "facts": ' + "[" * 900 + "]" * 900 + "}"
    for name in ("facts", "version", "format"):
        for value in EXTREMES:
            yield json.dumps({**good, name: value})
    for name in FACTS:
        for value in EXTREMES:
            yield json.dumps({**good, "facts": {**good["facts"], name: value}})


EXTREMES: tuple[object, ...] = (
    None, True, 0, 1, -1, 2, 3, 1e-300, 1e-9, 0.5, 1e9, 1e300, -1e300, 10**400, 65_536, 1_048_576, 10_000_000, BIG,
    float("nan"), float("inf"), "", "x", "x" * 50_000, [], {}, [1], [0, 1], [1, 0], [-1e300, 1e300], [1e-300, 2e-300],
    [0, 1e-9], [float("nan")] * 2, [0, 0, 1, 1], [0, 0, 10**9, 10**9], [0] * 20_000, [[[]]], {"a": 1}, [{}, {}],
    "cqt", "mel", "log", "mel-rows", "db", "power_law", "spans", "upper", "bins", "riffusion", "sox", "ffmpeg",
    "gray_r", "stacked", "boxcar", "jet", "matplotlib-specgram", "librosa-0.8",
)  # fmt: skip


def claims(rng: random.Random) -> str:
    """A text with several extreme facts of the right kind at once: what a clever enemy writes."""
    pick = rng.choice
    lengths = [2, 3, 16, 64, 1021, 4096, 65_536, 1_048_573, 1_048_576]
    facts = {
        "sr": pick([1, 8000, 44_100, 10_000_000]), "n_fft": pick(lengths), "win_length": pick([None, 1, *lengths]),
        "hop_length": pick([None, 1, 2, 32, 1_048_576]), "n_frames": pick([None, 1, 50, 10**5, 2**31]),
        "duration": pick([None, 1e-9, 0.2, 60.0, 3600.0, 1e9]), "n_mels": pick([1, 2, 64, 1024, 65_536]),
        "n_bins": pick([None, 1, 2, 84, 65_536]), "freq_scale": pick(["linear", "log", "mel", "mel-rows", "cqt"]),
        "fmin": pick([None, 0, 1e-300, 20, 4e6]), "fmax": pick([None, 1, 4000, 5e6, 1e300]),
        "db_range": pick([[-80, 0], [-1e300, 1e300], [0, 1e-12], [-4000, 0], [0, 4000]]),
        "ref": pick([None, 0, 1e-300, 1e300]), "cmap": pick(["magma", "gray", "jet", "nothing", "sox", "mine"]),
        "cmap_table": pick([None, "mine=" + "AAAABB" * 2, "mine=" + "AZz9" * 4096, "magma=AAAABBBB", "mine=AAAA"]),
        "window": pick(["hann", "boxcar", "kaiser", "x" * 900]), "level_kind": pick(["db", "power_law", "power"]),
        "level_exponent": pick([None, 1e-6, 1e300]), "mel_power": pick([None, 1e-6, 1e300, 2]),
        "columns": pick([None, "spans"]), "time_extent": pick([None, [0, 1e-9], [-1e300, 1e300], [0, 1]]),
        "column_step": pick([None, 1e-9, 1e300]), "channels": pick([None, None, 2, 16]),
        "channel_layout": pick([None, "stacked", "green-blue"]), "center": pick([True, False]),
        "linthresh": pick([None, 1e-6, 1e300]), "linscale": pick([None, 1e-6, 1e300]),
        "log_base": pick([None, 1.000002, 1e300]), "bins_per_octave": pick([None, 1, 4096]),
        "origin": pick(["lower", "upper"]), "freq_edges": pick([None, "bins", "cells", "librosa<0.9"]),
        "profile": pick([None, "sox", "ffmpeg", "riffusion", "matplotlib-specgram", "librosa", "nothing"]),
        "plot_area": pick([None, None, [0, 0, 1, 1], [3, 3, 9, 9], [0, 0, 99_999, 9]]),
        "mel_norm": pick([None, "none"]), "mel_htk": pick([True, False]), "one_sided": pick([True, False]),
    }  # fmt: skip
    kept = {k: v for k, v in facts.items() if v is not None and rng.random() < 0.5}
    sane = {"sr": 8000, "n_fft": 64, "hop_length": 32, "win_length": 64, "freq_scale": "linear", "cmap": "magma"}
    return json.dumps({"format": "fastspec-calibration", "version": 1, "facts": {**sane, **kept}})
