"""Tables that users give: what is taken, what is refused, and the text that carries them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastspec.colours import user_tables
from fastspec.errors import ParameterError


def test_fractions_are_rounded_as_matplotlib_rounds():
    table = [[0, 0.5, 1], [0.001, 0.002, 0.25]]
    np.testing.assert_array_equal(user_tables.checked("mine", table), [[0, 128, 255], [0, 1, 64]])
    for dtype in (np.uint8, np.int32, np.float32):
        whole = np.array([[0, 1, 255], [7, 8, 9]], dtype)
        np.testing.assert_array_equal(user_tables.checked("mine", whole), whole)
    np.testing.assert_array_equal(user_tables.checked("dark", np.eye(3, dtype=np.uint8)), np.eye(3))
    np.testing.assert_array_equal(user_tables.checked("pure", np.eye(3)), 255 * np.eye(3))


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (np.zeros((256, 4)), r"shape \(256, 4\)"),
        (np.zeros(256), "N x 3"),
        (np.zeros((1, 3)), "N from 2 to 4096"),
        (np.zeros((5000, 3)), "5000"),
        ([["a", "b", "c"], ["d", "e", "f"]], "N x 3"),
        ([[1, 2, 3], [4, 5]], "N x 3"),
        ([[0, 0, 0], [0, 256, 0]], "entry 1 .* holds 256"),
        ([[0, 0, 0], [0, 12.5, 0]], "entry 1 .* holds 12.5"),
        ([[0, 0, -1], [0, 12, 0]], "entry 0 .* holds -1"),
        ([[0, 0, np.nan], [0, 1, 0]], "holds nan"),
        ([[0.5, 0, 0.25], [0, np.nan, 0.125]], "entry 1 .* holds nan"),
        ([[0, 0, np.inf], [0, 1, 0]], "holds inf"),
        (np.full((256, 3), 7), "one colour"),
        (None, "N x 3"),
    ],
)
def test_what_is_no_table_is_refused_with_value_and_remedy(table, word):
    with pytest.raises(ParameterError, match=word):
        user_tables.checked("mine", table)


@given(st.text(min_size=1, max_size=30), st.binary(min_size=6, max_size=90))
def test_the_text_keeps_name_and_colours(name, colours):
    table = np.frombuffer(colours[: len(colours) // 3 * 3], np.uint8).reshape(-1, 3)
    text = user_tables.as_text(name, table)
    assert user_tables.is_text(text)
    again, read = user_tables.from_text(text)
    assert again == name
    np.testing.assert_array_equal(read, table)


@pytest.mark.parametrize("text", ["", "magma", "x=", "=AAAAAAAA", "x=AAAA", "x=AAAAAAA", "x=AAAA!AAA", "x=ÄAAAAAAA"])
def test_other_texts_are_none(text):
    assert not user_tables.is_text(text)
    with pytest.raises(ParameterError, match="no name and table"):
        user_tables.from_text(text)


def test_other_values_are_none():
    assert not user_tables.is_text(7)
    assert not user_tables.is_text("x=" + "A" * 4 * 4097)
