"""Parts of a configuration by themselves."""

from __future__ import annotations

import json
import os

import pytest

import fastspec
from fastspec.batch import config, decode_config, encode_config
from fastspec.errors import ParameterError
from fastspec.retouch import TRUST


def test_options_are_told_in_one_order_and_without_what_was_not_given():
    assert config._json({"b": 1, "a": None, "c": [2, None]}) == '{"b": 1, "c": [2, null]}'
    assert config._json({"c": 1, "b": 2}) == '{"b": 2, "c": 1}'
    one, other = decode_config(sr=8000, n_iter=2), decode_config(n_iter=2, sr=8000)
    assert (one.converter, one.writing, one.settled) == (other.converter, other.writing, other.settled)
    with pytest.raises(ParameterError, match=r"its options are plain values: .*; give names and numbers"):
        config._json({"a": object()})


def test_originals_are_written_at_their_level_and_in_their_subtype(tmp_path):
    (tmp_path / "a.wav").touch()
    made = decode_config(originals=tmp_path)
    where = {"originals": os.path.abspath(tmp_path), "trust": TRUST}
    assert json.loads(made.writing) == {"format": "WAV", **where}
    assert json.loads(decode_config(originals=tmp_path, trust=3, subtype="PCM_24").writing) == {
        "format": "WAV", "subtype": "PCM_24", **where, "trust": 3.0,
    }  # fmt: skip
    settled = json.loads(made.settled)
    assert (settled["originals"], settled["trust"]) == (where["originals"], TRUST)
    assert "subtype" not in settled
    with pytest.raises(ParameterError, match="trust=3 needs originals; name the folder of the sounds"):
        decode_config(trust=3)
    decode_config(trust=None)


def test_what_is_written_of_pictures():
    assert json.loads(encode_config().writing) == {"format": "PNG", "quality": 95}
    assert json.loads(encode_config(jpeg_quality=7, sidecar=True, picture_format="jpg").writing) == {
        "format": "JPEG", "quality": 7, "sidecar": True,
    }  # fmt: skip
    assert encode_config(picture_format="jpg").suffix == ".jpg"
    assert config.picture_output("JPEG") == (".jpg", "JPEG")


def test_the_facts_of_another_picture_hold_whatever_it_is_called():
    like = {"facts": {"sr": 1}, "picture": {"like": "a.png", "width": 3}}
    assert config._without_name(like) == {"facts": {"sr": 1}, "picture": {"width": 3}}
    assert like["picture"]["like"] == "a.png"  # the other one stays


def test_pictures_that_0_2_draws_with_a_mark_are_not_gone_on_with():
    made = encode_config(n_fft=256)
    settled = json.loads(made.settled)
    assert settled["profile"] == "fastspec"
    assert not made.continues({"config": {**settled, "fastspec": "0.1.0"}})
    other = encode_config(n_fft=256, size=(64, 48))
    assert other.continues({"config": {**json.loads(other.settled), "fastspec": "0.1.0"}})


def test_differences_are_those_of_either_side_in_the_order_of_their_names():
    made = config.Config("decode", "{}", "{}", ".wav", json.dumps({"b": 1, "c": None, "d": [1, 2], "e": 5}))
    assert made.differences({"a": "x", "b": 2, "c": None, "d": [1, 2]}) == [
        'a was "x", is not set', "b was 2, is 1", "e was not set, is 5",
    ]  # fmt: skip


def test_a_row_as_it_was_used_reads_nothing_off_the_picture_unless_an_option_adds_to_it(monkeypatch):
    from fastspec import inspection

    asked = []

    def as_used(*given):
        asked.append(given)
        return "as used"

    monkeypatch.setattr(inspection, "as_used", as_used)
    own = {"sr": 8000, "as used": {"assumed": {"n_fft": 64}, "doubtful": ["sr"], "seen": ["x"]}}
    used = config.decoder_of("{}", json.dumps(own))
    assert used.given == "as used"
    ((given, assumed, doubtful, seen),) = asked
    assert (dict(given), assumed, doubtful, seen) == ({"sr": 8000}, {"n_fft": 64}, ["sr"], ["x"])
    more = config.decoder_of('{"n_fft": 128}', json.dumps(own))
    assert dict(more.given) == {"sr": 8000, "n_fft": 128}
    assert len(asked) == 1


def test_a_files_range_replaces_the_options_range_in_whatever_unit():
    given = '{"level_range": [-8.0, 0.0], "level_unit": "ln", "sr": 8000}'
    own = config.decoder_of(given, '{"db_range": [-50.0, 0.0]}').given
    assert (own["db_range"], own["sr"]) == ((-50.0, 0.0), 8000)
    other = config.decoder_of('{"db_range": [-50.0, 0.0]}', '{"level_range": [-2.0, 0.0], "level_unit": "log10"}').given
    assert other["db_range"] == pytest.approx((-20.0, 0.0))
    kept = config.decoder_of(given, '{"n_fft": 64}').given
    assert kept["db_range"] == pytest.approx((-34.744, 0.0), abs=1e-3)


def test_a_process_keeps_four_of_its_converters():
    made = [decode_config(n_iter=k) for k in range(5)]
    first = [config.converter(each) for each in made[:4]]
    assert [config.converter(each) for each in made[:4]] == first
    config.converter(made[4])
    assert config.converter(made[4]) is config.converter(made[4])
    assert config.converter(made[0]) is not first[0]
    assert config._decoder.cache_info().maxsize == config._encoder.cache_info().maxsize == 4


def test_formats_that_do_not_exist_are_wrong_options():
    for wrong in ({"audio_format": "doc"}, {"subtype": "PCM_99"}):
        with pytest.raises(ParameterError) as told:
            decode_config(**wrong)
        assert told.value.__cause__ is None
    assert config.sound_output(None, None, "a.ogg")[1] == "OGG"
    assert fastspec.__version__ == json.loads(decode_config().settled)["fastspec"]
