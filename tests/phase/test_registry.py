"""Methods and starts of other packages: found by their entry points, and named when they cannot be had."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import fastspec
from fastspec.errors import ParameterError, listed
from fastspec.phase import methods, starts
from tests.phase.sounds import spectrum

THEIRS = """
import dataclasses
from fastspec.kernels import phase as kernels
from fastspec.phase.methods import Method, Parameter
from fastspec.phase.starts import Start

def _factors(much):
    return (much,)

def _ones(mag, X, geometry, seed):
    X[:] = mag * 1j ** seed

METHOD = Method("theirs", (kernels.project,), (Parameter("much", 1.0, "of nothing", low=0),), _factors)
START = Start("quarter", _ones)
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A function that installs a package: its name, its module's text, its entry points by group."""

    def install(package, text, entry_points):
        module = package.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(text)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"[{group}]\n" + "\n".join(points) for group, points in entry_points.items()]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        return tmp_path

    monkeypatch.syspath_prepend(tmp_path)
    yield install
    for module in list(sys.modules):
        if module.startswith("phase_of_others"):
            del sys.modules[module]


def test_a_package_adds_a_method_and_a_start(installed):
    assert "theirs" not in methods.names()
    points = {
        "fastspec.methods": ["theirs = phase_of_others:METHOD"],
        "fastspec.starts": ["quarter = phase_of_others:START"],
    }
    folder = installed("phase-of-others", THEIRS, points)
    assert methods.names()[-1] == "theirs"
    assert starts.names()[-1] == "quarter"
    assert "phase_of_others" not in sys.modules  # listing loads nothing
    S = spectrum(30)
    options = {"n_iter": 3, "hop_length": 64}
    y = fastspec.phase_retrieval(S, method="theirs", much=2, init="zero", **options)
    np.testing.assert_array_equal(y, fastspec.phase_retrieval(S, method="gla", init="zero", **options))
    turned = fastspec.phase_retrieval(S, init="quarter", seed=2, **options)  # all phases pi
    np.testing.assert_allclose(turned, -fastspec.phase_retrieval(S, init="zero", **options), atol=1e-5)
    np.testing.assert_array_equal(turned, fastspec.phase_retrieval(S, init=starts.find("quarter"), seed=2, **options))
    with pytest.raises(ParameterError, match=r"much=-1.0 must not be negative"):
        fastspec.phase_retrieval(S, method="theirs", much=-1)
    fastspec.Decoder(method="theirs", init="quarter")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    shown = subprocess.run(
        [sys.executable, "-m", "fastspec", "decode", "--help"],
        capture_output=True, text=True, check=True, env=environment,
    ).stdout  # fmt: skip
    assert f"Phase retrieval: {listed(methods.names())}." in " ".join(shown.split())
    assert "Start: pghi, spsi, random, zero or quarter." in " ".join(shown.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import no_such_package", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_package'"),
        ("raise OSError('no disk')", "cannot be loaded: OSError: no disk"),
        ("raise SystemExit(0)", "cannot be loaded: SystemExit: 0"),
        ("", "cannot be loaded: AttributeError"),
        ("METHOD = 3", "is of type int, not Method"),
    ],
)
def test_a_method_that_cannot_be_loaded_is_named(installed, text, words):
    installed("phase-of-others", text, {"fastspec.methods": ["broken = phase_of_others:METHOD"]})
    said = r"'broken' of phase-of-others \(fastspec.methods: phase_of_others:METHOD\) "
    assert "broken" in methods.names()
    with pytest.raises(ParameterError, match=said + words):
        fastspec.phase_retrieval(spectrum(4), method="broken")
    with pytest.raises(ParameterError, match=said + words):
        fastspec.Decoder(method="broken")
    assert fastspec.phase_retrieval(spectrum(4), method="gla", n_iter=1).any()  # others are not touched


def test_two_packages_with_one_name_are_refused_and_built_in_names_stay(installed):
    for package in ("phase-of-others", "phase-of-others-too"):
        module = package.replace("-", "_")
        points = [f"theirs = {module}:METHOD", f"gla = {module}:METHOD"]
        installed(package, THEIRS, {"fastspec.methods": points})
    assert methods.names().count("theirs") == methods.names().count("gla") == 1
    with pytest.raises(ParameterError, match=r"offered in fastspec.methods by phase-of-others and phase-of-others-too"):
        methods.of("theirs")
    assert methods.of("gla").method.name == "gla"


def test_unknown_names_are_refused_with_the_list(installed):
    installed("phase-of-others", THEIRS, {"fastspec.starts": ["quarter = phase_of_others:START"]})
    with pytest.raises(ParameterError, match=r"init='magic' is unknown; use one of .*'zero', 'quarter'\), None or"):
        fastspec.phase_retrieval(spectrum(4), init="magic")
    with pytest.raises(ParameterError, match="init='magic' is unknown; use one of pghi, spsi, random, zero, quarter"):
        fastspec.Decoder(init="magic")
