"""Getting a machine ready, and the report on what it has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fastspec
from fastspec import cli
from fastspec.diagnostics import doctor
from fastspec.diagnostics.warmup import chirp
from fastspec.transform import wisdom


def test_the_report_on_a_sound_machine():
    report = fastspec.doctor_report()
    assert report["ok"] is True
    assert report["problems"] == []
    assert all(report["packages"].values())
    assert set(report["packages"]) == set(doctor.PACKAGES)
    assert report["libraries"]["FFTW"].startswith("fftw-3")
    assert report["fft"]["backend"] == "pyfftw"
    assert report["caches"]["plans"]["path"] == str(wisdom.cache_dir())
    assert report["caches"]["plans"]["writable"] is True
    assert report["caches"]["kernels"]["files"] > 0
    test = report["self_test"]
    assert test["repeats"] is True
    assert test["threads"] is True
    assert test["held_out_sc_db"] < -35
    assert json.loads(json.dumps(report)) == report


def test_the_report_as_text():
    text = doctor.as_text(fastspec.doctor_report())
    assert text.startswith(f"fastspec {fastspec.__version__} in ")
    assert text.endswith("all is well")
    for word in ("numba", "FFTW", "libsndfile", "libwebp", "cores", str(wisdom.cache_dir()), "self-test"):
        assert word in text


def test_every_dependency_is_in_the_report():
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    named = {line.split(">")[0] for line in project["dependencies"]}
    assert named <= set(doctor.PACKAGES)


@pytest.mark.parametrize("package", ["numpy", "numba", "pyfftw", "PIL", "soundfile"])
def test_without_a_package_the_report_names_it_and_the_exit_code_is_1(package):
    code = f"import sys; sys.modules[{package!r}] = None; from fastspec.cli import main; main(['doctor', '--json'])"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is False
    assert any(package in problem for problem in report["problems"])


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"held_out_sc_db": -3.0, "repeats": True, "threads": True}, "came back at -3.0 dB"),
        ({"held_out_sc_db": float("nan"), "repeats": True, "threads": True}, "came back at nan dB"),
        ({"held_out_sc_db": -40.0, "repeats": False, "threads": True}, "twice gave different bits"),
        ({"held_out_sc_db": -40.0, "repeats": True, "threads": False}, "two threads gave other bits"),
    ],
)
def test_a_failed_self_test_is_told(monkeypatch, capsys, result, words):
    monkeypatch.setattr(doctor, "_self_test", lambda: result)
    assert cli.run(["doctor"]) == 1
    assert words in capsys.readouterr().out


def test_an_unwritable_or_damaged_cache_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("FASTSPEC_CACHE_DIR", str(tmp_path))
    assert wisdom.state() == "absent"
    wisdom.path_of().write_bytes(b"nonsense")
    assert wisdom.state() == "damaged"
    monkeypatch.setattr(os, "access", lambda *_: False)  # for root, every folder is writable
    report = fastspec.doctor_report(self_test=False)
    assert report["caches"]["plans"]["writable"] is False
    assert "NOT WRITABLE" in doctor.as_text(report)
    assert report["ok"] is True  # it works all the same, only slower


def test_the_other_project_called_fastspec_is_noticed(tmp_path, monkeypatch):
    info = tmp_path / "fastspec-0.2.6.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fastspec\nVersion: 0.2.6\n")
    assert not [said for said in fastspec.doctor_report(self_test=False)["problems"] if "OpenAPI" in said]
    monkeypatch.syspath_prepend(str(tmp_path))
    report = fastspec.doctor_report(self_test=False)
    (said,) = (said for said in report["problems"] if "OpenAPI" in said)
    assert "fastspec 0.2.6" in said
    assert "pip install fastspec-audio" in said
    assert not report["ok"]


def test_the_commands(capsys):
    assert cli.run(["warmup", "--n-fft", "256"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("FFTs of 256 samples planned\t")
    assert cli.run(["doctor", "--no-self-test"]) == 0
    assert "self-test" not in capsys.readouterr().out
    assert cli.run(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_compiling_is_said_once_and_only_by_those_who_compile(tmp_path, speech_picture):
    fresh = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    sound = tmp_path / "y.wav"
    import soundfile

    soundfile.write(sound, chirp(4000, 8000), 8000)
    command = [sys.executable, "-m", "fastspec", "encode", str(sound), "--overwrite", "-o", str(tmp_path / "y.png")]
    first, second = (subprocess.run(command, check=True, capture_output=True, text=True, env=fresh) for _ in range(2))
    assert [line.split(",")[0] for line in first.stderr.splitlines()] == [
        "fastspec: compiling what this kind of picture needs"
    ]
    assert second.stderr == ""
    assert first.stdout == second.stdout


def test_help_and_version_are_light():
    code = (
        "import sys\n"
        "from fastspec import cli\n"
        "cli.run([sys.argv[1]])\n"
        "print([name for name in ('numba', 'numpy', 'PIL', 'pyfftw', 'soundfile', 'tqdm') if name in sys.modules])"
    )
    for option in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", code, option], check=True, capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "[]"
