"""matplotlib's `plt.specgram`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED
from fastspec.calibration.profile import Profile
from fastspec.tools.span_grid import Choice
from fastspec.tools.specgram import grid
from fastspec.tools.tool import Tool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fastspec.calibration.facts import Fact
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

# Its levels are the data's own extremes: of five sounds, NFFT 256 and 1024, 138 to 190 dB apart, 163 on average, the
# top at 0 to 14 dB for Fs 2. Decoded as 100, 140, 160 and 180 dB: held-out SC -4.2, -7.0, -7.5, -7.1 dB, STOI .77, .85,
# .86, .87.
USUAL_RANGE = (-150.0, 10.0)
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
    {"cmap": "viridis", "db_range": USUAL_RANGE},
)


class Specgram(Tool):
    """What imshow has blended, signed by matplotlib."""

    profiles = (PROFILE,)

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """Signed by matplotlib, in colours that imshow has blended or truncated."""
        from fastspec.tools.specgram.recognise import recognise

        return recognise(picture)

    def read_plot(self, area: NDArray[Any], known: Calibration) -> Evidence:
        """n_fft and column_step, of how imshow blended bins and frames."""
        from fastspec.detect.evidence import Evidence
        from fastspec.tools.specgram.imshow_cells import read_resampling

        return Evidence.of(read_resampling(area, known))

    def with_duration(self, known: Calibration, width: int) -> Calibration:
        """A frame a column, where the user tells how far apart frames are."""
        if known.source("hop_length") not in STATED:
            return super().with_duration(known, width)
        hop, sr = known["hop_length"], known["sr"]
        seconds = width * hop / sr
        return known.updated("assumed", 0.3, "one frame a column", duration=seconds).remarked(
            f"duration is not known: assuming {seconds:.4g} s, one frame of {hop} samples at {sr} Hz a column; "
            "give --duration to correct it"
        )

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """The drawing's own frames, where they are known."""
        super().grid(chosen, width, rows)
        grid.choose_grid(chosen, width)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Frames within the sound, half a hop outside."""
        return grid.usual_extent(known)


TOOL = Specgram()
