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
