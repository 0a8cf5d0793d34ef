"""Timed plans are used only where they can be kept: whatever happens to the files, all processes plan alike."""

from __future__ import annotations

import os
import time

import numpy as np
import pyfftw
import pytest

from fastspec import _kept
from fastspec.transform import fft, wisdom


def test_a_timed_plan_is_saved_before_it_is_used_and_found_again(folder, efforts):
    fft.pair(1024)
    assert efforts == [("FFTW_MEASURE", "FFTW_WISDOM_ONLY"), ("FFTW_MEASURE", "FFTW_WISDOM_ONLY"), ("FFTW_MEASURE",)]
    path = wisdom.path_of()
    assert path.parent == folder
    saved = path.read_bytes()
    assert not list(folder.glob("*.tmp"))
    efforts.clear()
    pyfftw.forget_wisdom()  # as another process would begin
    fft._loaded.clear()
    fft._local.pairs.clear()
    fft.pair(1024)
    assert efforts == [("FFTW_MEASURE", "FFTW_WISDOM_ONLY")]
    assert path.read_bytes() == saved


def test_precisions_have_files_of_their_own(folder):
    fft.pair(64, np.float32)
    fft.pair(64, np.float64)
    assert wisdom.path_of(np.float32) != wisdom.path_of(np.float64)
    assert b"fftwf_wisdom" in wisdom.path_of(np.float32).read_bytes()
    assert b"fftw_wisdom" in wisdom.path_of(np.float64).read_bytes()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"garbage", b"0" * 64 + b"\n(fftw-3.3.5 fftwf_wisdom)", os.urandom(5000)],
    ids=["empty", "newline", "text", "wrong digest", "noise"],
)
def test_a_damaged_wisdom_file_is_replaced(folder, content, efforts):
    folder.mkdir()
    wisdom.path_of().write_bytes(content)
    fft.pair(512)
    assert efforts[-1] == ("FFTW_MEASURE",)
    assert b"fftwf_wisdom" in wisdom.path_of().read_bytes()


def test_wisdom_of_another_fftw_changes_nothing(folder, efforts):
    import hashlib

    folder.mkdir()
    body = b"(fftw-2.1 fftwf_wisdom #x0 #x0 #x0 #x0\n)\n"
    wisdom.path_of().write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    fft.pair(512)
    assert efforts[-1] == ("FFTW_MEASURE",)


def test_without_a_place_for_wisdom_plans_are_estimated(tmp_path, monkeypatch, folder, efforts):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FASTSPEC_CACHE_DIR", str(tmp_path / "file" / "cache"))
    fft.pair(1024)
    assert ("FFTW_MEASURE",) not in efforts
    assert efforts[-1] == ("FFTW_ESTIMATE",)


def test_a_plan_that_cannot_be_saved_is_forgotten(folder, efforts, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    fft.pair(1024)
    assert efforts[-2:] == [("FFTW_MEASURE",), ("FFTW_ESTIMATE",)]
    assert fft._from_wisdom(fft.pair(1024), "FFTW_MEASURE") is None
    assert not list(folder.glob("*.tmp"))


def test_an_fftw_without_wisdom_leaves_the_file_alone(folder, efforts, monkeypatch):
    fft.pair(512)
    saved = wisdom.path_of().read_bytes()
    monkeypatch.setattr(wisdom, "known", lambda: (b"", b"", b""))
    fft.pair(1024)
    assert efforts[-1] == ("FFTW_ESTIMATE",)
    assert wisdom.path_of().read_bytes() == saved


def test_a_lock_that_nobody_releases_only_costs_time(folder, efforts, monkeypatch):
    monkeypatch.setattr(wisdom, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(wisdom, "_try_lock", lambda _: False)
    fft.pair(1024)
    assert efforts[-1] == ("FFTW_ESTIMATE",)


def test_a_folder_that_cannot_be_locked_costs_no_waiting(folder, efforts, monkeypatch):
    def no_locks(_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(wisdom, "_try_lock", no_locks)
    started = time.monotonic()
    fft.pair(1024)
    assert efforts[-1] == ("FFTW_ESTIMATE",)
    assert time.monotonic() - started < wisdom.LOCK_SECONDS / 2


@pytest.mark.parametrize("n_fft", [101, 2 * 509, 32768])
def test_sizes_slow_to_time_are_estimated_and_fixed_too(folder, efforts, n_fft):
    fft.pair(n_fft)
    assert efforts[-1] == ("FFTW_ESTIMATE",)
    assert wisdom.path_of().exists()


@pytest.mark.parametrize("kind", ["empty", "half", "folder", "pipe", "endless"])
@pytest.mark.parametrize("which", ["wisdom", "lock"])
def test_whatever_lies_in_a_files_place_is_told_once_and_nothing_waits(
    folder, kind, which, caplog, monkeypatch, efforts
):
    monkeypatch.setattr(_kept, "_told", set())
    path = wisdom.path_of().with_suffix("." + which)
    folder.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes here")
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.write_bytes(b"" if kind == "empty" else b"0" * 64 + b"\n(fftw")
    started = time.monotonic()
    for n_fft in (512, 1024):
        p = fft.pair(n_fft)
        p.real[:] = 1
        p.forward()
        assert p.spec[0, 0] == pytest.approx(n_fft)
    assert time.monotonic() - started < wisdom.LOCK_SECONDS / 2
    said = [record.getMessage() for record in caplog.records]
    if which == "lock" and kind in ("empty", "half"):  # a lock file's content does not matter
        assert said == []
    else:
        assert 1 <= len(said) <= 2
        assert all(str(folder) in sentence and "\n" not in sentence for sentence in said)
    healed = kind in ("empty", "half") or (which == "wisdom" and kind != "folder")
    assert wisdom.state() == ("present" if healed else "damaged" if which == "wisdom" else "absent")
    assert efforts[-1] == (("FFTW_MEASURE",) if healed else ("FFTW_ESTIMATE",))
