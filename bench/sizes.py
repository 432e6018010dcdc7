"""How much of everything a run measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    repeats: int
    load_rows: int  # the wide table, into nothing
    pgbench_scale: int  # 100,000 accounts each, into nothing
    changes: dict[int, int]  # rows a transaction -> changes, into nothing
    tpcb: int  # pgbench transactions, into nothing
    giant_rows: int  # one transaction
    sink_load_rows: int
    sink_changes: int  # at each of 1, 100 and 10,000 rows a transaction
    sink_tpcb: int
    sink_repeats: int
    kafka_load_rows: int
    kafka_changes: int
    kafka_tpcb: int
    latency_seconds: int


FULL = Sizes(
    repeats=5, load_rows=600_000, pgbench_scale=10, changes={1: 60_000, 100: 200_000, 10_000: 200_000}, tpcb=15_000,
    giant_rows=1_000_000, sink_load_rows=100_000, sink_changes=40_000, sink_tpcb=5_000, sink_repeats=3,
    kafka_load_rows=30_000, kafka_changes=10_000, kafka_tpcb=2_500, latency_seconds=10,
)  # fmt: skip
QUICK = Sizes(
    repeats=3, load_rows=200_000, pgbench_scale=5, changes={1: 20_000, 100: 60_000, 10_000: 60_000}, tpcb=5_000,
    giant_rows=1_000_000, sink_load_rows=20_000, sink_changes=10_000, sink_tpcb=1_000, sink_repeats=1,
    kafka_load_rows=10_000, kafka_changes=4_000, kafka_tpcb=500, latency_seconds=5,
)  # fmt: skip
TINY = Sizes(
    repeats=1, load_rows=2_000, pgbench_scale=1, changes={1: 500, 100: 2_000, 10_000: 20_000}, tpcb=200,
    giant_rows=20_000, sink_load_rows=500, sink_changes=500, sink_tpcb=50, sink_repeats=1, kafka_load_rows=300,
    kafka_changes=300, kafka_tpcb=30, latency_seconds=2,
)  # fmt: skip

LATENCY_RATES = (100, 1_000)
HUGE_ROWS = 12
HUGE_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class ServerSizes:
    """Of the control plane's bench."""

    pipelines: int  # stored, carried by Kafka Connect
    embedded: int  # that run in the server
    api_seconds: int
    settle_seconds: int
    idle_seconds: int
    crowd_seconds: int


SERVER_FULL = ServerSizes(
    pipelines=1000, embedded=1000, api_seconds=20, settle_seconds=80, idle_seconds=60, crowd_seconds=60
)
SERVER_QUICK = ServerSizes(
    pipelines=1000, embedded=50, api_seconds=10, settle_seconds=80, idle_seconds=30, crowd_seconds=15
)
SERVER_TINY = ServerSizes(pipelines=20, embedded=4, api_seconds=2, settle_seconds=1, idle_seconds=3, crowd_seconds=3)
