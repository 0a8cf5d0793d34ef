"""Damaged caches heal: whatever became of a kernel's or FFTW's files, calls give what they gave before, and say why.

What is damaged is made again and replaced; what cannot be kept is made in every process, with one line that says so.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from fastspec import _kept

DAMAGES = {
    "empty": lambda data, chance: b"",
    "half": lambda data, chance: data[: len(data) // 2],
    "zeros": lambda data, chance: bytes(len(data)),
    "random": lambda data, chance: chance.randbytes(len(data)),
    "flipped": lambda data, chance: flipped(data, chance),
    "longer": lambda data, chance: data + b"\0",
}

# Two kernels, one of which calls the other, in a module of their own.
KERNELS = """
    import numpy as np
    from fastspec.kernels import kernel

    @kernel
    def part(x):
        return x * 3.0 + 1.0

    @kernel
    def total(values):
        found = 0.0
        for k in range(values.size):
            found += part(values[k])
        return found
"""
RIGHT = [35.0, 35.0]


def flipped(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(3 if data else 0):
        spoilt[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


@pytest.fixture
def call(tmp_path, monkeypatch, caplog):
    """Calls the kernels as a new process would: their results, how many were compiled, and what was said."""
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kernels"))
    (tmp_path / "tiny.py").write_text(textwrap.dedent(KERNELS))

    def run() -> tuple[list[float], int, str]:
        monkeypatch.setattr(_kept, "_told", set())
        caplog.clear()
        spec = importlib.util.spec_from_file_location("tiny", tmp_path / "tiny.py")
        assert spec is not None
        assert spec.loader is not None
        tiny = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tiny)
        result = [tiny.total(np.arange(5.0)), tiny.total(np.arange(5))]
        return result, len(tiny.total.stats.cache_misses), "\n".join(r.getMessage() for r in caplog.records)

    return run


def kept(tmp_path, suffix: str) -> list[Path]:
    return sorted((tmp_path / "kernels").rglob(f"*.{suffix}"))


def test_damaged_kernels_are_compiled_again_and_replaced(call, tmp_path):
    assert call() == (RIGHT, 2, "")
    assert call() == (RIGHT, 0, "")
    chance = random.Random(1)
    for damage in DAMAGES.values():
        for suffix in ("nbi", "nbc"):
            for path in kept(tmp_path, suffix):
                path.write_bytes(damage(path.read_bytes(), chance))
            result, compiled, said = call()
            assert (result, compiled) == (RIGHT, 2)
            assert "\n" not in said
            assert "is damaged" in said
            assert str(tmp_path / "kernels") in said
            assert call() == (RIGHT, 0, "")


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_what_is_no_file_is_passed_over(call, tmp_path, suffix):
    call()
    for path in kept(tmp_path, suffix):
        path.unlink()
        os.mkfifo(path) if suffix == "nbi" and hasattr(os, "mkfifo") else path.mkdir()
    result, compiled, said = call()
    assert (result, compiled) == (RIGHT, 2)
    assert "is damaged" in said


def test_files_that_changed_places_are_noticed(call, tmp_path):
    call()
    first, second = [path for path in kept(tmp_path, "nbc") if "total" in path.name]
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    result, compiled, said = call()
    assert (result, compiled) == (RIGHT, 2)
    assert "is damaged" in said


def test_a_full_disk_compiles_in_memory(call, tmp_path, monkeypatch):
    def no_room(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_room)
    for _ in range(2):
        result, compiled, said = call()
        assert (result, compiled) == (RIGHT, 2)
        assert "\n" not in said
        assert "No space left on device" in said
        assert "NUMBA_CACHE_DIR" in said
    assert not [path for path in (tmp_path / "kernels").rglob("*") if path.is_file()]


def test_no_folder_for_kernels_compiles_in_memory(call, monkeypatch):
    from fastspec.kernels import _dispatcher

    def nowhere(function):
        raise RuntimeError("no locator available")

    monkeypatch.setattr(_dispatcher, "KernelCache", nowhere)
    result, compiled, said = call()
    assert (result, compiled) == (RIGHT, 2)
    assert "\n" not in said
    assert "no folder can be written" in said


def test_a_process_says_it_in_one_line_on_standard_error(tmp_path):
    code = """
        import os, sys, pathlib
        sys.path.insert(0, sys.argv[1])
        import tiny
        assert tiny.part(2.0) == 7.0
    """
    (tmp_path / "tiny.py").write_text(textwrap.dedent(KERNELS))
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), str(tmp_path)]
    variables = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    said = []
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=variables)
        said.append(done.stderr)
        if len(said) == 1:
            for path in kept(tmp_path, "nbi"):
                path.write_bytes(b"")
    assert (said[0], said[2]) == ("", "")
    assert said[1].count("\n") == 1
    assert "is damaged" in said[1]


def test_the_command_says_nothing_of_an_interrupt(tmp_path, speech_picture, monkeypatch, capsys):
    from fastspec import cli, decoder

    def ended(*_, **__):
        raise EOFError("Ran out of input")

    monkeypatch.setattr(decoder.Decoder, "read", ended)
    assert cli.run(["decode", str(speech_picture), "-o", str(tmp_path / "a.wav")]) == 1
    said = capsys.readouterr().err
    assert "Ran out of input" in said
    assert "interrupted" not in said


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_seal_shows_every_damage(damage):
    body = random.Random(2).randbytes(500)
    data = _kept.sealed(body)
    assert _kept.opened(data) == body
    for seed in range(50):
        with pytest.raises(_kept.DamagedError):
            _kept.opened(DAMAGES[damage](data, random.Random(seed)))


def test_only_whole_files_of_a_sane_size_are_read(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"12345")
    assert _kept.read(tmp_path / "file") == b"12345"
    monkeypatch.setattr(_kept, "LONGEST", 4)
    with pytest.raises(_kept.DamagedError, match="5 bytes"):
        _kept.read(tmp_path / "file")
    with pytest.raises((_kept.DamagedError, OSError)):
        _kept.read(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(_kept.DamagedError, match="no file"):
            _kept.read(tmp_path / "pipe")


def test_a_sentence_is_said_once(monkeypatch, caplog):
    monkeypatch.setattr(_kept, "_told", set())
    with caplog.at_level(logging.WARNING, "fastspec"):
        for _ in range(3):
            _kept.tell("this", "100 % of it")
    assert [record.getMessage() for record in caplog.records] == ["100 % of it"]
