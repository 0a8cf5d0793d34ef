"""What phase retrieval refuses, and what it says."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.errors import ParameterError
from fastspec.phase.retrieval import phase_retrieval
from tests.phase.sounds import spectrum


def test_bad_input_is_named():
    S = spectrum(5)
    cases = [
        ([], {}, "empty"),
        ([S, spectrum(5, 65)], {}, "65 bins"),
        (S, {"method": "magic"}, "magic"),
        (S, {"method": "gla", "momentum": 0.5}, "momentum"),
        (S, {"method": "admm", "rho": -1}, "rho"),
        (S, {"method": "raar", "beta": 2}, "beta"),
        (S, {"rho": 0.1}, "rho"),
        (S, {"momentum": np.nan}, "finite"),
        (S, {"workers": 0}, "workers"),
        (S, {"tol": -1}, "tol"),
        ([S, S], {"seed": [1]}, "seed"),
        ([S, S], {"length": [1, 2, 3]}, "length"),
        (S, {"init": np.ones((129, 6), complex)}, "warm start"),
        (S, {"init": np.ones((129, 5))}, "warm start"),
        ([S, -S], {}, "negative"),
        ([S, S * np.nan], {}, "NaN"),
        ([[["a"]]], {}, "real numbers"),
    ]
    for given_, options, words in cases:
        with pytest.raises(ParameterError, match=words):
            phase_retrieval(given_, **options)
