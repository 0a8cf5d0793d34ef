"""A picture, and what its original explains of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.detect.evidence import Evidence, Scene
from fastspec.detect.readers import admitted_again
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.mappings import PLAIN, Mapping
from fastspec.retouch.original import Original
from fastspec.retouch.redraw import Drawn


@dataclass(frozen=True, eq=False)
class Explained:
    """A picture, and what its original explains of it.

    scene : with all facts. calibration : the same facts, complete; what the original found has source "original".
    offset : seconds by which the picture begins later than the original. told : the columns (W,) of the picture that
    show nothing but the original, where it is the shorter one, else None. channel : the one of the original's that a
    picture of one channel shows, None where it is their mean. channels : one a part of the picture.
    agreement : 0..1, see `retouch.agreement`; below its `LIMITS.least` the original is another sound.
    reason : why nothing could be redrawn, then channels is empty. mapping : what was added to cells before their
    levels were taken.
    """

    scene: Scene
    calibration: Calibration
    offset: float
    channel: int | None
    channels: list[Drawn]
    agreement: float
    reason: str = ""
    told: NDArray[np.bool_] | None = None
    mapping: Mapping = PLAIN

    @property
    def is_its_original(self) -> bool:
        """Whether the sound explains enough of the picture to be the one that was drawn."""
        return self.agreement >= AGREEMENT.least

    @property
    def verdict(self) -> str:
        """How much of the picture the sound explains, as a sentence."""
        if self.reason:
            return self.reason
        share = f"the sound explains {self.agreement:.0%} of what the picture shows, beyond chance"
        if self.is_its_original:
            return share
        return f"{share}; the sound that was drawn explains {AGREEMENT.least:.0%} or more, even after edits"


def remarked(explained: Explained, original: Original) -> Explained:
    """With a remark on how much agrees, and on what of the original the picture shows."""
    said, scene = [explained.verdict], explained.scene
    if explained.is_its_original:
        scene = scene.knowing(Evidence.between(scene.known, admitted_again(scene.known)))
        if explained.offset:
            begins = f"the picture begins {abs(explained.offset):.6g} s {'after' if explained.offset > 0 else 'before'}"
            shown, has = explained.calibration["duration"], original.seconds
            said.append(f"{begins} the original's first sample and shows {shown:.6g} s; the original has {has:.6g} s")
    scene = scene.knowing(Evidence(remarks=tuple(said)))
    return replace(explained, scene=scene, calibration=scene.calibration())
