"""Drawing as audio-diffusion does: all but some in 10 000 pixels of Mel's own are the same, those are one level off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.errors import ParameterError
from fastspec.picture.picture import Picture
from fastspec.tools.audio_diffusion import PROFILE
from fastspec.tools.tool import Drawing
from fastspec.transform.geometry import count_frames

_USUAL = {"n_mels": 256, "n_fft": 2048, "hop_length": 512}


class AudioDiffusionDrawing(Drawing):
    """Mel.audio_slice_to_image."""

    profile = PROFILE
    takes = frozenset({"n_fft", "hop_length", "n_mels"})
    freq_scale = "mel"

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """With Mel's own numbers, at any rate."""
        cal = super().facts(given, size).without("sr")
        if size is not None:
            raise ParameterError(
                f"size={size!r}: profile={self.profile.name!r} draws a pixel a band and frame; give n_mels or drop size"
            )
        return cal.updated("given", **{fact: given.get(fact, value) for fact, value in _USUAL.items()})

    def draw(
        self,
        wave: NDArray[np.float32],
        cal: Calibration,
        *,
        size: tuple[int, int] | None,
        max_seconds: float | None,
        top_db: float,
    ) -> Picture:
        """librosa's mel spectrogram in 80 dB, a byte a cell, the lowest band on top."""
        from fastspec.colours.levels import power_to_db
        from fastspec.transform import mel
        from fastspec.transform.stft import stft

        n_fft, hop, bands = cal["n_fft"], cal["hop_length"], cal["n_mels"]
        consistency.check(cal)
        frames = count_frames(wave.shape[-1], hop, n_fft)
        consistency.check_size(cal.updated("given", n_frames=frames), max_seconds=max_seconds)
        magnitude = np.ascontiguousarray(np.abs(stft(wave[0], n_fft=n_fft, hop_length=hop)).T)
        power = np.square(magnitude) @ mel.MelBank(cal["sr"], n_fft, bands).weights().T
        peak, top = float(power.max()), -cal["db_range"][0]
        decibels = power_to_db(power, ref=np.max, top_db=top)
        gray = (np.clip((decibels + top) * 255 / top, 0, 255) + 0.5).astype(np.uint8).T
        if not peak > 0:
            gray[:] = 0  # the tool draws silence as loud as can be
        cal = cal.updated("given", n_frames=frames, win_length=n_fft, ref=peak**0.5 if peak > 0 else None)
        return Picture(np.ascontiguousarray(gray), embedded=cal.to_json(size=(frames, bands)))


DRAWING = AudioDiffusionDrawing()
