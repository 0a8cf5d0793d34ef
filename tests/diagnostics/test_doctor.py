"""Getting a machine ready, and the report on what it has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fastspec
from fastspec import cli, kernels
from fastspec.diagnostics import doctor
from fastspec.transform import wisdom

# Of the library's insides; neither decode nor encode nor a public function reaches them.
NOT_ON_THE_ROAD: set[str] = set()

_NOTHING_LEFT = """
import sys
import numpy as np
from PIL import Image
import io, fastspec
from fastspec.diagnostics import doctor

def signatures():
    return {name(d): set(d.signatures) for d in doctor._dispatchers()}

def name(d):
    return d.py_func.__module__.split('.')[-1] + '.' + d.py_func.__name__

fastspec.warmup((512,))
before = signatures()
# those with an underscore are part of others: loaded with them from the cache, they have no signature of their own
unused = sorted(n for n, found in before.items() if not found and '._' not in n)
fast = {'n_iter': 2}
y, sr = fastspec.decode(sys.argv[1], profile='librosa', duration=4.5, **fast)
fastspec.decode(sys.argv[1], profile='librosa', quality='fast')
for form in ('JPEG', 'GIF', 'PNG'):
    data = io.BytesIO()
    Image.open(sys.argv[1]).convert('P' if form == 'GIF' else 'RGB').save(data, form)
    data.seek(0)
    fastspec.decode(data, profile='librosa', **fast)
y = y[:22050]
for how in ({}, {'bits': 16}, {'freq_scale': 'mel'}, {'freq_scale': 'log', 'size': (200, 100)}, {'cmap': 'gray'}):
    for sound in (y, np.stack([y, y]), y.astype(np.float64)):
        picture = fastspec.encode(sound, sr, n_fft=1024, hop_length=300, **how)
        for options in ({}, {'workers': 2}, {'init': 'spsi'}, {'method': 'agla'}, {'quality': 'best'}):
            fastspec.decode(picture, **fast, **options)
after = signatures()
new = {n: after[n] - before[n] for n in after if after[n] - before[n]}
print(repr((unused, new)))
"""


def test_after_warmup_nothing_is_left_to_compile(speech_picture):
    code = [sys.executable, "-W", "error", "-c", _NOTHING_LEFT, str(speech_picture)]
    done = subprocess.run(code, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unused, new = eval(done.stdout)
    assert new == {}
    assert set(unused) == NOT_ON_THE_ROAD


def test_warmup_says_what_it_did():
    done = fastspec.warmup((256, 512))
    assert done["n_fft"] == [256, 512]
    assert done["seconds"] >= max(done["compile_seconds"], done["plan_seconds"]) >= 0
    assert fastspec.warmup((256,))["kernels"] == []  # all are there now
    assert wisdom.state() == "present"


def test_warmup_in_double_precision_plans_double_precision():
    fastspec.warmup((64,), float64=True)
    assert wisdom.state(np.float64) == "present"
    y = np.sin(np.arange(2000))
    with kernels.compiling(lambda name: pytest.fail(f"{name} was compiled")):
        S = np.abs(fastspec.stft(y, n_fft=64))
        assert fastspec.phase_retrieval(S, n_fft=64, n_iter=2).dtype == np.float64


def test_a_length_that_cannot_be_planned_is_an_error():
    with pytest.raises(fastspec.ParameterError, match="n_fft=0"):
        fastspec.warmup((0,))


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

    soundfile.write(sound, doctor.chirp(4000, 8000), 8000)
    command = [sys.executable, "-m", "fastspec", "encode", str(sound), "--overwrite", "-o", str(tmp_path / "y.png")]
    first, second = (subprocess.run(command, check=True, capture_output=True, text=True, env=fresh) for _ in range(2))
    assert [line.split(",")[0] for line in first.stderr.splitlines()] == ["fastspec: compiling what this needs"]
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
