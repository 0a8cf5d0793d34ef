"""SciPy's own example: `pcolormesh(t, f, 10 * log10(Sxx))` of `scipy.signal.spectrogram`."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool


class ScipyPcolormesh(Tool):
    """Its pictures carry no fingerprint."""

    profiles = (
        Profile(
            "scipy-pcolormesh",
            "scipy.signal.spectrogram in decibels, drawn by pcolormesh in cells round the bins",
            "scipy.signal.spectrogram 1.x (Tukey window, an eighth of overlap) with matplotlib's pcolormesh",
            {
                "level_kind": "db",
                "origin": "lower",
                "freq_scale": "linear",
                "center": False,
                "one_sided": True,
                "freq_edges": "librosa>=0.9",
                "cmap_rounding": "round",
            },
            {
                "cmap": "viridis",
                "db_range": (-140.0, -40.0),
                "n_fft": 256,
                "win_length": 256,
                "hop_length": 224,
                "window": "hann",
            },
        ),
    )


TOOL = ScipyPcolormesh()
