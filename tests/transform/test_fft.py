"""Plan pairs transform rightly, are the same everywhere on a machine, and survive what happens to their files."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from fastspec.errors import MissingExtraError, ParameterError
from fastspec.transform import fft

SIZES = [1, 2, 3, 16, 64, 101, 127, 256, 300, 441, 512, 1000, 1024, 1023, 2048, 2205, 20000]


def start(code: str, folder) -> subprocess.Popen:
    environment = {**os.environ, "FASTSPEC_CACHE_DIR": str(folder)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


BITS = """
    import hashlib, numpy as np
    from fastspec.transform import fft
    for n in (512, 1000, 1024):
        p = fft.pair(n)
        p.real[:] = np.random.default_rng(n).standard_normal(p.real.shape)
        p.forward()
        print(hashlib.sha256(p.spec.tobytes()).hexdigest())
        p.inverse()
        print(hashlib.sha256(p.real.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_directions_agree_with_numpy(n_fft, dtype):
    p = fft.pair(n_fft, dtype)
    assert (p.n_fft, p.height) == (n_fft, fft.block_height(n_fft))
    assert p.real.shape == (p.height, n_fft)
    assert p.spec.shape == (p.height, n_fft // 2 + 1)
    assert (p.real.dtype, p.spec.dtype) == (np.dtype(dtype), np.result_type(np.dtype(dtype), np.complex64))
    rng = np.random.default_rng(0)
    eps = np.finfo(dtype).eps * 20
    x = rng.standard_normal(p.real.shape)
    p.real[:] = x
    p.forward()
    wanted = np.fft.rfft(x)
    np.testing.assert_allclose(p.spec, wanted, rtol=0, atol=eps * np.abs(wanted).max())
    # any spectrum, with the imaginary parts at 0 and Nyquist that phase retrieval makes: both ignore them
    z = rng.standard_normal(p.spec.shape) + 1j * rng.standard_normal(p.spec.shape)
    p.spec[:] = z
    p.inverse()
    wanted = np.fft.irfft(z, n_fft) * n_fft if n_fft > 1 else z.real
    np.testing.assert_allclose(p.real, wanted, rtol=0, atol=eps * np.abs(wanted).max())


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("height", [None, 7])
def test_result_does_not_depend_on_the_row(n_fft, height):
    p = fft.pair(n_fft, height=height)
    p.real[:] = np.random.default_rng(1).standard_normal(n_fft)
    p.forward()
    assert (p.spec == p.spec[0]).all()
    p.inverse()
    assert (p.real == p.real[0]).all()


def test_pair_is_one_a_thread():
    mine = fft.pair(64)
    assert fft.pair(64) is mine
    assert fft.pair(64, np.float64) is not mine
    assert fft.pair(64, height=3) is not mine
    others = []
    thread = threading.Thread(target=lambda: others.append(fft.pair(64)))
    thread.start()
    thread.join()
    assert others[0] is not mine
    assert not np.shares_memory(others[0].real, mine.real)


def test_a_thread_keeps_a_bounded_number_of_pairs(folder):
    first = fft.pair(10)
    for n in range(11, 11 + fft.PAIRS_KEPT):
        fft.pair(n)
    assert len(fft._local.pairs) == fft.PAIRS_KEPT
    assert fft.pair(10) is not first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "n_fft=0"), ((64, np.int32), "int32"), ((64, np.float16), "float16"), ((64, "f4", 0), "height=0")],
)
def test_what_cannot_be_planned_says_why(arguments, message):
    with pytest.raises(ParameterError, match=message):
        fft.pair(*arguments)


# --- races --------------------------------------------------------------------------------------------------


def test_processes_racing_for_the_first_plan_end_with_the_same_bits(tmp_path):
    racing = [start(BITS, tmp_path) for _ in range(4)]
    results = [process.communicate(timeout=60)[0] for process in racing]
    results.append(start(BITS, tmp_path).communicate(timeout=60)[0])
    assert len(results[0].split()) == 6
    assert len(set(results)) == 1


def test_threads_racing_for_the_first_plan_end_with_the_same_bits(folder):
    results = []

    def work():
        p = fft.pair(600)
        p.real[:] = np.random.default_rng(0).standard_normal(p.real.shape)
        p.forward()
        results.append(p.spec.tobytes())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 6
    assert len(set(results)) == 1


# --- fork ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_while_another_thread_plans_neither_hangs_nor_errs(tmp_path):
    code = """
        import os, threading, time, warnings
        import numpy as np
        from fastspec.transform import fft

        warnings.simplefilter("ignore", DeprecationWarning)
        inherited = fft.pair(512)
        planning = threading.Event()
        make = fft._make

        def slow(made, *flags):
            planning.set()
            time.sleep(0.05)
            return make(made, *flags)

        fft._make = slow
        thread = threading.Thread(target=fft.pair, args=(1024,))
        thread.start()
        planning.wait()
        child = os.fork()
        right = True
        for n in (512, 1024, 400):
            p = fft.pair(n)
            x = np.random.default_rng(0).standard_normal(p.real.shape).astype(np.float32)
            p.real[:] = x
            p.forward()
            right &= np.allclose(p.spec, np.fft.rfft(x), atol=1e-3)
        if child == 0:
            os._exit(0 if right else 1)
        _, status = os.waitpid(child, 0)
        thread.join()
        raise SystemExit(not right or os.waitstatus_to_exitcode(status))
    """
    with start(code, tmp_path) as process:
        process.communicate(timeout=60)
        assert process.returncode == 0


# --- backends -----------------------------------------------------------------------------------------------


def test_unknown_backend_is_refused():
    assert fft.backend() == "pyfftw"
    with pytest.raises(ParameterError, match="'pyfftw', 'numpy', 'mkl'"):
        fft.set_backend("fftpack")
    assert fft.backend() == "pyfftw"


def test_missing_backend_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "mkl_fft", None)
    with pytest.raises(MissingExtraError, match=r"fastspec-audio\[mkl\]"):
        fft.set_backend("mkl")
    assert fft.backend() == "pyfftw"


def test_one_entry_makes_a_backend(monkeypatch):
    def plan(made):
        def forward():
            made.spec[:] = np.fft.rfft(made.real)

        def inverse():
            made.real[:] = np.fft.irfft(made.spec, made.n_fft, norm="forward")

        return forward, inverse

    monkeypatch.setitem(fft.BACKENDS, "slow", fft.Backend(plan))
    reference = fft.pair(64)
    monkeypatch.setattr(fft, "_backend", "")
    fft.set_backend("slow")
    p = fft.pair(64)
    p.real[:] = reference.real[:] = np.random.default_rng(0).standard_normal(p.real.shape)
    p.forward()
    reference.forward()
    np.testing.assert_allclose(p.spec, reference.spec, atol=1e-4)


@pytest.mark.parametrize("n_fft", [64, 101, 1024])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_mkl_gives_the_same_transforms(n_fft, dtype, monkeypatch):
    pytest.importorskip("mkl_fft")
    reference = fft.pair(n_fft, dtype)
    monkeypatch.setattr(fft, "_backend", "mkl")
    p = fft.pair(n_fft, dtype)
    assert p is not reference
    x = np.random.default_rng(0).standard_normal(p.real.shape)
    atol = np.finfo(dtype).eps * 20 * n_fft
    for made in (p, reference):
        made.real[:] = x
        made.forward()
    np.testing.assert_allclose(p.spec, reference.spec, atol=atol)
    for made in (p, reference):
        made.inverse()
    np.testing.assert_allclose(p.real, reference.real, atol=atol)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_fftw_numpy_transforms(dtype, monkeypatch):
    reference = fft.pair(100, dtype)
    monkeypatch.setenv(fft.SETTING, "numba")
    assert fft.backend() == "numpy"
    p = fft.pair(100, dtype)
    assert p is not reference
    p.real[:] = reference.real[:] = np.random.default_rng(0).standard_normal(p.real.shape)
    for made in (p, reference):
        made.forward()
    np.testing.assert_allclose(p.spec, reference.spec, atol=1e-5)
    for made in (p, reference):
        made.inverse()
    np.testing.assert_allclose(p.real, reference.real, atol=1e-4)


def test_fftw_that_is_not_installed_is_done_without_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(fft, "_has_fftw", lambda: False)
    assert fft.backend() == "numpy"
    monkeypatch.setenv(fft.SETTING, "fftw")
    assert fft.backend() == "pyfftw"


def test_an_unknown_setting_is_refused_with_those_there_are(monkeypatch):
    monkeypatch.setenv(fft.SETTING, "fast")
    with pytest.raises(ParameterError, match="FASTSPEC_FFT='fast' is unknown; use fftw or numba, or unset it"):
        fft.backend()


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_aligned_arrays_begin_a_line_of_the_cache(dtype):
    found = fft.aligned((3, 5), np.dtype(dtype))
    assert (found.shape, found.dtype) == ((3, 5), dtype)
    assert found.ctypes.data % 64 == 0
    found[:] = 1  # all of it is there


def test_importing_costs_no_heavy_module():
    code = "import sys, fastspec.transform.fft; sys.exit(any(m in sys.modules for m in ('pyfftw', 'scipy', 'numba')))"
    started = time.monotonic()
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert time.monotonic() - started < 20
