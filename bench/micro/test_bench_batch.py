"""A batch beside the engine alone: the same pictures, threads and options, with and without files and ledger.

`extra_info` holds `of_bare`: the share of the engine's bare speed that the batch reaches, by the clock and by processor
time (which other programs on the machine disturb less). FASTSPEC_BENCH_FILES sets the number of pictures.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastspec.batch import decode_files
from fastspec.decoder import Decoder
from fastspec.encoder import Encoder
from fastspec.picture import files as picture_files

FILES = int(os.environ.get("FASTSPEC_BENCH_FILES", "64"))
THREADS = 2
SR = 22050


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FILES pictures of two to three seconds of glides and noise."""
    place = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(3)
    encoder = Encoder(n_fft=1024, hop_length=256)
    kinds = []
    for k in range(16):
        t = np.arange(int(SR * (2 + k / 16))) / SR
        y = np.sin(2 * np.pi * (200 + 40 * k) * t + 6 * np.sin(3 * t)) + 0.05 * rng.standard_normal(t.size)
        kinds.append(picture_files.encode_bytes(encoder.encode(y.astype(np.float32), SR)))
    for k in range(FILES):
        (place / f"{k:06d}.png").write_bytes(kinds[k % len(kinds)])
    return place


def bare(decoder: Decoder, pictures: list[Any]) -> None:
    """The engine alone: pictures that were read before become sound, in as many threads as the batch has."""
    left = iter(pictures)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                picture = next(left, None)
            if picture is None:
                return
            decoder.decode(picture)

    with ThreadPoolExecutor(THREADS) as pool:
        for helper in [pool.submit(work) for _ in range(THREADS)]:
            helper.result()


def timed(call: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - processor


def test_batch_beside_the_bare_engine(benchmark: Any, folder: Path, tmp_path: Path) -> None:
    decoder = Decoder()
    pictures = [picture_files.read(path) for path in sorted(folder.iterdir())]
    bare(decoder, pictures[:16])
    number = iter(range(1000))

    def batch() -> None:
        assert decode_files([folder], tmp_path / str(next(number)), jobs=THREADS).run().done == FILES

    order = (bare, batch, batch, bare)
    times: dict[Any, list[tuple[float, float]]] = {bare: [], batch: []}
    for what in order:
        times[what].append(timed(batch if what is batch else lambda: bare(decoder, pictures)))
    benchmark.extra_info["of_bare"] = {
        name: round(min(t[k] for t in times[bare]) / min(t[k] for t in times[batch]), 3)
        for k, name in enumerate(("clock", "processor"))
    }
    benchmark.pedantic(batch, rounds=1)
    benchmark.extra_info["files_per_second"] = FILES / min(t[0] for t in times[batch])
