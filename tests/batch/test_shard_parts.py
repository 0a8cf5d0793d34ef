"""Parts of a shard by themselves: how much is held at a time, what a record tells, and how outputs are written."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

import fastspec
from fastspec.batch import decode_config, encode_config, plans, shard, storage
from fastspec.batch.shard import Report, Shard, Task, _Read
from fastspec.calibration.calibration import Calibration
from fastspec.errors import OutputError, PictureError
from fastspec.picture import sidecar
from fastspec.retouch import writing
from fastspec.sound import files as sound_files

CONFIG = decode_config(n_iter=0)
CLIPPED = "3 edited samples exceed full scale and are clipped; --subtype FLOAT keeps them"


def tasks(count, first="{}.png"):
    return tuple(Task(first.format(k), f"{k}.wav") for k in range(count))


class Writers:
    """Does at once what it is given, and notes it."""

    def __init__(self):
        self.asked = []

    def submit(self, work, *arguments):
        self.asked.append(arguments)
        return SimpleNamespace(result=lambda: work(*arguments))


def chunks(monkeypatch, given, sizes, *, files=32, room=1000):
    """Sizes of the chunks that tasks of so many bytes come in, and what else was noted."""
    monkeypatch.setattr(shard, "CHUNK_FILES", files)
    monkeypatch.setattr(shard, "CHUNK_BYTES", room)
    weights = iter(sizes)
    monkeypatch.setattr(shard, "_read", lambda source, *_: SimpleNamespace(source=source))
    monkeypatch.setattr(shard, "_weight", lambda _: next(weights))
    report, writers = Report(0), Writers()
    found = [len(chunk) for chunk in shard._chunks(Shard(0, "out", "base", given), CONFIG, report, writers)]
    return found, report, writers


@pytest.mark.parametrize(
    ("sizes", "files", "room", "found"),
    [
        ([1] * 7, 3, 1000, [3, 3, 1]),
        ([1] * 6, 3, 1000, [3, 3]),
        ([400, 600, 999, 1, 1], 32, 1000, [2, 2, 1]),  # just the room is enough
        ([1000, 2000, 5], 32, 1000, [1, 1, 1]),
        ([], 3, 1000, []),
    ],
)
def test_so_many_files_and_bytes_are_read_ahead(monkeypatch, sizes, files, room, found):
    assert chunks(monkeypatch, tasks(len(sizes)), sizes, files=files, room=room)[0] == found


def test_three_remote_files_are_fetched_ahead_and_each_once(monkeypatch):
    most = []
    monkeypatch.setattr(shard, "_largest", lambda config: 77)
    monkeypatch.setattr(storage, "fetch", lambda source, limit: most.append((source, limit)))
    given = (*tasks(3, "memory://x/{}.png"), Task("here.png", "h.wav"), *tasks(2, "memory://y/{}.png"))
    asked = []

    class Noting(Writers):
        def submit(self, work, *arguments):
            asked.append(arguments[0])
            return super().submit(work, *arguments)

    noting = Noting()

    def read(*_):
        asked.append("read")
        return SimpleNamespace()

    monkeypatch.setattr(shard, "_read", read)
    monkeypatch.setattr(shard, "_weight", lambda _: 0)
    list(shard._chunks(Shard(0, "out", "base", given), CONFIG, Report(0), noting))
    x, y = [f"memory://x/{k}.png" for k in range(3)], [f"memory://y/{k}.png" for k in range(2)]
    assert asked == [*x, "read", y[0], "read", y[1], *["read"] * 4]
    assert sorted(most) == [(source, 77) for source in (*x, *y)]


def test_the_largest_remote_file_is_the_largest_that_is_read():
    assert shard._largest(CONFIG) == fastspec.picture.files.MAX_BYTES
    assert shard._largest(encode_config()) == 4 * sound_files.MAX_SAMPLES


@pytest.mark.parametrize(("files", "room", "waiting"), [(2, 10**9, 2), (9, 2 * 400, 2), (9, 2 * 400 - 1, 1), (0, 0, 0)])
def test_what_waits_for_the_disk_is_bounded(monkeypatch, tmp_path, files, room, waiting):
    """Either by files or by bytes; a sound here has 100 samples of 4 bytes."""
    now, most = [0], [0]
    pending, collect = shard._Pending, shard._collect

    def put(*fields):
        now[0] += 1
        most[0] = max(most[0], now[0])
        return pending(*fields)

    def collected(*arguments):
        now[0] -= 1
        return collect(*arguments)

    sound = np.zeros(100, np.float32)
    items = [_Read(task, {"input": task.source, "output": task.name}, None) for task in tasks(6)]
    monkeypatch.setattr(shard, "_chunks", lambda *_: iter([items]))
    monkeypatch.setattr(shard, "_converted", lambda chunk, *_: iter([(item, sound) for item in chunk]))
    monkeypatch.setattr(shard, "_put", lambda *_: 0.25)
    monkeypatch.setattr(shard, "_Pending", put)
    monkeypatch.setattr(shard, "_collect", collected)
    monkeypatch.setattr(shard, "CHUNK_FILES", files)
    monkeypatch.setattr(shard, "CHUNK_BYTES", room)
    monkeypatch.setattr(storage, "sync_folders", lambda *_: None)
    report = shard.run_shard(Shard(0, str(tmp_path), "", tasks(6)), CONFIG)
    assert most == [waiting + 1]  # the one just handed over, and those that wait
    assert now == [0]
    assert len(report.records) == 6
    assert report.seconds["write"] == 1.5


def test_bytes_of_what_is_read_and_of_what_was_made():
    cal = Calibration.of("given", sr=8000)
    magnitude, wave = np.zeros((3, 5), np.float32), np.zeros((2, 7), np.float32)
    assert shard._weight((wave, 8000)) == shard._size_of(wave) == 56
    assert shard._weight(SimpleNamespace(magnitude=magnitude, calibration=cal)) == 60
    assert shard._weight(SimpleNamespace(wave=wave, magnitude=magnitude)) == 56
    assert shard._size_of(fastspec.Picture(np.zeros((4, 5), np.uint8))) == 20


def test_an_output_that_failed_is_no_done_record():
    report = Report(0)
    item = _Read(Task("a.png", "a.wav"), {"type": "done"}, None)

    def fails():
        raise OutputError("full")

    shard._collect(shard._Pending(item, SimpleNamespace(result=lambda: 0.5), 1), report)
    shard._collect(shard._Pending(item, SimpleNamespace(result=fails), 1), report)
    wrong = {"type": "failed", "input": "a.png", "output": "a.wav", "code": "output", "message": "full"}
    assert report.records == [{"type": "done"}, wrong]
    assert report.seconds["write"] == 0.5


def test_what_an_earlier_run_did_is_left_as_it_is():
    error = OutputError("gone")
    for record in ({"type": "done", "kept": True}, {"type": "failed", "input": "a"}, {"type": "skipped", "input": "a"}):
        assert shard._undone(record, error) is record
    made = shard._undone({"type": "done", "input": "a", "output": "b"}, error)
    assert made == {"type": "failed", "input": "a", "output": "b", "code": "output", "message": "gone"}


def described(cal, result, **more):
    item = _Read(Task("a", "b"), {}, SimpleNamespace(calibration=cal, magnitude=np.zeros((2, 9, 5)), **more))
    shard._describe(item, result)
    return item.record


def test_a_record_tells_length_rate_frames_facts_and_doubts():
    cal = Calibration.of("given", sr=8000, n_frames=11).updated("assumed", duration=1.5)
    record = described(cal, np.zeros((2, 4000), np.float32))
    assert (record["seconds"], record["sr"], record["frames"]) == (0.5, 8000, 9)
    assert record["facts"] == {"sr": [8000, "given"], "n_frames": [11, "given"], "duration": [1.5, "assumed"]}
    assert "duration" in record["doubtful"]
    assert "remarks" not in record
    assert "unsure" not in record  # what is assumed says so itself
    assert described(cal.remarked("odd"), np.zeros(4000))["remarks"] == ["odd"]
    own = described(cal, np.zeros(4000), wave=np.zeros(4000), sr=16000)
    assert (own["seconds"], own["sr"], own["frames"]) == (0.25, 16000, 11)  # of the original, whose frames are said


def test_a_sounds_record_tells_its_picture():
    item = _Read(Task("a", "b"), {}, (np.zeros((2, 4000), np.float32), 8000))
    shard._describe(item, SimpleNamespace(width=63, height=129))
    assert item.record == {"seconds": 0.5, "sr": 8000, "pixels": [63, 129]}


def test_a_retouched_sound_is_written_as_its_original_was(monkeypatch, tmp_path):
    asked = {}

    def write_as(stream, wave, sr, original, **how):
        asked.update(how, wave=wave, sr=sr, original=original)
        stream.write(b"sound")
        return writing.Written(0.5, 3, "PCM_24", "PCM_24")

    monkeypatch.setattr(writing, "write_as", write_as)
    (tmp_path / "originals").mkdir()
    (tmp_path / "originals" / "a.wav").write_bytes(b"")
    wave, target = np.zeros(4, np.float32), str(tmp_path / "a.flac")
    for subtype in (None, "PCM_16"):
        how: dict = {} if subtype is None else {"subtype": subtype, "normalize": True}
        config = decode_config(originals=tmp_path / "originals", audio_format="FLAC", **how)
        item = _Read(
            Task("a.png", "a.flac"), {"sr": 8000, "retouched": {"subtype": "PCM_24"}, "remarks": ["odd"]}, None
        )
        shard._put(target, wave, item, config, Shard(0, str(tmp_path), "", ()))
        assert asked.pop("wave") is wave
        assert asked == {
            "sr": 8000, "original": "PCM_24", "name": target, "format": "FLAC", "subtype": subtype,
            "normalize": subtype is not None,
        }  # fmt: skip
        digest = hashlib.sha256(b"sound").hexdigest()
        told = {"gain": 0.5, "clipped": 3, "size": 5, "sha256": digest, "remarks": ["odd", CLIPPED]}
        assert item.record == {"sr": 8000, "retouched": {"subtype": "PCM_24"}, **told}
        assert (tmp_path / "a.flac").read_bytes() == b"sound"


@pytest.mark.parametrize("beside", [False, True])
def test_a_sidecar_is_written_before_its_picture(monkeypatch, tmp_path, beside):
    written = []
    monkeypatch.setattr(storage, "write", lambda path, data, below: written.append((path, bytes(data), below)))
    picture = fastspec.encode(np.sin(np.arange(1000) * 0.3), 8000, n_fft=64)
    config, target = encode_config(n_fft=64, sidecar=beside), str(tmp_path / "a.png")
    item = _Read(Task("a.wav", "a.png"), {}, None)
    shard._put(target, picture, item, config, Shard(0, str(tmp_path), "", ()))
    text = [(sidecar.path_of(target), sidecar.text_of(picture).encode(), None)]
    assert written[:-1] == (text if beside else [])
    assert written[-1][0] == target
    assert (item.record["size"], item.record["sha256"]) == (
        len(written[-1][1]), hashlib.sha256(written[-1][1]).hexdigest(),
    )  # fmt: skip


def test_a_remote_sound_is_read_from_a_copy_of_its_name(monkeypatch):
    seen = []

    def read(path, longest):
        with open(path, "rb") as copy:
            seen.append((path.rsplit("/", 1)[-1], copy.read(), longest))
        return "sound"

    monkeypatch.setattr(sound_files, "read", read)
    config = encode_config(n_fft=64, max_seconds=3)
    assert shard._read(storage.Named(b"abc", "memory://x/y/a.flac"), config, None, None) == "sound"
    assert seen == [("a.flac", b"abc", 3)]
    monkeypatch.setattr(sound_files, "read", lambda path, longest: (path, longest))
    assert shard._read("b.wav", config, None, None) == ("b.wav", 3)


def test_plans_are_told_of_what_was_made(monkeypatch):
    monkeypatch.setattr(plans, "of", lambda n_fft, transformed: f"{n_fft}:{transformed}")
    item = _Read(Task("a.wav", "a.png"), {}, (np.zeros(1000, np.float32), 8000))
    ((found, picture),) = shard._converted([item], encode_config(n_fft=64), Report(0))
    assert picture.height == 33
    assert found.record["plans"] == "64:True"
    assert found.decoded is None  # the samples are needed no more
    broken = _Read(Task("b.wav", "b.png"), {}, (np.full(9, np.nan), 8000))
    ((_, error),) = shard._converted([broken], encode_config(n_fft=64), Report(0))
    assert type(error).__name__ == "AudioError"
    assert "plans" not in broken.record


def test_what_cannot_be_read_is_a_record_and_the_rest_goes_on(monkeypatch):
    def read(source, *_):
        if source.endswith("1.png"):
            raise PictureError("no picture")
        return SimpleNamespace()

    monkeypatch.setattr(shard, "_read", read)
    monkeypatch.setattr(shard, "_weight", lambda _: 0)
    report = Report(0)
    ((first, last),) = shard._chunks(Shard(0, "out", "base", tasks(3)), CONFIG, report, Writers())
    assert (first.task.name, last.task.name) == ("0.wav", "2.wav")
    assert first.record == {"type": "done", "input": "0.png", "output": "0.wav", "stamp": None}
    assert [record["code"] for record in report.records] == ["picture"]
