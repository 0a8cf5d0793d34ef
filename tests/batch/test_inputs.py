"""Which inputs become which outputs, settled before any work starts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fastspec import batch
from fastspec.batch.inputs import items_of
from fastspec.errors import OutputError, ParameterError
from fastspec.picture import formats as picture_formats
from fastspec.sound import formats as sound_formats


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.png", "a.jpg", "sub/c.PNG", "sub/.hidden.png", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def items(*inputs, **options):
    return items_of(list(inputs), suffixes=picture_formats.searched_suffixes(), new_suffix=".wav", **options)


def _pairs(items):
    return [(item.source.as_posix(), item.target.as_posix()) for item in items]


def test_the_names_of_0_1_are_still_understood():
    assert getattr(batch, "Job") is batch.Item  # noqa: B009
    assert getattr(batch, "plan_jobs") is batch.items_of  # noqa: B009
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(batch, "no_such_name")  # noqa: B009


def test_folders_are_searched_for_these_suffixes():
    pictures, sounds = picture_formats.searched_suffixes(), sound_formats.searched_suffixes()
    assert " ".join(sorted(pictures)) == ".bmp .gif .jpeg .jpg .npy .npz .png .tif .tiff .webp"
    assert " ".join(sorted(sounds)) == ".aif .aiff .au .caf .flac .mp3 .oga .ogg .opus .w64 .wav"


def test_a_folder_keeps_its_structure_in_a_fixed_order(folder):
    assert _pairs(items("in", out_dir="out")) == [
        ("in/a.jpg", "out/a.wav"),
        ("in/b.png", "out/b.wav"),
        ("in/sub/c.PNG", "out/sub/c.wav"),
    ]


def test_one_file_goes_to_the_named_output_or_beside_itself(folder):
    assert _pairs(items("in/b.png", out="x.flac")) == [("in/b.png", "x.flac")]
    assert _pairs(items("in/b.png")) == [("in/b.png", "in/b.wav")]


def test_globs_lists_and_standard_input_name_files(folder, monkeypatch):
    Path("list.txt").write_text("# a comment\nin/a.jpg\n\nin/b.png\n")
    expected = [("in/a.jpg", "o/a.wav"), ("in/b.png", "o/b.wav")]
    assert _pairs(items("@list.txt", out_dir="o")) == expected
    assert _pairs(items("in/*.*g", out_dir="o")) == expected
    monkeypatch.setattr("sys.stdin", io.StringIO("in/a.jpg\nin/b.png\n"))
    assert _pairs(items("-", out_dir="o")) == expected


def test_a_file_that_is_not_there_is_an_item_that_fails_later(folder):
    assert _pairs(items("gone.png")) == [("gone.png", "gone.wav")]


@pytest.mark.parametrize(
    ("inputs", "options", "message"),
    [
        (["in"], {}, "--out-dir"),
        (["in"], {"out": "x.wav"}, "cannot all become"),
        (["in/b.png"], {"out": "x.wav", "out_dir": "o"}, "not both"),
        (["nothing*.png"], {"out_dir": "o"}, "nothing to do"),
        (["@gone.txt"], {"out_dir": "o"}, "cannot read the list"),
        (["in/b.png", "gone/b.jpg"], {"out_dir": "o"}, "would both become"),
        (["in/b.png"], {"out": "in/b.png"}, "would replace an input"),
    ],
)
def test_what_cannot_work_is_refused_before_it_starts(folder, inputs, options, message):
    with pytest.raises(ParameterError, match=message):
        items(*inputs, **options)


def test_existing_outputs_are_kept_unless_told_otherwise(folder):
    target = folder / "in" / "b.wav"
    target.write_bytes(b"precious")
    with pytest.raises(OutputError, match="--overwrite"):
        items("in/b.png")
    assert items("in/b.png", overwrite=True)[0].target.samefile(target)
    assert target.read_bytes() == b"precious"
