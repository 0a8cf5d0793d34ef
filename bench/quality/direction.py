"""Judge which end of a colour scale is said to be loud, and which end of the axis low, on sounds that were held out.

    python -m bench.quality.direction SOUNDS [--each N] [--seed S] [--weights]

SOUNDS is a folder of sound files of many kinds, in subfolders or not. Each is drawn N times (`bench.pictures.levels`)
in gray; nothing but the levels tells whether black or white is loud and whether the lowest frequency is at the bottom.
Five times the weights of `fastspec.detect.colormap_direction` are fitted to four fifths of the sounds and judged by the
others; numbered takes of one name are one sound. Tables: the confidence of the most probable reading against the share
that is right, of both questions together and of each where the other is answered; right by scale, kind of level and
damage. --weights prints those fitted to all. Exit code 1 where readings stated with more than .9 are right less often
than that.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import scipy.signal
import soundfile

from bench.pictures import levels
from bench.pictures.common import Array
from bench.quality.text_table import text_table
from fastspec.detect.colormap_direction import SIGNS, features_of
from fastspec.detect.colour_survey import ColourSurvey

FOLDS, RIDGE, LONGEST = 5, 3.0, 12.0
BINS = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.001)
SUFFIXES = (".flac", ".wav", ".ogg", ".aif", ".aiff", ".mp3")


@dataclass(frozen=True)
class Drawn:
    """What was seen of a picture of a sound, its features (n,), and how it was drawn."""

    sound: str
    scale: str
    kind: str
    how: str
    features: Array


def drawings(folder: Path, each: int, seed: int) -> list[Drawn]:
    """`each` pictures of every sound in the folder."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        with soundfile.SoundFile(path) as file:
            y = file.read(int(LONGEST * file.samplerate), dtype="float32", always_2d=True).mean(axis=1)
            rate = file.samplerate
        for number in range(each):
            rng = np.random.default_rng([seed, zlib.crc32(path.stem.encode()), number])
            what = levels.levels(rng, y, rate)
            if what is None:
                continue
            pixels, how = levels.picture(rng, what)
            features = features_of(ColourSurvey.of(pixels), "gray")
            if features is not None:
                found.append(Drawn(path.stem.rstrip("0123456789"), what.scale, what.kind, how, features))
    return found


def fitted(features: Array) -> Array:
    """Weights (n,) that make the true reading, the first, the likeliest of four."""

    def loss(weights: Array) -> tuple[float, Array]:
        probable = probabilities(features, weights)
        off = probable - np.eye(len(SIGNS))[0]
        slope = np.einsum("nr,rt,nt->t", off, SIGNS, features, optimize=True)
        return -float(np.log(probable[:, 0] + 1e-12).sum() - RIDGE * weights @ weights), slope + 2 * RIDGE * weights

    start = np.zeros(features.shape[1])
    return np.asarray(scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B").x)


def probabilities(features: Array, weights: Array) -> Array:
    """(pictures, 4) of the readings."""
    score = features @ (SIGNS * weights).T
    odds = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def held_out(rows: list[Drawn], seed: int) -> Array:
    """The probabilities (pictures, 4) by weights that were fitted to other sounds."""
    features = np.stack([row.features for row in rows])
    names = sorted({row.sound for row in rows})
    fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
    folds = np.array([fold_of[row.sound] for row in rows])
    found = np.empty((len(rows), len(SIGNS)))
    for fold in range(FOLDS):
        others = folds != fold
        found[~others] = probabilities(features[~others], fitted(features[others]))
    return found


def questions(found: Array) -> dict[str, tuple[Array, Array]]:
    """For each question how sure the answer is, and whether it is right."""
    scale, axis = found[:, 0] / (found[:, 0] + found[:, 2]), found[:, 0] / (found[:, 0] + found[:, 1])
    return {
        "both": (found.max(axis=1), found.argmax(axis=1) == 0),
        "loud end, origin given": (np.maximum(scale, 1 - scale), scale > 0.5),
        "origin, cmap given": (np.maximum(axis, 1 - axis), axis > 0.5),
    }


def report(rows: list[Drawn], found: Array) -> bool:
    """Print the tables; whether what is stated with more than .9 is right that often."""
    asked = questions(found)
    body: list[list[str]] = []
    honest = True
    for low, high in itertools.pairwise(BINS):
        line = [f"{low:.2f} - {min(high, 1):.2f}"]
        for sure, right in asked.values():
            some = (sure >= low) & (sure < high)
            line.append(f"{right[some].mean():.1%} of {some.sum()}, said {sure[some].mean():.1%}" if some.any() else "")
        body.append(line)
    body.append(["all", *(f"{right.mean():.1%} of {len(right)}" for _, right in asked.values())])
    print(text_table(["confidence", *asked], body, False))
    for sure, right in asked.values():
        some = sure > 0.9
        honest &= not some.any() or bool(right[some].mean() >= 0.9)
    right = asked["both"][1]
    for name in ("scale", "kind", "how"):
        what = np.array([getattr(row, name) for row in rows])
        parts = [f"{value} {right[what == value].mean():.1%} of {(what == value).sum()}" for value in sorted({*what})]
        print(f"both right by {name}: {', '.join(parts)}")
    return honest


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Judge which end of a colour scale is said to be loud.")
    parser.add_argument("sounds", type=Path, metavar="SOUNDS")
    parser.add_argument("--each", type=int, default=10, metavar="N", help="drawings of a sound")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the drawings")
    parser.add_argument("--weights", action="store_true", help="print the weights fitted to all drawings")
    args: Any = parser.parse_args(arguments)
    rows = drawings(args.sounds, args.each, args.seed)
    honest = report(rows, held_out(rows, args.seed))
    if args.weights:
        weights = fitted(np.stack([row.features for row in rows]))
        print("weights:", ", ".join(f"{weight:.2f}" for weight in weights))
    return 0 if honest else 1


if __name__ == "__main__":
    sys.exit(main())
