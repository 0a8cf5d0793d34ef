"""matplotlib's `plt.specgram`."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool

PROFILE = Profile(
    "matplotlib-specgram",
    "plt.specgram: decibels of a one-sided power density, drawn by imshow from first to last bin centre",
    "matplotlib.axes.Axes.specgram and matplotlib.mlab.specgram 3.x",
    {
        "level_kind": "db",
        "origin": "lower",
        "freq_scale": "linear",
        "center": True,
        "one_sided": True,
        "freq_edges": "bins",
        "cmap_rounding": "trunc",
        "window": "hann",
        "columns": "spans",
    },
    {"cmap": "viridis", "db_range": (-140.0, -40.0)},
)


class Specgram(Tool):
    """What imshow has blended, signed by matplotlib."""

    profiles = (PROFILE,)


TOOL = Specgram()
