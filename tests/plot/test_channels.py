"""Several channels both ways: what is drawn in parts comes back as as many sounds, each its own."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec import cli, tools
from fastspec.batch import decode_files
from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.decoder import Decoder
from fastspec.errors import CalibrationError, ParameterError
from fastspec.phase import channels as phase_channels
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.plot import channels
from fastspec.sound import files as sound_files
from fastspec.sound.resample import resample
from fastspec.transform.joint import joint_magnitude

needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
FAST = {"n_iter": 2}


@pytest.fixture(scope="module")
def stereo(speech):
    """(2, n) float32: a voice on the left, another, which is the same backwards, on the right."""
    y, sr = speech
    y = y[: 3 * sr]
    y = 0.5 * y / np.abs(y).max()
    wave = np.stack([0.9 * y + 0.2 * y[::-1], 0.3 * y + 0.8 * y[::-1]])
    return np.ascontiguousarray(wave, np.float32), sr


@pytest.fixture(scope="module")
def drawn(stereo):
    """A stereo picture, quick to decode."""
    y, sr = stereo
    return fastspec.encode(y[:, :sr], sr, profile="sox", size=(200, 131))


def distances(x, y, sr):
    """Log-mel distances of two channels to their originals, of both to the other's, and of their sums."""

    def far(a, b):
        return metrics.log_mel_distance(np.ascontiguousarray(a), np.ascontiguousarray(b), sr)

    return [far(x[0], y[0]), far(x[1], y[1])], [far(x[0], y[1]), far(x[1], y[0])], far(x.mean(0), y.mean(0))


def at_rate(x, rate, sr, n):
    return x if rate == sr else np.ascontiguousarray(resample(x, rate, sr)[..., :n])


@pytest.mark.parametrize(("profile", "most"), [("sox", 2.5), ("riffusion", 3.0)])
def test_stereo_survives_the_round_trip(stereo, profile, most):
    y, sr = stereo
    picture = fastspec.encode(y, sr, profile=profile)
    assert picture.height == {"sox": 2 * 257 + 1, "riffusion": 512}[profile]
    x, rate = fastspec.decode(picture)
    assert (x.dtype, x.ndim, len(x)) == (np.float32, 2, 2)
    single, _ = fastspec.decode(picture, mono=True)
    assert single.shape == x.shape[1:]
    x, single = (at_rate(one, rate, sr, y.shape[1]) for one in (x, single))
    assert x.shape == y.shape
    own, crossed, total = distances(x, y, sr)
    assert max(own) < most
    assert max(own) + 1 < min(crossed)
    averaged, _, single_total = distances(np.stack([single, single]), y, sr)
    assert max(own) + 0.5 < min(averaged)
    assert total < single_total + 0.5
    assert x[0].std() / x[1].std() == pytest.approx(y[0].std() / y[1].std(), rel=0.1)
    assert x.std() == pytest.approx(y.std(), rel=0.15)  # the level is absolute


@needs_sox
@pytest.mark.parametrize("options", [("-r",), (), ("-r", "-l")])
def test_soxs_own_stereo_picture(stereo, tmp_path, options):
    y, sr = stereo
    soundfile.write(tmp_path / "s.wav", y.T, sr, "PCM_16")
    command = ["sox", tmp_path / "s.wav", "-n", "spectrogram", *options, "-o", tmp_path / "s.png"]
    subprocess.run(command, check=True)
    facts = {"duration": y.shape[1] / sr, "sr": sr}
    read = fastspec.inspect(tmp_path / "s.png", **facts)
    assert (read["channels"], read["channel_layout"]) == (2, "stacked")
    x, _ = fastspec.decode(tmp_path / "s.png", **facts)
    own, crossed, total = distances(x, y, sr)
    assert max(own) < 2.5
    assert max(own) + 1 < min(crossed)
    single, _ = fastspec.decode(tmp_path / "s.png", mono=True, **facts)
    averaged, _, single_total = distances(np.stack([single, single]), y, sr)
    assert max(own) + 0.5 < min(averaged)
    assert total < single_total + 0.5


def test_channels_share_their_phase(stereo):
    """The sum of channels retrieved each on its own is hollow."""
    y, sr = stereo
    options = {"n_fft": 1024, "hop_length": 256, "win_length": 1024, "window": "hann", "center": True}
    phase = {"method": "admm", "init": "pghi", "n_iter": 8, "seed": 0}
    S = np.ascontiguousarray(np.abs(fastspec.stft(y, n_fft=1024, hop_length=256)).transpose(0, 2, 1))
    n = y.shape[1]
    together = phase_channels.retrieve([S], [n], options, phase)[0]
    alone = np.stack(phase_channels.retrieve(list(S), [n, n], options, phase))
    own, _, total = distances(together, y, sr)
    own_alone, _, total_alone = distances(alone, y, sr)
    assert total < total_alone - 0.5
    assert max(own) < max(own_alone) + 0.2
    side, side_alone = (metrics.log_mel_distance(x[0] - x[1], y[0] - y[1], sr) for x in (together, alone))
    assert side < side_alone


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("frames", [1, 2, 9])
@pytest.mark.parametrize("beside", [-1, 0, 300])
def test_any_length_fits_any_number_of_frames(center, frames, beside):
    generator = np.random.default_rng(frames)
    S = generator.random((3, frames, 129), dtype=np.float32)
    options = {"n_fft": 256, "hop_length": 64, "win_length": 256, "window": "hann", "center": center}
    n = max(1, 64 * (frames - 1) + (0 if center else 256) + beside)
    phase = {"method": "admm", "init": "pghi", "n_iter": 2, "seed": 0}
    (y,) = phase_channels.retrieve([S], [n], options, phase)
    assert y.shape == (3, n)
    assert np.isfinite(y).all()


def test_a_silent_channel_stays_silent(stereo):
    y, sr = stereo
    half = np.stack([y[0], np.zeros_like(y[0])])[:, :sr]
    for profile in ("sox", "riffusion"):
        picture = fastspec.encode(half, sr, profile=profile)
        x, _ = fastspec.decode(picture, **FAST)
        assert x[0].any()
        assert not x[1].any()
        x, _ = fastspec.decode(fastspec.encode(np.zeros_like(half), sr, profile=profile), **FAST)
        assert x.shape[0] == 2
        assert not x.any()
        x, _ = fastspec.decode(fastspec.encode(half[:, :1], sr, profile=profile), force=True, **FAST)
        assert np.isfinite(x).all()


def test_mono_is_the_root_of_the_mean_power(drawn):
    several, single = Decoder().read(drawn), Decoder(mono=True).read(drawn)
    assert several.magnitude.shape == (2, *single.magnitude.shape)
    joint = joint_magnitude(several.magnitude)
    # the same but for what lies between columns, where roots are interpolated before or after
    assert np.square(joint).sum() == pytest.approx(np.square(single.magnitude).sum(), rel=0.02)
    assert np.abs(joint - single.magnitude).sum() < 0.02 * joint.sum()


def test_bits_do_not_depend_on_company_or_threads(drawn, stereo):
    y, sr = stereo
    other = fastspec.encode(y[::-1, : sr // 2], sr, profile="sox", size=(150, 131))
    plain = fastspec.encode(y[0, :sr], sr, profile="sox", size=(100, 65))
    pictures = [drawn, plain, other, drawn]
    alone = [fastspec.decode(picture, n_iter=3)[0] for picture in pictures]
    assert [one.shape[:-1] for one in alone] == [(2,), (), (2,), (2,)]
    for workers in (1, 2):
        decoder = Decoder(n_iter=3, workers=workers)
        out = [np.empty_like(one) for one in alone]
        for found in (decoder.decode_batch(pictures), decoder.decode_batch(pictures, out), decoder.stream(pictures)):
            for (x, _), one in zip(found, alone, strict=True):
                np.testing.assert_array_equal(x, one)
        for x, one in zip(out, alone, strict=True):
            np.testing.assert_array_equal(x, one)
    with pytest.raises(ParameterError, match=r"shape \(22050,\)|shape \(\d+,\) for a sound of shape \(2, "):
        Decoder(**FAST).decode_batch([drawn], [np.empty(alone[0].shape[1], np.float32)])


@pytest.mark.parametrize("init", ["random", "zero", "spsi", "pghi"])
def test_every_start_serves_several_channels(drawn, init):
    x, _ = fastspec.decode(drawn, init=init, n_iter=1)
    again, _ = fastspec.decode(drawn, init=init, n_iter=1)
    assert np.isfinite(x).all()
    np.testing.assert_array_equal(x, again)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"channels": 5}, "channels=5 of equal height, a line between them, do not fill 131 rows"),
        ({"channels": 3}, "channels=3, but row 43 of the plot, between two of them, is no line"),
        ({"channels": 16}, "channels=16"),
        ({"channels": 2, "channel_layout": "green-blue"}, "colour picture"),
        ({"channels": 3, "channel_layout": "green-blue"}, "needs two"),
        ({"channels": 2, "profile": "ffmpeg"}, "channels=2 of equal height do not fill 131 rows"),
        ({"channels": 2, "plot_area": (0, 0, 200, 3)}, "do not fill 3 rows"),  # parts of one row
        ({"channels": 2, "plot_area": (0, 0, 200, 130)}, "do not fill 130 rows"),
    ],
)
def test_parts_that_do_not_fit_are_refused(drawn, facts, message):
    bare = Picture(drawn.pixels, drawn.palette)
    with pytest.raises(CalibrationError, match=message):
        fastspec.decode(bare, sr=22050, duration=1.0, **facts)


def test_limits_count_all_channels():
    one = {"duration": 10.0, "n_frames": 1000, "n_fft": 1024, "sr": 22050, "freq_scale": "linear"}
    consistency.check_size(Calibration.of(**one), limit=600_000)
    with pytest.raises(CalibrationError, match="in each of 2 channels"):
        consistency.check_size(Calibration.of(**one, channels=2), limit=600_000)


def test_rows_of_a_channel():
    assert channels.rows(11, {}) == 11
    assert channels.rows(11, {"channels": 2}) == 5
    assert channels.rows(10, {"channels": 2}, tools.of("ffmpeg-sqrt").channel_gap) == 5
    assert channels.rows(11, {"channels": 2, "channel_layout": "green-blue"}) == 11
    known = tools.of("sox").with_grid(Calibration.of(profile="sox", columns="spans", channels=2), 100, 131)
    assert known["n_fft"] == 128


def test_a_batch_writes_stereo_with_one_gain(drawn, stereo, tmp_path):
    y, sr = stereo
    (tmp_path / "in").mkdir()
    picture_files.write(drawn, tmp_path / "in" / "a.png")
    picture_files.write(fastspec.encode(y[0, :sr], sr, n_fft=512), tmp_path / "in" / "b.png")
    alone, _ = fastspec.decode(drawn, **FAST)
    for suffix in ("wav", "flac"):
        batch = decode_files([tmp_path / "in"], tmp_path / suffix, audio_format=suffix, **FAST)
        records = {record["input"][-5:]: record for record in batch}
        assert batch.summary.done == 2
        x, rate = soundfile.read(tmp_path / suffix / f"a.{suffix}", dtype="float32")
        assert (x.shape, rate) == (alone.T.shape, sr)
        gain = records["a.png"]["gain"]
        assert gain == pytest.approx(sound_files.PEAK_LOSSLESS / np.abs(alone).max())
        np.testing.assert_allclose(x.T, gain * alone, atol=1e-4)
        assert soundfile.info(tmp_path / suffix / f"b.{suffix}").channels == 1
    single = decode_files([tmp_path / "in" / "a.png"], tmp_path / "mono", mono=True, **FAST).run()
    assert single.done == 1
    assert soundfile.info(tmp_path / "mono" / "a.wav").channels == 1
    with pytest.raises(ParameterError, match="mono was true, is false"):
        decode_files([tmp_path / "in" / "a.png"], tmp_path / "mono", resume=True, **FAST).run()


def test_the_command_line(stereo, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    y, sr = stereo
    soundfile.write("s.wav", y[:, :sr].T, sr)

    def run(*words):
        code = cli.run([str(word) for word in words])
        out, err = capsys.readouterr()
        assert code == 0, err
        return out

    run("encode", "s.wav", "-o", "s.png", "--profile", "sox", "--size", "200x131")
    assert run("decode", "s.png", "-o", "s.flac", "--n-iter", 2) == f"s.flac\t1.00 s\t{sr} Hz\t2 channels\n"
    assert soundfile.info("s.flac").channels == 2
    assert run("decode", "s.png", "-o", "m.wav", "--mono", "--n-iter", 2) == f"m.wav\t1.00 s\t{sr} Hz\n"
    assert soundfile.info("m.wav").channels == 1
    facts = json.loads(run("inspect", "s.png", "--json"))["facts"]
    assert (facts["channels"]["value"], facts["channel_layout"]["value"]) == (2, "stacked")
    with Image.open("s.png") as image:  # without its text
        image.save("bare.png")
    table = run("inspect", "bare.png", "--sr", sr, "--duration", 1)
    command = table.splitlines()[-1].split()
    assert command[command.index("--channels") + 1] == "2"
    run(*command[1:], "-o", "bare.wav", "--n-iter", 2)
    assert soundfile.info("bare.wav").channels == 2
    run("decode", "s.png", "-o", "p.wav", "--plot", "plot.png", "--n-iter", 2)
    run("encode", "s.wav", "--out-dir", "drawn", "--profile", "riffusion")
    run("decode", "drawn", "--out-dir", "back", "--n-iter", 1)
    assert soundfile.info("back/s.wav").channels == 2


def test_parts_of_stacked_channels_leave_the_lines_out():
    pixels = np.zeros((11, 4), np.uint8)
    pixels[5] = 9
    parts = channels.parts(pixels, {"channels": 2, "channel_layout": "stacked"})
    assert [part.shape for part in parts] == [(5, 4), (5, 4)]
    assert not any(part.any() for part in parts)
    with pytest.raises(CalibrationError, match="channels=5"):
        channels.parts(pixels, {"channels": 5, "channel_layout": "stacked"})
    with pytest.raises(CalibrationError, match="colour"):
        channels.parts(pixels, {"channels": 2, "channel_layout": "green-blue"})
