"""Arguments of a wrong type, or that contradict each other, are one sentence of ours, before any work."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec import Decoder, Encoder, cli
from fastspec.errors import CalibrationError, FastspecError, ParameterError

WRONG_TYPES = {
    "max_pixels": ["x", [], {}, True, 0, -1, float("nan"), 1j],
    "max_seconds": ["x", [], {}, True, 0, -1.5, float("nan"), (1,)],
    "quality": [3, [], None, "great", True],
    "method": [3, [], "x"],
    "init": [3, [], "x", np.zeros(3)],
    "n_iter": ["x", 1.5, True, [], -1],
    "seed": ["x", 1.5, True, None, -1],
    "workers": ["x", 1.5, True, 0, None],
    "force": ["no", 1, None, []],
    "strict": ["no", 0, None],
    "mono": ["no", 3, None],
    "calibration": [3, "x", {"sr": 8000}],
}
OF_ENCODER = {
    "max_seconds": ["x", [], True, 0],
    "size": ["640x480", 5, (1.5, 2), (1,), (0, 9), ("a", "b"), (9, 30_001)],
    "top_db": ["x", [], -5, 0, float("nan"), 1e9],
    "bits": ["8", None, [], 12],
    "window": [b"hann", [], {}, np.ones(9), np.hanning],
    "n_fft": ["x", [], 1.5, 1],
    "hop_length": ["x", [], -1, 0],
    "db_range": ["x", 5, (0, -80), (1,)],
    "cmap": [3, [], b"gray"],
    "profile": [3, [], "x"],
    "freq_scale": [3, [], "x"],
}


def cases(options):
    return [
        pytest.param(name, value, id=f"{name}-{value!r:.20}") for name, values in options.items() for value in values
    ]


@pytest.mark.parametrize(("name", "value"), cases(WRONG_TYPES))
def test_a_wrong_option_of_decoding_is_named_with_its_value(name, value):
    with pytest.raises(ParameterError, match=name) as told:
        Decoder(**{name: value})
    assert isinstance(told.value, ValueError)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize(("name", "value"), cases(OF_ENCODER))
def test_a_wrong_option_of_drawing_is_named_with_its_value(name, value):
    with pytest.raises(ParameterError, match=name):
        Encoder(**{name: value})


@pytest.mark.parametrize("sr", ["x", None, 0, -1, 8000.5, [], float("nan")])
def test_a_rate_is_a_whole_number(sr):
    with pytest.raises(ParameterError, match="sr="):
        fastspec.encode(np.zeros(900), sr)


@pytest.mark.parametrize("max_pixels", WRONG_TYPES["max_pixels"])
def test_inspection_checks_its_limit(max_pixels):
    with pytest.raises(ParameterError, match="max_pixels="):
        fastspec.inspect(np.zeros((9, 9), np.uint8), max_pixels=max_pixels)


def test_limits_and_switches_of_other_kinds_are_taken():
    for name, value in (
        ("max_pixels", None),
        ("max_pixels", np.int64(9)),
        ("max_seconds", np.float32(1.5)),
        ("max_seconds", 3),
    ):
        assert getattr(Decoder(**{name: value}), name) == value
    made = Decoder(force=np.bool_(True), strict=np.True_, seed=np.int64(3), workers=np.int32(2))
    assert (made.force, made.strict, made.phase["seed"], made.phase["workers"]) == (True, True, 3, 2)
    drawing = Encoder(size=(np.int64(9), 8), top_db=np.float64(60), max_seconds=None)
    assert (drawing.size, drawing.top_db, drawing.max_seconds) == ((9, 8), 60, None)


CONTRADICTIONS = [
    ({"sr": 16000, "fmax": 9000}, "fmax=9000 Hz lies above half"),
    ({"sr": 16000, "fmin": 9000}, "fmin=9000 Hz lies above half"),
    ({"fmin": 500, "fmax": 400}, "fmin=500 Hz is not below fmax=400"),
    ({"fmin": 400, "fmax": 400}, "not below"),
    ({"ref": 0}, "ref=0"),
    ({"hop_length": -1}, "hop_length=-1"),
    ({"hop_length": 0}, "hop_length=0"),
    ({"n_mels": 0}, "n_mels=0"),
    ({"n_mels": 600, "n_fft": 1024}, "513 bins"),
    ({"hop_length": 2049, "n_fft": 2048}, "longer than the window of 2048"),
    ({"hop_length": 1025, "win_length": 1024}, "longer than the window of 1024"),
    ({"win_length": 1025, "n_fft": 1024}, "longer than n_fft=1024"),
    ({"db_center": 5, "db_range": (-80, 0)}, "db_center=5 dB is not within"),
    ({"db_center": 0, "db_range": (-80, 0)}, "db_center=0 dB is not within"),
    ({"db_range": (0, 0)}, "db_range"),
    ({"level_kind": "db", "level_exponent": 0.5}, "level_exponent=0.5"),
]


@pytest.mark.parametrize(("facts", "said"), CONTRADICTIONS)
def test_facts_that_contradict_each_other_are_one_sentence(facts, said, tmp_path, capsys):
    for attempt in (lambda: Decoder(**facts), lambda: fastspec.inspect(np.zeros((9, 9), np.uint8), **facts)):
        with pytest.raises((ParameterError, CalibrationError), match=said):
            attempt()
    words = []
    for name, value in facts.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, tuple) else (value,))]
    for command in (["decode", "a.png", "-o", str(tmp_path / "a.wav")], ["inspect", "a.png"]):
        assert cli.run([*command, *words]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1


ALLOWED = [
    {"sr": 16000, "fmax": 8000}, {"fmin": 399.9, "fmax": 400}, {"ref": 1e-20}, {"hop_length": 2048, "n_fft": 2048},
    {"hop_length": 1024, "win_length": 1024}, {"n_mels": 513, "n_fft": 1024}, {"db_center": -0.1, "db_range": (-80, 0)},
    {"sr": 16000, "fmax": 9000, "freq_scale": "mel"},
]  # fmt: skip


@pytest.mark.parametrize("facts", ALLOWED, ids=str)
def test_what_just_fits_is_taken(facts):
    assert dict(Decoder(**facts).given) == facts


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_an_empty_name_is_no_file(name, tmp_path, capsys):
    for attempt in (fastspec.inspect, fastspec.decode):
        with pytest.raises(FastspecError, match="path of the picture is empty; name a file"):
            attempt(name)
    for command in (
        ["inspect", name],
        ["decode", name, "-o", "a.wav"],
        ["decode", name, "--out-dir", str(tmp_path / "o")],
    ):
        assert cli.run(command) == 2
        assert "an input is empty; name files" in capsys.readouterr().err
