"""Results do not depend on the engine but by rounding, and its digest tells what results depend on."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from fastspec.phase import engines, methods
from fastspec.phase.retrieval import phase_retrieval
from fastspec.transform import fft
from tests.phase.sounds import spectrum


@pytest.mark.parametrize("method", methods.names())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_engines_give_the_same_sound(method, dtype, monkeypatch):
    S = spectrum(40, dtype=dtype)
    found = {}
    for setting in ("", "fftw", "numba"):
        monkeypatch.setenv(fft.SETTING, setting)
        found[setting] = phase_retrieval(S, method=method, hop_length=64, n_iter=3, init="random", return_trace=True)
    np.testing.assert_array_equal(found["numba"][0], found[""][0])
    y, reference = found[""][0], found["fftw"][0]
    assert y.dtype == dtype
    np.testing.assert_allclose(y, reference, atol=np.abs(reference).max() * np.finfo(dtype).eps * 2000)
    ours, theirs = ([row["sc_db"] for row in found[key][1][0]] for key in ("", "fftw"))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_odd_sizes_need_no_fftw_either(monkeypatch):
    S = spectrum(40, bins=120)
    reference = phase_retrieval(S, hop_length=60, n_fft=238, n_iter=3)
    monkeypatch.setenv(fft.SETTING, "numba")
    y = phase_retrieval(S, hop_length=60, n_fft=238, n_iter=3)
    np.testing.assert_allclose(y, reference, atol=np.abs(reference).max() * 1e-3)


def test_nothing_of_fftw_is_loaded_where_it_is_not_wanted():
    code = (
        "import sys, numpy as np; sys.modules['pyfftw'] = None; import fastspec;"
        "S = np.ones((129, 20), np.float32); y = fastspec.phase_retrieval(S, n_iter=1);"
        "z = fastspec.istft(fastspec.stft(y, n_fft=256), n_fft=256); assert np.isfinite(z).all()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, fft.SETTING: "numba"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_digest_tells_the_engine_and_the_size(monkeypatch):
    smooth, other = engines.signature(256), engines.signature(512)
    assert smooth != other
    assert engines.signature(448) == fft.signature(448)  # 448 = 64 x 7 is FFTW's
    monkeypatch.setenv(fft.SETTING, "fftw")
    assert engines.signature(256) == fft.signature(256) != smooth


def test_small_pictures_share_a_group_and_few_frames_are_one_thread_s():
    from fastspec.phase.frames import Frames
    from fastspec.transform.geometry import Geometry

    frames = Frames(Geometry.of(1024, 256))
    for engine in (engines.FFTW, engines.LANES):
        assert 0 < engine.undivided_frames(frames) < engine.group_frames(frames)
