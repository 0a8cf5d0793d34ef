"""Edited pictures and their originals, from end to end: what is heard, and what stays bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageFilter

import fastspec
from fastspec.errors import AudioError, LimitError, ParameterError, PictureError
from fastspec.phase import metrics
from tests.retouch.edited import STEP, Drawing, as_jpeg
from tests.retouch.pictures import speech

BOX = (60, 140, 150, 260)  # rows and columns


@pytest.fixture(scope="module")
def log():
    return Drawing(*speech())


@pytest.fixture(scope="module")
def linear():
    y, sr = speech()
    return Drawing(y, sr, "linear", (1 + y.size // 512, 513))


def retouched(drawing, pixels, **options):
    return fastspec.Decoder(**options).retouch(pixels, (drawing.y, drawing.sr))


def sc(found, ideal, sr):
    return metrics.held_out_sc(found.wave, ideal, sr) if np.any(found.wave != ideal) else -np.inf


def box_of(drawing):
    height, width = drawing.entries.shape
    top, bottom, left, right = BOX
    return top * height // 300, bottom * height // 300, left * width // 400, right * width // 400


def test_an_unedited_picture_gives_every_sample(log):
    found = retouched(log, log.pixels(log.entries))
    np.testing.assert_array_equal(found.wave, log.y)
    assert (found.share, found.exact, found.seconds, found.everywhere) == (0, log.y.size, None, False)
    assert any("nothing was edited" in remark for remark in found.calibration.remarks)


@pytest.mark.parametrize("which", ["log", "linear"])
@pytest.mark.parametrize("steps", [None, 19, -32])
def test_gains_and_erasures_are_those_of_the_stft(which, steps, request):
    drawing = request.getfixturevalue(which)
    top, bottom, left, right = box_of(drawing)
    entries, cells = drawing.entries.copy(), drawing.cells(top, bottom, left, right)
    part = entries[top:bottom, left:right]
    part[...] = 0 if steps is None else np.clip(part + steps, 0, 255)
    ideal = drawing.spectrum.copy()
    ideal[cells] *= 0 if steps is None else 10 ** (steps * STEP / 20)
    found = retouched(drawing, drawing.pixels(entries))
    assert sc(found, drawing.sound(ideal), drawing.sr) < -50
    assert found.share == pytest.approx(np.mean(entries != drawing.entries), abs=0.005)
    frames = np.flatnonzero(cells.any(axis=1))
    reached = slice(max(0, frames[0] * 512 - 512), frames[-1] * 512 + 512)
    outside = np.ones(drawing.y.size, np.bool_)
    outside[reached] = False
    np.testing.assert_array_equal(found.wave[outside], drawing.y[outside])
    assert found.exact >= outside.sum() > 0.4 * drawing.y.size
    assert found.seconds[0] == pytest.approx(frames[0] * 512 / drawing.sr, abs=0.05)
    assert found.seconds[1] == pytest.approx((frames[-1] + 1) * 512 / drawing.sr, abs=0.05)


@pytest.mark.parametrize("steps", [0, 19, -32])
@pytest.mark.parametrize("which", ["log", "linear"])
def test_a_pasted_block_has_the_phases_of_where_it_was(which, steps, request):
    drawing = request.getfixturevalue(which)
    top, bottom, left, right = box_of(drawing)
    columns, shift = drawing.plan.columns, 25
    entries = drawing.entries.copy()
    for column in range(left, right):
        source = np.flatnonzero(columns == columns[column] - shift)
        entries[top:bottom, column] = np.clip(drawing.entries[top:bottom, source[len(source) // 2]] + steps, 0, 255)
    cells = drawing.cells(top, bottom, left, right)
    louder = np.float32(10 ** (steps * STEP / 20))
    ideal = np.where(cells, louder * np.roll(drawing.spectrum, shift, axis=0), drawing.spectrum)
    found = retouched(drawing, drawing.pixels(entries))
    assert sc(found, drawing.sound(ideal), drawing.sr) < -25
    assert any("copied" in remark for remark in found.calibration.remarks)


def test_a_mirrored_block_sounds_as_the_sound_backwards(linear):
    top, bottom, left, right = box_of(linear)
    entries = linear.entries.copy()
    entries[top:bottom, left:right] = linear.entries[top:bottom, left:right][:, ::-1]
    turn = left + right - 1  # one column a frame
    at = turn * 512 - np.arange(linear.y.size)
    backwards = np.where((at >= 0) & (at < linear.y.size), linear.y[np.clip(at, 0, linear.y.size - 1)], 0)
    other = fastspec.stft(backwards.astype(np.float32), **linear.options).T
    ideal = np.where(linear.cells(top, bottom, left, right), other, linear.spectrum)
    found = retouched(linear, linear.pixels(entries))
    assert sc(found, linear.sound(ideal), linear.sr) < -40


def test_a_block_moved_up_turns_its_phases_with_the_hop(linear):
    entries = linear.entries.copy()
    top, bottom, left, right = box_of(linear)
    entries[top:bottom, left:right] = linear.entries[top + 200 : bottom + 200, left:right]
    found = retouched(linear, linear.pixels(entries))
    spectrum = np.abs(fastspec.stft(found.wave, **linear.options).T)
    cells = linear.cells(top, bottom, left, right)
    wanted = np.roll(np.abs(linear.spectrum), 200, axis=1)
    inner = np.zeros_like(cells)
    rows, bins = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    inner[rows[2] : rows[-2], bins[4] : bins[-4]] = True
    error = np.linalg.norm(spectrum[inner] - wanted[inner]) / np.linalg.norm(wanted[inner])
    assert error < 0.1


def test_painted_content_is_nearer_to_the_picture_than_plain_decoding(log):
    entries = log.entries.copy()
    entries[100:106, 120:300] = 220
    found = retouched(log, log.pixels(entries))
    plain, _ = fastspec.decode(log.pixels(entries), sr=log.sr, duration=log.y.size / log.sr, n_fft=1024, hop_length=512)
    cells = log.cells(100, 106, 120, 300)
    level = np.abs(log.spectrum).max() * 10 ** ((220.5 / 256 * 80 - 80) / 20)

    def error(y):
        shown = np.abs(fastspec.stft(np.ascontiguousarray(y, np.float32), **log.options).T)[cells]
        gain = shown.sum() * level / np.square(shown).sum()
        return np.linalg.norm(gain * shown - level) / (level * np.sqrt(cells.sum()))

    assert error(found.wave) < 0.85 * error(plain)  # .080 and .104
    assert 0 < found.exact < log.y.size


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_white_of_an_eraser_is_silence(log, suffix, tmp_path):
    """Paint's and GIMP's erasers and a deleted selection leave white: magma has none, whose nearest is the loudest."""
    top, bottom, left, right = box_of(log)
    pixels, ideal = log.pixels(log.entries).copy(), log.spectrum.copy()
    pixels[top:bottom, left:right] = 255
    ideal[log.cells(top, bottom, left, right)] = 0
    Image.fromarray(pixels).save(tmp_path / f"cut.{suffix}", **({"quality": 95} if suffix == "jpg" else {}))
    found = retouched(log, tmp_path / f"cut.{suffix}", n_fft=1024, hop_length=512, window="hanning")
    assert sc(found, log.sound(ideal), log.sr) < -25
    assert any("white" in remark and "erased" in remark for remark in found.calibration.remarks)


def test_an_eraser_with_a_soft_rim_leaves_no_loud_one(log):
    pixels = log.pixels(log.entries)
    top, bottom, left, right = box_of(log)
    mask = Image.new("L", pixels.shape[1::-1], 0)
    mask.paste(255, (left, top, right, bottom))
    mask = mask.filter(ImageFilter.GaussianBlur(3))
    picture = Image.fromarray(pixels)
    picture.paste(Image.new("RGB", picture.size, "white"), (0, 0), mask)
    found = retouched(log, np.asarray(picture), n_fft=1024, hop_length=512, window="hanning")
    assert np.square(found.wave).sum() < np.square(log.y).sum()


def test_white_of_a_map_that_has_it_is_a_level(log):
    gray = np.repeat(log.entries[..., None], 3, axis=2).astype(np.uint8)
    gray[60:140, 150:260] = 255
    found = retouched(log, gray, n_fft=1024, hop_length=512, window="hanning")
    assert not any("erased" in remark for remark in found.calibration.remarks)


def test_jpeg_is_no_edit_and_hides_none(log, tmp_path):
    top, bottom, left, right = box_of(log)
    entries, ideal = log.entries.copy(), log.spectrum.copy()
    entries[top:bottom, left:right] = 0
    ideal[log.cells(top, bottom, left, right)] = 0
    facts = {"freq_scale": "log", "n_fft": 1024, "hop_length": 512, "window": "hanning"}
    same = retouched(log, as_jpeg(log.pixels(log.entries), tmp_path / "same.jpg"), **facts)
    assert same.share < 0.02
    found = retouched(log, as_jpeg(log.pixels(entries), tmp_path / "cut.jpg"), **facts)
    assert sc(found, log.sound(ideal), log.sr) < -20
    assert found.share == pytest.approx(np.mean(entries != log.entries), abs=0.03)


def test_noise_everywhere_keeps_the_phases(log):
    pixels = log.pixels(log.entries).astype(np.float64)
    noisy = np.clip(pixels + np.random.default_rng(0).normal(0, 12, pixels.shape), 0, 255).astype(np.uint8)
    facts = {"freq_scale": "log", "n_fft": 1024, "hop_length": 512, "window": "hanning"}
    found = retouched(log, noisy, **facts)
    assert found.everywhere
    assert found.trusted > 0.3
    plain, _ = fastspec.decode(noisy, sr=log.sr, duration=log.y.size / log.sr, **facts)
    assert metrics.held_out_sc(found.wave, log.y, log.sr) < metrics.held_out_sc(plain, log.y, log.sr) - 6
    assert metrics.log_mel_distance(found.wave, log.y, log.sr) < metrics.log_mel_distance(plain, log.y, log.sr)


def test_another_sound_is_refused_and_force_insists(log):
    pixels, other = log.pixels(log.entries), (np.ascontiguousarray(log.y[::-1]), log.sr)
    with pytest.raises(PictureError, match=r"does not fit the picture.*--force"):
        fastspec.Decoder().retouch(pixels, other)
    assert fastspec.Decoder(force=True).retouch(pixels, other).wave.shape == log.y.shape


def test_stereo_at_twice_the_rate_keeps_shape_rate_and_what_lies_outside(log):
    from fastspec.sound.resample import resample

    high = resample(log.y, log.sr, 2 * log.sr)
    stereo = np.stack([high, 0.5 * high]).astype(np.float32)
    top, bottom, left, right = box_of(log)
    entries = log.entries.copy()
    entries[top:bottom, left:right] = 0
    facts = {"sr": log.sr, "n_fft": 1024, "hop_length": 512, "window": "hanning"}
    found = fastspec.Decoder(**facts).retouch(log.pixels(entries), (stereo, 2 * log.sr))
    assert (found.wave.shape, found.sr) == (stereo.shape, 2 * log.sr)
    assert 0.3 * high.size < found.exact < high.size
    first = log.plan.columns[left]
    np.testing.assert_array_equal(found.wave[:, : 2 * 512 * (first - 3)], stereo[:, : 2 * 512 * (first - 3)])
    change = found.wave - stereo
    np.testing.assert_allclose(change[1], 0.5 * change[0], atol=2e-3)
    assert np.abs(change[0]).max() > 0.01


def test_decode_gives_it_too_and_files_keep_their_subtype(log, tmp_path):
    soundfile.write(tmp_path / "speech.wav", log.y, log.sr, "PCM_24")
    with pytest.warns(fastspec.FastspecWarning):
        y, sr = fastspec.decode(log.pixels(log.entries), original=tmp_path / "speech.wav")
    np.testing.assert_array_equal(y, soundfile.read(tmp_path / "speech.wav", dtype="float32")[0])
    assert sr == log.sr
    found = fastspec.Decoder().retouch(log.pixels(log.entries), tmp_path / "speech.wav")
    assert found.subtype == "PCM_24"


@pytest.mark.parametrize("trust", [0, -1, 300, True, "6", float("nan")])
def test_a_trust_that_is_none_is_refused(log, trust):
    with pytest.raises(ParameterError, match="trust"):
        fastspec.Decoder().retouch(log.picture, (log.y, log.sr), trust=trust)


@pytest.mark.parametrize("option", [{"quality": "best"}, {"method": "gla"}, {"n_iter": 8}, {"seed": 1}, {"mono": True}])
def test_options_of_sound_that_is_made_of_the_picture_alone_are_refused(log, option, tmp_path):
    """They were ignored."""
    with pytest.raises(ParameterError, match="say nothing; leave them out"):
        fastspec.decode(log.picture, original=(log.y, log.sr), **option)
    with pytest.raises(ParameterError, match="say nothing; leave them out"):
        fastspec.batch.decode_files([], tmp_path, originals=tmp_path, **option)


def test_rate_before_samples_is_named(log):
    with pytest.raises(ParameterError, match=r"give \(y, sr\)"):
        fastspec.decode(log.picture, original=(log.sr, log.y))


def test_silence_is_refused(log):
    with pytest.raises(AudioError, match="silence"):
        fastspec.Decoder().retouch(log.picture, (np.zeros_like(log.y), log.sr))


@pytest.mark.parametrize("look", ["retouch", "inspect"])
def test_what_a_picture_claims_is_costed_before_its_original_is_drawn(look, monkeypatch):
    """Facts of a stranger's picture that ask for far more than a plain one of its pixels."""
    from fastspec.calibration.calibration import Calibration
    from fastspec.retouch import redraw, samples

    def drawn(*_, **__):
        raise AssertionError("drawn before it was costed")

    monkeypatch.setattr(redraw, "drawn", drawn)
    monkeypatch.setattr(samples.Samples, "trial", drawn)
    y, sr = np.random.default_rng(0).normal(0, 0.1, 22050 * 20).astype(np.float32), 22050
    facts = {"sr": sr, "duration": 20.0, "cmap": "magma", "db_range": (-80.0, 0.0), "n_fft": 2048, "hop_length": 4}
    text = Calibration.of("embedded", freq_scale="linear", freq_edges="cells", **facts).to_json()
    pixels = np.random.default_rng(1).integers(0, 256, (128, 200, 3)).astype(np.uint8)
    picture = fastspec.Picture(pixels, embedded=text)
    work = fastspec.Decoder(force=True).retouch if look == "retouch" else _inspect
    with pytest.raises(LimitError, match=r"hop_length=4.*--max-memory"):
        work(picture, (y, sr))


def _inspect(picture, original):
    return fastspec.inspect(picture, original=original)


def test_a_picture_that_goes_on_beyond_its_original_is_said(linear):
    half = linear.y[: linear.y.size // 2]
    found = fastspec.Decoder(duration=linear.y.size / linear.sr).retouch(linear.picture, (half, linear.sr))
    told = [remark for remark in found.calibration.remarks if "is left out" in remark]
    assert len(told) == 1
    assert f"from 0.00 to {linear.y.size / linear.sr:.2f} s, but original lasts from 0 to" in told[0]
    whole = retouched(linear, linear.picture)
    assert not any("is left out" in remark for remark in whole.calibration.remarks)


@pytest.mark.parametrize("profile", ["sox", "riffusion"])
def test_an_original_of_fewer_channels_than_the_picture_is_refused(profile):
    y, sr = speech()
    y = y[: 2 * sr]
    picture = fastspec.encode(np.stack([y, y[::-1]]), sr, profile=profile)
    with pytest.raises(PictureError, match="shows 2 channels, and original has 1; give the sound with all of them"):
        fastspec.Decoder(force=True).retouch(picture, (y, sr))


def test_a_refusal_says_what_is_doubtful_of_the_picture(linear):
    board = np.kron(np.indices((6, 8)).sum(axis=0) % 2, np.ones((40, 40)))
    checks = board[..., None] * np.array([255, 120, 40])
    with pytest.raises(PictureError, match="does not look like") as plain:
        fastspec.decode(checks.astype(np.uint8))
    doubt = str(plain.value).split(": ", 1)[1].split("; ")[0]
    with pytest.raises(PictureError, match="does not look like") as refused:
        retouched(linear, checks.astype(np.uint8))
    assert doubt in str(refused.value)


def test_samples_between_two_edits_are_counted_as_the_same(linear):
    entries = linear.entries.copy()
    width = entries.shape[1]
    for left in (width // 8, 3 * width // 4):
        entries[400:460, left : left + 4] = 0
    found = retouched(linear, linear.pixels(entries))
    assert found.share > 0
    assert found.exact == np.count_nonzero(found.wave == linear.y)
    assert found.exact > 0.75 * linear.y.size


def test_one_colour_over_silence_is_painted_and_no_gain_of_what_lies_under_it(linear):
    quiet = linear.entries[20:80] == 0
    left = int(np.argmax(np.convolve(quiet.mean(axis=0), np.ones(40), "valid")))
    entries = linear.entries.copy()
    entries[20:80, left : left + 40] = 180
    assert (linear.entries[20:80, left : left + 40] == 0).mean() > 0.8
    found = retouched(linear, linear.pixels(entries))
    shown = np.abs(fastspec.stft(found.wave, **linear.options))[::-1][24:76, left + 2 : left + 38]
    level = np.abs(linear.spectrum).max() * 10 ** ((180.5 / 256 * 80 - 80) / 20)
    assert np.linalg.norm(shown - level) < 0.2 * level * np.sqrt(shown.size)
    assert any("painted" in remark for remark in found.calibration.remarks)
