"""Facts about a picture: embedded in it, read off its pixels, from a named profile, given, or only assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import presets, settle
from fastspec.axes import FrequencyAxis
from fastspec.calibration import Calibration, Fact, check_fact
from fastspec.errors import CalibrationError, ParameterError
from fastspec.images import MAX_PIXELS, read
from fastspec.picture import Picture

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
_FFT_LENGTHS = (256, 400, 512, 800, 1024, 1200, 2048, 4096, 8192)
_BANDS = (40, 64, 80, 96, 128, 160, 192, 229, 256, 320, 512)
# On 17 lossless pictures of the corpus the true axis scored .70 - 1.00 and the best wrong one .37 - .75, at least .24
# behind it. In a lossless picture no border lies inside a cell, so the true axis explains every one.
_SURE_SCORE, _SURE_MARGIN, _SURE_PRECISION = 0.55, 0.12, 0.98


def inspect(picture: Any, /, **given: Any) -> Calibration:
    """What is known about a picture and how.

    picture : path, Picture, PIL image or pixel array (H, W[, 3|4]), row 0 at the top.
    given : facts that the caller knows (`sr=22050`, `profile="librosa-0.8"` ...); they override all others.

    Returns a Calibration in which every fact has its source: given, embedded (in the file), pixels, profile or
    assumed. Raises PictureError when the file cannot be read, ParameterError for a fact out of range and
    CalibrationError when facts contradict each other.
    """
    loaded = load(picture)
    return known_facts(loaded, given_facts(given))


def load(picture: Any, *, max_pixels: int | None = MAX_PIXELS) -> Picture:
    """Any of the accepted kinds of picture as a Picture; files with more pixels than `max_pixels` are refused."""
    if isinstance(picture, Picture):
        return picture
    if isinstance(picture, str | Path) or hasattr(picture, "read"):
        return read(picture, max_pixels=max_pixels)
    if isinstance(picture, np.ndarray):
        return Picture.from_array(picture)
    if hasattr(picture, "getbands"):
        return Picture.from_pil(picture)
    raise ParameterError(f"a picture is a path, Picture, PIL image or array, not {type(picture).__name__}")


def given_facts(given: dict[str, Any]) -> Calibration:
    """Checked facts from the user. A colormap's or window's name is checked where it is used."""
    facts = {name: Fact(check_fact(name, value), "given") for name, value in given.items() if value is not None}
    cal = Calibration(facts)
    if "profile" in cal:
        presets.profile(cal["profile"])
    settle.check(cal)
    return cal


def profile_facts(given: Calibration) -> Calibration:
    """`given` with the facts of its profile and librosa's defaults: all that drawing needs but the sound's own."""
    cal = given.merged(presets.profile(given["profile"]).calibration(given.get("freq_scale")))
    return presets.assumed(cal).without("sr", "db_range").merged(given)


def known_facts(picture: Picture, given: Calibration) -> Calibration:
    """Everything known about `picture`, from all sources, made to fit together."""
    known = given
    if picture.embedded is not None:
        try:
            known = known.merged(Calibration.from_json(picture.embedded))
        except CalibrationError as error:
            known = known.remarked(str(error))
    if "n_frames" not in given and "n_frames" in known and {"duration", "hop_length", "sr"} & given.keys():
        known = _without_overridden(known, given)
    if "profile" in known:
        try:
            known = known.merged(presets.profile(known["profile"]).calibration(known.get("freq_scale")))
        except ParameterError as error:
            known = known.remarked(f"embedded profile: {error}")
    if "plot_area" not in known:
        known = known.updated("assumed", 0.5, "the whole picture", plot_area=(0, 0, picture.width, picture.height))
    settle.check(known, width=picture.width, height=picture.height)
    left, top, right, bottom = known["plot_area"]
    area = picture.pixels[top:bottom, left:right]
    if known.source("n_fft") != "embedded":  # a picture of fastspec's own needs no reading
        known = known.merged(_pixel_facts(area, known))
    known = presets.assumed(known)
    settle.check(known, width=picture.width, height=picture.height)
    known = settle.settle_time(known, right - left)
    settle.check_size(known)
    info = dict(picture.info)
    known = known.remarked(*info.pop("notes", ()))
    return known.described(width=picture.width, height=picture.height, **info)


def _without_overridden(known: Calibration, given: Calibration) -> Calibration:
    """Embedded time facts that follow from others are dropped when the user changes one of those."""
    stale = {"n_frames", "duration"} - given.keys() if "duration" not in given else {"n_frames"}
    if "hop_length" in given and "duration" not in given:
        return known.without("duration")
    return known.without(*stale)


@dataclass(frozen=True)
class _Candidate:
    """One explanation of the borders: Jaccard index, share of the seen borders it explains, and its facts."""

    score: float
    precision: float
    facts: Mapping[str, Any]


_NOTHING = _Candidate(0.0, 0.0, {})


def _pixel_facts(area: NDArray[Any], known: Calibration) -> Calibration:
    """Scale, edges, rate and FFT length from the heights of row runs; n_frames from the widths of column runs.

    A drawn cell covers whole rows and columns of identical pixels, so in a lossless picture the borders between
    different rows are the borders of cells; which axis draws just these borders is nearly always unique.
    """
    facts: dict[str, Fact] = {}
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    frames = _frames_of_runs(_borders(area, axis=1))
    if frames is not None and frames.score >= 0.9:
        facts["n_frames"] = Fact(frames.facts["n_frames"], "pixels", min(0.99, frames.score), "widths of column runs")
    borders = _borders(area, axis=0)
    share = borders.mean() if borders.size else 1.0
    if 0.02 < share < 0.98:
        ranked = sorted(_axis_candidates(borders, sure), key=lambda c: -c.score)
        best, rival = (*ranked, _NOTHING, _NOTHING)[:2]
        if best.precision >= _SURE_PRECISION and best.score >= max(_SURE_SCORE, rival.score + _SURE_MARGIN):
            confidence = min(0.99, 0.5 + 2 * (best.score - rival.score))
            for name, value in best.facts.items():
                facts[name] = Fact(value, "pixels", confidence, "heights of row runs")
    new = {name: fact for name, fact in facts.items() if name not in sure or name in ("n_fft", "sr", "n_frames")}
    return Calibration(new)


def _borders(area: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    """True where a row (axis 0) or column (axis 1) differs from the next one."""
    differs = area[1:] != area[:-1] if axis == 0 else area[:, 1:] != area[:, :-1]
    if differs.ndim == 3:
        differs = differs.any(axis=2)
    result: NDArray[np.bool_] = differs.any(axis=1 - axis)
    return result


def _frames_of_runs(borders: NDArray[np.bool_]) -> _Candidate | None:
    width = len(borders) + 1
    if width < 8 or not 0.01 < borders.mean() < 0.98:
        return None
    # Each drawn border lies at a multiple of width / n: only counts near the number of runs can explain them.
    runs = int(np.count_nonzero(borders)) + 1
    counts = np.arange(runs, min(width, int(runs * 1.25) + 2))
    frames = (2 * np.arange(width) + 1)[None, :] * counts[:, None] // (2 * width)
    drawn = frames[:, 1:] != frames[:, :-1]
    union = np.count_nonzero(drawn | borders, axis=1)
    scores = np.count_nonzero(drawn & borders, axis=1) / union
    best = int(np.argmax(scores))
    explained = np.count_nonzero(drawn[best] & borders) / np.count_nonzero(borders)
    return _Candidate(float(scores[best]), float(explained), {"n_frames": int(counts[best])})


def _axis_candidates(borders: NDArray[np.bool_], sure: dict[str, Any]) -> Iterable[_Candidate]:
    """Every axis that the known facts allow, with how well its cell borders explain the picture's."""
    height = len(borders) + 1
    edges_known = [sure["freq_edges"]] if "freq_edges" in sure else ["librosa>=0.9", "librosa<0.9"]
    scales = [sure["freq_scale"]] if "freq_scale" in sure else ["log", "linear", "mel"]
    seen = np.count_nonzero(borders)
    for scale in scales:
        for edges in edges_known if scale in ("log", "linear", "mel") else ():
            for facts in _axis_facts(scale, sure):
                drawn = _drawn_borders(scale, edges, height, tuple(facts.items()))
                if drawn is None:
                    continue
                both = np.count_nonzero(drawn & borders)
                union = seen + np.count_nonzero(drawn) - both
                yield _Candidate(both / union, both / seen, {"freq_scale": scale, "freq_edges": edges, **facts})


def _axis_facts(scale: str, sure: dict[str, Any]) -> Iterable[dict[str, Any]]:
    rates = [sure["sr"]] if "sr" in sure else list(_RATES)
    if scale == "mel":
        bands = [sure["n_mels"]] if "n_mels" in sure else list(_BANDS)
        yield from ({"n_mels": n_mels, "sr": sr} for n_mels in bands for sr in rates)
        return
    lengths = [sure["n_fft"]] if "n_fft" in sure else list(_FFT_LENGTHS)
    if scale == "linear":  # the same rows at every rate
        yield from ({"n_fft": n_fft} for n_fft in lengths)
    else:
        yield from ({"n_fft": n_fft, "sr": sr} for n_fft in lengths for sr in rates)


@lru_cache(maxsize=4096)
def _drawn_borders(scale: str, edges: Any, height: int, facts: tuple[tuple[str, Any], ...]) -> NDArray[np.bool_] | None:
    """Where this axis has borders between rows; kept, because a folder's pictures are often of one height."""
    known = dict(facts)
    try:
        axis = FrequencyAxis(
            scale=scale,
            sr=known.get("sr", 22050),
            n_fft=known.get("n_fft"),
            n_cells=known.get("n_mels"),
            edges=edges,
        )
    except ParameterError:
        return None
    rows = axis.rows(height)
    borders: NDArray[np.bool_] = rows[1:] != rows[:-1]
    return borders if borders.any() else None
