"""Fuzzing of all that reads what others wrote: bytes of pictures and sounds, calibrations, whole ways to sound."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fastspec
from fastspec import Decoder, inspection
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, FactSpec
from fastspec.errors import AudioError, CalibrationError, FastspecError, PictureError
from fastspec.picture import files as picture_files
from fastspec.sound import files as sound_files
from tests.promises import hostile_cases, hostile_sounds

pytestmark = pytest.mark.usefixtures("compiled")

PIXELS = 1 << 18
FUZZ = settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, 1, 2, 64, 4096, 65_536, 1 << 20, 10**7, 1e-300, 1e300, 0.5, -80.0])
)
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20))
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner), max_leaves=6
)
words = st.sampled_from(
    [word for spec in FACTS.values() for word in spec.choices] + ["magma", "hann", "librosa", "sox"]
)
pairs = st.lists(numbers, min_size=2, max_size=2)
boxes = st.lists(st.integers(-1, 70), min_size=4, max_size=4)
facts = st.dictionaries(st.sampled_from(list(FACTS)), st.one_of(numbers, words, pairs, boxes, anything), max_size=8)

NAMES = {
    "profile": sorted(fastspec.profiles()),
    "cmap": ["magma", "magma_r", "gray", "jet", "viridis", "mine"],
    "window": ["hann", "hamming", "boxcar", "no such window", "tukey:0.25", "kaiser", ("gaussian", 3.0), "taylor:99"],
}


def plausible(name: str, spec: FactSpec) -> st.SearchStrategy[object]:
    """Values that the fact `name` may have, most of them small enough for a small picture."""
    inside = [v for v in (0.5, 1, 2, 3, 16, 32, 64, 100, 8000, 65_536) if spec.low <= v <= spec.high]
    least, most = max(spec.low, -1e9), min(spec.high, 1e9)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "str": st.sampled_from(NAMES.get(name, ["magma"])),
        "window": st.sampled_from(NAMES["window"]),
        "choice": st.sampled_from(spec.choices or ("",)),
        "bool": st.booleans(),
        "int": st.sampled_from([int(v) for v in inside if v >= 1]) | st.integers(max(int(least), 1), int(most)),
        "float": st.sampled_from(inside) | st.floats(least, most),
        "pair": st.tuples(st.floats(-100, 0), st.floats(-10, 100)),
        "box": st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(10, 52), st.integers(10, 34)),
        "border": st.tuples(*[st.integers(0, 3)] * 4),
        "offsets": st.tuples(*[st.floats(-1, 1)] * 4),
        "table": st.sampled_from([f"mine={'AAAABB' * 2}", f"mine={'AZz9' * 4096}", f"magma={'AAAABB' * 6}"]),
    }
    return kinds[spec.kind]


def some_of(names: list[str]) -> st.SearchStrategy[dict[str, object]]:
    """Up to four of these facts, each with a value that it may have."""
    few = st.lists(st.sampled_from(names), max_size=4, unique=True)
    return few.flatmap(lambda chosen: st.fixed_dictionaries({n: plausible(n, FACTS[n]) for n in chosen}))


TIED = ["sr", "n_fft", "hop_length", "n_frames", "duration", "freq_scale", "db_range", "plot_area"]  # to one another
possible = some_of(list(FACTS)) | some_of(TIED)


def assert_sentence(error: FastspecError) -> None:
    """One line that a person may read."""
    assert "\n" not in str(error)
    assert 10 < len(str(error)) < 1000


def damaged(good: dict[str, bytes]) -> st.SearchStrategy[bytes]:
    """Good files with bytes replaced, put in or taken out; and bytes from nowhere behind a right start."""
    edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=6)

    def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
        for place, taken, put in changes:
            at = int(place * len(data))
            data = data[:at] + put + data[at + taken :]
        return data

    files = st.sampled_from(sorted(good.values()))
    starts = st.sampled_from(sorted({data[:24] for data in good.values()}))
    return st.one_of(st.builds(edited, files, edits), st.builds(bytes.__add__, starts, st.binary(max_size=300)))


@FUZZ
@given(damaged(hostile_cases.seeds()))
def test_pictures(data):
    try:
        picture = picture_files.read(data, max_pixels=PIXELS)
    except PictureError as error:
        assert_sentence(error)
    else:
        assert 0 < picture.width * picture.height <= PIXELS
        assert picture.rgb().shape == (picture.height, picture.width, 3)


def embedding(claimed: dict[str, object], **more: object) -> bytes:
    """A small picture that claims these facts, and the ones that make it readable where they say nothing of them."""
    known = {"sr": 8000, "n_fft": 64, "hop_length": 32, "freq_scale": "linear", "cmap": "magma", **more, **claimed}
    return hostile_cases.carrying(json.dumps({"format": "fastspec-calibration", "version": 1, "facts": known}))


@FUZZ
@given(damaged(hostile_cases.seeds()), possible | facts)
def test_inspection_and_decoding(data, told):
    """Damaged files, whose calibrations may have survived, beside facts given by hand."""
    try:
        json.dumps(inspection.inspect(io.BytesIO(data), max_pixels=PIXELS).report())
        y, sr = Decoder(n_iter=len(data) % 2, force=True, max_pixels=PIXELS, max_seconds=120).decode(io.BytesIO(data))
    except FastspecError as error:
        assert_sentence(error)
    else:
        assert np.isfinite(y).all()
        assert 0 < len(y) <= 120 * sr + 1
    try:
        json.dumps(inspection.inspect(io.BytesIO(data), max_pixels=PIXELS, **told).report())
        decoder = Decoder(n_iter=0, force=True, max_pixels=PIXELS, max_seconds=120, **told)
        assert np.isfinite(decoder.read(io.BytesIO(data)).magnitude).all()
    except FastspecError as error:
        assert_sentence(error)


@FUZZ
@given(possible | facts)
def test_claims_of_a_picture(claimed):
    try:
        decoded = Decoder(n_iter=0, force=True, max_pixels=PIXELS, max_seconds=120).read(io.BytesIO(embedding(claimed)))
    except FastspecError as error:
        assert_sentence(error)
    else:
        assert np.isfinite(decoded.magnitude).all()


@FUZZ
@given(possible | facts, possible | facts)
def test_claims_of_a_picture_beside_facts_given_by_hand(claimed, told):
    """What is given wins: it is in the report as it was given, or the picture is refused."""
    data = embedding(claimed, n_frames=51, duration=0.2)
    try:
        decoder = Decoder(n_iter=0, force=True, max_pixels=PIXELS, max_seconds=120, **told)
        decoded = decoder.read(io.BytesIO(data))
    except FastspecError as error:
        assert_sentence(error)
    else:
        assert np.isfinite(decoded.magnitude).all()
        for name, fact in decoder.given.facts.items():
            assert decoded.calibration.facts[name] == fact
        json.dumps(inspection.inspect(io.BytesIO(data), max_pixels=PIXELS, **told).report())


@FUZZ
@given(possible | facts)
def test_facts_given_by_hand(claimed):
    try:
        y, _ = Decoder(n_iter=0, max_pixels=PIXELS, max_seconds=120, force=True, **claimed).decode(
            io.BytesIO(hostile_cases.seeds()["plain.png"])
        )
    except FastspecError as error:
        assert_sentence(error)
    else:
        assert np.isfinite(y).all()


@FUZZ
@given(st.one_of(st.text(), anything.map(json.dumps), facts.map(
    lambda claimed: json.dumps({"format": "fastspec-calibration", "version": 1, "facts": claimed}))))  # fmt: skip
def test_calibrations(text):
    try:
        read = Calibration.from_json(text)
    except CalibrationError as error:
        assert_sentence(error)
    else:
        assert Calibration.from_json(read.to_json()).to_json() == read.to_json()
        json.dumps(read.report())


@FUZZ
@given(data=damaged(hostile_sounds.seeds()))
def test_sounds(data, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    try:
        y, sr = sound_files.read(path, longest=100)
    except AudioError as error:
        assert_sentence(error)
    else:
        assert np.isfinite(y).all()
        assert 0 < y.shape[-1] <= 100 * sr
