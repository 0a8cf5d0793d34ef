"""A cache folder of a test's own, and what was planned in it."""

from __future__ import annotations

import threading

import pyfftw
import pytest

from fastspec.transform import fft


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache folder, and this thread without plans or wisdom."""
    monkeypatch.setenv("FASTSPEC_CACHE_DIR", str(tmp_path / "cache"))
    kept = pyfftw.export_wisdom()
    pyfftw.forget_wisdom()
    monkeypatch.setattr(fft, "_local", threading.local())
    monkeypatch.setattr(fft, "_loaded", set())
    yield tmp_path / "cache"
    pyfftw.forget_wisdom()
    pyfftw.import_wisdom(kept)


@pytest.fixture
def efforts(monkeypatch):
    """The flags of every attempt to plan, in order."""
    seen = []
    make = fft._make

    def recorded(made, *flags):
        seen.append(flags)
        return make(made, *flags)

    monkeypatch.setattr(fft, "_make", recorded)
    return seen
