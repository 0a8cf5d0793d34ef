"""Profiles of tools that are Python: each picture is drawn as the tool's published code does, then decoded."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec import tools
from fastspec.calibration import defaults
from fastspec.colours import colormap
from fastspec.errors import ParameterError
from fastspec.phase import metrics
from fastspec.picture.picture import Picture


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


def _figure(draw, size, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    draw(axes)
    axes.axis("tight")
    figure.savefig(path)
    return path


def _riffusion(y, sr, stereo=False):
    """Riffusion's picture of y by its code (spectrogram_params.py, image_util.py), with librosa for torchaudio."""
    import librosa

    y = librosa.resample(y, orig_sr=sr, target_sr=44100)
    spectrum = np.abs(librosa.stft(y, n_fft=17640, win_length=4410, hop_length=441))
    bank = librosa.filters.mel(sr=44100, n_fft=17640, n_mels=512, fmin=0, fmax=10000, htk=True, norm=None)
    mel = bank @ spectrum
    plane = (255 - 255 * (mel / mel.max()) ** 0.25).astype(np.uint8)[::-1]
    planes = [np.zeros_like(plane), plane, plane] if stereo else [plane] * 3
    return np.ascontiguousarray(np.stack(planes, axis=-1))


def _with_exif(pixels, path, stereo=False):
    image = Image.fromarray(pixels)
    exif = image.getexif()
    tags = {11000: 44100, 11005: stereo, 11007: False, 11010: 10, 11020: 100, 11030: 400}
    exif.update({**tags, 11040: 512, 11050: 0, 11060: 10000, 11070: 0.25, 11080: 450.0})
    image.save(path, exif=exif)
    return path


@pytest.mark.parametrize("stereo", [False, True])
def test_riffusions_exif_says_all_but_the_sound(clip, tmp_path, stereo):
    y, sr = clip
    path = _with_exif(_riffusion(y, sr, stereo), tmp_path / "r.png", stereo)
    read = fastspec.inspect(path)
    assert (read["profile"], read["sr"], read["n_mels"]) == ("riffusion", 44100, 512)
    assert read.source("sr") == "embedded"
    assert read.get("channels", 1) == 1 + stereo
    assert read["duration"] == pytest.approx(len(y) / sr, abs=0.02)
    x, rate = fastspec.decode(path, duration=len(y) / sr, sr=sr)
    assert rate == sr
    assert x.ndim == 1 + stereo
    assert all(metrics.stoi(one, y, sr) > 0.94 for one in np.atleast_2d(x))


@pytest.mark.parametrize("stereo", [False, True])
def test_riffusion_without_exif_is_known_by_its_rows(clip, stereo):
    y, sr = clip
    read = fastspec.inspect(_riffusion(y, sr, stereo))
    assert (read["profile"], read.source("profile")) == ("riffusion", "pixels")


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


@pytest.mark.parametrize(("n_fft", "hop", "size"), [(1024, 256, (800, 400)), (512, 128, (700, 380))])
def test_specgram_with_its_db_range_given(clip, tmp_path, n_fft, hop, size):
    y, sr = clip

    def draw(axes):
        axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=n_fft - hop)[3].set_clim(-140, -40)

    path = _figure(draw, size, tmp_path / "s.png")
    facts = {"duration": len(y) / sr, "sr": sr, "db_range": (-140.0, -40.0)}
    read = fastspec.inspect(path, **facts)
    assert (read["profile"], read["n_fft"], read.source("n_fft")) == ("matplotlib-specgram", n_fft, "pixels")
    x, _ = fastspec.decode(path, **facts)
    assert metrics.stoi(x, y, sr) > 0.93


def test_scipys_spectrogram_drawn_by_pcolormesh(clip, tmp_path):
    from scipy.signal import spectrogram

    y, sr = clip
    f, t, power = spectrogram(y + 1e-7, sr, nperseg=512, noverlap=384, window="hann")
    decibel = 10 * np.log10(power)
    path = _figure(lambda axes: axes.pcolormesh(t, f, decibel, vmin=-140, vmax=-40), (900, 600), tmp_path / "s.png")
    x, _ = fastspec.decode(
        path,
        profile="scipy-pcolormesh",
        sr=sr,
        n_fft=512,
        win_length=512,
        hop_length=128,
        duration=len(y) / sr,
        db_range=(-140.0, -40.0),
    )
    assert metrics.stoi(x, y, sr) > 0.93


@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_imshow_of_decibels(clip, origin):
    import librosa

    y, sr = clip
    decibel = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=512, hop_length=128)), ref=np.max)
    shown = decibel if origin == "upper" else decibel[::-1]
    pixels = colormap.colour_of((shown + 80) / 80, colormap.get("viridis", "trunc"))
    facts = {"profile": "imshow-db", "sr": sr, "n_fft": 512, "hop_length": 128, "duration": len(y) / sr}
    x, _ = fastspec.decode(Picture(pixels), origin=origin, cmap="viridis", **facts)
    assert metrics.stoi(x, y, sr) > 0.95


def test_every_profile_names_its_source_and_is_complete():
    for name, profile in tools.profiles().items():
        assert profile.name == name
        assert profile.title
        assert profile.source
        known = defaults.assumed(profile.calibration())
        assert {"cmap", "freq_scale", "freq_edges", "sr", "level_kind", "origin"} <= known.keys()
        colormap.get(known["cmap"])


def test_an_unknown_profile_names_its_neighbours():
    with pytest.raises(ParameterError, match="riffusion"):
        tools.profile("rifusion")
