"""Riffusion: pictures for an image generator, and by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    from fastspec.calibration.facts import Fact
    from fastspec.colours.colormap import ColourTable
    from fastspec.picture.picture import Picture

PROFILE = Profile(
    "riffusion",
    "Riffusion: the fourth root of mel amplitudes, loud is dark, low at the bottom",
    "riffusion-hobby, spectrogram_params.py, spectrogram_converter.py and util/image_util.py",
    {
        "cmap": "riffusion",
        "level_kind": "power_law",
        "freq_scale": "mel",
        "freq_edges": "cells",
        "origin": "lower",
        "window": "hann",
        "center": True,
        "mel_htk": True,
        "mel_norm": "none",
        "mel_power": 1.0,
        "columns": "spans",
    },
    {
        "level_exponent": 0.25,
        "sr": 44100,
        "fmin": 0.0,
        "fmax": 10_000.0,
        "column_step": 0.01,
    },
)
STEPS_OF_WINDOW = 10
BANDS = 512
SR = 44100
# Riffusion's windows in a transform of ours; its own has 4. Log-mel dB of speech, speech, music, music (44.1 kHz) with
# 1: 2.25 2.14 2.33 2.63; 2: 1.66 1.58 2.29 2.64; 4: 1.56 1.62 2.27 2.63.
PADDED = 2
_STEP = 0.01  # seconds
_SURE_OF_DURATION = 0.9


class Riffusion(Tool):
    """EXIF tags of its own, or 512 rows of inverted gray."""

    profiles = (PROFILE,)

    def has_own_frame(self, known: Calibration) -> bool:
        """There is nothing round its plot."""
        return True

    def read_metadata(self, picture: Picture) -> Mapping[str, Fact]:
        """Its EXIF tags."""
        from fastspec.tools.riffusion import recognise

        return recognise.of_exif(picture)

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """Size and colours."""
        from fastspec.tools.riffusion import recognise

        return recognise.of_pixels(picture)

    def colour_tables(self) -> Iterable[ColourTable]:
        """`255 - 255 x`, truncated (image_util.py), so that white alone is silence; only EXIF and size tell it."""
        import numpy as np

        from fastspec.colours.colormap import ColourTable

        loud_is_dark = np.repeat(np.arange(256, dtype=np.uint8)[::-1, None], 3, axis=1)
        return [ColourTable("riffusion", loud_is_dark, (1, 0), listed=False)]

    def needs_grid(self, known: Calibration) -> bool:
        """Always: its rows are bands, whatever its columns are."""
        return True

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """A band a row and a hop a column."""
        chosen.choose("n_mels", rows, "one band a row")
        if chosen.spans:
            step = chosen.known.get("column_step", _STEP) * chosen.known.get("sr", SR)
            chosen.choose("hop_length", max(1, round(step)), "a column each step")
            chosen.choose("win_length", max(2, round(STEPS_OF_WINDOW * step)), "ten steps")
            chosen.choose("n_fft", PADDED * chosen["win_length"], "chosen: the window, padded")

    def with_duration(self, known: Calibration, width: int) -> Calibration:
        """A hop a column."""
        seconds = max(1, width - 1) * known["hop_length"] / known["sr"]
        return known.updated("profile", _SURE_OF_DURATION, "a column each hop", duration=seconds)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Columns round their times."""
        return span_grid.centred(width, known.get("column_step", known["duration"] / max(1, width - 1)))

    def drawing(self) -> Drawing:
        """Raw pictures."""
        from fastspec.tools.riffusion.draw import DRAWING

        return DRAWING


TOOL = Riffusion()
