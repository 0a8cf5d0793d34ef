"""Time that a limit counts is work: not what a process waits, is stopped or does once for all later calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from fastspec import _effort
from fastspec.calibration.budget import Clock
from fastspec.errors import TimeLimitError
from fastspec.kernels._dispatcher import Kernel
from fastspec.transform import fft

PICTURE = Path(__file__).parent / "data" / "spectrogram.png"
STOPPED = 2.5  # s that a process is stopped

SLOW = """
    import os, signal, sys
    from fastspec import Decoder, inspection

    decoder = Decoder(profile="librosa", duration=4.5, quality="fast", timeout=2)
    load = inspection.load

    def stopped(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGSTOP)
        return load(*args, **kwargs)

    inspection.load = stopped
    decoder.decode(sys.argv[1])
    print("decoded")
"""


def works(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


class Machine:
    """A processor and a clock that the test moves."""

    def __init__(self, monkeypatch):
        self.clock = self.processor = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.clock)
        monkeypatch.setattr(time, "process_time", lambda: self.processor)
        monkeypatch.setattr(_effort, "_prepared", {})  # what other tests prepared would round these sums

    def moves(self, clock, processor):
        self.clock += clock
        self.processor += processor


def test_a_lap_is_work_of_a_processor_and_no_longer_than_a_clock_says(monkeypatch):
    machine = Machine(monkeypatch)
    watch = _effort.Stopwatch()
    for clock, processor, counted in ((1.0, 1.0, 1.0), (9.0, 0.5, 0.5), (0.25, 4.0, 0.25), (-3.0, 1.0, 0.0)):
        machine.moves(clock, processor)
        assert watch.lap() == counted
    assert watch.lap() == 0.0


def test_what_is_prepared_counts_once_and_for_no_picture(monkeypatch):
    machine = Machine(monkeypatch)
    before, clock = _effort.prepared(), Clock(3.0, used=1.0)
    machine.moves(0.5, 0.5)
    with _effort.preparing():
        machine.moves(10.0, 8.0)
        with _effort.preparing():  # a kernel that the other one needs
            machine.moves(4.0, 4.0)
    assert _effort.prepared() - before == 12.0
    assert clock.used == 1.5
    machine.moves(1.5, 1.5)
    clock.check()
    assert clock.used == 3.0  # the limit itself is allowed
    machine.moves(0.25, 0.25)
    with pytest.raises(TimeLimitError, match="longer than 3 s"):
        clock.check()


def test_what_fails_to_be_prepared_is_counted_too(monkeypatch):
    machine = Machine(monkeypatch)
    before = _effort.prepared()

    @_effort.preparing()
    def fails():
        machine.moves(2.0, 2.0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    with _effort.preparing():
        machine.moves(1.0, 1.0)
    assert _effort.prepared() - before == 3.0


def test_threads_that_prepare_are_added_up():
    before = _effort.prepared()

    def prepares():
        with _effort.preparing():
            works(0.02)

    threads = [threading.Thread(target=prepares) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _effort.prepared() - before >= 0.02


def test_kernels_and_plans_of_a_first_call_are_not_counted(monkeypatch):
    def three(x):
        return x * 3

    before, clock = _effort.prepared(), Clock(1.0)
    assert Kernel(three, {}, {"nopython": True})(np.float32(2)) == 6
    compiled = _effort.prepared() - before
    assert compiled > 0.01
    plan = fft.BACKENDS["pyfftw"].plan
    monkeypatch.setitem(fft.BACKENDS, "pyfftw", fft.Backend(lambda made: (works(0.2), plan(made))[1]))
    fft.Pair(16, 2, np.dtype("float32"), "pyfftw")
    assert _effort.prepared() - before - compiled >= 0.2
    assert clock.used < 0.2


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_a_process_that_is_stopped_uses_up_no_time(tmp_path):
    script = tmp_path / "slow.py"
    script.write_text(textwrap.dedent(SLOW))
    with subprocess.Popen(
        [sys.executable, script, PICTURE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        _, status = os.waitpid(child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        time.sleep(STOPPED)
        os.kill(child.pid, signal.SIGCONT)
        said, complaint = child.communicate(timeout=150)
    assert said == "decoded\n", complaint
