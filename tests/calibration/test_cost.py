"""The cost model counts every fact that makes work. `tests.promises.test_costs` compares it with what is measured."""

from __future__ import annotations

from typing import Any

import pytest

from fastspec.calibration.complete import Complete
from fastspec.calibration.cost import COSTS, Work

FACTS: dict[str, Any] = {
    "sr": 22_050, "n_fft": 1024, "hop_length": 256, "n_frames": 47, "cmap": "gray", "db_range": [-80.0, 0.0],
    "freq_scale": "linear", "freq_edges": "cells", "profile": "fastspec", "window": "hann",
}  # fmt: skip
MORE = {
    "n_frames": 9000, "n_fft": 8192, "hop_length": 1, "channels": 2, "duration": 500.0, "shown_n_fft": 2048,
    "n_mels": 400, "fmax": 60_000.0, "n_bins": 600,
}  # fmt: skip
SCALES = {"n_mels": "mel", "fmax": "mel", "n_bins": "cqt"}


@pytest.mark.parametrize("name", [*MORE, "pixels", "iterations", "width"])
def test_each_fact_that_makes_work_is_counted(name):
    scale = SCALES.get(name, "linear")
    spans = (
        {"columns": "spans", "time_extent": (0.0, 9.0), "column_step": 0.01} if name in ("duration", "width") else {}
    )
    facts = {**FACTS, "freq_scale": scale, "n_mels": 64, "win_length": 1024, "duration": 9.0, **spans}
    if name == "duration":
        facts |= {"hop_length": 1000}
    how = {"pixels": 12_000, "width": 47, "iterations": 16}
    before = Work.of(Complete.of(facts), **how)
    if name in how:
        after = Work.of(Complete.of(facts), **{**how, name: 100 * how[name]})
    else:
        after = Work.of(Complete.of({**facts, name: MORE[name]}), **how)
    assert after.seconds > 1.2 * before.seconds
    assert after.memory > 1.2 * before.memory or name in ("iterations", "hop_length")


def test_frames_that_overlap_are_counted_in_every_iteration():
    facts, how = {**FACTS, "duration": 9.0, "n_fft": 4096, "n_frames": 100_000}, {"pixels": 1, "width": 1}
    for iterations in (16, 160):
        each = [Work.of(Complete.of(facts | {"hop_length": hop}), **how, iterations=iterations) for hop in (1, 1024)]
        assert 1.5 < each[0].seconds / each[1].seconds < 4


def test_mono_and_workers_are_counted():
    facts, how = Complete.of({**FACTS, "duration": 9.0, "channels": 4}), {"pixels": 1, "width": 1, "iterations": 16}
    assert Work.of(facts, **how)._replace(mono=True).seconds < Work.of(facts, **how).seconds / 3
    close = Complete.of({**FACTS, "duration": 9.0, "n_fft": 8192, "hop_length": 1})
    assert Work.of(close, **how)._replace(workers=4).memory > 2 * Work.of(close, **how).memory


def test_the_start_is_counted_where_nothing_is_iterated():
    """PGHI is one step that no clock interrupts."""
    few, many = (Work(4096, 100, 4097, frames, 8192, 2048, 0).seconds for frames in (1000, 2000))
    step = (many - few) / 1000
    transform = COSTS.sample * 8192
    assert step > COSTS.start * 4097 + transform


def test_long_transforms_take_longer_a_sample():
    def each(n_fft: int) -> float:
        """Seconds of a sample of a window in an iteration."""
        few, many = (Work(1, 1, 1, 64, n_fft, n_fft // 4, iterations).seconds for iterations in (10, 20))
        return (many - few) / 10 / 64 / n_fft

    assert each(4096) == pytest.approx(each(1024), rel=0.15)
    assert each(16_384) > 1.3 * each(4096)
    assert each(65_536) > 1.7 * each(4096)
