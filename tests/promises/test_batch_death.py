"""Batches whose processes die: killed at random instants, workers lost, and still the bytes of an undisturbed run.

FASTSPEC_KILLS=25 kills more often than continuous integration does.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import numpy as np
import pytest

from fastspec.batch import decode_files, ledger
from fastspec.encoder import Encoder
from fastspec.errors import FastspecError
from fastspec.picture import files as picture_files

KILLS = int(os.environ.get("FASTSPEC_KILLS", "4"))
NUMBER = 48
OPTIONS = {"n_iter": 20, "sr": 8000}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """48 pictures of noise, some of which cannot be read."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(5)
    for k in range(NUMBER):
        path = folder / f"s{k % 4}" / f"{k:02d}.png"
        path.parent.mkdir(exist_ok=True)
        if k % 16 == 9:
            path.write_bytes(b"\x89PNG\r\n\x1a\n broken")
            continue
        y = rng.standard_normal(8000 + 6000 * (k % 7)).astype(np.float32)
        picture_files.write(Encoder(n_fft=512 if k % 2 else 1024).encode(y, 8000), path)
    return folder


def outputs(folder):
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {name: data for name, data in found.items() if "fastspec-ledger" not in name}


@pytest.fixture(scope="module")
def undisturbed(pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert decode_files([pictures], folder, jobs=1, **OPTIONS).run().failed == 3
    return outputs(folder)


def command(pictures, out):
    options = ["--n-iter", "20", "--sr", "8000", "--jobs", "2", "--shard-size", "2", "--resume"]
    return [sys.executable, "-m", "fastspec", "decode", str(pictures), "--out-dir", str(out), *options]


def quiet(arguments, **options):
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def until_it_works(process, out):
    """Wait for the ledger's first line; the time then."""
    while process.poll() is None and not ((out / ledger.NAME).exists() and (out / ledger.NAME).stat().st_size):
        time.sleep(0.005)
    return time.monotonic()


def one_record_an_input(out):
    ended = Counter(r["input"] for r in ledger.read(str(out)) if r["type"] in ledger.TERMINAL)
    return len(ended) == NUMBER and set(ended.values()) == {1}


def test_killed_batch_resumes_to_identical_outputs(pictures, undisturbed, tmp_path):
    process = quiet(command(pictures, tmp_path / "whole"))
    clock = until_it_works(process, tmp_path / "whole")
    assert process.wait() == 3
    working = time.monotonic() - clock
    chance = random.Random(os.environ.get("FASTSPEC_SEED", "1"))
    killed = midway = attempt = 0
    while killed < KILLS:
        out = tmp_path / str(attempt)
        attempt += 1
        assert attempt < 5 * KILLS + 10
        for _ in range(chance.choice((1, 1, 2))):  # some are killed again while they resume
            process = quiet(command(pictures, out))
            try:
                if chance.random() < 0.8:
                    until_it_works(process, out)
                process.wait(chance.uniform(0, 0.9) * working)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                left = {n: d for n, d in outputs(out).items() if not n.endswith(".part")} if out.exists() else {}
                midway += 0 < len(left) < len(undisturbed)
                assert all(undisturbed[name] == data for name, data in left.items()), "a partial output"
        assert quiet(command(pictures, out)).wait() == 3
        assert outputs(out) == undisturbed
        assert one_record_an_input(out)
    print(f"{killed} kills, {midway} of them with some outputs written")


def test_signals_finish_what_is_in_flight_and_exit_with_130(pictures, undisturbed, tmp_path):
    for number in (signal.SIGINT, signal.SIGTERM):
        out = tmp_path / str(int(number))
        process = subprocess.Popen(command(pictures, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()  # the first result
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "in flight" in err
        assert "--resume" in err
        left = outputs(out)
        assert 0 < len(left) < len(undisturbed)
        done = {r["output"] for r in ledger.read(str(out)) if r["type"] == "done"}
        assert done == left.keys()
    assert quiet(command(pictures, out)).wait() == 3
    assert outputs(out) == undisturbed
    assert one_record_an_input(out)


def test_a_torn_ledger_is_read_as_far_as_it_goes(pictures, undisturbed, tmp_path):
    decode_files([pictures], tmp_path, jobs=2, **OPTIONS).run()
    path = tmp_path / ledger.NAME
    text = path.read_bytes()
    for cut in (1, 40, len(text) // 2, len(text) // 3, len(text) - 5):
        path.write_bytes(text[:-cut])
        summary = decode_files([pictures], tmp_path, jobs=2, resume=True, **OPTIONS)
        if cut == len(text) - 5:  # not even the header is whole: nobody knows whose the outputs are
            with pytest.raises(OSError, match="already exists"):
                summary.run()
            continue
        assert summary.run().done == len(undisturbed)
        assert outputs(tmp_path) == undisturbed
        assert one_record_an_input(tmp_path)
    lines = text.splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[1:8], b'{"type":"done","inp\n', b"\xff\xfe\0\n", b"[]\n", *lines[8:]]))
    assert decode_files([pictures], tmp_path, jobs=2, resume=True, **OPTIONS).run().kept == len(undisturbed)


# --- a cluster of worker processes --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


@pytest.mark.filterwarnings("ignore")  # a worker that is killed is no tidy thing
def test_a_cluster_gives_the_same_bytes_with_a_worker_killed_midway(pictures, undisturbed, tmp_path, cluster):
    import distributed

    with distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
    batch = decode_files(
        [pictures], tmp_path, engine="dask", scheduler=cluster.scheduler_address, shard_size=3, **OPTIONS
    )
    for number, _ in enumerate(batch):
        if number == 5:
            os.kill(pids[0], signal.SIGKILL)
            (tmp_path / ".fastspec-0123.part").write_bytes(b"RIFF")  # as it may leave, if it was writing
    assert (batch.summary.done, batch.summary.failed) == (len(undisturbed), 3)
    assert outputs(tmp_path) == undisturbed
    assert one_record_an_input(tmp_path)


_POISON = "26"


def _poisoned(shard, config):
    from fastspec.batch.shard import run_shard

    if any(_POISON in task.source.rsplit(os.sep, 1)[-1] for task in shard.tasks):
        raise RuntimeError("this shard kills its worker")
    return run_shard(shard, config)


def test_what_kills_every_worker_is_narrowed_down_to_one_input(pictures, undisturbed, tmp_path, monkeypatch):
    from fastspec.batch import run

    monkeypatch.setattr(run, "run_shard", _poisoned)
    batch = decode_files([pictures], tmp_path, jobs=2, shard_size=16, **OPTIONS)
    summary = batch.run()
    assert summary.errors == {"picture": 3, "internal": 1}
    assert undisturbed.keys() - outputs(tmp_path).keys() == {"s2/26.wav"}


@pytest.mark.filterwarnings("ignore")
def test_a_lost_scheduler_is_an_error_that_says_how_to_go_on(pictures, undisturbed, tmp_path):
    pytest.importorskip("distributed")
    script = (
        "import distributed, time, sys\n"
        "if __name__ == '__main__':\n"
        "    c = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)\n"
        "    print(c.scheduler_address, flush=True)\n"
        "    time.sleep(100)\n"
    )
    (tmp_path / "cluster.py").write_text(script)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "cluster.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    out = tmp_path / "out"
    try:
        address = process.stdout.readline().strip()
        batch = decode_files([pictures], out, engine="dask", scheduler=address, shard_size=1, **OPTIONS)
        records = iter(batch)
        assert next(records)["type"] == "done"
        os.killpg(process.pid, signal.SIGKILL)
        with pytest.raises(FastspecError, match="--resume"):
            list(records)
        assert batch.summary.outcome == "lost"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    decode_files([pictures], out, resume=True, **OPTIONS).run()
    assert outputs(out) == undisturbed
