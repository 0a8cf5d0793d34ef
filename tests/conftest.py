"""What several test files share: real speech, its picture, and a cache folder of the tests' own."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from inspect import unwrap
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
def run(capsys):
    """Runs the command with these words; its exit code, standard output and standard error."""
    from fastspec import cli

    def call(*arguments):
        code = cli.run([str(a) for a in arguments])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of colormaps for one test: what it registers is unknown to the next."""
    from fastspec.colours import colormap

    monkeypatch.setattr(colormap, "_registered", {})
    colormap.get.cache_clear()
    yield
    colormap.get.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def failing_readers_raise():
    """A reader that fails is skipped with a remark; in a test that is a bug, and must not pass in silence."""
    from fastspec.detect import asking

    @functools.wraps(asking._failure)
    def raised(reader, scene, error):
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "_failure", raised)
        yield


@pytest.fixture
def failing_readers_are_skipped(monkeypatch):
    """As it is for users."""
    from fastspec.detect import asking

    monkeypatch.setattr(asking, "_failure", unwrap(asking._failure))
