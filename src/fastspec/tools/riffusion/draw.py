"""Drawing as Riffusion does: a band a row, a step of 10 ms a column, two channels in green and blue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array
from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.errors import ParameterError
from fastspec.picture.picture import Picture
from fastspec.tools.riffusion import BANDS, PADDED, PROFILE, SR, STEPS_OF_WINDOW
from fastspec.tools.tool import Drawing
from fastspec.transform.geometry import count_frames

_BLOCK = 1 << 22  # cells of a transform at a time
_ITS_PADDED = 4  # windows in a transform


class RiffusionDrawing(Drawing):
    """SpectrogramImageConverter.spectrogram_image_from_audio."""

    profile = PROFILE
    takes = frozenset({"n_mels", "fmin", "fmax"})
    freq_scale = "mel"
    channel_layout = "green-blue"
    most_channels = 2
    sr = SR

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """With a number of bands."""
        cal = super().facts(given, size)
        if size is not None:
            raise ParameterError(
                f"size={size!r}: profile={self.profile.name!r} draws a pixel a band and step of 10 ms; drop size"
            )
        return cal if "n_mels" in cal else cal.updated("given", n_mels=BANDS)

    def draw(
        self,
        wave: NDArray[np.float32],
        cal: Calibration,
        *,
        size: tuple[int, int] | None,
        max_seconds: float | None,
        top_db: float,
    ) -> Picture:
        """(bands, columns, 3): the root of the amplitudes, loud is dark."""
        from fastspec.transform import mel
        from fastspec.transform.stft import stft

        sr, bands = cal["sr"], cal["n_mels"]
        hop = round(cal["column_step"] * sr)
        win = STEPS_OF_WINDOW * hop
        n_fft = _ITS_PADDED * win
        columns = count_frames(wave.shape[-1], hop, n_fft)
        cal = cal.updated("given", n_fft=n_fft)
        consistency.check(cal.updated("given", win_length=win, hop_length=hop))
        consistency.check_size(cal.updated("given", n_frames=columns), max_seconds=max_seconds)
        bank = mel.MelBank(sr, n_fft, bands, cal["fmin"], cal["fmax"], htk=True, norm=None).weights()
        cells = np.empty((len(wave), columns, bands), np.float32)
        some = max(1, _BLOCK // bank.shape[1])
        for channel, one in enumerate(wave):
            padded = np.pad(one, (n_fft // 2, n_fft // 2), mode="reflect" if one.size > 1 else "edge")
            for at in range(0, columns, some):
                count = min(some, columns - at)
                piece = padded[at * hop : (at + count - 1) * hop + n_fft]
                spectrum = stft(piece, n_fft=n_fft, hop_length=hop, win_length=win, center=False).T
                cells[channel, at : at + count] = np.abs(spectrum) @ bank.T
        peak = float(cells.max())
        # an amplitude that is read counts for as many bins of the decoder's shorter transform
        ref = peak * PADDED / _ITS_PADDED
        cal = cal.without("n_fft").updated("given", ref=ref if peak > 0 else None)
        loud = np.power(cells / np.float32(peak or 1.0), np.float32(cal["level_exponent"]))
        planes = (255 - 255 * loud).astype(np.uint8).transpose(0, 2, 1)[:, ::-1]
        red = np.zeros_like(planes[0]) if len(planes) > 1 else planes[0]
        pixels = np.stack([red, planes[0], planes[-1]], axis=-1)
        return Picture(pixels, embedded=cal.to_json(size=(columns, bands)))

    def remarks(self, wave: Array, sr: int | None) -> tuple[str, ...]:
        """Where the sound is of another rate."""
        if sr in (None, SR):
            return ()
        return (f"the sound is drawn at {SR} Hz, Riffusion's own rate, instead of {sr}",)


DRAWING = RiffusionDrawing()
