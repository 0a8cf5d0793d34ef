"""On what a sound hangs: what is only assumed is refused by strict, warned of once, marked in batches."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import fastspec
from fastspec.batch import decode_files
from fastspec.calibration import trust
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.calibration.guesses import LIMITS as GUESSES
from fastspec.calibration.report import decode_command
from fastspec.calibration.trust import LIMITS

ALL = {
    "duration": 1.0, "sr": 8000, "freq_scale": "linear", "cmap": "magma", "origin": "lower", "level_kind": "db",
    "db_range": (-80.0, 0.0),
}  # fmt: skip
KNOWN = {"duration": 4.5, "db_range": (-80.0, 0.0)}  # all that the picture of the tests does not show


def _assumed(*names, **facts):
    rest = {name: Fact(value, "given") for name, value in ALL.items() if name not in names}
    return Calibration({**rest, **{name: Fact(ALL[name], "assumed", 0.3) for name in names}, **facts})


@pytest.mark.parametrize("name", sorted(ALL.keys() - {"level_kind"}))
def test_each_fact_that_is_assumed_is_a_doubt(name):
    assert trust.doubts(_assumed(name)) == (name,)
    assert trust.doubts(_assumed()) == ()


def test_what_levels_are_is_open_only_where_their_range_is():
    assert trust.doubts(_assumed("level_kind")) == ()
    assert trust.doubts(_assumed("level_kind", "db_range")) == ("level_kind", "db_range")


def test_a_range_matters_to_decibels_and_a_tools_own_is_good_enough():
    amplitude = {"level_kind": Fact("amplitude", "given")}
    assert trust.doubts(_assumed("db_range", **amplitude)) == ()
    usual = {"db_range": Fact((-120.0, 0.0), "assumed", LIMITS.usual)}
    assert trust.doubts(_assumed(**usual)) == ()
    assert trust.doubts(_assumed(db_range=Fact((-120.0, 0.0), "assumed", LIMITS.usual - 0.1))) == ("db_range",)


def test_rows_told_apart_by_their_frequencies_say_where_low_is():
    assert trust.doubts(_assumed("origin", freq_scale=Fact("log", "pixels", 0.9))) == ()


def test_what_was_hardly_read_is_a_doubt():
    assert trust.doubts(_assumed(duration=Fact(300.0, "pixels", LIMITS.unsure - 0.01))) == ("duration",)
    assert trust.doubts(_assumed(duration=Fact(300.0, "pixels", LIMITS.unsure))) == ()


def test_facts_in_which_readings_differ_are_doubts_until_they_are_given():
    readings = [
        {"facts": {"cmap": "gray", "origin": "lower"}, "probability": 0.6},
        {"facts": {"cmap": "gray_r", "origin": "lower"}, "probability": 0.4},
    ]
    seen = _assumed(cmap=Fact("gray", "pixels", 0.6)).described(readings=readings)
    assert trust.doubts(seen) == ("cmap",)
    assert trust.doubts(_assumed().described(readings=readings)) == ()


def test_what_the_pixels_hardly_show_is_unsure_beside_what_is_assumed():
    seen = _assumed(
        "sr",
        profile=Fact("librosa", "pixels", GUESSES.believed - 0.01),
        cmap=Fact("magma", "pixels", GUESSES.believed),
        n_fft=Fact(512, "profile", 0.1),
    )
    assert set(trust.unsure(seen)) == {"sr", "profile"}
    readings = [{"facts": {"cmap": name}, "probability": 0.5} for name in ("magma", "magma_r")]
    assert set(trust.unsure(seen.described(readings=readings))) == {"sr", "profile", "cmap"}


def test_strict_refuses_with_the_options_to_give(speech_picture):
    with pytest.raises(fastspec.CalibrationError, match=r"strict: duration, .* give --duration SECONDS") as refused:
        fastspec.decode(speech_picture, strict=True)
    assert "--db-range LO HI" in str(refused.value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, sr = fastspec.decode(speech_picture, strict=True, n_iter=1, hop_length=512, **KNOWN)
    assert len(y) == round(4.5 * sr)


def test_python_warns_once_a_call_at_the_line_that_called(speech_picture):
    decoder = fastspec.Decoder(n_iter=1)
    calls = (
        lambda: fastspec.decode(speech_picture, n_iter=1),
        lambda: decoder.decode(speech_picture),
        lambda: decoder.decode_batch([speech_picture, speech_picture]),
        lambda: list(decoder.stream([speech_picture])),
    )
    for call in calls:
        with pytest.warns(fastspec.FastspecWarning) as said:
            call()
        assert len(said) == 1
        assert said[0].filename == __file__
        assert "duration" in str(said[0].message)


def test_a_batch_says_of_how_many_pictures_and_which_is_first(speech_picture):
    own = fastspec.encode(np.sin(np.arange(8000)).astype(np.float32), 8000)
    with pytest.warns(
        fastspec.FastspecWarning, match="1 of 2 pictures have remarks; the one at index 1: assumed, .*duration"
    ):
        fastspec.Decoder(n_iter=1).decode_batch([own, speech_picture])


def test_the_command_line_says_it_once_and_not_as_a_warning(speech_picture, tmp_path, capsys):
    from fastspec import cli

    warnings.simplefilter("always")  # pytest restores the filters
    with pytest.raises(SystemExit):
        cli.main(["decode", str(speech_picture), "-o", str(tmp_path / "a.wav"), "--n-iter", "1"])
    said = capsys.readouterr().err
    assert said.count("assumed, as nothing tells it") == 1
    assert "FastspecWarning" not in said


def test_batches_mark_outputs_that_hang_on_a_guess(speech_picture, tmp_path):
    batch = decode_files([speech_picture], tmp_path / "a", n_iter=1)
    (record,) = list(batch)
    assert "duration" in record["doubtful"]
    assert batch.summary.doubtful == 1
    assert batch.summary.assumed["duration"] == 1
    line = next(line for line in batch.summary.lines() if "doubtful" in line)
    assert line.startswith("1 of 1 outputs is doubtful, ")
    sure = decode_files([speech_picture], tmp_path / "b", n_iter=1, hop_length=512, **KNOWN)
    (record,) = list(sure)
    assert "doubtful" not in record
    assert sure.summary.doubtful == 0
    assert not any("doubtful" in line for line in sure.summary.lines())


def test_a_strict_batch_records_a_refusal_and_does_not_go_on_with_another(speech_picture, tmp_path):
    batch = decode_files([speech_picture], tmp_path / "a", n_iter=1, strict=True)
    (record,) = list(batch)
    assert (record["type"], record["code"]) == ("failed", "calibration")
    assert json.loads(batch.config.settled)["strict"] is True
    with pytest.raises(fastspec.ParameterError, match="strict was true, is not set"):
        list(decode_files([speech_picture], tmp_path / "a", n_iter=1, resume=True))


def test_the_command_holds_no_guess(speech_picture):
    command = decode_command(fastspec.inspect(speech_picture), "a.png")
    assert "--duration SECONDS?" in command
    assert "--db-range LO? HI?" in command
    assert "--hop-length SAMPLES?" in command  # 512 is a guess
    assert "512" not in command
    sure = decode_command(fastspec.inspect(speech_picture, **KNOWN), "a.png")
    assert "?" not in sure
