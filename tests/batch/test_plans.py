"""A batch whose FFTs round differently than before says so; one that goes on with the same plans says nothing."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest

from fastspec import _kept
from fastspec.batch import decode_files, encode_files, ledger, plans
from fastspec.encoder import Encoder
from fastspec.picture import files as picture_files
from fastspec.sound import files as sound_files
from fastspec.transform import fft


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(_kept, "_told", set())
    folder = tmp_path / "in"
    folder.mkdir()
    for k in range(3):
        y = np.random.default_rng(k).standard_normal(4000).astype(np.float32)
        picture_files.write(Encoder(n_fft=512).encode(y, 8000), folder / f"{k}.png")
    return folder


def other_plans(monkeypatch):
    """As in a process that lost its cache of plans: the same transforms, rounded otherwise."""
    monkeypatch.setenv(fft.SETTING, "fftw")  # lanes have no plans
    fft._signature.cache_clear()
    plan = fft.BACKENDS["pyfftw"].plan

    def rounding(pair):
        forward, inverse = plan(pair)
        return forward, lambda: (inverse(), np.nextafter(pair.real, 9, out=pair.real))

    monkeypatch.setitem(fft.BACKENDS, "pyfftw", fft.Backend(rounding))
    monkeypatch.setattr(fft, "_local", threading.local())


@pytest.fixture(autouse=True)
def forgotten():
    yield
    fft._signature.cache_clear()


def resumed(pictures, out, **options):
    return decode_files([pictures], out, jobs=1, n_iter=1, resume=True, **options).run()


def test_a_resume_with_other_plans_says_so_and_goes_on(pictures, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv(fft.SETTING, "fftw")  # from the first run on
    last = (pictures / "2.png").read_bytes()
    (pictures / "2.png").write_bytes(b"damaged")
    assert resumed(pictures, tmp_path / "out").failed == 1
    (pictures / "2.png").write_bytes(last)
    other_plans(monkeypatch)
    summary = resumed(pictures, tmp_path / "out", retry_failed=True)
    assert (summary.done, summary.kept) == (3, 2)
    (said,) = [record.getMessage() for record in caplog.records]
    assert "n_fft 512" in said
    assert "--overwrite" in said
    assert any("n_fft 512" in line for line in summary.lines())


def test_a_resume_with_the_same_plans_says_nothing(pictures, tmp_path, caplog):
    last = (pictures / "2.png").read_bytes()
    (pictures / "2.png").write_bytes(b"damaged")
    resumed(pictures, tmp_path / "out")
    (pictures / "2.png").write_bytes(last)
    summary = resumed(pictures, tmp_path / "out", retry_failed=True)
    assert (summary.done, summary.kept, summary.replanned) == (3, 2, "")
    assert not caplog.records


def test_a_resume_that_converts_nothing_says_nothing(pictures, tmp_path, monkeypatch, caplog):
    resumed(pictures, tmp_path / "out")
    other_plans(monkeypatch)
    assert resumed(pictures, tmp_path / "out").kept == 3
    assert not caplog.records


def test_records_tell_the_plans_of_both_ways(pictures, tmp_path):
    resumed(pictures, tmp_path / "out")
    told = [r["plans"] for r in ledger.read(str(tmp_path / "out")) if r["type"] == "done"]
    assert told == [plans.of(512, False)] * 3
    sound_files.write(tmp_path / "a.wav", np.zeros(4000, np.float32), 8000)
    encode_files([tmp_path / "a.wav"], tmp_path / "drawn", n_fft=256).run()
    assert [r["plans"] for r in ledger.read(str(tmp_path / "drawn")) if r["type"] == "done"] == [plans.of(256, True)]


def test_sizes_of_the_lanes_have_bits_that_no_plan_changes(monkeypatch):
    before = plans.of(512, False), plans.of(512, True), plans.of(448, False)
    assert before[0] != before[1]
    other_plans(monkeypatch)
    monkeypatch.delenv(fft.SETTING)
    assert plans.of(512, False) == before[0]
    assert plans.of(512, True) != before[1]
    assert plans.of(448, False) != before[2]  # 448 = 64 x 7 is FFTW's


@pytest.mark.parametrize("told", [None, 5, [], {}, "", "512", ":"])
def test_records_edited_by_hand_are_passed_over(told):
    found = plans.Plans("out")
    record = json.loads(json.dumps({"type": "done", "plans": told}))
    assert list(found.watched([record])) == [record]
    assert found.differing == []
