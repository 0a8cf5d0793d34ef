"""audio-diffusion, and the class Mel that diffusers took from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    from fastspec.calibration.facts import Fact
    from fastspec.picture.picture import Picture

PROFILE = Profile(
    "audio-diffusion",
    "audio-diffusion's Mel: 8-bit gray, 80 dB, one mel band a row, the lowest at the top",
    "huggingface diffusers and teticio/audio-diffusion, mel.py",
    {
        "cmap": "gray8",
        "level_kind": "db",
        "level_quantiser": "rounded",
        "db_range": (-80.0, 0.0),
        "freq_scale": "mel",
        "freq_edges": "cells",
        "origin": "upper",
        "window": "hann",
        "center": True,
        "mel_htk": False,
        "mel_norm": "slaney",
        "mel_power": 2.0,
    },
    {"sr": 22050, "n_fft": 2048, "hop_length": 512, "fmin": 0.0},
)


class AudioDiffusion(Tool):
    """Plain gray, a power of two of pixels a side, loud rows on top."""

    profiles = (PROFILE,)

    def has_own_frame(self, known: Calibration) -> bool:
        """There is nothing round its plot."""
        return True

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """Size and grays."""
        from fastspec.tools.audio_diffusion.recognise import recognise

        return recognise(picture)

    def needs_grid(self, known: Calibration) -> bool:
        """Always: its rows are bands, whatever its columns are."""
        return True

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """A band a row and a frame a column."""
        chosen.choose("n_mels", rows, "one band a row")
        if "duration" not in chosen.known:
            chosen.choose("n_frames", width, "one frame a column")
        if chosen.spans:
            super().grid(chosen, width, rows)

    def drawing(self) -> Drawing:
        """Raw pictures."""
        from fastspec.tools.audio_diffusion.draw import DRAWING

        return DRAWING


TOOL = AudioDiffusion()
