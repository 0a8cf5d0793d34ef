"""The report that a person reads, and the command that it ends with."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from fastspec import cli
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, Fact
from fastspec.calibration.report import as_table, decode_command
from fastspec.colours import user_tables

CAL = Calibration(
    {
        "sr": Fact(22050, "pixels", 0.984),
        "n_fft": Fact(1024, "embedded"),
        "win_length": Fact(1024, "given"),
        "cmap": Fact("magma", "pixels", 0.7, alternative="inferno"),
        "db_range": Fact((-80.0, 0.0), "assumed", 0.4),
        "duration": Fact(4.5, "given"),
        "profile": Fact("librosa", "given"),
        "plot_area": Fact((0, 0, 640, 480), "assumed", 0.5),
    },
    picture={"width": 640, "height": 480, "format": "PNG", "software": "Matplotlib"},
    remarks=("a sentence that the user should hear, and that is so long that it " + "does not fit " * 8 + "a line",),
)


def test_every_fact_has_its_line_with_source_and_consequence():
    lines = as_table(CAL, "a.png").splitlines()
    assert lines[0] == "a.png: 640 x 480 PNG, by Matplotlib"
    assert lines[1].split() == ["fact", "value", "source", "sure", "if", "wrong"]
    rows = {line.split()[0]: line for line in lines[2 : 2 + len(CAL)]}
    assert rows.keys() == CAL.keys()
    for name, line in rows.items():
        assert line.endswith(FACTS[name].if_wrong)
    assert "22050 Hz" in rows["sr"]
    assert "from the pixels" in rows["sr"]
    assert "98%" in rows["sr"]
    assert "magma (or inferno)" in rows["cmap"]
    assert "-80, 0 dB" in rows["db_range"]
    assert "4.5 s" in rows["duration"]


def test_remarks_are_wrapped_and_guesses_are_listed():
    lines = as_table(CAL, "a.png").splitlines()
    note = next(i for i, line in enumerate(lines) if line.startswith("note: "))
    assert lines[note + 1].startswith("      ")
    assert max(map(len, lines[note : note + 2])) <= 110
    assert "not known, only assumed: db_range" in lines
    assert lines[-2:] == ["to decode it:", f"  {decode_command(CAL, 'a.png')}"]


def test_a_doubted_picture_needs_force():
    doubted = Calibration(dict(CAL.facts), picture={**CAL.picture, "doubt": "it is a photograph"})
    assert as_table(doubted, "a.png").splitlines()[-2:] == [
        "to decode it anyway:",
        f"  {decode_command(doubted, 'a.png')} --force",
    ]


def test_the_command_leaves_out_what_file_and_defaults_say():
    words = shlex.split(decode_command(CAL, "a b.png"))
    assert words[:3] == ["fastspec", "decode", "a b.png"]
    assert words[3:] == [
        "--profile", "librosa", "--sr", "22050", "--duration", "4.5", "--cmap", "magma", "--db-range", "LO?", "HI?",
    ]  # fmt: skip


VALUES = {
    "str": "x" * 100, "window": "tukey:0.25", "int": 7, "float": 7.5, "bool": True, "pair": (-2.5, 200.0),
    "box": (1, 2, 30, 40), "border": (0, 1, 2, 3), "offsets": (0.5, 0.0, -0.25, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FACTS.keys() - {"cmap_table"}))
def test_any_fact_can_be_shown(name):
    value = FACTS[name].choices[0] if FACTS[name].choices else VALUES[FACTS[name].kind]
    table = as_table(Calibration({name: Fact(value, "pixels")}), "a.png")
    assert f"  {name} " in table


def test_the_command_is_one_that_the_program_takes(speech_picture, tmp_path, monkeypatch, capsys):
    import fastspec

    facts = fastspec.inspect(speech_picture, duration=4.5, db_range=(-80, 0))
    command = shlex.split(decode_command(facts, str(speech_picture)))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main([*command[1:], "-o", "a.wav", "--n-iter", "1"])
    assert ended.value.code in (0, None)
    assert (tmp_path / "a.wav").exists()


def test_a_table_of_colours_is_not_printed():
    text = user_tables.as_text("mine.csv", np.arange(768).reshape(256, 3).astype(np.uint8))
    cal = Calibration.of("given", cmap="mine.csv", cmap_table=text)
    assert max(len(line) for line in as_table(cal, "a.png").splitlines()) < 200
    assert decode_command(cal, "a.png") == "fastspec decode a.png --cmap mine.csv"
    assert Calibration.from_json(cal.to_json())["cmap_table"] == text
