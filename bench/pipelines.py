"""Through the program itself, as a user runs it, into the lab's SQL Server: the embedded engine, then Debezium, Kafka and
its JDBC sink."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytds

from bench.nowhere import Say, measure
from bench.results import Results
from bench.sizes import LATENCY_RATES, Sizes
from bench.source import BASE_ROWS, PGBENCH, Source
from lab.lab import Lab
from lab.postgres import DATABASE, SOURCE_USER
from lab.tools import ROOT

BINARY = Path(os.environ.get("MILLRACE_BINARY", ROOT / "build/release/bin/millrace"))
PATIENCE = 180.0
OWN_LOAD, OWN_STREAM, KAFKA_LOAD, KAFKA_STREAM = "BENCH_OWN_LOAD", "BENCH_OWN", "BENCH_KAFKA_LOAD", "BENCH_KAFKA"
_LOADS: tuple[tuple[str, list[str]], ...] = (("load wide", ["wide"]), ("load pgbench", list(PGBENCH)))
_LOOK = 0.05


class Pipelines:
    def __init__(self, lab: Lab, source: Source, environment: dict[str, str], data_dir: Path, sizes: Sizes,
                 results: Results, say: Say) -> None:  # fmt: skip
        self._lab = lab
        self._source = source
        self._bench_environment = environment
        self._sizes = sizes
        self._results = results
        self._say = say
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")},
            "MILLRACE_DATA_DIR": str(data_dir),
            "MILLRACE_SOURCE_PASSWORD": lab.postgres.password(SOURCE_USER),
            "MILLRACE_TARGET_PASSWORD": lab.state.password("sqlserver"),
        }
        # The driver finds Microsoft's library by these.
        self._environment |= {name: os.environ[name] for name in ("ODBCSYSINI", "ODBCINSTINI") if name in os.environ}

    # --- the two engines

    def embedded(self) -> None:
        sizes, schema = self._sizes, "bench_own"
        self._make_tables(schema, sizes.sink_load_rows)
        for name, tables in _LOADS:
            with self._attempt(name, "own", OWN_LOAD):
                for _ in range(sizes.sink_repeats):
                    self._create(OWN_LOAD, schema, tables)
                    self._results.add(name, "own", self._run_load(self._rows(schema, tables)))
                    self._delete(OWN_LOAD)
        self._create(OWN_STREAM, schema, ["changed", *PGBENCH, *self._latency_tables()])
        self._catch_up(OWN_STREAM)
        for name, marks, change in self._changes(schema, sizes.sink_changes, sizes.sink_tpcb):
            with self._attempt(name, "own"):
                for _ in range(sizes.sink_repeats):
                    rows = change()
                    self._results.add(name, "own", self._run_backlog(OWN_STREAM, schema, marks, rows))
        with self._attempt("latency", "own"), self._running(OWN_STREAM):
            self._latency(schema, "own")
        self._delete(OWN_STREAM)

    def kafka(self) -> None:
        sizes, schema = self._sizes, "bench_kafka"
        self._environment |= {
            "MILLRACE_CONNECT_URL": self._lab.connect.address(),
            "MILLRACE_KAFKA_BOOTSTRAP": self._lab.kafka.address(),
        }
        self._make_tables(schema, sizes.kafka_load_rows)
        machines = [self._lab.kafka.running().pid, self._lab.connect.running().pid]
        # The Java machines are warm when it counts: this first pipeline is not counted.
        self._source.wide_table(f"{schema}.warm", min(5_000, sizes.kafka_load_rows))
        with self._attempt("warm", "kafka", KAFKA_LOAD):
            self._kafka_load(schema, ["warm"], machines)
        for name, tables in _LOADS:
            with self._attempt(name, "kafka", KAFKA_LOAD):
                self._results.add(name, "kafka", self._kafka_load(schema, tables, machines))
        streamed = ["changed", *PGBENCH, *self._latency_tables()]
        self._create(KAFKA_STREAM, schema, streamed, "--engine", "kafka-connect")
        self._wait_rows(schema, streamed)
        for name, marks, change in self._changes(schema, sizes.kafka_changes, sizes.kafka_tpcb):
            with self._attempt(name, "kafka"):
                begun, cpu = time.monotonic(), _cpu_seconds(machines)
                rows = change()
                ended = self._wait_mark(schema, marks)
                self._results.add(name, "kafka", {
                    "rows": rows, "seconds": ended - begun, "cpu_seconds": _cpu_seconds(machines) - cpu,
                    "peak_rss_mb": _peak_mb(machines),
                })  # fmt: skip
        with self._attempt("latency", "kafka"):
            self._latency(schema, "kafka")
        self._delete(KAFKA_STREAM)

    @contextmanager
    def _attempt(self, name: str, column: str, pipeline: str = "") -> Iterator[None]:
        """One measurement that fails leaves the others their chance; the page says which one it was."""
        try:
            yield
        except (RuntimeError, OSError, subprocess.SubprocessError, pytds.Error) as error:
            self._say(f"{name}, {column} failed: {error}")
            self._results.notes.append(f"`{name}`, column `{column}`, failed: {str(error).splitlines()[0]}")
        else:
            if self._results.has(name, column):
                self._tell(name, column)
        finally:
            if pipeline:
                topics = ["--drop-topics"] if column == "kafka" else []
                self._call_quietly("delete", pipeline, "--drop-tables", *topics, "--force", "-y")

    def _kafka_load(self, schema: str, tables: Sequence[str], machines: Sequence[int]) -> dict[str, float]:
        """From the first rows that show until all do: what it takes to set connectors up is not counted."""
        first: list[tuple[float, float, int]] = []
        stop = threading.Event()

        def look() -> None:
            with self._target() as target, target.cursor() as cursor:
                while not first and not stop.wait(_LOOK):
                    with contextlib.suppress(pytds.Error):  # the table is not there yet
                        cursor.execute(f"SELECT COUNT(*) FROM {schema}.{tables[0]}")
                        if (count := cursor.fetchone()[0]) > 0:
                            first.append((time.monotonic(), _cpu_seconds(machines), count))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            # Debezium's own snapshot: the engine's default loads with the loader that the column `own` measures.
            self._create(KAFKA_LOAD, schema, tables, "--engine", "kafka-connect", "--snapshot", "debezium")
            ended = self._wait_rows(schema, tables)
        finally:
            stop.set()
            watcher.join()
        if not first:
            raise RuntimeError("the load was over before it was seen to begin")
        begun, cpu, seen = first[0]
        return {
            "rows": max(1, self._rows(schema, tables) - seen), "seconds": max(0.001, ended - begun),
            "cpu_seconds": _cpu_seconds(machines) - cpu, "peak_rss_mb": _peak_mb(machines),
        }  # fmt: skip

    # --- what both do

    def _make_tables(self, schema: str, wide_rows: int) -> None:
        self._source.schema(schema)
        self._source.wide_table(f"{schema}.wide", wide_rows)
        self._source.wide_table(f"{schema}.changed", BASE_ROWS)
        self._source.pgbench_tables(schema, 1)
        self._source.fewer_accounts(schema, wide_rows)
        self._source.key_for_history(schema)
        for table in self._latency_tables():
            self._source.owner.execute(f"CREATE TABLE {schema}.{table} (id bigint PRIMARY KEY, note text)")

    @staticmethod
    def _latency_tables() -> list[str]:
        return [f"latency_{rate}" for rate in LATENCY_RATES]

    def _changes(self, schema: str, changes: int, tpcb: int) -> Iterator[tuple[str, dict[str, str], Callable[[], int]]]:
        """Name, the tables whose last row tells that all is there (with its column), and the work."""
        wide = {"changed": "f0"}
        for rows in (1, 100, 10_000):
            yield f"stream {rows}", wide, lambda n=rows: self._mix(f"{schema}.changed", n, changes)
        marks = {"pgbench_accounts": "aid", "pgbench_branches": "bid", "pgbench_tellers": "tid"}
        yield "stream tpcb", marks, lambda: self._tpcb(schema, tpcb)

    def _mix(self, table: str, rows: int, changes: int) -> int:
        done = self._source.mix(table, rows, changes)
        self._source.owner.execute(f"INSERT INTO {table} (f0, f1) SELECT max(f0) + 1, 0 FROM {table}")
        return done + 1

    def _tpcb(self, schema: str, transactions: int) -> int:
        done = self._source.tpcb(schema, transactions)
        owner = self._source.owner
        owner.execute(f"INSERT INTO {schema}.pgbench_accounts (aid) SELECT max(aid) + 1 FROM {schema}.pgbench_accounts")
        owner.execute(f"INSERT INTO {schema}.pgbench_branches (bid) SELECT max(bid) + 1 FROM {schema}.pgbench_branches")
        owner.execute(f"INSERT INTO {schema}.pgbench_tellers (tid) SELECT max(tid) + 1 FROM {schema}.pgbench_tellers")
        return done + 3

    def _latency(self, schema: str, column: str) -> None:
        for rate in LATENCY_RATES:
            run = measure(
                self._bench_environment, "latency", table=f"{schema}.latency_{rate}",
                target_table=f"{schema}.latency_{rate}", rate=rate, seconds=self._sizes.latency_seconds, patience=60,
            )  # fmt: skip
            self._results.add(f"latency {rate}", column, run)
            self._say(f"latency {rate:12} {column:10} p50 {run['p50_ms']:.1f} ms, p99 {run['p99_ms']:.1f} ms,"
                      f" {run['reached_rate']:.0f}/s, {run['missing']} missing")  # fmt: skip

    def _rows(self, schema: str, tables: Sequence[str]) -> int:
        return sum(self._source.count(f"{schema}.{table}") for table in tables)

    # --- the program

    def _call(self, *arguments: str) -> None:
        done = subprocess.run([str(BINARY), *arguments], env=self._environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"millrace {' '.join(arguments)}\n{done.stdout}{done.stderr}")

    def _call_quietly(self, *arguments: str) -> None:
        with contextlib.suppress(subprocess.SubprocessError):
            subprocess.run([str(BINARY), *arguments], env=self._environment, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=PATIENCE, check=False)  # fmt: skip

    def _create(self, name: str, schema: str, tables: Sequence[str], *more: str) -> None:
        server = self._lab.sqlserver.server()
        self._call(
            "create", "--name", name, "--tables", ",".join(f"{schema}.{table}" for table in tables),
            "--source", f"postgres://{SOURCE_USER}@127.0.0.1:{self._lab.postgres.port}/{DATABASE}",
            "--target", f"sqlserver://millrace@{server.host}:{server.port}/shopcopy?schema={schema}"
            "&trustServerCertificate=true", *(more or ("--engine", "embedded")),
        )  # fmt: skip

    def _delete(self, name: str) -> None:
        topics = ["--drop-topics"] if name == KAFKA_STREAM else []
        self._call("delete", name, "--drop-tables", *topics, "-y")

    def _run_load(self, rows: int) -> dict[str, float]:
        run = Run(self._environment, OWN_LOAD, "--until-caught-up")
        begun = run.wait_event("load.started")
        ended = run.wait_event("load.finished")
        usage = run.end()
        return {"rows": rows, "seconds": ended - begun, **usage}

    def _catch_up(self, name: str) -> None:
        run = Run(self._environment, name, "--until-caught-up")
        run.wait_event("run.caught_up")
        run.end()

    def _run_backlog(self, name: str, schema: str, marks: dict[str, str], rows: int) -> dict[str, float]:
        """Changes that wait in the slot: from the start of the stream until the last of them shows."""
        run = Run(self._environment, name)
        begun = run.wait_event("stream.started")
        ended = self._wait_mark(schema, marks)
        run.interrupt()
        usage = run.end()
        return {"rows": rows, "seconds": ended - begun, **usage}

    @contextmanager
    def _running(self, name: str) -> Iterator[None]:
        run = Run(self._environment, name)
        run.wait_event("stream.started")
        try:
            yield
        finally:
            run.interrupt()
            run.end()

    # --- the target

    def _target(self) -> Any:
        server = self._lab.sqlserver.server()
        return pytds.connect(server.host, "shopcopy", "millrace", self._lab.state.password("sqlserver"),
                             port=server.port, autocommit=True)  # fmt: skip

    def _wait(self, what: str, queries: dict[str, int]) -> float:
        """Until each query's answer is at least the number. Returns when that was."""
        deadline = time.monotonic() + PATIENCE
        with self._target() as target, target.cursor() as cursor:
            left = dict(queries)
            while left:
                for query, wanted in list(left.items()):
                    cursor.execute(query)
                    if (cursor.fetchone()[0] or 0) < wanted:
                        break
                    del left[query]
                if left and time.monotonic() > deadline:
                    raise RuntimeError(f"not within {PATIENCE:.0f} s: {what}")
                if left:
                    time.sleep(_LOOK)
        return time.monotonic()

    def _wait_rows(self, schema: str, tables: Sequence[str]) -> float:
        return self._wait(
            f"the rows of {schema}",
            {f"SELECT COUNT(*) FROM {schema}.{table}": self._source.count(f"{schema}.{table}") for table in tables},
        )

    def _wait_mark(self, schema: str, marks: dict[str, str]) -> float:
        return self._wait(
            f"the last changes of {schema}",
            {
                f"SELECT MAX({column}) FROM {schema}.{table}": self._source.greatest(f"{schema}.{table}", column)
                for table, column in marks.items()
            },
        )

    def _tell(self, name: str, column: str) -> None:
        self._say(
            f"{name:20} {column:10} {self._results.rate(name, column):12,.0f}/s"
            f" {self._results.cpu_per_million(name, column):8.2f} CPU s/M"
            f" {self._results.most(name, column, 'peak_rss_mb'):6.0f} MB"
        )


class Run:
    """`millrace run` in the background. Its events carry the moment at which they were read."""

    def __init__(self, environment: dict[str, str], name: str, *more: str) -> None:
        self._process = subprocess.Popen([str(BINARY), "run", name, "-o", "json", *more], env=environment,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)  # fmt: skip
        self._lines: list[tuple[float, dict[str, Any]]] = []
        self._changed = threading.Condition()
        self._ended = False
        self._peak_mb = 0.0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_event(self, kind: str) -> float:
        def seen() -> list[float]:
            return [at for at, line in self._lines if line.get("kind") == kind]

        with self._changed:
            self._changed.wait_for(lambda: seen() or self._ended, PATIENCE)
        if not seen():
            raise RuntimeError(f"millrace run: no event {kind}; last lines: {[line for _, line in self._lines[-3:]]}")
        return seen()[0]

    def interrupt(self) -> None:
        self._look()
        self._process.send_signal(signal.SIGINT)

    def end(self) -> dict[str, float]:
        """Waits for the end. What the process used, all of it."""
        self._reader.join(PATIENCE)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode not in (0, 130):
            raise RuntimeError(f"millrace run: exit code {self._process.returncode}; {self._lines[-3:]}")
        # Not ru_maxrss: that begins with the memory of the process that started this one.
        return {"cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_rss_mb": self._peak_mb}

    def _look(self) -> None:
        with contextlib.suppress(OSError):
            self._peak_mb = max(self._peak_mb, _peak_mb([self._process.pid]))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            now = time.monotonic()
            self._look()
            with self._changed:
                self._lines.append((now, json.loads(line)))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _cpu_seconds(pids: Sequence[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_mb(pids: Sequence[int]) -> float:
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024
