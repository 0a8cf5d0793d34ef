"""Rows of reading pictures: what finding facts and levels costs beside retrieving the sound."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import fastspec
from bench.speed.clips import Clip
from bench.speed.paired import alone, alternate, clock, clock_cpu, clock_once
from bench.speed.record import DisagreementError, Row
from fastspec import Decoder
from fastspec.picture import files as picture_files

SECONDS = 8
PLANNED = 64  # pictures
SAME_PIXELS = 0.002  # of them may be a level off: the transforms agree to rounding
KINDS = {
    "clean": "PNG of 1280 x 960",
    "jpeg": "JPEG of 1280 x 960, quality 95",
    "figure": "whole figure of 1000 x 400",
}


def picture_of(y: Any, sr: int, kind: str) -> bytes:
    """The file that a user of librosa and matplotlib saves: 1280 x 960 without axes, or a figure with them."""
    import librosa
    import librosa.display

    whole = kind == "figure"
    with mpl.rc_context():
        mpl.use("agg")
        figure = Figure(figsize=(10, 4) if whole else (12.8, 9.6), dpi=100)
        axes = figure.add_subplot() if whole else figure.add_axes((0, 0, 1, 1))
        decibels = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=1024, hop_length=512)), ref=np.max)
        mesh = librosa.display.specshow(
            decibels, sr=sr, n_fft=1024, hop_length=512, x_axis="time", y_axis="log", cmap="magma", ax=axes
        )
        if whole:
            figure.colorbar(mesh, ax=axes, format="%+2.f dB")
        else:
            axes.set_axis_off()
        out = io.BytesIO()
        figure.savefig(out, format="png")
    if kind != "jpeg":
        return out.getvalue()
    smaller = io.BytesIO()
    Image.open(out).convert("RGB").save(smaller, "JPEG", quality=95)
    return smaller.getvalue()


def reading(clip: Clip, rounds: int) -> Iterator[Row]:
    """The user's minute, and eight seconds as a clean picture, a JPEG and a whole figure; facts by the pixels alone."""
    y = clip.y[: SECONDS * clip.sr]
    yield _row("reading", f"{clip.y.size / clip.sr:.0f} s", clip.picture, clip.y.size / clip.sr, clip.sr, rounds)
    yield from planned(clip, rounds)
    for kind in KINDS:
        yield _row(
            f"reading_{kind}",
            f"{y.size / clip.sr:.0f} s, {KINDS[kind]}",
            picture_of(y, clip.sr, kind),
            y.size / clip.sr,
            clip.sr,
            rounds,
        )


def look(clip: Clip, rounds: int) -> Iterator[Row]:
    """librosa's look of eight seconds, its pixels alone and as a PNG, beside specshow and savefig."""
    y = clip.y[: SECONDS * clip.sr]
    encoder = fastspec.Encoder(n_fft=1024, hop_length=512, freq_scale="log", size=(1280, 960), profile="librosa")
    theirs = picture_files.read(picture_of(y, clip.sr, "clean")).rgb()
    if (theirs != encoder.encode(y, clip.sr).rgb()).any(axis=2).mean() > SAME_PIXELS:
        raise DisagreementError("other pixels than specshow's")
    for name, what, ours in (
        ("look", "its pixels", lambda: encoder.encode(y, clip.sr)),
        ("look_png", "its PNG", lambda: picture_files.encode_bytes(encoder.encode(y, clip.sr))),
    ):
        found = alternate(clock_once(lambda: picture_of(y, clip.sr, "clean")), clock(ours), rounds)
        yield Row(
            name,
            f"audio to librosa's look, {SECONDS} s at 1280 x 960: {what}",
            "specshow and savefig",
            found.theirs * 1e3,
            found.ours * 1e3,
            ratio=found.ratio,
            wanted=("ratio", ">=", 40.0) if name == "look" else None,
            agreement="same pixels",
        )


def planned(clip: Clip, rounds: int) -> Iterator[Row]:
    """One-second pictures without a text of their own, through one Decoder made of a calibration."""
    n = clip.sr
    sounds = [clip.y[at : at + n] for at in np.linspace(0, clip.y.size - n, PLANNED).astype(int)]
    drawn = [fastspec.encode(y, clip.sr, n_fft=1024, hop_length=256, db_range=(-80.0, 0.0)) for y in sounds]
    decoder = Decoder(fastspec.inspect(drawn[0]).without("ref"))
    plain = [dataclasses.replace(one, embedded=None) for one in drawn]
    for picture in plain:
        if decoder.read(picture).calibration["n_fft"] != decoder.given["n_fft"]:
            raise DisagreementError("another n_fft was read")

    def read() -> None:
        for picture in plain:
            decoder.read(dataclasses.replace(picture))  # a new one each time, so that nothing of it is kept

    found = alone(clock_cpu(read), rounds)
    yield Row(
        "reading_planned",
        f"reading one of {PLANNED} one-second pictures, 1024/256, through one Decoder",
        ours=found.median * 1e3 / PLANNED,
        wanted=("ours", "<=", 0.25),
    )


def _row(name: str, what: str, file: Path | bytes, seconds: float, sr: int, rounds: int) -> Row:
    decoder = Decoder(duration=seconds)
    picture = picture_files.read(file)
    read = decoder.read(picture)
    if read.calibration["sr"] != sr:
        raise DisagreementError(f"{what}: a rate of {read.calibration['sr']} was read, not {sr}")
    # a new picture each time, so that nothing of it is kept
    ours = clock(lambda: decoder.read(dataclasses.replace(picture)))
    found = alternate(clock(lambda: decoder.waveform(read)), ours, rounds)
    unpacked = alone(clock_cpu(lambda: picture_files.read(file)), rounds)
    return Row(
        name,
        f"reading a picture of {what}: facts and levels, beside its sound",
        "its sound, fastspec",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 1.0),
        agreement="rate",
        note=f"decoding the file, by Pillow, takes {unpacked.median * 1e3:.1f} ms besides",
    )
