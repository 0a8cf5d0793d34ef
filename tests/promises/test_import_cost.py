"""What importing costs: nothing heavy for the name, the list of profiles, and the command line's help."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

import pytest

HEAVY = ("PIL", "llvmlite", "matplotlib", "numba", "numpy", "pyfftw", "scipy", "soundfile", "tqdm")
RATIO = 3.0  # times a bare start of Python; 1.8 to 2.0 is usual, 6 with NumPy
ROUNDS = 9


def loaded(code: str, *names: str) -> set[str]:
    """Those of the modules `names` that are loaded when a process that ran `code` ends."""
    report = f"print(*[name for name in {names} if name in sys.modules], file=sys.stderr)"
    code = f"import atexit, sys\natexit.register(lambda: {report})\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_the_package_itself_loads_nothing_heavy():
    assert loaded("import fastspec", *HEAVY, "click") == set()


def test_profiles_load_nothing_heavy():
    assert loaded("import fastspec; assert 'librosa' in fastspec.profiles()", *HEAVY, "click") == set()


@pytest.mark.parametrize("command", [[], ["decode"], ["encode"], ["inspect"], ["doctor"], ["warmup"]])
def test_help_loads_nothing_heavy(command):
    code = f"from fastspec.cli import main; sys.argv = {['fastspec', *command, '--help']}; main()"
    assert loaded(code, *HEAVY) == set()


def test_a_report_of_what_is_loaded_would_say_so():
    assert loaded("import numpy", *HEAVY) == {"numpy"}


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="processor time of a child")
def test_the_import_costs_no_more_than_starting_python_thrice():
    def seconds(code: str) -> float:
        """Processor time, which a busy machine does not stretch much."""
        process = subprocess.Popen([sys.executable, "-c", code])
        used = os.wait4(process.pid, 0)[2]
        process.returncode = 0
        return used.ru_utime + used.ru_stime

    seconds("import fastspec")  # writes bytecode
    ratios = []
    for _ in range(ROUNDS):
        bare = seconds("pass")
        ratios.append(seconds("import fastspec") / bare)
    assert statistics.median(ratios) < RATIO, ratios


def test_what_is_compiled_is_run_without_a_compiler():
    """numba's implementations, and SciPy which they look for, are .3 to .5 s of a command."""
    compiler = ("numba.np.linalg", "numba.np.arraymath", "scipy.linalg")
    decode = "import warnings; warnings.simplefilter('ignore'); import fastspec; "
    decode += "fastspec.decode('tests/data/spectrogram.png', profile='librosa', n_iter=2, duration=4.5)"
    loaded(decode)  # compiles what was not compiled before
    assert loaded(decode, *compiler) == set()
    assert "numba.np.arraymath" in loaded("import numba; numba.njit(lambda x: x + 1)(1)", *compiler)
