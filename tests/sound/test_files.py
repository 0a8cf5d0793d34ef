"""Sound files: whole or absent, never clipped, the same bytes every time, and errors that say what to do."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from fastspec.errors import AudioError, OutputError, ParameterError
from fastspec.sound import files as sound_files

DATA = Path(__file__).parents[1] / "data"
SR = 22050
NO_MP3 = "MP3" not in soundfile.available_formats()
FORMATS = [
    ("wav", None, SR),
    ("wav", "PCM_U8", SR),
    ("wav", "PCM_24", SR),
    ("wav", "PCM_32", SR),
    ("wav", "FLOAT", SR),
    ("wav", "DOUBLE", SR),
    ("wav", "ULAW", SR),
    ("flac", None, SR),
    ("flac", "PCM_S8", SR),
    ("flac", "PCM_24", SR),
    ("aiff", None, SR),
    ("aiff", "FLOAT", SR),
    ("au", "PCM_16", SR),
    ("w64", "PCM_24", SR),
    ("rf64", "FLOAT", SR),
    ("caf", "ALAC_16", SR),
    ("caf", "ALAC_24", SR),
    ("ogg", None, SR),
    ("opus", None, 24000),
    pytest.param(("mp3", None, SR), marks=pytest.mark.skipif(NO_MP3, reason="this libsndfile writes no MP3")),
]
STEP = {"PCM_U8": 2**-7, "PCM_S8": 2**-7, "PCM_16": 2**-15, "ALAC_16": 2**-15, "PCM_24": 2**-23, "ALAC_24": 2**-23}


def chirp(n: int = SR, channels: int = 1) -> np.ndarray:
    """A second of sound with a peak near 0.5, another one a channel."""
    t = np.arange(n) / SR
    waves = [0.5 * np.sin(2 * np.pi * (200 + 100 * c + 900 * t) * t) for c in range(channels)]
    return np.array(waves if channels > 1 else waves[0], dtype=np.float32)


# writing: formats, values, gain


@pytest.mark.parametrize("case", FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_gives_back_what_was_written(tmp_path, case, channels):
    suffix, subtype, sr = case
    y = chirp(channels=channels)
    path = tmp_path / f"sound.{suffix}"
    gain = sound_files.write(path, y, sr, subtype=subtype, normalize=False)
    back, rate = sound_files.read(path)
    assert (rate, back.dtype) == (sr, np.float32)
    assert gain == 1 or suffix == "opus"  # whose decoder overshoots on two such chirps
    assert back.ndim == y.ndim
    kind = soundfile.info(path).subtype
    if kind in ("FLOAT", "DOUBLE", "PCM_32"):
        np.testing.assert_allclose(back, y, rtol=0, atol=1e-9)
    elif kind in STEP:
        np.testing.assert_allclose(back, y, rtol=0, atol=STEP[kind] / 2 * 1.0001)
    else:  # lossy: the decoder's delay may remain
        assert abs(back.shape[-1] - y.shape[-1]) <= 2500
        assert 0.4 < np.abs(back).max() <= 1


def test_normalising_puts_the_peak_at_its_place(tmp_path):
    for suffix, peak in [("wav", 0.99), ("flac", 0.99)]:
        for y in (chirp(), 30 * chirp(channels=2), 1e-30 * chirp(), -chirp().astype(np.float64)):
            gain = sound_files.write(tmp_path / f"a.{suffix}", y, SR)
            back, _ = sound_files.read(tmp_path / f"a.{suffix}")
            assert np.abs(back).max() == pytest.approx(peak, abs=2e-5)
            assert gain == pytest.approx(peak / np.abs(y).max())


def test_denormal_sound_is_normalised_without_overflow(tmp_path):
    y = np.array([0, 1e-40, -1e-40, 0], dtype=np.float32)
    sound_files.write(tmp_path / "a.wav", y, SR, subtype="FLOAT")
    back, _ = sound_files.read(tmp_path / "a.wav")
    np.testing.assert_allclose(back, [0, 0.99, -0.99, 0], rtol=1e-4)


LOSSY = [("ogg", SR), ("opus", 24000), pytest.param("mp3", SR, marks=pytest.mark.skipif(NO_MP3, reason="no MP3"))]


@pytest.mark.parametrize(("suffix", "sr"), LOSSY)
def test_lossy_sound_does_not_clip_when_it_is_played(tmp_path, suffix, sr):
    noise = np.random.default_rng(0).standard_normal(SR)
    speech, _ = sound_files.read(DATA / "speech.flac")
    for y in (np.sign(chirp()), chirp(channels=2), noise, speech):
        for normalize in (True, False):
            gain = sound_files.write(tmp_path / f"a.{suffix}", y / np.abs(y).max(), sr, normalize=normalize)
            back, _ = sound_files.read(tmp_path / f"a.{suffix}")
            assert 0.4 < np.abs(back).max() <= 1
            assert gain <= 1


def test_a_peak_above_one_is_scaled_down_and_reported(tmp_path):
    y = 4 * chirp()
    gain = sound_files.write(tmp_path / "a.wav", y, SR, normalize=False)
    back, _ = sound_files.read(tmp_path / "a.wav")
    assert gain == pytest.approx(1 / np.abs(y).max())
    np.testing.assert_allclose(back, y * gain, rtol=0, atol=2**-15)


def test_float_files_keep_values_above_one(tmp_path):
    for suffix in ("wav", "aiff"):
        for subtype, y in (("FLOAT", 40 * chirp()), ("DOUBLE", 40 * chirp().astype(np.float64))):
            path = tmp_path / f"a.{suffix}"
            assert sound_files.write(path, y, SR, subtype=subtype, normalize=False) == 1.0
            np.testing.assert_array_equal(soundfile.read(path, dtype=y.dtype)[0], y)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24"])
def test_full_scale_neither_wraps_nor_clips(tmp_path, subtype):
    y = np.array([1, -1, 1, -1, 0.5, 0], dtype=np.float32)
    assert sound_files.write(tmp_path / "a.wav", y, SR, subtype=subtype, normalize=False) == 1.0
    back, _ = sound_files.read(tmp_path / "a.wav")
    np.testing.assert_allclose(back, y, rtol=0, atol=STEP[subtype])


@given(st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=50))
def test_sixteen_bit_samples_survive_bit_for_bit(samples):
    ints = np.array(samples, dtype=np.int16)
    file = io.BytesIO()
    sound_files.write(file, ints.astype(np.float32) / 2**15, SR, format="WAV", normalize=False)
    file.seek(0)
    np.testing.assert_array_equal(soundfile.read(file, dtype="int16")[0], ints)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_silence_stays_silence(tmp_path, suffix):
    y = np.zeros(1000, dtype=np.float32)
    y[0] = -0.0
    assert sound_files.write(tmp_path / f"a.{suffix}", y, SR) == 1.0
    back, _ = sound_files.read(tmp_path / f"a.{suffix}")
    assert not back.any()


def test_faint_noise_does_not_become_minus_one(tmp_path):
    sound_files.write(tmp_path / "a.wav", np.full(100, -1e-6, np.float32), SR, normalize=False)
    assert not sound_files.read(tmp_path / "a.wav")[0].any()


def test_the_input_is_left_alone_and_may_be_read_only_or_strided(tmp_path):
    y = np.repeat(chirp(1000, 2), 2, axis=1)[:, ::2]
    y.setflags(write=False)
    before = y.copy()
    sound_files.write(tmp_path / "a.wav", y, SR)
    np.testing.assert_array_equal(y, before)
    assert sound_files.read(tmp_path / "a.wav")[0].shape == (2, 1000)


# writing: the same bytes


@pytest.mark.parametrize("case", FORMATS)
def test_two_runs_write_the_same_bytes(tmp_path, case, monkeypatch):
    suffix, subtype, sr = case
    code = (
        "import sys, numpy as np; from fastspec.sound import files as audio;"
        "y = np.sin(np.arange(30000) * .05).astype('f');"
        f"audio.write(sys.argv[1], y, {sr}, subtype={subtype!r})"
    )
    if suffix not in ("ogg", "opus", "mp3") and subtype not in ("FLOAT", "DOUBLE"):
        for name in ("a", "b"):
            sound_files.write(tmp_path / f"{name}.{suffix}", chirp(), sr, subtype=subtype)
    else:  # clocks and random numbers of another process
        for name in ("a", "b"):
            subprocess.run([sys.executable, "-c", code, tmp_path / f"{name}.{suffix}"], check=True)
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


# writing: whole or absent (tests/test_files.py has the rest)


def test_a_sound_that_finds_no_room_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match=r"a\.wav cannot be written: No space left"):
        sound_files.write(path, chirp(), SR)
    assert os.listdir(tmp_path) == ["a.wav"]
    assert path.read_bytes() == b"old"


def test_a_device_takes_a_sound():
    sound_files.write("/dev/null", chirp(), SR, format="WAV")
    assert Path("/dev/null").is_char_device()


# writing: what is refused


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.array([0, np.nan, 1, np.inf], np.float32), r"2 NaN or infinite samples, the first \(nan\) at sample 1"),
        (np.array([[0.0, 1], [0, -np.inf]]), r"1 NaN or infinite samples, the first \(-inf\) at channel 1, sample 1"),
        (np.zeros(0, np.float32), r"shape \(0,\): no samples"),
        (np.zeros((2, 0), np.float32), "no samples"),
        (np.zeros((1, 2, 3), np.float32), r"shape \(1, 2, 3\); give \(n,\) or \(channels, n\)"),
        (np.float32(1), r"shape \(\)"),
        (np.zeros((22050, 2), np.float32), "channels come first: transpose"),
        (np.zeros(10, np.int16), "dtype int16; give float"),
        (np.zeros(10, np.complex64), "dtype complex64"),
        (["a"], "dtype <U1"),
    ],
)
def test_waveforms_that_cannot_be_written(tmp_path, y, message):
    with pytest.raises(AudioError, match=message):
        sound_files.write(tmp_path / "a.wav", y, SR)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.wave", {}, r"did you mean \.wav\?"),
        ("a.fla", {}, r"did you mean \.flac\?"),
        ("a.xyz", {}, r"suffix \.xyz .*known: \.wav, \.flac"),
        ("a", {}, "a name without suffix"),
        ("a.wav", {"format": "WAVE"}, "'WAVE' is not one .*WAV"),
        ("a.raw", {"format": "RAW"}, "'RAW' is not one"),
        ("a.sd2", {"format": "SD2"}, "'SD2' is not one"),
        ("a.flac", {"subtype": "FLOAT"}, "FLAC has no subtype 'FLOAT'; .*PCM_24"),
        ("a.wav", {"subtype": "PCM24"}, "did you mean PCM_24"),
        ("a.opus", {}, "OPUS cannot store 22050 Hz, only 8000, .*48000"),
        ("a.ogg", {"sr": 200_001}, "VORBIS cannot store 200001 Hz, at most 200000; resample"),
        ("a.flac", {"sr": 10**6}, "cannot write 1 channel.s. at 1000000 Hz as FLAC/PCM_16"),
        ("a.wav", {"sr": 0}, "sr=0 is no sample rate"),
        ("a.wav", {"sr": 22050.5}, "sr=22050.5 is no sample rate"),
        ("a.wav", {"sr": float("nan")}, "sr=nan is no sample rate"),
        pytest.param(
            "a.mp3", {"sr": 96000}, "MPEG_LAYER_III cannot store 96000 Hz", marks=pytest.mark.skipif(NO_MP3, reason="")
        ),
    ],
)
def test_formats_and_rates_that_cannot_be_written(tmp_path, name, options, message):
    with pytest.raises(AudioError, match=message):
        sound_files.write(tmp_path / name, chirp(), **{"sr": SR, **options})
    assert os.listdir(tmp_path) == []


def test_sound_past_four_gigabytes_is_refused_before_work(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_files, "check_waveform", lambda y: y)  # which would look at every sample
    y = np.broadcast_to(np.float32(0.5), (250, 2**24))  # 8 GB of 16 bit that take no memory
    with pytest.raises(AudioError, match="pass the 4 GiB of WAV"):
        sound_files.write(tmp_path / "a.wav", y, SR)


def test_a_stream_takes_the_bytes_a_file_would(tmp_path):
    file = io.BytesIO()
    sound_files.write(file, chirp(), SR, format="flac")
    sound_files.write(tmp_path / "a.flac", chirp(), SR)
    assert file.getvalue() == (tmp_path / "a.flac").read_bytes()


# reading


def test_the_speech_of_the_test_data_is_read():
    y, sr = sound_files.read(DATA / "speech.flac")
    assert (y.shape, y.dtype, sr) == ((99225,), np.float32, SR)
    np.testing.assert_array_equal(y, soundfile.read(DATA / "speech.flac", dtype="float32")[0])


def test_channels_come_first_and_are_averaged_on_request(tmp_path):
    y = chirp(5000, 3)
    sound_files.write(tmp_path / "a.wav", y, SR, subtype="FLOAT", normalize=False)
    back, _ = sound_files.read(tmp_path / "a.wav")
    np.testing.assert_array_equal(back, y)
    assert back.flags.c_contiguous
    np.testing.assert_allclose(sound_files.read(tmp_path / "a.wav", mono=True)[0], y.mean(axis=0), atol=1e-7)


def test_no_more_than_max_seconds_is_read():
    whole, sr = sound_files.read(DATA / "speech.flac")
    part, _ = sound_files.read(DATA / "speech.flac", max_seconds=1.5)
    np.testing.assert_array_equal(part, whole[: round(1.5 * sr)])
    assert sound_files.read(DATA / "speech.flac", max_seconds=1000)[0].size == whole.size
    with pytest.raises(ParameterError, match="max_seconds=0 is not positive"):
        sound_files.read(DATA / "speech.flac", max_seconds=0)


def test_files_that_cannot_be_read(tmp_path):
    flac = (DATA / "speech.flac").read_bytes()
    made = {
        "empty.wav": (b"", "is empty"),
        "text.wav": (b"not a sound at all\n" * 50, "no sound file"),
        "text.mp3": (b"not a sound at all\n" * 50, "no sound file|holds no samples"),
        "head.flac": (flac[:30], "no sound file"),
        "cut.flac": (flac[: len(flac) // 2], "damaged|cut short"),
        "sound.raw": (b"abc" * 100, "no sound file"),
        "riff.wav": (b"RIFF\x24\x00\x00\x00WAVE", "no sound file"),
    }
    for name, (data, message) in made.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(AudioError, match=message):
            sound_files.read(tmp_path / name)
    with pytest.raises(AudioError, match=r"none\.wav does not exist"):
        sound_files.read(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="is a folder"):
        sound_files.read(tmp_path)


def test_a_header_that_lies_about_its_length_allocates_nothing(tmp_path):
    data = bytearray((DATA / "speech.flac").read_bytes())
    data[21] |= 0x0F  # STREAMINFO's sample count: 2**36 - 1
    data[22:26] = b"\xff" * 4
    (tmp_path / "a.flac").write_bytes(data)
    start = time.perf_counter()
    with pytest.raises(AudioError, match=r"cut short|damaged"):
        sound_files.read(tmp_path / "a.flac")
    assert time.perf_counter() - start < 5


def test_sound_files_without_samples_or_with_nan(tmp_path):
    soundfile.write(tmp_path / "none.wav", np.zeros(0), SR)
    with pytest.raises(AudioError, match="holds no samples"):
        sound_files.read(tmp_path / "none.wav")
    soundfile.write(tmp_path / "nan.wav", np.array([0, np.nan]), SR, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav holds 1 NaN"):
        sound_files.read(tmp_path / "nan.wav")


# resampling (tests/sound/test_resample.py has the rest)


def test_read_resamples_on_request():
    y, sr = sound_files.read(DATA / "speech.flac", sr=16000)
    assert (y.shape, y.dtype, sr) == ((72000,), np.float32, 16000)
    with pytest.raises(ParameterError, match="to=0"):
        sound_files.read(DATA / "speech.flac", sr=0)
