"""Amplitudes of cells <-> STFT magnitudes: mel and constant-Q banks, spans of time, one-sided powers, ref."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.calibration.calibration import Calibration
from fastspec.plot import cells as plot_cells
from fastspec.plot.layout import Layout, transform_options
from fastspec.transform import mel


def stft_magnitudes(
    several: Sequence[npt.NDArray[np.float32]], plan: Layout, cal: Calibration
) -> npt.NDArray[np.float32]:
    """STFT magnitudes of each channel's cells, as `Decoded.magnitude` holds them."""
    found: list[npt.NDArray[np.float32]] = []
    for cells in several:
        on_frames = cells if plan.frames is None else plot_cells.to_frames(cells, plan.frames)
        found.append(_of_channel(on_frames, plan, cal))
    return found[0] if len(found) == 1 else np.stack(found)


def _of_channel(cells: npt.NDArray[np.float32], plan: Layout, cal: Calibration) -> npt.NDArray[np.float32]:
    """STFT magnitudes (n_frames, 1 + n_fft // 2) of amplitudes on the picture's own cells."""
    ref = np.float32(cal.get("ref") or 1.0)
    if plan.kind == "mel":
        exponent = cal.get("mel_power") or 2.0
        # where the bank reaches above the rate that is wanted, its bins are made up to there and then cut off
        wider = max(1, math.ceil(2 * (cal.get("fmax") or 0.0) / cal["sr"]))
        magnitude = mel.mel_to_stft(
            np.power(cells, np.float32(exponent)) if exponent != 1.0 else cells,
            sr=cal["sr"] * wider,
            n_fft=cal["n_fft"] * wider,
            power=exponent,
            fmin=cal.get("fmin") or 0.0,
            fmax=cal.get("fmax"),
            htk=cal.get("mel_htk") or False,
            norm=None if cal.get("mel_norm") == "none" else "slaney",
        )[:, : 1 + cal["n_fft"] // 2]
    elif plan.kind == "cqt":
        magnitude = mel.log_to_stft(cells, plan.frequencies, sr=cal["sr"], n_fft=cal["n_fft"])
    else:
        missing = 1 + cal["n_fft"] // 2 - cells.shape[1]  # ffmpeg leaves the highest bin out
        magnitude = np.pad(cells, ((0, 0), (0, missing))) if missing else cells
        if cal.get("one_sided"):  # a one-sided power density doubles all bins but these
            magnitude[:, [0, -1]] *= np.float32(2**0.5)
    return magnitude if ref == 1 else magnitude * ref


def magnitude_of(wave: Array, cal: Calibration) -> npt.NDArray[np.float32]:
    """STFT magnitudes (n_frames, 1 + n_fft // 2) of a sound (n,)."""
    from fastspec.transform.stft import stft

    return np.ascontiguousarray(np.abs(stft(wave.astype(np.float32, copy=False), **transform_options(cal))).T)


def cells_of(magnitude: npt.NDArray[np.float32], cal: Calibration) -> tuple[npt.NDArray[np.float32], bool]:
    """What the picture shows of the magnitude, and whether it is a power."""
    if cal["freq_scale"] != "mel":
        return magnitude, False
    bank = mel.mel_filterbank(
        sr=cal["sr"],
        n_fft=cal["n_fft"],
        n_mels=cal["n_mels"],
        fmin=cal.get("fmin") or 0.0,
        fmax=cal.get("fmax"),
        htk=cal.get("mel_htk") or False,
    )
    return np.ascontiguousarray(np.square(magnitude) @ bank.T), True
