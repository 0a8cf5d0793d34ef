"""A table of the facts that were used gives the same sounds again, until somebody edits it."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from fastspec.batch import decode_files, facts_table
from fastspec.colours import colormap
from fastspec.encoder import Encoder
from fastspec.errors import ParameterError
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from tests.batch.tables import given, outputs, table

FAST = {"n_iter": 1, "sr": 8000, "jobs": 1}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three pictures in in/ that say nothing of rate, length or range, and the folder above as the working folder."""
    for number, name in enumerate(("a.png", "b.png", "sub/a.png")):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((gradient(65, 80, number)[::-1] * 255).astype(np.uint8)).save(tmp_path / "in" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gradient(rows, columns, seed):
    """Levels of something like speech: harmonics that come and go."""
    at = np.random.default_rng(seed)
    level = np.clip(np.linspace(0.9, 0.2, rows)[:, None] + 0.15 * at.normal(size=(rows, columns)), 0, 1)
    return (level * np.linspace(1, 0.4, columns)).astype(np.float32)


def open_pictures():
    """Pictures that leave much to guesses: arrays of many sizes and maps, enlarged, turned over, drawn by tools."""
    y = np.sin(np.arange(6000) * 0.4).astype(np.float32)
    kinds = [(80, 120, "viridis"), (128, 90, "magma"), (129, 70, "gray"), (97, 64, "jet")]
    for number, (rows, columns, cmap) in enumerate(kinds):
        colours = colormap.colour_of(gradient(rows, columns, number), colormap.get(cmap))
        colours = colours if colours.ndim == 3 else np.repeat(colours[..., None], 3, axis=2)
        yield f"array{number}", Picture.from_array(np.ascontiguousarray(colours[:: 1 if number % 2 else -1]))
        yield f"large{number}", Picture.from_array(np.ascontiguousarray(np.repeat(np.repeat(colours, 3, 0), 2, 1)))
    yield "own", Encoder(n_fft=256).encode(y, 8000)
    for profile in ("sox", "audacity", "spek", "librosa"):
        drawn = Encoder(profile=profile, n_fft=256).encode(y, 8000)
        yield profile, Picture(drawn.pixels, drawn.palette)


def backwards(path):
    """A figure whose time runs from right to left."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
    axes.imshow(gradient(129, 200, 7), origin="lower", aspect="auto", extent=(0, 3, 0, 8000), interpolation="nearest")
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)", xlim=(3, 0))
    figure.savefig(path)
    plt.close(figure)


def test_a_row_that_nobody_edited_gives_the_same_sound_and_the_same_row(tmp_path, monkeypatch, speech_picture):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name, picture in open_pictures():
        picture_files.write(picture, f"in/{name}.png")
    os.symlink(speech_picture, "in/speech.png")
    backwards("in/backwards.png")
    first = decode_files(["in"], "out", facts_out="used.csv", force=True, cmap="viridis", **FAST)
    doubts = {record["input"]: record.get("doubtful") for record in first}
    assert len(doubts) == 15
    again = decode_files(["in"], "again", facts="used.csv", facts_out="used2.csv", **FAST)
    assert {record["input"]: record.get("doubtful") for record in again} == doubts
    row = next(line for line in (tmp_path / "used.csv").read_text().splitlines() if "backwards.png" in line)
    assert ",backwards," in row
    assert outputs(tmp_path / "again") == outputs(tmp_path / "out")
    assert (tmp_path / "used2.csv").read_bytes() == (tmp_path / "used.csv").read_bytes()


def test_in_an_edited_row_what_was_assumed_is_open_again(folder):
    assert decode_files(["in"], "out", facts_out="used.csv", **FAST).run().done == 3
    text = (folder / "used.csv").read_text()
    assert all(facts_table.AS_USED in json.loads(row.facts) for row in facts_table.rows("used.csv"))
    head, row, *_ = text.splitlines()
    columns = head.split(",")
    edited = row.split(",")
    edited[columns.index("duration")] = "0.5"
    table("\n".join([head, ",".join(edited)]) + "\n", "mine.csv")
    ((_, facts),) = given("mine.csv")
    assert facts_table.AS_USED not in facts
    assert facts["duration"] == 0.5
    assert "hop_length" not in facts  # a guess
    (record,) = decode_files(["in/a.png"], "more", facts="mine.csv", **FAST)
    assert record["facts"]["duration"] == [0.5, "given"]
    assert record["facts"]["hop_length"][0] == pytest.approx(0.5 * 8000 / 80, abs=2)
    # one that is moved with its file is as it was
    table("\n".join([head, row.replace("in/a.png", "../else/a.png")]) + "\n", "moved.csv")
    ((_, facts),) = given("moved.csv")
    assert facts_table.AS_USED in facts


def test_options_beside_a_row_open_it_again(folder):
    assert decode_files(["in"], "out", facts_out="used.csv", **FAST).run().done == 3
    for record in decode_files(["in"], "more", facts="used.csv", duration=0.5, **FAST):
        assert record["facts"]["duration"] == [0.5, "given"]
        assert record["seconds"] == pytest.approx(0.5, abs=1e-3)


WRONG = [
    ("-8,ln", "level_range"), ("0 -8,ln", "level_range"), ("-8 0,bel", "bel"), ("-8 0,", "level-unit"),
    (",ln", "level-range"),
]  # fmt: skip


def test_levels_in_other_units_have_columns(folder):
    table("path,level_range,level_unit\nin/a.png,-8 0,LN\n")
    assert given() == [("a.png", {"level_range": [-8.0, 0.0], "level_unit": "ln"})]
    (record,) = decode_files(["in/a.png"], "out", facts="facts.csv", db_range=(-99, 0), **FAST)
    assert record["facts"]["db_range"][0] == pytest.approx((-80 * np.log10(np.exp(1)), 0.0))
    table("path,db_range\nin/a.png,-60 0\n")
    (record,) = decode_files(["in/a.png"], "two", facts="facts.csv", level_range=(-8, 0), level_unit="ln", **FAST)
    assert list(record["facts"]["db_range"][0]) == [-60.0, 0.0]
    for cells, said in WRONG:
        with pytest.raises(ParameterError, match=rf"facts\.csv line 2.*{said}"):
            decode_files(["in/a.png"], "three", facts=table(f"path,level_range,level_unit\nin/a.png,{cells}\n"), **FAST)
