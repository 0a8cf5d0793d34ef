"""Many files: nothing lost, nothing partial, the same bytes whatever happens on the way."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fastspec import _files
from fastspec.batch import decode_files, encode_files, ledger, storage
from fastspec.cli import exit_codes
from fastspec.encoder import Encoder
from fastspec.errors import FastspecError, MissingExtraError, OutputError, ParameterError
from fastspec.picture import files as picture_files

FAST = {"n_iter": 2, "sr": 8000, "profile": "fastspec"}


def draw(path, seed=0, frames=12, n_fft=256):
    """A small picture of a noisy chirp that carries its calibration."""
    rng = np.random.default_rng(seed)
    n = (frames - 1) * n_fft // 4
    t = np.arange(n) / 8000
    y = (np.sin(2 * np.pi * (300 + 50 * seed) * t * (1 + t)) + 0.1 * rng.standard_normal(n)).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture_files.write(Encoder(n_fft=n_fft).encode(y, 8000), path)
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of 30 pictures of several sizes and two geometries, two of them unreadable."""
    folder = tmp_path_factory.mktemp("pictures")
    for k in range(28):
        draw(folder / f"d{k % 3}" / f"{k:02d}.png", k, frames=5 + 7 * (k % 5), n_fft=256 if k % 4 else 512)
    (folder / "d0" / "text.png").write_text("no picture")
    (folder / "empty.png").touch()
    return folder


def outputs(folder):
    """Name -> bytes of every file below a folder but the ledger's own; no leftovers may be there."""
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert not [name for name in found if name.endswith(".part")]
    return {name: data for name, data in found.items() if "fastspec-ledger" not in name}


def records(folder):
    """Terminal records of a ledger."""
    return [r for r in ledger.read(str(folder)) if r["type"] in ledger.TERMINAL]


@pytest.fixture(scope="session")
def undisturbed(pictures, tmp_path_factory):
    """The outputs of a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    summary = decode_files([pictures], folder, jobs=1, **FAST).run()
    assert (summary.inputs, summary.done, summary.failed) == (30, 28, 2)
    return outputs(folder)


def test_every_input_is_one_record_with_what_a_reader_needs(pictures, tmp_path):
    batch = decode_files([pictures], tmp_path / "out", jobs=2, **FAST)
    yielded = list(batch)
    assert len(yielded) == len(records(tmp_path / "out")) == batch.summary.inputs == 30
    assert len({r["input"] for r in yielded}) == 30
    done = next(r for r in yielded if r["type"] == "done")
    data = (tmp_path / "out" / done["output"]).read_bytes()
    assert storage.checksum(str(tmp_path / "out" / done["output"])) == (done["size"], done["sha256"])
    assert len(data) == done["size"]
    assert done["facts"]["sr"] == [8000, "given"]
    assert done["facts"]["n_fft"][1] == "embedded"
    assert done["seconds"] > 0
    failed = [r for r in yielded if r["type"] == "failed"]
    assert {r["code"] for r in failed} == {"picture"}
    assert all(r["message"] and Path(r["input"]).name in r["message"] for r in failed)
    assert batch.summary.errors == {"picture": 2}


@pytest.mark.parametrize("how", [{"jobs": 2}, {"jobs": 3, "shard_size": 1}, {"jobs": 1, "shard_size": 100}])
def test_outputs_do_not_depend_on_jobs_and_shards(pictures, undisturbed, tmp_path, how):
    decode_files([pictures], tmp_path / "out", **how, **FAST).run()
    assert outputs(tmp_path / "out") == undisturbed


def test_an_interrupted_batch_resumes_to_identical_outputs(pictures, undisturbed, tmp_path):
    out = tmp_path / "out"
    batch = decode_files([pictures], out, jobs=1, shard_size=1, **FAST)
    for number, _ in enumerate(batch):
        if number == 5:
            batch.interrupt()
    assert batch.summary.outcome == "interrupted"
    assert 6 <= len(records(out)) < 30
    assert batch.summary.open == 30 - len(records(out))
    again = decode_files([pictures], out, jobs=2, resume=True, **FAST).run()
    assert (again.done, again.failed, again.outcome) == (28, 2, "complete")
    assert again.kept >= 4
    assert outputs(out) == undisturbed
    assert len(records(out)) == 30


def test_resume_mends_outputs_that_were_touched_and_inputs_that_changed(tmp_path):
    for k in range(3):
        draw(tmp_path / "in" / f"{k}.png", k)
    out = tmp_path / "out"
    decode_files([tmp_path / "in"], out, **FAST).run()
    whole = outputs(out)
    (out / "0.wav").unlink()
    (out / "1.wav").write_bytes(whole["1.wav"][:-2] + b"xx")
    assert decode_files([tmp_path / "in"], out, resume=True, **FAST).run().kept == 1
    assert outputs(out) == whole
    draw(tmp_path / "in" / "2.png", 9)
    assert decode_files([tmp_path / "in"], out, resume=True, **FAST).run().kept == 2
    assert outputs(out)["2.wav"] != whole["2.wav"]


def test_resume_with_another_configuration_is_refused_with_the_difference(pictures, tmp_path):
    source = pictures / "d0" / "00.png"
    decode_files([source], tmp_path, **FAST).run()
    before = outputs(tmp_path)
    for options in ({"resume": True}, {"retry_failed": True}, {}):
        with pytest.raises(ParameterError, match="n_iter was 2, is 3; sr was 8000, is not set"):
            decode_files([source], tmp_path, n_iter=3, profile="fastspec", **options).run()
    assert outputs(tmp_path) == before
    summary = decode_files([source], tmp_path, n_iter=3, profile="fastspec", overwrite=True).run()
    assert summary.done == 1
    assert decode_files([source], tmp_path, n_iter=3, profile="fastspec", resume=True).run().kept == 1


def test_existing_outputs_and_clashes_are_refused_before_anything_starts(pictures, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "00.wav").write_bytes(b"precious")
    for options in ({}, {"resume": True}):  # there is no ledger that says who wrote it
        with pytest.raises(OutputError, match=r"00\.wav already exists"):
            decode_files([pictures / "d0" / "00.png"], tmp_path / "out", **options, **FAST).run()
    assert outputs(tmp_path / "out") == {"00.wav": b"precious"}
    draw(tmp_path / "a" / "x.png")
    draw(tmp_path / "b" / "x.png")
    with pytest.raises(ParameterError, match="would both become"):
        decode_files([tmp_path / "a", tmp_path / "b"], tmp_path / "both", **FAST).run()
    with pytest.raises(ParameterError, match="nothing to do"):
        decode_files([], tmp_path / "both", **FAST).run()
    assert not (tmp_path / "both").exists()
    with pytest.raises(ParameterError, match="replace an input"):
        encode_files([tmp_path / "a" / "x.png"], tmp_path / "a", n_fft=256).run()


def test_failures_stay_until_they_are_retried(tmp_path):
    draw(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "bad.png").write_text("later a picture")
    out = tmp_path / "out"
    assert decode_files([tmp_path / "in"], out, **FAST).run().failed == 1
    draw(tmp_path / "in" / "bad.png")
    assert decode_files([tmp_path / "in"], out, resume=True, **FAST).run().failed == 1
    summary = decode_files([tmp_path / "in"], out, retry_failed=True, **FAST).run()
    assert (summary.done, summary.kept, summary.failed) == (2, 1, 0)


def test_on_error_stop_records_the_rest_as_skipped_and_resume_does_them(pictures, undisturbed, tmp_path):
    out = tmp_path / "out"
    summary = decode_files([pictures], out, jobs=1, shard_size=1, on_error="stop", **FAST).run()
    assert summary.outcome == "stopped"
    assert summary.failed >= 1
    assert summary.skipped > 10
    assert summary.done + summary.failed + summary.skipped == summary.inputs == len(records(out))
    assert {r["reason"] for r in records(out) if r["type"] == "skipped"} == {"stopped after a failure"}
    assert decode_files([pictures], out, resume=True, **FAST).run().skipped == 0
    assert outputs(out) == undisturbed


@pytest.mark.parametrize("error", [RuntimeError("a bug"), MemoryError(), ZeroDivisionError("x")])
def test_unexpected_errors_are_records_too(pictures, undisturbed, tmp_path, monkeypatch, error):
    from fastspec.decoder import Decoder

    read = Decoder.read

    def sometimes(self, source):
        if str(source).endswith(("05.png", "11.png")):
            raise error
        return read(self, source)

    monkeypatch.setattr(Decoder, "read", sometimes)
    summary = decode_files([pictures], tmp_path, jobs=2, **FAST).run()
    assert summary.errors == {"internal": 2, "picture": 2}
    missing = undisturbed.keys() - outputs(tmp_path).keys()
    assert {Path(name).stem for name in missing} == {"05", "11"}
    assert any(type(error).__name__ in r.get("message", "") for r in records(tmp_path))


def test_one_picture_that_breaks_its_ragged_batch_does_not_hurt_the_others(
    pictures, undisturbed, tmp_path, monkeypatch
):
    from fastspec.decoder import Decoder

    single = Decoder.waveforms

    def fragile(self, read):
        if any(d.magnitude.shape[0] == 5 for d in read):
            raise RuntimeError("five frames")
        return single(self, read)

    monkeypatch.setattr(Decoder, "waveforms", fragile)
    summary = decode_files([pictures], tmp_path, jobs=1, **FAST).run()
    assert summary.errors["internal"] == 6
    done = outputs(tmp_path)
    assert len(done) == 22
    assert all(undisturbed[name] == data for name, data in done.items())


class Disk:
    """Lets the n-th call of the functions that write fail with an error, from then on or once."""

    def __init__(self, monkeypatch, number, at, *, forever):
        self.number, self.at, self.forever, self.calls = number, at, forever, 0
        self.lock = threading.Lock()
        for module, name in ((os, "write"), (os, "fsync"), (os, "replace")):
            monkeypatch.setattr(module, name, self._faulty(getattr(module, name)))
        original = _files.write_whole

        def whole(path, fill):
            def faulty_fill(out):
                self._count()
                return fill(out)

            return original(path, faulty_fill)

        monkeypatch.setattr(storage, "write_whole", whole)

    def _count(self):
        with self.lock:
            self.calls += 1
            if self.calls == self.at or (self.forever and self.calls > self.at):
                raise OSError(self.number, os.strerror(self.number))

    def _faulty(self, function):
        def call(*arguments, **options):
            self._count()
            return function(*arguments, **options)

        return call


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("forever", [False, True])
def test_faults_at_every_write_lose_nothing(tmp_path, monkeypatch, number, forever):
    for k in range(3):
        draw(tmp_path / "in" / f"{k}.png", k, frames=4)
    decode_files([tmp_path / "in"], tmp_path / "right", **FAST).run()
    right = outputs(tmp_path / "right")
    for at in range(1, 200):
        out = tmp_path / f"{at}"
        with monkeypatch.context() as patch:
            disk = Disk(patch, number, at, forever=forever)
            try:
                summary = decode_files([tmp_path / "in"], out, jobs=1, **FAST).run()
                assert summary.done + summary.failed == 3
                assert summary.errors.keys() <= {"output"}
            except OutputError as error:
                assert "ledger" in str(error) or str(out) in str(error)  # noqa: PT017
        calls = disk.calls
        left = outputs(out)
        assert all(right[name] == data for name, data in left.items())
        done = [r for r in records(out) if r["type"] == "done"]
        assert {r["output"] for r in done} <= left.keys()
        again = decode_files([tmp_path / "in"], out, jobs=1, retry_failed=True, **FAST)
        try:
            again.run()
        except OutputError as error:  # killed before its first record: nobody knows whose the outputs are
            pytest.fail(f"after fault {at}: {error}")
        assert outputs(out) == right
        if calls < at:
            break
    assert at > 12


def test_two_processes_cannot_share_an_output_folder(pictures, tmp_path):
    with ledger.Ledger(str(tmp_path)), pytest.raises(OutputError, match="another fastspec"):
        decode_files([pictures], tmp_path, **FAST).run()
    decode_files([pictures / "d0" / "00.png"], tmp_path, **FAST).run()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the resident size from Linux's /proc")
def test_memory_does_not_grow_with_the_number_of_inputs(tmp_path):
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    picture = draw(tmp_path / "one.png", frames=2, n_fft=64)
    for k in range(2100):
        os.link(picture, tmp_path / f"{k}.png")
    batch = decode_files([tmp_path / "*.png"], tmp_path / "out", jobs=2, n_iter=1)
    after = [resident() for number, _ in enumerate(batch) if number in (600, 2090)]
    assert batch.summary.done == 2101
    assert after[1] < after[0] + (8 << 20)


# --- the command line ---------------------------------------------------------------------------------------


OPTIONS = ("--n-iter", 2, "--sr", 8000, "--profile", "fastspec")


def test_the_command_tells_exit_codes_report_and_json(run, pictures, undisturbed, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report.json"
    code, text, err = run("decode", pictures, "--out-dir", out, "--dry-run", *OPTIONS)
    assert (code, len(text.splitlines())) == (0, 30)
    assert not out.exists()
    code, text, err = run("decode", pictures, "--out-dir", out, "--jobs", 2, "--report", report, *OPTIONS)
    assert code == exit_codes.PARTIAL
    assert len(text.splitlines()) == 28
    assert "28 of 30 done, 2 failed" in err
    assert "files/s" in err
    assert "errors: picture 2" in err
    assert outputs(out) == undisturbed
    told = json.loads(report.read_text())
    assert (told["inputs"], told["done"], told["failed"], told["outcome"]) == (30, 28, 2, "complete")
    assert told["slowest_stage"] in told["stages"]
    code, text, err = run("decode", pictures, "--out-dir", out, "--resume", "--log-json", *OPTIONS)
    assert code == exit_codes.PARTIAL
    assert [json.loads(line)["type"] for line in text.splitlines()] == ["done"] * 28
    assert json.loads(err.splitlines()[-2])["kept"] == 28
    assert run("decode", pictures / "d1", "--out-dir", tmp_path / "d1", *OPTIONS)[0] == 0
    assert run("decode", pictures, "--out-dir", out, "--resume", *OPTIONS[2:])[0] == exit_codes.USAGE
    assert run("decode", pictures / "d1" / "01.png", "-o", tmp_path / "x.wav", "--resume")[0] == exit_codes.USAGE


def test_sounds_are_drawn_in_batches_too(run, speech, tmp_path):
    for k in range(3):
        soundfile.write(tmp_path / f"{k}.wav", speech[0][k * 4000 : (k + 1) * 4000], speech[1])
    code, text, _ = run("encode", tmp_path, "--out-dir", tmp_path / "out", "--n-fft", 512)
    assert code == 0
    assert len(text.splitlines()) == 3
    assert run("decode", tmp_path / "out", "--out-dir", tmp_path / "back", "--n-iter", 2)[0] == 0


# --- remote storage -----------------------------------------------------------------------------------------


def test_remote_folders_give_the_same_bytes_and_resume(pictures, undisturbed):
    fsspec = pytest.importorskip("fsspec")
    fs = fsspec.filesystem("memory")
    fs.put(str(pictures), "/in", recursive=True)
    batch = decode_files(["memory://in"], "memory://out", jobs=2, shard_size=2, **FAST)
    for number, _ in enumerate(batch):
        if number == 8:
            batch.interrupt()
    assert batch.summary.outcome == "interrupted"
    again = decode_files(["memory://in"], "memory://out", jobs=2, resume=True, **FAST).run()
    assert again.kept >= 6
    found = {p.removeprefix("/out/"): fs.cat_file(p) for p in fs.find("/out")}
    assert {n: d for n, d in found.items() if "ledger" not in n} == undisturbed
    assert len(records("memory://out")) == 30
    with pytest.raises(OutputError, match="already exists"):
        decode_files(["memory://in"], "memory://out", **FAST).run()


def test_a_missing_extra_is_named(pictures, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"fastspec-audio\[remote\]"):
        decode_files(["s3://bucket/in"], tmp_path / "out", **FAST).run()
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"fastspec-audio\[dask\]"):
        decode_files([pictures], tmp_path / "out", engine="dask", **FAST).run()
    assert issubclass(MissingExtraError, FastspecError)
