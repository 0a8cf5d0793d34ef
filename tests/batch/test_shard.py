"""The unit of work: every task is one record, in any trouble, and outputs do not depend on it."""

from __future__ import annotations

import hashlib
import os
import pickle
import tracemalloc

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec.batch import Shard, Task, decode_config, run_shard, shard, storage
from fastspec.batch.config import encode_config
from fastspec.errors import OutputError
from fastspec.picture import files as picture_files

CONFIG = decode_config(n_iter=1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of three pictures and a file that is none."""
    folder = tmp_path_factory.mktemp("pictures")
    noise = np.random.default_rng(3).standard_normal(3000).astype(np.float32)
    for name, length in (("a", 1000), ("b", 3000), ("c", 1000)):
        picture_files.write(fastspec.encode(noise[:length], 8000, n_fft=256), folder / f"{name}.png")
    (folder / "bad.png").write_text("no picture")
    return str(folder)


def shard_of(pictures, out, *names, **more):
    return Shard(0, str(out), pictures, tuple(Task(f"{name}.png", f"{name}.wav", **more) for name in names))


def by_name(report):
    return {record["output"]: record for record in report.records}


def test_it_is_pure_and_picklable(pictures, tmp_path):
    made = pickle.loads(pickle.dumps(shard_of(pictures, tmp_path, "a")))
    told = pickle.loads(pickle.dumps(CONFIG))
    first, second = run_shard(made, told), run_shard(made, told)
    assert first.records == second.records
    assert pickle.loads(pickle.dumps(first)).records == first.records


def test_every_task_is_one_record_and_the_bad_ones_hurt_nobody(pictures, tmp_path):
    records = by_name(run_shard(shard_of(pictures, tmp_path, "a", "bad", "b", "gone", "c"), CONFIG))
    assert {name: record["type"] for name, record in records.items()} == {
        "a.wav": "done", "b.wav": "done", "c.wav": "done", "bad.wav": "failed", "gone.wav": "failed",
    }  # fmt: skip
    assert {records[name]["code"] for name in ("bad.wav", "gone.wav")} == {"picture"}
    for name in ("a.wav", "b.wav"):
        data = (tmp_path / name).read_bytes()
        assert (records[name]["size"], records[name]["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert records[name]["seconds"] == pytest.approx(soundfile.info(tmp_path / name).duration, abs=1e-3)
        assert records[name]["facts"]["sr"] == [8000, "embedded"]
    assert sorted(os.listdir(tmp_path)) == ["a.wav", "b.wav", "c.wav"]


def test_a_done_output_is_kept_if_it_is_the_same_and_made_again_if_not(pictures, tmp_path):
    made = by_name(run_shard(shard_of(pictures, tmp_path, "a"), CONFIG))["a.wav"]
    again = shard_of(pictures, tmp_path, "a", size=made["size"], sha256=made["sha256"])
    (record,) = run_shard(again, CONFIG).records
    assert record == {"type": "done", "input": "a.png", "output": "a.wav", "kept": True}
    before = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(b"touched")
    (record,) = run_shard(again, CONFIG).records
    assert "kept" not in record
    assert (tmp_path / "a.wav").read_bytes() == before


@pytest.mark.parametrize("ending", ["written", "failed"])
def test_pixels_and_sounds_are_let_go_as_soon_as_they_are_used(tmp_path, monkeypatch, ending):
    pixels = np.zeros((2000, 1500), np.uint8)  # 3 MB each; all shards' pixels at once would be 24 MB
    pixels[::3] = 200
    Image.fromarray(pixels).save(tmp_path / "one.png")
    if ending == "failed":
        monkeypatch.setattr(shard, "_put", lambda *_: 1 / 0)
    config = decode_config(n_iter=0, force=True, sr=8000, freq_scale="linear", cmap="gray", n_fft=256, n_frames=1500)

    def peak(count):
        tasks = tuple(Task("one.png", f"{number}.wav") for number in range(count))
        tracemalloc.start()
        try:
            report = run_shard(Shard(0, str(tmp_path / "out"), str(tmp_path), tasks), config)
            return tracemalloc.get_traced_memory()[1], [record["type"] for record in report.records]
        finally:
            tracemalloc.stop()

    peak(1)  # imports
    alone, (kind,) = peak(1)
    together, kinds = peak(8)
    assert kinds == [kind] * 8 == ["done" if ending == "written" else "failed"] * 8
    waiting = 8 * (1500 * 129 * 4 + 3 * 1500 * 64 * 4)  # magnitudes, and their sounds while all are retrieved
    assert together < alone + waiting + 2 * pixels.nbytes


def test_a_batch_that_fails_together_is_tried_one_by_one(pictures, tmp_path, monkeypatch):
    right = fastspec.Decoder.waveforms

    def waveforms(self, several, *more):
        if any(decoded.magnitude.shape[0] > 40 for decoded in several):
            raise ZeroDivisionError("planted")
        return right(self, several, *more)

    monkeypatch.setattr(fastspec.Decoder, "waveforms", waveforms)
    records = by_name(run_shard(shard_of(pictures, tmp_path, "a", "b", "c"), CONFIG))
    assert {name: record["type"] for name, record in records.items()} == {
        "a.wav": "done", "b.wav": "failed", "c.wav": "done",
    }  # fmt: skip
    assert records["b.wav"]["code"] == "internal"
    assert records["b.wav"]["message"] == "ZeroDivisionError: planted"


def test_names_that_are_not_durable_are_no_done_records(pictures, tmp_path, monkeypatch):
    made = by_name(run_shard(shard_of(pictures, tmp_path, "a"), CONFIG))["a.wav"]

    def fails(folder):
        raise OutputError("planted")

    monkeypatch.setattr(storage, "sync_folder", fails)
    kept = Task("a.png", "a.wav", made["size"], made["sha256"])
    tasks = (kept, Task("b.png", "b.wav"))
    records = by_name(run_shard(Shard(0, str(tmp_path), pictures, tasks), CONFIG))
    assert records["a.wav"]["kept"]  # an earlier run has seen to it
    assert (records["b.wav"]["type"], records["b.wav"]["code"]) == ("failed", "output")


def test_a_worker_of_another_version_does_nothing(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(shard, "__version__", "0.0.1")
    (record,) = run_shard(shard_of(pictures, tmp_path, "a"), CONFIG).records
    assert record["type"] == "failed"
    assert "0.0.1" in record["message"]
    assert os.listdir(tmp_path) == []


def test_small_chunks_give_the_same_outputs(pictures, tmp_path, monkeypatch):
    run_shard(shard_of(pictures, tmp_path / "one", "a", "b", "c"), CONFIG)
    monkeypatch.setattr(shard, "CHUNK_FILES", 1)
    run_shard(shard_of(pictures, tmp_path / "two", "a", "b", "c"), CONFIG)
    for name in ("a.wav", "b.wav", "c.wav"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_sounds_become_pictures(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.sin(np.arange(4000) * 0.3), 8000)
    made = Shard(0, str(tmp_path / "out"), str(tmp_path), (Task("a.wav", "a.png"), Task("gone.wav", "gone.png")))
    records = by_name(run_shard(made, encode_config(n_fft=256)))
    assert records["a.png"]["pixels"] == [63, 129]
    assert records["a.png"]["seconds"] == 0.5
    assert records["gone.png"]["code"] == "audio"
