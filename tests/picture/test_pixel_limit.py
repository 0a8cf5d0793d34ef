"""A raised limit of pixels holds for who raised it, and Pillow's own for all others."""

from __future__ import annotations

import io
import threading

import pytest
from PIL import Image

from fastspec.errors import PictureError
from fastspec.picture import pixel_limit
from fastspec.picture.pixel_limit import sizes_checked
from tests.picture.made import saved


@pytest.fixture(autouse=True)
def low(monkeypatch):
    """Pillow refuses more than 2000 pixels."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)


def opened():
    return Image.open(io.BytesIO(saved(Image.new("L", (90, 80)), "PNG"))).size


def test_within_the_callers_limit_is_asked():
    asked = []
    with sizes_checked(lambda width, height: asked.append((width, height))):
        assert opened() == (90, 80)
    assert asked == [(90, 80)]
    with pytest.raises(Image.DecompressionBombError):
        opened()


def test_its_refusal_comes_through():
    def refuse(width, height):
        raise PictureError("too large")

    with pytest.raises(PictureError, match="too large"), sizes_checked(refuse):
        opened()


def test_other_threads_keep_pillows_limit():
    refused = []

    def other():
        try:
            opened()
        except Image.DecompressionBombError:
            refused.append(True)

    with sizes_checked(lambda width, height: None):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert opened() == (90, 80)
        assert Image.MAX_IMAGE_PIXELS == 1000
    assert refused == [True]


def test_a_pillow_without_that_function_keeps_its_limit(monkeypatch):
    monkeypatch.setattr(pixel_limit, "_CHECK", "no_such_function")
    asked = []
    with sizes_checked(lambda *size: asked.append(size)):
        pass
    assert not hasattr(Image, "no_such_function")
