"""Which plot of a figure is read: the only spectrogram, that which the user names, or none where it is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.panels import reading_order
from fastspec.detect.figure.plots import Figure
from fastspec.detect.magnified import larger
from fastspec.picture.picture import Picture


class Limits(NamedTuple):
    """Which plots of a figure count, and what an editor's window is.

    `python -m bench.quality.refusals CORPUS` judges them by its kinds panels, above_a_waveform, editor_window and
    drawing.
    """

    second: float = 0.3  # of the first's size, from which a second picture makes two; unmeasured
    listed: int = 4  # plots whose places are said at most, so that a sentence stays one; unmeasured
    same_area: int = 3  # pixels by which a given area may differ from a plot; unmeasured
    touching: int = 2  # pixels between the borders of a plot and of curves that touch it; unmeasured
    every: int = 3  # pixels, of which one is looked at; unmeasured
    gray: int = 24  # difference of the channels of a gray, but for JPEG; unmeasured
    mostly_gray: float = 0.8  # of a plot that is gray; unmeasured


LIMITS = Limits()


def chosen(figure: Figure, picture: Picture, known: Calibration) -> tuple[Plot | None, Calibration]:
    """The plot to read, None where it cannot be told; and what is to be said of the others.

    The `panels` described are the boxes of all spectrograms, in the order in which the fact `panel` counts them.
    """
    if "plot_area" in known:
        there = [plot for plot in figure.images if _close(plot.box, known["plot_area"])]
        return (there[0] if there else None), Calibration()
    if not figure.images:
        return None, _only_curves(figure, picture)
    plots = reading_order([plot for plot in figure.images if plot.size >= LIMITS.second * figure.images[0].size])
    panels = {"panels": tuple(larger(plot.box, picture) for plot in plots)} if len(plots) > 1 else {}
    number = known.get("panel")
    if number is None and len(plots) > 1:
        what = (
            f"{len(plots)} spectrograms in one figure, at {_listed(plots, picture)}: name the one to decode with "
            f"--panel 1 to {len(plots)}, counted row by row from the top left"
        )
        return None, Calibration(picture={"doubt": what, **panels})
    if (number or 1) > len(plots):
        return None, Calibration(picture=panels)
    plot = plots[(number or 1) - 1]
    curves = [other for other in figure.curves if other.size > LIMITS.second * plot.size]
    if not curves:
        return plot, Calibration(picture=panels)
    others, this = _listed(curves, picture), _listed([plot], picture)
    if number is None and _editor(figure, plot, curves):
        what = (
            f"a window of a sound editor, with curves at {others} and a spectrogram at {this}, over which others may "
            "be drawn: read that alone with --panel 1"
        )
        return None, Calibration(picture={"doubt": what})
    said = f"the figure shows curves as well, at {others}; the spectrogram at {this} is read"
    return plot, Calibration({}, panels, (said,))


def _only_curves(figure: Figure, picture: Picture) -> Calibration:
    """What is to be said of a figure without anything that may be a spectrogram."""
    curves = [plot for plot in reading_order(figure.curves) if plot.size >= LIMITS.second * figure.plots[0].size]
    if not curves or figure.plots[0] not in curves:
        return Calibration()
    return Calibration(picture={"doubt": f"a drawing of curves or bars on paper, at {_listed(curves, picture)}"})


def _editor(figure: Figure, plot: Plot, curves: Sequence[Plot]) -> bool:
    """Whether curves touch a gray spectrogram from border to border, as in the windows of Praat."""
    left, top, right, bottom = plot.outer
    if not any(
        max(abs(left - other.outer[0]), abs(right - other.outer[2])) <= LIMITS.touching
        and min(abs(top - other.outer[3]), abs(bottom - other.outer[1])) <= LIMITS.touching
        for other in curves
    ):
        return False
    inside = figure.rgb[top : bottom : LIMITS.every, left : right : LIMITS.every].astype(np.int16)
    return float((np.ptp(inside, axis=2) <= LIMITS.gray).mean()) > LIMITS.mostly_gray


def _listed(plots: Sequence[Plot], picture: Picture) -> str:
    """Where plots are, in pixels of the file: left,top,right,bottom."""
    places = " and ".join(",".join(map(str, larger(plot.box, picture))) for plot in plots[: LIMITS.listed])
    return places if len(plots) <= LIMITS.listed else f"{places} and {len(plots) - LIMITS.listed} more places"


def _close(box: tuple[int, ...], given: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(box, given, strict=True)) <= LIMITS.same_area
