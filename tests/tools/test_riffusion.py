"""Riffusion: drawn as its published code does, recognised, decoded, and our drawing beside its own where installed."""

from __future__ import annotations

import io

import librosa
import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.phase import metrics
from fastspec.sound.resample import resample
from fastspec.tools.riffusion import SR
from tests.tools.alike import assert_same


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


@pytest.fixture(scope="module")
def stereo(speech):
    """(2, n) float32: a voice on the left, another, which is the same backwards, on the right."""
    y, sr = speech
    y = y[: 3 * sr]
    y = 0.5 * y / np.abs(y).max()
    wave = np.stack([0.9 * y + 0.2 * y[::-1], 0.3 * y + 0.8 * y[::-1]])
    return np.ascontiguousarray(wave, np.float32), sr


@pytest.mark.parametrize("stereo", [False, True])
def test_riffusions_pixels_are_its_own(speech, stereo):
    converter = pytest.importorskip("riffusion.spectrogram_image_converter")
    params = pytest.importorskip("riffusion.spectrogram_params").SpectrogramParams(stereo=stereo)
    pydub = pytest.importorskip("pydub")
    y, sr = speech
    wave = resample(np.stack([y, 0.5 * y[::-1]])[: 1 + stereo], sr, 44100)
    pcm = (np.clip(wave, -1, 1) * 32767).astype("<i2")
    segment = pydub.AudioSegment(pcm.T.tobytes(), frame_rate=44100, sample_width=2, channels=len(wave))
    its = converter.SpectrogramImageConverter(params, device="cpu").spectrogram_image_from_audio(segment)
    ours = fastspec.encode(pcm.astype(np.float32) / 32767, 44100, profile="riffusion")
    assert_same(ours.rgb(), np.asarray(its))


def twin(y, sr, stereo=False):
    """Riffusion's picture of y by its code (spectrogram_params.py, image_util.py), with librosa for torchaudio."""
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
    path = _with_exif(twin(y, sr, stereo), tmp_path / "r.png", stereo)
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
    read = fastspec.inspect(twin(y, sr, stereo))
    assert (read["profile"], read.source("profile")) == ("riffusion", "pixels")


def _as_saved(pixels, how):
    """The picture (512, W, 3) as people keep it, or as a diffusion model paints it."""
    image = Image.fromarray(pixels)
    if how == "gray":
        return np.asarray(image.convert("L"))
    if how == "palette":
        return image.convert("L").quantize(200)
    if how == "jpeg":
        file = io.BytesIO()
        image.save(file, "JPEG", quality=85)
        return Image.open(file)
    rng = np.random.default_rng(5)
    # a decoder's colours come in blotches, not pixel by pixel
    blotches = np.repeat(np.repeat(rng.normal(0, 7, (64, pixels.shape[1] // 8 + 1, 3)), 8, 0), 8, 1)
    noisy = pixels + blotches[:, : pixels.shape[1]] + rng.normal(0, 2, pixels.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("how", ["gray", "palette", "jpeg", "painted"])
def test_riffusion_without_exif_is_known_however_it_was_saved(clip, how):
    y, sr = clip
    pixels = twin(y, sr)
    saved = _as_saved(pixels, how)
    read = fastspec.inspect(saved)
    assert (read["profile"], read.source("profile")) == ("riffusion", "pixels")
    assert read["cmap"] in ("riffusion", "gray_r")  # of the same colours
    # bands, scale and direction follow from a tool that is only likely
    assert read.facts["profile"].confidence <= 0.8
    follows = {read.source(name) for name in ("n_mels", "freq_scale", "duration", "time_extent")}
    assert follows <= ({"assumed"} if how != "jpeg" else {"profile", "assumed"})
    x, rate = fastspec.decode(saved, sr=sr, duration=len(y) / sr)
    assert metrics.stoi(x, y, rate) > 0.9


@pytest.mark.parametrize("what", ["audio-diffusion", "loud is light", "backwards", "coloured", "other height"])
def test_what_looks_like_riffusions_and_is_not(clip, what):
    y, sr = clip
    pixels = twin(y, sr)
    other = {
        "audio-diffusion": lambda: fastspec.encode(y, sr, profile="audio-diffusion", n_mels=512).pixels,
        "loud is light": lambda: 255 - pixels,
        "backwards": lambda: pixels[:, ::-1],  # sounds do not end faster than they begin
        "coloured": lambda: np.stack([pixels[..., 0], pixels[..., 0] // 2, pixels[..., 0] // 3], axis=-1),
        "other height": lambda: pixels[1:],
    }[what]
    assert fastspec.inspect(np.ascontiguousarray(other())).get("profile") != "riffusion"


def test_riffusions_drawing_is_its_codes(stereo):
    y, sr = stereo
    wave = resample(y, sr, SR)
    ours = fastspec.encode(wave, SR, profile="riffusion").pixels
    spectra = np.abs(librosa.stft(wave, n_fft=17640, win_length=4410, hop_length=441, pad_mode="reflect"))
    bank = librosa.filters.mel(sr=44100, n_fft=17640, n_mels=512, fmin=0, fmax=10000, htk=True, norm=None)
    mel = bank @ spectra
    planes = (255 - 255 * (mel / mel.max()) ** 0.25).astype(np.uint8)[:, ::-1]
    assert not ours[..., 0].any()
    for plane, theirs in zip((1, 2), planes, strict=True):
        step = np.abs(ours[..., plane].astype(int) - theirs)
        assert step.max() <= 1
        assert (step > 0).mean() < 2e-3
    single = fastspec.encode(wave[0], SR, profile="riffusion").rgb()
    assert (single == single[..., :1]).all()
