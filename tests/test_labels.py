"""Numbers and words printed in matplotlib's default font are read in every usual size."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from fastspec.detect.labels import CHARACTERS, coverage, extent, parse_number, read_line, runs

matplotlib.use("Agg")
from matplotlib import pyplot as plt

NUMERIC = "0123456789.:+-−kHzdBsm"  # noqa: RUF001


def drawn(text: str, pixels: float, dark: bool = False, shift: float = 0.0) -> np.ndarray:
    """A line of text as coverage, cut with a pixel around it."""
    paper, ink = ((0, 0, 0), (255, 255, 255)) if dark else ((255, 255, 255), (0, 0, 0))
    with plt.rc_context({"font.family": "DejaVu Sans", "figure.dpi": 72}):
        figure = plt.figure(figsize=(len(text) * pixels / 72 + 1, pixels / 24), dpi=72, facecolor=np.divide(paper, 255))
        figure.text(0.1 + shift / 100, 0.4 + shift / 100, text, fontsize=pixels, color=np.divide(ink, 255))
        figure.canvas.draw()
        image = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].copy()
        plt.close(figure)
    line = coverage(image, paper, ink)
    rows, columns = np.flatnonzero(line.max(axis=1) > 0.28), np.flatnonzero(line.max(axis=0) > 0.28)
    return line[rows[0] - 1 : rows[-1] + 2, columns[0] - 1 : columns[-1] + 2]


@pytest.mark.parametrize("pixels", [9.7, 10.5, 13.3, 14.6, 18.5, 22.2, 33.0])
@pytest.mark.parametrize("text", ["10000", "4096", "−80", "+0 dB", "-10 dB", "1:30", "0:45", "2.75", "16384", "2k"])  # noqa: RUF001
def test_tick_labels_are_read_in_every_size(text, pixels):
    for shift in (0.0, 0.37):
        read, _ = read_line(drawn(text, pixels, shift=shift), NUMERIC)
        assert parse_number(read) == parse_number(text), (read, text)


def test_light_text_on_dark_paper_is_read():
    assert parse_number(read_line(drawn("-37.5", 14.0, dark=True), NUMERIC)[0]) == (-37.5, "")


def test_the_time_axis_title_is_read():
    line = drawn("Time (s)", 14.0)
    letter = runs(line.max(axis=0) > 0.28)[0]
    span = extent(line[:, letter[0] : letter[1]].max(axis=1))
    assert read_line(line, span=span)[0].startswith("Time")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", (0.0, "")),
        ("−60", (-60.0, "")),  # noqa: RUF001
        ("+0 dB", (0.0, "dB")),
        ("0:30", (30.0, ":")),
        ("1:00:05", (3605.0, ":")),
        ("8 kHz", (8.0, "kHz")),
        ("0.5", (0.5, "")),
        ("250ms", (250.0, "ms")),
    ],
)
def test_numbers_and_units(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "-", "?", "1?0", "C4", "1:7", "1.2.3", "5.", "007", "12:x", "dB", "1e3", "1:30 dB"]
)
def test_what_is_no_number_is_not_read_as_one(text):
    assert parse_number(text) is None


def test_a_blank_line_and_noise_read_as_nothing_sure():
    assert read_line(np.zeros((9, 30), np.float32)) == ("", 1.0)
    noise = np.random.default_rng(3).random((12, 60)).astype(np.float32)
    assert parse_number(read_line(noise, NUMERIC)[0]) is None


def test_the_table_has_every_character():
    from fastspec.detect import labels

    assert set(labels._table()[0]) == set(CHARACTERS)
