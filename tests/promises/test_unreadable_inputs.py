"""What cannot be listed or read is a record, names of any bytes are names, and lists are read as people make them."""

from __future__ import annotations

import codecs
import csv
import json
import os
import stat
from pathlib import Path

import pytest
import soundfile

from fastspec.batch import decode_files, encode_files, facts_table, ledger, storage
from fastspec.cli import exit_codes
from fastspec.errors import ParameterError
from tests.promises.small_batches import FAST, WORDS, copied, draw, ended


@pytest.fixture
def closed(monkeypatch):
    """Lets folders be closed, for root too: those that are listed raise what the system would."""
    names: set[str] = set()
    right = os.scandir

    def scandir(path="."):
        if os.fspath(path).rstrip("/") in names:
            raise PermissionError(13, os.strerror(13), os.fspath(path))
        return right(path)

    monkeypatch.setattr(os, "scandir", scandir)
    return names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "in", 2)
    draw(tmp_path / "in" / "sub", 1, "s{}.png")
    draw(tmp_path / "in" / "sub" / "deep", 1, "d{}.png")
    return tmp_path


# --- folders --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["in", "in/**/*.png", "in/*/*.png", "{}/in", "file://{}/in"])
def test_a_folder_that_cannot_be_listed_is_a_failed_input(folder, closed, run, what):
    named = what.format(folder)
    closed.update({"in/sub", f"{folder}/in/sub"})
    code, _, said = run("decode", named, "--out-dir", "out", *WORDS)
    assert code == exit_codes.PARTIAL
    assert "sub cannot be listed: Permission denied" in said
    found = ended("out")
    (failed,) = [name for name, kind in found.items() if kind == "failed"]
    assert failed.rstrip("/").endswith("in/sub")
    assert len(found) == (1 if "*/*.png" in what and "**" not in what else 3)
    (record,) = [r for r in ledger.read("out") if r["type"] == "failed"]
    assert (record["output"], record["code"]) == (None, "picture")
    again = run("decode", named, "--out-dir", "out", "--resume", *WORDS)
    assert again[0] == exit_codes.PARTIAL
    assert len([r for r in ledger.read("out") if r["type"] == "failed"]) == 1  # it has its record
    assert run("decode", named, "--out-dir", "out", "--retry-failed", *WORDS)[0] == exit_codes.PARTIAL
    assert len([r for r in ledger.read("out") if r["type"] == "failed"]) == 2
    closed.clear()
    code, _, said = run("decode", named, "--out-dir", "out", "--retry-failed", *WORDS)
    assert (code, "failed" in said.replace("0 failed", "")) == (exit_codes.DONE, False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may list all")
def test_a_folder_that_is_closed_indeed(folder, run):
    os.chmod("in/sub", 0)
    try:
        assert run("decode", "in", "--out-dir", "out", *WORDS)[0] == exit_codes.PARTIAL
    finally:
        os.chmod("in/sub", stat.S_IRWXU)


def test_alone_it_is_a_failed_input_too(folder, closed, run):
    closed.add("in")
    code, _, said = run("decode", "in", "--out-dir", "out", *WORDS)
    assert code == exit_codes.PARTIAL
    assert "0 of 1 done, 1 failed" in said
    assert run("encode", "in", "--out-dir", "out2")[0] == exit_codes.PARTIAL
    assert [r["code"] for r in ledger.read("out2") if r["type"] == "failed"] == ["audio"]
    assert run("inspect", "in")[0] == exit_codes.FATAL
    code, _, said = run("decode", "in")
    assert (code, said.count("\n")) == (exit_codes.USAGE, 1)
    assert "cannot be listed" in said


def test_a_dry_run_and_stopping_know_of_it(folder, closed, run):
    closed.add("in/sub")
    code, text, said = run("decode", "in", "--out-dir", "out", "--dry-run", *WORDS)
    assert (code, len(text.splitlines())) == (exit_codes.PARTIAL, 2)
    assert "in/sub" in said
    assert not Path("out").exists()
    code, _, _ = run("decode", "in", "--out-dir", "out", "--on-error", "stop", *WORDS)
    assert code == exit_codes.PARTIAL
    assert sorted(ended("out").values()) == ["failed", "skipped", "skipped"]


def test_inspect_tells_of_it_among_others(folder, closed, run):
    closed.add("in/sub")
    code, text, said = run("inspect", "in", "--json")
    assert code == exit_codes.PARTIAL
    assert sorted("error" in report for report in json.loads(text)) == [False, False, True]
    assert "in/sub" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_pipe_is_refused_at_once(folder, run, scheme):
    os.mkfifo("in/pipe.png")
    code, _, said = run("decode", f"{scheme}{folder}/in", "--out-dir", "out", *WORDS)
    assert code == exit_codes.PARTIAL
    assert "pipe.png is not a regular file" in said
    assert storage.checksum(f"{scheme}{folder}/in/pipe.png") is None


# --- names ----------------------------------------------------------------------------------------------------

NAMES = [b"bad\xff.png", b"\xe4\xf6.png", b"a\xc3.png", b"new\nline.png", b"\x1b[31m.png", b"\xed\xa0\x80.png"]


@pytest.fixture
def strange(folder):
    """A folder of pictures whose names are hardly text."""
    try:
        for name in NAMES:
            copied(folder / "in" / "0.png", os.fsencode(folder / "in" / "sub") + b"/" + name)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only text")
    return folder


def test_names_of_any_bytes_are_converted_and_recorded_byte_for_byte(strange, run):
    code, _, said = run("decode", "in", "--out-dir", "out", "--facts-out", "used.csv", *WORDS)
    assert code == exit_codes.DONE, said
    assert "10 of 10 done" in said
    left = {name for name in os.listdir(b"out/sub") if name.endswith(b".wav")}
    assert left == {b"s0.wav", *(name.replace(b".png", b".wav") for name in NAMES)}
    records = [r for r in ledger.read("out") if r["type"] == "done"]
    assert {os.fsencode(r["input"]) for r in records} >= {b"in/sub/" + name for name in NAMES}
    assert all(os.path.exists(r["input"]) and os.path.exists(os.path.join("out", r["output"])) for r in records)
    assert (Path("out") / ledger.NAME).read_bytes().isascii()
    summary = decode_files(["in"], "out", resume=True, **FAST).run()
    assert (summary.done, summary.kept, summary.unusable) == (10, 10, 0)
    assert {row.path for row in facts_table.rows("used.csv")} == {r["input"] for r in records}
    os.unlink(os.fsencode("out/sub/") + b"bad\xff.wav")
    assert decode_files(["in"], "out", resume=True, facts=None, **FAST).run().kept == 9
    assert run("decode", "in", "--out-dir", "out3", "--facts", "used.csv", *WORDS)[0] == exit_codes.DONE


def test_json_and_lists_have_them_too(strange, run):
    code, text, _ = run("decode", "in/sub", "--out-dir", "out", "--log-json", "--report", "report.json", *WORDS)
    assert code == exit_codes.DONE
    assert text.isascii()
    assert {os.fsencode(json.loads(line)["input"]) for line in text.splitlines()} >= {b"in/sub/" + n for n in NAMES}
    json.loads(Path("report.json").read_text())
    named = [name for name in NAMES if b"\n" not in name]
    Path("list.txt").write_bytes(b"".join(b"in/sub/" + name + b"\n" for name in named))
    assert decode_files(["@list.txt"], "out2", **FAST).run().done == len(named)


def test_sounds_have_such_names_too(folder):
    folder.joinpath("sounds").mkdir()
    try:
        with open(b"sounds/bad\xff.wav", "wb") as out:
            soundfile.write(out, [0.0, 0.5, 0.1] * 500, 8000, format="WAV")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only text")
    summary = encode_files(["sounds"], "out", n_fft=64).run()
    assert (summary.done, summary.failed) == (1, 0)
    assert b"bad\xff.png" in os.listdir(b"out")


def test_a_table_in_another_encoding_is_still_refused_with_the_remedy(folder):
    Path("latin.csv").write_bytes("path,sr\nin/ä.png,8000\n".encode("latin-1"))
    with pytest.raises(ParameterError, match="UTF-8"):
        decode_files(["in"], "out", facts="latin.csv", **FAST).run()
    Path("wide.csv").write_bytes("path,sr\nin/0.png,8000\n".encode("utf-16"))
    with pytest.raises(ParameterError, match="UTF-8"):
        decode_files(["in"], "out", facts="wide.csv", **FAST).run()
    with open("well.csv", "w", newline="") as out:
        csv.writer(out).writerows([["path", "hop_length"], ["in/0.png", 16]])
    assert decode_files(["in"], "out", facts="well.csv", **FAST).run().done == 4


# --- lists ----------------------------------------------------------------------------------------------------


def converted(run, *inputs):
    """(exit code, number of pictures converted, messages)."""
    code, text, said = run("decode", *inputs, "--out-dir", "out", *WORDS)
    return code, len(text.splitlines()), said


@pytest.mark.parametrize(
    ("lists", "word"),
    [
        ({"a": "@a"}, "a names itself (a -> a)"),
        ({"a": "@./b", "b": "@a"}, "names itself (a -> ./b -> a)"),
        ({"a": "@b", "b": "in/0.png\n@c", "c": "in\n@b"}, "names itself (a -> b -> c -> b)"),
        ({"a" if k == 0 else f"a{k}": f"@a{k + 1}" for k in range(40)}, "is the 21th that another names"),
    ],
)
def test_lists_that_name_themselves_are_one_sentence(folder, run, lists, word):
    for name, text in lists.items():
        Path(name).write_text(text + "\n")
    code, _, said = converted(run, "@a")
    assert code == exit_codes.USAGE
    assert word in said
    assert said.count("\n") == 1


def test_a_list_of_standard_input_that_names_itself_is_one_too(folder, run, monkeypatch):
    with open("lines", "wb") as out:
        out.write(b"in/0.png\n-\n")
    with open("lines") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        code, _, said = converted(run, "-")
    assert (code, said.count("\n")) == (exit_codes.USAGE, 1)
    monkeypatch.setattr("sys.stdin", None)
    code, _, said = converted(run, "-")
    assert (code, said.count("\n")) == (exit_codes.USAGE, 1)


@pytest.mark.parametrize(
    ("before", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("stdin", [False, True])
def test_lists_of_windows_are_lists(folder, run, monkeypatch, before, encoding, end, stdin):
    os.rename("in/0.png", "in/ä 名.png")
    Path("list.txt").write_bytes(before + f"in/ä 名.png{end}# a comment{end}{end}in/1.png{end}".encode(encoding))
    with open("list.txt") as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert converted(run, "-" if stdin else "@list.txt")[:2] == (exit_codes.DONE, 2)


@pytest.mark.parametrize("data", [b"\0" * 100_000, b"in/0.png\0in/1.png\0", b"x" * 200_000, b"\x89PNG\r\n\x1a\n\0\0\0"])
def test_what_is_no_list_is_one_sentence(folder, run, data):
    Path("list").write_bytes(data)
    code, _, said = converted(run, "@list")
    assert code == exit_codes.USAGE
    assert "list is no list of names" in said
    assert said.count("\n") == 1


def test_a_name_that_none_can_be_is_a_failed_input(folder):
    summary = decode_files(["in/0.png", "in/\0.png"], "out", **FAST).run()
    assert (summary.done, summary.failed) == (1, 1)


def test_the_same_file_twice_is_converted_once_and_said(folder, run):
    Path("list.txt").write_text("in/0.png\n./in/0.png\nin/../in/0.png\n")
    code, number, said = converted(run, "in/0.png", "in/0.png", "@list.txt", f"{folder}/in/0.png", "in/1.png")
    assert (code, number) == (exit_codes.DONE, 2)
    assert "5 inputs were named more than once and are converted once" in said
    assert len(ended("out")) == 2
    code, text, said = run("decode", "in/0.png", "./in/0.png", "-o", "x.wav", "--n-iter", 1)
    assert (code, len(text.splitlines())) == (exit_codes.DONE, 1)
    assert "named more than once" in said
    draw(folder / "other", 1)
    code, _, said = converted(run, "in/0.png", "other/0.png")  # two files are two
    assert code == exit_codes.USAGE
    assert "would both become" in said
