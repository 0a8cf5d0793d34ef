"""A window with parameters is one text, which means what SciPy's tuple means."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from fastspec.errors import ParameterError
from fastspec.transform.window_names import as_text, parsed
from fastspec.transform.windows import get_window
from tests.transform import scipy_names

SPECS: list[float | tuple[object, ...]] = [
    ("chebwin", 60.0), ("dpss", 2.5), ("gaussian", 7.0), ("general_cosine", [0.4, 0.3, 0.2, 0.1]), ("tukey", 0.3),
    ("general_gaussian", 1.5, 9.0), ("general_hamming", 0.6), ("kaiser", 8.6), ("taylor", 5, 35.0, False), 8.6, 14,
    ("exponential", None, 12.0), ("kaiser_symmetric", 5.0), ("hann",),
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_window_with_parameters_is_one_text_too(spec):
    text = as_text(spec)
    assert isinstance(text, str)
    assert as_text(parsed(text)) == as_text(text) == text
    assert np.array_equal(get_window(text, 512), get_window(spec, 512))


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("tukey:0.25", ("tukey", 0.25)),
        ("tukey: .25", ("tukey", 0.25)),
        ("gaussian:100", ("gaussian", 100)),
        ("kaiser:8.6", ("kaiser", 8.6)),
        ("8.6", ("kaiser", 8.6)),
        ("kaiser_symmetric:5", ("kaiser_symmetric", 5)),
        ("general_gaussian:1.5,100", ("general_gaussian", 1.5, 100)),
        ("taylor:4,30,true", ("taylor", 4, 30, True)),
        ("exponential:none,12", ("exponential", None, 12)),
        ("general_cosine:.5,.25,.25", ("general_cosine", [0.5, 0.25, 0.25])),
    ],
)
def test_parameters_are_told_as_scipy_takes_them(text, spec):
    assert parsed(text) == spec
    if scipy_names.tells_symmetry(spec) and not scipy_names.TELL_SYMMETRY:
        return
    assert np.allclose(get_window(text, 256), scipy.signal.get_window(spec, 256), atol=1e-12)


@pytest.mark.parametrize("text", ["tukey:wide", "gaussian:", "gaussian:nan", "kaiser:1,2", "tukey:.1,.2", "hann:3"])
def test_wrong_parameters_are_a_sentence(text):
    with pytest.raises(ParameterError, match="window"):
        get_window(text, 256)


@pytest.mark.parametrize(
    "spec", [np.ones(8), np.hanning, [0.5, 0.5], (), (1, 2), True, ("tukey", "x"), ("kaiser", np.inf)]
)
def test_what_has_no_text_is_refused(spec):
    with pytest.raises(ParameterError):
        as_text(spec)
