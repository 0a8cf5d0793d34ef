"""Every option of every command reaches the call that it is for. A new one has to, under its own name, or is listed."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest

from fastspec import cli
from fastspec.batch import decode_files, encode_files
from fastspec.batch.inputs import Item
from fastspec.batch.run import Options
from fastspec.batch.summary import Summary
from fastspec.calibration.calibration import Calibration
from fastspec.cli import hear, options
from fastspec.picture.picture import Picture

# where options arrive under another name, or as another value
RENAMED = {
    "decode": {"output": ("out", "x.wav")},
    "encode": {"size": ("size", (64, 48)), "bits": ("bits", 16), "output": ("out", "x.png")},
}
OF_MANY = {"encode": {"quality": ("jpeg_quality", 7)}}
WORDS = {
    "size": "64x48",
    "output": {"decode": "x.wav", "encode": "x.png"},
    "engine": "dask",
    "on_error": "stop",
    "profile": "sox",
    "level_unit": "ln",
}
ONLY_ONE = {"plot", "original"}  # of one input alone, refused beside --out-dir
HERE = {"dry_run", "report", "log_json"}  # of batches, done by the command itself


class Called:
    """What the commands called, by the names that it was given."""

    def __init__(self) -> None:
        self.told: dict[str, object] = {}

    def __call__(self, *names, result=None):
        def call(*arguments, **named):
            self.told |= {**dict(zip(names, arguments, strict=False)), **named}
            return result() if callable(result) else result

        return call


class OneBatch:
    """A batch of nothing."""

    folder, interrupted, in_flight = "out", False, 0

    def __init__(self, called: Called) -> None:
        self.summary, self.called = Summary(), called

    def __iter__(self):
        return iter(())

    def dry_run(self):
        self.called.told["dry_run"] = True
        return iter(())


@pytest.fixture
def called(monkeypatch):
    """All that the commands call, replaced by what notes how."""
    seen = Called()
    cal = Calibration.of("given", sr=8000)
    retouched = SimpleNamespace(calibration=cal, wave=np.zeros(8, np.float32), sr=8000, subtype=None)
    tool = SimpleNamespace(
        retouch=seen("picture", "original", result=retouched),
        read=lambda _: SimpleNamespace(calibration=cal), waveform=lambda _: np.zeros(8, np.float32), max_seconds=None,
        encode=lambda *_: Picture(np.zeros((3, 4), np.uint8)), remarks=lambda *_: (),
    )  # fmt: skip
    items = [Item(Path("a.png"), Path("a.wav"))]
    for place, recorder in {
        "fastspec.decoder.Decoder": seen(result=tool),
        "fastspec.encoder.Encoder": seen(result=tool),
        "fastspec.batch.decode_files": seen(result=lambda: OneBatch(seen)),
        "fastspec.batch.encode_files": seen(result=lambda: OneBatch(seen)),
        "fastspec.batch.inputs.items_of": seen("inputs", result=items),
        "fastspec.batch.inputs.items_to_read": seen("inputs", "suffixes", result=items),
        "fastspec.batch.storage.make_folder": seen(),
        "fastspec.batch.storage.write": seen("report"),
        "fastspec.batch.config.sound_output": seen("format", "subtype", "name", result=(".wav", "WAV", "PCM_16")),
        "fastspec.batch.config.picture_output": seen("format", "name", result=(".png", "PNG")),
        "fastspec.batch.facts_table.of_inputs": seen("facts", "inputs", result=dict),
        "fastspec.batch.facts_table.check_target": seen("facts_out"),
        "fastspec.batch.facts_table.write": seen("facts_out"),
        "fastspec.diagnostics.plotting.plot_decoded": seen("decoded", "y", "plot"),
        "fastspec.sound.files.write": seen("target", "y", "rate", result=1.0),
        "fastspec.sound.files.read": seen("source", result=(np.zeros(8, np.float32), 8000)),
        "fastspec.picture.files.write": seen("picture", "target"),
        "fastspec.retouch.folder.Originals.of": seen(
            "originals", result=SimpleNamespace(of_picture=lambda _: "a.wav", paths=[])
        ),
        "fastspec.retouch.inspecting.inspect": seen("picture", result=lambda: cal),
        "fastspec.inspection.inspect": seen("picture", result=lambda: cal),
        "fastspec.diagnostics.warmup.warmup": seen(
            "n_fft", result={"kernels": [], "compile_seconds": 0.0, "n_fft": [8], "plan_seconds": 0.0}
        ),
        "fastspec.diagnostics.doctor.doctor_report": seen(result={"ok": True}),
        "fastspec.diagnostics.doctor.as_text": seen("report", result="text"),
    }.items():
        monkeypatch.setattr(place, recorder)
    monkeypatch.setattr(hear, "hear", seen("source", "cal", "hear", "given", result=[{"file": "a.1.wav"}]))
    return seen


def value_of(option: click.Option, command: str) -> tuple[list[str], object]:
    """Words that give an option a value other than its own, and that value."""
    name, kind = str(option.name), option.type
    if option.is_flag:
        return [option.opts[0]], True
    word = WORDS.get(name)
    word = word[command] if isinstance(word, dict) else word
    if word is None:
        word = {
            "integer": "7", "integer range": "7", "float": "1.5", "float range": "1.5", "text": "hamming",
        }.get(kind.name)  # fmt: skip
    if isinstance(kind, click.Choice):
        word = word or next(each for each in reversed(kind.choices) if each != option.default)
    words = [str(word or "7")] * option.nargs
    if kind.name.startswith("<"):  # of several numbers, growing
        words = [str(number) for number in range(1, option.nargs + 1)]
        if name == "plot_offsets":
            words = [".25"] * option.nargs
        converted: object = tuple(float(each) if "float" in kind.name.lower() else int(each) for each in words)
    else:
        converted = option.type.convert(words[0], option, None)
    if option.multiple:
        converted = (converted,)
    return [option.opts[0], *words], converted


def told(seen: Called) -> dict[str, object]:
    """All that was told, of any call, with what stands in dictionaries."""
    given = seen.told.get("given")
    return {**(given if isinstance(given, dict) else {}), **seen.told}


def each_option(name: str) -> list[click.Option]:
    command = cli.cli.commands[name]
    return [option for option in command.params if isinstance(option, click.Option)]


def run(command, words, many):
    """Run a command on one picture, or as a batch; its exit code."""
    places = ["--out-dir", "out"] if many else []
    inputs = [] if command in ("warmup", "doctor") else ["a.png"]
    return cli.run([command, *inputs, *places, *words])


@pytest.mark.parametrize("option", each_option("decode"), ids=lambda option: str(option.name))
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_options_of_decode_arrive(called, capsys, tmp_path, monkeypatch, option, many):
    monkeypatch.chdir(tmp_path)
    check(called, capsys, "decode", option, many)


@pytest.mark.parametrize("option", each_option("encode"), ids=lambda option: str(option.name))
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_options_of_encode_arrive(called, capsys, tmp_path, monkeypatch, option, many):
    monkeypatch.chdir(tmp_path)
    check(called, capsys, "encode", option, many)


def check(called, capsys, command, option, many):
    """Assert that one option of decode or encode arrives, or is refused where it has no meaning."""
    name = str(option.name)
    words, value = value_of(option, command)
    of_batch = name in {str(each.name) for each in options.BATCH}
    if name == "out_dir":
        many, words = True, []
    if name == "level_range":
        words += ["--level-unit", "ln"]
    if name == "level_unit":
        words += ["--level-range", "-8", "0"]
    if name == "trust":
        words += ["--originals", "."] if many else ["--original", "its.wav"]
    code = run(command, words, many and name != "output")
    shown = capsys.readouterr()
    if (many and name in ONLY_ONE) or (not many and of_batch and name != "jobs"):
        assert code == 2
        assert f"--{name.replace('_', '-')}" in shown.err
        return
    assert code == 0, shown.err
    if name in HERE:
        at = {
            "dry_run": "dry_run" in called.told,
            "report": "report" in called.told,
            "log_json": '"summary"' in shown.err,
        }
        assert at[name]
        return
    if name == "jobs" and not many:
        return  # there is one file
    target, wanted = {**RENAMED[command], **(OF_MANY.get(command, {}) if many else {})}.get(name, (name, value))
    if name == "out_dir":
        target, wanted = "out_dir", "out"
        called.told.setdefault("out_dir", "out" if "overwrite" in called.told else None)
    if not many and target in ("audio_format", "picture_format"):
        target = "format"
    assert told(called).get(target) == wanted, (name, told(called))
    if not many and command == "encode" and name == "max_seconds":
        assert "longest" in called.told


@pytest.mark.parametrize("option", each_option("inspect"), ids=lambda option: str(option.name))
def test_options_of_inspect_arrive(called, capsys, option):
    name = str(option.name)
    words, value = value_of(option, "inspect")
    if name == "level_range":
        words += ["--level-unit", "ln"]
    if name == "level_unit":
        words += ["--level-range", "-8", "0"]
    assert cli.run(["inspect", "a.png", *words]) == 0
    shown = capsys.readouterr().out
    if name == "as_json":
        assert json.loads(shown)["file"] == "a.png"
        return
    assert told(called)[name] == value
    if name == "original":  # it leaves no other reading
        assert cli.run(["inspect", "a.png", *words, "--hear", "x"]) == 2
        assert "--hear" in capsys.readouterr().err
    elif name != "hear":  # the sounds of readings are made with the same
        called.told.clear()
        assert cli.run(["inspect", "a.png", *words, "--hear", "x"]) == 0
        assert called.told["given"][name] == value


@pytest.mark.parametrize("command", ["warmup", "doctor"])
def test_options_of_maintenance_arrive(called, capsys, command):
    where = {"n_fft": ("n_fft", (7,)), "float64": ("float64", True), "no_self_test": ("self_test", False)}
    for option in each_option(command):
        words, _ = value_of(option, command)
        assert cli.run([command, *words]) == 0
        shown = capsys.readouterr().out
        if option.name == "as_json":
            assert json.loads(shown) == {"ok": True}
            continue
        name, value = where[str(option.name)]
        assert called.told[name] == value


def test_every_option_of_a_batch_is_one_of_the_library():
    names = {str(option.name) for option in options.BATCH} - HERE
    assert names | {"overwrite"} == {field.name for field in fields(Options)}


@pytest.mark.parametrize("name", sorted({field.name for field in fields(Options)}))
@pytest.mark.parametrize("make", [decode_files, encode_files])
def test_the_library_hands_them_to_the_batch(name, make):
    value = {"on_error": "stop", "engine": "dask", "scheduler": "tcp://x:1", "jobs": 3, "shard_size": 5}.get(name, True)
    batch = make(["a"], "out", **{name: value})
    assert getattr(batch.how, name) == value
    assert getattr(Options(), name) != value


HOW = {"quality": "best", "method": "raar", "init": "spsi", "n_iter": 9, "seed": 5, "force": True, "strict": True,
       "mono": True, "max_pixels": 123456, "max_seconds": 7.5, "sr": 12345}  # fmt: skip
WRITTEN = {
    "audio_format": ("format", "flac", "FLAC"),
    "subtype": ("subtype", "PCM_24", "PCM_24"),
    "normalize": ("normalize", False, False),
}


@pytest.mark.parametrize("name", HOW)
def test_the_library_hands_them_to_the_decoder(name):
    batch = decode_files(["a"], "out", **{name: HOW[name]})
    assert json.loads(batch.config.converter)[name] == HOW[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_library_hands_them_to_the_writer(name):
    target, given, wanted = WRITTEN[name]
    batch = decode_files(["a"], "out", **{name: given})
    assert json.loads(batch.config.writing)[target] == wanted


def test_the_options_of_pictures_are_handed_on():
    batch = encode_files(["a"], "out", jpeg_quality=7, picture_format="jpeg", bits=8, size=(64, 48), max_seconds=3)
    assert json.loads(batch.config.writing) == {"format": "JPEG", "quality": 7}
    assert json.loads(batch.config.converter) == {"bits": 8, "size": [64, 48], "max_seconds": 3}


def test_tables_are_handed_on(tmp_path):
    table = tmp_path / "facts.csv"
    table.write_text("path,sr\na,8000\n")
    batch = decode_files(["a"], "out", facts=table, facts_out="used.csv")
    assert (batch.facts, batch.facts_out) == (str(table), "used.csv")
    assert "facts" in json.loads(batch.config.settled)
