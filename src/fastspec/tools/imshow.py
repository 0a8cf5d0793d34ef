"""`plt.imshow` or `plt.imsave` of decibels that librosa made."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool


class Imshow(Tool):
    """Its pictures carry no fingerprint that plt.specgram's do not carry, too."""

    profiles = (
        Profile(
            "imshow-db",
            "imshow of librosa's power_to_db or amplitude_to_db: one cell a bin, upside down unless origin was set",
            "matplotlib's imshow of librosa.power_to_db",
            {"level_kind": "db", "freq_edges": "cells", "cmap_rounding": "trunc", "window": "hann", "center": True},
            {"origin": "upper", "cmap": "viridis", "db_range": (-80.0, 0.0), "freq_scale": "linear"},
        ),
    )


TOOL = Imshow()
