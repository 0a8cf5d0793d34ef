"""What a JPEG stores: planes before they are clipped to colours, steps of its coefficients, and shared chroma."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
from PIL import Image

from fastspec.picture import files, jpeg_planes


def saved(rgb, **options):
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def rgb():
    return np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)


@pytest.mark.parametrize(("subsampling", "shared"), [(0, (1, 1)), (1, (1, 2)), (2, (2, 2))])
def test_planes_of_a_file(rgb, subsampling, shared):
    found = jpeg_planes.planes(saved(rgb, quality=60, subsampling=subsampling))
    assert found.shared == shared
    assert found.ycbcr.shape == rgb.shape
    assert [step[0, :3].tolist() for step in found.steps] == [[13, 9, 8], [14, 14, 19]]  # T.81's tables, K.1, K.2
    assert found.steps[0][1, 0] == 10


def test_planes_are_not_clipped():
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[::2, :, 0], rgb[:, ::2, 2] = 255, 255
    file = saved(rgb, quality=75)
    luma = jpeg_planes.planes(file).ycbcr[..., 0].astype(float)
    clipped = np.asarray(Image.open(io.BytesIO(file))) @ [0.299, 0.587, 0.114]
    true = rgb @ [0.299, 0.587, 0.114]
    assert np.abs(luma - true).mean() < 0.5 * np.abs(clipped - true).mean()


def test_files_that_store_no_luma_and_chroma_have_no_planes(rgb):
    gray, inks = io.BytesIO(), io.BytesIO()
    Image.fromarray(rgb[..., 0]).save(gray, "JPEG")
    Image.fromarray(rgb).convert("CMYK").save(inks, "JPEG")
    for data in (gray.getvalue(), inks.getvalue(), b"", saved(rgb)[:60], b"\x89PNG"):
        assert jpeg_planes.planes(data) is None
    assert jpeg_planes.planes(saved(rgb, keep_rgb=True)) is None


@pytest.mark.parametrize(
    "layers", [[(1, 4, 1, 0), (2, 1, 1, 1), (3, 1, 1, 1)], [(1, 2, 2, 0), (2, 2, 1, 1), (3, 1, 1, 1)], []]
)
def test_other_ways_of_sharing_are_not_undone(layers):
    assert jpeg_planes._shared(layers) is None


def test_a_picture_keeps_the_file_of_a_jpeg(rgb, tmp_path, monkeypatch):
    data = saved(rgb)
    (tmp_path / "a.jpg").write_bytes(data)
    for source in (tmp_path / "a.jpg", data, io.BytesIO(data)):
        picture = files.read(source)
        assert picture.file == data
        assert pickle.loads(pickle.dumps(picture)).file == data
        assert "file" not in picture.info
    Image.fromarray(rgb).save(tmp_path / "a.png")
    Image.fromarray(rgb[..., 0]).save(tmp_path / "gray.jpg")
    assert files.read(tmp_path / "a.png").file is None
    assert files.read(tmp_path / "gray.jpg").file is None
    monkeypatch.setattr(jpeg_planes, "LARGEST", len(data))
    assert files.read(data).file == data
    monkeypatch.setattr(jpeg_planes, "LARGEST", len(data) - 1)
    assert files.read(data).file is None
