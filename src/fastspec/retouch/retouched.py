"""An edited picture and the sound that it was drawn of -> that sound with only the edit changed.

The road: `search` finds how the sound was drawn, `compare` which cells somebody edited, `edits` what was done to them,
`resynthesis` does it to the sound. A picture that was changed everywhere goes through `warm`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import tools
from fastspec._typing import Array, Box, FloatArray
from fastspec.calibration.budget import Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.detect.evidence import Scene
from fastspec.errors import ParameterError, PictureError
from fastspec.plot import channels, imshow, layout
from fastspec.retouch import TRUST, blended, clipping, compare, edits, resynthesis, warm
from fastspec.retouch.explained import Explained
from fastspec.retouch.original import Original
from fastspec.retouch.said import Part, Said, beyond
from fastspec.sound.resample import resample

_MOST_TRUST = 200.0
# formats that halve the resolution of chroma, None of those that need not
_JPEG_LIKE = {"JPEG": True, "WEBP": None, "AVIF": None}
_EDGE = 32  # samples of the drawn rate beyond an edit that resampling may spread it to


@dataclass(frozen=True, eq=False)
class Retouched:
    """An original with the edits of a picture.

    wave : in the original's shape (n,) or (channels, n), rate, length and precision. sr : Hz. subtype : of its file.
    calibration : of the picture, with remarks on what was found.
    share : of the plot's pixels that were edited. exact : samples of a channel that are the original's, bit for bit.
    seconds, hertz : (first, last) that the edits reach, None without one. everywhere : whether the whole picture was
    changed, so that only phases are the original's. trusted : share of the cells that have those.
    """

    wave: FloatArray
    sr: int
    subtype: str | None
    calibration: Calibration
    share: float
    exact: int
    seconds: tuple[float, float] | None = None
    hertz: tuple[float, float] | None = None
    everywhere: bool = False
    trusted: float = 1.0

    @property
    def summary(self) -> dict[str, Any]:
        """What was found, as plain values for records."""
        return {
            "share": round(self.share, 6),
            "exact": self.exact,
            "seconds": None if self.seconds is None else [round(at, 4) for at in self.seconds],
            "hertz": None if self.hertz is None else [round(at, 2) for at in self.hertz],
            "everywhere": self.everywhere,
            "trusted": round(self.trusted, 4),
        }


def check_trust(trust: Any) -> float:
    """The decibels of `trust`; ParameterError for anything else."""
    if isinstance(trust, bool) or not isinstance(trust, int | float) or not 0 < trust <= _MOST_TRUST:
        raise ParameterError(f"trust={trust!r} is not a number of decibels; give one above 0 and up to {_MOST_TRUST:g}")
    return float(trust)


def retouched(
    explained: Explained,
    original: Original,
    *,
    read: Callable[[Calibration], NDArray[np.float32]],
    trust: float = TRUST,
    clock: Clock,
) -> Retouched:
    """`original` with the edits of the picture that it `explained`.

    read : the magnitudes (..., frames, bins) that the picture shows with these facts, for pictures that were changed
    everywhere. Raises PictureError where the colours tell nothing.
    """
    if not explained.channels:
        raise PictureError(
            f"{explained.verdict}: the picture cannot be drawn again from {original.name}; decode it without original"
        )
    cal = explained.calibration
    facts = Complete.of(cal)
    waves = _as_shown(original, explained, facts)
    if len(waves) < len(explained.channels):
        raise PictureError(
            f"the picture shows {len(explained.channels)} channels, and {original.name} has {len(waves)}; give the "
            "sound with all of them, or decode the picture without original"
        )
    parts = _parts(explained, facts, len(waves), original, clock)
    if any(part.edit.everywhere for part in parts):
        return _everywhere(original, explained, facts, waves, parts, read(cal), trust, clock)
    whole = original.wave.copy()
    exact = np.ones(original.samples, np.bool_)
    for part in parts:
        change = resynthesis.change_of(waves[part.members], part.edit, facts, part.plan, part.reference, clock.check)
        if change.stop > change.first:
            _add(whole[part.members], change, facts.sr, original, explained.offset, exact)
    said = Said(facts, parts, original, explained.offset)
    untouched = int(exact.sum())
    return Retouched(
        original.shaped(whole),
        original.sr,
        original.subtype,
        cal.remarked(*said.sentences(untouched)),
        said.share,
        untouched,
        said.seconds,
        said.hertz,
    )


def _as_shown(original: Original, explained: Explained, facts: Complete) -> NDArray[np.float32]:
    """The original's channels (channels, n) at the drawn rate, from where the picture begins to where it ends."""
    waves = original.at(facts.sr)
    shift, most = round(explained.offset * facts.sr), facts.samples + facts.hop_length
    if shift < 0:
        waves = np.pad(waves, ((0, 0), (-shift, 0)))
    waves = waves[:, max(0, shift) :]
    return np.ascontiguousarray(waves if waves.shape[1] < most else waves[:, : facts.samples])


def _parts(explained: Explained, facts: Complete, count: int, original: Original, clock: Clock) -> list[Part]:
    """Each channel of the picture, compared with what the original gives."""
    scene, cal = explained.scene, explained.calibration
    loaded, pixels = scene.picture, scene.stored
    tool = tools.drawer(cal)
    own = None if loaded.palette is None else tool.own_colormap(cal, loaded.palette)
    cmap = own or layout.colormap(cal, 16 if pixels.dtype == np.uint16 else 8)
    several = channels.parts(pixels, cal, tool.channel_gap, first_on_top=tool.first_channel_on_top)
    alpha = _alpha_of(scene) if len(several) == 1 else None
    share = None
    if not facts.shows_spans:
        share = clipping.share_of_frames(clipping.clipped(original.wave), original.sr, facts, explained.offset)
    found = []
    for number, (part, drawn) in enumerate(zip(several, explained.channels, strict=True)):
        clock.check()
        read = imshow.cells_of(part, facts, tool.blending(cal), entries=loaded.palette is not None)
        part = blended.with_own_cells(part, read, drawn, facts, cmap, tool.blending(cal), scene.hidden)
        plan = layout.layout(facts, part.shape[1], part.shape[0])
        scale = explained.mapping.scale(layout.level_scale(facts, cmap), drawn.reference)
        seen = compare.compare(
            part,
            cmap,
            plan,
            drawn,
            scale=scale,
            clipped=share,
            palette=loaded.palette,
            alpha=alpha if alpha is not None and alpha.shape == part.shape[:2] else None,
            hidden=_hidden(explained, len(plan.columns)) if part.shape == pixels.shape else (0, 0, 0, 0),
            jpeg=_JPEG_LIKE.get(str(loaded.info.get("format")), False),
            between_pixels=facts.plot_offsets is not None and any(facts.plot_offsets) and part.shape == pixels.shape,
        )
        ends = cmap.levels_of(np.array([0, len(cmap) - 1], np.float32))
        linear = plan.kind == "stft" and facts.freq_scale == "linear"
        levels = float(ends[0]), float(ends[1]), cmap.step
        edit = edits.edit_of(seen, drawn.amplitudes, scale, levels, linear=linear)
        if len(several) > 1:
            members = slice(number, number + 1)
        else:
            members = slice(0, count) if explained.channel is None else slice(explained.channel, explained.channel + 1)
        found.append(Part(seen, edit, plan, drawn.reference, members))
    return found


def _hidden(explained: Explained, width: int) -> Box:
    """Lines at the left, top, right and bottom that a frame covers, or that show what the original does not have."""
    left, top, right, bottom = explained.scene.hidden
    if explained.told is None or not explained.told.any():
        return left, top, right, bottom
    inside = np.flatnonzero(explained.told)
    return max(left, int(inside[0])), top, max(right, width - 1 - int(inside[-1])), bottom


def _alpha_of(scene: Scene) -> Array | None:
    """The transparency (H, W) of the plot's pixels; None of pictures that have none."""
    alpha = scene.picture.alpha
    if alpha is None:
        return None
    left, top, right, bottom = scene.box
    cut = alpha[top:bottom, left:right]
    return cut[:, ::-1] if scene.backwards else cut


def _add(
    whole: FloatArray,
    change: resynthesis.Change,
    sr: int,
    original: Original,
    offset: float,
    exact: NDArray[np.bool_],
) -> None:
    """Add a change at the drawn rate to the original's channels (channels, n), in place, and note what it reaches."""
    added: Array = change.added
    shift = round(offset * sr)
    # samples of the drawn rate since the original's first
    first, stop = change.first + shift, change.stop + shift
    if sr != original.sr:
        # cut so that the samples of both rates begin together
        step = sr // int(np.gcd(sr, original.sr))
        before, after = first - _EDGE, min(added.shape[1] + shift, stop + _EDGE)
        before -= before % step
        added = added[:, max(0, before - shift) : after - shift]
        added = np.pad(added, ((0, 0), (max(0, shift - before), 0)))
        added = resample(np.ascontiguousarray(added), sr, original.sr)
        first = before * original.sr // sr
        stop = first + added.shape[1]
    else:
        added = added[:, change.first : change.stop]
    low, high = max(0, first), min(whole.shape[1], stop)
    if high > low:
        own = whole[:, low:high].copy()
        whole[:, low:high] += added[:, low - first : high - first].astype(whole.dtype)
        exact[low:high] &= (whole[:, low:high] == own).all(axis=0)


def _everywhere(  # noqa: PLR0913 - all that is known
    original: Original,
    explained: Explained,
    facts: Complete,
    waves: NDArray[np.float32],
    parts: Sequence[Part],
    magnitude: NDArray[np.float32],
    trust: float,
    clock: Clock,
) -> Retouched:
    """The sound that the picture shows, with the original's phases where levels agree."""
    several = magnitude if magnitude.ndim > 2 else magnitude[None]
    whole = original.wave.copy()
    exact = np.ones(original.samples, np.bool_)
    trusted = []
    for one, part in zip(several, parts, strict=True):
        scale = 1.0 if facts.ref is not None else part.reference
        floor = 10 ** (facts.db_range[0] / 20) * part.reference if facts.level_kind == "db" else 0.0
        made = warm.with_own_phases(
            waves[part.members], one * np.float32(scale), facts, trust, floor=floor, between=clock.check
        )
        change = resynthesis.Change(made.waves - waves[part.members], 0, waves.shape[1])
        _add(whole[part.members], change, facts.sr, original, explained.offset, exact)
        trusted.append(made.trusted)
    share = float(np.mean(trusted))
    said = (
        *beyond(original, explained.offset, facts),
        f"the whole picture was changed (noise, blur, another size or another sound): {share:.0%} of its cells agree "
        f"within {trust:g} dB and keep the original's phase, the others' phases are retrieved",
    )
    return Retouched(
        original.shaped(whole),
        original.sr,
        original.subtype,
        explained.calibration.remarked(*said),
        1.0,
        int(exact.sum()),
        (max(0.0, explained.offset), min(original.seconds, explained.offset + facts.duration)),
        None,
        everywhere=True,
        trusted=share,
    )
