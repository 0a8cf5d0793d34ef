"""Parts of tables of facts: cells and values, checksums of rows, keys of paths, where tables may be written."""

from __future__ import annotations

import io

import pytest

from fastspec.batch import facts_table
from fastspec.errors import OutputError, ParameterError
from tests.batch.tables import given, table


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Empty files in in/, and the folder above as the working folder."""
    for name in ("a.png", "b.png"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("value", "cell"),
    [(True, "true"), (False, "false"), (1.0, "1.0"), (0.1, "0.1"), (7, "7"), ((1, 2.5), "1 2.5"), ([True], "true"),
     ("a b", "a b")],
)  # fmt: skip
def test_a_value_is_a_cell(value, cell):
    assert facts_table._text(value) == cell


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("pair", "-80 0", ("-80", "0")), ("box", "1", ("1",)), ("border", "0 1 2 3", ("0", "1", "2", "3")),
        ("offsets", "a b", ("a", "b")), ("bool", "TRUE", True), ("bool", "yes", True), ("bool", "1", True),
        ("bool", "No", False), ("bool", "0", False), ("bool", "false", False), ("bool", "2", "2"),
        ("int", "7", 7.0), ("float", "1e3", 1000.0), ("float", "x", "x"), ("str", "1", "1"),
    ],
)  # fmt: skip
def test_a_cell_is_a_value(kind, cell, value):
    found = facts_table._value(kind, cell)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("head", "mark"),
    [("path,sr;x\n", ","), ("path;sr\n", ";"), ("path\tsr\n", "\t"), ("path\n", ","), ("a;b\tc\n", ";")],
)
def test_what_separates_columns(head, mark):
    text = io.StringIO(head + "in,a;b\n")
    assert facts_table._delimiter(text) == mark
    assert text.read().startswith(head)  # it is read from its beginning


def test_a_row_as_it_was_written_is_taken_whole_and_an_edited_one_is_not(folder):
    cells = {"sr": "8000", "duration": "1.5?", "doubtful": "duration", "seen": "alike"}
    whole = facts_table._checksum("in/a.png", cells)
    assert len(whole) == 12
    assert facts_table._checksum("elsewhere/a.png", {**cells, "checksum": "x", "n_fft": ""}) == whole
    for other in ({**cells, "sr": "8001"}, {**cells, "n_fft": "512"}, {"sr": "8000"}):
        assert facts_table._checksum("in/a.png", other) != whole
    assert facts_table._checksum("in/b.png", cells) != whole
    head = "path,sr,duration,doubtful,seen,checksum\n"
    table(f"{head}in/a.png,8000,1.5?,duration,alike,{whole}\nin/b.png,8000,1.5?,duration,alike,{whole}\n")
    first, second = given()
    assert first[1] == {
        "sr": 8000,
        "as used": {"assumed": {"duration": 1.5}, "doubtful": ["duration"], "seen": ["alike"]},
    }
    assert second[1] == {"sr": 8000}


def test_a_guess_that_is_no_value_makes_the_row_an_edited_one(folder):
    cells = {"sr": "8000", "duration": "soon?"}
    whole = facts_table._checksum("in/a.png", cells)
    table(f"path,sr,duration,checksum\nin/a.png,8000,soon?,{whole}\n")
    assert given() == [("a.png", {"sr": 8000})]
    table(f"path,checksum\nin/a.png,{facts_table._checksum('in/a.png', {})}\n")
    assert given() == [("a.png", {})]  # nothing was used


def test_levels_may_be_in_other_units(folder):
    table("path,level_range,level_unit\nin/a.png,-8 0,ln\n")
    assert given() == [("a.png", {"level_range": [-8.0, 0.0], "level_unit": "ln"})]


def test_what_was_used_is_in_the_order_of_facts_with_its_doubts():
    facts = {"duration": [1.5, "pixels", 0.3], "sr": [8000, "given"], "unknown": [1, "given"]}
    cells = facts_table.used(facts, ["duration"], ["sr", "duration"], ["alike"])
    assert list(cells.items()) == [("sr", "8000"), ("duration", "1.5?"), ("doubtful", "sr duration"), ("seen", "alike")]
    assert facts_table.used({"sr": [8000, "assumed"]}) == {"sr": "8000?"}
    assert facts_table.used({}) == {}


def test_paths_in_a_table_are_from_its_folder(folder):
    entries = [("in/a.png", {"sr": "8000"}), (str(folder / "in" / "b.png"), {"duration": "1", "sr": "9"})]
    facts_table.write("deep/er/t.csv", lambda: iter(entries))
    lines = (folder / "deep" / "er" / "t.csv").read_text().splitlines()
    assert lines[0] == "path,sr,duration,checksum"
    assert [line.rsplit(",", 1)[0] for line in lines[1:]] == ["../../in/a.png,8000,", "../../in/b.png,9,1"]
    assert facts_table._from("x", "memory://a/b") == "memory://a/b"
    assert [row.path for row in facts_table.rows("deep/er/t.csv")] == ["../../in/a.png", "../../in/b.png"]


def test_where_a_table_may_be_written(folder):
    (folder / "x.csv").mkdir()
    with pytest.raises(OutputError, match=r"x\.csv is a folder; name a file in it"):
        facts_table.check_target("x.csv", None, True)
    assert facts_table.check_target("new/t.CSV", None, False) == "new/t.CSV"
    assert (folder / "new").is_dir()
    (folder / "l.csv").symlink_to("gone")
    with pytest.raises(OutputError, match="already exists"):
        facts_table.check_target("l.csv", None, False)
    assert facts_table.check_target("l.csv", "other.csv", True) == "l.csv"


def test_keys_are_places(folder):
    assert facts_table.key("in/../in/a.png") == str(folder / "in" / "a.png")
    assert facts_table.key("memory://a/../b") == "memory://a/../b"
    assert facts_table._keys("memory://a", "x") == ("memory://a",)
    assert facts_table._keys("a.png", str(folder / "in")) == (str(folder / "in" / "a.png"),)
    assert facts_table._keys("none", str(folder / "in")) == (str(folder / "in" / "none"), str(folder / "none"))
    assert facts_table._keys("none", str(folder)) == (str(folder / "none"),)


def test_the_fingerprint_counts_rows_and_checks_each(folder):
    table("path,sr\nin/a.png,8000\nin/b.png,\n")
    assert facts_table.fingerprint("facts.csv").startswith("2 rows, sha256 ")
    assert len(facts_table.fingerprint("facts.csv").split()[-1]) == 16
    seen = []
    facts_table.fingerprint("facts.csv", seen.append)
    assert seen == ['{"sr": 8000}', "{}"]

    def refuse(facts):
        if facts == "{}":
            raise ParameterError("planted")

    with pytest.raises(ParameterError, match=r"facts\.csv line 3: planted"):
        facts_table.fingerprint("facts.csv", refuse)


def test_two_rows_about_one_input_name_both_lines(folder):
    table("path,sr\nin/b.png,1\nin/a.png,8000\n\nin/a.png,9000\n")
    with pytest.raises(ParameterError, match=r"line 5: 'in/a\.png' is the file of line 3 too"):
        facts_table.of_inputs("facts.csv", ["in/a.png"])
    table("path,sr\n")
    assert facts_table.of_inputs("facts.csv", ["in/a.png"]) == {}


def test_names_that_are_no_text_are_kept():
    assert facts_table._encoded("a\udcffb") == b"a\xffb"
    assert facts_table._encoded("a\ud800b") == b"a\\ud800b"
    facts_table._check_text(["a", "\udc7f"], "t.csv")  # none that stands for a byte
    for sign in ("\udc80", "\udcff"):
        with pytest.raises(ParameterError, match=r"t\.csv is no text in UTF-8"):
            facts_table._check_text(["a", sign], "t.csv")
