"""Pictures whose texts ask for much: facts of all kinds, within what each fact may be, on pictures of many shapes.

`claimants(count, seed)` gives as many (name, bytes) as wanted, always the same ones for one seed. As a script it
decodes them at the default limits in this process, with one thread, and prints the most that any of them took as JSON:

    python -m tests.promises.hostile_claims COUNT [SEED]
"""

from __future__ import annotations

import io
import json
import math
import random
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from fastspec import Decoder
from fastspec.axes import FREQ_EDGES
from fastspec.axes.scales import FREQ_SCALES
from fastspec.errors import FastspecError, FastspecWarning
from fastspec.picture.files import encode_bytes
from fastspec.picture.picture import Picture
from tests.promises.hostile_cases import File

# width and height of the pictures: from one pixel to a large figure's
SHAPES = ((1, 1), (7, 3), (47, 257), (69, 257), (64, 64), (400, 60), (60, 400), (700, 513), (2000, 300), (1500, 1200))
TOOLS = ("fastspec", "librosa", "librosa-0.8", "sox", "ffmpeg", "riffusion", "audacity", "matplotlib-specgram")


@lru_cache(maxsize=64)
def _picture(shape: tuple[int, int], kind: str) -> Picture:
    width, height = shape
    rng = np.random.default_rng(width * height)
    levels = rng.integers(0, 256, (height, width), np.uint8)
    if kind == "gray":
        return Picture(levels)
    if kind == "deep":
        return Picture(levels.astype(np.uint16) * 257)
    if kind == "blocks":
        return Picture(np.kron(levels[: max(1, height // 3), : max(1, width // 3)], np.ones((3, 3), np.uint8)))
    return Picture(rng.integers(0, 256, (height, width, 3), np.uint8))


def _near(rng: random.Random, low: float, high: float) -> int:
    """A whole number, any magnitude as likely as another."""
    return round(math.exp(rng.uniform(math.log(low), math.log(high))))


def claims(rng: random.Random, shape: tuple[int, int]) -> dict[str, Any]:
    """Facts that fit each other well enough for a decoder to set to work."""
    pick = rng.choice
    length = pick([1 << rng.randrange(1, 18), 2 * _near(rng, 1, 65_536), 2 * pick([521, 1021, 4093, 32_749])])
    window = pick([length, length, _near(rng, max(1, length / 8), length)])
    facts: dict[str, Any] = {
        "sr": pick([8000, 22_050, 44_100, _near(rng, 1, 10_000_000)]),
        "n_fft": length,
        "win_length": window,
        "hop_length": pick([1, max(1, window // 4), _near(rng, 1, window)]),
        "freq_scale": pick(["linear", "linear", "mel", "cqt", *FREQ_SCALES]),
        "cmap": "gray",
        "db_range": [-80, 0],
        "freq_edges": pick(["cells", *FREQ_EDGES]),
    }
    frames, seconds = _near(rng, 1, 2e6), 10 ** rng.uniform(-3, 4)
    rate, scale = facts["sr"], facts["freq_scale"]
    more = {
        "n_frames": pick([frames, shape[0]]),
        "n_mels": _near(rng, 1, min(4096, 1 + length // 2)),
        "n_bins": _near(rng, 1, 2048 if scale == "cqt" else 1 + length // 2),
        "bins_per_octave": _near(rng, 1, 400),
        "fmin": pick([0, 1, 32.7, 200]),
        "fmax": pick([rate / 4, rate / 2, rate * 2 ** rng.uniform(-3, 6 if scale == "mel" else -1)]),
        "channels": pick([2, 3, 16]),
        "channel_layout": pick(["stacked", "green-blue"]),
        "shown_n_fft": pick([length, 256, _near(rng, 2, 131_072)]),
        "column_step": 10 ** rng.uniform(-7, 1),
        "window": pick(["hann", "boxcar", "hamming", "bartlett"]),
        "mel_power": pick([1, 2, 0.5]),
        "level_kind": pick(["db", "amplitude", "power"]),
        "one_sided": True,
        "center": False,
        "origin": "upper",
        "ref": pick([1e-3, 30.0]),
        "profile": pick(TOOLS),
        "linthresh": 10 ** rng.uniform(-3, 4),
        "log_base": pick([2, 10, 1.01]),
    }
    often = pick([0.05, 0.3])
    kept = {name: value for name, value in more.items() if rng.random() < often}
    if scale == "mel":
        kept["n_mels"] = more["n_mels"]
    if rng.random() < 0.3:
        kept |= {"columns": "spans", "time_extent": [0, seconds], "duration": seconds}
    elif rng.random() < 0.7:
        kept["n_frames"] = frames
    else:
        kept["duration"] = seconds
    return facts | kept


def claimants(count: int, seed: int = 1) -> Iterator[File]:
    """`count` pictures with claims."""
    rng = random.Random(seed)
    for number in range(count):
        shape, kind = rng.choice(SHAPES), rng.choice(["gray", "gray", "deep", "blocks", "colour"])
        picture = _picture(shape, kind)
        size = [picture.width, picture.height]
        text = {"format": "fastspec-calibration", "version": 1, "facts": claims(rng, shape), "size": size}
        suffix = rng.choice(["png", "png", "tiff"])
        data = encode_bytes(picture, suffix, embedded=json.dumps(text))
        yield f"{number:05d}-{kind}-{size[0]}x{size[1]}.{suffix}", data


def run(count: int, seed: int = 1, keep: str | None = None) -> dict[str, Any]:
    """Decode `count` of them at the default limits; outcomes, the slowest, and the most memory of the process."""
    decoder = Decoder(force=True)
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    worst: list[tuple[float, str]] = []
    steps: list[tuple[float, str]] = []
    strange: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FastspecWarning)
        for name, data in claimants(count, seed):
            before, peak = time.process_time(), _peak()
            try:
                y, _ = decoder.decode(io.BytesIO(data))
                outcome = "done"
                if not np.isfinite(y).all():
                    strange.append(f"{name}: NaN")
            except FastspecError as error:
                outcome = error.code
                reasons["".join("#" if c.isdigit() else c for c in str(error))[:70]] += 1
            except Exception as error:
                outcome = type(error).__name__
                strange.append(f"{name}: {outcome}: {str(error)[:150]}")
            outcomes[outcome] += 1
            seconds = time.process_time() - before
            worst = sorted([*worst, (round(seconds, 2), f"{name} {outcome}")], reverse=True)[:8]
            steps = sorted([*steps, (round(_peak() - peak), f"{name} {outcome}")], reverse=True)[:5]
            if keep and (seconds > 2.0 or _peak() - peak > 100):
                with open(f"{keep}/{name}", "wb") as out:
                    out.write(data)
    return {
        "files": count,
        "outcomes": dict(outcomes),
        "reasons": reasons.most_common(12),
        "slowest": worst,
        "peak_mb": round(_peak()),
        "steps_mb": steps,
        "strange": strange[:20],
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), *[int(text) for text in sys.argv[2:3]], *sys.argv[3:4]), indent=1))
