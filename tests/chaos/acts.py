"""The disturbances, by kind. Each runs one or two batches over a round's inputs and waits for their ends."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fastspec.batch import ledger, storage
from tests.chaos import caches, wire
from tests.chaos import world as places
from tests.chaos.process import Process
from tests.chaos.rounds import ENDED, KILLED, Act, BrokenError, Round

INTERRUPTED = 130
REFUSED = ENDED | {1}  # a batch that ended, or said in a sentence why it could not
_STEPS = 12, 6  # of a batch, and of each input: about as many as there are


def _moment(r: Round) -> float:
    """Seconds after which something happens to a running batch; most take half a second."""
    return r.chance.choice([0.0, r.chance.uniform(0, 0.15), r.chance.uniform(0, 0.8)])


def _tripped(r: Round, trip: Callable[[], OSError | None], lasting: bool = False, **how: bool) -> Process:
    """A batch to which something happens at a step of its own."""
    return r.start(prepare=wire.Wire(r.disk, _step(r), trip, lasting).lay, **how)


def _step(r: Round) -> int:
    few, each = _STEPS
    return r.chance.randrange(few + each * len(r.inputs))


def _midway(r: Round) -> Process:
    """A batch at work, or just over: running, or stopped at a step of its own until it is told to go on."""
    if r.chance.random() < 0.6:
        process = _tripped(r, wire.stop)
        process.until(lambda: process.stopped)
        return process
    process = r.resume()
    r.begun(process)
    process.runs_for(_moment(r))
    return process


def kill(r: Round) -> None:
    """SIGKILL at any instant, of a forked process or one with a start of its own."""
    process = r.resume()
    if r.chance.random() < 0.8:
        r.begun(process)
    process.runs_for(_moment(r))
    process.kill()
    r.ended(process, ENDED | {KILLED})


def kill_at_step(r: Round) -> None:
    """SIGKILL right before a write, sync, rename or new folder."""
    r.ended(_tripped(r, wire.die), ENDED | {KILLED})


def power(r: Round) -> None:
    """The power fails: what was not synced is gone."""
    disk = wire.Power(r.disk, r.chance)
    laid = wire.Wire(r.disk, _step(r), disk.cut)

    def prepare() -> None:
        disk.lay()
        laid.lay()

    r.ended(r.start(prepare=prepare), ENDED | {KILLED})


def terminate(r: Round) -> None:
    """SIGTERM or Ctrl-C, once or twice: what is in flight is finished, or abandoned."""
    process = _midway(r)
    number = r.chance.choice([signal.SIGTERM, signal.SIGINT])
    process.send(number)
    if r.chance.random() < 0.4:
        process.go_on()
        process.runs_for(r.chance.uniform(0, 0.05))
        process.send(number)
    process.go_on()
    r.ended(process, ENDED | {INTERRUPTED})


def pause(r: Round) -> None:
    """SIGSTOP, anywhere; nobody else may write there meanwhile. Then it goes on, or is killed."""
    process = _midway(r)
    process.send(signal.SIGSTOP)
    if r.chance.random() < 0.6:
        r.ended(r.start(), REFUSED)
    if r.chance.random() < 0.4:
        process.kill()
    process.go_on()
    r.ended(process, ENDED | {KILLED})


def full_disk(r: Round) -> None:
    """No room, or a limit to the size of files; then there is."""
    if r.small_disk:
        r.ended(r.resume(), REFUSED)
        places.mount(r.disk, "16m", again=True)
        return
    r.ended(r.start(prepare=lambda: wire.limit_files(r.chance.randrange(2, 60) * 512)), REFUSED)


def refused(r: Round) -> None:
    """A file system that refuses a step, or all from then on: full, read-only, broken, over quota, stale."""
    trip = wire.refuse(r.chance.choice(wire.REFUSALS))
    r.ended(_tripped(r, trip, r.chance.random() < 0.6), REFUSED)


def vanish(r: Round) -> None:
    """The out dir, its ledger or its lock is moved, removed or replaced while the batch runs."""
    away, what = r.disk / "away", r.chance.choice(["moved", "replaced", "removed", "ledger", "lock"])
    process = _midway(r)
    if not r.out.exists():
        process.go_on()
        r.ended(process, REFUSED)
        return
    if what in ("moved", "replaced"):
        r.out.rename(away)
        if what == "replaced":
            with suppress(FileExistsError):
                r.out.mkdir()
    elif what == "removed":
        _until_gone(r.out)
    else:
        with suppress(FileNotFoundError):
            (r.out / (ledger.NAME if what == "ledger" else storage.LOCK_NAME)).unlink()
    r.loose = True
    process.go_on()
    code = r.ended(process, REFUSED)
    if away.exists():
        written = {path.name for path in r.out.rglob("*") if path.is_file()} if r.out.exists() else set()
        if (code in ENDED and written) or written - {ledger.NAME, storage.LOCK_NAME}:  # not even what was in flight
            raise BrokenError(f"it ended with {code}, and wrote {sorted(written)} into what replaced {r.out.name}")
        r.gone()
        away.rename(r.out)
        r.loose = False
        r.check_complete() if code in ENDED else r.check_midway()
    elif what == "removed":
        if r.out.exists():
            raise BrokenError("an out dir that was removed has been made again")
        r.loose = False
    elif what == "ledger":
        r.final, r.again = "--overwrite", True  # nobody knows whose the outputs are


def _until_gone(out: Path) -> None:
    """Remove a folder in which somebody writes."""
    for _ in range(1000):
        shutil.rmtree(out, ignore_errors=True)
        if not out.exists():
            return


def fork(r: Round) -> None:
    """Children are forked while threads decode and a batch runs; they decode as their parent does."""
    environment = {"TMPDIR": str(r.folder / "tmp")}
    process = Process(
        ["forks"], r.folder / f"said-fork{r.started}", work=lambda: caches.forks(r), environment=environment
    )
    r.ended(r.resume())
    if process.wait() != 0:
        raise BrokenError(f"a forked child failed or hung: {process.said[-1500:]}")


def damaged_caches(r: Round) -> None:
    """Compiled kernels and FFT plans are damaged, taken away, or cannot be written."""
    environment = caches.damaged(r)
    r.replanned = True
    process = r.start(fresh=True, environment=environment)
    if r.chance.random() < 0.3:
        r.begun(process)
        process.runs_for(_moment(r))
        process.kill()
    r.ended(process, ENDED | {KILLED})


def clock(r: Round) -> None:
    """The clock jumps before the batch or midway, and files bear times of other years."""
    seconds = r.chance.choice([-1, 1]) * r.chance.choice([0.5, 60, 86_400, 1e9])
    after = r.chance.choice([0, r.chance.randrange(30)])
    if r.chance.random() < 0.5:
        for path in r.out.rglob("*"):
            with suppress(OSError):
                os.utime(path, (max(0.0, 1.6e9 + seconds),) * 2)
    process = r.start(prepare=lambda: wire.jump(seconds, after))
    if r.chance.random() < 0.5:
        r.begun(process)
        process.runs_for(_moment(r))
        process.kill()
    r.ended(process, ENDED | {KILLED})


def two(r: Round) -> None:
    """Two batches at once into one out dir: one works, the other says so or finds all done."""
    pair = [_midway(r), r.resume()]
    if r.chance.random() < 0.4:
        r.begun(pair[0])
        pair[0].runs_for(_moment(r))
        pair[0].kill()
    if pair[0].stopped:
        pair[1].runs_for(r.chance.choice([0.0, 5.0]))
    pair[0].go_on()
    for process in pair:
        process.wait()
    codes = [r.ended(process, ENDED | {1, KILLED}) for process in pair]
    for code, process in zip(codes, pair, strict=True):
        if code == 1 and "another fastspec" not in process.said and "already exist" not in process.said:
            raise BrokenError(f"one of two batches ended with 1: {process.said[-800:]}")


def other_options(r: Round) -> None:
    """The same command with other options: refused on resuming, all anew on request."""
    if r.chance.random() < 0.6:
        if not any(True for _ in r.records()):
            r.ended(r.resume())
        before = places.outputs(r.out), r.book.read_bytes()
        code = r.ended(r.start("--resume", other=True), frozenset({2}))
        if (places.outputs(r.out), r.book.read_bytes()) != before:
            raise BrokenError(f"refused with {code}, and changed what was there")
        return
    r.others, r.final, r.again = True, "--overwrite", True
    process = r.start("--overwrite", other=True)
    if r.chance.random() < 0.6:
        r.begun(process)
        process.runs_for(_moment(r))
        process.kill()
    r.ended(process, ENDED | {KILLED})


def inputs_change(r: Round) -> None:
    """Inputs vanish, come and change while they are read; some have other content for good."""
    process = _midway(r)
    r.again = True
    for _ in range(r.chance.randrange(1, 5)):
        path, data = r.input(), r.chance.choice(r.world.pool[r.job.source])
        what = r.chance.choice(["removed", "torn", "written", "changed"])
        with suppress(FileNotFoundError):
            if what == "removed":
                path.unlink()
            elif what == "torn":
                path.write_bytes(data[: r.chance.randrange(len(data))])
            elif what == "written":
                path.write_bytes(data)
            else:
                stem = path.relative_to(r.source).as_posix().removesuffix(r.job.source)
                if r.inputs[stem] != places.CONTENTS:
                    r.put(stem, r.chance.randrange(places.CONTENTS))
        if not process.stopped:
            process.runs_for(_moment(r) / 4)
        if what != "changed":  # it may be read half written
            stem = path.relative_to(r.source).as_posix().removesuffix(r.job.source)
            r.unsure.add(stem + r.job.suffix)
    process.go_on()
    r.loose = True  # of an input that has gone nothing need be known
    r.ended(process, ENDED | {1})
    r.loose = False


def tampered(r: Round) -> None:
    """Outputs and ledger are damaged, cut or removed between two runs, sizes and times kept where that is possible."""
    r.ended(r.resume())
    r.again = True
    for name, data in places.outputs(r.out).items():
        if r.chance.random() > 0.3:
            continue
        path = r.out / name
        state, what = path.stat(), r.chance.choice(["flipped", "cut", "removed", "emptied"])
        if what == "removed":
            path.unlink()
            r.spoilt[name] = None
            continue
        at = r.chance.randrange(len(data))
        changed = bytes([data[at] ^ 1 << r.chance.randrange(8)])
        spoilt = {"flipped": data[:at] + changed + data[at + 1 :], "cut": data[:at], "emptied": b""}[what]
        r.spoilt[name] = spoilt
        path.write_bytes(spoilt)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    lines = r.book.read_bytes()
    if r.chance.random() < 0.5:
        head = lines.index(b"\n") + 1
        at = r.chance.randrange(head, len(lines))
        put = r.chance.choice([b"", b"{}\n", b"\xff\0\n", b"[" * 5000 + b"\n"])
        r.book.write_bytes(lines[:at] if not put else lines[:head] + put + lines[head:])
    (r.out / ".fastspec-0123456789abcdef.part").write_bytes(b"RIFF")
    r.ended(_tripped(r, wire.die), ENDED | {KILLED})


def streams(r: Round) -> None:
    """Standard output is closed, full, or nobody reads it."""
    what = r.chance.choice(["closed", "full", "unread"])
    if what == "closed":
        r.ended(r.start(output=None))
    elif what == "full":
        with open("/dev/full", "wb") as full:
            r.ended(r.start(output=full.fileno()), REFUSED)
    else:
        read, write = os.pipe()
        try:
            process = r.start(output=write)
        finally:
            os.close(write)
            os.close(read)
        r.ended(process, ENDED, complete=False)


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        kill,
        kill_at_step,
        power,
        terminate,
        pause,
        full_disk,
        refused,
        vanish,
        fork,
        damaged_caches,
        clock,
        two,
        other_options,
        inputs_change,
        tampered,
        streams,
    )
}
OFTEN = {"kill": 2, "kill_at_step": 3, "power": 3, "refused": 2, "full_disk": 2, "damaged_caches": 0.5, "fork": 0.5}
