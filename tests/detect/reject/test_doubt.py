"""What is no spectrogram is refused unless forced; odd spectrograms are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import fastspec
from fastspec import Decoder, PictureError, cli
from fastspec.colours import colormap
from fastspec.detect.reject import photograph
from fastspec.detect.reject.doubt import doubt, several

SR = 16000


@pytest.fixture(scope="module")
def picture(speech_picture):
    return np.asarray(Image.open(speech_picture).convert("RGB"))


def waveform(y):
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    peaks = np.abs(y[: y.size // 560 * 560]).reshape(560, -1).max(axis=1)
    for x, peak in enumerate(peaks / peaks.max()):
        draw.line((40 + x, 240 - 200 * peak, 40 + x, 240 + 200 * peak), fill=(31, 119, 180))
    return np.asarray(image)


def text():
    image = Image.new("RGB", (500, 400), "white")
    draw = ImageDraw.Draw(image)
    for line in range(24):
        draw.text((10, 16 * line), "The quick brown fox jumps over the lazy dog. " * 2, fill="black")
    return np.asarray(image)


def colour_photograph():
    """Coloured light on smooth things: hues and brightness that no colormap joins."""
    rng = np.random.default_rng(0)
    small = rng.random((12, 16, 3)) * 255
    image = Image.fromarray(small.astype(np.uint8)).resize((640, 480), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(image) + rng.normal(0, 3, (480, 640, 3)), 0, 255).astype(np.uint8)


def gray_photograph(seed):
    """Dead leaves: shaded discs of all sizes that hide each other, as things in a photograph do (Lee et al. 2001)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:480, :640]
    light = np.zeros((480, 640))
    empty = np.ones((480, 640), bool)
    while empty.any():
        y, x = rng.integers(0, 480), rng.integers(0, 640)
        radius = 12 / rng.uniform(0.05, 1) if empty.mean() > 0.02 else 200
        part = empty & ((rows - y) ** 2 + (columns - x) ** 2 < radius**2)
        slope = rng.normal(0, 0.15, 2)
        light[part] = (rng.uniform(40, 210) + slope[0] * (rows - y) + slope[1] * (columns - x))[part]
        empty &= ~part
    noise = rng.normal(0, 2, light.shape)
    soft = Image.fromarray(np.clip(light + noise, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return np.asarray(soft)


def two(picture, down):
    tile = np.full((picture.shape[0] + 60, picture.shape[1] + 80, 3), 255, np.uint8)
    tile[30:-30, 40:-40] = picture
    return np.concatenate([tile, tile], axis=0 if down else 1)


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
    "beside": (lambda y, p: two(p, False), "2 pictures"),
    "below": (lambda y, p: two(p, True), "2 pictures"),
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
    assert any("no spectrogram" in remark for remark in cal.remarks)
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
            return cli.main(["decode", str(path), "-o", str(tmp_path / "y.wav"), *arguments]) or 0
        except SystemExit as stop:
            return stop.code or 0

    assert run() == cli.EXIT_FATAL
    assert "--force" in capsys.readouterr().err
    assert not (tmp_path / "y.wav").exists()
    assert run("--force", "--duration", "1", "--n-iter", "0") == 0


def sounds(y):
    t = np.arange(3 * SR) / SR
    noise = np.random.default_rng(0).normal(size=t.size)
    return {
        "speech": y,
        "short": y[: SR // 4],
        "after silence": np.concatenate([np.zeros(SR), y[: 2 * SR]]),
        "fade": y[: t.size] * np.linspace(0, 1, y[: t.size].size),
        "tone": np.sin(2 * np.pi * 440 * t),
        "tones": sum(np.sin(2 * np.pi * f * t) for f in (220, 440, 1000, 3000)),
        "noise": noise,
        "noise sets in": np.where(t > 1.5, noise, 0),
        "clicks": (np.arange(t.size) % 4000 == 0) * 1.0,
        "chirp": np.sin(2 * np.pi * (100 * t + 900 * t * t)),
        "bursts": np.sin(2 * np.pi * 800 * t) * (np.floor(t * 4) % 2),
    }


@pytest.mark.parametrize(
    "options", [{}, {"freq_scale": "log", "size": (640, 480)}, {"cmap": "gray_r"}, {"cmap": "jet"}]
)
def test_odd_spectrograms_are_not_doubted(speech, options):
    for name, y in sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), SR, n_fft=512, hop_length=128, **options)
        assert doubt(drawn.pixels, drawn.palette) is None, name
        assert several(drawn.pixels, drawn.palette) == 1, name


@pytest.mark.parametrize("damage", ["jpeg", "noise", "blur", "half", "negative"])
def test_damaged_gray_spectrograms_are_no_photographs(speech, damage):
    for name, y in sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), SR, n_fft=512, hop_length=128, cmap="gray", size=(640, 480))
        image = Image.fromarray(drawn.rgb()).convert("L")
        if damage == "jpeg":
            out = io.BytesIO()
            image.save(out, "JPEG", quality=60)
            image = Image.open(out)
        elif damage == "noise":
            grain = np.random.default_rng(0).normal(0, 10, (480, 640))
            image = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
        elif damage == "blur":
            image = image.filter(ImageFilter.GaussianBlur(1.5))
        elif damage == "half":
            image = image.resize((320, 240), Image.Resampling.LANCZOS)
        else:
            image = Image.fromarray(255 - np.asarray(image))
        assert doubt(np.asarray(image)) is None, name


@pytest.mark.parametrize("cmap", ["jet", "turbo", "nipy_spectral", "sox", "ffmpeg-rainbow"])
@pytest.mark.parametrize("damage", ["jpeg", "noise"])
def test_colours_far_from_their_map_make_no_photograph(speech, cmap, damage):
    """With a cell for every pixel JPEG mixes colours that lie far apart on these maps."""
    y, sr = speech
    rgb = fastspec.encode(y, sr, n_fft=1024, hop_length=32, cmap=cmap, size=(640, 480)).rgb()
    if damage == "jpeg":
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=50)
        rgb = np.asarray(Image.open(out))
    else:
        grain = np.random.default_rng(0).normal(0, 20, rgb.shape)
        rgb = np.clip(rgb + grain + 0.5, 0, 255).astype(np.uint8)
    assert doubt(rgb) is None


@pytest.mark.parametrize("kind", ["gray", "RGB", "palette", "16 bits", "part"])
def test_textures_are_those_of_obvious_means(kind):
    gray = np.random.default_rng(0).integers(0, 256, (64, 48)).astype(np.uint8)
    palette = np.repeat(np.arange(255, -1, -1).astype(np.uint8)[:, None], 3, axis=1)
    pixels = {
        "gray": gray,
        "RGB": np.repeat(gray[..., None], 3, axis=2),
        "palette": 255 - gray,
        "16 bits": gray.astype(np.uint16) * 256 + 77,
        "part": np.repeat(np.pad(gray, 5)[..., None], 3, axis=2)[5:-5, 5:-5],
    }[kind]
    out = photograph._textures(pixels, palette if kind == "palette" else None).reshape(4, 3, 5)
    for a in range(4):
        for b in range(3):
            patch = gray[16 * a : 16 * a + 16, 16 * b : 16 * b + 16].astype(float)
            down, across = (gradient[1:-1, 1:-1] for gradient in np.gradient(patch))
            products = [(across * across).mean(), (down * down).mean(), (across * down).mean()]
            np.testing.assert_allclose(out[a, b], [patch.mean(), patch.std(), *products])


@pytest.mark.parametrize("name", ["magma", "viridis", "gray", "inferno"])
def test_silence_is_a_spectrogram(name):
    lowest = colormap.get(name).table[0]
    assert doubt(np.tile(lowest, (60, 80, 1))) is None


@pytest.mark.parametrize("sigma", [5, 10, 20])
def test_noise_on_a_spectrogram_is_no_photograph(picture, sigma):
    noisy = picture + np.random.default_rng(0).normal(0, sigma, picture.shape) + 0.5
    assert doubt(np.clip(noisy, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (9, 200), (200, 9), (64, 64)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_shape_and_depth_is_judged_without_an_error(shape, dtype):
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    assert doubt(pixels) is None or isinstance(doubt(pixels), str)
    assert several(pixels) >= 1


@pytest.mark.parametrize("cmap", ["viridis", "magma", "jet"])
def test_a_photograph_in_a_maps_colours_is_one(cmap):
    # smooth shades with edges in all directions: round things on a slope of light
    y, x = np.mgrid[0:300, 0:400] / 100.0
    light = 110 + 25 * x - 18 * y
    for cx, cy, r, shade in ((1.0, 1.2, 0.6, 70), (2.6, 0.9, 0.5, -60), (3.0, 2.2, 0.7, 40), (1.8, 2.3, 0.4, -80)):
        near = (x - cx) ** 2 + (y - cy) ** 2 < r * r
        light = np.where(near, light + shade * (1 - 0.5 * ((x - cx) + (y - cy)) / r), light)
    levels = np.clip(light + np.random.default_rng(0).normal(0, 1.5, light.shape), 0, 255).astype(np.intp)
    said = doubt(colormap.get(cmap).table[levels])
    assert said is not None
    assert "photograph" in said


@pytest.mark.parametrize("seed", [9, 14, 48])
def test_repeated_strokes_are_not_taken_for_a_picture_on_its_side(seed):
    # a drum loop: broadband hits that fade, louder in the first half, over a quiet floor
    rng = np.random.default_rng(seed)
    time, loudness = np.arange(400), np.zeros(400)
    for k in range(8):
        gain, length = rng.uniform(0.2, 1) * (1 if k < 4 else 0.35), rng.uniform(5, 30)
        loudness += gain * np.where(time >= 50 * k, np.exp(-np.maximum(time - 50 * k, 0) / length), 0)
    levels = 50 + 170 * np.minimum(loudness, 1)[None] - 30 * np.linspace(1, 0, 256)[:, None]
    levels = np.clip(levels + rng.normal(0, 8, levels.shape), 0, 255).astype(np.intp)
    assert doubt(colormap.get("magma").table[levels]) is None


def test_an_axis_that_begins_far_before_zero_is_no_time(tmp_path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), dpi=100)
    axes = figure.add_subplot()
    x = np.linspace(-3, 3, 200)
    axes.imshow(np.cos(x[:, None] * 3) + np.sin(x[None] * 2), extent=(-3, 3, 0, 4000), aspect="auto")
    figure.savefig(tmp_path / "waves.png")
    assert "no time in a sound" in fastspec.inspect(tmp_path / "waves.png").picture["doubt"]
