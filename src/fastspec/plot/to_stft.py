"""Amplitudes of cells <-> STFT magnitudes: mel and constant-Q banks, spans of time, one-sided powers, ref."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.calibration.complete import Complete
from fastspec.errors import CalibrationError
from fastspec.plot import cells as plot_cells
from fastspec.plot.layout import Layout, cell_kind
from fastspec.transform import mel
from fastspec.transform.geometry import count_frames


def stft_magnitudes(
    several: Sequence[npt.NDArray[np.float32]],
    plan: Layout,
    facts: Complete,
    between: Callable[[], object] | None = None,
) -> npt.NDArray[np.float32]:
    """STFT magnitudes of each channel's cells, as `Decoded.magnitude` holds them.

    between : called between steps of what takes long; what it raises ends the work.
    """
    found: list[npt.NDArray[np.float32]] = []
    for cells in several:
        on_frames = cells if plan.frames is None else plot_cells.to_frames(cells, plan.frames)
        found.append(_of_channel(on_frames, plan, facts, between))
    return found[0] if len(found) == 1 else np.stack(found)


def retrievable(magnitude: npt.NDArray[np.float32], facts: Complete) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
    """Magnitudes (..., frames, bins) as close as phase retrieval needs them, and the options of their transform.

    Those of windows that hardly overlap are interpolated in time, as `plot.cells.to_frames` does. Spans of time were
    put on such frames when they were read.
    """
    options, hop = facts.transform_options(), facts.retrieval_hop
    if hop == facts.hop_length:
        return magnitude, options
    options["hop_length"] = hop
    if facts.shows_spans:
        return magnitude, options
    frames = count_frames(facts.samples, hop, facts.n_fft, center=facts.center)
    at = np.arange(max(1, frames), dtype=np.float64) * hop / facts.hop_length
    several = magnitude if magnitude.ndim > 2 else magnitude[None]
    dense = np.stack([plot_cells.to_frames(one, at) for one in several])
    return dense if magnitude.ndim > 2 else dense[0], options


def _of_channel(
    cells: npt.NDArray[np.float32], plan: Layout, facts: Complete, between: Callable[[], object] | None
) -> npt.NDArray[np.float32]:
    """STFT magnitudes (n_frames, 1 + n_fft // 2) of amplitudes on the picture's own cells."""
    ref = np.float32(facts.ref or 1.0)
    if plan.kind == "mel":
        magnitude = _of_bands(cells, facts, between)
    elif plan.kind == "cqt":
        magnitude = mel.log_to_stft(cells, plan.frequencies, sr=facts.sr, n_fft=facts.n_fft)
    else:
        missing = 1 + facts.n_fft // 2 - cells.shape[1]  # ffmpeg leaves the highest bin out
        magnitude = np.pad(cells, ((0, 0), (0, missing))) if missing else cells
        if facts.one_sided:  # a one-sided power density doubles all bins but these
            magnitude[:, [0, -1]] *= np.float32(2**0.5)
    return magnitude if ref == 1 else magnitude * ref


def _of_bands(
    bands: npt.NDArray[np.float32], facts: Complete, between: Callable[[], object] | None
) -> npt.NDArray[np.float32]:
    """The same of mel bands."""
    exponent = facts.mel_power
    # where the bank reaches above the rate that is wanted, its bins are made up to there and then cut off
    bank = _bank(facts, bands.shape[1], max(1, math.ceil(2 * (facts.fmax or 0.0) / facts.sr)))
    powers = np.power(bands, np.float32(exponent)) if exponent != 1.0 else bands
    return mel.mel_to_stft(powers, bank, power=exponent, n_bins=1 + facts.n_fft // 2, between=between)


def _bank(facts: Complete, n_mels: int, wider: int = 1) -> mel.MelBank:
    """The bank that the facts describe, of a transform at `wider` times the rate, in bins as wide."""
    corners = facts.fmin or 0.0, facts.fmax
    return mel.MelBank(facts.sr * wider, facts.n_fft * wider, n_mels, *corners, facts.mel_htk, facts.bank_norm)


def magnitude_of(wave: Array, facts: Complete) -> npt.NDArray[np.float32]:
    """STFT magnitudes (n_frames, 1 + n_fft // 2) of a sound (n,)."""
    from fastspec.transform.stft import stft

    return np.ascontiguousarray(np.abs(stft(wave.astype(np.float32, copy=False), **facts.transform_options())).T)


def cells_of(magnitude: npt.NDArray[np.float32], facts: Complete) -> tuple[npt.NDArray[np.float32], bool]:
    """What the picture shows of the magnitude, and whether it is a power."""
    if cell_kind(facts) != "mel":
        return magnitude, False
    assert facts.n_mels is not None
    weights = _bank(facts, facts.n_mels).weights()
    return np.ascontiguousarray(np.square(magnitude) @ weights.T), True


def amplitudes_of(magnitude: npt.NDArray[np.float32], facts: Complete) -> npt.NDArray[np.float32]:
    """Amplitudes (n_frames, n_cells) of the picture's cells that STFT magnitudes (n_frames, 1 + n_fft // 2) give.

    What `stft_magnitudes` undoes, of columns that show frames. Raises CalibrationError for constant-Q cells.
    """
    kind = cell_kind(facts)
    if kind == "cqt":
        raise CalibrationError(f"freq_scale={facts.freq_scale!r}: what constant-Q cells a sound gives is not computed")
    if kind == "mel":
        assert facts.n_mels is not None
        exponent = np.float32(facts.mel_power)
        powers = np.square(magnitude) if exponent == 2 else np.power(magnitude, exponent)
        bands: npt.NDArray[np.float32] = powers @ _bank(facts, facts.n_mels).weights().T
        return np.power(bands, 1 / exponent)
    if not facts.one_sided:
        return magnitude
    cells = magnitude.copy()
    cells[:, [0, -1]] *= np.float32(0.5**0.5)
    return cells


def bank_weights(facts: Complete) -> npt.NDArray[np.float32]:
    """The mel bank's weights (n_mels, 1 + n_fft // 2)."""
    assert facts.n_mels is not None
    return _bank(facts, facts.n_mels).weights()
