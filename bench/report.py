"""docs/benchmarks.md and its charts, from a run's numbers."""

from __future__ import annotations

from pathlib import Path

from bench import server_report
from bench.charts import Bar, bars
from bench.results import Results
from bench.sizes import HUGE_BYTES, LATENCY_RATES

STREAMS = {
    "stream 1": "1 row a transaction",
    "stream 100": "100 rows a transaction",
    "stream 10000": "10,000 rows a transaction",
    "stream tpcb": "pgbench TPC-B, 4 rows a transaction",
}
LOADS = {"load wide": "wide, 16 columns", "load pgbench": "pgbench's four tables"}
_GOAL_MB = 150


def write(results: Results, docs: Path) -> None:
    images = docs / "images"
    images.mkdir(parents=True, exist_ok=True)
    (images / "bench-load.svg").write_text(_load_chart(results))
    (images / "bench-stream.svg").write_text(_stream_chart(results))
    (images / "bench-cpu.svg").write_text(_cpu_chart(results))
    measured = any(measurement.startswith("server ") for measurement in results.runs)
    server = "\n" + server_report.section(results) if measured else server_report.kept(docs)
    (docs / "benchmarks.md").write_text(_page(results) + server)


def _page(results: Results) -> str:
    facts = results.facts
    parts = [
        "# Benchmarks",
        "Written by `./dev bench`; do not edit. One run on one machine, all columns side by side, turn by turn.",
        _warning(),
        _facts(facts),
        _busy(results),
        "## Goals\n\n" + _goals(results),
        "## Full load\n\n![Rows a second](images/bench-load.svg)\n\n" + _load_table(results),
        "## Stream\n\n![Changes a second](images/bench-stream.svg)\n\n" + _stream_table(results),
        "## CPU\n\n![CPU-seconds a million rows](images/bench-cpu.svg)\n\n" + _cpu_text(),
        "## What limits each column\n\n" + _limits(),
        "## Memory\n\n" + _memory_table(results),
        "## From commit to visible\n\n" + _latency_table(results),
        "## How it is measured\n\n" + _method(facts),
    ]
    if results.notes:
        parts.append("## Notes of this run\n\n" + "\n".join(f"- {note}" for note in results.notes))
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _warning() -> str:
    return (
        "**None of these are SQL Server numbers.** The target of the columns `own` and `Kafka` is the lab's stand-in,"
        " a TDS server over PostgreSQL that runs on the same cores; it is the limit there as soon as rows are written."
        " What they tell is how two movers compare before the same target, and what each costs in CPU. The columns"
        " `ceiling` and `null` have no target at all."
    )


def _facts(facts: dict) -> str:
    rows = [
        ("Date", facts["date"]), ("Commit", facts["commit"]), ("Size", facts["size"]),
        ("Machine", f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gb']} GiB, {facts['kernel']}"),
        ("Load average", f"{facts['load_before']} at the start, {facts['load_after']} at the end (this run adds about"
         " its own two or three)"),
        ("Source", f"PostgreSQL {facts['postgres']}: fsync={facts['fsync']}, shared_buffers={facts['shared_buffers']},"
         f" wal_level={facts['wal_level']}, over TCP on loopback, no TLS"),
        ("Stand-in", facts["standin"]),
        ("Kafka path", facts["kafka"]),
        ("Millrace", f"g++ {facts['compiler']}, -O2"),
        ("Took", f"{facts['minutes']:.0f} minutes"),
    ]  # fmt: skip
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _busy(results: Results) -> str:
    if float(results.facts["load_before"]) < results.facts["cores"] / 2:
        return ""
    loads = [run["load_average"] for columns in results.runs.values() for runs in columns.values() for run in runs]
    between = f" It was {min(loads):.1f} to {max(loads):.1f} while it was measured." if loads else ""
    return (
        f"**The machine was busy with other work:** its load average was {results.facts['load_before']} on"
        f" {results.facts['cores']} cores before this run began.{between} Rates and latencies are worse than the machine"
        " can do, and vary with what else ran; ratios and CPU-seconds suffer less."
    )


# --- goals


def _goals(results: Results) -> str:
    lines = ["| Goal | Measured | |", "|---|---|---|"]

    def line(goal: str, told: str, met: bool | None) -> None:
        lines.append(f"| {goal} | {told} | {'-' if met is None else 'met' if met else '**missed**'} |")

    for measurement, title in LOADS.items():
        for streams in (1, 2):
            share = _share(results, measurement, f"null {streams}", f"ceiling {streams}")
            line(
                f"load, {title}, {streams} stream(s): null ≥ 80% of the ceiling", _percent(share), _at_least(share, 0.8)
            )
    for measurement, title in STREAMS.items():
        share = _share(results, measurement, "null", "ceiling")
        line(f"stream, {title}: null ≥ 80% of the ceiling", _percent(share), _at_least(share, 0.8))
    for measurement, title in {**LOADS, **STREAMS}.items():
        ratio = _cpu_ratio(results, measurement)
        told = "not measured" if ratio is None else f"{ratio:.1f} times"
        line(
            f"{measurement.split()[0]}, {title}: rows a CPU-second ≥ 10 times the Kafka path",
            told,
            _at_least(ratio, 10),
        )
    peak = max((run["peak_rss_mb"] for measurement, column, run in _own_runs(results)), default=None)
    told = "not measured" if peak is None else f"{peak:.0f} MB at most"
    line(
        f"peak RSS < {_GOAL_MB} MB whatever the table, row or transaction",
        told,
        None if peak is None else peak < _GOAL_MB,
    )
    return "\n".join(lines)


def _own_runs(results: Results):
    for measurement, columns in results.runs.items():
        for column, runs in columns.items():
            if column in ("own", "count", "text") or column.startswith("null"):
                yield from ((measurement, column, run) for run in runs if "peak_rss_mb" in run)


def _share(results: Results, measurement: str, column: str, ceiling: str) -> float | None:
    """The median of the ratios of neighbouring runs: they met the machine in the same mood."""
    mine = results.runs.get(measurement, {}).get(column, [])
    theirs = results.runs.get(measurement, {}).get(ceiling, [])
    ratios = sorted(
        (one["rows"] / one["seconds"]) / (other["rows"] / other["seconds"])
        for one, other in zip(mine, theirs, strict=False)
    )
    if not ratios:
        return None
    middle = len(ratios) // 2
    return ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2


def _cpu_ratio(results: Results, measurement: str) -> float | None:
    own = results.cpu_per_million(measurement, "own")
    kafka = results.cpu_per_million(measurement, "kafka")
    return kafka / own if own and kafka else None


def _at_least(value: float | None, goal: float) -> bool | None:
    return None if value is None else value >= goal


def _percent(share: float | None) -> str:
    return "not measured" if share is None else f"{100 * share:.0f}%"


# --- tables


def _load_table(results: Results) -> str:
    lines = [
        "| Table | Column | rows/s (least to most) | MB/s | CPU s per million rows | cores: mover, source | peak RSS MB |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    columns = {
        "ceiling 1": "ceiling, 1 stream", "null 1": "null, 1 worker", "ceiling 2": "ceiling, 2 streams",
        "null 2": "null, 2 workers", "own": "own into the stand-in, 4 workers", "kafka": "Kafka into the stand-in",
    }  # fmt: skip
    for measurement, title in LOADS.items():
        for column, name in columns.items():
            if results.has(measurement, column):
                lines.append(f"| {title} | {name} | {_numbers(results, measurement, column)} |")
    return "\n".join(lines) + (
        "\n\nFor pgbench the ceiling is that of `pgbench_accounts`, which holds nearly all rows."
    )


def _numbers(results: Results, measurement: str, column: str) -> str:
    least, most = results.spread(measurement, column) or (0, 0)
    rate = results.rate(measurement, column) or 0
    size = results.median(measurement, column, "bytes")
    rows = results.median(measurement, column, "rows") or 1
    cpu = results.cpu_per_million(measurement, column)
    memory = results.most(measurement, column, "peak_rss_mb")
    return " | ".join(
        (
            f"{rate:,.0f} ({least:,.0f} to {most:,.0f})",
            f"{rate * size / rows / 1e6:,.0f}" if size else "-",
            f"{cpu:,.1f}",
            _cores(results, measurement, column),
            f"{memory:,.0f}",
        )
    )


def _cores(results: Results, measurement: str, column: str) -> str:
    """How busy the two sides were: who is near one whole core, or both together near all that there are, is the limit."""
    mover = results.share(measurement, column, "cpu_seconds")
    server = results.share(measurement, column, "server_cpu_seconds")
    return f"{mover or 0:.2f}, " + (f"{server:.2f}" if server else "-")


def _stream_table(results: Results) -> str:
    lines = [
        "| Changes | Column | changes/s (least to most) | MB/s | CPU s per million | cores: mover, walsender | peak RSS MB |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    columns = {
        "ceiling": "ceiling", "count": "null, fold only", "null": "null, fold and encode",
        "text": "null, values sent as text", "own": "own into the stand-in", "kafka": "Kafka into the stand-in",
    }  # fmt: skip
    for measurement, title in STREAMS.items():
        for column, name in columns.items():
            if results.has(measurement, column):
                lines.append(f"| {title} | {name} | {_numbers(results, measurement, column)} |")
    return "\n".join(lines) + (
        "\n\nHalf of the transactions insert rows into the wide table, half update three columns of rows that are there."
        " MB/s: what the source sends (ceiling), what a batch holds (null)."
    )


def _limits() -> str:
    return "\n".join(
        f"- {line}"
        for line in (
            'The columns "cores" tell how much of a core each side used while it was measured. A walsender decodes on one'
            " core, a COPY sends on one core for each stream; the engine reads and applies on one thread each, and loads on"
            " one thread for each worker. Where both sides together are far below the cores of the machine, something else"
            " had them: other work on the machine, or, for `own` and `Kafka`, the stand-in.",
            "`ceiling`, stream: the walsender. It sends each message by itself, and a reader that sleeps has to be woken"
            " for it: on an idle machine a prompt reader makes the walsender slower than one that lets messages pile up."
            " So this column is what a reader that does nothing gets, not a bound: a share above 100% means that the"
            " engine, busier, was woken less often. The same walsender did more a second where readers were kept waiting.",
            "`ceiling`, load: the server's COPY, until the streams have all cores.",
            "`null`, load: with one worker per core, server and engine share the cores: what the engine costs a row is then"
            " taken from what the server can send. Narrow rows cost the server little, so there the share shows most. In a"
            " short load, opening the connections of four tables counts too.",
            "`null`, stream: the walsender again, as long as two cores are free for it and for the engine.",
            "`own`: the stand-in, which takes a bulk copy, the statements of a batch and its checkpoint one after the other.",
            "`Kafka`: the Java machines' own work, and the stand-in, which gets one statement for each row.",
        )
    )


def _memory_table(results: Results) -> str:
    huge = HUGE_BYTES // (1024 * 1024)
    titles = {
        "memory giant": "one transaction, streamed: folded, encoded, spilled to disk while it is open",
        "memory huge load": f"rows of {huge} MB, loaded",
        "memory huge stream": f"rows of {huge} MB, streamed, one a transaction",
    }
    lines = ["| What | rows | rows/s | peak RSS MB |", "|---|---:|---:|---:|"]
    for measurement, title in titles.items():
        if results.has(measurement, "null"):
            rows = results.median(measurement, "null", "rows") or 0
            rate = results.rate(measurement, "null") or 0
            peak = results.most(measurement, "null", "peak_rss_mb") or 0
            lines.append(f"| {title} | {rows:,.0f} | {rate:,.0f} | {peak:,.0f} |")
    return "\n".join(lines) + (
        "\n\nOf the process that measures, which is the engine without the program around it and without a target; the"
        " tables above have the program's own peak before the stand-in (column `own`)."
    )


def _latency_table(results: Results) -> str:
    lines = [
        "| Rate | Column | reached | p50 ms | p90 ms | p99 ms | max ms | rows | never seen |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for rate in LATENCY_RATES:
        for column, name in (("own", "own"), ("kafka", "Kafka")):
            for run in results.runs.get(f"latency {rate}", {}).get(column, []):
                lines.append(
                    f"| {rate:,}/s | {name} | {run['reached_rate']:,.0f}/s | {run['p50_ms']:.1f} | {run['p90_ms']:.1f} |"
                    f" {run['p99_ms']:.1f} | {run['max_ms']:.1f} | {run['rows']:,} | {run['missing']:,} |"
                )
    return "\n".join(lines) + (
        "\n\nA hundred transactions a second with synchronous commits, of one or of ten rows. A row's time runs from the answer to its"
        " COMMIT on the source to the answer of the first `SELECT MAX(id)` on the target that shows it, asked again and"
        " again with 2 ms between: so it contains one such query, and the stand-in's way of answering it."
    )


def _cpu_text() -> str:
    return (
        "CPU-seconds of the mover alone, user and system, all its threads: the measuring process for `ceiling` and"
        " `null`, `millrace run` for `own`, the Java machines of Kafka and of Kafka Connect together for `Kafka`. What"
        " the source and the stand-in use is in none of them; it is the same work for both. The Java machines have"
        " moved another table before they are measured, but a run of minutes does not warm them fully: they still compile"
        " their code, and idle work of theirs (polls, offsets) counts for more the fewer rows there are. So the ratio to the"
        " Kafka path is higher here than it would be after an hour."
    )


def _method(facts: dict) -> str:
    return "\n".join(
        f"- {line}"
        for line in (
            f"Every number is the median of {facts['repeats']} runs for `ceiling` and `null`, {facts['sink_repeats']} for"
            " `own`, one for `Kafka`. Ratios to the ceiling are medians of the ratios of neighbouring runs.",
            "`ceiling`, load: COPY (FORMAT binary) of the same ctid ranges, read with libpq and freed.",
            "`ceiling`, stream: the engine's replication connection (binary, streamed large transactions); of each"
            " message the first byte is looked at.",
            "`null`, load: the engine's loader with all its work but the last: every value is decoded and brought into"
            " the form that SQL Server's bulk copy takes, then forgotten.",
            "`null`, stream: the engine's stream: decoded, folded into net changes per key, every net change made a row"
            " of the stage table, then forgotten. `fold only` stops before the last step. `values sent as text`:"
            " the same with pgoutput's text form, which a pipeline gets when a column of one of its tables has none in"
            " binary that is read (arrays, ranges, network addresses). Nothing is sent, no SQL is made.",
            "Streams are measured over the same WAL: it is written first, and each run gets a copy of the slot that"
            " stands before it. The time ends with the last change.",
            "`own`: `millrace create` and `millrace run` as a user runs them. Load: from the event load.started to"
            " load.finished. Stream: changes wait in the slot; from stream.started until the last one shows on the"
            " target. CPU and memory are of the whole process, its start included.",
            "`Kafka`: `millrace create --engine kafka-connect`: Debezium's source, one Kafka broker, Debezium's JDBC sink,"
            " with the settings that Millrace generates. Load: from the first rows that show until all do, so that setting up is not counted. Stream:"
            " it runs while the changes are made; from the first of them until the last one shows.",
            "For `own` and `Kafka` pgbench has fewer accounts, as many as the wide table has rows, and `pgbench_history` has"
            " a key added, because the Kafka path refuses tables without one; for `ceiling` and `null` it has none.",
            "Data is made with synchronous_commit=off, which is not part of any measurement but the source's own work"
            " for `Kafka` streams. Latency is measured with synchronous commits.",
        )
    )


# --- charts


def _load_chart(results: Results) -> str:
    names = {
        "ceiling 2": ("source ceiling, 2 streams", "source"), "null 2": ("null, 2 workers", "engine"),
        "ceiling 1": ("source ceiling, 1 stream", "source"), "null 1": ("null, 1 worker", "engine"),
        "own": ("own, stand-in", "server"), "kafka": ("Kafka, stand-in", "kafka"),
    }  # fmt: skip
    return bars("Full load, rows a second", _rate_bars(results, LOADS, names))


def _stream_chart(results: Results) -> str:
    names = {
        "ceiling": ("source ceiling", "source"), "count": ("null, fold only", "count"),
        "null": ("null, fold and encode", "engine"), "own": ("own, stand-in", "server"),
        "kafka": ("Kafka, stand-in", "kafka"),
    }  # fmt: skip
    return bars("Stream, changes a second", _rate_bars(results, STREAMS, names))


def _rate_bars(results: Results, titles: dict[str, str], names: dict[str, tuple[str, str]]) -> list[Bar]:
    rows = []
    for measurement, title in titles.items():
        for column, (name, colour) in names.items():
            rate = results.rate(measurement, column)
            if rate is not None:
                rows.append(Bar(title, name, colour, rate, f"{rate:,.0f}"))
    return rows


def _cpu_chart(results: Results) -> str:
    rows = []
    for measurement, title in {**LOADS, **STREAMS}.items():
        names = {
            "null 2": ("null", "engine"), "null": ("null", "engine"), "own": ("own, stand-in", "server"),
            "kafka": ("Kafka, stand-in", "kafka"),
        }  # fmt: skip
        for column, (name, colour) in names.items():
            cpu = results.cpu_per_million(measurement, column)
            if cpu is not None:
                group = f"{measurement.split()[0]}: {title}"
                rows.append(Bar(group, name, colour, cpu, f"{cpu:,.1f} s"))
    return bars("CPU-seconds of the mover for a million rows", rows)
