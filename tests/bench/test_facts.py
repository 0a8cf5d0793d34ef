"""The judge of `inspect`: false or missing facts do not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import pictures
from bench.quality import facts


@pytest.mark.parametrize(
    ("name", "value", "truth", "right"),
    [
        ("cmap", "gist_gray", "gray", True),
        ("cmap", "gray_r", "binary", True),
        ("cmap", "gray8", "gray", True),
        ("cmap", "magma_r", "magma", False),
        ("cmap", "twilight", "twilight_shifted", False),
        ("db_range", (-79.8, 0.0), (-80.0, 0.0), True),
        ("db_range", (-60.0, 0.0), (-80.0, 0.0), False),
        ("db_range", (-60.0, 0.0), (-80, 0, "at least"), True),
        ("db_range", (-90.0, 0.0), (-80, 0, "at least"), False),
        ("duration", 8.05, 8.0, True),
        ("duration", 8.2, 8.0, False),
        ("plot_area", (10, 10, 101, 99), (10, 10, 100, 100), True),
        ("plot_area", (10, 10, 102, 100), (10, 10, 100, 100), False),
        ("profile", "ffmpeg", "ffmpeg-sqrt", True),
        ("profile", "ffmpeg-cbrt", "ffmpeg-sqrt", False),
        ("profile", "librosa-0.8", "librosa", False),
        ("sr", 22050, 44100, False),
    ],
)
def test_matters_of_judgement(name, value, truth, right):
    assert facts.is_right(name, value, truth) is right


def made(**changed):
    """One judged picture on a log axis: (value, confidence) of each fact, None for not stated."""
    truth = {"freq_scale": "log", "sr": 22050, "n_fft": 1024, "cmap": "magma"}
    drawing = pictures.Drawing(Path("x.png"), "log", {**truth, "profile": "librosa"}, frozenset(truth))
    said = []
    for name, true in truth.items():
        value, sure = changed.get(name, (true, 0.99)) or (None, 0.0)
        verdict = facts.SILENT if value is None else facts.RIGHT if value == true else facts.FALSE
        said.append(facts.Said(name, verdict, value, true, sure, "pixels", True, True))
    return facts.Judged(drawing, tuple(said), 0.01)


def test_right_facts_pass(capsys):
    assert facts.report("Drawings", [made()] * 3, False, True) == []
    assert "12 of 12 are right" in capsys.readouterr().out


def test_one_sure_falsehood_fails_and_an_unsure_one_does_not(capsys):
    rows = [made()] * 30
    missed = facts.report("Drawings", [*rows, made(sr=(16000, 0.95))], True, False)
    assert len(missed) == 1
    assert "x.png: sr 16000 0.95" in capsys.readouterr().out
    assert facts.report("Drawings", [*rows, made(sr=(16000, 0.88))], True, False) == []


def test_too_many_silent_pictures_fail():
    rows = [made()] * 10 + [made(sr=None, n_fft=None, freq_scale=None)]
    missed = facts.report("Drawings", rows, False, False)
    assert len(missed) == 1
    assert "93.2%" in missed[0]
