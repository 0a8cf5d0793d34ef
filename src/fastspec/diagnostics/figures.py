"""matplotlib's figures of spectrograms, saved with the calibration in the file (matplotlib is an extra)."""

from __future__ import annotations

import io
import os
from typing import Any

from fastspec import inspection
from fastspec.calibration.calibration import Calibration
from fastspec.errors import ParameterError, missing_extra
from fastspec.picture import files
from fastspec.picture.formats import format_of
from fastspec.tools import librosa

_MEL_FROM = 900.0  # Hz up to which a symmetrical log axis of mel bands is linear, at least
_POINTS = 72.0  # of line widths, an inch
_NEAR = 1e-6  # of the axis, by which limits may differ


def savefig(
    fig: Any,
    path: str | os.PathLike[str],
    *,
    sr: int,
    n_fft: int,
    hop_length: int,
    ax: Any = None,
    how: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Save a figure of one specshow or pcolormesh spectrogram; the file carries its calibration and needs no option.

    fig : matplotlib Figure. path : a .png, .jpg, .webp or .tiff. ax : the Axes of the spectrogram, of several.
    how : options of `Figure.savefig`, such as `{"dpi": 150, "bbox_inches": "tight"}`. facts : what the figure does not
    show (`window`, `win_length`, `duration`, `ref` ...); they override what it does. Transparent parts become white.

    Raises ParameterError for a figure without such axes, or of a part of the spectrogram; MissingExtraError without
    matplotlib; OutputError when the file cannot be written.

    >>> librosa.display.specshow(decibels, y_axis="log", x_axis="time", ax=ax)  # doctest: +SKIP
    >>> fastspec.savefig(fig, "speech.png", sr=22050, n_fft=2048, hop_length=512)  # doctest: +SKIP
    """
    try:
        from matplotlib.collections import QuadMesh
    except ImportError:
        raise missing_extra("matplotlib", "plot", "savefig") from None
    format_of(path)
    axes, mesh = _spectrogram(fig, ax, QuadMesh)
    known = {**_of_mesh(axes, mesh, n_fft), "sr": sr, "n_fft": n_fft, "hop_length": hop_length, **facts}
    inspection.given_facts(known)
    where: dict[str, Any] = {}

    def note(event: Any) -> None:
        where.update(_place(axes, event.renderer))

    drawn = io.BytesIO()
    handle = fig.canvas.mpl_connect("draw_event", note)
    try:
        fig.savefig(drawn, **{**(how or {}), "format": "png"})
    finally:
        fig.canvas.mpl_disconnect(handle)
    drawn.seek(0)
    picture = files.read(drawn)
    cal = Calibration.of("given", **{**where, **known})
    files.write(picture, path, embedded=cal.to_json(size=(picture.width, picture.height)))


def _spectrogram(fig: Any, ax: Any, kind: type) -> tuple[Any, Any]:
    """The axes with the spectrogram, and its mesh; colour bars are left out."""
    bars = {
        id(image.colorbar.ax) for each in fig.axes for image in each.collections if getattr(image, "colorbar", None)
    }
    asked = [ax] if ax is not None else [each for each in fig.axes if id(each) not in bars]
    found = [(each, mesh) for each in asked for mesh in each.collections if isinstance(mesh, kind)]
    if len(found) != 1:
        raise ParameterError(
            f"{len(found)} spectrograms of specshow or pcolormesh are in this figure; give ax= the axes of one"
        )
    return found[0]


def _of_mesh(axes: Any, mesh: Any, n_fft: int) -> dict[str, Any]:
    """What cells, colours and axes of a drawn mesh tell."""
    corners = mesh.get_coordinates()
    rows, frames = corners.shape[0] - 1, corners.shape[1] - 1
    ends = (corners[..., 0].min(), corners[..., 0].max()), (corners[..., 1].min(), corners[..., 1].max())
    for name, limits, (low, high) in zip(("time", "frequency"), (axes.get_xlim(), axes.get_ylim()), ends, strict=True):
        if max(abs(limits[0] - low), abs(limits[1] - high)) > _NEAR * (high - low):
            raise ParameterError(
                f"the {name} axis shows {limits[0]:g} to {limits[1]:g} of {low:g} to {high:g}; draw the whole of it"
            )
    if type(mesh.norm).__name__ != "Normalize":
        raise ParameterError(f"colours of {type(mesh.norm).__name__} are not levels in decibels; draw decibels")
    scale = axes.get_yscale()
    bank = rows != 1 + n_fft // 2
    if scale == "symlog":
        scale = "mel" if axes.yaxis.get_transform().linthresh > _MEL_FROM else "log"
    if scale not in ("linear", "log", "mel") or (bank and scale != "mel"):
        raise ParameterError(
            f"{rows} rows on a {scale} axis are no spectrogram of n_fft={n_fft}; correct n_fft, or save it as it is"
        )
    return {
        "profile": librosa.TODAYS.name,
        "cmap": mesh.get_cmap().name,
        "db_range": tuple(float(each) for each in mesh.get_clim()),
        "freq_scale": scale,
        "n_frames": frames,
        **({"n_mels": rows} if bank else {}),
    }


def _place(axes: Any, renderer: Any) -> dict[str, Any]:
    """Where the plot lies among the pixels that are being drawn, and what lines of it the frame hides."""
    box, height = axes.get_window_extent(renderer), float(renderer.height)
    exact = box.x0, height - box.y1, box.x1, height - box.y0
    left, top, right, bottom = (int(each + 0.5) for each in exact)
    width = [
        round(0.5 * spine.get_linewidth() * renderer.dpi / _POINTS + 0.49) if axes.axison and spine.get_visible() else 0
        for spine in (axes.spines[side] for side in ("left", "top", "right", "bottom"))
    ]
    return {
        "plot_area": (left, top, right, bottom),
        "plot_offsets": (left - exact[0], top - exact[1], exact[2] - right, exact[3] - bottom),
        "plot_hidden": tuple(width),
    }
