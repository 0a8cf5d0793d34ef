"""How the frames of one geometry lie in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastspec._typing import Array
from fastspec.transform.geometry import Geometry


class Frames:
    """One geometry in memory: slots of one hop, the window sums that normalise each slot, and what fills the borders.

    geometry : its `pad_mode` is "constant" or one that copies samples
    overlap : slots under one frame, and frames over one slot
    window, synthesis : in the precision of the work, [shape=(n_fft,)] and, divided by n_fft, [shape=(overlap, hop)]
    """

    def __init__(self, geometry: Geometry, dtype: Any = np.float32) -> None:
        self.geometry = geometry
        self.dtype = np.dtype(dtype)
        n_fft, hop = geometry.n_fft, geometry.hop_length
        self.overlap = -(-n_fft // hop)
        self.window = np.ascontiguousarray(geometry.window, self.dtype)
        synthesis = np.zeros(self.overlap * hop, self.dtype)
        synthesis[:n_fft] = geometry.window / n_fft
        self.synthesis = synthesis.reshape(self.overlap, hop)
        squares = np.zeros(self.overlap * hop)
        squares[:n_fft] = self.window.astype(np.float64) ** 2
        self._squares = squares.reshape(self.overlap, hop)

    def slots(self, frames: int) -> int:
        """Slots of one member's waveform."""
        return frames + self.overlap - 1

    def gains(self, frames: int, length: int) -> tuple[Array, Array]:
        """(row of each slot, table [shape=(rows, hop)] of what to multiply overlap-added samples by).

        Row 0 is the steady state, row 1 all zeros. Samples outside the sound have gain 0, which also clears them.
        """
        hop, reach = self.geometry.hop_length, self.overlap
        short = min(frames, 3 * reach)  # beyond that the middle repeats
        total = np.zeros((short + reach - 1, hop))
        for j, part in enumerate(self._squares):
            total[j : j + short] += part
        limit = float(np.finfo(self.dtype).tiny)
        inverse = np.where(total > limit, 1 / np.maximum(total, limit), 1.0)
        steady = self._squares.sum(axis=0)
        table = [np.where(steady > limit, 1 / np.maximum(steady, limit), 1.0), np.zeros(hop)]
        rows = np.zeros(self.slots(frames), np.int32)
        start, stop = self.geometry.pad, self.geometry.pad + length
        for slot in [*range(min(reach, rows.size)), *range(max(reach, min(frames, stop // hop)), rows.size)]:
            if slot * hop >= stop or (slot + 1) * hop <= start:
                rows[slot] = 1
                continue
            if slot < reach and frames > short:
                from_short = slot
            elif slot >= frames:
                from_short = slot - (frames - short)
            else:
                from_short = slot if frames == short else min(slot, short - 1)
            at = slot * hop + np.arange(hop)
            rows[slot] = len(table)
            table.append(np.where((at >= start) & (at < stop), inverse[from_short], 0.0))
        return rows, np.asarray(table, self.dtype)

    def pads(self, frames: int, length: int) -> tuple[Array, Array, Array]:
        """(target, source, weight): sample numbers that fill the borders of one member, and factors."""
        lead = self.geometry.pad
        if not self.geometry.center or self.geometry.pad_mode == "constant":
            empty = np.empty(0, np.int64)
            return empty, empty, np.empty(0)
        end = lead + length
        right = min(lead, self.slots(frames) * self.geometry.hop_length - end)
        ramp = self.geometry.pad_mode == "linear_ramp"  # from the edge down to 0
        mode: Any = "edge" if ramp else self.geometry.pad_mode
        source = np.pad(np.arange(length), (lead, right), mode=mode)
        weight = np.pad(np.ones(length), (lead, right), mode="linear_ramp" if ramp else "edge")
        target = np.concatenate([np.arange(lead), np.arange(end, end + right)])
        return target, source[target] + lead, weight[target]
