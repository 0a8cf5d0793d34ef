"""matplotlib's figures of spectrograms, saved with the calibration in the file (matplotlib is an extra)."""

from __future__ import annotations

import io
import math
import os
from typing import Any

import numpy as np

from fastspec import inspection
from fastspec.diagnostics import drawn_levels
from fastspec.diagnostics.drawn_levels import Asked
from fastspec.errors import ParameterError, missing_extra
from fastspec.picture import files
from fastspec.picture.formats import format_of

_SNAP, _DIGITS = 1e-6, 6  # pixels, and decimals of one
_POINTS = 72.0  # of line widths, an inch
_COLOURED = 3  # dimensions of an array of colours


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
    """Save a figure of a spectrogram; the file carries its calibration, and decoding it needs no option.

    fig : matplotlib Figure with one spectrogram of specshow, pcolormesh, imshow (rows are bins, or mel bands with
    `freq_scale="mel"`) or specgram. path : a .png, .jpg, .webp or .tiff. sr : Hz. n_fft, hop_length : samples.
    ax : the Axes of the spectrogram, of several. how : options of `Figure.savefig`, such as
    `{"dpi": 150, "bbox_inches": "tight"}`. facts : what the figure does not show (`window`, `win_length`, `duration`,
    `ref` ...; `level_unit` "ln" or "log10" of what is drawn, with `level_kind`); they override what it does.
    Transparent parts become white.

    Raises ParameterError for a figure without such axes, of a part of the spectrogram, or whose rows are not those of
    n_fft; MissingExtraError without matplotlib; OutputError when the file cannot be written.

    >>> librosa.display.specshow(decibels, y_axis="log", x_axis="time", ax=ax)  # doctest: +SKIP
    >>> fastspec.savefig(fig, "speech.png", sr=22050, n_fft=2048, hop_length=512)  # doctest: +SKIP
    """
    try:
        from matplotlib.collections import QuadMesh
        from matplotlib.image import AxesImage
    except ImportError:
        raise missing_extra("matplotlib", "plot", "savefig") from None
    format_of(path)
    axes, artist = _spectrogram(fig, ax, (QuadMesh, AxesImage))
    asked = Asked(sr, n_fft, hop_length, facts)
    is_image = isinstance(artist, AxesImage)
    seen = (drawn_levels.of_image if is_image else drawn_levels.of_mesh)(axes, artist, asked)
    known = {**seen, "sr": sr, "n_fft": n_fft, "hop_length": hop_length, **facts}
    if "level_unit" not in facts:
        known |= {
            name: seen[name] for name in ("level_kind",) if name in seen
        }  # LogNorm's values are drawn as decibels
    cal = inspection.given_facts(known)
    where: dict[str, Any] = {}

    def note(event: Any) -> None:
        where.update(_place(axes, event.renderer))
        if is_image:
            of_image = drawn_levels.of_image_in_pixels(axes, artist, event.renderer, n_fft)
            cut = of_image.pop("plot_hidden", (0, 0, 0, 0))
            hidden = tuple(line + beyond for line, beyond in zip(where["plot_hidden"], cut, strict=True))
            where.update(of_image, plot_hidden=hidden)

    drawn = io.BytesIO()
    handle = fig.canvas.mpl_connect("draw_event", note)
    try:
        fig.savefig(drawn, **{**(how or {}), "format": "png"})
    finally:
        fig.canvas.mpl_disconnect(handle)
    drawn.seek(0)
    picture = files.read(drawn)
    place = {name: value for name, value in where.items() if name not in cal}
    text = cal.updated("given", **place).to_json(size=(picture.width, picture.height))
    files.write(picture, path, embedded=text)


def _spectrogram(fig: Any, ax: Any, kinds: Any) -> tuple[Any, Any]:
    """The axes with the spectrogram, and what drew it; colour bars and pictures in true colour are left out."""
    artists = [(each, artist) for each in fig.axes for artist in (*each.collections, *each.images)]
    bars = {id(artist.colorbar.ax) for _, artist in artists if getattr(artist, "colorbar", None)}
    found = [
        (each, artist)
        for each, artist in artists
        if isinstance(artist, kinds) and (each is ax if ax is not None else id(each) not in bars)
        if np.ndim(artist.get_array()) < _COLOURED
    ]
    if len(found) != 1:
        raise ParameterError(
            f"{len(found)} spectrograms of specshow, imshow or specgram are in this figure; give ax= the axes of one"
        )
    return found[0]


def _place(axes: Any, renderer: Any) -> dict[str, Any]:
    """Where the plot lies among the pixels that are being drawn, and what lines of it the frame hides."""
    box, height = axes.get_window_extent(renderer), float(renderer.height)
    exact = box.x0, height - box.y1, box.x1, height - box.y0
    left, top, right, bottom = (int(each + 0.5) for each in exact)
    width = [
        math.ceil(0.5 * spine.get_linewidth() * renderer.dpi / _POINTS + 0.5 - _SNAP)
        if axes.axison and spine.get_visible()
        else 0
        for spine in (axes.spines[side] for side in ("left", "top", "right", "bottom"))
    ]
    return {
        "plot_area": (left, top, right, bottom),
        "plot_offsets": tuple(
            round(each, _DIGITS) for each in (left - exact[0], top - exact[1], exact[2] - right, exact[3] - bottom)
        ),
        "plot_hidden": tuple(width),
    }
