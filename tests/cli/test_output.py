"""Lines and cells are ours alone, whatever text is in them."""

from __future__ import annotations

import json
import sys

from tqdm import tqdm

from fastspec.cli import output


def test_cells_make_a_line_that_text_cannot_end_or_widen(capsys):
    output.show(output.row("a\nb\tc", "1 s"))
    assert capsys.readouterr().out == "a\\nb\\tc\t1 s\n"


def test_each_line_is_escaped(capsys):
    output.show("one\ntwo\x1b[2J\r")
    output.say("three\nfour\tfive")
    shown = capsys.readouterr()
    assert shown.out == "one\ntwo\\x1b[2J\\r\n"
    assert shown.err == "three\\nfour\\tfive\n"


def test_json_is_ascii_and_loses_nothing(capsys):
    value = {"name": "\ud800a\udcff\u202e\x7f\x9b\n名"}
    output.show_json(value)
    output.say_json(value)
    for text in capsys.readouterr():
        assert text.isascii()
        assert text[:-1].isprintable()
        assert json.loads(text) == value


def test_lines_appear_above_a_bar(capsys):
    with tqdm(total=2, file=None) as bar:
        bar.update()
        output.say("a line")
    lines = capsys.readouterr().err.replace("\r", "\n").split("\n")
    assert "a line" in lines


class Noted:
    """A stream that notes what is done with it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def write(self, text: str) -> int:
        self.done.append(text)
        return len(text)

    def flush(self) -> None:
        self.done.append("flushed")


def test_each_line_is_handed_over_at_once(monkeypatch):
    out, err = Noted(), Noted()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.delitem(sys.modules, "tqdm", raising=False)  # as where no bar was ever shown
    output.show("a\nb")
    output.say("c\td")
    output.show_json({"e": 1}, indent=1)
    output.say_json({"f": Noted})
    assert out.done == ["a\n", "flushed", "b\n", "flushed", '{\n "e": 1\n}\n', "flushed"]
    assert err.done[:2] == ["c\\td\n", "flushed"]
    assert json.loads(err.done[2])["f"].endswith("Noted'>")
    monkeypatch.setattr(sys, "stdout", None)
    output.show("nobody")
    output.show_json({})


def test_tabs_between_cells_are_kept_and_in_them_escaped(capsys):
    output.show(output.row("a\t", 1, None))
    assert capsys.readouterr().out == "a\\t\t1\tNone\n"
