"""Two minutes of chaos, and that it finds faults that are put in: see tests/chaos.

FASTSPEC_CHAOS_MINUTES asks for more, FASTSPEC_CHAOS_SEED repeats what a failure printed.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.chaos import world

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux what a descriptor is of")

MINUTES = os.environ.get("FASTSPEC_CHAOS_MINUTES", "2")


def chaos(*words: str) -> tuple[int, str, dict]:
    command = [sys.executable, "-m", "tests.chaos", *words]
    limit = 60 * float(MINUTES) + 600
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=limit, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.count("{"), done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr, json.loads(done.stdout[done.stdout.index("\n{") :])


def test_nothing_is_lost_hangs_or_lies(compiled):
    seed = os.environ.get("FASTSPEC_CHAOS_SEED", str(int.from_bytes(os.urandom(3))))
    code, said, found = chaos("--minutes", MINUTES, "--seed", seed)
    print(said)
    assert (code, found["problems"]) == (0, []), said
    assert found["counts"]["rounds"] >= 5
    assert found["counts"]["outputs"] > found["counts"]["rounds"]


def test_faults_that_are_put_in_are_found(compiled):
    plants = "record-before-rename,no-sync-of-content,size-alone"
    code, said, found = chaos("--minutes", "1.5", "--seed", "3", "--plant", plants)
    assert (code, found["problems"]) == (0, []), said


def test_pictures_of_other_plans_may_be_a_level_off_and_no_more():
    def png(colours: np.ndarray, text: str = "") -> bytes:
        held, written = io.BytesIO(), PngInfo()
        written.add_text("ref", text)
        Image.fromarray(colours).save(held, "PNG", pnginfo=written)
        return held.getvalue()

    colours = np.random.default_rng(0).integers(0, 250, (20, 30, 3), np.uint8)
    for more, wanted in ((world.NEXT_COLOUR, True), (world.NEXT_COLOUR + 1, False)):
        other = colours.copy()
        other[3, 4, 1] += more
        assert world.alike(png(colours), png(other, "other digits")) is wanted
    assert not world.alike(png(colours), png(colours[1:]))
    assert world.alike(b"RIFF0", b"RIFF1")
    assert not world.alike(b"RIFF0", b"RIFF")
