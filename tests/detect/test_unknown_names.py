"""A colormap or window that a file states and nobody knows is that file's fault: it is shown as unsure and refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import fastspec
from fastspec import cli
from fastspec.batch import decode_files
from fastspec.detect import unknown_names
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture import files

WRONG = [
    ("cmap", "magmma", "no colormap is called 'magmma'"),
    ("window", "hanning9", "window 'hanning9' is unknown"),
    ("window", "tukey:wide", "'wide' for a parameter"),
    ("window", "kaiser", "takes 1 parameters"),
    ("window", "taylor:9999", "1 to 64 nearly constant side lobes"),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Picture and calibration of fastspec's own."""
    path = tmp_path_factory.mktemp("own") / "own.png"
    files.write(fastspec.encode(np.sin(np.arange(3000) * 0.3).astype(np.float32), 8000, n_fft=128), path)
    with Image.open(path) as image:
        return image.copy(), json.loads(image.text["fastspec:calibration"])  # type: ignore[attr-defined]


def stating(own, path, **facts):
    """The picture, stating these facts of itself."""
    image, document = own
    told = PngInfo()
    told.add_text("fastspec:calibration", json.dumps({**document, "facts": {**document["facts"], **facts}}))
    image.save(path, pnginfo=told)
    return str(path)


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_what_nobody_knows_is_shown_as_unsure_and_refused(own, tmp_path, capsys, name, value, said):
    path = stating(own, tmp_path / "a.png", **{name: value})
    cal = fastspec.inspect(path)
    assert (cal[name], cal.source(name), cal.facts[name].confidence) == (value, "embedded", 0.0)
    (remark,) = cal.remarks
    assert said in remark
    assert remark.endswith(f"; give --{name} NAME")
    with pytest.raises(CalibrationError, match=f"what the file says of itself cannot be used.*--{name} NAME"):
        fastspec.decode(path)
    assert cli.run(["decode", path, "-o", str(tmp_path / "a.wav")]) == 1
    assert "a.png: what the file says" in capsys.readouterr().err
    (record,) = decode_files([path], tmp_path / "out")
    assert (record["type"], record["code"]) == ("failed", "calibration")
    assert cli.run(["inspect", path]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == [name]]
    assert " 0%" in row
    assert "100%" not in row


@pytest.mark.parametrize(("name", "value", "said"), WRONG[:2])
def test_what_the_user_gives_rules(own, tmp_path, name, value, said):
    path = stating(own, tmp_path / "a.png", **{name: value})
    right = own[1]["facts"][name]
    y, _ = fastspec.decode(path, **{name: right, "n_iter": 1})
    want, _ = fastspec.decode(stating(own, tmp_path / "b.png"), n_iter=1)
    assert np.array_equal(y, want)
    with pytest.raises(ParameterError, match=said):  # wrong usage
        fastspec.decode(path, **{name: value})
    assert cli.run(["decode", path, f"--{name}", value]) == 2


def test_a_profile_that_nobody_knows_is_unsure(own, tmp_path):
    cal = fastspec.inspect(stating(own, tmp_path / "a.png", profile="spectro9000"))
    assert cal.facts["profile"].confidence == 0.0


def test_what_is_known_stays_as_the_file_says(own, tmp_path):
    cal = fastspec.inspect(stating(own, tmp_path / "a.png", window=["tukey", 0.25]))
    assert (cal["window"], cal.facts["window"].confidence, cal.remarks) == ("tukey:0.25", 1.0, ())
    unknown_names.check(cal)
