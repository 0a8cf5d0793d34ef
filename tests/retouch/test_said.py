"""What users read of their edits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import fastspec
from fastspec.errors import PictureError
from tests.retouch.edited import Drawing
from tests.retouch.pictures import SPEECH, speech


@pytest.fixture(scope="module")
def log():
    return Drawing(*speech())


def remarks(drawing, pixels):
    return fastspec.Decoder().retouch(pixels, (drawing.y, drawing.sr)).calibration.remarks


def test_each_kind_of_edit_is_said_in_words(log):
    entries = log.entries.copy()
    entries[60:140, 150:200] = 0
    entries[60:140, 250:300] = np.clip(entries[60:140, 250:300] + 19, 0, 255)
    entries[20, 20] = 255
    said = " | ".join(remarks(log, log.pixels(entries)))
    assert "of the spectrogram's cells: 3.1% erased, 3.1% made louder or quieter, " in said
    assert "under 0.1% painted (with phases that fit the sound around them)" in said
    assert " 0.0%" not in said


def test_a_colour_off_the_map_and_a_block_are_counted_as_people_count(log):
    pixels, columns = log.pixels(log.entries).copy(), log.plan.columns
    for column in range(150, 260):
        source = np.flatnonzero(columns == columns[column] - 25)
        pixels[60:140, column] = log.pixels(log.entries)[60:140, source[len(source) // 2]]
    pixels[20, 20] = 0, 255, 0
    said = " | ".join(remarks(log, pixels))
    assert "1 block was copied from elsewhere in the picture" in said
    assert "1 pixel has a colour that is not on the colormap" in said


def test_a_picture_that_is_none_is_refused_as_such_whatever_its_original(log):
    """ax.axis("tight") before librosa's specshow leaves three stripes beside white."""
    pixels = np.full((300, 400, 3), 255, np.uint8)
    for left, right, entry in ((160, 240, 90), (240, 320, 50), (320, 400, 130)):
        pixels[:, left:right] = log.cmap.table[entry]
    with pytest.raises(PictureError) as plain:
        fastspec.decode(pixels)
    with pytest.raises(PictureError) as beside:
        fastspec.decode(pixels, original=(log.y, log.sr))
    cause = str(plain.value).split(";")[0]
    assert "flat stripes" in cause
    assert str(beside.value).startswith(cause)


def test_another_sound_is_one_of_several_causes(log):
    other = np.ascontiguousarray(log.y[::-1]), log.sr
    with pytest.raises(PictureError, match=r"does not fit the picture.*another sound.*cropped.*--n-fft.*--force"):
        fastspec.Decoder().retouch(log.pixels(log.entries), other)


def test_a_tool_that_cannot_be_drawn_is_no_fault_of_the_sound(log):
    with pytest.raises(PictureError, match="cannot be drawn again") as error:
        fastspec.decode(log.pixels(log.entries), original=(log.y, log.sr), profile="ffmpeg")
    assert "fit" not in str(error.value)
    assert "--force" not in str(error.value)


def test_the_page_shows_what_is_said(log):
    """Each sentence of docs/editing.md's example, but for its numbers, is one that an erased rectangle gives."""
    page = (Path(__file__).parents[2] / "docs" / "editing.md").read_text()
    shown = re.findall(r"^edited\.png: (.*)$", page, re.M)
    entries = log.entries.copy()
    entries[60:140, 150:260] = 0
    said = {re.sub(r"[\d.]+", "#", remark) for remark in remarks(log, log.pixels(entries))}
    assert len(shown) == 3
    assert {re.sub(r"[\d.]+", "#", sentence) for sentence in shown} <= said


def test_readme_draws_edits_and_hears(tmp_path, monkeypatch):
    """The example of "Draw, edit, hear", and its claims."""
    root = Path(__file__).parents[2]
    section = (root / "README.md").read_text().split("## Draw, edit, hear")[1]
    (tmp_path / "tests" / "data").mkdir(parents=True)
    shutil.copy(SPEECH, tmp_path / "tests" / "data")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(fastspec.FastspecWarning, match=r"\(8\d\.\d%\) are the original's, bit for bit"):
        exec(re.search(r"```python\n(.*?)```", section, re.S).group(1), {})
    y = soundfile.read(tmp_path / "edited.wav", dtype="int16")[0]
    original = soundfile.read(SPEECH, dtype="int16")[0]
    assert y.shape == original.shape
    assert 0.8 < np.mean(y == original) < 1
    spectrum = np.abs(fastspec.stft(y.astype(np.float32), n_fft=2048, hop_length=512))
    before = np.abs(fastspec.stft(original.astype(np.float32), n_fft=2048, hop_length=512))
    inner = np.s_[40:280, 62:90]  # 430 to 3010 Hz, 1.44 to 2.09 s
    assert np.linalg.norm(spectrum[inner]) < 0.05 * np.linalg.norm(before[inner])
