"""An original that was clipped: which samples, and how much of each frame of the picture they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.calibration.complete import Complete


class Limits(NamedTuple):
    """When samples count as clipped."""

    peak: float = 0.9999  # of the largest sample, from which one is as large; unmeasured
    run: int = 2  # such samples one after the other, at least; unmeasured
    fewest: int = 16  # of a sound: with fewer, it is loud but not clipped; unmeasured
    parts: int = 8  # of a window, in each of which clipped samples weigh alike; unmeasured


LIMITS = Limits()


def clipped(wave: FloatArray) -> NDArray[np.bool_]:
    """Which samples (n,) of some channels (channels, n) are clipped in one of them: several in a row at its largest.

    >>> clipped(np.array([[0, 1, 1, 0.5, -1, 0] * 8])).sum()
    16
    """
    found = np.zeros(wave.shape[1], np.bool_)
    for one in wave:
        for signed in (one, -one):
            at = signed >= LIMITS.peak * max(float(signed.max()), 1e-30)
            run = at[: at.size - LIMITS.run + 1].copy()
            for shift in range(1, LIMITS.run):
                run &= at[shift : at.size - LIMITS.run + 1 + shift]
            for shift in range(LIMITS.run):
                found[shift : shift + run.size] |= run
    return found if np.count_nonzero(found) >= LIMITS.fewest else np.zeros_like(found)


def share_of_frames(marked: NDArray[np.bool_], rate: float, facts: Complete, offset: float) -> FloatArray:
    """How much (n_frames,) of each frame's window marked samples (n,) are, weighted by a squared Hann window.

    rate : of the samples in Hz. offset : seconds of the sound before the picture begins.
    """
    frames = np.arange(facts.n_frames) * facts.hop_length - (facts.n_fft // 2 if facts.center else 0)
    frames = frames + (facts.n_fft - facts.win_length) // 2
    ends = frames[:, None] + np.linspace(0, facts.win_length, LIMITS.parts + 1)
    at = np.clip(np.round((ends / facts.sr + offset) * rate), 0, marked.size).astype(np.intp)
    counts = np.diff(np.concatenate([[0], np.cumsum(marked)])[at], axis=1)
    weight = np.sin(np.pi * (np.arange(LIMITS.parts) + 0.5) / LIMITS.parts) ** 4
    return np.asarray(counts @ weight / (weight.sum() * facts.win_length * rate / facts.sr / LIMITS.parts))
