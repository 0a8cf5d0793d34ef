"""What is said of the edits that were found, and of an original that does not fit the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.complete import Complete
from fastspec.errors import PictureError
from fastspec.plot.layout import Layout
from fastspec.retouch import clipping
from fastspec.retouch.compare import Compared
from fastspec.retouch.edits import Edit
from fastspec.retouch.explained import Explained
from fastspec.retouch.original import Original
from fastspec.sound import formats

_HEARD = 0.05  # dB: a smaller error of all levels is not worth a sentence
_MUCH = 1.0  # dB, by which the upper cells differ at least if that is said of them
_SHOWN = 0.001  # the smallest share that is shown as a number


class Part(NamedTuple):
    """One channel of a picture, compared and explained."""

    seen: Compared
    edit: Edit
    plan: Layout
    reference: float
    members: slice  # of the original's channels


class Said:
    """What the user should hear of the edits that were found; `offset` in seconds, see `Explained`."""

    def __init__(self, facts: Complete, parts: Sequence[Part], original: Original, offset: float) -> None:
        self.facts, self.parts, self.original, self.offset = facts, parts, original, offset
        self.share = float(np.mean([part.seen.share for part in parts]))

    @property
    def seconds(self) -> tuple[float, float] | None:
        """When the first and the last edited frame are, in the original's time."""
        found = []
        for part in self.parts:
            frames = np.flatnonzero(part.edit.touched.any(axis=1))
            if not frames.size:
                continue
            ends = np.array([frames[0], frames[-1] + 1], np.float64)
            if part.plan.frames is not None:
                assert self.facts.time_extent is not None
                start, end = self.facts.time_extent
                times = start + ends * (end - start) / part.plan.n_frames
            else:
                times = ends * self.facts.hop_length / self.facts.sr
            found.append(np.clip(times + self.offset, 0, self.original.seconds))
        return (float(min(t[0] for t in found)), float(max(t[1] for t in found))) if found else None

    @property
    def hertz(self) -> tuple[float, float] | None:
        """The lowest and the highest frequency of edited cells."""
        found = [
            part.plan.frequencies[np.asarray(part.edit.touched.any(axis=0))[: part.plan.n_cells]] for part in self.parts
        ]
        every = np.concatenate(found)
        return (float(every.min()), float(every.max())) if every.size else None

    def sentences(self, exact: int) -> tuple[str, ...]:
        """What was found, for people; `exact` samples of a channel are the original's."""
        total = self.original.samples
        if self.seconds is None or self.hertz is None:
            same = "nothing was edited: the picture shows its original, and every sample is the original's"
            return (same, *beyond(self.original, self.offset, self.facts), *self._stored())
        (first, last), (low, high) = self.seconds, self.hertz
        said = [
            f"{_percent(self.share)} of the picture was edited, from {first:.2f} to {last:.2f} s and from {low:.0f} to "
            f"{high:.0f} Hz; {exact} of {total} samples ({exact / total:.1%}) are the original's, bit for bit",
            *self._kinds(),
            *beyond(self.original, self.offset, self.facts),
            *self._stored(),
        ]
        if any(part.seen.white for part in self.parts):
            said.append("white, which is not on the colormap, counts as erased")
        off = sum(part.seen.off_map for part in self.parts)
        if off:
            are = "1 pixel has a colour that is" if off == 1 else f"{off} pixels have colours that are"
            said.append(f"{are} not on the colormap; the nearest colour on it is used")
        if self.facts.sr < self.original.sr:
            said.append(f"the picture ends at {self.facts.sr / 2:g} Hz; higher frequencies of the original are kept")
        return tuple(said)

    def _kinds(self) -> list[str]:
        """How much was edited in which way."""
        ways = [
            ("erased", [p.edit.gain == 0 for p in self.parts]),
            ("made louder or quieter", [(p.edit.gain != 1) & (p.edit.gain != 0) for p in self.parts]),
            ("painted (with phases that fit the sound around them)", [p.edit.painted for p in self.parts]),
        ]
        shares = [(float(np.mean([m.mean() for m in marked])), way) for way, marked in ways]
        listed = [f"{_percent(share)} {way}" for share, way in shares if share > 0]
        said = [f"of the spectrogram's cells: {', '.join(listed)}"] if listed else []
        blocks = sum(len(part.edit.moves) for part in self.parts)
        if blocks:
            were = "1 block was" if blocks == 1 else f"{blocks} blocks were"
            said.append(f"{were} copied from elsewhere in the picture, with the phases of the original there")
        return said

    def _stored(self) -> list[str]:
        """What is said of a file that lost something, or of an original that is not what was drawn."""
        lo, hi = self.facts.db_range
        if any(part.seen.unlike is not None for part in self.parts):
            return [self._unlike()]
        error = max(part.seen.error for part in self.parts) * (hi - lo)
        if error < _HEARD:
            return []
        return [f"all levels are off by some {error:.1f} dB; that counts as damage from saving, not as an edit"]

    def _unlike(self) -> str:
        """By how much the original differs from what was drawn, and why that may be."""
        part = max((part for part in self.parts if part.seen.unlike is not None), key=lambda part: part.seen.error)
        how = part.seen.unlike
        assert how is not None
        most = f"{how.decibels:.1f} dB" if how.decibels >= _HEARD else f"under {_HEARD:g} dB"
        said = f"the original is not quite the sound that was drawn: most levels differ by {most}"
        higher = _higher(how.by_cell, how.decibels)
        if higher is not None:
            first, decibels = higher
            said += f", and above {part.plan.frequencies[part.seen.cells[first]]:.0f} Hz by {decibels:.1f} dB"
        clipped, subtype = int(np.count_nonzero(clipping.clipped(self.original.wave))), self.original.subtype
        if subtype is not None and formats.subtype_named(subtype).lossy:
            why = f"it is a lossy copy ({subtype})"
        elif clipped:
            why = f"{clipped} of its samples are clipped"
        else:
            why = "it may be a lossy copy, or have noise, or the drawing was not found quite right"
        return f"{said}; {why}. Only larger differences count as edited: give the sound that was drawn if you have it"


def _higher(by_cell: NDArray[np.float32], usual: float) -> tuple[int, float] | None:
    """The first of the cells (n,) from which on most differ much more than is usual, and by how many decibels."""
    for eighth in range(1, 8):
        first = eighth * by_cell.size // 8
        some = by_cell[first:][np.isfinite(by_cell[first:])]
        if some.size and (decibels := float(np.median(some))) > max(_MUCH, 2 * usual):
            return first, decibels
    return None


def beyond(original: Original, offset: float, facts: Complete) -> list[str]:
    """What is said of a picture that shows more time than its original has."""
    first, last = offset, offset + facts.samples / facts.sr
    frame = facts.hop_length / facts.sr
    if first >= -frame and last <= original.seconds + frame:
        return []
    return [
        f"the picture shows the time from {first:.2f} to {last:.2f} s, but {original.name} lasts from 0 to "
        f"{original.seconds:.2f} s: the rest of the picture is left out"
    ]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= _SHOWN else f"under {_SHOWN:.1%}"


def unfit(explained: Explained, original: Original) -> str:
    """That an original does not fit its picture, as a sentence."""
    if explained.reason:  # nothing could be drawn
        return explained.reason
    return (
        f"{original.name} does not fit the picture: {explained.verdict}; it may be another sound, or the picture was "
        "cropped, resized or drawn in a way that was not found"
    )


def refuse(explained: Explained, original: Original) -> PictureError:
    """The error for an original that does not fit its picture."""
    force, doubt = "insist with --force (force=True)", explained.calibration.picture.get("doubt")
    if doubt is not None:
        return PictureError(f"this does not look like a spectrogram that can be read: {doubt}; {force}")
    if explained.reason:
        return PictureError(f"{explained.reason}; leave the original out")
    return PictureError(
        f"{unfit(explained, original)}; give the right sound, give what you know of the drawing (--n-fft, "
        f"--hop-length, --freq-scale ...), leave the original out, or {force}"
    )
