"""A lock's holder is asked whether it lives; no clock is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastspec.batch import holder


@pytest.fixture
def child():
    """A process that lives until it is told to end."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.communicate(b"\n")


def told(process):
    return {**holder.myself(), "pid": process.pid, "started": holder._started(process.pid)}


def test_this_process_is_alive():
    assert holder.is_one(holder.myself())
    assert holder.state(holder.myself()) != holder.DEAD
    assert str(holder.myself()["pid"]) in holder.name(holder.myself())


@pytest.mark.skipif(holder._boot() is None, reason="needs Linux's /proc")
def test_another_is_alive_until_it_ends(child):
    found = told(child)
    assert holder.state(found) == holder.ALIVE
    assert holder.state({**found, "started": found["started"] - 1}) == holder.DEAD  # one of the same number, before
    child.kill()
    while child.poll() is None:
        state = holder.state(found)  # a zombie in between
        assert state in (holder.ALIVE, holder.DEAD)
    assert holder.state(found) == holder.DEAD


def test_an_old_lock_tells_a_number_alone(child):
    old = {"host": holder.myself()["host"], "pid": child.pid, "time": 1e12}
    assert holder.state(old) == holder.UNKNOWN
    child.kill()
    child.wait()
    assert holder.state(old) == holder.DEAD


def test_who_lives_elsewhere_cannot_be_asked(monkeypatch):
    mine = holder.myself()
    assert holder.state({**mine, "host": "elsewhere"}) == holder.UNKNOWN
    assert holder.state({**mine, "machine": "another boot, or container"}) == holder.UNKNOWN


NAMED = {"host": "a", "pid": 1}


@pytest.mark.parametrize("found", [None, [], {}, "x", {"time": "x"}, {"host": "a"}, {"pid": 1}, {**NAMED, "host": 3}])
@pytest.mark.parametrize("pid", [None, "1", 0, -1, 1 << 40, True, 1.0, []])
def test_what_names_nobody(found, pid):
    assert not holder.is_one(found)
    assert not holder.is_one({**NAMED, "pid": pid})


@pytest.mark.parametrize("more", [{"machine": 3}, {"machine": []}, {"started": {}}, {"started": "x"}, {"time": []}])
def test_garbled_fields_are_no_trouble(more):
    assert holder.state({**holder.myself(), **more}) in (holder.ALIVE, holder.DEAD, holder.UNKNOWN)


def test_each_part_of_a_holder_is_asked(monkeypatch):
    mine = holder.myself()
    assert holder.is_one({"host": "a", "pid": 1})
    assert holder.is_one({"host": "a", "pid": 2**31 - 1})
    assert not holder.is_one({"host": "a", "pid": 2**31})
    assert holder.name({"host": "h" * 99, "pid": 7}) == f"process 7 on {'h' * 80}"
    monkeypatch.setattr(holder, "_boot", lambda: None)  # as where there is no /proc
    assert holder.state(mine) == holder.UNKNOWN
    monkeypatch.undo()
    for machine in ("", None):  # of an older release: a signal tells
        assert holder.state({**mine, "machine": machine}) == holder.UNKNOWN


def test_another_users_process_is_not_known_to_be_dead(monkeypatch):
    def kill(pid, number):
        assert number == 0  # a signal of no effect
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert holder.state({"host": holder.myself()["host"], "pid": 7}) == holder.UNKNOWN


@pytest.mark.parametrize(
    ("told", "began"),
    [
        ("7 (a) b) S " + " ".join(str(k) for k in range(1, 40)), 19),
        ("7 (a) R " + " ".join(str(k) for k in range(1, 40)), 19),
        ("7 (a) Z " + " ".join(str(k) for k in range(1, 40)), None),
        ("7 (a) X " + " ".join(str(k) for k in range(1, 40)), None),
        ("7 (a) S 1 2", None),
        ("", None),
    ],
)
def test_when_a_process_began_is_the_22nd_word(monkeypatch, told, began):
    monkeypatch.setattr(Path, "read_bytes", lambda _: told.encode())
    assert holder._started(7) == began
