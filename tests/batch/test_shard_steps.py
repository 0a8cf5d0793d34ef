"""What a shard does to one input after another: verified, read with what lies beside it, converted, told."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import fastspec
from fastspec.batch import config as configs
from fastspec.batch import decode_config, encode_config, plans, shard, storage
from fastspec.batch.shard import Report, Shard, Task, _Read
from fastspec.calibration import trust
from fastspec.calibration.calibration import Calibration
from fastspec.detect import evidence
from fastspec.errors import OutputError
from fastspec.picture import sidecar

CONFIG = decode_config(n_iter=0)
CAL = Calibration.of("given", sr=8000)


class Nobody:
    """Writers of whom nothing is asked."""

    def submit(self, *asked):
        raise AssertionError(asked)


def read_of(monkeypatch, task, *, folder="out", base="base", config=CONFIG):
    """What `_read` is asked for a task, its item, and the report."""
    asked = []

    def read(*given):
        asked.append(given)
        return SimpleNamespace()

    monkeypatch.setattr(shard, "_read", read)
    monkeypatch.setattr(shard, "_weight", lambda _: 0)
    report = Report(0)
    chunks = list(shard._chunks(Shard(0, folder, base, (task,)), config, report, Nobody()))
    return asked, chunks, report


def test_a_worker_of_another_release_converts_nothing(monkeypatch):
    monkeypatch.setattr(shard, "__version__", "9.9")
    monkeypatch.setattr(shard, "_chunks", None)
    report = shard.run_shard(Shard(5, "out", "", (Task("a.png", "a.wav"), Task("b.png", "b.wav"))), CONFIG)
    said = f"this worker has fastspec 9.9, not {fastspec.__version__}; install the same everywhere"
    told = {"type": "failed", "code": "fastspec", "message": said}
    assert [{**r, "code": "fastspec"} for r in report.records] == [
        {**told, "input": f"{name}.png", "output": f"{name}.wav"} for name in "ab"
    ]
    assert report.number == 5


@pytest.mark.parametrize(("size", "digest", "kept"), [(3, True, True), (4, True, False), (3, False, False)])
def test_an_output_is_kept_where_size_and_checksum_are_those_of_the_ledger(monkeypatch, tmp_path, size, digest, kept):
    (tmp_path / "a.wav").write_bytes(b"abc")
    sha256 = hashlib.sha256(b"abc" if digest else b"abd").hexdigest()
    asked, chunks, report = read_of(monkeypatch, Task("a.png", "a.wav", size, sha256), folder=str(tmp_path))
    assert report.records == ([{"type": "done", "input": "a.png", "output": "a.wav", "kept": True}] if kept else [])
    assert len(asked) == (not kept)
    assert [len(chunk) for chunk in chunks] == ([] if kept else [1])
    assert report.seconds["verify"] > 0
    assert (report.seconds["read"] > 0) is not kept


def test_what_was_never_done_is_not_verified(monkeypatch, tmp_path):
    _, _, report = read_of(monkeypatch, Task("a.png", "a.wav"), folder=str(tmp_path))
    assert report.seconds["verify"] == 0
    assert 0 < report.seconds["read"] < 60


def test_an_input_is_read_and_stamped_where_it_lies(monkeypatch, tmp_path):
    (tmp_path / "a.png").write_bytes(b"abcd")
    asked, ((item,),), _ = read_of(monkeypatch, Task("a.png", "a.wav", facts='{"sr": 1}'), base=str(tmp_path))
    assert asked == [(str(tmp_path / "a.png"), CONFIG, '{"sr": 1}', None)]
    stamp = (4, os.stat(tmp_path / "a.png").st_mtime_ns)
    assert item.record == {"type": "done", "input": "a.png", "output": "a.wav", "stamp": stamp}


@pytest.mark.parametrize("there", [False, True])
def test_what_lies_beside_an_input_is_stamped_under_the_inputs_name(monkeypatch, tmp_path, there):
    (tmp_path / "a.png").write_bytes(b"abcd")
    if there:
        (tmp_path / os.path.basename(sidecar.path_of("a.png"))).write_bytes(b"{}")
    _, ((item,),), _ = read_of(monkeypatch, Task("a.png", "a.wav"), base=str(tmp_path))
    found = item.record.get("beside")
    assert (found is not None) is there
    if there:
        (name,) = found
        assert (name, found[name][0]) == (sidecar.path_of("a.png"), 2)
    for other in (encode_config(), None):
        config, source = other or CONFIG, "a.png" if other else "memory://x/a.png"
        assert shard._beside(source, str(tmp_path / "a.png"), config, None) == {}


def test_an_original_is_stamped_too(monkeypatch, tmp_path):
    original = str(tmp_path / "a.wav")
    assert shard._beside("a.png", str(tmp_path / "a.png"), CONFIG, original) == {original: None}
    (tmp_path / "a.wav").write_bytes(b"12345")
    assert shard._beside("a.png", str(tmp_path / "a.png"), CONFIG, original)[original][0] == 5


def test_the_original_of_an_input_is_that_of_its_stem(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    config = decode_config(originals=tmp_path)
    assert shard._original_of("in/a.png", config) == str(tmp_path / "a.wav")
    assert shard._original_of("in/a.png", CONFIG) is None


def test_who_reads_what(monkeypatch, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"")
    asked = []

    class Reader:
        def read(self, source):
            asked.append(("read", source))
            return SimpleNamespace(spectrum="spectrum")

        def retouch(self, source, original, *, trust):
            asked.append(("retouch", source, original, trust))
            return "retouched"

    def reader(config, facts):
        asked.append(facts)
        return Reader()

    monkeypatch.setattr(shard, "reader", reader)
    assert shard._read("a.png", CONFIG, "facts", None) == "spectrum"
    assert shard._read("a.png", decode_config(originals=tmp_path, trust=3), None, "a.wav") == "retouched"
    assert asked == ["facts", ("read", "a.png"), None, ("retouch", "a.png", "a.wav", 3.0)]


def test_a_files_own_facts_make_a_reader_of_its_own():
    assert configs.reader(CONFIG, None) is configs.converter(CONFIG)
    assert configs.reader(CONFIG, '{"sr": 7000}').given["sr"] == 7000


class Tool:
    """A decoder that makes waveforms of what is no error."""

    def waveforms(self, several):
        if any(each.fails for each in several):
            raise ValueError("of all")
        return [np.full(800, 7, np.float32) for _ in several]

    def waveform(self, one):
        if one.fails:
            raise ValueError("of one")
        return np.full(400, 5, np.float32)


def spectrum(fails=False, cal=CAL):
    return SimpleNamespace(fails=fails, calibration=cal, magnitude=np.zeros((3, 5), np.float32))


@pytest.mark.parametrize("blamed", [(), (1,), (0, 1, 2)])
def test_who_cannot_be_converted_does_not_hinder_the_others(monkeypatch, blamed):
    monkeypatch.setattr(shard, "converter", lambda _: Tool())
    chunk = [_Read(Task(f"{k}", f"{k}"), {}, spectrum(k in blamed)) for k in range(3)]
    report = Report(0)
    found = list(shard._converted(chunk, CONFIG, report))
    assert [item.task.source for item, _ in found] == ["0", "1", "2"]
    for k, (item, result) in enumerate(found):
        if k in blamed:
            assert (str(result), item.record) == ("of one", {})
        else:
            assert item.record["seconds"] == (0.05 if blamed else 0.1)
            assert "plans" not in item.record  # nothing says the size of a transform
        assert item.decoded is CAL
    assert 0 < report.seconds["retrieve"] < 60


@pytest.mark.parametrize("retouched", [False, True])
def test_a_record_tells_how_its_sound_was_made(monkeypatch, tmp_path, retouched):
    (tmp_path / "a.wav").write_bytes(b"")
    monkeypatch.setattr(plans, "of", lambda n_fft, transformed: f"{n_fft}:{transformed}")
    monkeypatch.setattr(shard, "converter", lambda _: Tool())
    decoded = spectrum(cal=CAL.updated("given", n_fft=64, n_frames=11))
    if retouched:
        vars(decoded).update(wave=np.zeros(80, np.float32), sr=8000, subtype="PCM_24", summary={"edits": 3})
    item = _Read(Task("a", "a"), {}, decoded)
    config = decode_config(originals=tmp_path) if retouched else CONFIG
    ((_, result),) = shard._converted([item], config, Report(0))
    assert len(result) == (80 if retouched else 800)
    assert item.record["plans"] == f"64:{retouched}"
    assert item.record.get("retouched") == ({"subtype": "PCM_24", "edits": 3} if retouched else None)


def test_what_is_hardly_known_doubtful_and_seen_is_told(monkeypatch):
    cal = CAL.updated("assumed", duration=1.0)
    for module, name, value in (
        (trust, "unsure", ["sr", "duration"]), (trust, "doubts", ("duration",)), (evidence, "seen_of", ["alike"]),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, lambda _, value=value: value)
    item = _Read(Task("a", "a"), {}, spectrum(cal=cal))
    shard._describe(item, np.zeros(800))
    assert (item.record["unsure"], item.record["doubtful"], item.record["seen"]) == (["sr"], ["duration"], ["alike"])
    for module, name in ((trust, "unsure"), (trust, "doubts"), (evidence, "seen_of")):
        monkeypatch.setattr(module, name, lambda _: [])
    item.record.clear()
    shard._describe(item, np.zeros(800))
    assert not {"unsure", "doubtful", "seen"} & item.record.keys()


@pytest.mark.parametrize("fails", [False, True])
def test_names_that_are_not_durable_are_no_done_records(monkeypatch, tmp_path, fails):
    asked = []

    def sync(paths, root):
        asked.append((list(paths), root))
        if fails:
            raise OutputError("no room")

    monkeypatch.setattr(storage, "sync_folders", sync)
    items = [
        _Read(Task(f"{k}", f"{k}.wav"), {"type": "done", "input": f"{k}", "output": f"{k}.wav"}, None) for k in (0, 1)
    ]
    monkeypatch.setattr(shard, "_chunks", lambda *_: iter([items]))
    results = [np.zeros(9, np.float32), ValueError("wrong")]
    monkeypatch.setattr(shard, "_converted", lambda chunk, *_: zip(chunk, results, strict=True))
    monkeypatch.setattr(shard, "_put", lambda *_: 0.25)
    report = shard.run_shard(Shard(0, str(tmp_path), "", (items[0].task, items[1].task)), CONFIG)
    assert asked == [([str(tmp_path / "0.wav")], str(tmp_path))]
    kinds = {record["input"]: (record["type"], record.get("message")) for record in report.records}
    assert kinds == {"0": ("failed", "no room") if fails else ("done", None), "1": ("failed", "ValueError: wrong")}
    assert items == []  # what was read is let go


def test_where_nothing_was_written_nothing_is_synced(monkeypatch):
    monkeypatch.setattr(shard, "_chunks", lambda *_: iter([]))
    monkeypatch.setattr(storage, "sync_folders", None)
    assert shard.run_shard(Shard(3, "out", "", ()), CONFIG) == Report(3)


@pytest.mark.parametrize("normalize", [True, False])
def test_a_sound_is_written_as_the_configuration_says(monkeypatch, tmp_path, normalize):
    from fastspec.sound import files as sound_files

    asked = []

    def write(memory, wave, sr, **how):
        asked.append((wave, sr, how))
        memory.write(b"sound")
        return 0.5

    monkeypatch.setattr(sound_files, "write", write)
    config = decode_config(normalize=normalize, audio_format="FLAC", subtype="PCM_24")
    item = _Read(Task("a.png", "a.flac"), {"sr": 8000}, None)
    wave, target = np.zeros(9, np.float32), str(tmp_path / "sub" / "a.flac")
    seconds = shard._put(target, wave, item, config, Shard(0, str(tmp_path), "", ()))
    assert asked == [(wave, 8000, {"format": "FLAC", "subtype": "PCM_24", "normalize": normalize})]
    assert item.record == {"sr": 8000, "gain": 0.5, "size": 5, "sha256": hashlib.sha256(b"sound").hexdigest()}
    assert (tmp_path / "sub" / "a.flac").read_bytes() == b"sound"
    assert 0 < seconds < 60


@pytest.mark.parametrize("kind", ["decode", "encode"])
def test_what_is_written_is_written_below_the_place_of_the_batch(monkeypatch, tmp_path, kind):
    below = []
    monkeypatch.setattr(storage, "write", lambda path, data, place: below.append(place))
    place = SimpleNamespace()
    there = replace(Shard(0, str(tmp_path), "", ()), place=place)
    if kind == "decode":
        shard._put("a.wav", np.zeros(9, np.float32), _Read(Task("a", "a"), {"sr": 8000}, None), CONFIG, there)
    else:
        picture = fastspec.encode(np.sin(np.arange(1000) * 0.3), 8000, n_fft=64)
        shard._put("a.png", picture, _Read(Task("a", "a"), {}, None), encode_config(n_fft=64, sidecar=True), there)
    assert below == [place] * (1 if kind == "decode" else 2)


def test_pictures_are_written_in_their_format_and_quality(monkeypatch, tmp_path):
    from fastspec.picture import files as picture_files

    asked = []

    def encode_bytes(*given):
        asked.append(given)
        return b"picture"

    monkeypatch.setattr(picture_files, "encode_bytes", encode_bytes)
    picture = SimpleNamespace()
    config = encode_config(picture_format="jpg", jpeg_quality=7)
    shard._put(
        str(tmp_path / "a.jpg"), picture, _Read(Task("a", "a"), {}, None), config, Shard(0, str(tmp_path), "", ())
    )
    assert asked == [(picture, "JPEG", 7)]
    assert json.loads(config.writing) == {"format": "JPEG", "quality": 7}
