"""One magnitude of several channels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def joint_magnitude(cells: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One table of amplitudes from those of all channels: the root of their mean power."""
    if len(cells) == 1:
        return cells[0]
    power = np.square(cells[0])
    for other in cells[1:]:
        power += np.square(other)
    return np.sqrt(power / np.float32(len(cells)))
