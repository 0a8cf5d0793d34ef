"""matplotlib's `plt.specgram`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools.span_grid import Choice
from fastspec.tools.specgram import grid
from fastspec.tools.tool import Tool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fastspec.calibration.facts import Fact
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

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

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """Signed by matplotlib, in colours that imshow has blended or truncated."""
        from fastspec.tools.specgram.recognise import recognise

        return recognise(picture)

    def read_plot(self, area: NDArray[Any], known: Calibration) -> Evidence:
        """n_fft and column_step, of how imshow blended bins and frames."""
        from fastspec.detect.evidence import Evidence
        from fastspec.tools.specgram.imshow_cells import read_resampling

        return Evidence.of(read_resampling(area, known))

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """The drawing's own frames, where they are known."""
        super().grid(chosen, width, rows)
        grid.choose_grid(chosen, width)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Frames within the sound, half a hop outside."""
        return grid.usual_extent(known)


TOOL = Specgram()
