"""Children forked while another thread of their parent reads, imports, plans or compiles do what their parent does.

Where such a fault is, a child waits for ever for a lock that only its parent's other thread could let go.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import fastspec
from fastspec import _forks
from fastspec._cached import cached_property

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

SOURCE = Path(fastspec.__file__).parent
LOCKS = ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier")
# Modules that may make locks, and why a forked child never waits for one of them.
MAY_LOCK = {
    "_forks.py": "names none of its own",
    "transform/fft.py": "held by the fork",
    "kernels/_dispatcher.py": "numba's, held by the fork",
    "phase/team.py": "made anew in the child",
    "phase/schedule.py": "made in the call that uses it",
    "batch/run.py": "an event of one batch, which nobody waits for",
}

IN_CHILD = """
    import faulthandler, os, threading, time, warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # of forks in a process with threads

    def in_child(work):
        '''Exit code of a child that works: 0, 1 where it hung, 2 where it failed.'''
        pid = os.fork()
        if pid == 0:
            code = 2
            faulthandler.dump_traceback_later(240, exit=True)  # a busy machine is no hang
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def run(code: str, *arguments: object, **environment: str) -> str:
    """What a process of its own prints that has `in_child`; minutes are for busy machines."""
    text = textwrap.dedent(IN_CHILD) + textwrap.dedent(code)
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_children_forked_while_threads_decode_decode_too(compiled, speech_picture):
    code = """
        import sys, fastspec
        decoder = fastspec.Decoder(n_iter=1, sr=16000)
        wanted = decoder.decode(sys.argv[1])[0].tobytes()

        def busy():
            own = fastspec.Decoder(n_iter=1, sr=16000)
            while True:
                own.decode(sys.argv[1])

        def work():
            assert decoder.decode(sys.argv[1])[0].tobytes() == wanted

        for _ in range(2):
            threading.Thread(target=busy, daemon=True).start()
        print({in_child(work) for _ in range(12)})
        os._exit(0 if not sys.stdout.flush() else 1)
    """
    assert run(code, speech_picture) == "{0}"


@pytest.mark.parametrize("seconds", [0.02, 0.5])
def test_children_forked_during_the_first_use_in_a_thread_work(compiled, speech_picture, seconds):
    code = """
        import sys, fastspec

        def work():
            fastspec.decode(sys.argv[1], n_iter=1, sr=16000)

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(float(sys.argv[2]))  # it imports first, then loads kernels, then plans
        print(in_child(work))
        thread.join()
    """
    assert run(code, speech_picture, seconds) == "0"


def test_a_fork_waits_for_a_kernel_that_another_thread_compiles(tmp_path):
    code = """
        import numpy as np
        from fastspec.kernels import event, stft

        compiling = threading.Event()

        class Started(event.Listener):
            def on_start(self, event):
                compiling.set()

            def on_end(self, event):
                pass

        from fastspec.kernels import kernel

        @kernel
        def double(x):
            for k in range(x.size):
                x[k] *= 2.0

        def work():
            x = np.ones(3)
            double(x)
            assert x.tolist() == [2.0, 2.0, 2.0]

        with event.install_listener("numba:compile", Started()):
            thread = threading.Thread(target=work)
            thread.start()
            assert compiling.wait(20)
            print(in_child(work))
            thread.join()
    """
    assert run(code, NUMBA_CACHE_DIR=str(tmp_path)) == "0"


def test_a_fork_waits_for_an_import_of_ours_alone(tmp_path):
    for name in ("slow_one", "slow_two"):
        (tmp_path / f"{name}.py").write_text("import time\ntime.sleep(1.5)\n")
    code = """
        import sys, fastspec._forks
        sys.path.insert(0, sys.argv[1])
        ours = {"__name__": "fastspec.decoder", "__builtins__": __builtins__}
        exec("def load():\\n    import slow_one", ours)

        def load():
            import slow_two

        waited = []
        for name, work in (("slow_one", ours["load"]), ("slow_two", load)):
            thread = threading.Thread(target=work)
            thread.start()
            while name not in sys.modules:
                time.sleep(0.01)
            clock = time.monotonic()
            code = in_child(work if name == "slow_one" else int)
            waited.append((code, time.monotonic() - clock > 0.5))
            thread.join()
        print(waited)
    """
    assert run(code, tmp_path) == "[(0, True), (0, False)]"


def test_a_lock_that_is_never_let_go_is_new_in_the_child():
    code = """
        from fastspec import _forks
        from fastspec.transform import fft
        _forks.WAIT_SECONDS = 0.2
        fft.pair(64)
        taken = threading.Event()

        def keep():
            with fft._lock:
                taken.set()
                time.sleep(30)

        threading.Thread(target=keep, daemon=True).start()
        taken.wait()
        print(in_child(lambda: fft.pair(128)))
        os._exit(0 if not __import__("sys").stdout.flush() else 1)
    """
    assert run(code) == "0"


def test_who_waits_for_one_lock_holds_no_other(monkeypatch):
    one, two = threading.RLock(), threading.RLock()
    monkeypatch.setattr(_forks, "_guards", [_forks.Guard(lambda: one, int), _forks.Guard(lambda: two, int)])
    monkeypatch.setattr(_forks, "WAIT_SECONDS", 20.0)
    both = threading.Event()

    def keep():
        with two:
            both.wait()
            with one:  # which the fork must not hold while it waits for the other
                pass

    thread = threading.Thread(target=keep)
    thread.start()
    threading.Timer(0.2, both.set).start()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if one.acquire(timeout=5) and two.acquire(timeout=5) else 1)
    thread.join(5)
    assert not thread.is_alive()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_properties_are_worked_out_without_a_lock():
    class Thing:
        @cached_property
        def slow(self) -> int:
            """Its word."""
            inside.wait(10)  # both threads are in it at once, which functools forbids before Python 3.12
            return 5

    inside = threading.Barrier(2)
    thing, found = Thing(), []
    threads = [threading.Thread(target=lambda: found.append(thing.slow)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5, 5]
    assert thing.slow == 5
    assert Thing.slow.__doc__ == "Its word."


def test_modules_that_make_locks_are_known():
    makers = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = path.relative_to(SOURCE).as_posix()
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in LOCKS:
                makers.add(name)
            if isinstance(node, ast.ImportFrom) and node.module == "functools":
                assert "cached_property" not in [alias.name for alias in node.names], f"{name}: see fastspec._cached"
    assert makers <= set(MAY_LOCK)
