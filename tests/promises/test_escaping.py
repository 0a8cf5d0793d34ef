"""No text of a file reaches the terminal as anything but text: in no command, from no place, of no kind."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import fastspec
from fastspec import cli
from fastspec.picture import files

SOURCE = Path(fastspec.__file__).parent
# titles, clearing, lines, carriage returns, columns, reversed text, other ends of lines, no characters at all
KINDS = ("\x1b]0;FORGED\x07", "\x1b[2J\x9b2J", "\nFORGED: 1", "\rFORGED", "\t9 s\tFORGED", "\u202eGNP\u2066",
         "\u2028FORGED\x85", "\x7f\x08", "\ud800")  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A small picture of fastspec's own, and the calibration in it."""
    path = tmp_path_factory.mktemp("own") / "own.png"
    files.write(fastspec.encode(np.sin(np.arange(4000) * 0.3).astype(np.float32), 8000, n_fft=256), path)
    with Image.open(path) as image:
        return image.copy(), json.loads(image.text["fastspec:calibration"])  # type: ignore[attr-defined]


def plant(own, place, text, folder):
    """A picture with the text in this place; its path."""
    image, document = own
    facts, software, name = dict(document["facts"]), "fastspec", "a.png"
    embedded = {**document, "facts": facts}
    if place == "software":
        software = f"x{text}".encode("utf-8", "surrogatepass").decode("latin-1")
    elif place == "file":
        name = f"a{text}b.png"
    elif place == "format":
        embedded["format"] = f"x{text}"
    elif place == "unknown fact":
        facts[f"x{text}"] = f"y{text}"
    else:
        facts[place] = f"hann{text}"
    told = PngInfo()
    told.add_text("Software", software)
    told.add_text("fastspec:calibration", json.dumps(embedded))
    path = folder / name
    image.save(path, pnginfo=told)
    return path


def commands(path):
    """Every command that tells of a picture, with options that make it tell more."""
    few = ["--n-iter", "1", "--quality", "fast"]
    return [
        ["inspect", path],
        ["inspect", path, "--json"],
        ["inspect", path, "gone.png"],
        ["inspect", path, "--hear", "heard"],
        ["decode", path, "-o", "out.wav", *few, "--facts-out", "facts.csv"],
        ["decode", path, "-o", f"{path}.xyz", *few],
        ["decode", path, "--out-dir", "out", *few, "--jobs", "1"],
        ["decode", path, "--out-dir", "out", *few],
        ["decode", path, "--out-dir", "json", *few, "--log-json"],
        ["decode", path, "--out-dir", "dry", "--dry-run"],
        ["decode", path, "--facts", path],
        ["encode", path, "-o", "a.png"],
        ["encode", path, "--out-dir", "pictures"],
    ]


def check(text, command):
    """Nothing of a terminal's language, and no line or column but ours."""
    assert all(each.isprintable() or each in "\n\t\xa0" for each in text), command
    assert not any(line.lstrip().startswith("FORGED") for line in text.splitlines()), command
    assert "\tFORGED" not in text, command


PLACES = ["software", "file", "profile", "cmap", "window", "cmap_table", "freq_scale", "format", "unknown fact"]


@pytest.mark.parametrize("place", PLACES)
def test_no_text_of_a_file_steers_a_terminal(own, tmp_path, monkeypatch, capsys, place):
    monkeypatch.chdir(tmp_path)
    text = "".join(kind for kind in KINDS if place != "file" or kind != "\ud800")  # of which no name is
    path = str(plant(own, place, text, tmp_path))
    told = ""
    for command in commands(os.path.relpath(path)):
        code = cli.run(command)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2, 3), (command, err)
        assert "this is a bug" not in err, (command, err)
        check(out, command)
        check(err, command)
        told += out + err
    assert "FORGED" in told or place not in ("software", "file", "profile", "cmap", "window")


def test_json_loses_nothing(own, tmp_path, capsys):
    text = "".join(KINDS)
    assert cli.run(["inspect", "--json", str(plant(own, "profile", text, tmp_path))]) == 0
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert json.loads(shown)["facts"]["profile"]["value"] == f"hann{text}"


def writers(code: str) -> set[str]:
    """How a module writes to the standard streams by itself."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "tqdm.write"):
                found.add(name)
    return found


def test_all_is_said_through_one_door():
    found = {str(path.relative_to(SOURCE)): writers(path.read_text()) for path in SOURCE.rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {}
    assert writers("def f():\n print(1)\n click.echo(2)") == {"print", "click.echo"}
