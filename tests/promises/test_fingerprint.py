"""Every option that changes bytes is in a batch's fingerprint; a new option is either there or named here as harmless.

By the signatures: an option that nobody has thought of fails these tests until somebody has.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import fields

import pytest

from fastspec.batch import Options, decode_config, encode_config
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS
from fastspec.decoder import Decoder
from fastspec.encoder import Encoder
from fastspec.picture import files as picture_files
from fastspec.sound import files as sound_files

# What changes bytes, with two values that give others than the default.
OF_DECODER = {
    "quality": ("fast", "best"), "method": ("gla", "raar"), "init": ("zero", "random"), "n_iter": (3, 7),
    "seed": (1, 2), "strict": (True,), "mono": (True,),
    "like": (Calibration.of("given", sr=8000), Calibration.of("given", sr=9000)),
}  # fmt: skip
OF_SOUNDS = {"format": ("FLAC", "OGG"), "subtype": ("PCM_24", "FLOAT"), "normalize": (False,)}
OF_ORIGINALS = ("originals", "trust")
OF_ENCODER = {
    "n_fft": (512, 256), "hop_length": (100, 200), "win_length": (512, 300), "window": ("hamming", "blackman"),
    "center": (False,), "freq_scale": ("log", "mel"), "cmap": ("viridis", "gray"),
    "db_range": ((-50.0, 0.0), (-40.0, 3.0)),
    "top_db": (60.0, 40.0), "size": ((64, 48), (80, 48)), "bits": (16,), "profile": ("librosa", "librosa-0.8"),
    "n_mels": (40, 60), "fmin": (20.0, 30.0), "fmax": (3000.0, 2000.0),
}  # fmt: skip
WITH = {name: {"freq_scale": "mel"} for name in ("n_mels", "fmin", "fmax")}  # what an option is of use with
OF_PICTURES = {"format": ("WEBP", "JPEG"), "quality": (80, 60)}

# What changes no bytes of what is converted, or cannot be given to a batch.
HARMLESS = {
    "calibration": "is no option of a batch: its facts are",
    "workers": "a batch has its own; results do not depend on it",
    "force": "converts more, and nothing otherwise",
    "max_pixels": "a limit", "max_seconds": "a limit", "max_memory": "a limit", "timeout": "a limit",
    "limits": "a limit",
    "facts": "by name, each below",
    "self": "", "path": "", "y": "", "sr": "of the sound itself", "picture": "", "target": "", "out": "",
    "embedded": "the picture's own", "lossless": "not given by batches", "compress_level": "not given by batches",
}  # fmt: skip


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in HARMLESS]


def test_no_option_is_forgotten():
    assert set(parameters(Decoder.__init__)) == set(OF_DECODER)
    assert set(parameters(sound_files.write)) == set(OF_SOUNDS)
    assert set(parameters(Encoder.__init__)) == set(OF_ENCODER)
    assert set(parameters(picture_files.encode_bytes)) == set(OF_PICTURES)
    assert set(parameters(decode_config)) == {*OF_ORIGINALS, "audio_format", "subtype", "normalize", "options"}
    assert set(parameters(encode_config)) == {"picture_format", "jpeg_quality", "sidecar", "options"}


def test_originals_count(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    given = [{}, *({"originals": tmp_path / name, **more} for name in "ab" for more in ({}, {"trust": 3.0}))]
    assert len({decode_config(**each).fingerprint for each in given}) == len(given)


def test_how_a_batch_runs_is_in_no_fingerprint():
    how = {field.name for field in fields(Options)}
    assert not how & {*OF_DECODER, *OF_SOUNDS, *OF_ENCODER, *OF_PICTURES, *FACTS}


@pytest.mark.parametrize("name", OF_DECODER)
def test_options_of_the_decoder_count(name):
    prints = {decode_config(**{name: value}).fingerprint for value in OF_DECODER[name]}
    assert len({decode_config().fingerprint, *prints}) == 1 + len(OF_DECODER[name])


@pytest.mark.parametrize("name", OF_SOUNDS)
def test_options_of_sounds_count(name):
    given = {"format": "audio_format"}.get(name, name)
    prints = {decode_config(**{given: value}).fingerprint for value in OF_SOUNDS[name]}
    assert len({decode_config().fingerprint, *prints}) == 1 + len(OF_SOUNDS[name])


@pytest.mark.parametrize("name", OF_ENCODER)
def test_options_of_the_encoder_count(name):
    more = WITH.get(name, {})
    prints = {encode_config(**more, **{name: value}).fingerprint for value in OF_ENCODER[name]}
    assert len({encode_config(**more).fingerprint, *prints}) == 1 + len(OF_ENCODER[name])


@pytest.mark.parametrize("name", OF_PICTURES)
def test_options_of_pictures_count(name):
    given = {"format": "picture_format", "quality": "jpeg_quality"}[name]
    prints = {encode_config(**{given: value}).fingerprint for value in OF_PICTURES[name]}
    assert len({encode_config().fingerprint, *prints}) == 1 + len(OF_PICTURES[name])


OTHERS = {
    "int": (64, 96), "float": (2.0, 3.0), "bool": (True, False), "pair": ((-50.0, -10.0), (-40.0, -5.0)),
    "box": ((1, 2, 300, 400), (1, 2, 300, 401)), "border": ((1, 1, 1, 1), (1, 1, 1, 2)),
    "offsets": ((0.5, 0.5, 0.5, 0.5), (0.5, 0.5, 0.5, 0.25)),
}  # fmt: skip
NAMES = {"profile": ("librosa", "librosa-0.8"), "cmap": ("gray", "viridis"), "window": ("hamming", "blackman")}
FEW = {"channels": (2, 3), "panel": (2, 3)}


@pytest.mark.parametrize("name", [name for name in FACTS if name != "cmap_table"])
def test_facts_count(name):
    spec = FACTS[name]
    values = FEW.get(name) or NAMES.get(name) or OTHERS.get(spec.kind) or spec.choices[:2]
    prints = {decode_config(**{name: value}).fingerprint for value in values}
    assert len({decode_config().fingerprint, *prints}) == 3


def test_a_table_of_colours_counts_by_its_colours(tmp_path):
    """Not by its name: the file may be another the next day."""
    prints = set()
    for last in (254, 255):
        path = tmp_path / "colours.csv"
        path.write_text("\n".join(f"{k},{k},{min(k, last)}" for k in range(256)))
        prints.add(decode_config(cmap=str(path)).fingerprint)
    assert len(prints) == 2


def test_a_table_of_facts_counts(tmp_path):
    (tmp_path / "a.csv").write_text("path,sr\na.png,8000\n")
    (tmp_path / "b.csv").write_text("path,sr\na.png,8001\n")
    prints = {decode_config(facts=tmp_path / name).fingerprint for name in ("a.csv", "b.csv")}
    assert len({decode_config().fingerprint, *prints}) == 3


@pytest.mark.parametrize("config", [decode_config(), encode_config()])
def test_the_release_counts(config):
    settled = json.loads(config.settled)
    assert settled["fastspec"]
    assert not config.continues({"fingerprint": "", "config": {**settled, "fastspec": "0.0.1"}})
    assert config.continues({"fingerprint": config.fingerprint})
    for name in settled:
        other = {key: value for key, value in settled.items() if key != name}
        assert not config.continues({"fingerprint": "", "config": other})
