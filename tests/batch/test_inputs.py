"""Which inputs become which outputs, settled before any work starts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fastspec import batch
from fastspec.batch.inputs import are_one, check_kept, items_of, items_to_read
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


def test_no_output_replaces_a_sound_that_pictures_were_drawn_of(folder):
    found = items("in/b.png")
    check_kept(found, ["in/a.wav"])
    with pytest.raises(ParameterError, match=r"b\.wav would replace a sound that pictures were drawn of; name another"):
        check_kept(found, ["in/a.wav", "in/../in/b.wav"])


def test_existing_outputs_are_kept_unless_told_otherwise(folder):
    target = folder / "in" / "b.wav"
    target.write_bytes(b"precious")
    with pytest.raises(OutputError, match="--overwrite"):
        items("in/b.png")
    assert items("in/b.png", overwrite=True)[0].target.samefile(target)
    assert target.read_bytes() == b"precious"


def test_two_names_of_one_file_are_one(folder):
    assert are_one("in/a.jpg", "in/../in/a.jpg")
    assert not are_one("in/a.jpg", "in/b.png")
    assert are_one("memory://x/a", "memory://x/a")
    here = str(folder / "memory:")  # as a local path, "memory://x" is a folder of this name
    Path(here, "x").mkdir(parents=True)
    assert not are_one("memory://x", f"{here}/x")
    assert not are_one(f"{here}/x", "memory://x")


def test_what_is_named_twice_is_one_item_and_said(folder):
    said = []
    assert _pairs(items("in/a.jpg", "in/b.png", "./in/a.jpg", out_dir="o", say=said.append)) == [
        ("in/a.jpg", "o/a.wav"),
        ("in/b.png", "o/b.wav"),
    ]
    assert said == ["./in/a.jpg was named more than once and is converted once"]


def test_how_many_outputs_are_there_is_told(folder):
    for name in ("a", "b", "sub/c"):
        path = folder / "o" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with pytest.raises(OutputError, match=r"o/a\.wav and 2 more already exists"):
        items("in", out_dir="o")
    with pytest.raises(OutputError, match=r"o/a\.wav already exists"):
        items("in/a.jpg", out_dir="o")
    assert _pairs(items("in/a.jpg", out="o/a.wav")) == [("in/a.jpg", "o/a.wav")]  # named, so it is replaced


def test_remote_storage_takes_a_folder(folder):
    for options in ({"out_dir": "o"}, {}):
        with pytest.raises(ParameterError, match=r"memory://x/a\.png is remote storage"):
            items("memory://x/a.png", **options)
    with pytest.raises(ParameterError, match=r"memory://x/a\.wav is remote storage"):
        items("in/a.jpg", out="memory://x/a.wav")


def test_what_is_only_read_is_each_once_and_faults_are_kept(folder):
    found = items_to_read(["in/b.png", "in/../in/b.png", "in/b.png", "x\0"], frozenset({".png"}))
    assert [(item.source.as_posix(), item.target == item.source) for item in found] == [
        ("in/b.png", True),
        ("in/../in/b.png", True),
        ("x\0", True),
    ]
    assert [item.fault is None for item in found] == [True, True, False]
    assert [item.fault for item in items_to_read(["x\0"], frozenset({".png"}))] != [None]
    with pytest.raises(ParameterError, match=r"no file with one of \.png among none\*"):
        items_to_read(["none*"], frozenset({".png"}))
    with pytest.raises(ParameterError, match="among no inputs"):
        items_to_read([], frozenset({".png"}))


def test_lists_name_lists_to_a_depth(folder):
    for k in range(21):
        Path(f"{k}.txt").write_text(f"@{k + 1}.txt\n" if k < 20 else "in/a.jpg\n")
    assert _pairs(items("@1.txt", out_dir="o")) == [("in/a.jpg", "o/a.wav")]  # 20 of them
    with pytest.raises(ParameterError, match=r"the list 20\.txt is the 21th that another names \(0\.txt -> 1\.txt"):
        items("@0.txt", out_dir="o")
    Path("20.txt").write_text("@./5.txt\n")
    with pytest.raises(ParameterError, match=r"the list \./5\.txt names itself \(5\.txt -> "):
        items("@5.txt", out_dir="o")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_lists_of_any_editor_are_read(folder, encoding):
    Path("list.txt").write_text("in/a.jpg\r\n  \r\n#in/b.png\r\nin/b.png", encoding=encoding, newline="")
    assert _pairs(items("@list.txt", out_dir="o")) == [("in/a.jpg", "o/a.wav"), ("in/b.png", "o/b.wav")]


def test_a_line_is_as_long_as_a_name_may_be(folder):
    longest = "x" * ((1 << 16) - 5) + ".png"
    Path("list.txt").write_text(longest + "\n")
    assert len(items("@list.txt", out_dir="o")) == 1
    for text, line in ((f"in/a.jpg\n{longest}xx\n", 2), ("in/a\0.jpg\n", 1)):
        Path("list.txt").write_text(text)
        with pytest.raises(ParameterError, match=f"line {line} holds a NUL or has no end"):
            items("@list.txt", out_dir="o")


def test_names_that_look_like_lists_are_files_where_they_are(folder):
    Path("@a.png").touch()
    assert _pairs(items("@a.png")) == [("@a.png", "@a.wav")]
    for empty in ("", "  "):
        with pytest.raises(ParameterError, match="an input is empty"):
            items(empty)


def test_standard_input_that_is_closed_is_a_sentence(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(ParameterError, match="standard input is closed"):
        items("-", out_dir="o")


def test_outputs_that_are_one_file_clash_whatever_they_are_called(folder):
    Path("o").mkdir()
    Path("p").symlink_to("o")
    Path("o/b.wav").symlink_to("a.wav")
    with pytest.raises(ParameterError, match=r"in/a\.jpg and in/b\.png would both become o/b\.wav"):
        items("in/a.jpg", "in/b.png", out_dir="o", overwrite=True)
    Path("in/c.wav").write_bytes(b"")
    Path("o/c.wav").symlink_to("../in/c.wav")
    with pytest.raises(ParameterError, match="would replace an input"):
        items("in/c.wav", out_dir="o", overwrite=True)
