"""Who holds a remote lock: a process that can be asked whether it lives, where it runs on this machine. No clock."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

ALIVE, DEAD, UNKNOWN = "alive", "dead", "unknown"
_MOST_PID = 2**31 - 1


def myself() -> dict[str, Any]:
    """This process, as a lock names it: host and process, and what tells it from a later one of the same number."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "machine": _boot(), "started": _started(os.getpid())}


def machine() -> str:
    """What is equal for all processes of this machine that number processes alike; without /proc this process alone."""
    return _boot() or f"{socket.gethostname()} {os.getpid()}"


def is_one(found: object) -> bool:
    """Whether this names a holder: a host and a process."""
    if not isinstance(found, dict):
        return False
    host, pid = found.get("host"), found.get("pid")
    return isinstance(host, str) and isinstance(pid, int) and not isinstance(pid, bool) and 0 < pid <= _MOST_PID


def name(found: Mapping[str, Any]) -> str:
    """A holder in a few words."""
    return f"process {found['pid']} on {str(found['host'])[:80]}"


def state(found: Mapping[str, Any]) -> str:
    """ALIVE, DEAD, or UNKNOWN where nobody here can ask: on another machine, or in another container."""
    if found["host"] != socket.gethostname():
        return UNKNOWN
    pid, machine, here = found["pid"], found.get("machine"), _boot()
    if here is None or not _is_text(machine):  # of an older release, or a system without /proc
        return _answer(pid)
    if machine != here:
        return UNKNOWN
    return ALIVE if _started(pid) == found.get("started") else DEAD


def _answer(pid: int) -> str:
    """What a signal of no effect tells; a process of that number may be another than the one that is meant."""
    if os.name == "nt":  # where no such signal is
        return UNKNOWN
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return DEAD
    except PermissionError:
        pass
    return UNKNOWN


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


@lru_cache(maxsize=1)
def _boot() -> str | None:
    """This boot of this machine, and the space in which its processes are numbered; None where /proc does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return None


def _started(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None for one that has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
        state, *numbers = told[told.rindex(b")") + 1 :].split()
        return None if state in (b"Z", b"X") else int(numbers[18])
    except (OSError, ValueError, IndexError):
        return None
