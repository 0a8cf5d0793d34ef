"""The pool of inputs whose right outputs are known, and the place where rounds happen."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, UnidentifiedImageError

from fastspec import _files
from fastspec.batch import decode_files, encode_files, ledger, storage
from fastspec.encoder import Encoder
from fastspec.picture import files as picture_files

CONTENTS = 9  # of each kind, that can be converted
NEXT_COLOUR = 3  # most that neighbours among the 256 colours of magma differ by in a channel
BROKEN = b"\x89PNG\r\n\x1a\n broken"


@dataclass(frozen=True)
class Job:
    """What a batch does. `other` are the words of another configuration, whose outputs have other bytes."""

    name: str
    command: str
    source: str
    suffix: str
    words: tuple[str, ...]
    other: tuple[str, ...]


_FLAC = "--format", "FLAC"
JOBS = (
    Job("decode-wav", "decode", ".png", ".wav", ("--n-iter", "3"), ("--n-iter", "2")),
    Job("decode-flac", "decode", ".png", ".flac", ("--n-iter", "1", *_FLAC), ("--n-iter", "0", *_FLAC)),
    Job("encode-png", "encode", ".wav", ".png", ("--n-fft", "128"), ("--n-fft", "64")),
)


@dataclass
class World:
    """A folder with the pool, and for each job the bytes that an undisturbed batch makes of each content.

    made[job name, whether other][content] are those bytes, None for what cannot be converted.
    """

    root: Path
    pool: dict[str, list[bytes]] = field(default_factory=dict)  # suffix of inputs -> contents
    made: dict[tuple[str, bool], list[bytes | None]] = field(default_factory=dict)
    plans: dict[tuple[str, bool], list[str | None]] = field(default_factory=dict)
    may_mount: bool = False

    def build(self) -> None:
        """Draw the pool, convert it undisturbed, and find out what this machine allows."""
        folder = self.root / "pool"
        for suffix in (".png", ".wav"):
            (folder / suffix[1:]).mkdir(parents=True)
            for k in range(CONTENTS):
                rng = np.random.default_rng(100 + k)
                y = rng.standard_normal(300 + 700 * k).astype(np.float32) * 0.2
                path = folder / suffix[1:] / f"{k:02d}{suffix}"
                if suffix == ".png":
                    picture_files.write(Encoder(n_fft=64 if k % 2 else 128).encode(y, 8000), path)
                else:
                    soundfile.write(path, y, 8000)
            (folder / suffix[1:] / f"{CONTENTS:02d}{suffix}").write_bytes(BROKEN)
            self.pool[suffix] = [path.read_bytes() for path in sorted((folder / suffix[1:]).iterdir())]
            assert len({len(data) for data in self.pool[suffix]}) == CONTENTS + 1  # a change is a change of size
        for job in JOBS:
            for other in (False, True):
                self._convert(job, other)
            mine, theirs = self.made[job.name, False], self.made[job.name, True]
            assert all(a is None or a != b for a, b in zip(mine, theirs, strict=True))
        self.may_mount = self._mounts()

    def _convert(self, job: Job, other: bool) -> None:
        out = self.root / "right" / job.name / str(other)
        words = dict(zip(*[iter(job.other if other else job.words)] * 2, strict=True))
        names = {"--format": "audio_format", "--n-iter": "n_iter", "--n-fft": "n_fft"}
        options = {names[k]: int(v) if v.isdigit() else v for k, v in words.items()}
        convert = decode_files if job.command == "decode" else encode_files
        convert([self.root / "pool" / job.source[1:]], out, jobs=1, **options).run()
        found = {r["output"]: r for r in ledger.read(str(out)) if r["type"] in ledger.TERMINAL}
        assert sum(r["type"] == "done" for r in found.values()) == CONTENTS
        names = [f"{k:02d}{job.suffix}" for k in range(CONTENTS + 1)]
        self.made[job.name, other] = [(out / n).read_bytes() if (out / n).exists() else None for n in names]
        self.plans[job.name, other] = [found[n].get("plans") for n in names]

    def _mounts(self) -> bool:
        place = self.root / "mounted"
        place.mkdir()
        try:
            mount(place, "64k")
        except OSError:
            return False
        unmount(place)
        return True


def mount(place: Path, size: str, *, again: bool = False) -> None:
    """A small disk at a folder, or that disk with another size. Raises OSError where that may not be."""
    options = f"size={size}" + (",remount" if again else "")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        raise OSError(done.stderr.decode(errors="replace").strip())


def unmount(place: Path) -> None:
    """Away with it, even if somebody is there."""
    if os.path.ismount(place):
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def clear(place: Path) -> None:
    """Remove a round's folder with all that is mounted below."""
    unmount(place / "disk")
    with suppress(OSError):
        shutil.rmtree(place)


def alike(one: bytes, other: bytes) -> bool:
    """Whether two outputs are of one length, or show one picture but for the rounding of other FFTs.

    What other plans round otherwise changes the length of a PNG: a level here and there, and the digits of its text.
    """
    try:
        pixels = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int64) for data in (one, other)]
    except UnidentifiedImageError:
        return len(one) == len(other)
    return pixels[0].shape == pixels[1].shape and bool(np.abs(pixels[0] - pixels[1]).max() <= NEXT_COLOUR)


def outputs(folder: Path) -> dict[str, bytes]:
    """All files below an out dir that are neither ledger nor lock, with their bytes."""
    found = {}
    for above, _, names in os.walk(folder):
        below = os.path.relpath(above, folder)
        if below.startswith(ledger.NAME):  # a remote ledger's lines
            continue
        for name in names:
            if name == storage.LOCK_NAME or name.startswith(ledger.NAME):
                continue
            path = os.path.normpath(os.path.join(below, name))
            with suppress(FileNotFoundError):
                found[path] = Path(folder, path).read_bytes()
    return found


def parts(found: dict[str, bytes]) -> list[str]:
    """The names among outputs of what was being written."""
    return [name for name in found if _files.is_part(os.path.basename(name)) or name.endswith(".tmp")]


def sha256(data: bytes) -> str:
    """As a record tells it."""
    return hashlib.sha256(data).hexdigest()
