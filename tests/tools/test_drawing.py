"""What all tools' drawings have in common: what is refused, silence, short sounds."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.encoder import Encoder
from fastspec.errors import CalibrationError, ParameterError


@pytest.fixture(scope="module")
def stereo(speech):
    """(2, n) float32: a voice on the left, another, which is the same backwards, on the right."""
    y, sr = speech
    y = y[: 3 * sr]
    y = 0.5 * y / np.abs(y).max()
    wave = np.stack([0.9 * y + 0.2 * y[::-1], 0.3 * y + 0.8 * y[::-1]])
    return np.ascontiguousarray(wave, np.float32), sr


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"profile": "audacity", "freq_scale": "cqt"}, "freq_scale"),
        ({"profile": "audacity", "cmap": "magma"}, "audacity-classic"),
        ({"profile": "audacity", "bits": 16, "cmap": "audacity"}, "bits=16"),
        ({"profile": "audacity", "n_mels": 80}, "n_mels=80"),
        ({"profile": "audio-diffusion", "size": (256, 256)}, "size="),
        ({"profile": "audio-diffusion", "cmap": "magma"}, "cmap='magma'"),
        ({"profile": "ffmpeg"}, "audio-diffusion"),
    ],
)
def test_what_the_tools_do_not_draw_is_refused(options, match):
    with pytest.raises(ParameterError, match=match):
        fastspec.Encoder(**options)


@pytest.mark.parametrize("profile", ["audacity", "audio-diffusion"])
@pytest.mark.parametrize("samples", [1, 300, 5000])
def test_silence_and_short_sounds_are_drawn(profile, samples):
    for wave in (np.zeros(samples, np.float32), np.full(samples, 0.5, np.float32)):
        picture = fastspec.encode(wave, 16000, profile=profile)
        x, _ = fastspec.decode(picture, force=True)
        assert np.isfinite(x).all()
        assert wave.any() or not x.any()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"profile": "ffmpeg"}, ParameterError, "can be decoded but not drawn"),
        ({"profile": "matplotlib-specgram"}, ParameterError, "can be decoded but not drawn"),
        ({"profile": "sox", "freq_scale": "mel"}, ParameterError, "freq_scale='mel'"),
        ({"profile": "sox", "window": "blackman"}, ParameterError, "window='blackman'"),
        ({"profile": "sox", "hop_length": 64}, ParameterError, "hop_length=64"),
        ({"profile": "sox", "cmap": "magma"}, ParameterError, "none of SoX's"),
        ({"profile": "sox", "bits": 16}, ParameterError, "bits=16"),
        ({"profile": "sox", "top_db": -1}, ParameterError, "top_db=-1"),
        ({"profile": "riffusion", "top_db": 80}, ParameterError, "top_db=80"),
        ({"profile": "riffusion", "n_fft": 1024}, ParameterError, "n_fft=1024"),
        ({"profile": "riffusion", "size": (512, 512)}, ParameterError, "size="),
        ({"profile": "sox", "size": (100, 100)}, CalibrationError, "do not fill 100 rows"),
        ({"profile": "sox", "size": (100, 131), "n_fft": 64}, CalibrationError, "contradicts size"),
        ({"profile": "sox", "n_fft": 65}, CalibrationError, "n_fft=65"),
        ({"profile": "sox", "max_seconds": 0.1}, CalibrationError, "limit of 0.1 s"),
        ({"profile": "riffusion", "n_mels": 10_000}, CalibrationError, "n_mels=10000"),
        ({"profile": "riffusion", "fmax": 30_000.0}, ParameterError, "fmax=30000"),
    ],
)
def test_what_a_tool_cannot_draw_is_said(stereo, options, error, message):
    y, sr = stereo
    with pytest.raises(error, match=message):
        fastspec.encode(y[:, :sr], sr, **options)


def test_other_profiles_average_with_a_remark(stereo):
    y, sr = stereo
    encoder = Encoder(n_fft=512)
    assert encoder.remarks(y) == ("2 channels are averaged into one picture",)
    np.testing.assert_array_equal(encoder.encode(y, sr).pixels, encoder.encode(y.mean(axis=0), sr).pixels)
    assert Encoder(profile="sox").remarks(y) == ()
    assert any("full scale" in said for said in Encoder(profile="sox").remarks(3 * y))
    three = np.concatenate([y, y[:1]])
    assert Encoder(profile="riffusion").remarks(three, sr)[0].startswith("3 channels are averaged")
    assert any("44100 Hz" in said for said in Encoder(profile="riffusion").remarks(y, sr))
    assert fastspec.inspect(Encoder(profile="sox").encode(three, sr))["channels"] == 3
