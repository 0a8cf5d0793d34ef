"""What a batch says to the letter where something is wrong, and the bytes of its ledger."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from fastspec.batch import facts_table, holder, inputs, ledger, plans, storage
from fastspec.batch.remote_book import _Lock
from fastspec.batch.worklist import Worklist, _clean, temporary_errors
from fastspec.errors import OutputError, ParameterError
from tests.batch.tables import table

SUFFIXES = frozenset({".png"})


# --- the ledger


def test_a_record_is_a_compact_line_of_ascii(tmp_path):
    odd = {"a": np.float32(0.5), "b": np.int64(3), "c": PurePosixPath("p"), "d": "\udc80ü", "e": [1, None, True]}
    with ledger.Ledger(str(tmp_path)) as book:
        book.append([])
        assert not (tmp_path / ledger.NAME).exists()  # nothing to write is no write
        book.append([{"type": "x", **odd}, {"type": "y"}])
        book.append(iter([{"type": "z"}]))
    assert (tmp_path / ledger.NAME).read_bytes() == (
        b'{"type":"x","a":0.5,"b":3,"c":"p","d":"\\udc80\\u00fc","e":[1,null,true]}\n{"type":"y"}\n{"type":"z"}\n'
    )


def test_lines_that_cannot_be_used_are_told_by_their_numbers_and_a_torn_one_is_not(tmp_path):
    (tmp_path / ledger.NAME).write_bytes(b'{"type":"x"}\nno\n\n[]\n{"type":"y"}\n{"type":"done"}\n{"type":"z"}')
    told = []
    found = list(ledger.read(str(tmp_path), told.append))
    assert [record["type"] for record in found] == ["x", "y"]
    assert told == ["line 2: it is no JSON", "line 4: it is no record", "line 6: it has no input"]
    assert len(list(ledger.read(str(tmp_path)))) == 2


def test_the_version_of_a_ledger_is_named_with_ours(tmp_path):
    (tmp_path / ledger.NAME).write_bytes(b'{"type":"run","version":2}\n')
    with pytest.raises(
        ParameterError,
        match=r"has format 2, written by fastspec of unknown version; this is .*, which reads format 1: update",
    ):
        list(ledger.read(str(tmp_path)))
    (tmp_path / ledger.NAME).write_bytes(b'{"type":"run","version":0}\n{"type":"run"}\n{"type":"run","version":1}\n')
    assert len(list(ledger.read(str(tmp_path)))) == 3


def test_a_ledger_that_is_a_folder_is_a_sentence(tmp_path):
    (tmp_path / ledger.NAME).mkdir()
    with pytest.raises(OutputError, match=r"jsonl cannot be read: (it is not a regular file|Is a directory)$"):
        list(ledger.read(str(tmp_path)))
    assert list(ledger.read(str(tmp_path / "none"))) == []


def test_a_part_that_has_just_gone_is_passed_over_and_one_that_cannot_be_read_is_a_sentence(monkeypatch):
    fs = pytest.importorskip("fsspec").filesystem("memory")
    folder = "memory://sentences"
    for number in (1, 2, 3):
        storage.write(f"{folder}/{ledger.NAME}/{number}-a.jsonl", b'{"type":"%d"}\n' % number)
    cat = type(fs).cat_file

    def failing(error):
        def cat_file(self, path, *more, **how):
            if "/2-" in path:
                raise error
            return cat(self, path, *more, **how)

        return cat_file

    try:
        monkeypatch.setattr(type(fs), "cat_file", failing(FileNotFoundError()))
        assert [record["type"] for record in ledger.read(folder)] == ["1", "3"]
        monkeypatch.setattr(type(fs), "cat_file", failing(RuntimeError("planted")))
        with pytest.raises(OutputError, match=r"cannot be read: planted"):
            list(ledger.read(folder))
    finally:
        monkeypatch.undo()
        fs.rm("/sentences", recursive=True)


def test_where_a_ledger_is(tmp_path):
    with ledger.Ledger(str(tmp_path)) as book:
        found = os.stat(tmp_path)
        place = book.place()
        assert place is not None
        assert (place.path, place.inode) == (str(tmp_path), (found.st_dev, found.st_ino))
    assert ledger.Ledger("memory://x").place() is None


# --- who holds it


def test_without_proc_a_machine_is_one_process(monkeypatch):
    monkeypatch.setattr(holder, "_boot", lambda: None)
    assert holder.machine() == f"{socket.gethostname()} {os.getpid()}"
    assert holder.myself()["machine"] is None
    monkeypatch.setattr(holder, "_boot", lambda: "boot 7")
    assert holder.machine() == holder.myself()["machine"] == "boot 7"


@pytest.mark.parametrize("told", [b"", b"{", b"[]", b"{}", b'{"host":"a"}', b'{"host":"a","pid":0}'])
def test_a_lock_that_names_nobody_holds_nothing(told):
    fs = pytest.importorskip("fsspec").filesystem("memory")
    lock = _Lock("memory://sentences")
    storage.write(lock.path, told)
    try:
        assert lock._holder() is None
        lock.take()
        assert (lock._holder() or {})["token"] == lock.token
    finally:
        fs.rm("/sentences", recursive=True)


def test_a_lock_of_another_machine_is_asked_for_by_name():
    fs = pytest.importorskip("fsspec").filesystem("memory")
    lock = _Lock("memory://sentences")
    storage.write(lock.path, json.dumps({"host": "elsewhere", "pid": 7}).encode())
    try:
        with pytest.raises(OutputError) as said:
            lock.take()
        assert str(said.value) == (
            "another fastspec (process 7 on elsewhere) holds memory://sentences, and cannot be asked from here; "
            f"wait until it ends, or delete {lock.path} if it is dead"
        )
        lock.release()
        assert fs.exists("/sentences/" + storage.LOCK_NAME)
    finally:
        fs.rm("/sentences", recursive=True)


# --- inputs


def test_a_list_that_cannot_be_read_says_why(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ParameterError, match=r"^cannot read the list none\.txt: No such file or directory; check the path$"
    ):
        list(inputs.expand(["@none.txt"], SUFFIXES))
    Path("folder").mkdir()
    with pytest.raises(ParameterError, match=r"^cannot read the list folder: Is a directory; check the path$"):
        list(inputs.expand(["@folder"], SUFFIXES))


def test_options_that_contradict_each_other_are_told_before_any_input_is_looked_for():
    with pytest.raises(ParameterError, match=r"either an output file \(x\.wav\) or an output folder \(o\), not both"):
        inputs.items_of(["@none.txt"], suffixes=SUFFIXES, new_suffix=".wav", out="x.wav", out_dir="o")


def test_what_is_no_name_of_a_file_is_refused():
    assert _clean("a/b.x.png", ".wav", "s") == "a/b.x.wav"
    for relative in ("", ".", "..", "../a.png", "a/../b.png", "/a.png", "a/.."):
        with pytest.raises(ParameterError, match="'s' is no name of a file; name files, folders or patterns"):
            _clean(relative, ".wav", "s")


def test_a_full_temporary_folder_is_a_sentence():
    import sqlite3

    with (
        pytest.raises(OutputError, match=r"a temporary file, cannot be written: full; make room in .*TMPDIR"),
        temporary_errors(),
    ):
        raise sqlite3.OperationalError("full")
    with pytest.raises(sqlite3.IntegrityError), temporary_errors():
        raise sqlite3.IntegrityError("another")


def test_of_many_wrong_inputs_five_are_named(tmp_path):
    with (
        Worklist(str(tmp_path), ".wav") as work,
        pytest.raises(ParameterError, match=r"among 0\*, 1\*, 2\*, 3\*, 4\*$"),
    ):
        work.add([str(tmp_path / f"{k}*")[len(str(tmp_path)) + 1 :] for k in range(7)], SUFFIXES)


# --- storage


def test_a_folder_that_goes_while_it_is_searched_is_passed_over(monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    asked = []

    class Listing(fsspec.AbstractFileSystem):  # type: ignore[misc, name-defined]
        protocol = "listing"

        def ls(self, path, detail=True, **_):
            asked.append(path)
            if path.endswith("gone"):
                raise FileNotFoundError(path)
            if path.endswith("shut"):
                raise PermissionError(13, "planted")
            if path.endswith("deep"):
                return [{"name": f"{path}/c.png", "type": "file"}]
            names = {"a.png": "file", "deep": "directory", "gone": "directory", "shut": "directory"}
            return [
                {"name": path, "type": "directory"},
                *({"name": f"{path}/{n}", "type": t} for n, t in names.items()),
            ]

    told = []
    found = list(storage._files_below(Listing(), "x/", lambda *each: told.append(each)))
    assert sorted(found) == ["x/a.png", "x/deep/c.png"]
    assert [said for _, said in told] == [
        "listing://x/shut cannot be listed: planted; allow reading it, or leave it out"
    ]
    assert sorted(asked) == ["x", "x/deep", "x/gone", "x/shut"]


def test_a_pattern_of_the_whole_disk_begins_at_its_root(monkeypatch):
    assert next(storage._searched("/*/none.png")) == "/"
    with pytest.raises(ParameterError, match="planted"):
        storage.refuse("x", "planted")


def test_a_folder_that_cannot_be_read_is_a_sentence_with_the_reason():
    told = []
    storage._unlisted(PermissionError(13, "planted", b"a\xff"), "b", lambda *each: told.append(each))
    storage._unlisted(OSError("odd"), "b", lambda *each: told.append(each))
    rest = "; allow reading it, or leave it out"
    assert told == [("a\udcff", f"a\udcff cannot be listed: planted{rest}"), ("b", f"b cannot be listed: odd{rest}")]


# --- tables of facts


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_of_a_few_inputs_are_found_and_the_others_passed_over(folder):
    table("path,sr\nc.png,1\na.png,8000\nb.png,9000\n")
    assert facts_table.of_inputs("facts.csv", ["b.png", "./a.png"]) == {
        "./a.png": '{"sr": 8000}', "b.png": '{"sr": 9000}',
    }  # fmt: skip
    table("path,sr\nc.png,1\nb.png,1\n")
    with pytest.raises(ParameterError, match=r"^none of the 2 rows of facts\.csv is about an input; correct its paths"):
        facts_table.of_inputs("facts.csv", ["a.png"])
    for path in ("none.png", "memory://x/none.png"):
        table(f"path,sr\na.png,1\n{path},1\n")
        with pytest.raises(ParameterError, match=rf"facts\.csv line 3: '{path}' is no input and no file"):
            facts_table.of_inputs("facts.csv", ["a.png"])


def test_what_a_remote_name_is_called_here_is_no_file(folder):
    (folder / "memory:").mkdir()
    (folder / "memory:" / "x.png").touch()  # at this path, as a local one
    row = facts_table.Row(2, "memory://x.png", ("memory://x.png",), "{}")
    assert os.path.exists("memory://x.png")
    with pytest.raises(ParameterError, match="is no input and no file"):
        facts_table.check_is_file("facts.csv", row)


def test_short_rows_lack_their_last_facts_and_long_ones_are_refused(folder):
    table("path,sr,duration\na.png,8000\nb.png,8000,2,,\n")
    assert [json.loads(row.facts) for row in facts_table.rows("facts.csv")] == [
        {"sr": 8000},
        {"sr": 8000, "duration": 2},
    ]
    table("path,sr\na.png,8000,2\n")
    with pytest.raises(ParameterError, match=r"facts\.csv line 2 has 3 cells for 2 columns; quote"):
        list(facts_table.rows("facts.csv"))
    table("path,sr\n,8000\n")
    with pytest.raises(ParameterError, match=r"facts\.csv line 2 has no path; name the file"):
        list(facts_table.rows("facts.csv"))


def test_a_wrong_value_is_told_with_its_line_and_a_wrong_guess_is_none(folder):
    table("path,sr\na.png,x\n")
    with pytest.raises(ParameterError, match=r"^facts\.csv line 2: sr='x'"):
        list(facts_table.rows("facts.csv"))
    table("path,sr,n_fft\na.png,x?,64\n")
    assert [json.loads(row.facts) for row in facts_table.rows("facts.csv")] == [{"n_fft": 64}]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("sr,duration", r"line 1 has no column 'path'; name the columns path and facts such as sr"),
        ("path,sr,sr", r"line 1: column 'sr' is there twice; keep one"),
        ("path,durration", r"column 'durration' is no fact; did you mean 'duration'"),
        ("path,qqqq", r"column 'qqqq' is no fact; the facts are .*sr"),
        ("path,,sr", r"column '' is no fact"),
    ],
)
def test_columns_that_are_none_are_told(folder, head, said):
    table(head + "\n")
    with pytest.raises(ParameterError, match=said):
        list(facts_table.rows("facts.csv"))
    assert facts_table._columns(["path", " sr ", "", " "], "t") == ["path", "sr"]


# --- plans


def test_the_first_plans_that_differ_are_said_once(monkeypatch):
    said = []
    monkeypatch.setattr("fastspec._kept.tell", lambda key, text: said.append((key, text)))
    found = plans.Plans("out")
    for told in ("512:a", "512:a", "256:a", "512:b"):
        found.check({"type": "done", "plans": told})
    found.check({"type": "failed", "plans": "256:b"})
    assert (found.differing, found.seen) == (["512"], {"512": {"a", "b"}, "256": {"a"}})
    assert found.line().startswith("FFTW's plans for n_fft 512 were not the same for all outputs in out (")
    assert said == [("plans out 512", f"{found.line()}; --overwrite converts all anew")]
    assert plans.Plans("out").line() == ""
