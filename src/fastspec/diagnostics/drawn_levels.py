"""What the cells, colours and axes of a spectrogram in a matplotlib figure tell: of specshow, imshow and specgram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from fastspec.axes import EDGES_BIN_CENTRES, EDGES_WHOLE
from fastspec.colours import colormap, user_tables
from fastspec.errors import ParameterError
from fastspec.tools import imshow as imshow_tool
from fastspec.tools import librosa, specgram

_MEL_FROM = 900.0  # Hz up to which a symmetrical log axis of mel bands is linear, at least
_NEAR = 1e-6  # of the axis, by which limits may differ
_PLACED_EXACTLY = (3, 11)  # release of matplotlib since which images lie between pixels as their axes do
_SNAP = 1e-6  # pixels by which a box may pass a whole number of them
_PER_DECADE = {"amplitude": 20.0, "power": 10.0}  # decibels
_BLENDED = ("auto", "antialiased", "hanning")  # interpolations that `plot.imshow` undoes
_ENLARGED, _WHOLE = 3.0, (1.0, 2.0)  # pixels a cell from which, and at which, "auto" blends nothing


class Asked(NamedTuple):
    """What the caller of savefig says: rate, FFT length, hop, and other facts."""

    sr: int
    n_fft: int
    hop_length: int
    facts: Mapping[str, Any]


def of_mesh(axes: Any, mesh: Any, asked: Asked) -> dict[str, Any]:
    """Facts of what specshow or pcolormesh drew; ParameterError for what is no spectrogram of that n_fft."""
    corners = mesh.get_coordinates()
    rows, frames = corners.shape[0] - 1, corners.shape[1] - 1
    ends = (corners[..., 0].min(), corners[..., 0].max()), (corners[..., 1].min(), corners[..., 1].max())
    _check_whole(axes, ends)
    scale = axes.get_yscale()
    bank = rows != 1 + asked.n_fft // 2
    if scale == "symlog":
        scale = "mel" if axes.yaxis.get_transform().linthresh > _MEL_FROM else "log"
    if scale not in ("linear", "log", "mel") or (bank and scale != "mel"):
        raise ParameterError(
            f"{rows} rows on a {scale} axis are no spectrogram of n_fft={asked.n_fft}; correct n_fft, or save it as "
            "it is"
        )
    return {
        "profile": librosa.TODAYS.name,
        **_of_colours(mesh, asked, rounded=True),
        "freq_scale": scale,
        "n_frames": frames,
        **({"n_mels": rows} if bank else {}),
    }


def of_image(axes: Any, image: Any, asked: Asked) -> dict[str, Any]:
    """Facts of what imshow or specgram drew of an array (rows, frames); ParameterError where its rows are nothing."""
    rows, frames = np.shape(image.get_array())[:2]
    left, right, bottom, top = image.get_extent()
    _check_whole(axes, ((left, right), (bottom, top)))
    if (right - left) * (axes.get_xlim()[1] - axes.get_xlim()[0]) < 0:
        raise ParameterError("the time axis runs from right to left; draw it from left to right")
    if (axes.get_xscale(), axes.get_yscale()) != ("linear", "linear"):
        raise ParameterError("imshow on an axis that is not even is drawn even all the same; draw it with specshow")
    first = top if image.origin == "upper" else bottom  # what axis value the array's first row has at its border
    seconds = frames * asked.hop_length / asked.sr
    of_specgram = _of_specgram((left, right, bottom, top), frames, asked)
    if of_specgram:  # which turns the array over
        first = bottom
    elif not _counts_rows(bottom, top, rows):  # numbers of its own on the axis say where it begins
        first = min(bottom, top, key=abs)
    below = abs(first - axes.get_ylim()[0]) < abs(first - axes.get_ylim()[1])
    return {
        "profile": imshow_tool.TOOL.profiles[0].name,
        **_of_colours(image, asked, rounded=False),
        "origin": "lower" if below else "upper",
        "freq_edges": EDGES_WHOLE,
        **_of_rows(rows, asked),
        "n_frames": frames,
        "column_step": asked.hop_length / asked.sr,
        "time_extent": (0.0, seconds),
        **of_specgram,
    }


def of_image_in_pixels(axes: Any, image: Any, renderer: Any, n_fft: int) -> dict[str, Any]:
    """How imshow made pixels of the cells of an image that fills its axes, and where it put them.

    Up to 3.10 matplotlib stretched them over as many whole pixels as the axes touch, put the lower left one on the
    nearest whole pixel, and cut what reached beyond the axes, whose borders are rounded too. Both were found by trying
    all places of 3.10.9's and 3.11.2's pixels.
    """
    import matplotlib

    box = axes.get_window_extent(renderer)
    rows, frames = np.shape(image.get_array())[:2]
    how = image.get_interpolation()
    a_cell = box.width / frames, box.height / rows
    kept = how != "hanning" and all(each > _ENLARGED or each in _WHOLE for each in a_cell)
    blended = {"shown_n_fft": n_fft} if how in _BLENDED and not kept else {}
    if matplotlib.__version_info__ >= _PLACED_EXACTLY:
        return blended
    wide, high = math.ceil(box.width - _SNAP), math.ceil(box.height - _SNAP)
    left, low = math.floor(box.x0 + 0.5), math.floor(box.y0 + 0.5)
    beyond = left + wide - math.floor(box.x1 + 0.5), low + high - math.floor(box.y1 + 0.5)
    bottom = int(renderer.height) - low
    return {
        **blended,
        "plot_area": (left, bottom - high, left + wide, bottom),
        "plot_offsets": (0.0, 0.0, 0.0, 0.0),
        "plot_hidden": (0, max(0, beyond[1]), max(0, beyond[0]), 0),
    }


def _of_rows(rows: int, asked: Asked) -> dict[str, Any]:
    """What the rows of an array are."""
    bins = 1 + asked.n_fft // 2
    scale, bands = asked.facts.get("freq_scale"), asked.facts.get("n_mels")
    if scale == "mel" or (bands is not None and scale is None):
        return {"freq_scale": "mel", "n_mels": rows}
    if scale in (None, "linear") and bins - 1 <= rows <= bins:
        return {"freq_scale": "linear", **({} if rows == bins else {"n_bins": rows})}
    raise ParameterError(
        f"{rows} rows are not the {bins} bins of n_fft={asked.n_fft}; correct n_fft, or give freq_scale='mel' if they "
        "are mel bands"
    )


def _of_specgram(extent: tuple[float, float, float, float], frames: int, asked: Asked) -> dict[str, Any]:
    """What else holds of plt.specgram's array, which its extent tells; nothing of others."""
    left, right, bottom, top = extent
    if bottom != 0 or top <= 0:
        return {}
    rate = 2 * top  # Fs, which need not be the sound's
    win = asked.facts.get("win_length") or asked.n_fft
    start = (win - asked.hop_length) / 2 / rate
    ends = start, start + frames * asked.hop_length / rate
    near = _NEAR * abs(ends[1] - ends[0])
    if not left or max(abs(left - ends[0]), abs(right - ends[1])) > near:
        return {}
    samples = (frames - 1) * asked.hop_length + asked.n_fft
    return {
        "profile": specgram.PROFILE.name,
        "columns": "frames",  # hop and length are known, so that columns need not be spans of time
        "freq_edges": EDGES_BIN_CENTRES,
        "center": False,
        "window": "hanning",
        "one_sided": True,
        "duration": samples / asked.sr,
        "time_extent": (ends[0] * rate / asked.sr, ends[1] * rate / asked.sr),
    }


def _of_colours(artist: Any, asked: Asked, *, rounded: bool) -> dict[str, Any]:
    """Colours and the decibels of their ends."""
    chosen, name = artist.get_cmap(), artist.get_cmap().name
    colours = chosen(np.arange(chosen.N))[:, :3]
    table = np.floor(colours * 255 + 0.5) if rounded else colours * 255
    known = colormap.is_builtin(name) and np.array_equal(
        colormap.get(name, "round" if rounded else "trunc").table, table.astype(np.uint8)
    )
    of_map = {"cmap": name if known else user_tables.as_text(name or "own", table.astype(np.uint8))}
    norm, (low, high) = type(artist.norm).__name__, (float(each) for each in artist.get_clim())
    if norm == "LogNorm":
        kind = asked.facts.get("level_kind")
        if kind not in _PER_DECADE:
            raise ParameterError(
                "colours of LogNorm stand for amplitudes or powers; say which: level_kind='amplitude' or 'power'"
            )
        return {**of_map, "level_kind": "db", "db_range": tuple(_PER_DECADE[kind] * np.log10(at) for at in (low, high))}
    if norm != "Normalize":
        raise ParameterError(f"colours of {norm} are not levels in decibels; draw decibels")
    if "level_unit" in asked.facts:
        return {**of_map, "level_range": (low, high)}
    return {**of_map, "db_range": (low, high)}


def _counts_rows(bottom: float, top: float, rows: int) -> bool:
    """Whether the axis counts the array's rows, as it does unless told otherwise."""
    return sorted((bottom, top)) == [-0.5, rows - 0.5]


def _check_whole(axes: Any, ends: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """ParameterError where the axes show less or more than what was drawn between these ends."""
    for name, limits, (low, high) in zip(("time", "frequency"), (axes.get_xlim(), axes.get_ylim()), ends, strict=True):
        low, high = min(low, high), max(low, high)
        if max(abs(min(limits) - low), abs(max(limits) - high)) > _NEAR * (high - low):
            raise ParameterError(
                f"the {name} axis shows {limits[0]:g} to {limits[1]:g} of {low:g} to {high:g}; draw the whole of it"
            )
