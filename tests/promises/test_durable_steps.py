"""The order of steps that a power cut must not find reversed: content, name, folder, ledger, and only then the record.

A trace by descriptor: every write, sync, rename and new folder, with the path that it was about, and every record as it
is handed out.
"""

from __future__ import annotations

import builtins
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fastspec import _files
from fastspec.batch import decode_files, encode_files, ledger
from tests.promises.small_batches import draw

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux what a descriptor is of")
HOW = {"jobs": 2, "shard_size": 2}


class Stream:
    """A file that is written, with a trace of it."""

    def __init__(self, stream, trace, path):
        self.stream, self.trace, self.path = stream, trace, path

    def write(self, data):
        self.trace.note("write", self.path)
        return self.stream.write(data)

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()


class Trace:
    """What happened, in its order: (what, path) or (what, from, to)."""

    def __init__(self, monkeypatch):
        self.steps: list[tuple[str, ...]] = []
        self.lock = threading.Lock()
        self.right = {name: getattr(os, name) for name in ("write", "fsync", "replace", "mkdir", "open")}
        for name in self.right:
            monkeypatch.setattr(os, name, getattr(self, name))
        monkeypatch.setattr(_files, "open", self.opened, raising=False)

    def note(self, *step):
        with self.lock:
            self.steps.append(step)

    def of(self, handle):
        return os.readlink(f"/proc/self/fd/{handle}")

    def opened(self, path, mode, **more):
        stream = builtins.open(path, mode, **more)  # noqa: SIM115 - whoever asked closes it
        return Stream(stream, self, os.fspath(path)) if "r" not in mode else stream

    def open(self, path, flags, *more, **options):
        new = flags & os.O_CREAT and not os.path.exists(path)
        handle = self.right["open"](path, flags, *more, **options)
        if new:
            self.note("create", os.fspath(path))
        return handle

    def write(self, handle, data):
        self.note("write", self.of(handle))
        return self.right["write"](handle, data)

    def fsync(self, handle):
        done = self.right["fsync"](handle)
        self.note("fsync", self.of(handle))
        return done

    def replace(self, source, target):
        self.right["replace"](source, target)
        self.note("rename", os.fspath(source), os.fspath(target))

    def mkdir(self, path, *more):
        self.right["mkdir"](path, *more)
        self.note("mkdir", os.fspath(path))


def first(steps, step, after):
    """Where this step comes first after another, or an assertion that it does not."""
    for at in range(after + 1, len(steps)):
        if steps[at] == step:
            return at
    raise AssertionError(f"{step} does not come after {steps[after]}")


def check(steps, out):
    """Every done record was handed out after all that makes it true was durable."""
    root, book = str(out), str(out / ledger.NAME)
    handed = [(at, json.loads(step[1])) for at, step in enumerate(steps) if step[0] == "record"]
    made = {step[1]: at for at, step in enumerate(steps) if step[0] in ("mkdir", "create")}
    assert book in made
    assert first(steps, ("fsync", root), made[book]) < first(steps, ("write", book), -1)
    for at, step in enumerate(steps):
        if step == ("write", book):
            end = first(steps, ("fsync", book), at)
            assert not [step for step in steps[at:end] if step[0] == "record"]
    for given, record in handed:
        if record["type"] != "done":
            continue
        target = os.path.join(root, *record["output"].split("/"))
        named, part = next((at, s[1]) for at, s in enumerate(steps) if s[0] == "rename" and s[2] == target)
        wrote = max(at for at, step in enumerate(steps) if step == ("write", part))
        assert wrote < first(steps, ("fsync", part), wrote) < named
        durable = first(steps, ("fsync", os.path.dirname(target)), named)
        above = os.path.dirname(target)
        while above != root:
            durable = max(durable, first(steps, ("fsync", os.path.dirname(above)), made.get(above, -1)))
            above = os.path.dirname(above)
        told = next(
            at
            for at, step in enumerate(steps)
            if step[0] == "line" and json.loads(step[1]).get("output") == record["output"]
        )
        assert durable < told
        assert first(steps, ("fsync", book), told) < given
    return len(handed)


@pytest.fixture
def inputs(tmp_path):
    """Pictures in folders, and sounds."""
    draw(tmp_path / "pictures", 2)
    draw(tmp_path / "pictures" / "a" / "b", 2)
    (tmp_path / "pictures" / "none.png").write_text("none")
    for k in range(3):
        path = tmp_path / "sounds" / f"s{k}" / f"{k}.wav"
        path.parent.mkdir(parents=True)
        soundfile.write(path, np.random.default_rng(k).standard_normal(500) * 0.1, 8000)
    return tmp_path


BATCHES = [
    *((decode_files, "pictures", {"n_iter": 1, "audio_format": name}) for name in ("WAV", "FLAC", "OGG")),
    *((encode_files, "sounds", {"n_fft": 64, "picture_format": name}) for name in ("PNG", "JPEG", "TIFF")),
]


@pytest.mark.parametrize(("run", "source", "options"), BATCHES, ids=lambda v: str(v) if isinstance(v, dict) else None)
def test_each_step_is_durable_before_the_next(inputs, monkeypatch, run, source, options):
    out = inputs / "out" / "here"
    with monkeypatch.context() as patch:
        trace = Trace(patch)
        append = ledger.Ledger.append

        def noted(self, records):
            found = list(records)
            for record in found:
                trace.note("line", json.dumps(record))
            append(self, found)

        patch.setattr(ledger.Ledger, "append", noted)
        for record in run([inputs / source], out, **HOW, **options):
            trace.note("record", json.dumps(record))
            told = [r for r in ledger.read(str(out)) if r.get("input") == record["input"]]
            assert [r["type"] for r in told] == [record["type"]]  # before the next is asked for
    assert check(trace.steps, out) == (5 if source == "pictures" else 3)
    for folder in (out, out.parent):
        at = trace.steps.index(("mkdir", str(folder)))
        assert first(trace.steps, ("fsync", str(folder.parent)), at) < trace.steps.index(
            ("write", str(out / ledger.NAME))
        )


@pytest.mark.parametrize("failing", ["part", "folder", "above", "root"])
def test_a_sync_that_fails_makes_no_done_record(inputs, monkeypatch, failing):
    out = inputs / "out"
    right = os.fsync
    where = {"folder": out / "a" / "b", "above": out / "a", "root": out}

    def fsync(handle):
        path = os.readlink(f"/proc/self/fd/{handle}")
        begun = (out / "a" / "b").exists()
        if begun and (path.endswith(".part") if failing == "part" else path == str(where[failing])):
            raise OSError(5, os.strerror(5))
        return right(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    records = list(decode_files([inputs / "pictures"], out, n_iter=1, jobs=1, shard_size=9))
    below = [r for r in records if r["output"].startswith("a/")]
    assert not [r for r in below if r["type"] == "done"]
    monkeypatch.setattr(os, "fsync", right)
    assert decode_files([inputs / "pictures"], out, n_iter=1, retry_failed=True, **HOW).run().done == 4


def test_remote_outputs_are_there_before_their_lines_and_those_before_the_records(inputs, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    fs = fsspec.filesystem("memory")
    right, steps = type(fs).pipe_file, []

    def pipe_file(self, path, value, **more):
        steps.append((path, bytes(value)))
        return right(self, path, value, **more)

    monkeypatch.setattr(type(fs), "pipe_file", pipe_file)
    out = f"memory://{inputs.name}"
    for record in decode_files([inputs / "pictures"], out, n_iter=1, **HOW):
        lines = [
            at
            for at, (path, data) in enumerate(steps)
            if ledger.NAME in path
            and record["output"] in [json.loads(line).get("output") for line in data.splitlines()]
        ]
        assert len(lines) == 1
        if record["type"] == "done":
            whole = f"/{inputs.name}/{record['output']}"  # "0.wav" is the end of "a/b/0.wav" too
            (written,) = [at for at, (path, _) in enumerate(steps) if path == whole]
            assert written < lines[0]
    fs.rm(f"/{inputs.name}", recursive=True)
