"""Confidence is compared with how often facts are right."""

from __future__ import annotations

import json

from bench.quality import reliability
from bench.quality.facts import FALSE, RIGHT, SILENT


def said(name, verdict, confidence, source="pixels", note=""):
    return {"name": name, "verdict": verdict, "confidence": confidence, "source": source, "note": note}


def test_both_files_are_read_and_what_nobody_stated_is_left_out():
    field = [{"said": [said("sr", RIGHT, 0.9), said("sr", SILENT, 0.3, "assumed", "wrong")]}]
    facts = {"Corpus": [{"said": [said("cmap", FALSE, 0.8), said("sr", SILENT, 0.0, "")]}], "Drawings": []}
    found = [fact for file in (field, facts) for fact in reliability.stated_in(json.dumps(file))]
    assert [(s.name, s.source, s.right) for s in found] == [
        ("sr", "pixels", True),
        ("sr", "assumed", False),
        ("cmap", "pixels", False),
    ]


def stated(right, wrong, confidence):
    return [reliability.Stated("sr", "pixels", confidence, k < right) for k in range(right + wrong)]


def test_facts_that_are_right_less_often_than_they_say_are_listed():
    assert len(reliability.misjudged(stated(60, 40, 0.9))) == 1
    assert not reliability.misjudged(stated(86, 14, 0.9))
    assert not reliability.misjudged(stated(2, 8, 0.9))  # too few to tell
    assert not reliability.misjudged(stated(100, 0, 0.3))  # more often is no fault


def test_tables_say_how_many_and_what_was_said(tmp_path, capsys):
    file = tmp_path / "field.json"
    file.write_text(json.dumps([{"said": [said("sr", RIGHT, 0.9)] * 18 + [said("sr", FALSE, 0.9)] * 22}]))
    assert reliability.main([str(file)]) == 1
    out = capsys.readouterr()
    assert "18 of 40 = 45% (says 90%) !" in out.out
    assert out.err.startswith("pixels 0.85 - 0.90")
