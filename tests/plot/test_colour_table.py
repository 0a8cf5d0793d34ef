"""Colormaps that fastspec does not know: read from files or registered, and carried along with the facts."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec import Decoder, Encoder, colours
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, user_tables
from fastspec.errors import CalibrationError, ParameterError
from fastspec.plot import colour_table, layout

LEVEL = np.linspace(0, 1, 256)
FRACTIONS = np.stack([np.sqrt(LEVEL), LEVEL**2, 0.5 + 0.5 * np.cos(6 * LEVEL)], axis=1)
TABLE = np.floor(FRACTIONS * 255 + 0.5).astype(np.uint8)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with the table in every kind of file."""
    monkeypatch.chdir(tmp_path)
    np.savetxt("map.csv", TABLE, fmt="%d", delimiter=",", header="red,green,blue", comments="")
    np.savetxt("semicolons.csv", TABLE, fmt="%d", delimiter="; ")
    np.savetxt("map.txt", FRACTIONS, header="of a colleague")
    np.savetxt("map.tsv", FRACTIONS, delimiter="\t")
    np.save("map.npy", FRACTIONS)
    np.save("bytes.npy", TABLE)
    Image.fromarray(np.tile(TABLE, (9, 1, 1))).save("strip.png")
    Image.fromarray(np.tile(TABLE, (9, 1, 1))).quantize(256).save("strip.BMP")
    Image.fromarray(np.tile(TABLE[::-1, None], (1, 12, 1))).save("bar.png")
    return tmp_path


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 2 * sr], sr


def test_every_kind_of_file_is_read(files):
    assert len(os.listdir(files)) == 9
    for name in os.listdir(files):
        if name != "strip.BMP":
            np.testing.assert_array_equal(colour_table.read(name), TABLE, err_msg=name)
    assert colour_table.read(files / "strip.BMP").shape == (256, 3)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, r"none.csv.*no file that exists.*names\(\) lists"),
        ("none.png", None, "no file that exists"),
        ("a.csv", "", "no numbers"),
        ("a.csv", "r,g,b\nx,y,z\n1,2,3\n", "line 2 holds 'x,y,z'"),
        ("a.csv", "0,0,0\n1,2\n", "line 2 holds 2 numbers"),
        ("a.csv", "0,0,0\n1,2,300\n", "entry 1 .* holds 300"),
        ("a.csv", "0,0,0\n", r"shape \(1, 3\)"),
        ("a.csv", "1,1,1\n" * 9, "one colour"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read as a table"),
        ("a.csv", b" " * ((1 << 20) + 1), "more than 1048576 bytes"),
        ("a.npy", b"no numpy", "cannot be read as a table"),
        ("a.npy", b"", "cannot be read as a table"),
        ("a.png", b"no picture", "cannot be read as a table"),
        ("a.map", "0,0,0\n", "no known kind.*csv"),
    ],
)
def test_bad_files_are_refused_with_value_and_remedy(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ParameterError, match=words):
        colour_table.read(path)
    with pytest.raises(ParameterError, match=words):
        Decoder(cmap=path)
    with pytest.raises(ParameterError, match=words):
        Encoder(cmap=str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_folders_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe.csv", "pipe.png", "folder.csv"):
        with pytest.raises(ParameterError, match=f"^cmap .*{name}' is a folder or device; name a file"):
            colour_table.read(tmp_path / name)


def test_a_refusal_is_said_once(tmp_path):
    (tmp_path / "a.csv").write_text("0,0,0\n1,2,300\n")
    with pytest.raises(ParameterError, match=r"^entry 1 of colormap 'a.csv' holds 300"):
        colour_table.read(tmp_path / "a.csv")


def test_a_picture_that_is_no_strip_is_refused(tmp_path):
    pixels = np.tile(TABLE, (9, 1, 1))
    pixels[3, 40] = 0
    square = np.zeros((9, 9, 3), np.uint8)
    square[3, 4] = 9
    rows = (pixels.transpose(1, 0, 2), "row, from below, 215")
    for shown, word in ((pixels, "column 40"), rows, (square, "column 4 ")):
        Image.fromarray(np.ascontiguousarray(shown)).save(tmp_path / "a.png")
        with pytest.raises(ParameterError, match=word):
            colour_table.read(tmp_path / "a.png")


def test_names_stay_names(registry):
    for cmap in ("magma", "magma_r", "gray16", "sox-2", "audacity-3.2", "no_such_map", None, 7):
        assert colour_table.with_table({"cmap": cmap, "sr": 8000}) == {"cmap": cmap, "sr": 8000}
    assert colour_table.with_table({"sr": 8000}) == {"sr": 8000}
    assert colour_table.with_table({"cmap": "magma", "cmap_table": 7}) == {"cmap": "magma", "cmap_table": 7}
    assert layout.colormap({"cmap": "magma"}) is colours.get("magma", "round")


def test_a_file_becomes_label_and_table(files):
    path = files / "map.csv"
    facts = colour_table.with_table({"cmap": path})
    assert facts["cmap"] == str(path) or len(str(path)) > 100
    assert user_tables.from_text(facts["cmap_table"])[0] == facts["cmap"]
    assert colour_table.with_table(facts) == facts
    np.testing.assert_array_equal(layout.colormap(facts).table, TABLE)
    assert layout.colormap(facts) is layout.colormap(dict(facts))
    plain = colour_table.portable({"cmap": path, "sr": 8000})
    path.unlink()
    assert set(plain) == {"cmap", "sr"}
    again = colour_table.with_table(plain)
    assert (again["cmap"], again["sr"]) == ("map.csv", 8000)
    np.testing.assert_array_equal(layout.colormap(again).table, TABLE)
    long = files / ("x" * 120 + ".csv")
    long.write_text("0 0 0\n1 1 1\n")
    assert colour_table.with_table({"cmap": str(long)})["cmap"] == ("x" * 120 + ".csv")[-100:]


def test_a_table_serves_its_own_label_alone():
    table = user_tables.as_text("mine.csv", TABLE)
    assert layout.colormap({"cmap": "magma", "cmap_table": table}) is colours.get("magma", "round")
    with pytest.raises(ParameterError, match="no colormap is called"):
        layout.colormap({"cmap": "other.csv", "cmap_table": table})
    # what comes with fastspec is not redefined by a picture
    assert layout.colormap({"cmap": "magma", "cmap_table": user_tables.as_text("magma", TABLE)}) is colours.get(
        "magma", "round"
    )
    with pytest.raises(CalibrationError, match="16 bits"):
        layout.colormap({"cmap": "mine.csv", "cmap_table": table}, 16)


def test_what_is_drawn_with_a_file_is_decoded_without_it(files, clip):
    y, sr = clip
    look = {"freq_scale": "log", "size": (400, 300)}  # own looks in known maps carry a mark
    picture = fastspec.encode(y, sr, cmap="map.csv", **look)
    assert str(files) not in str(picture.embedded)
    for name in os.listdir(files):
        os.unlink(name)
    read = Decoder().read(picture)
    assert (read.calibration["cmap"], read.calibration.source("cmap_table")) == ("map.csv", "embedded")
    np.testing.assert_array_equal(read.magnitude, Decoder().read(fastspec.encode(y, sr, **look)).magnitude)
    told = Decoder(cmap="magma").read(picture)  # what is given wins
    assert told.calibration["cmap"] == "magma"
    assert (told.magnitude != read.magnitude).any()


def test_a_strangers_picture_is_decoded_with_a_file(files, clip):
    y, sr = clip
    drawn = fastspec.encode(y, sr, cmap="strip.png", freq_scale="log", size=(400, 300), profile="librosa")
    usual = fastspec.encode(y, sr, freq_scale="log", size=(400, 300), profile="librosa")
    known = {"sr": sr, "n_fft": 2048, "hop_length": 512, "duration": len(y) / sr}
    for cmap in ("bar.png", files / "map.npy"):
        cal = fastspec.inspect(drawn.rgb(), cmap=cmap, **known)
        assert "doubt" not in cal.picture
        assert cal.source("cmap") == "given"
        read = Decoder(cmap=cmap, **known).read(drawn.rgb()).magnitude
        np.testing.assert_allclose(read, Decoder(cmap="magma", **known).read(usual.rgb()).magnitude)
    given = Calibration.of(cmap=str(files / "map.npy"), **known)
    np.testing.assert_array_equal(Decoder(given).read(drawn.rgb()).magnitude, read)


def test_a_registered_map_is_recognised_and_travels(registry, clip):
    y, sr = clip
    with pytest.raises(ParameterError, match="no colormap is called 'mine'"):
        fastspec.encode(y, sr, cmap="mine")
    colours.register("mine", FRACTIONS)
    decoder = pickle.loads(pickle.dumps(Decoder(cmap="mine").given))
    drawn = fastspec.encode(y, sr, cmap="mine")
    cal = fastspec.inspect(drawn.rgb())
    assert (cal["cmap"], cal.source("cmap"), cal.facts["cmap"].confidence > 0.8) == ("mine", "pixels", True)
    assert fastspec.inspect(fastspec.encode(y, sr, cmap="mine_r").rgb())["cmap"] == "mine_r"
    read = Decoder().read(drawn).magnitude
    colours.colormap._registered.clear()
    colours.get.cache_clear()
    np.testing.assert_array_equal(Decoder().read(drawn).magnitude, read)
    assert layout.colormap(decoder).name == "mine"
    assert fastspec.inspect(drawn.rgb())["cmap"] != "mine"


def test_tools_keep_their_own_colours(files):
    for profile in ("sox", "audacity"):
        with pytest.raises(ParameterError, match=r"map\.csv"):
            Encoder(profile=profile, cmap="map.csv")


def test_a_picture_looked_at_before_is_seen_with_the_maps_registered_since(registry, clip, monkeypatch):
    drawn = fastspec.encode(*clip, cmap=user_tables.as_text("elsewhere", TABLE))
    bare = fastspec.Picture(drawn.pixels, palette=drawn.palette)
    assert fastspec.inspect(bare)["cmap"] != "mine"
    colours.register("mine", TABLE)
    assert fastspec.inspect(bare)["cmap"] == "mine"
    travelled = pickle.dumps(bare)
    monkeypatch.setattr(colormap, "_registered", {})
    colours.get.cache_clear()
    assert fastspec.inspect(pickle.loads(travelled))["cmap"] != "mine"
    assert not pickle.loads(travelled).pixels.flags.writeable


def test_a_name_that_reads_as_a_table_is_not_registered(registry):
    with pytest.raises(ParameterError, match=r"name='a=AAAAAAAA' .* choose one without '='"):
        colours.register("a=AAAAAAAA", TABLE)
