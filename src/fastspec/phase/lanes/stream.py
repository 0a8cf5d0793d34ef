"""Where the frames of many pictures lie: behind each other in one stream, which is cut into stretches, one a lane.

Between two pictures lie as many empty frames as a frame overlaps others, so that no slot holds samples of both. Each
lane also works the few frames before its own that reach into its first slots, and each slot so receives the same frames
in the same order wherever the stream is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastspec._typing import Array


@dataclass(frozen=True, eq=False)
class Stream:
    """Frames of pictures of one geometry in `blocks` blocks of `lanes` stretches.

    owned : slots of each stretch that are its own; beyond : those before and after that belong to its neighbours
    numbers : [shape=(blocks, frames of a stretch, lanes)] which frame of all pictures lies there, -1 for none
    starts : the slot of the stream where each picture begins
    """

    blocks: int
    lanes: int
    owned: int
    beyond: int
    numbers: Array
    starts: Array

    @staticmethod
    def of(frames: Sequence[int], overlap: int, lanes: int, most_blocks: int) -> Stream:
        """The stream of pictures of so many frames, in at most `most_blocks` blocks."""
        beyond = overlap - 1
        counts = np.asarray(frames, np.int64)
        ends = np.cumsum(counts + beyond)
        starts = ends - counts - beyond
        total = int(ends[-1])
        least = max(beyond, 1)
        blocks = max(1, min(most_blocks, total // (lanes * _STRETCH * least)))
        owned = max(-(-total // (blocks * lanes)), least)
        stream = np.full(blocks * lanes * owned + 2 * beyond, -1, np.int32)
        first = 0
        for start, count in zip(starts, counts, strict=True):
            stream[beyond + start : beyond + start + count] = np.arange(first, first + count)
            first += int(count)
        return Stream(blocks, lanes, owned, beyond, _dealt(stream, blocks, lanes, owned, owned + beyond), starts)

    def dealt(self, values: Array) -> Array:
        """`values` of the stream's slots, from `beyond` before its first: [shape as numbers]."""
        return _dealt(values, self.blocks, self.lanes, self.owned, self.owned + self.beyond)

    @property
    def slots(self) -> int:
        """Slots of a stretch, with its neighbours'."""
        return self.owned + 2 * self.beyond

    def place(self, slot: Array) -> tuple[Array, Array, Array]:
        """(block, slot in the stretch, lane) that own slots of the stream."""
        stretch = slot // self.owned
        return stretch // self.lanes, slot - stretch * self.owned + self.beyond, stretch % self.lanes

    def blocks_of(self, first: int, slots: int) -> range:
        """The blocks that hold any of these slots of the stream."""
        each = self.lanes * self.owned
        return range(first // each, (first + slots - 1) // each + 1)


def _dealt(values: Array, blocks: int, lanes: int, owned: int, length: int) -> Array:
    at = np.arange(blocks * lanes)[:, None] * owned + np.arange(length)
    return np.ascontiguousarray(values[at].reshape(blocks, lanes, length).transpose(0, 2, 1))


_STRETCH = 8  # least slots of a stretch for each that it shares, where a stream is cut into blocks; unmeasured
