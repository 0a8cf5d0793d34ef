"""Frequency scales against librosa, matplotlib and the published formulas."""

from __future__ import annotations

import subprocess
import sys

import librosa
import matplotlib.scale
import numpy as np
import pytest

from fastspec.axes import scales
from fastspec.axes.scales import symlog
from fastspec.axes.scales.mel import hz_to_mel, mel_frequencies, mel_to_hz
from fastspec.errors import ParameterError

HERTZ = np.array([1.0, 20.0, 100.0, 440.0, 1000.0, 4000.0, 11025.0, 20000.0])
PITCHES = [name for name in scales.NAMES if scales.get(name).has_pitch]


def pitch(hertz, scale):
    return scales.get(scale).pitch(np.asarray(hertz, float))


def hertz(pitch, scale):
    return scales.get(scale).hertz(np.asarray(pitch, float))


def test_every_name_has_its_file():
    assert [scales.get(name).name for name in scales.NAMES] == list(scales.NAMES)
    assert {scales.get(name).name for name in scales.ALIASES} == {"linear", "log", "cqt"}
    assert set(PITCHES) == {"linear", "log", "mel", "bark", "erb", "period"}


def test_names_alone_import_no_numpy():
    code = "import sys; from fastspec.axes import scales; scales.FREQ_SCALES; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("scale", PITCHES)
def test_scales_rise_and_come_back(scale):
    assert (np.diff(pitch(np.geomspace(1, 24000, 500), scale)) > 0).all()
    np.testing.assert_allclose(hertz(pitch(HERTZ, scale), scale), HERTZ, rtol=1e-5, atol=0.01)


def test_values_of_the_literature():
    # Traunmueller's Bark of 1 kHz is 8.53; HTK's mel puts 1000 mel at 1 kHz; Moore and Glasberg's ERB-rate of 1983
    assert pitch(1000.0, "bark") == pytest.approx(8.527, abs=1e-3)
    kilohertz = HERTZ[2:] / 1000
    rate = 11.17 * np.log((kilohertz + 0.312) / (kilohertz + 14.675)) + 43.0
    np.testing.assert_allclose(pitch(HERTZ[2:], "erb"), rate, atol=0.05)
    assert pitch(1000.0, "mel") == pytest.approx(1000.0, abs=0.1)
    assert pitch(50.0, "period") == -0.02


def test_beyond_a_scales_end_is_infinite():
    assert np.isinf(hertz([0.0, 1.0], "period")).all()
    assert np.isinf(hertz(60.0, "bark"))
    assert np.isinf(hertz(60.0, "erb"))


def test_unknown_scales_are_refused():
    with pytest.raises(ParameterError, match="linear, log, mel"):
        scales.get("sone")


@pytest.mark.parametrize("htk", [False, True])
def test_mel_is_that_of_librosa(htk):
    f = np.linspace(0, 20000, 777)
    np.testing.assert_allclose(hz_to_mel(f, htk=htk), librosa.hz_to_mel(f, htk=htk), rtol=1e-12)
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(f, htk=htk), htk=htk), f, rtol=1e-9, atol=1e-9)
    ours = mel_frequencies(40, fmin=10, fmax=8000, htk=htk)
    np.testing.assert_allclose(ours, librosa.mel_frequencies(40, fmin=10, fmax=8000, htk=htk), rtol=1e-12)


@pytest.mark.parametrize("base", [2.0, 10.0])
@pytest.mark.parametrize(("linthresh", "linscale"), [scales.get("log").symlog, scales.get("mel").symlog, (20.0, 3.0)])
def test_symlog_is_that_of_matplotlib_and_comes_back(linthresh, linscale, base):
    f = np.r_[np.linspace(-3000, 24000, 999), 0.0]
    theirs = matplotlib.scale.SymmetricalLogTransform(base, linthresh, linscale)
    measure = symlog.symlog(f, linthresh, linscale, base)
    np.testing.assert_allclose(measure, theirs.transform_non_affine(f), rtol=1e-12)
    np.testing.assert_allclose(symlog.inverse(measure, linthresh, linscale, base), f, rtol=1e-12)


def test_a_plain_log_clips_as_matplotlib_clips():
    np.testing.assert_array_equal(symlog.octaves(np.array([-1.0, 0.0, 8.0])), [-1000, -1000, 3])


def test_a_cqt_axis_of_a_thousand_octaves_is_refused():
    from fastspec.axes.frequency import FrequencyAxis
    from fastspec.errors import ParameterError

    assert FrequencyAxis(scale="cqt", n_cells=32 * 12).positions.size == 384
    with pytest.raises(ParameterError, match="n_cells=12229 of a cqt axis are more than 512 octaves"):
        FrequencyAxis(scale="cqt", n_cells=12229)
