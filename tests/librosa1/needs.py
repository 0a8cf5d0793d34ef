"""These tests are for librosa 1.0, which needs Python 3.12; `bash ci/librosa1.sh` runs them."""

from __future__ import annotations

import librosa
import pytest

NEEDS_LIBROSA_1 = pytest.mark.skipif(
    int(librosa.__version__.split(".")[0]) < 1, reason="for librosa 1.0: bash ci/librosa1.sh runs them"
)
