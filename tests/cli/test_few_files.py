"""Single files at the command line: what is said beside the result, and what is refused before any work."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec.cli import exit_codes
from fastspec.picture import files

FAST = ("--n-iter", 1, "--quality", "fast")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A small picture of fastspec's own, in the working folder."""
    monkeypatch.chdir(tmp_path)
    files.write(fastspec.encode(np.sin(np.arange(4000) * 0.3).astype(np.float32), 8000, n_fft=256), "own.png")
    return tmp_path


@pytest.fixture
def stereo(tmp_path, monkeypatch):
    """A sound of two channels."""
    monkeypatch.chdir(tmp_path)
    y = np.sin(np.arange(8000)[:, None] * [0.1, 0.3]) * [1, 0.5]
    soundfile.write("two.wav", y, 8000)
    return "two.wav"


def test_a_row_tells_seconds_rate_and_channels(run, own, stereo, monkeypatch):
    assert run("decode", "own.png", *FAST)[:2] == (0, "own.wav\t0.50 s\t8000 Hz\n")
    out = run("encode", stereo, "--n-fft", 256, "-o", "two.png")[1]
    with Image.open("two.png") as picture:
        assert out == "two.png\t{} x {}\n".format(*picture.size)
    monkeypatch.setattr(fastspec.decoder.Decoder, "waveform", lambda *_: np.zeros((2, 4000), np.float32))
    code, out, _ = run("decode", "own.png", "-o", "a/b/two.flac")
    assert (code, out) == (0, "a/b/two.flac\t0.50 s\t8000 Hz\t2 channels\n")
    assert soundfile.info("a/b/two.flac").channels == 2


@pytest.mark.parametrize(("peak", "subtype", "said"), [(3.0, "PCM_16", True), (0.1, "PCM_16", False),
                                                       (3.0, "FLOAT", False)])  # fmt: skip
def test_what_would_clip_is_scaled_and_said(run, own, monkeypatch, peak, subtype, said):
    wave = np.full(800, peak, np.float32)
    monkeypatch.setattr(fastspec.decoder.Decoder, "waveform", lambda *_: wave)
    code, _, err = run("decode", "own.png", "-o", "x.wav", "--no-normalize", "--subtype", subtype)
    assert code == 0
    assert ("x.wav: scaled by 0.33" in err) == said
    y, _ = soundfile.read("x.wav")
    assert np.abs(y).max() == pytest.approx(min(peak, 1.0) if subtype != "FLOAT" else peak, abs=0.01)
    err = run("decode", "own.png", "-o", "y.wav", "--subtype", subtype)[2]
    assert "scaled" not in err  # it is always, and wanted


def test_outputs_are_kept_unless_told_otherwise(run, own):
    (own / "own.wav").write_bytes(b"mine")
    code, _, err = run("decode", "own.png", *FAST)
    assert (code, "--overwrite" in err) == (exit_codes.FATAL, True)
    assert (own / "own.wav").read_bytes() == b"mine"
    assert run("decode", "own.png", *FAST, "--overwrite")[0] == 0
    (own / "own.csv").write_bytes(b"mine")
    assert run("decode", "own.png", *FAST, "--overwrite", "--facts-out", "own.csv")[0] == 0
    assert (own / "own.csv").read_text().startswith("path,")
    assert run("decode", "own.png", *FAST, "-o", "own.wav", "--facts-out", "own.csv")[0] == exit_codes.FATAL


def test_a_plot_is_of_one_picture_and_replaces_nothing_unasked(run, own):
    (own / "plot.png").write_bytes(b"mine")
    (own / "b.png").write_bytes((own / "own.png").read_bytes())
    for words, said in (
        (["own.png", "--plot", "plot.png"], "--plot plot.png exists; add --overwrite"),
        (["own.png", "--plot", "own.png", "--overwrite"], "--plot own.png would replace the picture itself"),
        (["own.png", "b.png", "--plot", "new.png", "--out-dir", "o"], "draws one picture; name its sound with -o"),
    ):
        code, _, err = run("decode", *words, *FAST)
        assert (code, said in err) == (exit_codes.USAGE, True), err
    assert (own / "plot.png").read_bytes() == b"mine"
    assert not (own / "own.wav").exists()


def test_tables_give_one_file_its_facts(run, own):
    (own / "facts.csv").write_text("path,duration\nown.png,0.25\n")
    assert run("decode", "own.png", *FAST, "--facts", "facts.csv", "--duration", "0.75")[1].split("\t")[1] == "0.25 s"


def test_what_the_encoder_has_to_say_is_said(run, stereo, monkeypatch):
    monkeypatch.setattr(fastspec.encoder.Encoder, "remarks", lambda *_: ("a remark",))
    run("encode", stereo, "--n-fft", 256)
    code, out, err = run("encode", stereo, "--n-fft", 256, "--overwrite")
    assert (code, err) == (0, "two.wav: a remark\n")
    width, height = (int(word) for word in out.split("\t")[1].split(" x "))
    for most, said in (
        (width * height, ""),
        (width * height - 1, f"two.png: decoding it needs --max-pixels {width * height}\n"),
    ):
        monkeypatch.setattr(files, "MAX_PIXELS", most)
        err = run("encode", stereo, "--n-fft", 256, "-o", "two.png")[2]
        assert err == "two.wav: a remark\n" + said


def test_what_both_ways_need_is_made(run, stereo):
    assert run("encode", stereo, "--n-fft", 256, "-o", "a/b/c.png")[0] == 0
    code, _, err = run("encode", stereo, "--n-fft", 256, "--max-seconds", 0.5)
    assert (code, "two.wav" in err) == (exit_codes.FATAL, True)
    assert run("encode", stereo, "--n-fft", 256, "-o", "a.jpg", "--quality", 5)[0] == 0
    assert run("encode", stereo, "--n-fft", 256, "-o", "b.jpg", "--quality", 95)[0] == 0
    assert os.path.getsize("a.jpg") < 0.8 * os.path.getsize("b.jpg")


def test_inspect_reports_one_or_several(run, own):
    (own / "none.png").write_bytes(b"none")
    code, out, err = run("inspect", "own.png", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["file"] == "own.png"
    assert out.startswith("{\n  ")
    code, out, _ = run("inspect", "own.png", "none.png", "--json")
    assert code == exit_codes.PARTIAL
    found = json.loads(out)
    assert [each["file"] for each in found] == ["own.png", "none.png"]
    assert (found[1]["error"]["code"], bool(found[1]["error"]["message"])) == ("picture", True)
    assert "error" not in run("inspect", "own.png", "none.png")[1]
    code, out, _ = run("inspect", "none.png", "--json")
    assert (code, out) == (exit_codes.FATAL, "")
    assert run("inspect", "own.png", "--fmin", "3000", "--fmax", "200")[0] == exit_codes.USAGE
    code, out, err = run("inspect", "own.png", "x\0.png")
    assert (code, "holds a NUL" in err) == (exit_codes.PARTIAL, True)
    assert "freq_scale" in out


def test_wrong_options_are_refused_before_any_file_is_looked_at(run, own, monkeypatch):
    monkeypatch.setattr("fastspec.batch.inputs.items_to_read", lambda *_: pytest.fail("it looked"))
    assert run("inspect", "own.png", "--fmin", "3000", "--fmax", "200")[0] == exit_codes.USAGE


@pytest.mark.parametrize(
    ("kernels", "said"), [([], "all kernels were compiled before"), (["a", "b"], "kernels compiled: 2")]
)
def test_warmup_tells_what_it_did(run, monkeypatch, kernels, said):
    done = {"kernels": kernels, "compile_seconds": 1.25, "n_fft": [8, 16], "plan_seconds": 0.5}
    asked = []

    def warmed(n_fft, **more):
        asked.append((n_fft, more))
        return done

    monkeypatch.setattr("fastspec.diagnostics.warmup.warmup", warmed)
    code, out, _ = run("warmup", "--n-fft", 8, "--n-fft", 16, "--float64")
    assert (code, asked) == (0, [((8, 16), {"float64": True})])
    assert out == f"{said}\t1.2 s\nFFTs of 8, 16 samples planned\t0.5 s\n"
