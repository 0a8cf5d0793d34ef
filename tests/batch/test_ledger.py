"""Ledgers outlive programs: those of 0.1 are gone on with, those of a newer format are refused and left alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from fastspec import cli
from fastspec.batch import config, decode_files, ledger, run, shard
from fastspec.cli import exit_codes
from fastspec.errors import ParameterError

OLD = Path(__file__).parents[1] / "data" / "release-0.1"


@pytest.fixture
def old(tmp_path, monkeypatch):
    """What 0.1.0 left of a batch, its inputs as old as they were then; the working folder."""
    shutil.copytree(OLD, tmp_path / "old")
    monkeypatch.chdir(tmp_path / "old")
    for record in ledger.read("sound"):
        if record["type"] == "done":
            os.utime(record["input"], ns=(record["stamp"][1],) * 2)
    return tmp_path / "old"


def resumed():
    return decode_files(["pictures"], "sound", jobs=1, n_iter=1, resume=True).run()


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0"])
def test_a_batch_of_0_1_is_gone_on_with(old, monkeypatch, version):
    for module in (config, run, shard):
        monkeypatch.setattr(module, "__version__", version)
    before = {path.name: path.read_bytes() for path in (old / "sound").glob("*.wav")}
    assert sorted(before) == ["a.wav", "b.wav"]
    summary = resumed()
    assert (summary.done, summary.kept, summary.failed, summary.outcome) == (3, 2, 1, "complete")
    assert all((old / "sound" / name).read_bytes() == data for name, data in before.items())
    records = list(ledger.read("sound"))
    assert [r["fastspec"] for r in records if r["type"] == "run"] == ["0.1.0", version]
    ended = [r["output"] for r in records if r["type"] in ledger.TERMINAL]
    assert sorted(ended) == ["a.wav", "b.wav", "c.wav", "d.wav"]  # what fails is written before what goes on


def test_a_batch_of_0_1_with_other_options_is_refused_with_the_difference(old):
    with pytest.raises(ParameterError, match="n_iter was 1, is 2"):
        decode_files(["pictures"], "sound", n_iter=2, resume=True).run()


def rewritten(change):
    """The ledger with its first line changed; its bytes."""
    path = Path("sound") / ledger.NAME
    first, *rest = path.read_text().splitlines(keepends=True)
    record = json.loads(first)
    change(record)
    path.write_text("".join([json.dumps(record) + "\n", *rest]))
    return path.read_bytes()


def test_a_ledger_without_a_version_is_of_the_first(old):
    rewritten(lambda record: record.pop("version"))
    assert resumed().kept == 2


@pytest.mark.parametrize("version", [2, 99, "2", None])
@pytest.mark.parametrize("how", [["--resume"], ["--retry-failed"], ["--overwrite"], ["--dry-run"], []])
def test_a_ledger_of_a_newer_format_is_refused_and_left_alone(old, capsys, version, how):
    before = rewritten(lambda record: record.update(version=version, fastspec="3.1.4"))
    sounds = {path.name: path.read_bytes() for path in (old / "sound").glob("*.wav")}
    code = cli.run(["decode", "pictures", "--out-dir", "sound", "--n-iter", "1", *how])
    said = capsys.readouterr().err
    assert code == exit_codes.USAGE
    assert said.count("\n") == 1
    assert f"has format {version}, written by fastspec 3.1.4" in said
    assert "update it, or name another folder" in said
    assert (old / "sound" / ledger.NAME).read_bytes() == before
    assert {path.name: path.read_bytes() for path in (old / "sound").glob("*.wav")} == sounds


def test_nothing_of_a_newer_format_is_handed_out(old):
    rewritten(lambda record: record.update(version=2))
    with pytest.raises(ParameterError, match="has format 2"):
        next(ledger.read("sound"))


def test_a_torn_last_line_is_passed_over(old):
    assert (OLD / "sound" / ledger.NAME).read_bytes()[-1:] != b"\n"
    assert [record["type"] for record in ledger.read("sound")] == ["run", "done", "done"]
