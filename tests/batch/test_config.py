"""One configuration: what the outputs depend on, and how two of them differ."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import soundfile

import fastspec
from fastspec.batch import decode_config, encode_files
from fastspec.batch.config import converter, encode_config
from fastspec.decoder import Decoder
from fastspec.encoder import Encoder
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture import files


def test_equal_outputs_have_equal_fingerprints():
    one = decode_config(sr=8000, n_iter=2)
    assert one.fingerprint == decode_config(n_iter=2, sr=8000).fingerprint
    assert one.fingerprint == decode_config(sr=8000, n_iter=2, workers=2).fingerprint
    for other in ({"n_iter": 3}, {"sr": 16000}, {"subtype": "PCM_24"}, {"normalize": False}, {"mono": True}):
        assert decode_config(**{"sr": 8000, "n_iter": 2, **other}).fingerprint != one.fingerprint
    assert encode_config(n_fft=512).fingerprint != encode_config(n_fft=1024).fingerprint
    assert encode_config(jpeg_quality=80).fingerprint != encode_config(jpeg_quality=90).fingerprint


def test_limits_decide_which_files_fail_and_change_no_output():
    assert decode_config(max_pixels=1000).fingerprint == decode_config(max_seconds=3).fingerprint


def test_differences_are_sentences_with_both_values():
    before = json.loads(decode_config(sr=8000, n_iter=2).settled)
    assert decode_config(sr=8000, n_iter=2).differences(before) == []
    assert decode_config(sr=16000, n_iter=2, n_fft=512).differences(before) == [
        "n_fft was not set, is 512",
        "sr was 8000, is 16000",
    ]


def test_it_travels_and_makes_the_same_converter_again():
    config = pickle.loads(pickle.dumps(decode_config(sr=8000, n_iter=2)))
    made = converter(config)
    assert isinstance(made, Decoder)
    assert made.given["sr"] == 8000
    assert converter(pickle.loads(pickle.dumps(config))) is made
    assert isinstance(converter(encode_config(n_fft=512)), Encoder)


@pytest.mark.parametrize(
    ("make", "options", "suffix"),
    [
        (decode_config, {}, ".wav"),
        (decode_config, {"audio_format": "FLAC"}, ".flac"),
        (encode_config, {}, ".png"),
        (encode_config, {"picture_format": "WEBP"}, ".webp"),
    ],
)
def test_the_format_names_the_suffix(make, options, suffix):
    assert make(**options).suffix == suffix


@pytest.mark.parametrize(
    ("make", "options", "word"),
    [
        (decode_config, {"audio_format": "doc"}, "DOC"),
        (decode_config, {"subtype": "PCM_99"}, "PCM_99"),
        (decode_config, {"n_iter": -1}, "-1"),
        (decode_config, {"init": np.zeros(3)}, "names and numbers"),
        (encode_config, {"picture_format": "doc"}, "doc"),
        (encode_config, {"bits": 12}, "bits"),
    ],
)
def test_what_cannot_be_is_refused_before_any_file(make, options, word):
    with pytest.raises((ParameterError, CalibrationError), match=word):
        make(**options)


def test_the_facts_of_another_picture_travel_as_plain_values(tmp_path):
    drawn = tmp_path / "drawn.png"
    picture = fastspec.encode(np.sin(np.arange(4000) * 0.3), 8000, n_fft=256)
    files.write(picture, drawn)
    decoding = decode_config(like=drawn)
    drawn.unlink()  # another machine may not have it
    decoder = converter(decoding)
    bare = fastspec.Picture(picture.rgb())
    assert dict(decoder.read(bare).calibration)["n_fft"] == 256
    files.write(fastspec.encode(np.sin(np.arange(4000) * 0.3), 8000, n_fft=512), drawn)
    assert decode_config(like=drawn).fingerprint != decoding.fingerprint != decode_config().fingerprint


def test_a_batch_of_pictures_with_sidecars(tmp_path):
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", np.sin(np.arange(4000) * 0.3) / 2, 8000)
    batch = encode_files([tmp_path / "a.wav", tmp_path / "b.wav"], tmp_path / "out", sidecar=True)
    assert [record["type"] for record in batch] == ["done", "done"]
    assert {path.name for path in (tmp_path / "out").glob("*.json")} >= {"a.png.json", "b.png.json"}
    assert encode_config(sidecar=True).fingerprint != encode_config().fingerprint
    with pytest.raises(ParameterError, match="sidecar"):
        encode_config(sidecar="x")


def test_a_batch_of_an_earlier_release_with_the_same_options_is_gone_on_with(monkeypatch):
    made = decode_config(sr=8000, n_iter=2)
    settled = json.loads(made.settled)
    assert made.continues({"fingerprint": made.fingerprint})
    old = {"fingerprint": "x", "config": {**settled, "fastspec": "0.1.0"}}
    assert made.continues(old)
    for other in (
        {"config": {**settled, "fastspec": "0.0.9"}},
        {"config": {**settled, "fastspec": "0.1.0", "sr": 9000}},
        {"config": [settled]},
        {"config": None},
        {},
    ):
        assert not made.continues({"fingerprint": "x", **other})


def test_differences_of_what_is_no_configuration():
    made = decode_config(sr=8000)
    assert made.differences(None) == ["its ledger does not tell which"]
    found = made.differences({**json.loads(made.settled), "sr": "x" * 500})
    assert len(found) == 1
    assert len(found[0]) < 300
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested" in made.differences({**json.loads(made.settled), "sr": deep})[0]


def test_the_code_of_what_cannot_be_read():
    assert (decode_config().unreadable, encode_config().unreadable) == ("picture", "audio")


def test_facts_of_a_file_override_those_of_all(tmp_path):
    from fastspec.batch.config import reader

    config = decode_config(sr=8000, db_range=(-60.0, 0.0))
    assert reader(config, None) is converter(config)
    assert reader(config, "{}").given["sr"] == 8000
    assert reader(config, '{"sr": 9000}').given["sr"] == 9000
    own = reader(config, '{"level_range": [-8.0, 0.0], "level_unit": "ln"}').given
    assert own["db_range"] != (-60.0, 0.0)
    units = decode_config(level_range=(-8.0, 0.0), level_unit="ln")
    assert reader(units, '{"db_range": [-50.0, 0.0]}').given["db_range"] == (-50.0, 0.0)


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        (None, {}, (".wav", "WAV", "PCM_16")),
        (None, {"format": "FLAC"}, (".flac", "FLAC", "PCM_16")),
        ("x.flac", {}, (".wav", "FLAC", "PCM_16")),
        (None, {"subtype": "FLOAT"}, (".wav", "WAV", "FLOAT")),
    ],
)
def test_the_format_of_sounds(name, options, found):
    from fastspec.batch.config import picture_output, sound_output

    asked = {"format": None, "subtype": None, **options}
    assert sound_output(asked["format"], asked["subtype"], name) == found
    assert picture_output(None, "a.jpg")[1] == "JPEG"
    assert picture_output(None) == (".png", "PNG")
    assert picture_output("tiff", "a.jpg")[1] == "TIFF"


def test_what_is_refused_and_written_is_in_the_fingerprint_and_workers_are_not():
    settled = json.loads(decode_config(strict=True, mono=True, workers=3, subtype="PCM_24").settled)
    assert (settled["strict"], settled["mono"], settled["subtype"], settled["normalize"]) == (
        True,
        True,
        "PCM_24",
        True,
    )
    assert settled["command"] == "decode"
    assert not {"workers"} & set(settled)
    assert "strict" not in json.loads(decode_config().settled)
    assert json.loads(decode_config(workers=3).converter)["workers"] == 1
    drawn = json.loads(encode_config(bits=16, size=(64, 48), top_db=60).settled)
    assert (drawn["command"], drawn["bits"], drawn["size"], drawn["top_db"]) == ("encode", 16, [64, 48], 60)
