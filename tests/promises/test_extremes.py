"""Numbers at the ends of their range: sounds are finite, or the call is refused, before anything large is made."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
import tracemalloc

import numpy as np
import pytest

import fastspec
from fastspec.errors import ParameterError
from fastspec.phase import methods, starts

HUGE = 10**8


@pytest.fixture(scope="module")
def magnitude():
    """(129, 63) float64 of noise, with a largest value of 1."""
    S = np.abs(fastspec.stft(np.random.default_rng(0).standard_normal(4000), n_fft=256))
    return S / S.max()


@pytest.mark.parametrize("factor", [2.0**-1000, 2.0**-200, 2.0**200, 2.0**1000, 2.0**1023])
@pytest.mark.parametrize("method", methods.names())
def test_float64_magnitudes_of_any_size_give_the_same_sound_as_large(magnitude, factor, method):
    options = {"method": method, "n_iter": 3, "tol": 1e-9}
    wanted = fastspec.phase_retrieval(magnitude, **options)
    y, trace = fastspec.phase_retrieval(magnitude * factor, return_trace=True, **options)
    assert np.isfinite(trace[0][-1]["sc_db"])
    np.testing.assert_allclose(y / factor, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("init", starts.names())
@pytest.mark.parametrize(("dtype", "peak"), [(np.float32, 3e38), (np.float64, 1e300), (np.float64, 1.7e308)])
def test_the_largest_magnitudes_give_no_nan(magnitude, init, dtype, peak):
    y = fastspec.griffinlim((magnitude * peak).astype(dtype), n_iter=3, init=init, rng=0)
    assert y.dtype == dtype
    assert np.isfinite(y).all()


def test_what_float32_does_not_hold_is_refused(magnitude):
    with pytest.raises(ParameterError, match=r"1e\+300, whose sound float32.*dtype=np.float64"):
        fastspec.griffinlim(magnitude * 1e300, dtype=np.float32, n_iter=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda S: fastspec.griffinlim(S, n_fft=HUGE),
        lambda S: fastspec.phase_retrieval(S, n_fft=HUGE),
        lambda S: fastspec.pghi(S, n_fft=HUGE),
        lambda S: fastspec.spsi(S, n_fft=HUGE),
        lambda S: fastspec.istft(S.astype(complex), n_fft=HUGE),
        lambda S: fastspec.griffinlim(S, win_length=HUGE),
    ],
    ids=["griffinlim", "phase_retrieval", "pghi", "spsi", "istft", "win_length"],
)
def test_sizes_that_do_not_fit_are_refused_before_a_window_is_made(magnitude, call):
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(ParameterError, match=str(HUGE)):
        call(magnitude)
    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()


def test_no_sound_file_that_is_asked_for_ends_the_process_or_leaves_another(tmp_path):
    """libsndfile crashes, as with Vorbis above 200 kHz or of 256 channels, where its encoders could not begin; SD2's
    second file would lie where the process is, and keep others from being read there."""
    code = """
        import io, itertools, numpy as np, soundfile
        from fastspec.errors import AudioError
        from fastspec.sound import files

        written = refused = 0
        for format in soundfile.available_formats():
            for subtype in soundfile.available_subtypes(format):
                for sr, channels in itertools.product((1, 7, 192_000, 200_001, 2**31 - 1), (1, 9, 255, 256)):
                    print(format, subtype, sr, channels, flush=True)
                    try:
                        files.write(io.BytesIO(), np.full((channels, 300), 0.1), sr, format=format, subtype=subtype)
                        written += 1
                    except AudioError:
                        refused += 1
        assert written > 100 < refused
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-100:] + done.stderr
    assert not list(tmp_path.iterdir())
