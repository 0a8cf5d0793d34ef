"""--cmap FILE: a colour table of the user's own, in every command and in batches."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pytest
import soundfile
from PIL import Image

from fastspec import cli, colours
from fastspec.batch import decode_files, encode_files
from fastspec.errors import ParameterError

LEVEL = np.linspace(0, 1, 256)
TABLE = np.floor(np.stack([LEVEL**2, np.sqrt(LEVEL), 1 - LEVEL], axis=1) * 255 + 0.5)


@pytest.fixture
def folder(speech, tmp_path, monkeypatch):
    """A clip, and a table in maps/mine.csv."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maps").mkdir()
    (tmp_path / "sounds").mkdir()
    np.savetxt("maps/mine.csv", TABLE, fmt="%d", delimiter=",")
    y, sr = speech
    soundfile.write("clip.wav", y[:sr], sr)
    for number in range(2):
        soundfile.write(f"sounds/{number}.wav", y[number * 4000 : sr], sr)
    return tmp_path


def run(*arguments):
    return cli.run([str(argument) for argument in arguments])


def test_encode_and_decode(folder, capsys):
    look = ("--freq-scale", "log", "--size", "200x150")  # own looks in known maps carry a mark
    assert run("encode", "clip.wav", "-o", "own.png", "--cmap", "maps/mine.csv", *look) == 0
    assert run("encode", "clip.wav", "-o", "usual.png", *look) == 0
    (folder / "maps" / "mine.csv").rename(folder / "gone.csv")
    for name in ("own", "usual"):
        assert run("decode", f"{name}.png", "-o", f"{name}.wav", "--n-iter", 1) == 0
    assert (folder / "own.wav").read_bytes() == (folder / "usual.wav").read_bytes()
    pixels = np.asarray(Image.open("own.png").convert("RGB")).reshape(-1, 3)
    assert {tuple(colour) for colour in pixels.tolist()} <= {tuple(colour) for colour in TABLE.tolist()}


def test_inspect_says_the_command_that_decodes(folder, capsys):
    assert run("encode", "clip.wav", "-o", "own.png", "--cmap", "maps/mine.csv") == 0
    Image.open("own.png").convert("RGB").save("plain.png")
    capsys.readouterr()
    assert run("inspect", "plain.png", "--cmap", "maps/mine.csv", "--sr", 22050) == 0
    table = capsys.readouterr().out
    command = next(line for line in table.splitlines() if line.strip().startswith("fastspec decode"))
    assert "--cmap maps/mine.csv" in command
    assert max(len(line) for line in table.splitlines()) < 250  # no table of colours
    told = (
        command.replace("SECONDS?", "1")
        .replace("LO? HI?", "-80 0")
        .replace("SCALE?", "linear")
        .replace("WHERE?", "lower")
        .replace("--n-fft SAMPLES?", "")
        .replace("--hop-length SAMPLES?", "")
    )
    assert run(*shlex.split(told)[1:], "-o", "back.wav", "--n-iter", 1) == 0
    assert run("inspect", "plain.png", "--cmap", "maps/mine.csv", "--json") == 0
    facts = json.loads(capsys.readouterr().out.partition("{")[2].join("{ "))["facts"]
    assert facts["cmap"]["value"] == "maps/mine.csv"


@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_a_bad_file_is_a_wrong_option(folder, capsys, command):
    (folder / "bad.csv").write_text("0,0,0\n0,0,999\n")
    source = "clip.wav" if command == "encode" else "clip.png"
    if command != "encode":
        assert run("encode", "clip.wav", "-o", "clip.png") == 0
    for name, words in (("bad.csv", "holds 999"), ("none.csv", "no file that exists")):
        capsys.readouterr()
        code = run(command, source, "--cmap", name)
        assert code != 0
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("jobs", [1, 2])
def test_batches_need_no_file_once_they_began(folder, registry, jobs):
    colours.register("registered", TABLE / 255)
    for cmap in ("maps/mine.csv", folder / "maps" / "mine.csv", "registered"):
        out = folder / f"out-{jobs}-{len(str(cmap))}"
        drawing = encode_files(["sounds"], out, jobs=jobs, cmap=cmap)
        (folder / "maps" / "mine.csv").rename(folder / "gone.csv")
        assert drawing.run().failed == 0
        (folder / "gone.csv").rename(folder / "maps" / "mine.csv")
        for picture in out.rglob("*.png"):
            Image.open(picture).convert("RGB").save(picture)  # without its calibration
        reading = decode_files([out], folder / f"back-{out.name}", jobs=jobs, cmap=cmap, n_iter=1, sr=22050)
        assert reading.run().failed == 0
        assert len(list(folder.glob(f"back-{out.name}/**/*.wav"))) == 2


def test_a_changed_table_is_another_batch(folder):
    encode_files(["sounds"], "out", jobs=1, cmap="maps/mine.csv").run()
    assert encode_files(["sounds"], "out", jobs=1, cmap="maps/mine.csv", resume=True).run().kept == 2
    np.savetxt("maps/mine.csv", TABLE[::-1], fmt="%d", delimiter=",")
    with pytest.raises(ParameterError, match=r"cmap_table was .{0,60}\.\.\., is"):
        encode_files(["sounds"], "out", jobs=1, cmap="maps/mine.csv", resume=True).run()
