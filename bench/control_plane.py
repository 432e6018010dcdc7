"""The server itself: its API with many pipelines stored, what it uses while they are idle, and 200 clients at once."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench import crowd
from bench.connect_stand_in import ConnectStandIn
from bench.http_load import Ask, Told, load
from bench.results import Results
from bench.serving import BINARY, Serving
from bench.sizes import ServerSizes
from lab.lab import Lab
from lab.postgres import DATABASE, OWNER, SOURCE_USER, SUPERUSER
from lab.tools import ROOT

_PROGRAM = ROOT / "build/release/bin/millrace_bench"
# What a store holds of each pipeline.
TABLES, EVENTS, SAMPLES = 5, 50, 60
CLIENTS, PAUSE = 20, 0.2


def lab_settings(sizes: ServerSizes) -> dict[str, str]:
    """What the lab's PostgreSQL needs for that many slots and their readers."""
    slots = max(sizes.pipelines, sizes.embedded) + 20
    return {
        "max_replication_slots": str(slots), "max_wal_senders": str(sizes.embedded + 20),
        "max_connections": str(2 * sizes.embedded + 100),
    }  # fmt: skip


class ControlPlane:
    def __init__(
        self, lab: Lab, environment: Mapping[str, str], folder: Path, sizes: ServerSizes, results: Results,
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._lab = lab
        self._environment = dict(environment)
        self._folder = folder
        self._sizes = sizes
        self._results = results
        self._say = say

    def run(self) -> None:
        with self._slots(self._sizes.pipelines):
            for store in ("sqlite", "postgres"):
                with self._attempt(f"API, {store}"), self._connect_shape(store) as (serving, cluster):
                    if store == "sqlite":
                        self._idle(serving, cluster)
                    self._api(serving, store)
                    if store == "sqlite":
                        self._crowd(serving)
        with self._attempt("embedded"):
            self._embedded()

    # --- a thousand pipelines that Kafka Connect carries

    @contextmanager
    def _connect_shape(self, store: str) -> Iterator[tuple[Serving, ConnectStandIn]]:
        names = [f"BENCH_{number:04}" for number in range(self._sizes.pipelines)]
        cluster = ConnectStandIn([f"{name}-{kind}" for name in names for kind in ("source", "sink")])
        data = self._folder / f"serve-{store}"
        environment = {"MILLRACE_STORE": self._store_url(), "MILLRACE_ALLOW_STORE_SERVER": "true"}
        if store == "sqlite":
            environment = {}
        self._say(f"storing {len(names)} pipelines ({store})")
        self._helper(
            "store", {"MILLRACE_BENCH_STORE": environment["MILLRACE_STORE"]} if environment else {}, data=data,
            count=len(names), tables=TABLES, events=EVENTS, samples=SAMPLES, connect=cluster.url,
        )  # fmt: skip
        serving = Serving(data, environment)
        try:
            self._wait(lambda: self._healths(serving).get("running", 0) == len(names), "every pipeline is known to run")
            yield serving, cluster
        finally:
            serving.end()
            cluster.end()

    def _idle(self, serving: Serving, cluster: ConnectStandIn) -> None:
        # Beyond the first looks at everything.
        time.sleep(self._sizes.settle_seconds)
        before = cluster.requests.copy()
        used = serving.watch(self._sizes.idle_seconds)
        asked = cluster.requests - before
        used["cluster_requests"] = asked["/connectors?expand=status"]
        used["connector_requests"] = asked["one connector"]
        used["pipelines"] = self._sizes.pipelines
        self._results.add("server idle", "kafka-connect", used)
        self._tell("idle, kafka-connect", used)

    def _api(self, serving: Serving, store: str) -> None:
        page = serving.ask("GET", "/pipelines?pageSize=100")
        for _ in range(4):
            token = page["nextPageToken"]
            page = serving.ask("GET", f"/pipelines?pageSize=100&pageToken={quote(token)}") if token else page
        step = max(1, self._sizes.pipelines // 20)
        names = [f"BENCH_{number:04}" for number in range(0, self._sizes.pipelines, step)]
        own = [
            Ask("list, first page of 100", "GET", "/api/v1/pipelines?pageSize=100"),
            Ask("list, a later page", "GET", f"/api/v1/pipelines?pageSize=100&pageToken={quote(token or '')}"),
            Ask("events, newest 100", "GET", "/api/v1/events?pageSize=100"),
            Ask("/metrics, all pipelines", "GET", "/metrics", share=0.2),
        ]
        kinds = {
            "get": "", "progress": "/progress", "metrics of a pipeline, 1 h": "/metrics?range=1h",
        }  # fmt: skip
        for name in names:
            place, share = f"/api/v1/pipelines/{name}", 1 / len(names)
            own += [Ask(kind, "GET", place + path, share=share) for kind, path in kinds.items()]
            own.append(Ask("events of a pipeline", "GET", f"/api/v1/events?pipeline={name}&pageSize=50", share=share))
        self._load(serving, f"server api {store}", own)
        # It asks three servers each time, so that it measures them too. Apart from the others: those who come first, for
        # whom the server has to sign in on source and target.
        for kind, seconds in (("status, at first", PAUSE), ("status", self._sizes.api_seconds)):
            asks = [Ask(kind, "GET", f"/api/v1/pipelines/{name}/status") for name in names]
            self._load(serving, f"server api {store}", asks, clients=4, seconds=seconds)

    def _load(
        self, serving: Serving, measurement: str, asks: list[Ask], clients: int = CLIENTS, seconds: float | None = None
    ) -> None:
        seconds = seconds or self._sizes.api_seconds
        cpu = serving.cpu_seconds()
        told = load(
            serving.url, serving.headers, asks, clients=clients, followers=0, seconds=seconds, pause=PAUSE
        )  # fmt: skip
        share = (serving.cpu_seconds() - cpu) / seconds
        for kind in told.times:
            run = _quantiles(told, kind) | {
                "errors": sum(count for name, count in told.errors.items() if name.startswith(f"{kind}: ")),
                "clients": clients, "cpu_share": share, "all": told.requests / seconds,
            }  # fmt: skip
            self._results.add(measurement, kind, run)
            self._say(f"{measurement}, {kind:28} p50 {run['p50_ms']:6.1f} ms, p99 {run['p99_ms']:6.1f} ms")

    def _crowd(self, serving: Serving) -> None:
        seen = 0

        def look() -> None:
            nonlocal seen
            seen = max(seen, serving.descriptors())

        cpu, memory = serving.cpu_seconds(), serving.resident_mb()
        seconds = self._sizes.crowd_seconds
        told = load(
            serving.url, serving.headers, crowd.ASKS, clients=crowd.CLIENTS, followers=crowd.FOLLOWERS, seconds=seconds,
            pause=crowd.PAUSE, meanwhile=look,
        )  # fmt: skip
        run: dict[str, float] = _quantiles(told) | {
            "seconds": seconds, "requests": told.requests, "events": told.events, "errors": sum(told.errors.values()),
            "descriptors": seen, "cpu_share": (serving.cpu_seconds() - cpu) / seconds,
            "rss_before_mb": memory, "rss_mb": serving.resident_mb(),
        }  # fmt: skip
        self._results.add("server crowd", "sqlite", run)
        self._tell("200 clients", run)

    # --- pipelines that run in the server

    def _embedded(self) -> None:
        count = self._sizes.embedded
        active = max(1, count // 10)
        data = self._folder / "serve-embedded"
        with self._lab.postgres.connect(OWNER, autocommit=True) as owner:
            owner.execute("CREATE SCHEMA IF NOT EXISTS many")
            for number in range(count):
                owner.execute(f"CREATE TABLE IF NOT EXISTS many.t{number} (id bigint PRIMARY KEY, note text)")
        begun = time.monotonic()
        # Without a server: of one that runs each new pipeline's WAL would wake all the others.
        with ThreadPoolExecutor(3) as pool:
            for number, _ in enumerate(pool.map(lambda number: self._create(data, number), range(count)), 1):
                if number % 100 == 0:
                    self._say(f"{number} of {count} embedded pipelines are made")
        self._say(f"they are made after {time.monotonic() - begun:.0f} s")
        begun = time.monotonic()
        serving = Serving(data, {})
        try:
            self._wait(lambda: self._healths(serving).get("running", 0) == count, "all of them run", 1200)
            started = {"start_seconds": time.monotonic() - begun, "start_rss_mb": serving.most_resident_mb()}
            self._say(f"{count} embedded pipelines run, {started['start_seconds']:.0f} s after the server's start")
            time.sleep(self._sizes.settle_seconds)
            idle = serving.watch(self._sizes.idle_seconds)
            idle |= {"pipelines": count, **started}
            self._results.add("server idle", "embedded", idle)
            self._tell("idle, embedded", idle)
            with self._changes(active):
                busy = serving.watch(self._sizes.idle_seconds)
            busy |= {"pipelines": count, "active": active}
            self._results.add("server idle", "embedded, a tenth changes", busy)
            self._tell("a tenth of them changes", busy)
        finally:
            # Their slots end with the lab.
            serving.end()

    def _create(self, data: Path, number: int) -> None:
        made = subprocess.run(
            [str(BINARY), "--data-dir", str(data), "create", "--name", f"MANY_{number:04}", "--engine", "embedded",
             "--source", self._environment["MILLRACE_BENCH_SOURCE"], "--target", self._environment["MILLRACE_BENCH_TARGET"],
             "--tables", f"many.t{number}", "--target-schema", "many", "--snapshot", "no_data"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"create: {made.stderr[-500:]}")

    @contextmanager
    def _changes(self, active: int) -> Iterator[None]:
        """One row a second for each of the first tables."""
        stop = threading.Event()

        def work() -> None:
            with self._lab.postgres.connect(OWNER, autocommit=True) as owner:
                row = 0
                while not stop.wait(1):
                    row += 1
                    for number in range(active):
                        owner.execute(f"INSERT INTO many.t{number} VALUES (%s, 'note')", [row])

        worker = threading.Thread(target=work)
        worker.start()
        try:
            yield
        finally:
            stop.set()
            worker.join()

    # --- what both do

    @contextmanager
    def _slots(self, count: int) -> Iterator[None]:
        """The slots that stored pipelines would have, so that the server's watch over slots finds what it asks for."""
        with self._lab.postgres.connect(SUPERUSER, autocommit=True) as root:
            for number in range(count):
                root.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [f"bench_{number:04}_slot"])
            try:
                yield
            finally:
                root.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    " WHERE slot_name LIKE 'bench\\_%\\_slot'"
                )

    @contextmanager
    def _attempt(self, name: str) -> Iterator[None]:
        """One part that fails leaves the others their chance; the page says which one it was."""
        try:
            yield
        except (RuntimeError, OSError, subprocess.SubprocessError, psycopg.Error) as error:
            self._say(f"{name} failed: {error}")
            self._results.notes.append(f"`{name}` failed: {str(error).splitlines()[0]}")

    def _healths(self, serving: Serving) -> dict[str, int]:
        """How many pipelines have which health, by the server's own metrics: one request."""
        counts: dict[str, int] = {}
        for line in serving.text("/metrics").splitlines():
            if line.startswith("millrace_pipeline_health{"):
                health = line.split('health="')[1].split('"')[0]
                counts[health] = counts.get(health, 0) + 1
        return counts

    def _wait(self, condition: Callable[[], bool], what: str, patience: float = 120) -> None:
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not within {patience:.0f} s: {what}")
            time.sleep(1)

    def _store_url(self) -> str:
        password = quote(self._lab.postgres.password(SOURCE_USER), safe="")
        return (
            f"postgres://{SOURCE_USER}:{password}@127.0.0.1:{self._lab.postgres.port}/{DATABASE}?schema=bench_store"
            "&sslmode=disable"
        )

    def _helper(self, what: str, environment: Mapping[str, str], **arguments: object) -> Any:
        done = subprocess.run(
            [str(_PROGRAM), what, *(f"{name}={value}" for name, value in arguments.items())],
            env={**os.environ, **self._environment, **environment}, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"millrace_bench {what}: {done.stderr}")
        return json.loads(done.stdout)

    def _tell(self, what: str, run: Mapping[str, float]) -> None:
        self._say(f"{what}: " + ", ".join(f"{name} {value:.3f}".rstrip("0").rstrip(".") for name, value in run.items()))


def _quantiles(told: Told, kind: str | None = None) -> dict[str, float]:
    asked = len(told.times[kind]) if kind else told.requests
    return {
        "asked": asked, "p50_ms": 1000 * told.quantile(0.5, kind), "p99_ms": 1000 * told.quantile(0.99, kind),
        "max_ms": 1000 * told.quantile(1, kind),
    }  # fmt: skip
