"""Whatever the environment says, a call gives the same sound, or one sentence that names the setting and the remedy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from typing import Any

import pytest

from fastspec.kernels import _dispatcher

DECODE = """
    import hashlib, sys
    import fastspec
    y, sr = fastspec.decode(sys.argv[1], n_iter=1, sr=16000)
    print(hashlib.sha256(y.tobytes()).hexdigest())
"""


def run(words: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    command, variables = [sys.executable, *words], {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False, env=variables)


@pytest.fixture(scope="module")
def wanted(compiled, speech_picture):
    done = run(["-c", textwrap.dedent(DECODE), str(speech_picture)])
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ([], {"NUMBA_DISABLE_JIT": "1", "LC_ALL": "C", "PYTHONUTF8": "0"}),
        (["-W", "error", "-W", "default::UserWarning"], {"NUMBA_NUM_THREADS": "3", "OMP_NUM_THREADS": "2"}),
    ],
    ids=["no compiler", "strict"],
)
def test_settings_change_no_bit(wanted, speech_picture, words, environment):
    done = run([*words, "-c", textwrap.dedent(DECODE), str(speech_picture)], **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == wanted


def test_a_kernel_is_compiled_where_compiling_is_switched_off(tmp_path):
    code = """
        import numpy as np
        from fastspec.kernels import kernel

        @kernel
        def wrapped(x):
            return x[0] * np.uint64(0x9E3779B97F4A7C15)

        assert wrapped(np.array([3], np.uint64)) == 15863308219378104381
        assert wrapped.stats.cache_misses
    """
    code = code.replace("15863308219378104381", str(3 * 0x9E3779B97F4A7C15 % 2**64))
    (tmp_path / "code.py").write_text(textwrap.dedent(code))
    done = run([str(tmp_path / "code.py")], NUMBA_DISABLE_JIT="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def test_options_of_kernels_are_those_of_numbas_own_decorator():
    import numba

    from fastspec import kernels

    def function(x):
        return x

    for decorator, fastmath in ((kernels.kernel, kernels.FASTMATH), (kernels.exact_kernel, False)):
        ours: Any = decorator(function)
        theirs = numba.njit(nogil=True, error_model="numpy", fastmath=fastmath)(function)
        assert ours.targetoptions == theirs.targetoptions
        assert ours.locals == theirs.locals


def test_settings_that_numba_refuses_are_told_in_a_sentence(speech_picture, tmp_path):
    command = ["-m", "fastspec", "decode", str(speech_picture), "-o", str(tmp_path / "a.wav")]
    done = run(command, NUMBA_NUM_THREADS="0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "numba cannot be loaded" in done.stderr
    assert "NUMBA_NUM_THREADS=0" in done.stderr


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to a thread")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_until_a_kernel_is_compiled(number, monkeypatch):
    came = []
    before = signal.signal(number, lambda number, frame: came.append(number))
    try:
        with _dispatcher._signals_deferred(), _dispatcher._signals_deferred():  # a kernel that calls another
            signal.raise_signal(number)
            signal.raise_signal(number)
            assert came == []
        assert came == [number, number]
        signal.raise_signal(number)
        assert len(came) == 3
    finally:
        signal.signal(number, before)


def test_an_interrupt_ends_what_compiles_and_the_kernel_is_whole(tmp_path, monkeypatch):
    import numba
    import numpy as np
    from numba.core import event

    from fastspec.kernels import kernel

    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))

    class Interrupting(event.Listener):
        def on_start(self, event):
            signal.raise_signal(signal.SIGINT)

        def on_end(self, event):
            pass

    def function(x):
        return 2.0 * x

    double: Any = kernel(function)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with event.install_listener("numba:compile", Interrupting()), pytest.raises(KeyboardInterrupt):
            double(np.float64(2))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(double.overloads) == 1
    assert double(np.float64(2)) == 4
    assert list(tmp_path.rglob("*.nbc"))


def test_other_threads_leave_signals_alone():
    seen = []

    def work() -> None:
        with _dispatcher._signals_deferred():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
