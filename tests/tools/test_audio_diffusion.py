"""audio-diffusion's Mel: its pixels are librosa's, and diffusers' where that is installed; the way back."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.phase import metrics
from tests.tools.alike import assert_same

SLICE = 256 * 512 - 1  # samples of a picture of 256 columns


@pytest.fixture(scope="module")
def slice_of_speech(speech):
    y, sr = speech
    return np.tile(y, 2)[:SLICE], sr


def mel_picture(y, sr, bands=256, hop_length=512):
    """Mel.audio_slice_to_image by librosa's own functions: gray (bands, frames), the lowest band on top."""
    power = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=2048, hop_length=hop_length, n_mels=bands)
    decibels = librosa.power_to_db(power, ref=np.max, top_db=80)
    return (np.clip((decibels + 80) * 255 / 80, 0, 255) + 0.5).astype(np.uint8)


@pytest.mark.parametrize(("bands", "hop_length"), [(256, 512), (64, 1024)])
def test_audio_diffusions_pixels_are_librosas(slice_of_speech, bands, hop_length):
    y, sr = slice_of_speech
    ours = fastspec.encode(y, sr, profile="audio-diffusion", n_mels=bands, hop_length=hop_length)
    assert_same(ours.pixels, mel_picture(y, sr, bands, hop_length))


def test_audio_diffusions_pixels_are_those_of_diffusers(slice_of_speech):
    mel = pytest.importorskip("diffusers.pipelines.deprecated.audio_diffusion.mel")
    y, sr = slice_of_speech
    tool = mel.Mel()
    tool.load_audio(raw_audio=np.append(y, np.float32(0)))
    drawn = np.asarray(tool.audio_slice_to_image(0))
    assert_same(fastspec.encode(y, sr, profile="audio-diffusion").pixels, drawn)


def test_a_picture_of_audio_diffusion_needs_no_fact(slice_of_speech):
    """Mel.image_to_audio, librosa's least squares and 32 iterations, leaves 2.91 dB and STOI .971 in half a minute."""
    y, sr = slice_of_speech
    gray = mel_picture(y, sr)
    read = fastspec.inspect(gray)
    assert (read["profile"], read["n_mels"], read["n_frames"], read["sr"]) == ("audio-diffusion", 256, 256, 22050)
    assert not any("duration is not known" in remark for remark in read.remarks)
    x, rate = fastspec.decode(gray)
    assert rate == sr
    assert metrics.log_mel_distance(x, y[: x.size], sr) < 2.7
    assert metrics.stoi(x, y[: x.size], sr) > 0.97


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


def test_audio_diffusions_picture(clip):
    import librosa

    y, sr = clip
    y = librosa.resample(y, orig_sr=sr, target_sr=22050)
    mel = librosa.feature.melspectrogram(y=y, sr=22050, n_fft=2048, hop_length=512, n_mels=256)
    decibel = librosa.power_to_db(mel, ref=np.max, top_db=80)
    pixels = (((decibel + 80) * 255 / 80).clip(0, 255) + 0.5).astype(np.uint8)
    pixels = np.ascontiguousarray(np.pad(pixels, ((0, 0), (0, 256)))[:, :256])
    read = fastspec.inspect(pixels)
    assert (read["profile"], read["n_mels"], read["origin"], read["n_frames"]) == ("audio-diffusion", 256, "upper", 256)
    x, rate = fastspec.decode(pixels)
    assert rate == 22050
    assert metrics.stoi(x[: len(y)], y[: len(x)], 22050) > 0.86
