"""Windows agree with SciPy's, name by name, and bad specifications say what to do instead."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.signal

from fastspec.errors import ParameterError
from fastspec.transform.windows import _NAMES, check_window, get_window
from tests.transform import scipy_names

PARAMETERS = {
    "chebwin": (60.0,),
    "dpss": (2.5,),
    "gaussian": (7.0,),
    "general_cosine": ([0.4, 0.3, 0.2, 0.1],),
    "general_gaussian": (1.5, 9.0),
    "general_hamming": (0.6,),
    "kaiser": (8.6,),
}
SPECS: list[str | float | tuple[object, ...]] = [
    *("hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "boxcar", "triang"),
    *("parzen", "bohman", "bartlett", "barthann", "cosine", "lanczos", "tukey"),
    *("taylor", "exponential"),
    *[(name, *arguments) for name, arguments in PARAMETERS.items()],
    ("tukey", 0.0),
    ("tukey", 0.3),
    ("tukey", 1.0),
    ("taylor", 6, 50),
    ("taylor", 5, 35.0, False),
    ("exponential", None, 12.0),
    ("chebwin", 100.0),
    ("kaiser", 0.0),
    8.6,
    14,
    "hann_symmetric",
    "hamming_periodic",
    ("kaiser_symmetric", 5.0),
]


# SciPy 1.17 named the symmetric and periodic ones; before, each had a name and `fftbins` said which
needs_named_symmetry = pytest.mark.skipif(not scipy_names.TELL_SYMMETRY, reason="this SciPy has no such names")


@pytest.mark.parametrize(
    "spec",
    [pytest.param(s, marks=needs_named_symmetry) if scipy_names.tells_symmetry(s) else s for s in SPECS],
    ids=str,
)
@pytest.mark.parametrize("fftbins", [True, False])
@pytest.mark.parametrize("n", [1, 2, 7, 16, 63, 512, 1001])
def test_every_window_agrees_with_scipy(spec, n, fftbins):
    if isinstance(spec, tuple) and spec[0] == "dpss" and 1 < n <= 5:
        pytest.skip("half bandwidth too wide for so short a window")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = scipy.signal.get_window(spec, n, fftbins)
    if not np.any(wanted):  # bohman, bartlett ... of two symmetric samples
        with pytest.raises(ParameterError, match="zero throughout"):
            get_window(spec, n, fftbins)
        return
    found = get_window(spec, n, fftbins)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10)


def test_exponential_takes_a_centre_when_periodic():
    spec = ("exponential", 3.0, 5.0)
    np.testing.assert_allclose(get_window(spec, 32), scipy.signal.get_window(spec, 32), atol=1e-14)


@pytest.mark.parametrize("name", ["kbd", "kaiser_bessel_derived", "kaiser bessel derived"])
def test_kaiser_bessel_derived_is_symmetric_only(name):
    wanted = scipy.signal.windows.kaiser_bessel_derived(64, 4.0)
    np.testing.assert_allclose(get_window((f"{name}_symmetric", 4.0), 64), wanted, atol=1e-14)
    np.testing.assert_allclose(get_window((name, 4.0), 64, fftbins=False), wanted, atol=1e-14)
    with pytest.raises(ParameterError, match="symmetric"):
        get_window((name, 4.0), 64)
    with pytest.raises(ParameterError, match="even"):
        get_window((name, 4.0), 63, fftbins=False)


def test_all_names_of_scipy_are_known():
    assert set(_NAMES) >= scipy_names.ALL
    more = {name for name in set(_NAMES) - scipy_names.ALL if not scipy_names.tells_symmetry(name)}
    assert more <= {"hanning", "general gauss", "kaiser_bessel_derived", "kaiser bessel derived", "kbd"}


@pytest.mark.parametrize("n", [512, 4096])
@pytest.mark.parametrize("half_bandwidth", [1.0, 4.0, 20.0])
def test_slepian_window_is_right_at_working_sizes(n, half_bandwidth):
    wanted = scipy.signal.windows.dpss(n, half_bandwidth, sym=False)
    np.testing.assert_allclose(get_window(("dpss", half_bandwidth), n), wanted, atol=1e-10)


def test_hanning_is_numpys_symmetric_window_whatever_fftbins():
    for fftbins in (True, False):
        np.testing.assert_array_equal(get_window("hanning", 1024, fftbins), np.hanning(1024))
    np.testing.assert_array_equal(get_window(np.hanning, 1024), np.hanning(1024))
    assert get_window("hann", 1024)[1] != np.hanning(1024)[1]


def test_samples_are_copied_and_must_fit():
    mine = np.hanning(16).astype(np.float32)
    found = get_window(mine, 16)
    np.testing.assert_array_equal(found, mine)
    assert not np.shares_memory(found, mine)
    np.testing.assert_array_equal(get_window([0.0, 1.0, 2.0], 3), [0.0, 1.0, 2.0])
    for wrong in (mine, list(mine), mine[:, None]):
        with pytest.raises(ParameterError, match="shape"):
            get_window(wrong, 17)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("haning", "hanning"),
        ("blackmann", "blackman"),
        ("xyzzy", "get_window"),
        ("kaiser", "takes 1 parameters, not 0"),
        (("hann", 1.0), "takes 0 parameters, not 1"),
        (("tukey", 1, 2), "0 to 1"),
        ((), "must start with a name"),
        ((3, "hann"), "must start with a name"),
        (("kaiser", "wide"), "do not fit"),
        (("kaiser", 5000.0), "not finite"),
        (("gaussian", 0.0), "not finite"),
        (("dpss", 9.0), "half bandwidth"),
        (("dpss", "x"), "half bandwidth"),
        (("exponential_symmetric", 3.0), "centre"),
        (None, "neither"),
        ([[1, 2], [3]], "neither"),
        (np.ones(16) * 1j, "neither"),
        (np.zeros(16), "zero throughout"),
        (np.full(16, np.nan), "not finite"),
        (lambda n: np.ones(n + 1), "shape"),
    ],
)
def test_wrong_specifications_say_why(spec, message):
    with pytest.raises(ParameterError, match=message):
        get_window(spec, 16)


@pytest.mark.parametrize("n", [0, -3, 2.5, True, "8"])
def test_length_must_be_a_positive_integer(n):
    with pytest.raises(ParameterError, match="window length"):
        get_window("hann", n)


def test_windows_load_no_scipy():
    code = (
        "import sys, fastspec.transform.windows; sys.exit(any(m in sys.modules for m in ('scipy', 'numba', 'pyfftw')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_window_is_tried_as_long_as_it_will_be():
    check_window("dpss:20", None, 64)
    check_window("dpss:20")
    check_window("hann", 10**12)  # refused elsewhere, and no memory is taken for it
    with pytest.raises(ParameterError, match="half bandwidth"):
        check_window("dpss:20", 32, 64)


def test_more_side_lobes_than_can_be_computed_are_refused():
    get_window(("taylor", 64), 256)
    for lobes in (0, 65, 10**9, "x"):
        with pytest.raises(ParameterError, match="side lobes"):
            get_window(("taylor", lobes), 256)
