"""The page of ./dev bench says what its numbers say."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from bench import report
from bench.charts import Bar, bars
from bench.results import Results


def run(rows: int, seconds: float, cpu: float = 1.0, memory: float = 50.0, **more: float) -> dict[str, float]:
    return {"rows": rows, "seconds": seconds, "cpu_seconds": cpu, "peak_rss_mb": memory, "bytes": rows * 100, **more}


FACTS: dict[str, Any] = {
    "date": "2026-01-01", "commit": "abc", "size": "tiny", "cpu": "one", "cores": 2, "memory_gb": 4, "kernel": "Linux",
    "load_before": "0.1", "load_after": "0.2", "postgres": "15", "fsync": "on", "shared_buffers": "1", "kafka": "none",
    "wal_level": "logical", "standin": "here", "compiler": "12", "minutes": 1.0, "repeats": 3, "sink_repeats": 1,
}  # fmt: skip


@pytest.fixture
def results() -> Results:
    results = Results(facts=FACTS)
    for seconds in (1.0, 2.0, 4.0):
        results.add("stream 1", "ceiling", run(1_000, seconds))
        results.add("stream 1", "null", run(1_000, seconds / 0.9))
        results.add("stream 100", "ceiling", run(1_000, seconds))
        results.add("stream 100", "null", run(1_000, seconds * 2))
    results.add("stream 1", "own", run(1_000_000, 5.0, cpu=2.0, memory=200.0))
    results.add("stream 1", "kafka", run(1_000, 5.0, cpu=0.1, memory=900.0))
    return results


def goals(results: Results, tmp_path: Path) -> dict[str, str]:
    report.write(results, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    table = page.split("## Goals", 1)[1].split("##", 1)[0].strip().splitlines()[2:]
    return {line.split("|")[1].strip(): " ".join(part.strip() for part in line.split("|")[2:]) for line in table}


def test_medians_and_ratios(results: Results) -> None:
    assert results.rate("stream 1", "ceiling") == 500
    assert results.spread("stream 1", "ceiling") == (250, 1000)
    assert results.cpu_per_million("stream 1", "kafka") == pytest.approx(100)
    assert results.rate("stream 1", "nothing") is None


def test_goals_are_judged_by_the_numbers(results: Results, tmp_path: Path) -> None:
    told = goals(results, tmp_path)
    assert told["stream, 1 row a transaction: null ≥ 80% of the ceiling"].split() == ["90%", "met"]
    assert told["stream, 100 rows a transaction: null ≥ 80% of the ceiling"].split() == ["50%", "**missed**"]
    assert told["stream, 10,000 rows a transaction: null ≥ 80% of the ceiling"].split() == ["not", "measured", "-"]
    assert told["stream, 1 row a transaction: rows a CPU-second ≥ 10 times the Kafka path"].startswith("50.0 times met")


def test_the_memory_goal_is_about_the_engine_alone(results: Results, tmp_path: Path) -> None:
    (peak,) = [text for goal, text in goals(results, tmp_path).items() if goal.startswith("peak RSS")]
    assert peak.startswith("200 MB at most **missed**")


def test_a_part_that_failed_is_told(results: Results, tmp_path: Path) -> None:
    results.notes.append("the part `kafka` did not finish")
    report.write(results, tmp_path)
    assert "the part `kafka` did not finish" in (tmp_path / "benchmarks.md").read_text()


def test_numbers_outlive_their_file(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json").runs == results.runs


def test_charts_are_well_formed_and_to_scale() -> None:
    chart = bars("A & B", [Bar("x <y>", "one", "engine", 100, "100"), Bar("x <y>", "two", "kafka", 50, "50")])
    root = ElementTree.fromstring(chart)
    widths = [float(rect.attrib["width"]) for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
