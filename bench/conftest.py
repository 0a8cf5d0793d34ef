"""What benches share: one minute of speech, its picture, and a cache folder of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import pytest

# Plans of benches must neither use nor change the user's.
if "FASTSPEC_CACHE_DIR" not in os.environ:
    os.environ["FASTSPEC_CACHE_DIR"] = tempfile.mkdtemp(prefix="fastspec-bench-")
    atexit.register(shutil.rmtree, os.environ["FASTSPEC_CACHE_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def sound():
    """61 s of speech at 22 050 Hz (n,) float32: the test clip, over and over."""
    from bench.speed import clips

    return clips.tiled(61.0)


@pytest.fixture(scope="session")
def drawn(sound, tmp_path_factory):
    """Path of the 61 s picture as librosa draws it, 640 x 480, log axis."""
    from bench.speed import clips

    return clips.draw(sound, tmp_path_factory.mktemp("drawn") / "speech.png")
