"""What files state: beside the picture, and another picture of the same drawing."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.errors import CalibrationError, PictureError
from fastspec.picture import files, sidecar
from tests.specshow import specshow

OPTIONS = {"n_fft": 512, "hop_length": 100, "window": "hamming"}


def sound(seed=0, sr=16000, seconds=1.0):
    """Tones that come and go."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(sr * seconds)) / sr
    tones = (np.sin(2 * np.pi * f * t) * (np.sin(2 * np.pi * r * t) > 0) for f, r in rng.uniform(2, 7000, (9, 2)))
    return sum(tones) + 1e-4 * rng.standard_normal(len(t)), sr


@pytest.fixture
def drawn(tmp_path):
    """A picture with a sidecar, whose own text an editor has dropped; and the same under another name."""
    y, sr = sound()
    picture = fastspec.encode(y, sr, size=(320, 257), **OPTIONS)
    files.write(picture, tmp_path / "a.png", sidecar=True)
    _saved_by_an_editor(tmp_path / "a.png", tmp_path / "a.png")
    _saved_by_an_editor(tmp_path / "a.png", tmp_path / "edited.png")
    return tmp_path, picture


def _saved_by_an_editor(source, target, edit=lambda pixels: pixels):
    pixels = np.array(Image.open(source).convert("RGB"))
    Image.fromarray(edit(pixels)).save(target)


def _erased(pixels):
    pixels[:, : pixels.shape[1] // 2] = pixels[0, 0]
    return pixels


@pytest.mark.parametrize("edit", [lambda p: p, _erased, lambda p: p // 2, lambda p: p[::2, ::2]])
def test_a_sidecar_says_what_the_file_no_longer_does_however_it_was_edited(drawn, edit):
    folder, picture = drawn
    _saved_by_an_editor(folder / "a.png", folder / "a.png", edit)
    found = fastspec.inspect(folder / "a.png")
    assert {found.source(name) for name in ("sr", "n_fft", "hop_length", "window", "db_range")} == {"sidecar"}
    assert found["duration"] == fastspec.inspect(picture)["duration"]
    bare = fastspec.inspect(folder / "edited.png")
    assert bare.source("sr") in ("pixels", "assumed")
    assert "sidecar" not in bare.picture


def test_what_is_given_overrides_a_sidecar(drawn):
    found = fastspec.inspect(drawn[0] / "a.png", sr=8000)
    assert (found["sr"], found.source("sr"), found.source("n_fft")) == (8000, "given", "sidecar")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "is not a fastspec calibration: it is not valid JSON (line 1, column 2)"),
        (
            b"[1, 2]",
            "is not a fastspec calibration: it does not say that its format is 'fastspec-calibration'; it is ignored",
        ),
        (b"null", "it does not say that its format is"),
        (b'{"format": "fastspec-calibration", "version": 1, "facts": []}', "it holds no table of facts"),
        (b'{"format": "fastspec-calibration", "version": {}, "facts": {}}', "it does not state the version"),
        (b'{"format": "fastspec-calibration", "facts": {}}', "it does not state the version"),
        (b'{"facts": ' + b"9" * 5000 + b"}", "numbers of thousands of digits"),
        (b"[" * 60_000, "nested a thousand deep"),
        (b"\xff\xfe\xfd", "no text in UTF-8"),
        (b" " * (sidecar.MAX_BYTES + 1), "has more than"),
        (b'{"format": "fastspec-calibration", "version": 99, "facts": {}}', "update fastspec"),
        (b'{"format": "fastspec-calibration", "version": 1, "facts": {"sr": -3}}', "fact left out: sr=-3"),
    ],
)
def test_a_damaged_sidecar_is_said_in_one_sentence_and_the_picture_is_read(drawn, text, said):
    folder, _ = drawn
    (folder / "a.png.json").write_bytes(text)
    found = fastspec.inspect(folder / "a.png")
    assert ["a.png.json" in remark and said in remark for remark in found.remarks].count(True) == 1
    assert found.source("n_fft") != "sidecar"


def test_a_folder_or_pipe_in_its_place_is_no_sidecar(drawn):
    folder, _ = drawn
    (folder / "a.png.json").unlink()
    (folder / "a.png.json").mkdir()
    assert any("no regular file" in remark for remark in fastspec.inspect(folder / "a.png").remarks)
    if hasattr(os, "mkfifo"):
        (folder / "a.png.json").rmdir()
        os.mkfifo(folder / "a.png.json")  # to open it would hang
        assert any("no regular file" in remark for remark in fastspec.inspect(folder / "a.png").remarks)


@pytest.mark.parametrize("size", [(320, 257), (300, 257)])
def test_a_sidecar_of_another_picture_is_told(drawn, size):
    folder, _ = drawn
    y, sr = sound(seed=5)
    files.write(fastspec.encode(y, sr, size=size, **OPTIONS), folder / "b.png")
    _saved_by_an_editor(folder / "b.png", folder / "a.png")
    found = fastspec.inspect(folder / "a.png")
    assert found.source("n_fft") != "sidecar"
    assert [remark for remark in found.remarks if "a.png.json is ignored" in remark and "--like" in remark]


def test_a_sidecar_that_contradicts_the_file_is_ignored_and_said_once(drawn):
    folder, picture = drawn
    files.write(picture, folder / "a.png")
    document = json.loads((folder / "a.png.json").read_text())
    for name, value in (("sr", 8000), ("n_fft", 1024)):
        document["facts"][name]["value"] = value
    (folder / "a.png.json").write_text(json.dumps(document))
    found = fastspec.inspect(folder / "a.png")
    assert (found["sr"], found.source("sr")) == (16000, "embedded")
    assert len([r for r in found.remarks if "contradicts the picture's own text in n_fft or sr" in r]) == 1
    (folder / "a.png.json").write_text('{"annotations": []}')  # another program's
    assert not fastspec.inspect(folder / "a.png").remarks


def test_a_picture_without_a_calibration_has_no_sidecar(tmp_path):
    with pytest.raises(PictureError, match=r"fastspec\.encode"):
        files.write(fastspec.Picture(np.zeros((9, 9), np.uint8)), tmp_path / "a.png", sidecar=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["picture", "sidecar", "report", "calibration"])
def test_facts_of_another_picture_of_the_drawing(drawn, kind):
    folder, picture = drawn
    files.write(picture, folder / "drawn.png")
    like = folder / "drawn.png"
    if kind == "sidecar":
        like = str(folder / "a.png.json")
    elif kind == "report":
        like = folder / "report.json"
        like.write_text(json.dumps({"file": "x", **fastspec.inspect(picture).report()}))
    elif kind == "calibration":
        like = fastspec.inspect(picture)
    y, sr = fastspec.decode(folder / "edited.png", like=like)
    want, rate = fastspec.decode(picture)
    assert sr == rate
    np.testing.assert_array_equal(y, want)
    found = fastspec.inspect(folder / "edited.png", like=like, hop_length=50)
    assert (found.source("sr"), found.source("hop_length")) == ("like", "given")


def test_a_figures_plot_area_holds_in_a_picture_of_its_size_and_layout_only(tmp_path):
    pytest.importorskip("matplotlib")
    y, sr = sound(seconds=2.0)
    bare = fastspec.encode(y, sr, size=(400, 257), **OPTIONS)

    def framed(left, top):
        page = np.full((400, 520, 3), 255, np.uint8)
        page[top : top + 257, left : left + 400] = bare.rgb()
        page[20:100, 3:17] = page[300:390:3, 100:400] = 0  # labels
        return fastspec.Picture(page)

    drawn = framed(60, 30)
    facts = {**fastspec.inspect(bare), "plot_area": (60, 30, 460, 287)}
    like = fastspec.inspect(drawn, **{name: value for name, value in facts.items() if name != "plot_offsets"})
    same = fastspec.inspect(framed(60, 30), like=like)
    assert (same["plot_area"], same.source("plot_area")) == ((60, 30, 460, 287), "like")
    smaller = fastspec.Picture(np.ascontiguousarray(drawn.pixels[:, ::2]))
    found = fastspec.inspect(smaller, like=like)
    assert found.source("plot_area") != "like"
    assert found["duration"] == like["duration"]
    assert any("520 x 400 pixels, and this picture 260 x 400" in remark for remark in found.remarks)
    moved = np.full((400, 520, 3), 0, np.uint8)
    moved[100:357, 110:510] = bare.rgb()
    path = tmp_path / "drawn.png"
    files.write(drawn, path, embedded=like.to_json(size=(520, 400)))
    assert any("laid out otherwise" in r for r in fastspec.inspect(fastspec.Picture(moved), like=path).remarks)
    assert not any("laid out otherwise" in r for r in fastspec.inspect(framed(60, 30), like=path).remarks)


def test_a_native_picture_that_was_cut_has_fewer_frames(drawn):
    y, sr = sound()
    picture = fastspec.encode(y, sr, **OPTIONS)
    cut = fastspec.Picture(picture.rgb()[:, :100].copy())
    found = fastspec.inspect(cut, like=picture)
    assert (found["n_frames"], found["hop_length"]) == (100, 100)
    assert found["duration"] == pytest.approx(99 * 100 / sr, rel=0.01)


def test_facts_read_off_the_other_pictures_pixels(tmp_path):
    y, sr = sound(seconds=2.0)
    cells = np.abs(fastspec.stft(y, n_fft=512, hop_length=128))
    decibels = np.maximum(20 * np.log10(np.maximum(cells / cells.max(), 1e-5)), -80)
    pixels = specshow(decibels, sr, (500, 400), y_axis="log", hop_length=128, cmap="viridis")
    noise = np.random.default_rng(0).integers(0, 60, pixels.shape)
    noisy = fastspec.Picture(np.clip(pixels.astype(int) + noise, 0, 255).astype(np.uint8))
    found = fastspec.inspect(noisy, like=pixels)
    alone = fastspec.inspect(fastspec.Picture(pixels))
    for name in ("n_fft", "freq_scale", "sr", "cmap"):
        assert (found[name], found.source(name)) == (alone[name], "like")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.json", None, "does not exist"),
        ("bad.json", "{", "no JSON"),
        ("many.json", "[{}, {}]", "tells of 2 pictures"),
        ("other.json", '{"a": 1}', "not a fastspec calibration"),
        ("empty.json", '{"format": "fastspec-calibration", "version": 1, "facts": {}}', "tells no fact"),
        ("odd.json", '{"picture": {}, "facts": {}}', "no report"),
    ],
)
def test_what_is_no_other_picture_is_refused_in_a_sentence(drawn, tmp_path, name, text, said):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(CalibrationError, match=said):
        fastspec.decode(drawn[0] / "edited.png", like=tmp_path / name)


def test_a_photograph_is_no_other_picture():
    rng = np.random.default_rng(0)
    photo = np.asarray(Image.fromarray(rng.integers(0, 255, (6, 8, 3), np.uint8)).resize((400, 300)))
    with pytest.raises(CalibrationError, match="does not look like a spectrogram"):
        fastspec.Decoder(like=photo)


def test_two_sounds_have_thumbnails_that_differ():
    shots = [sidecar.thumbnail(fastspec.encode(*sound(seed), size=(320, 257), **OPTIONS)) for seed in range(4)]
    assert all(float(sidecar.agreement(a, b) or 0) < 0.35 for n, a in enumerate(shots) for b in shots[:n])
    assert sidecar.agreement(shots[0], shots[0]) == 1
    assert sidecar.agreement("00" * 256, "00" * 256) is None
    assert sidecar.agreement("x", shots[0]) is None


def test_a_version_one_text_of_plain_values_is_read_beside_too():
    text = Calibration.of("given", sr=8000, n_fft=64).to_json()
    assert dict(Calibration.from_json(text, "sidecar")) == {"sr": 8000, "n_fft": 64}
