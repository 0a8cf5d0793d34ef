"""Pixels read from Pillow's own memory."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec.picture import files as picture_files
from fastspec.picture import zero_copy


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_read_where_pillow_holds_them(mode):
    image = Image.fromarray(np.random.default_rng(6).integers(0, 256, (30, 41, len(mode)), np.uint8))
    lying = zero_copy.rgbx(image)
    if lying is None:
        pytest.skip("this Pillow exports no memory")
    expected = np.asarray(image)
    del image  # the array keeps the memory
    np.testing.assert_array_equal(lying[..., : len(mode)], expected)
    assert not lying.flags.writeable


def test_other_modes_and_large_images_are_copied():
    assert zero_copy.rgbx(Image.new("L", (5, 5))) is None
    large = Image.new("RGB", (3000, 2000), (1, 2, 3))
    out = io.BytesIO()
    large.save(out, "PNG")
    np.testing.assert_array_equal(picture_files.read(out.getvalue()).pixels, np.asarray(large))
