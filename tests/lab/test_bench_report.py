"""The page of ./dev bench says what its numbers say."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from bench import report, server_report
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


def server_results(p99_ms: float, cpu_share: float) -> Results:
    results = Results(facts=FACTS)
    answer = {
        "asked": 100, "p50_ms": 2.0, "p99_ms": p99_ms, "max_ms": 90.0, "errors": 0, "clients": 20, "cpu_share": 0.3,
        "all": 95.0,
    }  # fmt: skip
    results.add("server api sqlite", "get", dict(answer))
    results.add("server api sqlite", "status", {**answer, "p99_ms": 70.0, "clients": 4})
    results.add("server api sqlite", "status, at first", {**answer, "p99_ms": 130.0, "clients": 4})
    used = {"seconds": 60.0, "cpu_share": cpu_share, "rss_mb": 100.0, "threads": 20, "descriptors": 30}
    results.add(
        "server idle", "kafka-connect", {**used, "pipelines": 1000, "cluster_requests": 6, "connector_requests": 0}
    )
    results.add("server idle", "embedded", {**used, "pipelines": 200, "start_seconds": 40.0, "start_rss_mb": 120.0})
    return results


def test_the_server_is_judged_by_its_goals(tmp_path: Path) -> None:
    server_report.write(server_results(p99_ms=12.5, cpu_share=0.03), tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    told = {row[0]: row[1:] for row in rows if len(row) == 4}
    assert told["p99 of every answer from the server's own knowledge < 50 ms, SQLite store"] == [
        "12.5 ms (get)", "0.25", "met",
    ]  # fmt: skip
    assert told["p99 of `status`, which asks three servers, < 50 ms, SQLite store"][1:] == ["1.40", "**missed**"]
    assert told["CPU < 2% of a core, 1,000 carried by one Connect cluster"] == ["3.00%", "1.50", "**missed**"]
    assert told["RSS < 400 MB, 200 embedded, all idle"] == ["100 MB", "0.25", "met"]
    assert "6 times for all connectors at once in 60 s, and 0 times for a single one" in page
    assert "| 200 embedded, all idle | 3.00% | 150 µs/s | 100 | 512 kB | 20 | 30 |" in page


def test_each_part_of_the_page_outlives_a_run_of_the_other(results: Results, tmp_path: Path) -> None:
    report.write(results, tmp_path)
    engine = (tmp_path / "benchmarks.md").read_text()
    assert server_report.HEADING not in engine
    server_report.write(server_results(10, 0.01), tmp_path)
    both = (tmp_path / "benchmarks.md").read_text()
    assert both.startswith(engine.rstrip()) and server_report.HEADING in both
    server_report.write(server_results(11, 0.01), tmp_path)
    assert (tmp_path / "benchmarks.md").read_text().count(server_report.HEADING) == 1
    report.write(results, tmp_path)
    assert "11.0 ms (get)" in (tmp_path / "benchmarks.md").read_text()
