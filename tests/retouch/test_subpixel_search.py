"""The search looks for the place of a figure's plot where nobody states it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from fastspec import inspection
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain
from tests.retouch.figures import Figure
from tests.retouch.pictures import speech


def explained(pixels, sound, **given):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    stream.seek(0)
    return explain(inspection.load(stream), inspection.given_facts(given), Original.of(sound)).calibration


@pytest.fixture(scope="module")
def drawn():
    y, sr = speech()
    return Figure(y[: 3 * sr], sr, how={"bbox_inches": "tight"})


def test_the_place_is_found_and_nothing_needs_to_be_said_of_it(drawn):
    found = explained(drawn.erased(), (drawn.y, drawn.sr))
    assert found.source("plot_offsets") == "original"
    assert found["plot_offsets"] == pytest.approx(drawn.offsets, abs=0.1)
    assert not any("plot_offsets" in said for said in found.remarks)


def test_a_place_that_is_stated_stays(drawn):
    stated = (0.125, 0.0, 0.0, 0.25)
    found = explained(drawn.erased(), (drawn.y, drawn.sr), plot_offsets=stated, plot_area=drawn.area)
    assert (found["plot_offsets"], found.source("plot_offsets")) == (stated, "given")


def test_a_picture_without_margins_has_none(drawn):
    found = explained(drawn.plot, (drawn.y, drawn.sr))
    assert found.source("plot_offsets") != "original"
