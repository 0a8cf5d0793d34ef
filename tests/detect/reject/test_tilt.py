"""Pictures that lie askew on paper are told from upright ones, whatever these show."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.detect.reject.tilt import tilted
from fastspec.errors import PictureError


@pytest.fixture(scope="module")
def upright(speech_picture):
    with Image.open(speech_picture) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("degrees", [-30, -12, -4, 3, 8, 25])
def test_a_turned_picture_lies_askew(upright, degrees):
    turned = upright.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    assert tilted(np.asarray(turned))
    assert "tilted" in fastspec.inspect(turned).picture["doubt"]
    with pytest.raises(PictureError, match="tilted"):
        fastspec.decode(turned, duration=4.5)


def test_upright_pictures_and_margins_do_not(upright):
    for paper in ((255, 255, 255), (0, 0, 0)):
        sheet = Image.new("RGB", (upright.width + 160, upright.height + 90), paper)
        sheet.paste(upright, (70, 40))
        assert not tilted(np.asarray(sheet))
    assert not tilted(np.asarray(upright))


def test_curves_blanks_and_small_pictures_do_not():
    rising = np.full((200, 300, 3), 255, np.uint8)
    for x in range(300):
        rising[199 - x * 2 // 3, x] = 0
    for picture in (rising, np.full((200, 300, 3), 255, np.uint8), rising[:40, :40], rising[..., 0]):
        assert not tilted(picture)
