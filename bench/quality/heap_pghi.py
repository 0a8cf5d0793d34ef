"""PGHI as published, with one binary heap over the whole spectrogram: what the bucket queue is compared with."""

from __future__ import annotations

import heapq
from typing import Any

import numba
import numpy as np

from fastspec.phase.starts import pghi


@numba.njit(cache=False)
def heap_phase(logs: Any, floor: float, hop: int, n_fft: int, gamma: float, centre: float) -> Any:
    """Phases (frames, bins) of natural logarithms of magnitudes; at and below `floor` they stay 0."""
    frames, bins = logs.shape
    phase = np.zeros((frames, bins))
    done = logs <= floor
    advance = np.zeros((frames, bins))
    across = np.zeros((frames, bins))
    for n in range(frames):
        before, behind = max(n - 1, 0), min(n + 1, frames - 1)
        for m in range(bins):
            slope = (logs[n, m + 1] - logs[n, m - 1]) / 2 if 0 < m < bins - 1 else 0.0
            advance[n, m] = hop * n_fft / gamma * slope + 2 * np.pi * hop * m / n_fft
            slope = (logs[behind, m] - logs[before, m]) / max(behind - before, 1)
            across[n, m] = -gamma / (hop * n_fft) * slope - 2 * np.pi * centre / n_fft
    for flat in np.argsort(-logs.ravel()):
        n, m = flat // bins, flat % bins
        if done[n, m]:
            continue
        done[n, m] = True
        heap = [(-logs[n, m], n, m)]
        while len(heap) > 0:
            _, n, m = heapq.heappop(heap)
            for k in range(4):
                i, j = n + (k == 0) - (k == 1), m + (k == 2) - (k == 3)
                if i < 0 or i >= frames or j < 0 or j >= bins or done[i, j]:
                    continue
                done[i, j] = True
                field, sign = (advance, i - n) if k < 2 else (across, j - m)
                phase[i, j] = phase[n, m] + sign * (field[n, m] + field[i, j]) / 2
                heapq.heappush(heap, (-logs[i, j], i, j))
    return phase


def heap_spectrum(S: Any, *, hop_length: int, window: Any, tol: float) -> Any:
    """S (frames, bins) with PGHI's phases, complex."""
    logs = np.log(np.maximum(S / S.max(), tol)).astype(np.float64)
    gamma, centre = pghi.fit_gaussian(window)
    return S * np.exp(1j * heap_phase(logs, np.log(tol) + 1e-6, hop_length, window.size, gamma, centre))
