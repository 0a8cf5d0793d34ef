"""What a picture may take is bounded by itself: its facts are costed before anything is taken, and a clock runs."""

from __future__ import annotations

import itertools
import json
import math
import re
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fastspec
from bench.speed.costs import CASES, measure
from fastspec import Decoder, LimitError, TimeLimitError, cli
from fastspec.batch import decode_files
from fastspec.calibration.calibration import Calibration
from fastspec.cli import exit_codes
from fastspec.cli.options import number_of_bytes
from fastspec.errors import FastspecError, ParameterError
from fastspec.inspection import READERS
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from tests.promises import hostile_claims

pytestmark = pytest.mark.usefixtures("compiled")

SLOW = {  # `python -m bench.speed.costs` has them
    "16 Mpixel", "n_fft 131072, hop 1", "two channels", "n_fft 65536", "n_fft 16384, hop 1", "mel, large bank",
    "n_fft 8186, twice a prime", "100 iterations",
}  # fmt: skip
SMALL = 47, 257  # pixels of a picture of 12 kB
FACTS: dict[str, Any] = {
    "sr": 22_050, "n_fft": 1024, "hop_length": 256, "n_frames": 47, "cmap": "gray", "db_range": [-80.0, 0.0],
    "freq_scale": "linear", "freq_edges": "cells", "profile": "fastspec", "window": "hann",
}  # fmt: skip
CLAIMS: dict[str, dict[str, Any]] = {  # each asks one step for much, and no other
    "frames": {"n_frames": 200_000},
    "overlap": {"n_fft": 65_536, "hop_length": 1, "n_frames": 2000},
    "length": {"n_fft": 131_072, "hop_length": 32_768, "n_frames": 1000},
    "prime length": {"n_fft": 2 * 32_749, "hop_length": 16_384, "n_frames": 400},
    "duration": {"n_frames": None, "duration": 3600.0},
    "rate": {"n_frames": None, "duration": 5.0, "sr": 10_000_000},
    "short windows": {"n_fft": 2, "hop_length": 1, "n_frames": 30_000_000},
    "hardly overlapping": {"n_frames": 60_000, "hop_length": 1000},
    "mel": {"freq_scale": "mel", "n_mels": 128, "n_frames": 60_000},
    "mel bank": {"freq_scale": "mel", "n_mels": 900, "n_fft": 65_536, "hop_length": 16_384},
    "mel beyond the rate": {"freq_scale": "mel", "n_mels": 64, "n_fft": 2048, "sr": 100, "fmax": 11_000.0},
    "cqt": {"freq_scale": "cqt", "fmin": 32.7, "n_fft": 65_536, "hop_length": 8192, "n_frames": 2000},
    "spans": {"columns": "spans", "time_extent": [0.0, 3600.0], "duration": 3600.0, "n_frames": None},
    "taken apart": {"shown_n_fft": 128, "n_fft": 131_072, "hop_length": 65_536, "column_step": 1e-3,
                    "columns": "spans", "time_extent": [0.0, 1.0], "duration": 1.0, "n_frames": None,
                    "profile": "matplotlib-specgram"},
}  # fmt: skip


def picture(facts, shape=SMALL):
    """A picture of noise with these facts embedded."""
    pixels = np.random.default_rng(1).integers(0, 256, shape[::-1], np.uint8)
    kept = {name: value for name, value in facts.items() if value is not None}
    text = {"format": "fastspec-calibration", "version": 1, "facts": kept, "size": list(shape)}
    return Picture(pixels, embedded=json.dumps(text))


def saved(tmp_path, facts, name="a.png"):
    path = tmp_path / name
    made = picture(facts)
    picture_files.write(made, path)
    return str(path)


def shorter(case):
    """The case with a fifth of its frames, where it has many: the model must hold for these as well."""
    frames = case.facts.get("n_frames", 0)
    return case._replace(facts={**case.facts, "n_frames": frames // 5}) if frames > 300 else case


QUOTIENTS: list[float] = []  # of the model's seconds and those measured


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in SLOW], ids=lambda case: case.name)
def test_the_model_says_what_is_measured(case):
    measure(case._replace(facts={**case.facts, "n_frames": 20}) if "n_frames" in case.facts else case)  # compile, plan
    found = measure(shorter(case))
    taken = max(found.read, found.retrieved)
    assert 0.8 * taken - 1e6 < found.work.memory < 3 * taken + 2e6
    # processors differ, but by one factor for all
    QUOTIENTS.append(found.work.seconds / found.seconds)
    assert max(QUOTIENTS) < 9 * min(QUOTIENTS)
    assert found.work.seconds > found.seconds / 8


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_small_picture_cannot_ask_for_much(claim):
    asking = picture(FACTS | CLAIMS[claim])
    Decoder(force=True).decode(picture(FACTS))
    tracemalloc.start()
    clock = time.process_time()
    try:
        with pytest.raises(LimitError) as told:
            Decoder(force=True).decode(asking)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - clock < 2.0
    assert peak < 40e6
    said = str(told.value)
    assert told.value.code == "limit"
    assert f"picture of {SMALL[0] * SMALL[1]} pixels" in said
    assert "--max-memory" in said or "--timeout" in said
    assert all(str(value) in said for name, value in CLAIMS[claim].items() if name in ("n_fft", "hop_length", "n_mels"))


def test_limits_are_lifted_by_name(monkeypatch):
    Ticking(monkeypatch, 0.0)
    asking = picture(FACTS | {"n_frames": 4000})
    with pytest.raises(LimitError, match=r"give --max-memory \d+MB "):
        Decoder(force=True, max_memory=1e6).read(asking)
    with pytest.raises(
        LimitError, match=r"s of processor time, more than the 0.01 s .* give --timeout \d+ \(timeout in"
    ):
        Decoder(force=True, timeout=0.01).read(asking)
    with pytest.raises(LimitError, match=r"more than the 1 MB and 0.01 s that"):
        Decoder(force=True, timeout=0.01, max_memory=1e6).read(asking)
    much = picture(FACTS | {"n_frames": 30_000})
    with pytest.raises(LimitError):
        Decoder(force=True, n_iter=0).read(much)
    lifted = Decoder(force=True, n_iter=0, max_memory=math.inf, timeout=math.inf).read(much)
    assert lifted.magnitude.shape == (30_000, 513)


SONG = {"n_fft": 2048, "hop_length": 512, "duration": 1.0, "n_frames": None}


@pytest.mark.parametrize("width", [2000, 10_000])
@pytest.mark.parametrize(("sr", "minutes"), [(22_050, 3), (22_050, 10), (44_100, 3), (44_100, 5)])
def test_songs_are_decoded_by_default(width, sr, minutes):
    song = picture(FACTS | SONG | {"sr": sr, "duration": 60.0 * minutes}, (width, 400))
    assert not [remark for remark in fastspec.inspect(song).remarks if "decoding would be refused" in remark]


READ: dict[str, Callable[[str], Any]] = {"--max-memory": number_of_bytes, "--timeout": float, "--max-pixels": int}


def named(said):
    """The options that a refusal names, as they are typed."""
    return re.findall(r"(--(?:max-memory|timeout|max-pixels|max-seconds)) (\S+)", said)


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ({"n_frames": 16_000}, []),
        ({"n_fft": 2048, "hop_length": 512, "n_frames": 12_000}, ["--quality", "fast"]),
        ({"n_frames": 9000}, ["--max-pixels", "1000000", "--max-seconds", "9"]),
        ({"freq_scale": "mel", "n_mels": 64, "n_frames": 20_000}, ["--n-iter", "1"]),
        ({"n_fft": 32_768, "hop_length": 64, "n_frames": 900}, ["--n-iter", "2"]),
    ],
    ids=lambda each: " ".join(map(str, each)),
)
def test_what_a_refusal_names_suffices(tmp_path, monkeypatch, capfd, more, given):
    """Whoever types just what the messages name has the sound."""
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, FACTS | more)
    words, refusals = dict(zip(given[::2], given[1::2], strict=True)), 0
    while cli.run(["decode", "a.png", "--force", "-o", "a.wav", *itertools.chain(*words.items())]) != exit_codes.DONE:
        said = capfd.readouterr().err
        assert named(said), said
        words |= dict(named(said))
        refusals += 1
        assert refusals <= 3, said
    assert 1 <= refusals <= len([name for name in given if name.startswith("--max")]) + 1
    assert (tmp_path / "a.wav").stat().st_size > 44


@pytest.mark.parametrize("max_pixels", [None, 1 << 20, picture_files.MAX_PIXELS])
@pytest.mark.parametrize("minutes", [30, 60, 120])
def test_hours_are_refused_with_options_that_pass_the_checks(minutes, max_pixels):
    """Thumbnails of long sounds; decoding them takes minutes, so here what passes stops where the work begins."""
    song = picture(FACTS | SONG | {"sr": 44_100, "duration": 60.0 * minutes}, (640, 480))
    options: dict[str, Any] = {"max_pixels": max_pixels}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fastspec.plot.channels.parts", passed)
        for _ in range(3):
            try:
                Decoder(force=True, **options).read(song)
            except Passed:
                break
            except FastspecError as error:
                options |= {name[2:].replace("-", "_"): READ[name](value) for name, value in named(str(error))}
        with pytest.raises(Passed):
            Decoder(force=True, **options).read(song)


class Passed(Exception):  # noqa: N818 - it is none
    """All checks were passed."""


def passed(*_, **__):
    raise Passed


def test_facts_given_by_hand_are_costed_as_well():
    with pytest.raises(LimitError, match="duration=3600 s"):
        Decoder(force=True, duration=3600.0).read(picture(FACTS))


def test_pixels_alone_may_need_too_much(tmp_path):
    path = saved(tmp_path, FACTS)
    for call in (Decoder(max_memory=1e5).read, lambda name: fastspec.inspect(name, max_memory=1e5)):
        with pytest.raises(
            LimitError, match=r"a\.png has 47 x 257 pixels, which need 0.145 MB .* raise it with --max-mem"
        ):
            call(path)


def test_inspect_says_what_decoding_would_refuse():
    asking = picture(FACTS | CLAIMS["mel"])
    (said,) = [remark for remark in fastspec.inspect(asking).remarks if "decoding would be refused" in remark]
    assert "give --max-memory" in said
    lifted = fastspec.inspect(asking, max_memory=math.inf, timeout=math.inf)
    assert not any("decoding would be refused" in remark for remark in lifted.remarks)
    assert not any("decoding would be refused" in remark for remark in fastspec.inspect(picture(FACTS)).remarks)


@pytest.mark.parametrize(
    ("name", "value"), [*itertools.product(("max_memory", "timeout"), (0, -1, math.nan, "2", True))]
)
def test_a_limit_is_a_positive_number(name, value):
    for call in (Decoder, lambda **how: fastspec.inspect(picture(FACTS), **how)):
        with pytest.raises(ParameterError, match=f"{name}={value!r} is not a positive number"):
            call(**{name: value})


class Ticking:
    """Time that nobody waits for: each look at the clock is so many seconds of work later."""

    def __init__(self, monkeypatch, step):
        self.now, self.step, self.looks = 0.0, step, 0
        monkeypatch.setattr(time, "monotonic", self)
        monkeypatch.setattr(time, "process_time", lambda: self.now)

    def __call__(self):
        self.now += self.step
        self.looks += 1
        return self.now


def looks_of(monkeypatch, work):
    with monkeypatch.context() as patch:
        clock = Ticking(patch, 0.0)
        work()
        return clock.looks


def test_the_clock_is_looked_at_between_all_steps(monkeypatch):
    tool, made = Decoder(force=True), {}
    for scale, frames in itertools.product(("linear", "mel"), (200, 1000)):
        asking = picture({**FACTS, "freq_scale": scale, "n_mels": 64, "n_frames": frames})
        made[scale, frames] = looks_of(monkeypatch, lambda asking=asking: tool.read(asking))
    assert made["linear", 200] == made["linear", 1000] > len(READERS)
    assert made["mel", 1000] == made["mel", 200] + 3  # blocks of 256 frames
    decoded = tool.read(picture(FACTS))
    assert looks_of(monkeypatch, lambda: tool.waveform(decoded)) >= 15  # iterations


def test_a_picture_that_takes_too_long_is_stopped(monkeypatch):
    asking = picture(FACTS | {"n_frames": 1000})
    decoded = Decoder(force=True).read(asking)
    for step in (lambda tool: tool.read(asking), lambda tool: tool.waveform(decoded), lambda tool: tool.decode(asking)):
        with monkeypatch.context() as patch:
            Ticking(patch, 20.0)
            with pytest.raises(
                TimeLimitError, match=r"longer than 140 s of processor time and was stopped; allow more with --timeout"
            ):
                step(Decoder(force=True))
            step(Decoder(force=True, timeout=math.inf))
            with pytest.raises(TimeLimitError, match="longer than 50 s"):
                step(Decoder(force=True, timeout=50))
    Ticking(monkeypatch, 20.0)
    with pytest.raises(TimeLimitError):
        fastspec.inspect(asking)


def test_time_for_reading_counts_for_the_whole():
    spectrum = Decoder(force=True).read(picture(FACTS)).spectrum
    assert spectrum.seconds > 0
    with pytest.raises(TimeLimitError):
        Decoder(force=True, timeout=5).waveform(type(spectrum)(spectrum.calibration, spectrum.magnitude, 6.0))
    assert Decoder(force=True, timeout=5).waveform(spectrum).size


def test_a_batch_records_them_and_goes_on(tmp_path, monkeypatch):
    for name in ("a", "c", "e"):
        saved(tmp_path, FACTS, f"{name}.png")
    saved(tmp_path, FACTS | CLAIMS["frames"], "b.png")
    saved(tmp_path, FACTS | {"n_frames": 999}, "d.png")
    waveforms = fastspec.Decoder.waveforms

    def slow(self, read):
        if any(each.magnitude.shape[0] == 999 for each in read):
            with monkeypatch.context() as patch:
                Ticking(patch, 50.0)
                return waveforms(self, read)
        return waveforms(self, read)

    monkeypatch.setattr(fastspec.Decoder, "waveforms", slow)
    records = {r["input"][-5]: r for r in decode_files([tmp_path], tmp_path / "out", jobs=1, force=True)}
    assert {name: record.get("code", "done") for name, record in records.items()} == {
        "a": "done", "b": "limit", "c": "done", "d": "timeout", "e": "done",
    }  # fmt: skip
    assert "--max-memory" in records["b"]["message"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("500M", 5e8), ("2g", 2e9), ("1.5GB", 1.5e9), ("3KiB", 3000), ("70000", 7e4), ("inf", math.inf)],
)
def test_bytes_are_read_with_their_units(text, number):
    assert number_of_bytes(text) == number


def test_the_command_line_has_both(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, FACTS | {"n_frames": 14_000})
    for more in (["-o", "a.wav"], ["--out-dir", "out"]):
        code = cli.run(["decode", "a.png", "--force", *more])
        said = capfd.readouterr()
        assert code == (exit_codes.FATAL if "-o" in more else exit_codes.PARTIAL)
        assert "give --max-memory" in said.out + said.err
    assert (
        cli.run(["decode", "a.png", "--force", "-o", "a.wav", "--max-memory", "2G", "--timeout", "50", "--n-iter", "0"])
        == 0
    )
    assert cli.run(["inspect", "a.png", "--max-memory", "1K"]) == exit_codes.FATAL
    assert "1e+03" not in (said := capfd.readouterr().err)
    assert "raise it with --max-memory" in said
    for wrong in (["--max-memory", "much"], ["--max-memory", "0"], ["--timeout", "0"]):
        assert cli.run(["decode", "a.png", *wrong]) == exit_codes.USAGE
    capfd.readouterr()
    assert cli.run(["decode", "--help"]) == 0
    assert {"--max-memory", "--timeout"} <= set(capfd.readouterr().out.split())


def test_hostile_claims_take_little():
    told = hostile_claims.run(40, seed=8)
    assert told["strange"] == []
    assert set(told["outcomes"]) <= {"done", "calibration", "parameter", "limit"}
    assert min(told["outcomes"].get(name, 0) for name in ("done", "limit")) >= 5
    assert told["slowest"][0][0] < 8.0, told["slowest"]
    assert told["steps_mb"][0][0] < 900, told["steps_mb"]


def test_the_calibration_of_a_refused_picture_is_not_lost():
    """Facts that ask for too much are still known to who looks."""
    assert isinstance(fastspec.inspect(picture(FACTS | CLAIMS["frames"])), Calibration)
