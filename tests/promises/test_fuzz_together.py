"""Fuzzing of pictures' bytes together with what a person gives beside them, by Python and by the command line.

What once failed stays in tests/data/hostile: a picture NAME.png, and facts given beside it in NAME.json if they matter.
FASTSPEC_FUZZ=1000 tries more.
"""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastspec import Decoder, cli, inspection
from fastspec.calibration.facts import FACTS
from fastspec.errors import FastspecError
from tests.promises import hostile_cases
from tests.promises.test_fuzz import PIXELS, anything, assert_sentence, damaged, facts, possible

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Words may name files."""
    monkeypatch.chdir(tmp_path)


HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
TRIES = settings(
    max_examples=int(os.environ.get("FASTSPEC_FUZZ", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
GIVEN = sorted(FACTS.keys() - {"cmap_table"})
pictures = damaged(hostile_cases.seeds()) | st.sampled_from(sorted(hostile_cases.seeds().values()))
more = st.fixed_dictionaries(
    {},
    optional={
        "n_iter": st.sampled_from([0, 1, 2, -1]),
        "method": st.sampled_from(["gla", "fgla", "admm", "raar", "none such"]),
        "quality": st.sampled_from(["fast", "best", ""]),
        "max_pixels": st.sampled_from([1, 4000, PIXELS]),
        "max_memory": st.sampled_from([1e6, 1e8, math.inf]),
        "timeout": st.sampled_from([0.01, 5.0]),
        "strict": st.booleans(),
        "mono": st.booleans(),
    },
)


def sound_or_sentence(data: bytes, told: dict, options: dict) -> str:
    """What became of a picture with facts and options: a finite sound, or a sentence."""
    limits = {"max_pixels": PIXELS, "max_seconds": 60, "n_iter": 0, "force": True}
    try:
        y, sr = Decoder(**{**limits, **options}, **told).decode(io.BytesIO(data))
    except FastspecError as error:
        assert_sentence(error)
        return error.code
    assert np.isfinite(y).all()
    assert 0 < y.shape[-1] <= 60 * sr + 1
    return "done"


@TRIES
@given(pictures, possible | facts, more)
def test_bytes_facts_and_options(data, told, options):
    sound_or_sentence(data, told, options)
    try:
        json.dumps(inspection.inspect(io.BytesIO(data), max_pixels=PIXELS, **told).report())
    except FastspecError as error:
        assert_sentence(error)


def words_of(told: dict) -> list[str]:
    """The options of these facts, right or wrong."""
    found = []
    for name, value in told.items():
        flag = "--" + name.replace("_", "-")
        if FACTS[name].kind == "bool" and isinstance(value, bool):
            found.append(flag if value else f"--no-{flag[2:]}")
        elif isinstance(value, list | tuple) and FACTS[name].kind in ("pair", "box", "border", "offsets"):
            found += [flag, *(str(each).replace("\0", "") for each in value)]
        else:
            found += [flag, str(value).replace("\0", "")]
    return found


options_of_the_command = st.lists(
    st.sampled_from(
        ["--force", "--mono", "--strict", "--seed", "--n-iter", "1", "--quality", "--level-range", "no such"]
    ),
    max_size=2,
)


@TRIES
@given(
    pictures,
    (possible | facts).map(lambda told: {n: v for n, v in told.items() if n in GIVEN}),
    options_of_the_command,
    st.sampled_from(["png", "tif", "jpg", "webp", "bmp", "gif", "npy", "txt"]),
    st.sampled_from(["wav", "flac", "ogg"]),
)
def test_the_command_with_bytes_facts_and_options(tmp_path, capsys, data, told, options, suffix, sound):
    place = Path(tempfile.mkdtemp(dir=tmp_path))  # what another example left is no news of this one
    picture, out = place / f"a.{suffix}", place / f"out.{sound}"
    picture.write_bytes(data)
    limits = ["--max-pixels", str(PIXELS), *words_of(told)]
    for command in (
        ["inspect", str(picture), *limits],
        ["decode", str(picture), "-o", str(out), "--n-iter", "0", "--max-seconds", "60", *limits, *options],
    ):
        out.unlink(missing_ok=True)
        capsys.readouterr()
        code = cli.run(command)
        shown, said = capsys.readouterr()
        assert code in (0, 1, 2, 3), said  # 3 where a word too many is an input
        assert "Traceback" not in said
        assert "this is a bug" not in said
        assert all(c.isprintable() or c in "\t\n" for c in shown + said)
        assert bool(said.strip()) or code == 0
        assert out.exists() == (code == 0 and command[0] == "decode")
        if out.exists():
            y, sr = soundfile.read(out)
            assert np.isfinite(y).all()
            assert 0 < len(y) <= 60 * sr + 1
    assert {path.name for path in place.iterdir()} <= {picture.name, out.name}


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.png")), ids=lambda path: path.stem)
def test_what_once_failed(path):
    beside = path.with_suffix(".json")
    told = json.loads(beside.read_text()) if beside.exists() else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert sound_or_sentence(path.read_bytes(), told, {}) in (
            "done",
            "calibration",
            "limit",
            "parameter",
            "picture",
        )


@TRIES
@given(st.lists(anything.map(str), max_size=6))
def test_words_of_any_kind(capsys, words):
    code = cli.run(["inspect", *(word.replace("\0", "") for word in words)])
    assert code in (0, 1, 2, 3)
    assert "Traceback" not in capsys.readouterr().err
