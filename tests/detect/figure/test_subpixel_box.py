"""Axes that lie between pixels: which cell each pixel of matplotlib's shows, and where its default axes lie."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import ListedColormap
from PIL import Image

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.time import TimeAxis
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import check_fact
from fastspec.detect.figure import subpixel_box
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.errors import ParameterError
from fastspec.picture.picture import Picture
from fastspec.plot import layout as plot_layout


def whole(v):
    return int(np.floor(v + 0.5))


def bounds(axes, height):
    """left, top, right, bottom of an axes' box in fractional pixels of a picture so high."""
    extent = axes.get_window_extent()
    return extent.x0, height - extent.y1, extent.x1, height - extent.y0


def numbered(size, place, scale, n_frames, n_cells, *, sr=22050, hop=512):
    """The number of the cell at each pixel (H, W) of an axes at `place` of a figure, its whole box and its offsets."""
    import librosa.display

    figure = plt.figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes(place)
    k = np.arange(n_frames * n_cells)
    colours = ListedColormap(np.stack([k >> 16 & 255, k >> 8 & 255, k & 255], axis=1) / 255.0)
    librosa.display.specshow(
        k.reshape(n_cells, n_frames).astype(float), y_axis=scale, x_axis="time", sr=sr, hop_length=hop, ax=axes,
        cmap=colours, vmin=-0.5, vmax=len(k) - 0.5,
    )  # fmt: skip
    axes.axis("off")
    figure.canvas.draw()
    rgb = np.asarray(figure.canvas.buffer_rgba()).astype(int)  # type: ignore[attr-defined]
    true = bounds(axes, len(rgb))
    plt.close(figure)
    box = tuple(whole(v) for v in true)
    shown = (rgb[..., 0] * 65536 + rgb[..., 1] * 256 + rgb[..., 2])[box[1] : box[3], box[0] : box[2]]
    return shown, box, (box[0] - true[0], box[1] - true[1], true[2] - box[2], true[3] - box[3])


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize("n_frames", [40, 301, 1900])
def test_every_pixel_of_a_fractional_box_shows_the_cell_that_matplotlib_shows(scale, n_frames):
    rng = np.random.default_rng(n_frames)
    n_cells = 128 if scale == "mel" else 257
    for _ in range(6):
        size = int(rng.integers(300, 900)), int(rng.integers(200, 600))
        low, high = rng.uniform(0.05, 0.3, 2), rng.uniform(0.5, 0.69, 2)
        shown, box, offsets = numbered(size, (*low, *high), scale, n_frames, n_cells)
        cal = {
            "freq_scale": scale, "freq_edges": "librosa>=0.9", "sr": 22050, "n_fft": 512, "n_mels": 128,
            "hop_length": 512, "n_frames": n_frames, "plot_area": box, "plot_offsets": offsets,
        }  # fmt: skip
        facts = Complete.of({"cmap": "magma", "duration": 1.0, **cal})
        plan = plot_layout.layout(facts, box[2] - box[0], box[3] - box[1])
        np.testing.assert_array_equal(shown, plan.rows[:, None] * n_frames + plan.columns[None])
        flat = plot_layout.layout(facts._replace(plot_offsets=None), box[2] - box[0], box[3] - box[1])
        assert (flat.rows[:, None] * n_frames + flat.columns[None] != shown).any()
        # a part of the plot has no such box of its own
        part = plot_layout.layout(facts, box[2] - box[0], (box[3] - box[1]) // 2)
        np.testing.assert_array_equal(part.columns, flat.columns)


def test_offsets_turn_with_the_axis_and_none_change_nothing():
    for edges in ("librosa>=0.9", "librosa<0.9"):
        axis = FrequencyAxis("log", n_fft=1024, edges=edges)
        turned = FrequencyAxis("log", n_fft=1024, edges=edges, origin="upper")
        np.testing.assert_array_equal(axis.rows(211, (0.3, -0.4)), turned.rows(211, (-0.4, 0.3))[::-1])
        assert (axis.rows(211, (0.3, -0.4)) != axis.rows(211)).any()
        frames = TimeAxis(777, edges=edges)
        assert (frames.columns(500, (0.4, 0.4)) != frames.columns(500)).any()
        np.testing.assert_array_equal(frames.columns(500, (0.0, 0.0)), frames.columns(500))


def saved(figure, **options):
    buffer = io.BytesIO()
    figure.savefig(buffer, **{"format": "png", **options})
    plt.close(figure)
    return Picture.from_pil(Image.open(buffer))


def figure_of(size, dpi, bar, *, layout=None, style="default", rows=1):
    """A figure of pcolormesh and the true box of its axes, once it is drawn."""
    with plt.style.context(style):
        figure, several = plt.subplots(rows, figsize=size, dpi=dpi, layout=layout, squeeze=False)
        axes = several[-1, 0]
        table = np.random.default_rng(5).uniform(0, 1, (65, 90)) ** 2
        mesh = axes.pcolormesh(np.arange(91) / 30, np.arange(66) * 125, table, cmap="magma")
        axes.set(xlabel="Time", ylabel="Hz")
        if bar:
            figure.colorbar(mesh, ax=axes, **({} if bar is True else bar))
        for other in several[:-1, 0]:
            other.plot(np.arange(9))
    return figure, axes


def true_offsets(figure, axes, dpi, picture):
    figure.set_dpi(dpi)
    figure.canvas.draw()
    left, top, right, bottom = bounds(axes, picture.height)
    return whole(left) - left, whole(top) - top, right - whole(right), bottom - whole(bottom)


@pytest.mark.parametrize("size", [(6.4, 4.8), (10, 4), (9.13, 3.97), (14, 5)])
@pytest.mark.parametrize("dpi", [72, 96, 100, 150])
@pytest.mark.parametrize("bar", [False, True, {"fraction": 0.046, "pad": 0.04}, {"location": "left"}])
def test_default_axes_are_found_between_the_pixels(size, dpi, bar):
    figure, axes = figure_of(size, dpi, bar)
    picture = saved(figure, dpi=dpi)
    true = true_offsets(figure, axes, dpi, picture)
    plt.close("all")
    stated = read_figure(picture, Calibration()).facts.get("plot_offsets")
    if stated is None:  # nothing to state, or sizes in inches that differ in their last digit
        assert np.abs(true).max() < 1e-3 or (size[0] * dpi % 1 or size[1] * dpi % 1)
    else:
        np.testing.assert_allclose(stated.value, true, atol=0.021)
        assert stated.source == "pixels"
        assert stated.confidence <= 0.85


@pytest.mark.parametrize(("rows", "style"), [(2, "default"), (3, "default"), (1, "classic")])
def test_rows_of_axes_and_the_classic_style(rows, style):
    figure, axes = figure_of((7.77, 8.88), 100, True, rows=rows, style=style)
    picture = saved(figure, dpi=100)
    true = true_offsets(figure, axes, 100, picture)
    np.testing.assert_allclose(read_figure(picture, Calibration())["plot_offsets"], true, atol=0.001)


def test_layouts_of_no_usual_place_state_nothing():
    for layout, options in (("tight", {}), ("constrained", {}), (None, {"bbox_inches": "tight"})):
        picture = saved(figure_of((9.13, 3.97), 100, True, layout=layout)[0], dpi=100, **options)
        facts = read_figure(picture, Calibration())
        assert "plot_area" in facts
        assert "plot_offsets" not in facts


def test_other_software_and_another_given_area_state_nothing():
    picture = saved(figure_of((9.13, 3.97), 100, False)[0], dpi=100)
    found = read_figure(picture, Calibration())
    assert "plot_offsets" in found
    area = found["plot_area"]
    same = read_figure(picture, Calibration.of("given", plot_area=area))
    assert same["plot_offsets"] == found["plot_offsets"]
    moved = (area[0] + 1, *area[1:])
    assert "plot_offsets" not in read_figure(picture, Calibration.of("given", plot_area=moved))
    other = Picture(picture.pixels, info={**picture.info, "software": "gnuplot"})
    assert "plot_offsets" not in read_figure(other, Calibration())


def test_a_box_on_whole_pixels_has_no_offsets():
    figure, _ = figure_of((8, 4), 100, False)  # 100, 48, 720, 356
    facts = read_figure(saved(figure, dpi=100), Calibration())
    assert facts["plot_area"] == (100, 48, 720, 356)
    assert "plot_offsets" not in facts


def test_borders_half_a_pixel_off_and_sizes_that_differ():
    # 105.5 and 759.6 of 844 pixels: half a pixel is drawn at the next one
    assert subpixel_box.fractional((106, 48, 760, 356), 844, 400, {})[0] == (0.5, 0.0, -0.4, 0.0)
    assert subpixel_box.fractional((107, 48, 760, 356), 844, 400, {}) is None
    # 2 inches of 72.3 pixels, or more
    assert subpixel_box._sizes(529, 72.0) == [7.35 * 72, 7.36 * 72]
    assert subpixel_box._sizes(460, 72.009) == [6.4 * 72]
    assert subpixel_box._sizes(913, 99.9998) == [9.13 * 100]
    assert subpixel_box._sizes(913, None) == [913.0]


def test_the_fact_is_four_small_numbers_and_travels():
    assert check_fact("plot_offsets", [0.5, -1, 0, 1]) == (0.5, -1.0, 0.0, 1.0)
    for wrong in ((0, 0, 0), (0, 0, 0, 1.5), (0, 0, 0, float("nan")), "0000", 1):
        with pytest.raises(ParameterError, match="plot_offsets"):
            check_fact("plot_offsets", wrong)
    cal = Calibration.of("given", plot_area=(1, 2, 30, 40), plot_offsets=(0.125, -0.3, 0.0, 0.499))
    assert dict(Calibration.from_json(cal.to_json())) == dict(cal)


def seen_borders(frames, width, left, right, *, hidden=()):
    """Where columns differ in an axes that reaches `left` and `right` beyond its pixels; `hidden` borders do not."""
    edges = np.floor(-left + np.arange(1, frames) * (width + left + right) / frames + 0.5).astype(int)
    across = np.zeros(width - 1, bool)
    across[np.delete(edges, hidden) - 1] = True
    return across


def test_borders_of_frames_tell_their_number_and_the_box():
    rng = np.random.default_rng(8)
    silent = 0
    for _ in range(100):
        width = int(rng.integers(300, 1500))
        frames = int(rng.integers(60, width // 1.8))
        left, right = rng.uniform(-0.49, 0.49, 2)
        hidden = rng.choice(frames - 1, rng.integers(0, frames // 20 + 1), replace=False)
        found = subpixel_box._fitted(seen_borders(frames, width, left, right, hidden=hidden))
        if found is None:
            silent += 1
            continue
        assert found[0] == frames
        read = TimeAxis(frames).columns(width, found[1:3])
        assert np.mean(read != TimeAxis(frames).columns(width, (left, right))) < 0.1
    assert silent < 12  # borders that lie evenly fit less exactly


def test_borders_at_random_places_are_no_frames():
    rng = np.random.default_rng(9)
    for density in (0.05, 0.2, 0.5, 0.8, 0.95):
        for _ in range(20):
            assert subpixel_box._fitted(rng.random(int(rng.integers(100, 1500))) < density) is None
    assert subpixel_box._fitted(np.zeros(500, bool)) is None
    assert subpixel_box._fitted(np.ones(500, bool)) is None
    assert subpixel_box._fitted(np.zeros(0, bool)) is None


def test_frames_are_counted_in_a_figure_whose_layout_is_not_known():
    import librosa.display

    import fastspec

    figure, axes = plt.subplots(figsize=(9.13, 3.97), dpi=100, layout="tight")
    table = np.random.default_rng(3).uniform(-80, 0, (257, 233)).astype(np.float32)
    librosa.display.specshow(table, sr=16000, hop_length=160, x_axis="time", y_axis="linear", ax=axes)
    picture = saved(figure, dpi=100)
    left, _, right, _ = bounds(axes, picture.height)
    plt.close("all")
    known = fastspec.inspect(picture)
    assert (known["n_frames"], known.source("n_frames")) == (233, "pixels")
    assert known.facts["n_frames"].confidence <= 0.9
    beyond = known["plot_area"][0] - left, right - known["plot_area"][2]
    np.testing.assert_allclose(np.array(known["plot_offsets"])[[0, 2]], beyond, atol=0.08)
    assert known.facts["plot_offsets"].confidence <= 0.85
    # what a picture without margins shows is not asked
    assert subpixel_box.read_columns(picture.pixels, Calibration()) == Calibration()


@pytest.mark.parametrize(("scale", "n_fft", "sr"), [("log", 1024, 22050), ("log", 2048, 11025), ("mel", 2048, 16000)])
def test_rows_between_pixels_tell_the_axis_and_the_box(scale, n_fft, sr):
    n_cells = 64 if scale == "mel" else 1 + n_fft // 2
    rng = np.random.default_rng(n_fft)
    for _ in range(3):
        place = (*rng.uniform(0.05, 0.3, 2), *rng.uniform(0.5, 0.69, 2))
        shown, box, offsets = numbered((640, 480), place, scale, 60, n_cells, sr=sr)
        rgb = np.stack([shown >> 16 & 255, shown >> 8 & 255, shown & 255], axis=2).astype(np.uint8)
        told = Calibration().updated("pixels", 0.9, plot_area=box, freq_scale=scale, sr=sr)
        found = subpixel_box.read_cells(rgb, told)
        expected = {"n_mels": 64, "freq_scale": "mel"} if scale == "mel" else {"n_fft": n_fft, "freq_scale": "log"}
        assert {name: found[name] for name in expected} == expected
        # other edges in a box elsewhere may draw the same rows: then they are only likely
        assert found["freq_edges"] == "librosa>=0.9" or found.facts["freq_edges"].confidence < 0.7
        cal = {**told, "hop_length": 512, **found, "plot_offsets": found.get("plot_offsets")}
        facts = Complete.of({"cmap": "magma", "duration": 1.0, "n_fft": n_fft, **cal})
        plan = plot_layout.layout(facts, box[2] - box[0], box[3] - box[1])
        true = shown[:, 0] // 60
        assert (np.abs(plan.rows - true) <= 0.007 * n_cells).all()  # where a row hides bins, borders do not tell which
        assert (plan.rows == true).mean() > 0.7
        assert found["n_frames"] == 60
        if "plot_offsets" in found:
            np.testing.assert_allclose(found["plot_offsets"][::2], offsets[::2], atol=0.1)


def moved(shown):
    """Cells a pixel farther left and down, within the same frame."""
    shown = np.concatenate([shown[:, 1:], shown[:, -1:]], axis=1)
    return np.concatenate([shown[:1], shown[:-1]])


@pytest.mark.parametrize(("scale", "n_fft", "sr"), [("log", 1024, 22050), ("mel", 2048, 16000)])
def test_cells_that_an_old_matplotlib_drew_off_their_places_are_found(scale, n_fft, sr):
    """A figure of 2019 (3.0.3) told neither its frames nor its bands, whose borders are as clear as any."""
    n_cells = 64 if scale == "mel" else 1 + n_fft // 2
    place = 64.15 / 640, 80.15 / 480, 480 / 640, 320 / 480
    shown, box, offsets = numbered((640, 480), place, scale, 60, n_cells, sr=sr)
    shown = moved(shown)
    rgb = np.stack([shown >> 16 & 255, shown >> 8 & 255, shown & 255], axis=2).astype(np.uint8)
    told = Calibration().updated("pixels", 0.9, plot_area=box, freq_scale=scale, sr=sr)
    assert "n_frames" not in subpixel_box.read_cells(rgb, told)
    found = subpixel_box.read_cells(rgb, told, old=True)
    assert found["n_frames"] == 60
    assert (found["n_mels"] == 64) if scale == "mel" else (found["n_fft"] == n_fft)
    left, _, right, _ = found["plot_offsets"]
    assert (left, right) == (pytest.approx(offsets[0] + 1, abs=0.2), pytest.approx(offsets[2] - 1, abs=0.2))


@pytest.mark.parametrize(("software", "old"), [
    ("matplotlib version 3.0.3, http://matplotlib.org/", True),
    ("matplotlib version3.2.2, http://matplotlib.org/", True),
    ("Matplotlib version3.3.0, https://matplotlib.org/", False),
    ("GIMP", False),
    (None, False),
])  # fmt: skip
def test_an_old_matplotlib_is_known_by_its_small_letters(software, old):
    assert subpixel_box.is_old({} if software is None else {"software": software}) == old


def test_dense_rows_are_no_proof_of_any_axis():
    # nearly all rows differ, as do those of every long transform: with borders at random nothing may be said surely
    rng = np.random.default_rng(0)
    for share in (0.9, 0.95):
        levels = np.cumsum(rng.random(300) < share)[:, None] % 200 + np.zeros(50, np.intp)
        rgb = np.repeat(levels[..., None], 3, axis=2).astype(np.uint8)
        told = Calibration().updated("pixels", 0.9, plot_area=(0, 0, 50, 300), freq_scale="log", sr=22050)
        found = subpixel_box.read_rows(rgb, told)
        assert all(fact.confidence <= 0.6 for fact in found.facts.values())


def test_facts_of_rows_are_no_surer_than_an_unclear_area():
    shown, box, _ = numbered((500, 400), (0.1, 0.1, 0.8, 0.8), "log", 30, 513)
    rgb = np.stack([shown >> 16 & 255, shown >> 8 & 255, shown & 255], axis=2).astype(np.uint8)
    sure, unclear = (
        subpixel_box.read_rows(rgb, Calibration().updated("pixels", c, plot_area=box, freq_scale="log", sr=22050))
        for c in (0.9, 0.5)
    )
    assert sure["n_fft"] == unclear["n_fft"] == 1024
    assert sure.facts["n_fft"].confidence > 0.9
    assert unclear.facts["n_fft"].confidence <= 0.5


@pytest.mark.parametrize(("size", "dpi"), [((5, 5), 100), ((8, 3), 90), ((7.5, 4.5), 100)])
def test_rows_that_each_begin_a_bin_tell_no_place(speech, size, dpi):
    """Where a plot has fewer rows than bins each row begins a bin, wherever the plot lies."""
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    import librosa.display

    levels = librosa.amplitude_to_db(np.abs(librosa.stft(speech[0], n_fft=2048, hop_length=512)), ref=np.max)
    librosa.display.specshow(levels, sr=speech[1], x_axis="time", y_axis="hz", ax=axes, cmap="turbo")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    true = bounds(axes, int(figure.bbox.height))
    plt.close(figure)
    given = {"sr": speech[1], "n_fft": 2048, "hop_length": 512}
    found = fastspec.inspect(Image.open(buffer), **given)
    offsets = found.get("plot_offsets", (0.0, 0.0, 0.0, 0.0))
    _, top, _, bottom = found["plot_area"]
    assert top - offsets[1] == pytest.approx(true[1], abs=0.26)
    assert bottom + offsets[3] == pytest.approx(true[3], abs=0.26)
    told = fastspec.inspect(Image.open(buffer), plot_offsets=(0.1, 0.2, 0.3, 0.4), **given)
    assert (told["plot_offsets"], told.source("plot_offsets")) == ((0.1, 0.2, 0.3, 0.4), "given")
