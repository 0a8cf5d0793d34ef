"""`Complete`: the checked facts of one picture as typed attributes, which whoever reads or draws passes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fastspec.calibration.facts import SPANS
from fastspec.errors import CalibrationError

if TYPE_CHECKING:
    from fastspec._typing import Box, Offsets, Quantiser, Rounding
    from fastspec.colours.levels import LevelKind


class Limits(NamedTuple):
    """When frames are too far apart for phase retrieval; shares of the window."""

    # Hops above it are made finer: `python -m bench.quality.sparse_frames CORPUS` prints what that gains. Windows of
    # 2048, five sounds, held-out SC without and with: hop .5 of the window -15.6 and -15.5 dB, .5625 -14.0 and -14.5,
    # .625 -12.5 and -13.5 (STOI .71 and .70), .75 -9.7 and -12.2 (.61 and .67), .94 -2.0 and -10.9 (.22 and .65).
    sparse: float = 0.625
    dense: float = 0.25  # finer frames are at most so far apart; .125 is as good to .1 dB; edit to repeat


LIMITS = Limits()
_NEEDED = ("cmap", "freq_scale", "freq_edges", "sr", "n_fft", "hop_length", "n_frames", "duration")


# A frozen dataclass of as many fields takes 1.3 ms longer to import.
class Complete(NamedTuple):
    """All that reading or drawing a picture needs, see `FACTS` for what each fact means.

    A fact that is None is not known and has no default that serves every picture; all others are as they were checked,
    or as librosa has them.
    """

    cmap: str
    freq_scale: str
    freq_edges: str
    sr: int
    n_fft: int
    hop_length: int
    win_length: int
    n_frames: int
    duration: float
    window: str = "hann"
    center: bool = True
    profile: str | None = None
    cmap_table: str | None = None
    cmap_rounding: Rounding = "round"
    level_kind: LevelKind = "db"
    level_exponent: float = 1.0
    level_quantiser: Quantiser = "cells"
    db_range: tuple[float, float] = (-80.0, 0.0)
    db_center: float | None = None
    ref: float | None = None
    origin: Literal["lower", "upper"] = "lower"
    n_bins: int | None = None
    n_mels: int | None = None
    mel_htk: bool = False
    mel_norm: Literal["slaney", "none"] = "slaney"
    mel_power: float = 2.0
    fmin: float | None = None
    fmax: float | None = None
    bins_per_octave: int = 12
    linthresh: float | None = None
    linscale: float | None = None
    log_base: float = 2.0
    columns: Literal["frames", "spans"] = "frames"
    time_extent: tuple[float, float] | None = None
    column_step: float | None = None
    shown_n_fft: int | None = None
    channels: int = 1
    channel_layout: Literal["stacked", "green-blue"] = "stacked"
    one_sided: bool = False
    plot_area: Box | None = None
    plot_hidden: Box = (0, 0, 0, 0)
    plot_offsets: Offsets | None = None

    @classmethod
    def of(cls, cal: Mapping[str, Any]) -> Complete:
        """The facts of a calibration; CalibrationError where one is missing that nothing can stand for."""
        missing = [name for name in _NEEDED if cal.get(name) is None]
        if missing:
            verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
            raise CalibrationError(f"{' and '.join(missing)} {verb} not known; give {them}")
        told = {name: cal[name] for name in cls._fields if cal.get(name) is not None}
        return cls(**{"win_length": cal["n_fft"], **told})

    @property
    def samples(self) -> int:
        """Length of the sound, at least 1."""
        return max(1, round(self.duration * self.sr))

    @property
    def shows_spans(self) -> bool:
        """Whether a column shows a span of time, which is no frame of the transform."""
        return self.columns == SPANS

    @property
    def retrieval_hop(self) -> int:
        """Samples between the frames that a phase is retrieved for: `hop_length`, or a part of it where windows hardly
        overlap, so that frames between those drawn must be interpolated."""
        return retrieval_hop(self.hop_length, self.win_length)

    @property
    def drawn_frames(self) -> int | None:
        """Frames that were drawn into spans of time, where their step is known."""
        if self.column_step is None or self.time_extent is None:
            return None
        start, end = self.time_extent
        return max(1, round((end - start) / self.column_step))

    @property
    def bank_norm(self) -> Literal["slaney"] | None:
        """`mel_norm` as `transform.mel` takes it."""
        return None if self.mel_norm == "none" else "slaney"

    def transform_options(self) -> dict[str, Any]:
        """What the STFT and its inverse take, under librosa's names."""
        return {
            "n_fft": self.n_fft,
            "hop_length": self.hop_length,
            "win_length": self.win_length,
            "window": self.window,
            "center": self.center,
        }


def retrieval_hop(hop_length: int, win_length: int) -> int:
    """The hop that frames `hop_length` apart are interpolated to before a phase is retrieved; itself if they overlap
    enough."""
    if hop_length <= LIMITS.sparse * win_length:
        return hop_length
    return max(1, hop_length // math.ceil(hop_length / (LIMITS.dense * win_length)))
