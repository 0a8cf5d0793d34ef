"""`inspect --hear DIR`: every close reading is a sound of its own, named and listed with what it holds."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec import cli
from fastspec.calibration.facts import Fact
from fastspec.calibration.readings import Reading
from fastspec.cli import hear as hearing
from fastspec.colours import colormap
from fastspec.errors import CalibrationError, OutputError, PictureError

SR = 8000


@pytest.fixture(scope="module")
def ambiguous(tmp_path_factory):
    """A picture that may be gray or gray_r, lowest frequency at the bottom or on top."""
    rng = np.random.default_rng(9)
    levels = np.clip(np.linspace(0.8, 0.2, 90)[:, None] + 0.1 * rng.normal(size=(90, 120)), 0, 1).astype(np.float32)
    path = tmp_path_factory.mktemp("pictures") / "open.png"
    Image.fromarray(colormap.colour_of(np.ascontiguousarray(levels[::-1]), colormap.get("gray"))).save(path)
    return path


@pytest.fixture(scope="module")
def sure(tmp_path_factory):
    """A picture that says all by itself."""
    path = tmp_path_factory.mktemp("pictures") / "sure.png"
    y = np.sin(np.arange(SR) * 0.3).astype(np.float32)
    fastspec.picture.files.write(fastspec.encode(y, SR, n_fft=256), path)
    return path


def facts_of(path, **given):
    return {"sr": SR, **given}, fastspec.inspect(path, sr=SR, **given)


def test_each_close_reading_is_the_sound_of_its_facts(ambiguous, tmp_path):
    given, cal = facts_of(ambiguous)
    told = cal.picture["readings"]
    heard = hearing.hear(ambiguous, cal, str(tmp_path / "new"), given)
    assert [each["facts"] for each in heard] == [each["facts"] for each in told]
    assert len({each["file"] for each in heard}) == len(heard) >= 2
    sounds = []
    for each in heard:
        facts = each["facts"]
        assert f"open.{len(sounds) + 1}.cmap-{facts['cmap']}.origin-{facts['origin']}.wav" in each["file"]
        y, sr = soundfile.read(each["file"])
        decoder = fastspec.Decoder(sr=SR, **facts)
        want = decoder.waveform(decoder.read(ambiguous))
        assert sr == SR
        assert np.allclose(y / np.abs(y).max(), want / np.abs(want).max(), atol=2e-3)
        sounds.append(y)
    assert not np.allclose(sounds[0], sounds[1], atol=0.01)


def test_where_nothing_is_open_there_is_one_sound_and_that_is_said(sure, tmp_path, capsys):
    assert cli.run(["inspect", str(sure), "--hear", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["sure.1.wav"]
    assert "no other interpretation is likely; its sound:" in said
    assert "freq_scale" in said  # the table stands above


def test_the_command_lists_files_and_options(ambiguous, tmp_path, capsys):
    assert cli.run(["inspect", str(ambiguous), "--sr", str(SR), "--hear", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    for path in tmp_path.iterdir():
        line = next(line for line in said.splitlines() if path.name in line)
        _, _, cmap, origin, _ = path.name.split(".")
        assert f"--cmap {cmap.removeprefix('cmap-')} --origin {origin.removeprefix('origin-')}" in line
        assert line.endswith("%)")
    assert len(list(tmp_path.iterdir())) >= 2
    assert cli.run(["inspect", str(ambiguous), "--sr", str(SR), "--hear", str(tmp_path / "j"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert len(report["heard"]) == len(report["picture"]["readings"])


def test_sounds_that_exist_are_not_replaced(sure, tmp_path):
    given, cal = facts_of(sure)
    (tmp_path / "sure.1.wav").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"sure\.1\.wav already exists; name another folder with --hear"):
        hearing.hear(sure, cal, str(tmp_path), given)
    assert (tmp_path / "sure.1.wav").read_bytes() == b"mine"


def test_what_is_no_spectrogram_is_not_heard_and_still_reported(sure, tmp_path, capsys, monkeypatch):
    given, cal = facts_of(sure)
    with pytest.raises(PictureError, match="it is a map; fastspec decode --force"):
        hearing.hear(sure, cal.described(doubt="it is a map"), str(tmp_path / "a"), given)
    assert not (tmp_path / "a").exists()
    real = fastspec.inspection.inspect
    monkeypatch.setattr(fastspec.inspection, "inspect", lambda *a, **k: real(*a, **k).described(doubt="it is a map"))
    assert cli.run(["inspect", str(sure), "--hear", str(tmp_path / "a")]) == 1
    assert "freq_scale" in capsys.readouterr().out
    assert cli.run(["inspect", str(sure), "--json", "--hear", str(tmp_path / "a")]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "picture"


def test_a_reading_that_has_no_sound_does_not_silence_the_others(sure, tmp_path):
    given, cal = facts_of(sure)
    scale = Fact("linear", "pixels", 0.5, alternative="mel")
    failing = cal.corrected({"freq_scale": scale, "origin": Fact("lower", "pixels", 0.6, alternative="upper")})
    heard = hearing.hear(sure, failing, str(tmp_path), {**given, "n_bins": 9, "fmin": 3000.0, "fmax": 3999.0})
    assert all("file" in each or each["error"] for each in heard)
    impossible = {**given, "max_seconds": 0.01}
    with pytest.raises(CalibrationError):
        hearing.hear(sure, failing, str(tmp_path / "b"), impossible)


def test_the_most_probable_is_the_first(sure, tmp_path, monkeypatch):
    given, cal = facts_of(sure)
    chances = (0.2, 0.5, 0.3)
    monkeypatch.setattr(hearing, "readings", lambda _: tuple(Reading({"n_iter": 1}, chance) for chance in chances))
    heard = hearing.hear(sure, cal, str(tmp_path), {**given, "quality": "fast"})
    assert [each["probability"] for each in heard] == [0.5, 0.3, 0.2]
    assert [each["file"].rpartition("sure.")[2][0] for each in heard] == ["1", "2", "3"]


def test_options_are_as_a_shell_takes_them():
    rows = [
        {"file": "a.wav", "facts": {"freq_edges": "librosa>=0.9", "mel_htk": False}, "probability": 0.625},
        {"error": "too long", "facts": {"db_range": [-80.0, 0.0]}, "probability": 0.3},
    ]
    assert hearing.as_lines(rows).splitlines()[1:] == [
        "  a.wav  --freq-edges 'librosa>=0.9' --no-mel-htk  (62%)",
        "  (no sound: too long)  --db-range -80.0 0.0  (30%)",
    ]


def test_names_of_facts_are_names_of_files():
    reading = Reading({"cmap": "my/maps: x.csv", "db_range": (-80.0, 0.0)}, 0.5)
    assert hearing._name("a", 2, reading) == "a.2.cmap-my_maps_x.csv.db_range--80.0_0.0.wav"
    assert len(hearing._name("a", 2, Reading({"cmap": "x" * 300}, 0.5))) < 200
