"""`Tool`: what fastspec knows of one program or library that draws spectrograms, behind hooks.

A tool overrides the hooks that it needs; each does nothing, or what suits most tools, by default. `fastspec.tools`
names the tools, and packages add theirs as entry points of the group "fastspec.tools". The modules that hold profiles
are imported by whoever lists them, so what reads or draws pixels is imported within the hooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.errors import ParameterError
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastspec._typing import Array
    from fastspec.calibration.facts import Fact
    from fastspec.colours.colormap import Colormap, ColourTable
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

_ALWAYS = {"window": "hann", "center": True}  # as all tools have it, so that naming it does no harm
_BITS = 8
_SURE_OF_END = 0.8  # that a time axis ends with the sound


class Drawing:
    """How a tool draws sounds.

    profile : of its pictures. takes : facts that may be chosen for one; all others are the tool's own.
    freq_scale : the only one, so that naming it does no harm.
    channel_layout : of several channels in one picture, of which there are at most `most_channels`.
    sr : Hz, of all its pictures; None draws at any rate. takes_top_db : whether the decibels may be chosen that its
    colours span if no range is given.
    """

    profile: ClassVar[Profile]
    takes: ClassVar[frozenset[str]] = frozenset()
    freq_scale: ClassVar[str | None] = None
    channel_layout: ClassVar[str] = "stacked"
    most_channels: ClassVar[int] = 1
    sr: ClassVar[int | None] = None
    takes_top_db: ClassVar[bool] = False

    def plan(self, given: Calibration, size: tuple[int, int] | None, bits: int) -> Calibration:
        """What is known of the pictures before a sound is; ParameterError for an option that the tool does not have."""
        usual = {"profile": self.profile.name, **_ALWAYS, "freq_scale": self.freq_scale}
        for option, value in given.items():
            if value != usual.get(option) and option not in self.takes:
                name = self.profile.name
                raise ParameterError(
                    f"{option}={value!r} is not for profile={name!r}, which draws as the tool does; drop it"
                )
        if bits != _BITS:
            raise ParameterError(f"bits={bits}: pictures of profile={self.profile.name!r} have {_BITS} bits")
        return self.facts(given, size)

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """The facts of `plan`, whose options are the tool's; ParameterError for values that it does not have."""
        return given.merged(self.profile.calibration(given.get("freq_scale")))

    def draw(
        self,
        wave: NDArray[np.float32],
        cal: Calibration,
        *,
        size: tuple[int, int] | None,
        max_seconds: float | None,
        top_db: float,
    ) -> Picture:
        """The picture of a sound (channels, n).

        cal : of `plan`, with the sound's sr, duration, channels and channel_layout. size : (width, height), None for
        the tool's own. top_db : decibels that colours span if no range is given.
        Raises CalibrationError for a sound that is too long, or for sizes that do not fit it.
        """
        raise NotImplementedError

    def remarks(self, wave: Array, sr: int | None) -> tuple[str, ...]:
        """Sentences that the user should hear about drawing `wave` (n,) or (channels, n) at `sr` Hz."""
        return ()


class Tool:
    """One drawing tool.

    profiles : its ways of drawing; a fact `profile` names one of them.
    unsettled : facts of its profiles that differ from release to release, so that pixels tell better.
    channel_gap : rows between stacked channels. first_channel_on_top : whether they are stacked downwards.
    columns_per_second : where nothing tells how long a sound is. draws_axes : whether it draws axes beside its plots.
    """

    profiles: ClassVar[tuple[Profile, ...]] = ()
    unsettled: ClassVar[frozenset[str]] = frozenset()
    channel_gap: ClassVar[int] = 1
    first_channel_on_top: ClassVar[bool] = True
    columns_per_second: ClassVar[float] = span_grid.COLUMNS_PER_SECOND
    draws_axes: ClassVar[bool] = False

    # Colours --------------------------------------------------------------------------------------------------------

    def colour_tables(self) -> Iterable[ColourTable]:
        """The maps that this tool alone draws in, for `fastspec.colours`."""
        return ()

    def own_colormap(self, known: Calibration, palette: NDArray[np.uint8]) -> Colormap | None:
        """The map that a picture's own `palette` (N, 3) holds; None where fact `cmap` tells it."""
        return None

    # Reading ------------------------------------------------------------------------------------------------------

    def read_metadata(self, picture: Picture) -> Mapping[str, Fact]:
        """profile and other facts, where the file says itself that this tool drew it."""
        return {}

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """profile, plot_area and other facts, where the pixels show that this tool drew them."""
        return {}

    def read_legend(self, picture: Picture, found: Mapping[str, Fact]) -> Evidence:
        """What is written beside a plot; `found` of a picture that was recognised, plot_area among it."""
        from fastspec.detect.evidence import Evidence

        return Evidence()

    def shown_seconds(self, facts: Mapping[str, Fact], seconds: float) -> float | None:
        """Seconds that a plot with these facts shows of a sound of `seconds`; None where that is all that is known."""
        return None

    def has_own_frame(self, known: Calibration) -> bool:
        """Whether the tool's own margins or legend say where the plot is and what its axes show."""
        return False

    def misplaced_axes(self, picture: Picture, area: NDArray[Any]) -> str | None:
        """What to say of a picture whose axes lie within its plot `area`, where the tool draws none; else None."""
        return None

    def read_plot(self, area: NDArray[Any], known: Calibration) -> Evidence:
        """What the plot's pixels (H, W) or (H, W, 3) tell of a picture of this tool, beside what those of all tell."""
        from fastspec.detect.evidence import Evidence

        return Evidence()

    # The grid of a sound --------------------------------------------------------------------------------------------

    def needs_grid(self, known: Calibration) -> bool:
        """Whether `grid` is asked: where columns are spans of time."""
        return bool(known.get("columns") == "spans")

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """Choose n_fft and whatever else follows from a plot of `width` columns and `rows` rows a channel."""
        span_grid.choose_usual_bins(chosen, rows)

    def with_grid(self, known: Calibration, width: int, height: int) -> Calibration:
        """`known` with n_fft, n_bins, win_length, hop_length and the like chosen for a plot of this size.

        Raises CalibrationError where channels do not fill it.
        """
        if not self.needs_grid(known):
            return known
        from fastspec.plot import channels

        chosen = Choice(known)
        self.grid(chosen, width, channels.rows(height, known, self.channel_gap))
        if chosen.spans:
            span_grid.choose_overlap(chosen)
        return Calibration({**known.facts, **chosen.facts}, known.picture, known.remarks)

    # Time -------------------------------------------------------------------------------------------------------------

    def with_duration(self, known: Calibration, width: int) -> Calibration:
        """`known` with a duration, which neither the user nor the picture has told."""
        rate = self.columns_per_second
        seconds = width / rate
        return known.updated("assumed", 0.2, f"{rate:.4g} columns a second", duration=seconds).remarked(
            f"duration is not known: assuming {seconds:g} s, {rate:.4g} columns a second; give --duration to correct it"
        )

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Seconds at the plot's left and right border."""
        return 0.0, known["duration"]

    def cannot_show(self, known: Calibration, width: int) -> tuple[str, ...]:
        """Sentences on what a plot of so many columns does not show of a sound."""
        return ()

    def with_extent(self, known: Calibration, width: int) -> Calibration:
        """`known` with duration and time_extent, the seconds at the plot's left and right border, for spans of time."""
        if known.get("columns") != "spans":
            return known
        if "duration" not in known:
            if "time_extent" in known:
                source = known.source("time_extent") or "assumed"
                known = known.updated(source, _SURE_OF_END, duration=known["time_extent"][1])
            else:
                known = self.with_duration(known, width)
        said = self.cannot_show(known, width)
        known = known.remarked(*said) if said else known
        if "time_extent" in known:
            return known
        source, confidence = known.source("duration") or "assumed", known.facts["duration"].confidence
        extent = self.time_extent(known, width)
        return known.updated(source, confidence, "from duration and width", time_extent=extent)

    def blending(self, known: Calibration) -> str:
        """How cells became pixels where fact `shown_n_fft` says that they were blended, see `plot.imshow`."""
        from fastspec.plot import imshow

        return imshow.BELLS

    # Levels -----------------------------------------------------------------------------------------------------------

    def restore(self, cells: NDArray[np.float32], known: Calibration) -> NDArray[np.float32]:
        """Amplitudes (columns, rows) without what the tool's drawing added to those of the sound."""
        return cells

    # Drawing ----------------------------------------------------------------------------------------------------------

    def drawing(self) -> Drawing | None:
        """How sounds are drawn as this tool does, if they can be."""
        return None
