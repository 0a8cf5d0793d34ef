"""Judge what is refused: pictures that are no spectrogram, and true ones of many kinds.

    python -m bench.quality.refusals CORPUS [--each N] [--seed S] [--only PATTERN] [--keep FOLDER] [--jpeg SHARE]

Draws N random pictures of each kind: those of `bench.pictures.not_spectrograms`, `styled_others` and
`more_others`, which must be refused, and true spectrograms, which must not: `bench.pictures.odd_spectrograms`,
`styled_spectrograms` and `pale_spectrograms`, and the drawings and figures that `bench.quality.facts` judges. A
share of them is saved as JPEG. Prints how many of each kind are refused, the reasons, and the processor time of
`inspect`; --keep saves the pictures that were judged wrongly. Exit code 1 where fewer than 95 % of a kind that
is no spectrogram are refused, or a true spectrogram is, but for those of synthetic sounds.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

import fastspec
from bench import pictures
from bench.pictures import (
    Sounds,
    more_others,
    not_spectrograms,
    odd_spectrograms,
    pale_spectrograms,
    styled_others,
    styled_spectrograms,
)
from bench.quality.text_table import text_table

LEAST = 0.95
SYNTHETIC = ("synthetic", "of_noise", "of_birds")  # these may be refused seldom; speech and music never


@dataclass
class Kind:
    """What became of the pictures of one kind."""

    name: str
    refusing: bool
    refused: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def drawn(self) -> int:
        """All of them."""
        return self.refused + self.accepted

    @property
    def kept(self) -> bool:
        """Whether what is promised of the kind holds."""
        if self.refusing:
            return self.refused >= LEAST * self.drawn
        return not self.refused or self.name in SYNTHETIC


Drawer = Callable[[np.random.Generator, Sounds], bytes]


def drawn(make: Drawer, sounds: Sounds, rng: np.random.Generator, jpeg: float, stem: Path) -> Path:
    """One picture of a kind, perhaps as JPEG."""
    png = make(rng, sounds)
    if rng.random() >= jpeg:
        path = stem.with_suffix(".png")
        path.write_bytes(png)
        return path
    path = stem.with_suffix(".jpg")
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=int(rng.integers(75, 96)))
    return path


def of_facts(sounds: Sounds, folder: Path, seed: int, each: int) -> Iterator[tuple[str, Path]]:
    """The drawings and figures that `bench.quality.facts` judges, but for turned, cropped and painted ones."""
    for number in range(6 * each):
        drawing = pictures.draw(sounds, folder, seed, number)
        if drawing is not None and drawing.damage not in ("painted", "cropped"):
            yield "drawing", drawing.path
    for number in range(3 * each):
        drawing = pictures.figure(sounds, folder, seed, number)
        yield "figure", drawing.path


def judged(path: Path) -> tuple[str | None, float]:
    """Why `inspect` refuses a picture, and the processor time it took."""
    start = time.process_time()
    try:
        doubt = fastspec.inspect(path).picture.get("doubt")
    except fastspec.FastspecError as error:
        doubt = f"{type(error).__name__}: {error}"
    return doubt, time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="*")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--jpeg", type=float, default=0.2)
    options = parser.parse_args()
    sounds = pictures.load_sounds(options.corpus)
    kinds: dict[str, Kind] = {}

    def note(name: str, refusing: bool, path: Path) -> None:
        kind = kinds.setdefault(name, Kind(name, refusing))
        doubt, seconds = judged(path)
        kind.seconds.append(seconds)
        kind.reasons[(doubt or "")[:60]] += 1
        kind.refused += doubt is not None
        kind.accepted += doubt is None
        if options.keep and refusing != (doubt is not None):
            options.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, options.keep / f"{name}_{path.name}")
        path.unlink()

    with tempfile.TemporaryDirectory() as folder:
        drawers = [
            (not_spectrograms.KINDS, True), (styled_others.KINDS, True), (more_others.KINDS, True),
            (odd_spectrograms.KINDS, False), (styled_spectrograms.KINDS, False), (pale_spectrograms.KINDS, False),
        ]  # fmt: skip
        for makes, refusing in drawers:
            for name, make in makes.items():
                for number in range(options.each if fnmatch.fnmatch(name, options.only) else 0):
                    rng = np.random.default_rng([options.seed, number, *name.encode()])
                    note(name, refusing, drawn(make, sounds, rng, options.jpeg, Path(folder) / f"{number:03d}"))
        if fnmatch.fnmatch("drawing", options.only):
            for name, path in of_facts(sounds, Path(folder), options.seed, options.each):
                note(name, False, path)
    body = [
        [
            kind.name, "no" if kind.refusing else "yes", f"{kind.refused}", f"{kind.accepted}",
            "" if kind.kept else "FAILS", f"{1000 * statistics.median(kind.seconds):.0f}",
            "; ".join(f"{count} {reason}" for reason, count in kind.reasons.most_common(4) if reason),
        ]
        for kind in kinds.values()
    ]  # fmt: skip
    print(text_table(["kind", "spectrogram", "refused", "accepted", "", "ms", "reasons"], body, False))
    return 0 if all(kind.kept for kind in kinds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
