"""What is no spectrogram is refused unless forced; odd spectrograms are not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec import Decoder, PictureError, cli
from fastspec.cli import exit_codes
from fastspec.colours import colormap
from fastspec.detect.reject.rejection import reason_to_reject
from fastspec.detect.reject.several_plots import count_plots
from fastspec.picture.picture import Picture
from tests.detect.reject.pictures import SR, colour_photograph, gray_photograph, sounds, text, two, waveform


@pytest.fixture(scope="module")
def picture(speech_picture):
    return np.asarray(Image.open(speech_picture).convert("RGB"))


BAD = {
    "photograph": (lambda y, p: colour_photograph(), "photograph"),
    "gray photograph": (lambda y, p: gray_photograph(0), "gray photograph"),
    "gray photograph as RGB": (lambda y, p: np.repeat(gray_photograph(1)[..., None], 3, axis=2), "gray photograph"),
    "negative": (lambda y, p: 255 - gray_photograph(2), "gray photograph"),
    "white": (lambda y, p: np.full((300, 400, 3), 255, np.uint8), "one colour"),
    "red": (lambda y, p: np.tile(np.array([200, 20, 20], np.uint8), (300, 400, 1)), "one colour"),
    "text": (lambda y, p: text(), "text"),
    "dark text": (lambda y, p: 255 - text(), "text"),
    "waveform": (lambda y, p: waveform(y), "waveform"),
    "beside": (lambda y, p: two(p, False), "2 spectrograms"),
    "below": (lambda y, p: two(p, True), "2 spectrograms"),
    "turned left": (lambda y, p: np.rot90(p).copy(), "on its side"),
    "turned right": (lambda y, p: np.rot90(p, -1).copy(), "on its side"),
    "turned round": (lambda y, p: np.rot90(p, 2).copy(), "upside down"),
    "flipped": (lambda y, p: p[::-1].copy(), "upside down"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_spectrogram_is_named_and_refused(speech, picture, kind):
    make, word = BAD[kind]
    pixels = make(speech[0], picture)
    cal = fastspec.inspect(pixels)
    assert word in cal.picture["doubt"]
    assert any("not look like a spectrogram" in remark for remark in cal.remarks)
    with pytest.raises(PictureError, match=word):
        Decoder().read(pixels)


def test_forced_it_is_decoded_all_the_same():
    y, _ = fastspec.decode(text(), force=True, n_iter=0, duration=1.0)
    assert np.isfinite(y).all()


def test_the_command_line_exits_with_1_unless_forced(tmp_path, capsys):
    path = tmp_path / "text.png"
    Image.fromarray(text()).save(path)

    def run(*arguments):
        try:
            cli.main(["decode", str(path), "-o", str(tmp_path / "y.wav"), *arguments])
        except SystemExit as stop:
            return stop.code or 0
        return 0

    assert run() == exit_codes.FATAL
    assert "--force" in capsys.readouterr().err
    assert not (tmp_path / "y.wav").exists()
    assert run("--force", "--duration", "1", "--n-iter", "0") == 0


@pytest.mark.parametrize(
    "options", [{}, {"freq_scale": "log", "size": (640, 480)}, {"cmap": "gray_r"}, {"cmap": "jet"}]
)
def test_odd_spectrograms_are_not_rejected(speech, options):
    for name, y in sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), SR, n_fft=512, hop_length=128, **options)
        assert reason_to_reject(drawn.pixels, drawn.palette) is None, name
        assert count_plots(drawn.pixels, drawn.palette) == 1, name


@pytest.mark.parametrize("name", ["magma", "viridis", "gray", "inferno"])
def test_silence_is_a_spectrogram(name):
    lowest = colormap.get(name).table[0]
    assert reason_to_reject(np.tile(lowest, (60, 80, 1))) is None


def turned(drawn, turns):
    return Picture(np.rot90(drawn.pixels, turns).copy(), drawn.palette)


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize(("profile", "options"), [("sox", {"profile": "sox"}), ("ffmpeg", {"cmap": "ffmpeg-fire"})])
def test_a_picture_of_a_tool_that_draws_axes_may_be_turned(speech, profile, options, turns):
    y, sr = speech
    drawn = fastspec.encode(y, sr, size=(600, 257), **options)
    drawn = drawn if profile == "sox" else Picture(drawn.rgb())  # ffmpeg writes colours
    upright, on_its_side = (fastspec.inspect(turned(drawn, n), sr=sr) for n in (0, turns))
    assert upright["profile"] == on_its_side["profile"] == profile
    assert "doubt" not in upright.picture
    assert "on its side" in on_its_side.picture["doubt"]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_axes_of_sox_elsewhere_are_said(speech, turns):
    y, sr = speech
    drawn = fastspec.encode(y, sr, profile="sox", size=(600, 257))
    framed = np.pad(drawn.pixels, ((30, 48), (58, 86)))  # paper, and what is written on it
    framed[30:287, [57, 658]] = framed[[29, 287], 58:658] = 3
    framed[-24:-8, 58:658] = framed[30:287, 20:36] = framed[30:287, -50:-30] = 1
    whole = Picture(framed, drawn.palette)
    assert fastspec.inspect(whole, sr=sr).get("plot_area") == (58, 30, 658, 287)
    assert "axes are not where it draws them" in fastspec.inspect(turned(whole, turns), sr=sr).picture["doubt"]


NO_SPECTROGRAMS = {
    "white": (lambda shape: np.full(shape, 1.0), "a picture of one colour"),
    "middle gray": (lambda shape: np.full(shape, 0.4), "a picture of one colour"),
    "silence": (lambda shape: np.zeros(shape), None),
    "halves": (lambda shape: (np.indices(shape)[1] < shape[1] // 2) * 1.0, "a drawing of two colours"),
    "noise": (lambda shape: np.random.default_rng(0).random(shape), None),
}


@pytest.mark.parametrize("kind", NO_SPECTROGRAMS)
@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7), (8, 8), (9, 200), (200, 9), (64, 64), (300, 400)])
@pytest.mark.parametrize("depth", ["8 bits", "16 bits", "palette", "RGB"])
def test_the_reason_is_the_same_for_every_shape_and_depth(kind, shape, depth):
    make, reason = NO_SPECTROGRAMS[kind]
    gray = np.round(make(shape) * 255).astype(np.uint8)
    pixels, palette = {
        "8 bits": (gray, None),
        "16 bits": (gray.astype(np.uint16) * 257, None),
        "palette": (255 - gray, np.arange(255, -1, -1).astype(np.uint8)[:, None].repeat(3, axis=1)),
        "RGB": (gray[..., None].repeat(3, axis=2), None),
    }[depth]
    said = reason_to_reject(pixels, palette)
    if kind == "noise" and min(shape) > 24:
        assert said is not None
        assert said.startswith("a texture")
    elif reason is None or min(shape) < 8:
        assert said is None
    else:
        assert said is not None
        assert said.startswith(reason)
    assert count_plots(pixels, palette) == 1


def test_an_axis_that_begins_far_before_zero_is_no_time(tmp_path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), dpi=100)
    axes = figure.add_subplot()
    x = np.linspace(-3, 3, 200)
    axes.imshow(np.cos(x[:, None] * 3) + np.sin(x[None] * 2), extent=(-3, 3, 0, 4000), aspect="auto")
    figure.savefig(tmp_path / "waves.png")
    assert "no time in a sound" in fastspec.inspect(tmp_path / "waves.png").picture["doubt"]
