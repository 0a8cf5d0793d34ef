"""A look at what was read: the picture, the recovered magnitude, the waveform (matplotlib, an extra)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.errors import OutputError, missing_extra
from fastspec.transform.joint import joint_magnitude

if TYPE_CHECKING:
    from fastspec.decoder import Decoded


def plot_decoded(decoded: Decoded, y: FloatArray, path: str | os.PathLike[str]) -> None:
    """Draw the picture, the magnitude read from it and the waveform `y` (n,) below each other into the file `path`.

    Of several channels, y (channels, n), the magnitude is the root of their mean power.

    Raises MissingExtraError without matplotlib and OutputError when the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle
    except ImportError:
        raise missing_extra("matplotlib", "plot", "--plot") from None
    cal = decoded.calibration
    sr, seconds = cal["sr"], y.shape[-1] / cal["sr"]
    figure = Figure(figsize=(10, 10), layout="constrained")
    picture, magnitude, waveform = figure.subplots(3, 1, height_ratios=(3, 3, 1.5))
    picture.imshow(decoded.picture.rgb(), aspect="auto", interpolation="nearest")
    picture.set_title(f"the picture: {decoded.picture.width} x {decoded.picture.height} pixels")
    left, top, right, bottom = cal["plot_area"]
    if (left, top, right, bottom) != (0, 0, decoded.picture.width, decoded.picture.height):
        picture.add_patch(Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False, ec="w", lw=1))
    several = decoded.magnitude.ndim == 3
    magnitude_db = _decibels(joint_magnitude(list(decoded.magnitude)) if several else decoded.magnitude)
    image = magnitude.imshow(
        magnitude_db.T, aspect="auto", origin="lower", extent=(0, seconds, 0, sr / 2000), vmin=-80, vmax=0, cmap="magma"
    )
    magnitude.set(title=f"the magnitude read: {magnitude_db.shape[0]} frames of {magnitude_db.shape[1]} bins")
    magnitude.set_ylabel("kHz")
    figure.colorbar(image, ax=magnitude, label="dB")
    waveform.plot(np.arange(y.shape[-1]) / sr, y.T, lw=0.4)
    waveform.set(title="the sound", xlabel="seconds", xlim=(0, max(seconds, 1 / sr)))
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise OutputError(f"the plot {path} cannot be written: {error}; name another place or a .png") from None


def _decibels(magnitude: FloatArray) -> NDArray[np.float64]:
    peak = float(magnitude.max(initial=0.0)) or 1.0
    decibels: NDArray[np.float64] = 20 * np.log10(np.maximum(magnitude / peak, 1e-5))
    return decibels
