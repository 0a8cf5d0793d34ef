"""Types that several rooms share, each written once."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, half open; also the lines of a plot that a frame hides at each side."""

Offsets: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom: how far a box reaches beyond whole pixels."""

Rounding: TypeAlias = Literal["round", "trunc"]
"""How a drawer made bytes of a colormap's fractions."""

Quantiser: TypeAlias = Literal["cells", "rounded"]
"""Whether entry k of a colormap stands for the cell [k, k + 1) / n or for k / (n - 1)."""
