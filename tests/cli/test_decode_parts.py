"""Parts of `fastspec decode` by themselves: originals, plots, tables, and what a few files are asked with."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

import fastspec
from fastspec.batch import facts_table, inputs
from fastspec.calibration.calibration import Calibration
from fastspec.cli import decode, exit_codes, output
from fastspec.errors import OutputError, ParameterError
from fastspec.picture import files
from fastspec.picture.formats import searched_suffixes
from fastspec.retouch import TRUST, writing
from fastspec.retouch.folder import Originals

NONE = {"original": None, "originals": None, "trust": None}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Two small pictures in the working folder."""
    monkeypatch.chdir(tmp_path)
    picture = fastspec.encode(np.sin(np.arange(4000) * 0.3).astype(np.float32), 8000, n_fft=256)
    for name in ("a.png", "b.png"):
        files.write(picture, name)
    return tmp_path


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"original": "a", "originals": "b"}, "--original names one sound and --originals a folder of them; give one"),
        ({"trust": 3.0}, "--trust 3 needs --original or --originals; name the sound"),
        ({}, None),
        ({"original": "a"}, None),
        ({"originals": "b"}, None),
        ({"original": "a", "trust": 3.0}, None),
        ({"originals": "b", "trust": 3.0}, None),
    ],
)
def test_which_options_of_originals_fit(sources, said):
    if said is None:
        decode._check_originals({**NONE, **sources})
        return
    with pytest.raises(ParameterError, match=said):
        decode._check_originals({**NONE, **sources})


@pytest.mark.parametrize("name", ["original", "originals"])
def test_what_is_of_pictures_alone_is_refused_beside_originals(name):
    decode._refuse_with_originals(NONE, "--plot")
    with pytest.raises(
        ParameterError, match=rf"--plot works only for sound decoded from a picture alone: .* or leave --{name} out$"
    ):
        decode._refuse_with_originals({**NONE, name: "x"}, "--plot")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--original", "x", "--originals", "."), "give one of the two"),
        (("--trust", 3), "--trust 3 needs"),
        (("--original", "x", "--plot", "p.png"), "--plot works only for sound decoded from a picture alone"),
        (("--original", "x", "--mono"), "--mono works only for sound decoded from a picture alone"),
        (("--original", "x", "--out-dir", "out"), "--original names the sound of one picture; with --out-dir give"),
        (("--plot", "p.png", "--out-dir", "out"), "--plot p.png draws one picture; name its sound with -o"),
        (("-o", "x.wav", "--out-dir", "out"), r"give either an output file \(x.wav\) or an output folder \(out\)"),
        (("b.png", "-o", "x.wav"), "2 inputs cannot all become x.wav"),
        (("b.png",), "2 inputs need a folder"),
    ],
)
def test_wishes_that_do_not_fit_are_wrong_usage(run, own, words, said):
    code, out, err = run("decode", "a.png", *words)
    assert (code, out) == (exit_codes.USAGE, "")
    assert re.search(said, err), err


def test_which_sound_a_picture_was_drawn_of(monkeypatch):
    monkeypatch.setattr(Originals, "of", lambda folder: SimpleNamespace(of_picture=lambda path: f"{folder} {path}"))
    for source, sound in (({"originals": "sounds"}, "sounds a.png"), ({"original": "s.wav"}, "s.wav")):
        original_of = decode._original_of({**NONE, **source})
        assert original_of is not None
        assert original_of("a.png") == sound
    assert decode._original_of(NONE) is None


@pytest.mark.parametrize(("trust", "used"), [(None, TRUST), (0.0, 0.0), (3.0, 3.0)])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_retouched_sound_is_written_and_told(tmp_path, monkeypatch, trust, used, channels):
    asked, said, tables = {}, [], []
    wave = np.zeros(4000 if channels == 1 else (channels, 4000), np.float32)
    found = SimpleNamespace(wave=wave, sr=8000, calibration=Calibration.of("given", sr=8000).remarked("odd"))

    def retouch(picture, original, **how):
        asked.update(how, picture=picture, original=original)
        return found

    def write(path, sound, **how):
        asked.update(how, path=path)
        return writing.Written(1.0, 3 * (channels - 1), "FLOAT")

    monkeypatch.setattr(writing, "write", write)
    monkeypatch.setattr(output, "say", said.append)
    monkeypatch.setattr(facts_table, "write", lambda path, entries: tables.append((path, list(entries()))))
    target = tmp_path / "sub" / "a.wav"
    item = inputs.Item(tmp_path / "a.png", target)
    places = {**NONE, "trust": trust, "facts_out": "f.csv" if channels == 1 else None}
    sound = {"audio_format": "WAV", "subtype": "PCM_24", "normalize": channels == 2}
    row = decode._retouch(SimpleNamespace(retouch=retouch), item, "s.wav", places, sound)
    assert row == output.row(target, "0.50 s", "8000 Hz", *(["2 channels"] if channels == 2 else []))
    assert asked == {
        "picture": item.source, "original": "s.wav", "trust": used,
        "path": target, "format": "WAV", "subtype": "PCM_24", "normalize": channels == 2,
    }  # fmt: skip
    assert target.parent.is_dir()
    assert said[0] == f"{item.source}: odd"
    assert [line.startswith(f"{target}: 3 edited samples") for line in said[1:]] == [True] * (channels - 1)
    cells = facts_table.used_by(found.calibration)
    assert tables == ([("f.csv", [(str(item.source), cells)])] if channels == 1 else [])


def test_a_row_of_a_table_makes_the_decoder_of_its_file(own):
    (own / "facts.csv").write_text("path,sr\na.png,9000\n")
    item = inputs.Item(own / "a.png", own / "a.wav")
    assert decode._with_facts({"n_iter": 0, "sr": 8000}, "facts.csv", [item]).given["sr"] == 9000
    (own / "facts.csv").write_text("path,sr\n")
    assert decode._with_facts({"n_iter": 0, "sr": 8000}, "facts.csv", [item]).given["sr"] == 8000


def test_a_plot_replaces_only_what_it_may(own):
    one = [inputs.Item(own / "a.png", own / "a.wav")]
    decode._check_plot("p.png", one, False)
    decode._check_plot("b.png", one, True)
    for plot, several, overwrite, said in (
        ("p.png", one * 2, True, "--plot p.png draws one picture, but there are 2 inputs; give one input"),
        ("b.png", one, False, "--plot b.png exists; add --overwrite to replace it, or name another file"),
        ("a.png", one, True, "--plot a.png would replace the picture itself; name another file"),
    ):
        with pytest.raises(ParameterError, match=said):
            decode._check_plot(plot, several, overwrite)


def test_a_few_files_are_looked_for_as_they_were_asked(run, own, monkeypatch):
    asked = {}

    def items_of(names, **how):
        asked.update(how, names=names)
        raise OutputError("planted")

    monkeypatch.setattr(inputs, "items_of", items_of)
    for words, wanted in (
        ((), {"out": None, "overwrite": False, "new_suffix": ".wav"}),
        (("-o", "x.flac", "--overwrite"), {"out": "x.flac", "overwrite": True, "new_suffix": ".wav"}),
        (("--format", "OGG"), {"out": None, "overwrite": False, "new_suffix": ".ogg"}),
    ):
        assert run("decode", "a.png", *words)[0] == exit_codes.FATAL
        assert asked == {
            "names": ("a.png",), "suffixes": searched_suffixes(), "out_dir": None, "say": output.say, **wanted,
        }  # fmt: skip


def test_tables_and_plots_are_written_beside_the_sound(run, own, monkeypatch):
    from fastspec.diagnostics import plotting

    drawn = []
    monkeypatch.setattr(plotting, "plot_decoded", lambda decoded, y, path: drawn.append((y.shape, path)))
    code, _, err = run("decode", "a.png", "--n-iter", 0, "--plot", "p.png", "--facts-out", "f.csv", "-o", "x/y.wav")
    assert code == 0, err
    assert drawn == [((4000,), "p.png")]
    (row,) = facts_table.rows("f.csv")
    assert row.path == "a.png"
    assert soundfile.info("x/y.wav").frames == 4000
    assert run("decode", "a.png", "--n-iter", 0, "--facts-out", "f.csv", "-o", "z.wav")[0] == exit_codes.FATAL
    assert run("decode", "a.png", "--n-iter", 0, "--facts-out", "f.csv", "-o", "z.wav", "--overwrite")[0] == 0
