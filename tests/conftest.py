"""What several test files share: real speech, its picture, and a cache folder of the tests' own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Plans and wisdom of the tests must neither use nor change the user's.
if "FASTSPEC_CACHE_DIR" not in os.environ:
    os.environ["FASTSPEC_CACHE_DIR"] = tempfile.mkdtemp(prefix="fastspec-tests-")
    atexit.register(shutil.rmtree, os.environ["FASTSPEC_CACHE_DIR"], ignore_errors=True)

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def speech():
    """(y, sr) of the LibriVox clip in tests/data."""
    import soundfile

    return soundfile.read(DATA / "speech.flac", dtype="float32")


@pytest.fixture(scope="session")
def short(speech):
    """(y, sr) of its first two seconds."""
    y, sr = speech
    return y[: 2 * sr], sr


@pytest.fixture(scope="session")
def speech_picture():
    """Path of the picture that librosa and matplotlib drew of the clip."""
    return DATA / "spectrogram.png"


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of colormaps for one test: what it registers is unknown to the next."""
    from fastspec.colours import colormap

    monkeypatch.setattr(colormap, "_registered", {})
    colormap.get.cache_clear()
    yield
    colormap.get.cache_clear()
