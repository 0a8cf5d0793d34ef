"""Both ways along the road: what is drawn, what comes back, and what carries over."""

from __future__ import annotations

import io
import json
import threading

import numpy as np
import pytest

import fastspec
from fastspec import decoder
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.decoder import Decoder
from fastspec.encoder import Encoder
from fastspec.errors import AudioError, CalibrationError, ParameterError, PictureError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture


@pytest.fixture(scope="module")
def short(speech):
    y, sr = speech
    return y[: 2 * sr], sr


def _specshow(cells, sr, size, *, y_axis, hop_length, cmap=None, **axis):
    """The pixels (H, W, 3) that librosa.display.specshow draws of dB cells."""
    import librosa.display
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes([0, 0, 1, 1])
    ax.set_axis_off()
    extra = {} if cmap is None else {"cmap": cmap}
    librosa.display.specshow(cells, sr=sr, x_axis="time", y_axis=y_axis, hop_length=hop_length, ax=ax, **axis, **extra)
    ax.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize(("size", "cmap"), [((640, 480), "magma"), ((333, 401), "viridis")])
def test_a_sized_picture_is_specshows_pixel_for_pixel(short, scale, size, cmap):
    import librosa

    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=512, freq_scale=scale, size=size, cmap=cmap)
    if scale == "mel":
        cells = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_fft=1024, hop_length=512), ref=np.max)
    else:
        cells = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=1024, hop_length=512)), ref=np.max)
    expected = _specshow(cells, sr, size, y_axis=scale, hop_length=512, cmap=cmap)
    assert picture.rgb().shape == expected.shape
    # The transforms agree to rounding, so that a value on the border of two levels may take either.
    differ = (picture.rgb() != expected).any(axis=2)
    assert differ.mean() < 2e-3
    step = np.abs(picture.rgb().astype(int) - expected).max(axis=2)
    assert step.max() <= 8  # one entry of the colour table


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_what_encode_draws_decode_reads_without_an_option(short, tmp_path, suffix):
    y, sr = short
    path = tmp_path / f"speech{suffix}"
    picture_files.write(fastspec.encode(y, sr, n_fft=1024, hop_length=256), path)
    back, rate = fastspec.decode(path)
    assert rate == sr
    assert back.shape == y.shape
    assert back.dtype == np.float32
    assert metrics.held_out_sc(back, y, sr) < -12
    report = fastspec.inspect(path).report()
    for fact in ("sr", "n_fft", "hop_length", "duration", "cmap", "db_range", "freq_scale", "n_frames"):
        assert report["facts"][fact]["source"] == "embedded"
    assert report["missing"] == []


def test_native_drawing_is_one_pixel_a_frame_and_bin(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    assert picture.rgb().shape == (513, 1 + len(y) // 256, 3)
    deep = fastspec.encode(y, sr, n_fft=1024, hop_length=256, bits=16)
    assert deep.pixels.shape == (513, 1 + len(y) // 256)
    assert deep.pixels.dtype == np.uint16


@pytest.mark.parametrize("bits", [8, 16])
def test_cells_come_back_to_half_a_level(short, bits):
    y, sr = short
    encoder = Encoder(n_fft=1024, hop_length=256, bits=bits)
    picture = encoder.encode(y, sr)
    decoded = Decoder().read(picture)
    true = np.abs(fastspec.stft(y, n_fft=1024, hop_length=256)).T
    lo, hi = decoded.calibration["db_range"]
    floor = true.max() * 10 ** (lo / 20)
    drawn = true > floor * 1.05
    error = 20 * np.log10(decoded.magnitude[drawn] / true[drawn])
    assert np.abs(error).max() <= (hi - lo) / 2**bits / 2 * 1.01 + 1e-3


def test_the_absolute_level_survives_the_round_trip(short):
    y, sr = short
    quiet = 0.01 * y
    back, _ = fastspec.decode(fastspec.encode(quiet, sr, n_fft=1024, hop_length=256))
    assert np.sqrt(np.mean(back**2)) == pytest.approx(np.sqrt(np.mean(quiet**2)), rel=0.05)


@pytest.mark.parametrize("options", [{"freq_scale": "mel"}, {"freq_scale": "log"}, {"size": (400, 700)}])
def test_every_scale_comes_back_as_speech(short, options):
    y, sr = short
    back, _ = fastspec.decode(fastspec.encode(y, sr, n_fft=1024, hop_length=256, **options))
    assert back.shape == y.shape
    assert metrics.log_mel_distance(back, y, sr) < 6.0


def test_options_override_the_file_and_contradictions_are_said(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    cal = fastspec.inspect(picture, cmap="viridis")
    assert cal.source("cmap") == "given"
    assert any("cmap" in remark and "magma" in remark for remark in cal.remarks)


def test_what_is_only_assumed_is_said_in_one_line(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=1024, hop_length=256, size=(640, 900))
    cal = fastspec.inspect(drawn.rgb())  # rows of a linear axis tell no rate
    assert cal.source("sr") == "assumed"
    said = [remark for remark in cal.remarks if "assumed" in remark or "assuming" in remark]
    assert len(said) == 1
    assert "sr 22050" in said[0]


def test_an_option_that_the_rows_contradict_is_obeyed_and_said(speech_picture):
    cal = fastspec.inspect(speech_picture, n_fft=2048, duration=4.5)
    assert cal["n_fft"] == 2048
    assert cal["freq_scale"] == "log"  # the rest of what the rows say is kept
    assert any("n_fft" in remark and "1024" in remark for remark in cal.remarks)
    old = fastspec.inspect(speech_picture, profile="librosa-0.8")
    assert old["freq_edges"] == "librosa>=0.9"
    assert any("freq_edges" in remark for remark in old.remarks)


def test_a_picture_cut_after_drawing_is_said_and_keeps_its_tempo(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    cut = Picture(drawn.pixels[:, :100], palette=drawn.palette, embedded=drawn.embedded)
    cal = fastspec.inspect(cut)
    assert cal["n_frames"] == 100
    assert cal["duration"] == pytest.approx(99 * 256 / sr)
    assert any("cut to 100 frames" in remark for remark in cal.remarks)
    halved = Picture(drawn.pixels[::2, ::2], palette=drawn.palette, embedded=drawn.embedded)
    cal = fastspec.inspect(halved)
    assert cal["duration"] == pytest.approx(len(y) / sr)
    assert any("resized" in remark for remark in cal.remarks)


def test_another_rate_keeps_the_embedded_frames(short):
    y, sr = short
    cal = fastspec.inspect(fastspec.encode(y, sr, n_fft=1024, hop_length=256), sr=2 * sr)
    assert cal["n_frames"] == 1 + len(y) // 256
    assert cal["duration"] == pytest.approx(len(y) / sr / 2, rel=0.01)


@pytest.mark.parametrize("edges", ["librosa>=0.9", "librosa<0.9"])
def test_a_cqt_picture_is_read_and_decoded(short, edges):
    import librosa

    y, sr = short
    cells = librosa.amplitude_to_db(np.abs(librosa.cqt(y, sr=sr)), ref=np.max)
    if edges == "librosa>=0.9":
        pixels = _specshow(cells, sr, (640, 480), y_axis="cqt_hz", hop_length=512)
    else:  # flat shading of explicit edges: rows of even height
        rows = (2 * np.arange(480) + 1) * 84 // 960
        pixels = colormap.colour_of((cells[::-1][rows] + 80) / 80, colormap.get("magma")).repeat(7, axis=1)
    cal = fastspec.inspect(pixels)
    assert (cal["freq_scale"], cal["n_bins"]) == ("cqt", 84)
    assert cal.source("freq_scale") == "pixels"
    back, _ = fastspec.decode(pixels, duration=len(y) / sr)
    assert metrics.stoi(back, y, sr) > 0.6


def test_a_given_duration_stretches_an_embedded_picture(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256, size=(300, 300), freq_scale="log")
    back, rate = fastspec.decode(picture, duration=3.0)
    assert len(back) == 3 * rate


def test_pictures_of_every_kind_are_the_same_picture(short, tmp_path):
    from PIL import Image

    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=512, hop_length=128)
    path = tmp_path / "a.png"
    picture_files.write(drawn, path)
    decoder = Decoder(n_iter=2)
    expected = decoder.decode(path)[0]
    np.testing.assert_array_equal(decoder.decode(drawn)[0], expected)
    np.testing.assert_array_equal(decoder.decode(str(path))[0], expected)
    with Image.open(path) as image:
        np.testing.assert_array_equal(decoder.decode(image)[0], expected)
    np.testing.assert_array_equal(decoder.decode(io.BytesIO(path.read_bytes()))[0], expected)
    with pytest.raises(ParameterError, match="int"):
        decoder.decode(3)


def test_batch_stream_and_threads_give_the_bits_of_one_by_one(short):
    y, sr = short
    pictures = [fastspec.encode(y[:n], sr, n_fft=512, hop_length=128) for n in (900, 5000, 20000, 5000)]
    pictures.append(fastspec.encode(y[:9000], sr, n_fft=1024, hop_length=256))
    decoder = Decoder(n_iter=4)
    alone = [decoder.decode(picture)[0] for picture in pictures]
    for together in (decoder.decode_batch(pictures), list(decoder.stream(iter(pictures)))):
        for (y_batch, rate), y_alone in zip(together, alone, strict=True):
            assert rate == sr
            np.testing.assert_array_equal(y_batch, y_alone)
    results = {}
    threads = [
        threading.Thread(target=lambda k=k: results.update({k: decoder.decode(pictures[k])[0]}))
        for k in range(len(pictures))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, y_alone in enumerate(alone):
        np.testing.assert_array_equal(results[k], y_alone)


def test_out_receives_the_waveforms(short):
    y, sr = short
    pictures = [fastspec.encode(y[:5000], sr, n_fft=512, hop_length=128)] * 2
    out = [np.empty(5000, np.float32), np.empty(5000, np.float32)]
    result = Decoder(n_iter=1).decode_batch(pictures, out=out)
    assert result[0][0] is out[0]
    assert np.any(out[1])
    with pytest.raises(ParameterError, match="shape"):
        Decoder(n_iter=1).decode_batch(pictures, out=[np.empty(4, np.float32)] * 2)
    with pytest.raises(ParameterError, match="one for each"):
        Decoder(n_iter=1).decode_batch(pictures, out=out[:1])


def test_the_customers_picture_is_read_and_sounds_like_the_speech(speech, speech_picture):
    y, sr = speech
    cal = fastspec.inspect(speech_picture, profile="librosa")
    assert (cal["sr"], cal["n_fft"], cal["freq_scale"]) == (sr, 1024, "log")
    assert cal.source("sr") == "pixels"
    back, rate = fastspec.decode(speech_picture, profile="librosa", duration=len(y) / sr)
    assert (len(back), rate) == (len(y), sr)
    assert metrics.log_mel_distance(back, y, sr) < 3.0
    assert metrics.stoi(back, y, sr) > 0.9


def test_without_a_duration_the_assumption_is_said_in_one_line(speech_picture):
    counted = fastspec.inspect(speech_picture, profile="librosa")  # 194 frames in 640 columns: counted, hop assumed
    assert counted["n_frames"] == 194
    assert counted.source("n_frames") == "pixels"
    assert counted.source("duration") == "assumed"
    assert "duration" in counted.missing
    narrow = fastspec.inspect(np.asarray(picture_files.read(speech_picture).rgb())[:, ::7], profile="librosa")
    assert narrow.source("n_frames") == "assumed"
    assert len([remark for remark in narrow.remarks if "duration" in remark]) == 1


def test_silence_goes_both_ways_without_nan():
    picture = fastspec.encode(np.zeros(8000, np.float32), 8000, n_fft=512)
    y, sr = fastspec.decode(picture)
    assert (sr, y.shape) == (8000, (8000,))
    assert not y.any()


def test_an_all_black_picture_is_silence_and_says_so():
    black = np.zeros((100, 50, 3), np.uint8)
    black[..., 2] = 3  # magma's darkest
    decoded = Decoder(sr=8000, n_fft=256, hop_length=64, freq_scale="linear").read(black)
    assert not decoded.magnitude.any()
    assert any("silence" in remark for remark in decoded.calibration.remarks)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_tiny_pictures_give_finite_sound(shape):
    pixels = np.full((*shape, 3), 250, np.uint8)
    y, _ = fastspec.decode(pixels, sr=8000, n_fft=256, hop_length=64, freq_scale="linear", n_iter=3)
    assert np.isfinite(y).all()
    assert y.size >= 1


@pytest.mark.parametrize("length", [1, 10, 511, 513])
def test_sound_shorter_than_a_window_is_drawn_and_read(length):
    y = np.sin(np.arange(length) * 0.3).astype(np.float32)
    back, _ = fastspec.decode(fastspec.encode(y, 8000, n_fft=512))
    assert back.shape == (length,)
    assert np.isfinite(back).all()


def test_channels_are_averaged_and_said(short):
    y, sr = short
    stereo = np.stack([y, np.zeros_like(y)])
    a = fastspec.encode(stereo, sr, n_fft=512)
    b = fastspec.encode(0.5 * y, sr, n_fft=512)
    assert np.mean(a.rgb() != b.rgb()) < 1e-3
    assert "2 channels" in Encoder().remarks(stereo)[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(bad):
    y = np.zeros(4000, np.float32)
    y[123] = bad
    with pytest.raises(AudioError, match="123"):
        fastspec.encode(y, 8000)
    with pytest.raises(AudioError):
        fastspec.encode(np.zeros(0, np.float32), 8000)


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"cmap": "magmma"}, ParameterError, "magma"),
        ({"window": "hannn"}, ParameterError, "hann"),
        ({"profile": "librosaa"}, ParameterError, "librosa"),
        ({"n_fft": 1023, "freq_scale": "log"}, CalibrationError, "1022 or 1024"),
        ({"quality": "superb"}, ParameterError, "balanced"),
        ({"method": "magic"}, ParameterError, "magic"),
        ({"init": "magic"}, ParameterError, "pghi"),
        ({"n_iter": -1}, ParameterError, "-1"),
        ({"seed": -1}, ParameterError, "-1"),
        ({"tempo": 3}, ParameterError, "tempo"),
    ],
)
def test_wrong_options_are_refused_before_any_picture_is_read(options, error, word):
    with pytest.raises(error, match=word):
        Decoder(**options)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bits": 12}, "bits"),
        ({"bits": 16, "cmap": "magma"}, "16 bits"),
        ({"size": (0, 10)}, "size"),
        ({"size": (10, 10**6)}, "size"),
        ({"n_mels": 40}, "mel axis"),
        ({"freq_scale": "cqt"}, "cqt"),
        ({"n_fft": 1}, "n_fft"),
        ({"hop_length": 0}, "hop_length"),
        ({"window": 8.6}, "window"),
    ],
)
def test_drawings_that_cannot_be_are_refused(options, word):
    with pytest.raises((ParameterError, CalibrationError), match=word):
        Encoder(**options)


def test_a_wrong_colormap_is_questioned(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=512, cmap="viridis")
    decoded = Decoder(cmap="hot").read(picture.rgb())
    assert any("another colormap" in remark for remark in decoded.calibration.remarks)


def test_a_foreign_or_broken_embedded_text_is_ignored_and_said(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=512)
    for text in ("{", json.dumps({"format": "other"}), "[]"):
        cal = fastspec.inspect(Picture(drawn.rgb(), embedded=text), freq_scale="linear", n_fft=512)
        assert any("ignored" in remark for remark in cal.remarks)


@pytest.mark.parametrize(
    "claim",
    [{"n_frames": 10**9}, {"duration": 1e12}, {"n_fft": 1 << 17, "n_frames": 10**6}, {"sr": 10**7, "duration": 1e6}],
)
def test_a_picture_that_claims_to_be_endless_is_refused_before_memory_is_taken(claim):
    text = Calibration.of("embedded", **{"sr": 8000, "n_fft": 512, "hop_length": 128, **claim}).to_json()
    with pytest.raises(CalibrationError, match=r"limit|contradicts"):
        Decoder().read(Picture(np.zeros((257, 10, 3), np.uint8), embedded=text))


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 512), (1024, 256), (512, 500)])
def test_the_end_of_the_sound_does_not_click(n_fft, hop):
    """The inverse transform divides the last samples by windows that fall to zero."""
    noise = np.random.default_rng(3).standard_normal(20 * hop + hop - 1).astype(np.float32)
    y, _ = fastspec.decode(fastspec.encode(noise, 8000, n_fft=n_fft, hop_length=hop))
    assert np.abs(y[-hop:]).max() < 1.5 * np.abs(y[hop:-hop]).max()


def test_limits_on_pixels_and_seconds_are_obeyed(speech_picture):
    with pytest.raises(PictureError, match="pixels"):
        Decoder(max_pixels=1000).read(speech_picture)
    with pytest.raises(CalibrationError, match="max_seconds"):
        Decoder(max_seconds=2, profile="librosa", duration=4.5).read(speech_picture)
    with pytest.raises(ParameterError, match="max_seconds"):
        Decoder(max_seconds=-1)


def test_a_picture_that_is_no_picture_is_refused():
    with pytest.raises(PictureError):
        fastspec.decode(np.zeros((4, 4, 2), np.uint8))


def test_every_quality_is_a_valid_choice_and_few_frames_get_fewer_iterations():
    for quality in decoder.QUALITIES:
        planned = Decoder(quality=quality)
        assert 0 < planned._iterations(0.5) <= planned._iterations(0.25)
    assert Decoder(n_iter=7)._iterations(0.5) == Decoder(n_iter=7)._iterations(0.1) == 7
