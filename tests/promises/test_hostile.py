"""Untrusted files: each ends in a right answer or one clear sentence, quickly, quietly and in little memory."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from fastspec import Decoder, Encoder, cli
from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.cli import exit_codes
from fastspec.errors import AudioError, CalibrationError, FastspecError, ParameterError, PictureError
from fastspec.picture import files as picture_files
from fastspec.picture.formats import format_named
from fastspec.picture.picture import Picture
from fastspec.sound import files as sound_files
from tests.promises import hostile, hostile_sounds
from tests.promises import hostile_cases as cases

pytestmark = pytest.mark.usefixtures("compiled")

ROOT = Path(__file__).parents[2]
FOUND = sorted((ROOT / "tests" / "data" / "hostile").iterdir())
SECONDS = 5.0  # a file; some hundredths is usual
MEMORY = 400  # MiB above what an idle process has: four cells a pixel of 2**20 pixels, in several arrays


def in_a_process(*arguments: object) -> tuple[dict, str]:
    """What hostile.py prints, run under a limit of address space, and what the decoders said on standard error."""
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (8 << 30,) * 2); "
    code = limit + "runpy.run_module('tests.promises.hostile', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits")
def test_hostile_pictures():
    told, noise = in_a_process("pictures", 1000)
    assert told["unforeseen"] == []
    assert sum(told["outcomes"].values()) == told["files"] == 1000
    assert set(told["outcomes"]) <= {"done", "picture", "calibration", "parameter", "limit"}
    assert min(told["outcomes"].get(k, 0) for k in ("done", "picture", "calibration")) > 50
    assert told["slowest"][0][0] < SECONDS, told["slowest"]
    assert told["peak_mib"] - told["idle_mib"] < MEMORY, told["largest_steps_mib"]
    assert noise == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits")
def test_hostile_sounds():
    told, noise = in_a_process("sounds", 600)
    assert told["unforeseen"] == []
    assert sum(told["outcomes"].values()) == told["files"] == 600
    assert set(told["outcomes"]) <= {"done", "audio", "calibration"}
    assert told["slowest"][0][0] < SECONDS, told["slowest"]
    assert told["peak_mib"] - told["idle_mib"] < MEMORY, told["largest_steps_mib"]
    left = [line for line in noise.splitlines() if "mpg123" not in line and not line.startswith(("Note:", "Warning:"))]
    assert [line for line in left if line.strip()] == []  # libsndfile's MP3 decoder cannot be muted


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_was_found_before(path):
    decoder = Decoder(n_iter=1, force=True, max_pixels=1 << 20, max_seconds=600)
    with contextlib.suppress(FastspecError):
        if path.suffix == ".wav":
            Encoder(n_fft=256).encode(*sound_files.read(path, longest=60))
        else:
            assert np.isfinite(decoder.decode(path)[0]).all()


# ---- right answers


@pytest.mark.parametrize("kind", cases.KINDS)
def test_interlaced_and_shallow_pngs_are_read_right(kind):
    rng = np.random.default_rng(8)
    for depth in cases.KINDS[kind]:
        for height, width in ((1, 1), (2, 5), (13, 19)):
            samples = rng.integers(0, 1 << depth, (height, width, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]))
            whole, passes = (picture_files.read(cases.png_of(samples, depth, kind, how)) for how in (0, 1))
            np.testing.assert_array_equal(whole.pixels, passes.pixels)
            assert (whole.height, whole.width) == (height, width)
            levels = samples[..., 0]
            if kind == 0 and depth < 16:
                np.testing.assert_array_equal(whole.rgb()[..., 0], levels * (255 // ((1 << depth) - 1)))
            elif kind == 0:
                np.testing.assert_array_equal(whole.pixels, levels)
            elif kind == 3:
                np.testing.assert_array_equal(whole.rgb(), np.stack([levels, 255 - levels, levels // 2], axis=-1))
            elif kind == 2:
                np.testing.assert_array_equal(whole.pixels, samples >> (depth - 8))


def test_truncated_at_every_boundary():
    """A cut file is refused; one whose pixels are all there (only what follows them is cut) is read right."""
    for name in ("palette.png", "colour.webp", "gray.tiff", "plain.bmp", "colour.jpg"):
        data = cases.seeds()[name]
        right = picture_files.read(data).rgb()
        read = 0
        for end in [*range(64), *range(64, len(data), 97), *range(len(data) - 16, len(data))]:
            try:
                picture = picture_files.read(data[:end])
            except PictureError:
                continue
            np.testing.assert_array_equal(picture.rgb(), right)
            read += 1
        assert read < 20


def test_the_content_counts_not_the_suffix_nor_what_follows(tmp_path):
    data = cases.seeds()["palette.png"]
    y, sr = Decoder(n_iter=1).decode(io.BytesIO(data))
    for name, more in (("a.jpg", b""), ("b.txt.webp", b"PK\3\4" * 99)):
        (tmp_path / name).write_bytes(data + more)
        again, rate = Decoder(n_iter=1).decode(tmp_path / name)
        assert rate == sr
        np.testing.assert_array_equal(again, y)


@pytest.mark.parametrize("level", [0, 777, 65_535])
def test_deep_pictures_of_one_level_are_gray(level):
    picture = Picture(np.full((60, 80), level, np.uint16))
    assert np.isfinite(Decoder(n_iter=0, force=True).decode(picture)[0]).all()


# ---- limits before memory


def test_a_file_of_too_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_files, "MAX_BYTES", 100)
    (tmp_path / "a.png").write_bytes(cases.seeds()["plain.png"])
    with pytest.raises(PictureError, match="bytes, more than the 100 that are read"):
        picture_files.read(tmp_path / "a.png")


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_sizes_are_read_before_the_file_is_opened(lossless, monkeypatch):
    size_of = format_named("WEBP").size_of
    assert size_of is not None
    for extra in ({}, {"exif": Image.Exif()}, {"xmp": b"<x/>"}):
        out = io.BytesIO()
        Image.new("RGB", (301, 77)).save(out, "WEBP", lossless=lossless, **extra)
        assert size_of(out.getvalue()[:30]) == (301, 77)
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(PictureError, match="301 x 77 pixels"):
        picture_files.read(out.getvalue(), max_pixels=1000)


def test_a_progressive_jpeg_of_many_scans_is_refused():
    data = dict(cases.bombs())["many-scans.jpg"]
    with pytest.raises(PictureError, match="scans, more than 100"):
        picture_files.read(data)
    assert picture_files.read(cases.seeds()["progressive.jpg"]).width > 1


def test_spectra_follow_the_limit_of_pixels():
    assert consistency.max_cells(None) == consistency.max_cells(picture_files.MAX_PIXELS) == consistency.MAX_CELLS
    assert consistency.max_cells(1000) == 1 << 22
    base = {"sr": 8000, "n_fft": 65_536, "win_length": 65_536, "hop_length": 1, "freq_scale": "linear", "cmap": "gray"}
    text = json.dumps({"format": "fastspec-calibration", "version": 1, "facts": {**base, "n_frames": 5000}})
    with pytest.raises(CalibrationError, match="n_frames=5000 of 32769 bins exceed the limit of 4194304 cells"):
        Decoder(max_pixels=1 << 20, force=True).read(io.BytesIO(cases.carrying(text)))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"freq_scale": "mel", "n_mels": 4096, "n_fft": 65_536, "hop_length": 64}, "bank of more than"),
        ({"freq_scale": "mel", "n_mels": 64, "sr": 2, "fmax": 5e6}, "more than the limit"),
        ({"freq_scale": "cqt", "n_bins": 65_536, "n_frames": 1000}, "65536 bins"),
        ({"columns": "spans", "n_fft": 1 << 17, "win_length": 1 << 17, "time_extent": [0, 1]}, "more than the limit"),
    ],
)
def test_banks_and_spans_are_bounded(facts, message):
    known = {"sr": 8000, "n_fft": 64, "hop_length": 32, "n_frames": 1, "duration": 0.1, "freq_scale": "linear", **facts}
    with pytest.raises(CalibrationError, match=message):
        consistency.check_size(Calibration.of(**known), width=1 << 16, limit=1 << 22)


def test_a_text_of_many_wrong_facts_makes_few_remarks():
    facts = {f"nothing{i}" * 5: "x" * 300 for i in range(150)}
    text = json.dumps({"format": "fastspec-calibration", "version": 1, "facts": facts})
    read = Calibration.from_json(text)
    assert len(read.remarks) == 6
    assert read.remarks[-1] == "145 further embedded facts were left out"
    assert sum(map(len, read.remarks)) < 6000


def test_exif_of_any_kind_is_reported_as_json():
    exif = Image.Exif()
    exif[0x9286], exif[0x8769], exif[33434] = b"\xff\0raw", {36864: b"0230"}, 0.5
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "JPEG", exif=exif)
    from fastspec import inspection

    report = json.loads(json.dumps(inspection.inspect(io.BytesIO(out.getvalue())).report()))
    assert report["picture"]["width"] == 40


def test_sounds_of_silence_that_stand_for_gigabytes(tmp_path, monkeypatch):
    path = tmp_path / "a.flac"
    path.write_bytes(hostile_sounds.silence(60))
    y, rate = sound_files.read(path)
    assert (y.shape, rate) == ((8, 60 * 65_535), 8000)
    assert not y.any()
    with pytest.raises(AudioError, match=r"longer than the limit of 2 s \(8 channels at 8000 Hz\)"):
        sound_files.read(path, longest=2)
    assert sound_files.read(path, max_seconds=1, longest=2)[0].shape == (8, 8000)
    monkeypatch.setattr(sound_files, "MAX_SAMPLES", 1 << 20)
    with pytest.raises(AudioError, match="longer than the limit"):
        sound_files.read(path)


def test_sounds_beyond_reason(tmp_path):
    (tmp_path / "a.wav").write_bytes(hostile_sounds.wav(1000, 8000))
    with pytest.raises(AudioError, match="has 1000 channels"):
        sound_files.read(tmp_path / "a.wav")
    with pytest.raises(AudioError, match="scale it to 1"):
        Encoder().encode(np.full(3000, 1e38, np.float32), 8000)
    with pytest.raises(CalibrationError, match="longer than the limit of 1 s"):
        Encoder(max_seconds=1).encode(np.ones(9000, np.float32), 8000)
    for tool in (Encoder, Decoder):
        with pytest.raises(ParameterError, match="max_seconds=-1"):
            tool(max_seconds=-1)
    with pytest.raises(ParameterError, match="max_pixels=0"):
        Decoder(max_pixels=0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(AudioError, match="not a regular file"):
        sound_files.read(tmp_path / "a.wav")
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(PictureError, match="not a regular file"):
        picture_files.read(tmp_path / "a.png")


# ---- the command


def test_the_command_records_every_file_of_a_hostile_folder(tmp_path, capfd):
    folder = tmp_path / "in"
    folder.mkdir()
    names = set()
    for name, data in hostile.pictures(150):
        stem = name.replace("/", "_").rsplit(".", 1)[0]
        (folder / f"{stem}.png").write_bytes(data)
        names.add(stem)
    places = [str(folder), "--out-dir", str(tmp_path / "out"), "--report", str(tmp_path / "r.json")]
    limits = ["--max-pixels", "1000000", "--max-seconds", "60", "--n-iter", "1", "--jobs", "1"]
    code = cli.run(["decode", *places, *limits])
    out = capfd.readouterr()
    assert code == exit_codes.PARTIAL, out.err
    assert "Traceback" not in out.err
    report = json.loads((tmp_path / "r.json").read_text())
    counts = report.get("counts", report)
    written = {path.stem for path in (tmp_path / "out").glob("*.wav")}
    assert counts["done"] == len(written)
    assert counts["done"] + counts["failed"] == len(names) == 150
    for path in (tmp_path / "out").glob("*.wav"):
        assert soundfile.info(path).frames > 0


def test_the_commands_limits(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(cases.seeds()["palette.png"])
    soundfile.write("a.wav", np.ones(9000) * 0.1, 8000)
    for arguments, message in (
        (["decode", "a.png", "-o", "b.wav", "--max-pixels", "9"], "more than max_pixels=9"),
        (["inspect", "a.png", "--max-pixels", "9"], "more than max_pixels=9"),
        (["decode", "a.png", "-o", "b.wav", "--max-seconds", "0.01"], "longer than the limit of 0.01 s"),
        (["encode", "a.wav", "-o", "b.png", "--max-seconds", "1"], "longer than the limit of 1 s"),
    ):
        assert cli.run(arguments) in (1, 2)
        assert message in capfd.readouterr().err
    for arguments in (["decode", "a.png", "--max-pixels", "0"], ["encode", "a.wav", "--max-seconds", "-1"]):
        assert cli.run(arguments) == 2
    capfd.readouterr()
    assert cli.run(["decode", "--help"]) == 0
    assert "--max-pixels" in capfd.readouterr().out


def test_the_corpus_is_the_same_every_time():
    first, second = (zlib.crc32(b"".join(data for _, data in hostile.pictures(60))) for _ in range(2))
    assert first == second
    assert len({name for name, _ in hostile.pictures(600)}) == 600
    assert hostile.mutated(random.Random(4)) == hostile.mutated(random.Random(4))
    assert struct.unpack(">I", cases.png(4, 5, 8, 0, b"")[16:20]) == (4,)
