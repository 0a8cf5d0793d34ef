"""Methods: each as its paper writes it, their parameters, those of users and of other packages."""

from __future__ import annotations

import dataclasses
import importlib
import re
import subprocess
import sys

import numpy as np
import pytest

from fastspec import istft, stft
from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels
from fastspec.phase import methods
from fastspec.phase.methods import Method, Parameter
from fastspec.phase.retrieval import phase_retrieval
from tests.phase.sounds import spectrum, speechlike

METHODS = methods.names()


def slow(S, method, n_iter, hop, length):
    """Each method as its paper writes it, on stored spectra; read out as ISTFT(P_A(.))."""

    def consistent(X):
        y = istft(X, hop_length=hop, length=length)
        return stft(y, n_fft=2 * (len(S) - 1), hop_length=hop)

    def with_magnitude(X):
        size = np.abs(X)
        return np.where(size > 0, S * X / np.where(size > 0, size, 1), 0)

    X = S.astype(complex)
    if method == "admm":
        r = 0.2
        U, Z = np.zeros_like(X), None
        for k in range(n_iter + 1):
            X = X if k == 0 else with_magnitude(Z - U)
            V = X + U
            Z = (r * V + consistent(V)) / (1 + r)
            U = U + X - Z
        return istft(X, hop_length=hop, length=length)
    if method == "raar":
        b = 0.9
        for _ in range(n_iter):
            P = with_magnitude(X)
            Q = 2 * P - X
            X = b / 2 * (X + 2 * consistent(Q) - Q) + (1 - b) * P
        return istft(with_magnitude(X), hop_length=hop, length=length)
    if method == "dm":
        b = 0.8
        for _ in range(n_iter):
            F = consistent(with_magnitude(X) + (with_magnitude(X) - X) / b)
            C = consistent(X)
            X = X + b * (F - with_magnitude(C - (C - X) / b))
        return istft(with_magnitude(F), hop_length=hop, length=length)
    a, b, g = {"gla": (0, 0, 1), "fgla": (0.99, 0, 1), "agla": (0.99, 1.1, 1.25)}[method]
    C = T = D = consistent(X)
    for _ in range(n_iter - 1):
        T_new = (1 - g) * (D if method == "agla" else 0) + g * consistent(with_magnitude(C))
        C = T_new + a * (T_new - T)
        D = T_new + b * (T_new - T)
        T = T_new
    return istft(with_magnitude(C), hop_length=hop, length=length)


@pytest.mark.parametrize("hop", [64, 60, 128])
@pytest.mark.parametrize("method", METHODS)
def test_method_is_the_papers(method, hop):
    y = speechlike(3000)
    S = np.abs(stft(y, n_fft=256, hop_length=hop))
    for n_iter in (1, 2, 5):
        ours = phase_retrieval(S, method=method, init="zero", n_iter=n_iter, hop_length=hop, length=3000)
        np.testing.assert_allclose(ours, slow(S, method, n_iter, hop, 3000), atol=1e-9)


def test_methods_come_near_the_picture():
    y = speechlike()
    S = np.abs(stft(y.astype(np.float32), n_fft=256, hop_length=64))
    reached = {}
    for method in METHODS:
        _, [trace] = phase_retrieval(
            S, method=method, n_iter=30, hop_length=64, length=y.size, init="random", return_trace=True
        )
        reached[method] = trace[-1]["sc_db"]
    assert reached["gla"] < -12
    assert reached["fgla"] < reached["gla"]
    assert reached["admm"] < reached["gla"]
    assert reached["raar"] < reached["gla"]
    assert reached["dm"] < reached["gla"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("method", METHODS)
def test_a_consistent_spectrogram_with_its_true_phase_is_a_fixed_point(method, workers):
    y = speechlike()
    X = stft(y, n_fft=256, hop_length=64)
    options = {"hop_length": 64, "length": y.size, "workers": workers, "method": method}
    for n_iter in (1, 2, 20):
        np.testing.assert_allclose(phase_retrieval(np.abs(X), init=X, n_iter=n_iter, **options), y, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_silence_in_company_stays_silent(method):
    loud = spectrum(40)
    half = loud.copy()
    half[:, 12:30] = 0
    zero, partly, full = phase_retrieval([0 * loud, half, loud], method=method, n_iter=6, workers=2)
    assert not zero.any()
    assert np.isfinite(partly).all()
    assert np.isfinite(full).all()


def test_the_difference_map_takes_two_transform_pairs_an_iteration():
    _, [trace] = phase_retrieval(spectrum(9), method="dm", n_iter=3, return_trace=True)
    assert [row["transform_pairs"] for row in trace] == [2, 4, 6]
    with pytest.raises(ParameterError, match=r"beta=1e-300 must lie not below 0.001 and not above 1"):
        phase_retrieval(spectrum(9), method="dm", beta=1e-300)
    assert np.isfinite(phase_retrieval(1e30 * spectrum(9), method="dm", beta=0.001, n_iter=3)).all()


# --- what a method says of itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_its_source_and_what_its_parameters_mean(name):
    method = methods.of(name).method
    assert method.name == name
    module = importlib.import_module(f"fastspec.phase.methods.{name}")
    assert re.search(r"(19|20)\d\d", module.__doc__)
    for parameter in method.parameters:
        assert parameter.meaning
        parameter.check(parameter.default)


@pytest.mark.parametrize("heavy", ["numpy", "numba"])
def test_listing_methods_and_starts_is_light(heavy):
    code = f"""import sys
from fastspec.phase import methods, starts
assert methods.names() and starts.names()
sys.exit({heavy!r} in sys.modules)"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("bounds", "good", "bad", "words"),
    [
        ({"low": 0}, (0, 1e9), (-0.1,), "must not be negative"),
        ({"low": 0, "above": True}, (0.1,), (0, -1), "must lie above 0"),
        ({"low": 0, "high": 1, "above": True}, (0.1, 1), (0, 1.1), "must lie above 0 and not above 1"),
        ({"low": -1, "high": 1, "below": True}, (-1, 0.9), (-1.1, 1), "must lie not below -1 and below 1"),
        ({"high": 2.5}, (-9, 2.5), (2.6,), "must lie not above 2.5"),
        ({}, (-9, 9), (np.nan, np.inf, -np.inf), "finite"),
    ],
)
def test_bounds_of_a_parameter(bounds, good, bad, words):
    method = Method("own", (kernels.project,), (Parameter("x", good[0], "anything", **bounds),))
    for value in good:
        assert methods.of(method, x=value).parameters == (("x", value),)
    for value in bad:
        with pytest.raises(ParameterError, match=f"x={value}.* {words}"):
            methods.of(method, x=value)


def test_parameters_are_the_methods_own():
    assert dict(methods.of("agla", beta=1.0, momentum=None).parameters) == {
        "momentum": 0.99,
        "beta": 1.0,
        "gamma": 1.25,
    }
    with pytest.raises(ParameterError, match=r"rho=0.1 is no parameter of method 'agla', which takes: momentum, beta"):
        methods.of("agla", rho=0.1)
    with pytest.raises(ParameterError, match=r"moment=0.1 is no parameter of method 'gla', which takes: none"):
        phase_retrieval(spectrum(4), method="gla", moment=0.1)
    with pytest.raises(ParameterError, match="momentum='much' must be a finite number"):
        methods.of("fgla", momentum="much")
    for unknown in ("GLA", None, 3, ["gla"]):
        with pytest.raises(ParameterError, match="is unknown; use one of 'gla', 'fgla'"):
            methods.of(unknown)


def test_a_method_must_have_projections_and_a_known_wave_rule():
    with pytest.raises(ParameterError, match="'own' has no projection"):
        Method("own", ())
    with pytest.raises(ParameterError, match="'own' has wave_rule=9"):
        Method("own", (kernels.project,), wave_rule=9)


# --- a method of one's own ------------------------------------------------------------------------------------


def test_a_method_of_ones_own_in_numpy():
    def towards(spec, mag, state, ids, tiny, factors, final):
        """A mean of c and P_A c; read out as P_A c."""
        X = spec[: ids.size].view(np.complex64)
        onto = mag[ids] * np.exp(1j * np.angle(X))
        X[:] = onto if final else factors[0] * onto + (1 - factors[0]) * X

    own = Method("towards", (towards,), (Parameter("share", 1.0, "of P_A"),), lambda share: (share,))
    S = [spectrum(t, seed=t) for t in (30, 70)]
    options = {"n_iter": 4, "hop_length": 64, "init": "zero"}
    for y, gla in zip(
        phase_retrieval(S, method=own, **options), phase_retrieval(S, method="gla", **options), strict=True
    ):
        np.testing.assert_allclose(y, gla, atol=1e-4)
    half = phase_retrieval(S, method=own, share=0.5, **options)
    assert np.abs(half[0] - y[: half[0].size]).max() > 1e-3
    with pytest.raises(ParameterError, match="'towards', which takes: share"):
        phase_retrieval(S, method=own, rho=1)


@pytest.mark.parametrize("workers", [1, 2])
def test_two_transform_pairs_an_iteration_of_gla_are_two_iterations(workers):
    twice = dataclasses.replace(methods.of("gla").method, name="twice", projections=(kernels.project,) * 2)
    S = [spectrum(t, seed=t) for t in (30, 70, 900)]
    options = {"hop_length": 64, "return_trace": True, "workers": workers}
    y, traces = phase_retrieval(S, method=twice, n_iter=3, **options)
    want, expected = phase_retrieval(S, method="gla", n_iter=6, **options)
    for k, trace in enumerate(traces):
        np.testing.assert_array_equal(y[k], want[k])
        assert [row["sc_db"] for row in trace] == [row["sc_db"] for row in expected[k][1::2]]
        assert [row["transform_pairs"] for row in trace] == [2, 4, 6]


def test_the_rule_of_waves_holds_after_the_last_pair_of_an_iteration():
    """Two pairs, the first of which changes nothing but what a projection cannot see, are FGLA."""

    def same(spec, mag, state, ids, tiny, factors, final):
        """Nothing: the spectrum of a waveform is consistent already."""

    slow_fgla = dataclasses.replace(methods.of("fgla").method, projections=(same, kernels.project))
    S = spectrum(80, dtype=np.float64)
    options = {"hop_length": 64, "n_iter": 5, "momentum": 0.5}
    np.testing.assert_allclose(
        phase_retrieval(S, method=slow_fgla, **options), phase_retrieval(S, method="fgla", **options), atol=1e-9
    )
