"""The command line as a stranger uses it: results, messages, exit codes, and every kind of bad input."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import soundfile
from PIL import Image

from fastspec import cli
from fastspec.cli import exit_codes


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Call the command in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = cli.run([str(a) for a in arguments])
        out, err = capsys.readouterr()
        # whichever test comes first on a new machine compiles, and says so
        lines = [line for line in err.splitlines(keepends=True) if not line.startswith("fastspec: compiling")]
        return code, out, "".join(lines)

    return call


@pytest.fixture
def clip(speech, tmp_path):
    """A short WAV file of speech."""
    y, sr = speech
    soundfile.write(tmp_path / "clip.wav", y[:sr], sr)
    return tmp_path / "clip.wav"


FAST = ("--n-iter", "2")


def test_the_readmes_case(run, speech_picture, speech):
    code, out, err = run("decode", speech_picture, "--profile", "librosa", "--duration", 4.5, "-o", "out.wav", *FAST)
    assert code == 0, err
    assert out.split() == ["out.wav", "4.50", "s", "22050", "Hz"]
    y, sr = soundfile.read("out.wav")
    assert (len(y), sr) == (len(speech[0]), 22050)
    assert 0.5 < np.abs(y).max() <= 1.0


def test_encode_then_decode_needs_no_option(run, clip):
    assert run("encode", clip, "-o", "clip.png")[:2] == (0, "clip.png\t44 x 1025\n")
    code, _, err = run("decode", "clip.png", "-o", "back.flac", *FAST)
    assert (code, err) == (0, "")
    assert soundfile.info("back.flac").frames == soundfile.info(clip).frames


def test_without_a_duration_one_line_says_what_was_assumed(run, speech_picture, tmp_path):
    narrow = tmp_path / "narrow.png"
    with Image.open(speech_picture) as image:
        image.convert("RGB").resize((100, 480), Image.Resampling.NEAREST).save(narrow)
    code, _, err = run("decode", narrow, "--profile", "librosa", *FAST)
    assert code == 0
    assert err.count("\n") == 1
    assert "--duration" in err


def test_a_folder_keeps_its_structure_and_lists_failures(run, clip, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    run("encode", clip, "-o", "in/a.png")
    run("encode", clip, "-o", "in/deep/b.png")
    (tmp_path / "in" / "bad.png").write_text("no picture")
    code, out, err = run("decode", "in", "--out-dir", "out", *FAST)
    assert code == exit_codes.PARTIAL
    assert {line.split("\t")[0] for line in out.splitlines()} == {
        os.path.join("out", "a.wav"),
        os.path.join("out", "deep", "b.wav"),
    }
    assert "2 of 3 done, 1 failed" in err
    assert os.path.join("in", "bad.png") in err
    assert not (tmp_path / "out" / "bad.wav").exists()
    assert run("decode", "in", "--out-dir", "out", *FAST)[0] == exit_codes.FATAL
    assert run("decode", "in", "--out-dir", "out", "--overwrite", *FAST)[0] == exit_codes.PARTIAL


def test_inspect_prints_a_table_and_the_command_to_run(run, speech_picture):
    code, out, _ = run("inspect", speech_picture, "--profile", "librosa", "--duration", 4.5)
    assert code == 0
    assert "from the pixels" in out
    assert "if wrong" in out
    command = out.splitlines()[-1].split()
    assert command[:2] == ["fastspec", "decode"]
    assert run(*command[1:], "-o", "by_inspect.wav", *FAST)[0] == 0


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("foreseen", [True, False])
def test_inspect_goes_on_after_a_file_that_fails(run, speech_picture, tmp_path, monkeypatch, as_json, foreseen):
    from fastspec import inspection

    name = tmp_path / "bad.png"
    name.write_bytes(b"no picture" if foreseen else speech_picture.read_bytes())
    usual = inspection.load

    def load(picture, **options):
        if not foreseen and str(picture) == str(name):
            raise IndexError("out of bounds")
        return usual(picture, **options)

    monkeypatch.setattr(inspection, "load", load)
    other = tmp_path / "other.png"
    other.write_bytes(speech_picture.read_bytes())
    code, out, err = run("inspect", speech_picture, name, other, *(["--json"] if as_json else []))
    assert code == exit_codes.PARTIAL
    word = "picture" if foreseen else "internal"
    assert err.splitlines()[-2:] == ["2 of 3 done, 1 failed:", f"  {name}: {word}"]
    if as_json:
        reports = json.loads(out)
        assert [report["file"] for report in reports] == [str(speech_picture), str(name), str(other)]
        assert ["error" in report for report in reports] == [False, True, False]
        assert reports[1]["error"]["code"] == word
        assert reports[1]["error"]["message"] in err
    else:
        assert out.count("to decode it") == 2


def test_inspect_prints_json(run, speech_picture):
    code, out, _ = run("inspect", speech_picture, "--profile", "librosa", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["picture"]["width"] == 640
    assert report["facts"]["sr"]["value"] == 22050
    assert report["facts"]["sr"]["source"] == "pixels"
    assert set(report["facts"]["sr"]) >= {"value", "source", "confidence", "if_wrong"}
    assert "duration" in report["missing"]


def test_sound_formats_and_levels(run, clip):
    run("encode", clip, "-o", "clip.png")
    for name, extra in [
        ("a.flac", ()),
        ("a.ogg", ()),
        ("a.wav", ("--subtype", "FLOAT")),
        ("b.wav", ("--no-normalize",)),
    ]:
        assert run("decode", "clip.png", "-o", name, *extra, *FAST)[0] == 0
    assert soundfile.info("a.wav").subtype == "FLOAT"
    loud, quiet = (np.abs(soundfile.read(name)[0]).max() for name in ("a.wav", "b.wav"))
    assert loud > quiet > 0
    code, _, err = run("decode", "clip.png", "-o", "a.flac", "--subtype", "VORBIS")
    assert code != 0
    assert "VORBIS" in err


def test_plot_draws_a_picture(run, clip):
    run("encode", clip, "-o", "clip.png")
    assert run("decode", "clip.png", "-o", "a.wav", "--plot", "plot.png", *FAST)[0] == 0
    with Image.open("plot.png") as plot:
        assert plot.width > 300
        assert len(set(plot.convert("L").resize((64, 64)).tobytes())) > 20


def test_plot_never_replaces_a_picture(run, clip, tmp_path):
    run("encode", clip, "-o", "clip.png")
    before = (tmp_path / "clip.png").read_bytes()
    for extra in ((), ("--overwrite",)):
        code, _, err = run("decode", "clip.png", "-o", "a.wav", "--plot", "clip.png", *extra)
        assert code == exit_codes.USAGE
        assert "clip.png" in err
    assert (tmp_path / "clip.png").read_bytes() == before
    assert not (tmp_path / "a.wav").exists()


def test_a_name_too_long_is_a_sentence(run):
    code, _, err = run("decode", "a" * 5000 + ".png", "-o", "x.wav")
    assert code == exit_codes.FATAL
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["decode"], "INPUTS"),
        (["decode", "a.png", "--frob"], "--frob"),
        (["decode", "a.png", "--sr", "fast"], "fast"),
        (["decode", "a.png", "--cmap", "magmma"], "magma"),
        (["decode", "a.png", "--n-fft", "1023", "--freq-scale", "log"], "1022 or 1024"),
        (["decode", "a.png", "--n-fft", "512", "--win-length", "1024"], "win_length=1024"),
        (["decode", "a.png", "--db-range", "0", "-80"], "db_range"),
        (["decode", "a.png", "--crop", "9", "0", "3", "4"], "plot_area"),
        (["decode", "a.png", "--profile", "librossa"], "librosa"),
        (["decode", "a.png", "b.png"], "--out-dir"),
        (["decode", "a.png", "-o", "x.xyz"], "xyz"),
        (["encode", "a.wav", "--size", "640"], "640x480"),
        (["encode", "a.wav", "-o", "a.xyz"], "xyz"),
        (["encode", "a.wav", "--bits", "16", "--cmap", "jet"], "16 bits"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_usage_is_one_clear_sentence_and_code_2(run, tmp_path, arguments, word):
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    soundfile.write(tmp_path / "a.wav", np.zeros(4000), 8000)
    code, out, err = run(*arguments)
    assert code == exit_codes.USAGE
    assert word in err
    assert "Traceback" not in err
    assert out == ""
    assert {p.name for p in tmp_path.iterdir()} == {"a.png", "a.wav"}


def _png_header(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder of pictures that cannot be read."""
    folder = tmp_path_factory.mktemp("hostile")
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    good = Image.fromarray(noise)
    good.save(folder / "whole.png")
    good.save(folder / "whole.jpg")
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("this is text, not a picture\n")
    (folder / "truncated.png").write_bytes((folder / "whole.png").read_bytes()[:20_000])
    (folder / "truncated.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:5_000])
    (folder / "huge.png").write_bytes(_png_header(40_000, 40_000))
    frames = [good.convert("P"), good.rotate(90).convert("P")]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:])
    (folder / "folder.png").mkdir()
    return folder


@pytest.mark.parametrize(
    "name", ["empty.png", "text.png", "truncated.png", "truncated.jpg", "huge.png", "animated.gif", "gone.png"]
)
@pytest.mark.parametrize("command", ["decode", "inspect"])
def test_unreadable_pictures_fail_with_one_sentence(run, hostile, tmp_path, name, command):
    extra = ["-o", "x.wav"] if command == "decode" else []
    code, out, err = run(command, hostile / name, *extra)
    assert code == exit_codes.FATAL
    assert out == ""
    assert err.count("\n") == 1
    assert name in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["cmyk", "gray16", "alpha", "palette", "bilevel", "one", "row", "column"])
def test_odd_pictures_give_sound_or_a_sentence(run, tmp_path, kind):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 4), np.uint8)
    image = {
        "cmyk": lambda: Image.frombytes("CMYK", (64, 64), noise.tobytes()),
        "gray16": lambda: Image.fromarray(noise[..., 0].astype(np.uint16) << 8),
        "alpha": lambda: Image.fromarray(noise),
        "palette": lambda: Image.fromarray(noise[..., :3]).convert("P"),
        "bilevel": lambda: Image.fromarray(noise[..., 0]).convert("1"),
        "one": lambda: Image.new("RGB", (1, 1), "white"),
        "row": lambda: Image.fromarray(noise[:1, :, :3]),
        "column": lambda: Image.fromarray(np.ascontiguousarray(noise[:, :1, :3])),
    }[kind]()
    path = tmp_path / ("in.tif" if kind == "cmyk" else "in.png")
    image.save(path)
    code, _, err = run("decode", path, "--sr", 8000, "--n-fft", 256, "--cmap", "gray", "-o", "x.wav", "--force", *FAST)
    assert code == 0, err
    y, _ = soundfile.read("x.wav")
    assert np.isfinite(y).all()


def test_an_unwritable_place_is_an_error_and_leaves_nothing(run, clip, tmp_path):
    run("encode", clip, "-o", "clip.png")
    (tmp_path / "file").write_text("not a folder")
    code, _, err = run("decode", "clip.png", "-o", "file/out.wav", *FAST)
    assert code == exit_codes.FATAL
    assert "file" in err
    code, _, err = run("decode", "clip.png", "-o", "/proc/out.wav", *FAST)
    assert code == exit_codes.FATAL
    assert err.count("\n") == 1


def test_bad_sound_is_refused(run, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan] * 500), 8000, subtype="FLOAT")
    for name in ("text.wav", "nan.wav", "gone.wav"):
        code, _, err = run("encode", name, "-o", "x.png")
        assert code == exit_codes.FATAL
        assert name in err
        assert err.count("\n") == 1
    assert not (tmp_path / "x.png").exists()


def test_silence_survives_the_command_line(run, tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(8000), 8000)
    assert run("encode", "silence.wav", "-o", "s.png")[0] == 0
    assert run("decode", "s.png", "-o", "s.wav")[0] == 0
    assert not soundfile.read("s.wav")[0].any()


def test_the_installed_command_and_a_closed_pipe(speech_picture):
    help_text = subprocess.run([sys.executable, "-m", "fastspec", "--help"], capture_output=True, text=True, check=True)
    assert "decode" in help_text.stdout
    command = f"{sys.executable} -m fastspec inspect {speech_picture} | head -1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert result.stderr == ""


def test_interruption_is_code_130(run, monkeypatch, speech_picture):
    from fastspec.decoder import Decoder

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Decoder, "read", interrupted)
    code, _, err = run("decode", speech_picture, "-o", "x.wav")
    assert code == exit_codes.INTERRUPTED
    assert "interrupted" in err
