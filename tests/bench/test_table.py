"""The README's table and the gate: made from the JSON of the comparison, and never without a row."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from bench.speed import gate, paired, record, table
from bench.speed.paired import Estimate
from bench.speed.record import Row


@pytest.fixture
def results():
    """A complete comparison in which every gate holds."""
    rows = []
    for name in record.REQUIRED:
        relation, floor = gate.FLOORS.get(name, (">=", 1.0))
        ratio = floor * 2 if relation == ">=" else floor / 2
        rows.append(
            Row(name, f"what {name} is", "a peer", 57.25, 5.725, ratio=Estimate(ratio, ratio * 0.9, ratio * 1.1, 9))
        )
    next(row for row in rows if row.name == "memory").ours = 3.0
    return {
        "machine": {"processor": "some processor", "python": "3.11", "versions": {"numpy": "2.0", "torch": None}},
        "clip": {"name": "speech", "seconds": 61.0, "sr": 22050},
        "rows": [row.asdict() for row in rows],
    }


def row(results, name):
    return next(r for r in results["rows"] if r["name"] == name)


def test_one_command_rewrites_the_readme(results, tmp_path):
    saved, readme = tmp_path / "results.json", tmp_path / "README.md"
    saved.write_text(json.dumps(results))
    readme.write_text("before\n<!-- bench-table -->\nold\n<!-- /bench-table -->\nafter\n")
    assert table.main([str(saved), "--write", str(readme)]) == 0
    text = readme.read_text()
    assert text.startswith("before\n<!-- bench-table -->\n| what |")
    assert text.endswith("\n<!-- /bench-table -->\nafter\n")
    assert "old" not in text
    for name in set(record.REQUIRED) - {"memory"}:
        assert f"| what {name} is | a peer | 57.2 ms | 5.72 ms |" in text
    assert table.main([str(saved), "--write", str(readme)]) == 0
    assert readme.read_text() == text


@pytest.mark.parametrize("how", ["missing", "failed"])
def test_table_fails_without_a_row_and_writes_nothing(results, tmp_path, capsys, how):
    if how == "missing":
        results["rows"].remove(row(results, "pghi_1h"))
    else:
        row(results, "pghi_1h")["error"] = "outputs differ"
    saved, readme = tmp_path / "results.json", tmp_path / "README.md"
    saved.write_text(json.dumps(results))
    readme.write_text("<!-- bench-table -->\nold\n<!-- /bench-table -->\n")
    assert table.main([str(saved), "--write", str(readme)]) == 1
    assert "pghi_1h" in capsys.readouterr().err
    assert "old" in readme.read_text()


@pytest.mark.parametrize("text", ["", "<!-- bench-table -->", "<!-- /bench-table -->\n<!-- bench-table -->"])
def test_table_needs_its_marks(text):
    with pytest.raises(table.TableError):
        table.put(text, "table")


def test_rows_of_peers_follow_the_row_they_belong_to(results):
    results["rows"].append({**row(results, "stft"), "name": "stft_torch", "what": "stft beside torch"})
    names = [r.name for r in table.rows_of(results)]
    assert names.index("stft_torch") == names.index("stft") + 1


def test_losing_and_missed_rows_are_shown(results):
    row(results, "stft")["ratio"] |= {"median": 0.8}
    row(results, "picture")["wanted"] = ["ratio", ">=", 25.0]
    lines = table.render(results).splitlines()
    assert "**slower**" in next(line for line in lines if "what stft is" in line)
    assert "≥ 25 x | **missed**" in next(line for line in lines if "what picture is" in line)


def test_gate_goes_by_the_bound_not_the_median(results):
    assert gate.judge(results) == []
    row(results, "iteration_1024")["ratio"] |= {"median": 9.0, "low": 4.9}
    row(results, "transforms_1024")["ratio"] |= {"median": 1.2, "high": 2.6}
    wrong = gate.judge(results)
    assert [sentence.split(":")[0] for sentence in wrong] == ["iteration_1024", "transforms_1024"]


def test_gate_fails_on_missing_rows_failures_and_growth(results):
    results["rows"].remove(row(results, "colours"))
    row(results, "stft")["error"] = "outputs differ"
    row(results, "memory")["ours"] = 51.0
    wrong = " ".join(gate.judge(results))
    assert all(name in wrong for name in ("colours", "stft failed", "memory"))


def test_interval_covers_the_median_and_a_steady_ratio_is_found_in_drifting_times():
    speeds = np.random.default_rng(0).uniform(1, 3, 400)
    drift = iter(np.repeat(speeds, 4))
    found = paired.alternate(lambda: 8 * next(drift), lambda: next(drift), 41)
    assert found.ratio.median == pytest.approx(8)
    assert found.ratio.low <= found.ratio.median <= found.ratio.high
    assert found.ratio.high - found.ratio.low < 1e-9


def test_one_iteration_is_what_further_ones_cost(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def call(n):
        now[0] += 100 + 3 * n

    assert paired.clock_iteration(call, 2, 10)() == pytest.approx(3)
