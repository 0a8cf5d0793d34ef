"""Ledgers that people or power cuts have edited: a sentence and an exit code, or a line ignored and said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fastspec import cli
from fastspec.batch import decode_files, ledger
from fastspec.cli import exit_codes
from tests.promises.small_batches import FAST, WORDS, draw

ODD = [
    None, True, -1, 0, 10**30, 2**63, -(2**63) - 1, 1e30, float("nan"), float("inf"), "", "x", "a\0b", "\ud800",
    [], {}, [None], ["a", "b"], [1e30, 2], [10**30, 0], [1, 2, 3], {"a": {}}, [[[[[[]]]]]], "s3://nowhere.invalid/x",
    "\x1b[31m", "x" * 9_000,
]  # fmt: skip
FIELDS = [
    "type",
    "input",
    "output",
    "stamp",
    "size",
    "sha256",
    "code",
    "facts",
    "unsure",
    "doubtful",
    "seen",
    "message",
]
OF_RUNS = ["type", "version", "fastspec", "fingerprint", "config", "inputs", "host", "started"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder of pictures, one of them none, and what a batch of them left; the lines of its ledger."""
    folder = tmp_path_factory.mktemp("ran")
    draw(folder / "in", 2)
    (folder / "in" / "bad.png").write_text("no picture")
    before = os.getcwd()
    os.chdir(folder)
    try:
        decode_files(["in"], "out", **FAST).run()
        yield [json.loads(line) for line in (Path("out") / ledger.NAME).read_text().splitlines()]
    finally:
        os.chdir(before)


def written(lines):
    """Make these the ledger."""
    data = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    (Path("out") / ledger.NAME).write_bytes(data)


@pytest.fixture
def resumed(capsys):
    """The exit code and messages of one more run over that ledger; whatever is in it, no traceback."""

    def call(*how):
        code = cli.run(["decode", "in", "--out-dir", "out", *WORDS, *how])
        said = capsys.readouterr().err
        assert "Traceback" not in said
        assert code in (exit_codes.DONE, exit_codes.FATAL, exit_codes.USAGE, exit_codes.PARTIAL)
        if code in (exit_codes.FATAL, exit_codes.USAGE):
            assert said.count("\n") == 1, said
        else:
            assert code == exit_codes.PARTIAL  # one input is no picture
            assert "2 of 3 done" in said
        return code, said

    return call


@pytest.mark.parametrize("kind", ["done", "failed"])
@pytest.mark.parametrize("field", FIELDS)
def test_any_field_may_hold_anything(ran, resumed, kind, field):
    changed = next(k for k, record in enumerate(ran) if record["type"] == kind)
    told = 0
    for value in ODD:
        written([{**record, field: value} if k == changed else record for k, record in enumerate(ran)])
        code, said = resumed("--retry-failed", "--facts-out", "used.csv")
        assert code == exit_codes.PARTIAL
        told += "no usable records and were ignored (line " in said
        assert field not in ("stamp", "size", "input") or value is None or kind == "failed" or told
    written([{name: value for name, value in record.items() if name != field} for record in ran])
    if field != "type":
        assert resumed("--resume")[0] == exit_codes.PARTIAL


@pytest.mark.parametrize("field", OF_RUNS)
def test_any_field_of_a_run_may_hold_anything(ran, resumed, field):
    for value in ODD[::2]:
        written([{**ran[0], field: value}, *ran[1:]])
        # what is no run leaves outputs of nobody's; what other options made is refused; the rest is told and not asked
        wanted = {"type": exit_codes.FATAL, "fingerprint": exit_codes.USAGE}.get(field, exit_codes.PARTIAL)
        if field == "version" and not (isinstance(value, int) and value <= ledger.VERSION):
            wanted = exit_codes.USAGE
        assert resumed("--resume")[0] == wanted, value


def test_what_a_run_says_of_its_options_may_be_anything(ran, resumed):
    for config in ODD:
        written([{**ran[0], "fingerprint": "other", "config": config}, *ran[1:]])
        code, said = resumed("--resume")
        assert (code, "another configuration" in said) == (exit_codes.USAGE, True)


GARBAGE = [
    b"\n", b"\r\n", b"{}\n", b"[]\n", b"null\n", b"7\n", b'"done"\n', b"\0" * 600 + b"\n", b"\xff\xfe\n",
    b"{" * 5000 + b"\n",
    b"[" * 200_000 + b"\n", b'{"type":"done"\n', b'{"type":"done"}\n', b"9" * 6000 + b"\n",
    b'{"type":"done","input":1e999}\n',
    b"\xef\xbb\xbf{}\n", b"<<<<<<< mine\n", b'{"type":"\\ud800"}\n', b'{"type":"done","type":[]}\n',
]  # fmt: skip


@pytest.mark.parametrize("at", [0, 1, -1])
def test_lines_of_anything_are_passed_over_and_said(ran, resumed, at):
    for line in GARBAGE:
        lines = list(ran)
        lines.insert(at if at >= 0 else len(lines), line)
        written(lines)
        code, said = resumed("--resume")
        assert code == exit_codes.PARTIAL
        assert "2 of 3 done (2 of them earlier)" in said
        harmless = line.strip() == b"" or b"ud800" in line
        assert ("1 lines of the ledger are no usable records and were ignored (line " in said) == (not harmless), line


def test_nested_deeper_than_can_be_shown(ran, resumed):
    deep = b'{"type":"run","fingerprint":"x","config":{"n_iter":' + b"[" * 900 + b"]" * 900 + b"}}\n"
    written([deep, *ran])
    assert resumed("--resume")[0] == exit_codes.USAGE


@pytest.mark.parametrize("what", ["folder", "pipe", "loop", "nowhere"])
def test_what_is_no_file_is_one_sentence(ran, resumed, what):
    path = Path("out") / ledger.NAME
    data = path.read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name if what == "loop" else "gone/away")
    try:
        assert resumed("--resume")[0] in (exit_codes.FATAL, exit_codes.USAGE)
    finally:
        path.rmdir() if what == "folder" else path.unlink()
        path.write_bytes(data)


def test_an_input_that_changed_is_converted_anew_though_its_size_did_not(ran):
    written(ran)
    before = (Path("in") / "0.png").read_bytes()
    other = (Path("in") / "1.png").read_bytes()
    size = max(len(before), len(other))
    (Path("in") / "0.png").write_bytes(before.ljust(size, b"\0"))
    decode_files(["in"], "out", resume=True, **FAST).run()
    first = (Path("out") / "0.wav").read_bytes()
    (Path("in") / "0.png").write_bytes(other.ljust(size, b"\0"))
    os.utime("in/0.png", ns=(1, 1))
    summary = decode_files(["in"], "out", resume=True, **FAST).run()
    assert summary.kept == 1
    assert (Path("out") / "0.wav").read_bytes() != first
    (Path("in") / "0.png").write_bytes(before)
