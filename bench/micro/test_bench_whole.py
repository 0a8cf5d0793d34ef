"""Whole pictures and whole processes: decode, encode, sound files, the command, the first call, import, memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import fastspec
from bench.quality import reference
from bench.speed import clips
from bench.speed.rows_whole import MEMORY_FLAT, decode_command, quiet
from fastspec.sound import files as sound_files

FACTS = {"profile": "librosa", "sr": 22050, "n_fft": 1024, "hop_length": 512, "duration": 61.0, "freq_scale": "log"}


def pedantic(benchmark, call, rounds):
    """Processes and other slow work: a few rounds, only one as a smoke test."""
    return benchmark.pedantic(call, rounds=1 if benchmark.disabled else rounds)


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_decode(benchmark, drawn, quality):
    benchmark.group = "picture to sound, 61 s"
    y, _ = benchmark(fastspec.decode, drawn, quality=quality, **FACTS)
    assert np.isfinite(y).all()


def test_read_without_phase(benchmark, drawn):
    """What of `decode` is the picture: file, colours, axes, levels."""
    benchmark.group = "picture to sound, 61 s"
    benchmark(fastspec.Decoder(**FACTS).read, drawn)


def test_decode_reference(benchmark, drawn):
    benchmark.group = "picture to sound, 61 s"
    facts = reference.Facts(sr=22050, n_fft=1024, hop_length=512, duration=61.0)
    pedantic(benchmark, lambda: reference.decode(drawn, facts), 3)


def test_decoder_reused(benchmark, drawn):
    """A planned Decoder beside the one-call form above: what planning once saves."""
    benchmark.group = "picture to sound, 61 s"
    benchmark(fastspec.Decoder(quality="fast", **FACTS).decode, drawn)


@pytest.mark.parametrize("look", ["native", "specshow"])
def test_encode(benchmark, sound, look):
    benchmark.group = "sound to picture, 61 s"
    options = {} if look == "native" else {"freq_scale": "log", "size": (640, 480), "profile": "librosa"}
    benchmark(fastspec.encode, sound, clips.SR, n_fft=1024, hop_length=512, **options)


@pytest.mark.parametrize("kind", ["WAV PCM_16", "WAV FLOAT", "FLAC PCM_16", "OGG VORBIS"])
@pytest.mark.parametrize("who", ["fastspec", "soundfile"])
def test_write_sound(benchmark, sound, who, kind):
    """soundfile alone neither looks for clipping nor writes the same bytes twice."""
    benchmark.group = f"write a sound file, 61 s, {kind}"
    form, subtype = kind.split()
    y = sound if "OGG" not in kind else sound[: 10 * clips.SR]

    def run():
        stream = io.BytesIO()
        if who == "fastspec":
            sound_files.write(stream, y, clips.SR, format=form, subtype=subtype)
        else:
            soundfile.write(stream, 0.8 * y, clips.SR, format=form, subtype=subtype)
        return len(stream.getvalue())

    assert benchmark(run) > 1000


def test_read_sound(benchmark):
    benchmark(sound_files.read, clips.SPEECH)


def test_warm_command(benchmark, sound, drawn, tmp_path):
    benchmark.group = "whole processes, caches warm"
    clip = clips.from_sound(sound, clips.SR, "speech", tmp_path)
    command = decode_command(clip, tmp_path / "out.wav")
    if not benchmark.disabled:
        quiet(command)
    pedantic(benchmark, lambda: quiet(command), 5)


@pytest.mark.parametrize("code", ["pass", "import fastspec", "import fastspec; fastspec.griffinlim"])
def test_import(benchmark, code):
    benchmark.group = "whole processes, caches warm"
    pedantic(benchmark, lambda: quiet([sys.executable, "-c", code]), 7)


def test_first_call(benchmark, tmp_path):
    """Nothing compiled, nothing planned: the compile time, as a series of its own."""
    benchmark.group = "first call, caches empty"
    clip = clips.from_sound(clips.tiled(4.5), clips.SR, "speech", tmp_path)
    numbers = iter(range(100))

    def run():
        caches = tmp_path / str(next(numbers))
        return quiet(
            decode_command(clip, tmp_path / "out.wav"),
            NUMBA_CACHE_DIR=str(caches / "numba"),
            FASTSPEC_CACHE_DIR=str(caches / "fastspec"),
        )

    pedantic(benchmark, run, 3)


def test_memory_is_flat(benchmark):
    """Resident memory at the end of a long run beside that of its first tenth, MiB in `extra_info`."""
    number = 160 if benchmark.disabled else 2000
    command = [sys.executable, str(MEMORY_FLAT), str(number)]

    def run():
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    found = pedantic(benchmark, run, 1)
    benchmark.extra_info.update(found)
    assert found["last"] - found["first"] < 50
