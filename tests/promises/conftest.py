"""What several promises share: nothing left to compile, where they limit the time that a file may take."""

from __future__ import annotations

import pytest

import fastspec


@pytest.fixture(scope="session")
def compiled():
    """All kernels compiled and planned for: seconds where a cache has them, a minute where none has."""
    fastspec.warmup()
