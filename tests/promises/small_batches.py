"""Small batches for tests of what can go wrong around them: a few tiny pictures, and what became of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from fastspec.batch import ledger
from fastspec.encoder import Encoder
from fastspec.picture import files as picture_files

FAST = {"n_iter": 1, "sr": 8000, "jobs": 1, "shard_size": 1}
WORDS = ["--n-iter", "1", "--sr", "8000", "--jobs", "1", "--shard-size", "1"]


def draw(folder: Path, number: int, name: str = "{}.png") -> Path:
    """As many tiny pictures, each of other content; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(number):
        y = np.random.default_rng(k).standard_normal(256).astype(np.float32)
        picture_files.write(Encoder(n_fft=64).encode(y, 8000), folder / name.format(k))
    return folder


def copied(picture: Path, to: bytes) -> None:
    """A copy of a picture, under a name that need not be text."""
    with open(picture, "rb") as source, open(to, "wb") as copy:
        shutil.copyfileobj(source, copy)


def ended(folder: object) -> dict[str, str]:
    """Type of the last record of each input in a ledger."""
    return {r["input"]: r["type"] for r in ledger.read(str(folder)) if r["type"] in ledger.TERMINAL}
