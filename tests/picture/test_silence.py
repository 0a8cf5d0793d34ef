"""Decoders say nothing on standard error while we read, and what others do and hear is as ever."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import threading
import warnings

import pytest
from PIL import Image

from fastspec.errors import PictureError
from fastspec.picture import files as picture_files
from fastspec.picture import silence
from tests.promises import hostile_cases as cases


def test_decoders_are_muted_in_many_threads_and_nothing_of_the_process_is_set(capfd):
    data = dict(cases.nested())["many-tags.tif"]
    before = list(warnings.filters)
    barrier = threading.Barrier(4)
    changed = []

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            with pytest.raises(PictureError):
                picture_files.read(data)
            with silence.quiet_decoders():
                changed.append(warnings.filters != before)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changed == [False] * 20
    assert capfd.readouterr() == ("", "")
    with silence.quiet_decoders(), pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", UserWarning, stacklevel=1)


def test_pillow_warns_who_reads_by_himself_while_we_read():
    big = Image.new("L", (90, 80))
    stream = io.BytesIO()
    big.save(stream, "PNG")
    heard = []

    def other() -> None:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            patch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
            Image.open(io.BytesIO(stream.getvalue()))
        heard.extend(said)

    with silence.quiet_decoders():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        with warnings.catch_warnings(record=True) as mine, pytest.MonkeyPatch.context() as patch:
            warnings.simplefilter("always")
            patch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
            Image.open(io.BytesIO(stream.getvalue()))
    assert [warning.category for warning in heard] == [Image.DecompressionBombWarning]
    assert heard[0].filename == Image.__file__
    assert mine == []


@pytest.mark.skipif(sys.platform == "win32", reason="libtiff's handler cannot be reached there")
def test_libtiff_prints_for_who_reads_by_himself():
    code = """
        import io, sys
        from PIL import Image
        from fastspec.picture import files
        stream = io.BytesIO()
        Image.new("L", (64, 64), 7).save(stream, "TIFF", compression="tiff_lzw")
        data = bytearray(stream.getvalue())
        data[8:60] = bytes(255 for _ in range(52))  # no LZW that there is

        def read():
            try:
                Image.open(io.BytesIO(bytes(data))).load()
            except OSError:
                pass

        def ours():
            try:
                files.read(bytes(data))
            except files.PictureError:
                pass

        for step in (read, ours, read, ours):
            step()
            print("--", file=sys.stderr, flush=True)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    before, first, after, second, rest = done.stderr.split("--\n")
    assert before
    assert after == before
    assert (first, second, rest) == ("", "", "")


def test_without_memory_for_a_handler_pictures_are_read(monkeypatch, speech_picture):
    import ctypes

    def refused(*_):
        raise MemoryError

    monkeypatch.setattr(ctypes, "CFUNCTYPE", refused)
    monkeypatch.setattr(silence, "_tried", False)
    assert picture_files.read(speech_picture).width > 0
