"""Facts of single files in a table: what cells mean, what is refused with its line, what is read again."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec import cli
from fastspec.batch import decode_files, facts_table, ledger
from fastspec.batch.worklist import Worklist
from fastspec.calibration.facts import FACTS
from fastspec.encoder import Encoder
from fastspec.errors import OutputError, ParameterError
from fastspec.picture import files as picture_files
from tests.batch.tables import given, outputs, table

FAST = {"n_iter": 1, "sr": 8000, "jobs": 1}


def bare(path, seed=0, shape=(65, 80)):
    """A picture of levels that says nothing of rate, length or range."""
    rng = np.random.default_rng(seed)
    levels = np.clip(np.linspace(0.9, 0.2, shape[0])[:, None] + 0.2 * rng.normal(size=shape), 0, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((levels[::-1] * 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three pictures in in/, and the folder above as the working folder."""
    for number, name in enumerate(("a.png", "b.png", "sub/a.png")):
        bare(tmp_path / "in" / name, number)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_cells_are_facts_and_empty_ones_are_none(folder):
    rows = "in/a.png,16000,,yes,-70 0,upper,\nin/b.png,,1.5,No,,,1 2 30 40\n"
    table("path,sr,duration,mel_htk,db_range,origin,plot_area\n" + rows)
    assert given() == [
        ("a.png", {"sr": 16000, "mel_htk": True, "db_range": [-70.0, 0.0], "origin": "upper"}),
        ("b.png", {"duration": 1.5, "mel_htk": False, "plot_area": [1, 2, 30, 40]}),
    ]
    assert [row.line for row in facts_table.rows("facts.csv")] == [2, 3]


_VALUES = {
    "int": "7", "float": "1.5", "pair": "-70 -2", "box": "1 2 30 40", "border": "0 1 2 3", "offsets": ".5 0 -.25 1",
    "str": "hann", "window": "tukey:0.25", "bool": "true",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FACTS.keys() - {"cmap_table"}))
def test_every_fact_has_its_column(folder, name):
    text = FACTS[name].choices[-1] if FACTS[name].kind == "choice" else _VALUES[FACTS[name].kind]
    table(f"path,{name}\nin/a.png,{text if name != 'cmap' else 'magma'}\n")
    ((_, facts),) = given()
    assert list(facts) == [name]


def test_a_guess_is_not_given(folder):
    table("path,sr,duration\nin/a.png,16000,61.4?\nin/b.png,HZ?,?\n")
    assert given() == [("a.png", {"sr": 16000}), ("b.png", {})]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("path,sr\r\nin/a.png,16000\r\n", "utf-8-sig"),  # as spreadsheets save
        ("path;sr\nin/a.png;16000\n", "utf-8"),
        ("path\tsr\nin/a.png\t16000\n", "utf-8"),
        (' path , sr ,,\n\n"in/a.png", 16000 ,,\n,,,\n', "utf-8"),
        ("sr,path\n16000.0,in/a.png", "utf-8"),
    ],
)
def test_tables_of_spreadsheets_are_read(folder, text, encoding):
    table(text, encoding=encoding)
    assert given() == [("a.png", {"sr": 16000})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1 has no column 'path'"),
        ("sr\n1\n", "line 1 has no column 'path'"),
        ("path,sr,sr\n", "line 1: column 'sr' is there twice"),
        ("path,duratoin\n", "line 1: column 'duratoin' is no fact; did you mean 'duration'"),
        ("path,,sr\n", "line 1: column '' is no fact"),
        ("path,sr\nin/a.png,fast\n", "line 2: sr='fast' is not a whole number >= 1"),
        ("path,sr\n\n\nin/a.png,8000.5\n", "line 4: sr=8000.5 is not a whole number"),
        ("path,duration\nin/a.png,nan\n", "line 2: duration=nan is not a finite number"),
        ('path,duration\nin/a.png,"1,5"\n', "line 2: duration='1,5' is not a finite number"),
        ("path,db_range\nin/a.png,-80\n", r"line 2: db_range=\('-80',\) is not two finite numbers"),
        ("path,center\nin/a.png,maybe\n", "line 2: center='maybe' is not true or false"),
        ("path,cmap\nin/a.png,no such map\n", "line 2: .*no such map"),
        ("path,sr\nin/a.png,8000,9\n", "line 2 has 3 cells for 2 columns"),
        ("path,sr\n,8000\n", "line 2 has no path"),
        ("path,fmin,fmax\nin/a.png,3000,200\n", "line 2: .*fm"),
        ("path,profile\nin/a.png,no such tool\n", "line 2: .*no such tool"),
        ('path,sr\n"in/a.png,8000\n', "line 2 is no CSV"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_before_any_work(folder, text, said):
    with pytest.raises(ParameterError, match=rf"facts\.csv {said}"):
        decode_files(["in"], "out", facts=table(text), **FAST)
    assert not (folder / "out").exists()


def test_no_text_and_no_file_are_refused(folder):
    with pytest.raises(ParameterError, match="is no text in UTF-8"):
        decode_files(["in"], "out", facts=table("path,sr\n", encoding="utf-16"), **FAST)
    with pytest.raises(ParameterError, match=r"none\.csv cannot be read: No such file"):
        decode_files(["in"], "out", facts="none.csv", **FAST)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,sr\nin/a.png,8000\nin/c.png,8000\n", "line 3: 'in/c.png' is no input and no file"),
        ("path,sr\nin/a.png,8000\n./in/a.png,9000\n", "line 3: './in/a.png' is the file of line 2 too"),
        ("path,sr\nother.png,8000\n", "none of the 1 rows of facts.csv is about an input"),
    ],
)
def test_rows_about_no_file_and_two_about_one_are_refused_before_any_work(folder, text, said):
    bare(folder / "other.png")
    batch = decode_files(["in"], "out", facts=table(text), **FAST)
    for run in (batch.run, lambda: list(batch.dry_run())):
        with pytest.raises(ParameterError, match=re.escape(said)):
            run()
    assert not outputs(folder / "out")
    with pytest.raises(ParameterError, match=re.escape(said)):
        facts_table.of_inputs("facts.csv", ["in/a.png", "in/b.png"])


def test_rows_about_other_files_than_the_inputs_are_passed_over(folder):
    table("path,sr\nin/a.png,16000\nin/b.png,9000\n")
    assert decode_files(["in/a.png"], "out", facts="facts.csv", **FAST).run().done == 1
    assert facts_table.of_inputs("facts.csv", ["in/a.png"]) == {"in/a.png": '{"sr": 16000}'}


@pytest.mark.parametrize("where", ["facts.csv", "in/facts.csv", "in/sub/facts.csv"])
def test_paths_are_from_the_tables_folder_or_as_the_inputs_are_named(folder, where):
    for text in ("in/sub/a.png", os.path.relpath("in/sub/a.png", os.path.dirname(where) or ".")):
        table(f"path,sr\n{text},16000\n", where)
        for named in (["in"], [str(folder / "in")]):
            with Worklist("out", ".wav") as work:
                work.add(named, frozenset({".png"}))
                work.know(where)
                assert [task.name for task in work.tasks() if task.facts] == ["sub/a.wav"]


def test_the_tables_own_folder_goes_before_the_working_folder(folder):
    bare(folder / "a.png")
    table("path,sr\na.png,16000\n", "in/facts.csv")
    with Worklist("out", ".wav") as work:
        work.add(["a.png"], frozenset({".png"}))
        with pytest.raises(ParameterError, match="none of the 1 rows"):
            work.know("in/facts.csv")
    with Worklist("out", ".wav") as work:
        work.add(["in"], frozenset({".png"}))
        work.know("in/facts.csv")
        assert [task.source for task in work.tasks() if task.facts] == [os.path.join("in", "a.png")]


def test_a_cell_rules_its_file_alone_and_overrides_the_options(folder):
    table("path,sr,duration\nin/b.png,16000,0.5\nin/sub/a.png,,0.25\n")
    batch = decode_files(["in"], "out", facts="facts.csv", **FAST)
    found = {os.path.relpath(r["input"], "in"): (r["sr"], r["seconds"]) for r in batch}
    assert found["b.png"] == (16000, 0.5)
    assert found[os.path.join("sub", "a.png")] == (8000, 0.25)
    assert found["a.png"][0] == 8000
    assert found["a.png"][1] not in (0.5, 0.25)


def test_a_colormap_of_a_file_lies_beside_the_table_and_travels(folder):
    np.savetxt("in/mine.csv", np.linspace(0, 255, 64)[:, None].repeat(3, 1).astype(int), fmt="%d", delimiter=",")
    table("path,cmap\na.png,mine.csv\n", "in/facts.csv")
    ((_, facts),) = given("in/facts.csv")
    assert facts["cmap"].startswith("mine.csv=")
    (record,) = decode_files(["in/a.png"], "out", facts="in/facts.csv", **FAST)
    assert record["facts"]["cmap"] == ["mine.csv", "given"]


def test_the_fingerprint_is_of_what_is_said_and_not_of_how(folder):
    first = facts_table.fingerprint(table("path,sr,duration\nin/a.png,16000,1.5\nin/b.png,8000,\n"))
    same = "duration;path;sr;origin\n;in/b.png;8000;\n1.50;in/a.png;16000.0;\n"
    assert facts_table.fingerprint(table(same, encoding="utf-8-sig")) == first
    for other in (
        "in/a.png,16000,1.5\n",
        "in/a.png,16000,1.5\nin/b.png,8001,\n",
        "in/a.png,8000,\nin/b.png,16000,1.5\n",
    ):
        assert facts_table.fingerprint(table("path,sr,duration\n" + other)) != first


def test_resume_notices_another_table(folder):
    table("path,sr\nin/a.png,16000\n")
    done = decode_files(["in"], "out", facts="facts.csv", **FAST)
    assert done.run().done == 3
    assert decode_files(["in"], "out", facts="facts.csv", resume=True, **FAST).run().kept == 3
    table("path,sr\nin/a.png,11025\n")
    for facts in ({"facts": "facts.csv"}, {}):
        with pytest.raises(ParameterError, match=r"another configuration \(facts was \"1 rows, sha256 "):
            decode_files(["in"], "out", resume=True, **facts, **FAST).run()
    with pytest.raises(ParameterError, match="has changed since this batch was made"):
        list(done)


# -- facts that were used


def test_what_is_written_says_what_was_assumed_and_is_read_again_to_the_same_sounds(folder, speech_picture):
    os.symlink(speech_picture, "in/speech.png")
    y = np.sin(np.arange(6000) * 0.4).astype(np.float32)
    picture_files.write(Encoder(n_fft=256).encode(y, 8000), "in/own.png")
    picture_files.write(Encoder(profile="sox").encode(y, 8000), "in/sox.png")
    first = decode_files(["in"], "out", facts_out="used/facts.csv", n_iter=1, jobs=1)
    assert first.run().done == 6
    lines = (folder / "used" / "facts.csv").read_text().splitlines()
    assert lines[0].startswith("path,profile,cmap,")
    assert lines[1].startswith("../in/a.png,")
    rows = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert rows["duration"].endswith("?")
    assert rows["sr"].endswith("?")
    sure = dict(zip(lines[0].split(","), next(x for x in lines if "own.png" in x).split(","), strict=True))
    assert sure["sr"] == "8000"
    assert [name for name, cell in sure.items() if cell.endswith("?")] == ["plot_area"]  # all of the picture
    again = decode_files(["in"], "again", facts="used/facts.csv", n_iter=1, jobs=1)
    doubts = {r["input"]: r.get("doubtful") for r in again}
    assert outputs(folder / "again") == outputs(folder / "out")
    assert doubts == {r["input"]: r.get("doubtful") for r in ledger.read("out") if r["type"] == "done"}


def test_values_are_written_so_that_they_are_read_to_the_bit():
    facts = {
        "duration": [1 / 3, "given"], "db_range": [[-80.1, 0.0], "pixels"], "center": [True, "given"],
        "sr": [8000, "assumed"], "freq_scale": ["mel", "pixels"], "cmap": ["x", "given"],
        "cmap_table": ["x=00ff", "given"],
    }  # fmt: skip
    assert facts_table.used(facts, ["freq_scale"]) == {
        "duration": "0.3333333333333333", "db_range": "-80.1 0.0", "center": "true", "sr": "8000?",
        "freq_scale": "mel?", "cmap": "x=00ff",
    }  # fmt: skip


def test_after_a_death_the_table_is_of_all_that_is_done(folder):
    batch = decode_files(["in"], "out", facts_out="used.csv", shard_size=1, **FAST)
    for number, _ in enumerate(batch):
        if number == 0:
            break  # as a kill: nothing after the record is done
    assert not (folder / "used.csv").exists()
    again = decode_files(["in"], "out", facts_out="used.csv", resume=True, **FAST)
    assert again.run().kept >= 1
    assert len((folder / "used.csv").read_text().splitlines()) == 4
    assert again.summary.doubtful == 3  # those of the earlier run are counted
    assert again.summary.lines()[-2].endswith("see used.csv")


def test_what_exists_is_not_replaced_unasked_and_never_what_is_read(folder):
    table("path,sr\nin/a.png,16000\n")
    (folder / "mine.csv").write_text("mine")
    for name, kind, said in (
        ("mine.csv", OutputError, "already exists"),
        ("./facts.csv", ParameterError, "would replace those given"),
        ("in/a.png", ParameterError, "ends in .csv"),
        ("memory://x/a.csv", ParameterError, "no local file"),
    ):
        with pytest.raises(kind, match=said):
            decode_files(["in"], "out", facts="facts.csv", facts_out=name, **FAST).run()
    assert (folder / "mine.csv").read_text() == "mine"
    assert not (folder / "out").exists()
    decode_files(["in"], "out", facts_out="mine.csv", overwrite=True, **FAST).run()
    assert (folder / "mine.csv").read_text().startswith("path,")


def test_the_command_takes_both_for_one_file_and_for_many(folder, capsys):
    table("path,sr,duration\nin/a.png,16000,0.5\n")
    options = ["--n-iter", "1", "--facts", "facts.csv", "--facts-out"]
    assert cli.run(["decode", "in/a.png", "-o", "a.wav", *options, "one.csv"]) == 0
    assert "0.50 s\t16000 Hz" in capsys.readouterr().out
    one = (folder / "one.csv").read_text().splitlines()
    assert one[1].startswith("in/a.png,")
    assert cli.run(["decode", "in", "--out-dir", "out", *options, "all.csv"]) == 0
    said = capsys.readouterr()
    assert "0.50 s\t16000 Hz" in said.out
    assert "of 3 outputs are doubtful" in said.err
    assert "see all.csv" in said.err
    assert {line for line in one if "path" not in line} <= set((folder / "all.csv").read_text().splitlines())
    assert cli.run(["decode", "in/b.png", "-o", "b.wav", "--facts", "facts.csv"]) == 2
    assert "none of the 1 rows" in capsys.readouterr().err
    assert cli.run(["decode", "in/a.png", "-o", "b.wav", "--facts-out", "one.csv"]) == 1
    assert not (folder / "b.wav").exists()


def test_pictures_are_drawn_without_tables(folder):
    with pytest.raises(TypeError):
        fastspec.batch.encode_files(["in"], "out", facts="facts.csv")
