from __future__ import annotations

import numpy as np
import pytest

from fastspec.retouch import regions


def labels_by_flooding(marked, values, tolerance):
    """The slow, obvious twin of `regions.label`."""
    found, count = np.full(marked.shape, -1), 0
    for start in zip(*np.nonzero(marked), strict=True):
        if found[start] >= 0:
            continue
        found[start], todo = count, [start]
        while todo:
            i, j = todo.pop()
            for other in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                inside = 0 <= other[0] < marked.shape[0] and 0 <= other[1] < marked.shape[1]
                if inside and marked[other] and found[other] < 0 and abs(values[other] - values[i, j]) <= tolerance:
                    found[other] = count
                    todo.append(other)
        count += 1
    return found, count


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_labels_are_those_of_flooding(share):
    rng = np.random.default_rng(int(10 * share))
    for shape in ((1, 1), (1, 30), (30, 1), (25, 40)):
        marked, values = rng.random(shape) < share, rng.integers(0, 4, shape).astype(np.float32)
        got, wanted = regions.label(marked, values, 1.0), labels_by_flooding(marked, values, 1.0)
        assert got[1] == wanted[1]
        np.testing.assert_array_equal(got[0], wanted[0])


def test_a_spiral_is_one_region():
    marked = np.ones((9, 9), np.bool_)
    marked[1, :-1] = marked[3:8, 1] = marked[7, 1:8] = marked[3:8, 7] = marked[3, 3:8] = False
    assert (
        regions.label(marked, np.zeros(marked.shape, np.float32), 0.0)[1]
        == labels_by_flooding(marked, np.zeros(marked.shape), 0.0)[1]
    )


def test_boxes_are_the_smallest_rectangles():
    marked = np.zeros((10, 12), np.bool_)
    marked[1:4, 2:5] = marked[6, 7:11] = marked[8:10, 0] = True
    labels, count = regions.label(marked, np.zeros(marked.shape, np.float32), 0.0)
    assert count == 3
    every = regions.boxes(labels, np.arange(3))
    assert every == [
        (slice(1, 4), slice(2, 5)),
        (slice(6, 7), slice(7, 11)),
        (slice(8, 10), slice(0, 1)),
    ]
    assert regions.boxes(labels, np.array([0, 2])) == [every[0], every[2]]
    assert regions.boxes(labels, np.array([], np.intp)) == []
    assert regions.box(marked) == (slice(1, 10), slice(0, 11))


def test_hulls_fill_what_lies_between_along_rows_and_columns():
    marked = np.zeros((5, 6), np.bool_)
    marked[1, 1:5] = marked[3, 1:5] = True
    marked[2, [1, 4]] = True
    wanted = np.zeros_like(marked)
    wanted[1:4, 1:5] = True
    np.testing.assert_array_equal(regions.hull(marked), wanted)


@pytest.mark.parametrize("by", [1, 2])
def test_grown_regions_reach_as_far_and_no_farther(by):
    marked = np.zeros((9, 9), np.bool_)
    marked[4, 4] = True
    grown = regions.grown(marked, by)
    assert grown[4 - by : 5 + by, 4 - by : 5 + by].all()
    assert grown.sum() == (2 * by + 1) ** 2
