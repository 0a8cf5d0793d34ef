"""Batches of edited pictures and the folder of the sounds that they were drawn of."""

from __future__ import annotations

import os

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec.batch import decode_files
from fastspec.errors import ParameterError

SR = 8000


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """Two edited pictures in `pictures` and their sounds in `sounds`; the working folder is above them."""
    monkeypatch.chdir(tmp_path)
    os.mkdir("pictures")
    os.mkdir("sounds")
    for seed, name in enumerate(("a", "b")):
        y = np.random.default_rng(seed).uniform(-0.3, 0.3, 6000) * np.linspace(0.05, 1, 6000)
        soundfile.write(f"sounds/{name}.wav", y, SR)
        picture = fastspec.encode(soundfile.read(f"sounds/{name}.wav", dtype="float32")[0], SR, n_fft=256).rgb()
        picture[40:80, 20:30] = picture.min(axis=(0, 1))
        Image.fromarray(picture).save(f"pictures/{name}.png")
    return tmp_path


def batch(out, **options):
    return list(decode_files(["pictures"], out, jobs=1, originals="sounds", **options))


def test_no_output_replaces_an_original(edited, run):
    before = {name: (edited / "sounds" / name).read_bytes() for name in ("a.wav", "b.wav")}
    (edited / "link").symlink_to("sounds")
    for folder in ("sounds", "link"):
        with pytest.raises(ParameterError, match=r"[/\\]a\.wav would replace a sound that pictures were drawn of"):
            batch(folder, overwrite=True)
    for more in ([], ["--overwrite"]):
        code, _, err = run("decode", "pictures/a.png", "--original", "sounds/a.wav", "-o", "link/a.wav", *more)
        assert (code, "would replace a sound that pictures were drawn of" in err) == (2, True)
        code, _, err = run("decode", "pictures/a.png", "--originals", "sounds", "-o", "sounds/b.wav", *more)
        assert (code, "would replace a sound that pictures were drawn of" in err) == (2, True)
    assert before == {name: (edited / "sounds" / name).read_bytes() for name in before}


@pytest.mark.parametrize("trust", ["nan", "0", "inf"])
def test_a_trust_that_is_none_is_wrong_usage(edited, run, trust):
    sound = ("--original", "sounds/a.wav", "-o", "out.wav")
    code, _, err = run("decode", "pictures/a.png", *sound, "--trust", trust)
    assert (code, "trust" in err) == (2, True)


def test_an_output_that_cannot_hold_the_samples_has_a_remark(edited):
    for form, said in (("flac", False), ("ogg", True)):
        records = batch(f"as-{form}", audio_format=form)
        assert [record["type"] for record in records] == ["done", "done"]
        assert all(said == ("VORBIS cannot hold" in " ".join(record["remarks"])) for record in records)


def test_resumed_with_another_original_or_sidecar_a_sound_is_made_again(edited):
    (edited / "pictures" / "b.png.json").write_text("{}")
    assert [record["type"] for record in batch("out")] == ["done", "done"]
    assert [record.get("kept") for record in batch("out", resume=True)] == [True, True]
    y, sr = soundfile.read("sounds/a.wav")
    soundfile.write("sounds/a.wav", -y, sr)
    kept = {record["input"][-5:]: record.get("kept") for record in batch("out", resume=True)}
    assert kept == {"a.png": None, "b.png": True}
    heard = soundfile.read("out/a.wav")[0]
    assert np.mean(heard == -y) > 0.3
    (edited / "pictures" / "b.png.json").write_text("[ ]")
    kept = {record["input"][-5:]: record.get("kept") for record in batch("out", resume=True)}
    assert kept == {"a.png": True, "b.png": None}
