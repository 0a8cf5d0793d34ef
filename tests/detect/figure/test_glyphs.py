"""Numbers and words printed in matplotlib's default font are read in every usual size."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fastspec.detect.figure.glyphs import (
    GRID,
    WORDS,
    coverage,
    extent,
    normalised,
    parse_number,
    read_line,
    spans_of,
    table,
)
from fastspec.kernels.glyphs import components, match

NUMERIC = "0123456789.:+-−kHzdBsm"  # noqa: RUF001


def drawn(text: str, pixels: float, dark: bool = False, shift: float = 0.0, font: str = "DejaVu Sans") -> np.ndarray:
    """A line of text as coverage, cut with a pixel around it."""
    paper, ink = ((0, 0, 0), (255, 255, 255)) if dark else ((255, 255, 255), (0, 0, 0))
    with plt.rc_context({"font.family": font, "figure.dpi": 72}):
        figure = plt.figure(figsize=(len(text) * pixels / 72 + 1, pixels / 24), dpi=72, facecolor=np.divide(paper, 255))
        figure.text(0.1 + shift / 100, 0.4 + shift / 100, text, fontsize=pixels, color=np.divide(ink, 255))
        figure.canvas.draw()
        image = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].copy()  # type: ignore[attr-defined]
        plt.close(figure)
    line = coverage(image, paper, ink)
    rows, columns = np.flatnonzero(line.max(axis=1) > 0.28), np.flatnonzero(line.max(axis=0) > 0.28)
    return line[rows[0] - 1 : rows[-1] + 2, columns[0] - 1 : columns[-1] + 2]


@pytest.mark.parametrize("pixels", [10.5, 11.8, 13.3, 14.6, 18.5, 22.2, 33.0])
@pytest.mark.parametrize("text", ["10000", "4096", "−80", "+0 dB", "-10 dB", "1:30", "0:45", "2.75", "16384", "2k"])  # noqa: RUF001
def test_tick_labels_are_read_in_every_size(text, pixels):
    for shift in (0.0, 0.37):
        read, _ = read_line(drawn(text, pixels, shift=shift), NUMERIC)
        assert parse_number(read) == parse_number(text), (read, text)


def test_light_text_on_dark_paper_is_read():
    assert parse_number(read_line(drawn("-37.5", 14.0, dark=True), NUMERIC)[0]) == (-37.5, "")


def test_the_time_axis_title_is_read():
    line = drawn("Time (s)", 14.0)
    letter = spans_of(line.max(axis=0) > 0.28)[0]
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
        ("1e3", (1000.0, "")),
        ("2.5e+03", (2500.0, "")),
        ("10^3", (1000.0, "^")),
        ("10^\N{MINUS SIGN}2", (0.01, "^")),
        ("0:01.5", (1.5, ":")),
        ("0,5", (0.5, "")),
        ("0,125", (0.125, "")),
        ("2,5", (2.5, "")),
        ("10,000", (10000.0, "")),
    ],
)
def test_numbers_and_units(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "-", "?", "1?0", "C4", "1:7", "1.2.3", "5.", "007", "12:x", "dB", "1e+63", "1:30 dB", "10^", "1,2,3"]
)
def test_what_is_no_number_is_not_read_as_one(text):
    assert parse_number(text) is None


def test_a_blank_line_and_noise_read_as_nothing_sure():
    assert read_line(np.zeros((9, 30), np.float32)) == ("", 1.0)
    noise = np.random.default_rng(3).random((12, 60)).astype(np.float32)
    assert parse_number(read_line(noise, NUMERIC)[0]) is None


def test_the_table_has_every_character():
    assert set(table().characters) == set(WORDS)


def slow_grid(line, left, right, top, bottom, first, last):
    """Means of the pixels of a glyph over even spans, by cumulative sums."""

    def resampled(part, start, end, count):
        sums = np.concatenate([np.zeros((1, part.shape[1])), np.cumsum(part, axis=0)])
        at = np.clip(np.linspace(start, end, count + 1), 0, len(part))
        low = np.minimum(at.astype(int), len(part) - 1)
        return np.diff(sums[low] + (at - low)[:, None] * part[low], axis=0) / ((end - start) / count)

    part = line[:, left:right].astype(float)
    return resampled(resampled(part, top, bottom, GRID[0]).T, first, last, GRID[1]).T


def test_glyph_kernels_equal_their_slow_twins():
    line = drawn("8", 14.0)
    width = line.shape[1]
    span = extent(line.max(axis=1))
    sides = extent(line.max(axis=0))
    assert span is not None
    assert sides is not None
    found = normalised(line, 0, width, span)
    assert found is not None
    grid, shape = found
    np.testing.assert_allclose(grid, slow_grid(line, 0, width, *span, *sides), atol=1e-5)
    ratio = np.log((sides[1] - sides[0]) / (span[1] - span[0]))
    np.testing.assert_allclose(shape, [ratio, 0, 1], atol=1e-5)
    assert normalised(np.zeros((5, 5), np.float32), 0, 5, (0.0, 5.0)) is None
    rng = np.random.default_rng(7)
    grids = rng.integers(0, 256, (40, 80), dtype=np.uint8)
    shapes = rng.random((40, 3)).astype(np.float32)
    usable = np.flatnonzero(rng.random(40) < 0.6)
    off = np.abs(grids[usable] / 255 - grid.clip(0, 2).ravel()).mean(axis=1)
    slow = off + np.abs(shapes[usable] - shape) @ (0.25, 0.5, 0.5)
    best, distance = match(grid, shape, grids, shapes, usable, 9.0)
    assert best == usable[slow.argmin()]
    assert distance == pytest.approx(slow.min(), abs=3e-3)
    assert match(grid, shape, grids, shapes, usable, 1e-3) == (-1, 1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_components_equal_a_slow_flood(seed):
    rng = np.random.default_rng(seed)
    ink = (255 * (rng.random((23, 31)) < rng.choice([0.2, 0.45, 0.7]))).astype(np.uint8)
    left, top, right, bottom = 3, 2, 29, 22
    boxes, parent = np.empty((400, 5), np.int32), np.empty(400, np.int32)
    count = components(ink, left, top, right, bottom, 100, parent, np.empty((2, right - left), np.int32), boxes)
    found = {tuple(int(v) for v in row) for row in boxes[:count]}
    left_over = {(int(y), int(x)) for y, x in np.argwhere(ink > 100) if top <= y < bottom and left <= x < right}
    expected = set()
    while left_over:
        piece, waiting = set(), [left_over.pop()]
        while waiting:
            y, x = waiting.pop()
            piece.add((y, x))
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left_over
            left_over -= near
            waiting.extend(near)
        rows, columns = [y for y, _ in piece], [x for _, x in piece]
        expected.add((min(columns), min(rows), max(columns) + 1, max(rows) + 1, len(piece)))
    assert found == expected
    assert components(ink, left, top, right, bottom, 100, parent[:1], np.empty((2, 26), np.int32), boxes) == -1


def test_touching_glyphs_are_cut():
    line = drawn("4096", 20.0)
    gaps = [a for a, b in spans_of(line.max(axis=0) <= 0.28) if 3 < a < line.shape[1] - 3]
    keep = np.ones(line.shape[1], bool)
    keep[gaps] = False
    assert parse_number(read_line(np.ascontiguousarray(line[:, keep]), NUMERIC)[0]) == (4096.0, "")


@pytest.mark.parametrize("font", ["DejaVu Sans Mono", "DejaVu Serif"])
def test_other_fonts_that_matplotlib_ships_are_read(font):
    for text in ("-47.5", "8192", "1.25"):
        assert parse_number(read_line(drawn(text, 15.0, font=font), NUMERIC)[0]) == parse_number(text)


def test_powers_are_read():
    assert parse_number(read_line(drawn(r"$\mathdefault{10^{3}}$", 16.0), NUMERIC)[0]) == (1000.0, "^")
    assert parse_number(read_line(drawn(r"$\mathdefault{10^{-2}}$", 16.0), NUMERIC)[0]) == (0.01, "^")
