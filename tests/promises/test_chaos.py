"""Two minutes of chaos, and that it finds faults that are put in: see tests/chaos.

FASTSPEC_CHAOS_MINUTES asks for more, FASTSPEC_CHAOS_SEED repeats what a failure printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
