"""Benches import their helpers by name, and share one minute of speech."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

# Plans of benches must neither use nor change the user's.
_CACHE = tempfile.TemporaryDirectory(prefix="fastspec-bench-")
os.environ.setdefault("FASTSPEC_CACHE_DIR", _CACHE.name)


@pytest.fixture(scope="session")
def sound():
    """61 s of speech at 22 050 Hz (n,) float32: the test clip, over and over."""
    import clips

    return clips.tiled(61.0)


@pytest.fixture(scope="session")
def drawn(sound, tmp_path_factory):
    """Path of the 61 s picture as librosa draws it, 640 x 480, log axis."""
    import clips

    return clips.draw(sound, tmp_path_factory.mktemp("drawn") / "speech.png")
