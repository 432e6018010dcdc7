"""The part of docs/benchmarks.md about the server itself."""

from __future__ import annotations

from pathlib import Path

from bench.results import Results

HEADING = "## The server"
_STORES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
_P99_MS, _CPU_SHARE, _RSS_MB = 50, 0.02, 400
# Answers that ask the servers of a pipeline.
_ASKING = ("status", "status, at first")
_Run = dict[str, float]


def write(results: Results, docs: Path) -> None:
    """Puts the part in the place of the one that the page has, and leaves the rest of the page."""
    page = docs / "benchmarks.md"
    before = page.read_text().split(f"\n{HEADING}\n", 1)[0].rstrip() if page.exists() else "# Benchmarks"
    page.write_text(before + "\n\n" + section(results))


def kept(docs: Path) -> str:
    """The part that the page has, for a run that does not measure it; empty: none."""
    page = docs / "benchmarks.md"
    parts = page.read_text().split(f"\n{HEADING}\n", 1) if page.exists() else []
    return f"\n{HEADING}\n{parts[1]}" if len(parts) == 2 else ""


def section(results: Results) -> str:
    facts = results.facts
    parts = [
        HEADING,
        "What `millrace serve` costs with many pipelines, and how soon it answers (`./dev bench server`). "
        f"{facts['date']}, commit {facts['commit']}, size {facts['size']}, {facts['cpu']}, {facts['cores']} cores; load "
        f"average {facts['load_before']} before, {facts['load_after']} after. The load generator, PostgreSQL and the "
        "stand-ins run on the same cores.",
        "### Goals\n\n" + _goals(results),
        "### Answers with many pipelines stored\n\n" + _answers(results),
        "### Idle pipelines\n\n" + _idle(results),
        "### 200 clients\n\n" + _crowd(results),
        "### How the server is measured\n\n" + _method(results),
    ]
    if results.notes:
        parts.append("### Notes of the server's run\n\n" + "\n".join(f"- {note}" for note in results.notes))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _goals(results: Results) -> str:
    lines = ["| Goal | Measured | Share of the goal | |", "|---|---|---:|---|"]

    def line(goal: str, value: float | None, bound: float, told: str) -> None:
        if value is None:
            lines.append(f"| {goal} | not measured | - | - |")
            return
        met = "met" if value < bound else "**missed**"
        lines.append(f"| {goal} | {told} | {value / bound:.2f} | {met} |")

    for store, name in _STORES.items():
        runs = {kind: run for kind, run in _api(results, store) if kind not in _ASKING}
        worst = max(runs, key=lambda kind: runs[kind]["p99_ms"], default=None)
        value = runs[worst]["p99_ms"] if worst else None
        line(
            f"p99 of every answer from the server's own knowledge < {_P99_MS} ms, {name} store", value, _P99_MS,
            f"{value or 0:.1f} ms ({worst})",
        )  # fmt: skip
        status = dict(_api(results, store)).get("status")
        line(
            f"p99 of `status`, which asks three servers, < {_P99_MS} ms, {name} store", status and status["p99_ms"],
            _P99_MS, f"{status['p99_ms'] if status else 0:.1f} ms",
        )  # fmt: skip
    for shape, title in _shapes(results):
        run = _last(results, "server idle", shape)
        assert run is not None
        line(f"CPU < 2% of a core, {title}", run["cpu_share"], _CPU_SHARE, f"{100 * run['cpu_share']:.2f}%")
        line(f"RSS < {_RSS_MB} MB, {title}", run["rss_mb"], _RSS_MB, f"{run['rss_mb']:.0f} MB")
    return "\n".join(lines)


def _answers(results: Results) -> str:
    lines = ["| Store | Answer | asked | p50 ms | p99 ms | max ms | errors |", "|---|---|---:|---:|---:|---:|---:|"]
    for store, name in _STORES.items():
        for kind, run in _api(results, store):
            lines.append(
                f"| {name} | {kind} | {run['asked']:,.0f} | {run['p50_ms']:.1f} | {run['p99_ms']:.1f} |"
                f" {run['max_ms']:.1f} | {run['errors']:.0f} |"
            )
    return "\n".join(lines)


def _idle(results: Results) -> str:
    lines = [
        "| Pipelines | CPU of a core | per pipeline | RSS MB | per pipeline | threads | descriptors |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for shape, title in _shapes(results):
        run = _last(results, "server idle", shape)
        assert run is not None
        count = run["pipelines"]
        each = f"{1024 * run['rss_mb'] / count:.0f} kB"
        lines.append(
            f"| {title} | {100 * run['cpu_share']:.2f}% | {1e6 * run['cpu_share'] / count:.0f} µs/s |"
            f" {run['rss_mb']:.0f} | {each} | {run['threads']:.0f} | {run['descriptors']:.0f} |"
        )
    text = "\n".join(lines)
    if (run := _last(results, "server idle", "kafka-connect")) is not None:
        text += (
            f"\n\nOf the Connect cluster the server asked {run['cluster_requests']:.0f} times for all connectors at once in"
            f" {run['seconds']:.0f} s, and {run['connector_requests']:.0f} times for a single one."
        )
    if (run := _last(results, "server idle", "embedded")) is not None:
        text += (
            f"\n\nThe embedded ones ran {run['start_seconds']:.0f} s after the server's start, eight beginning at a time;"
            f" it had {run['start_rss_mb']:.0f} MB at most until then."
        )
    return text


def _crowd(results: Results) -> str:
    run = _last(results, "server crowd", "sqlite")
    if run is None:
        return "Not measured."
    return (
        f"180 clients ask one thing after the other, half a second apart, and 20 follow the events, {run['seconds']:.0f} s"
        f" long: {run['requests']:,.0f} requests ({run['requests'] / run['seconds']:.0f} a second), {run['errors']:.0f}"
        f" errors, p50 {run['p50_ms']:.1f} ms, p99 {run['p99_ms']:.1f} ms, {100 * run['cpu_share']:.0f}% of a core;"
        f" {run['descriptors']:.0f} descriptors at most; RSS {run['rss_before_mb']:.0f} MB before, {run['rss_mb']:.0f} MB"
        " after. One of eleven requests writes (a rule, with its line in the audit log)."
    )


def _method(results: Results) -> str:
    api = next((run for store in _STORES for kind, run in _api(results, store) if kind not in _ASKING), None)
    status = next((run for store in _STORES for kind, run in _api(results, store) if kind == "status"), None)
    lines = [
        "Answers: "
        + (f"{api['clients']:.0f} clients, each on a connection of its own, " if api else "clients that each ")
        + "ask one thing after the other, 0.2 s apart on the average"
        + (f": {api['all']:.0f} requests a second, {100 * api['cpu_share']:.0f}% of a core" if api else "")
        + ". A time is from the request's first byte to the answer's last, as the load generator (Python) sees it.",
        "`status` asks the source and the target, on sessions that are kept from answer to answer, and the Connect cluster"
        " anew each time, so it measures these too"
        + (f"; it is asked by {status['clients']:.0f} clients." if status else ".")
        + " The first answer of each of them has to sign in on source and target: `status, at first`. `progress` is what the"
        " server knows without asking anybody.",
        "Stored pipelines have five tables, 50 events and 60 samples each, a slot on the lab's PostgreSQL, and are carried"
        " by Kafka Connect. **The Connect cluster is a stand-in** that answers its REST API (`bench/connect_stand_in.py`)"
        " and says that every connector runs: two thousand real ones do not fit this machine. Its target is never written.",
        "Embedded pipelines really run, against the lab's PostgreSQL and the SQL Server stand-in: a slot, a walsender, one"
        " table each. They are made by the command line before the server starts. In the second line a tenth of them gets a"
        " row a second.",
        "CPU is user and system time of the server's process by wall time; memory is its resident set at the end.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _shapes(results: Results) -> list[tuple[str, str]]:
    titles = {
        "kafka-connect": "{} carried by one Connect cluster", "embedded": "{} embedded, all idle",
        "embedded, a tenth changes": "{} embedded, a tenth of them changing",
    }  # fmt: skip
    found = [(shape, title, _last(results, "server idle", shape)) for shape, title in titles.items()]
    return [(shape, title.format(f"{run['pipelines']:,.0f}")) for shape, title, run in found if run is not None]


def _api(results: Results, store: str) -> list[tuple[str, _Run]]:
    return [(kind, runs[-1]) for kind, runs in sorted(results.runs.get(f"server api {store}", {}).items())]


def _last(results: Results, measurement: str, column: str) -> _Run | None:
    runs = results.runs.get(measurement, {}).get(column, [])
    return runs[-1] if runs else None
