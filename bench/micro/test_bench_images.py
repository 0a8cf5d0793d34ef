"""Time of the picture side, stage by stage, on synthetic pictures of the user's size; peers stand beside each stage.

    OMP_NUM_THREADS=1 pytest bench/micro/test_bench_images.py --benchmark-group-by=group

`extra_info["mpixel_per_s"]` comes from the fastest round. With --benchmark-disable it is a smoke test.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastspec.colours import colormap, matching, tables
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture

SIZES = {"640x480": (480, 640), "1280x960": (960, 1280)}
MAGMA = colormap.get("magma")


def levels(shape: tuple[int, int]) -> np.ndarray:
    """Something like a spectrogram: decaying harmonics over a noise floor, in runs of equal columns."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1] // 4]
    tone = np.cos(0.15 * y + 3 * np.sin(x / 40)) ** 8 * np.exp(-y / shape[0])
    return np.repeat(np.clip(0.7 * tone + 0.12 * rng.gamma(2, 1, tone.shape), 0, 1), 4, axis=1).astype(np.float32)


def drawn(kind: str, shape: tuple[int, int]) -> np.ndarray:
    """Pixels (H, W, 3): clean, all entries at random (the worst case for caches), noisy, JPEG, or any colours."""
    rng = np.random.default_rng(2)
    clean = colormap.colour_of(levels(shape), MAGMA)
    if kind == "clean":
        return clean
    if kind == "random entries":
        return MAGMA.table[rng.integers(0, 256, shape)]
    if kind == "noisy":
        return np.clip(clean + rng.normal(0, 10, clean.shape), 0, 255).astype(np.uint8)
    if kind == "any colours":
        return rng.integers(0, 256, clean.shape, dtype=np.uint8)
    return picture_files.read(picture_files.encode_bytes(Picture(clean), "JPEG", 75)).pixels


def timed(benchmark: Any, group: str, pixels: int, call: Any) -> Any:
    """Run `call` under the benchmark after one warm-up, and note the rate."""
    benchmark.group = group
    call()
    result = benchmark(call)
    if benchmark.stats is not None:
        benchmark.extra_info["mpixel_per_s"] = round(pixels / benchmark.stats.stats.min / 1e6, 1)
    return result


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["clean", "random entries"])
def test_exact_inverse(benchmark, kind, size):
    pixels = drawn(kind, SIZES[size])
    got = timed(benchmark, f"colour -> level, {size}", pixels.size // 3, lambda: matching.index_of(pixels, MAGMA))
    assert got.exact == 1


@pytest.mark.parametrize("method", ["nearest", "project"])
@pytest.mark.parametrize("kind", ["jpeg", "noisy", "any colours"])
def test_inverse_of_damaged_colours(benchmark, kind, method):
    pixels = drawn(kind, SIZES["640x480"])
    group = "damaged colour -> level, 640x480"
    got = timed(benchmark, group, pixels.size // 3, lambda: matching.index_of(pixels, MAGMA, method))
    assert np.isfinite(got.index).all()


@pytest.mark.parametrize("kind", ["clean", "noisy"])
def test_peer_kd_tree(benchmark, kind):
    spatial = pytest.importorskip("scipy.spatial")
    pixels = drawn(kind, SIZES["640x480"])
    tree = spatial.cKDTree(MAGMA.table.astype(np.float64))
    group = "colour -> level, 640x480" if kind == "clean" else "damaged colour -> level, 640x480"
    found = timed(benchmark, group, pixels.size // 3, lambda: tree.query(pixels.reshape(-1, 3))[1])
    ours = matching.index_of(pixels, MAGMA, "nearest").index.ravel()
    assert (found == ours).mean() > 0.98  # ties may go either way


def test_paint(benchmark):
    x = levels(SIZES["640x480"])
    timed(benchmark, "level -> colour, 640x480", x.size, lambda: colormap.colour_of(x, MAGMA))


def test_peer_matplotlib_paint(benchmark):
    matplotlib = pytest.importorskip("matplotlib")
    x, cmap = levels(SIZES["640x480"]), matplotlib.colormaps["magma"]
    timed(benchmark, "level -> colour, 640x480", x.size, lambda: cmap(x, bytes=True))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["RGBA", "RGB", "palette", "JPEG"])
def test_read(benchmark, kind, size):
    data = picture_file(kind, SIZES[size])
    timed(benchmark, f"read a file, {size}", np.prod(SIZES[size]), lambda: picture_files.read(data))


@pytest.mark.parametrize("size", SIZES)
def test_pillow_alone(benchmark, size):
    data = picture_file("RGBA", SIZES[size])
    timed(benchmark, f"read a file, {size}", np.prod(SIZES[size]), lambda: Image.open(io.BytesIO(data)).load())


@pytest.mark.parametrize("kind", ["RGB", "palette"])
@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_write(benchmark, format, kind):
    picture = picture_files.read(picture_file(kind, SIZES["640x480"]))
    call = lambda: picture_files.encode_bytes(picture, format)  # noqa: E731
    timed(benchmark, "write a file, 640x480", picture.width * picture.height, call)


def test_load_tables(benchmark):
    def load():
        tables.matplotlib_tables.cache_clear()
        colormap.get.cache_clear()
        return colormap.get("magma")

    timed(benchmark, "load the colour tables", 1, load)
    tables.matplotlib_tables.cache_clear()
    colormap.get.cache_clear()


def picture_file(kind: str, shape: tuple[int, int]) -> bytes:
    """A clean picture as RGBA PNG (what savefig writes), RGB PNG, palette PNG (what SoX writes) or JPEG."""
    pixels = drawn("clean", shape)
    if kind == "palette":
        index = matching.index_of(pixels, MAGMA).index.astype(np.uint8)
        return picture_files.encode_bytes(Picture(index, palette=MAGMA.table))
    if kind == "RGBA":
        out = io.BytesIO()
        Image.fromarray(np.dstack([pixels, np.full(shape, 255, np.uint8)])).save(out, "PNG")
        return out.getvalue()
    return picture_files.encode_bytes(Picture(pixels), "JPEG" if kind == "JPEG" else "PNG")
