"""Into nothing: the source's ceiling and the engine beside it, over the same rows and the same WAL."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.results import Results
from bench.sizes import Sizes
from bench.source import BASE_ROWS, PGBENCH, PUBLICATION, Source
from lab.tools import ROOT

PROGRAM = Path(os.environ.get("MILLRACE_BENCH_BINARY", ROOT / "build/release/bin/millrace_bench"))
Say = Callable[[str], None]


def measure(environment: dict[str, str], what: str, **settings: object) -> dict[str, float]:
    command = [str(PROGRAM), what, *(f"{name}={value}" for name, value in settings.items())]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"{' '.join(command)}: exit code {done.returncode}")
    return json.loads(done.stdout)


class Nowhere:
    def __init__(
        self, source: Source, environment: dict[str, str], sizes: Sizes, results: Results, spill: Path, say: Say
    ) -> None:
        self._source = source
        self._environment = environment
        self._sizes = sizes
        self._results = results
        self._spill = spill
        self._say = say

    def run(self) -> None:
        self._say("making tables")
        self._source.schema("bench")
        self._source.wide_table("bench.wide", self._sizes.load_rows)
        self._source.pgbench_tables("bench", self._sizes.pgbench_scale)
        self._load("load wide", ["bench.wide"], "bench.wide")
        self._load("load pgbench", [f"bench.{table}" for table in PGBENCH], "bench.pgbench_accounts")
        self._stream()
        self._memory()

    def _measure(self, measurement: str, column: str, what: str, **settings: object) -> dict[str, float]:
        run = measure(self._environment, what, **settings)
        self._results.add(measurement, column, run)
        return run

    def _load(self, name: str, tables: Sequence[str], ceiling: str) -> None:
        """Turn by turn, so that a moment when the machine is busy with something else meets all columns alike."""
        for _ in range(self._sizes.repeats):
            for streams in (1, 2):
                self._measure(name, f"ceiling {streams}", "copy", table=ceiling, streams=streams)
                self._measure(name, f"null {streams}", "load", tables=",".join(tables), workers=streams)
        self._tell(name)

    def _stream(self) -> None:
        self._source.wide_table("bench.changed", BASE_ROWS)
        self._source.publish("bench.changed", *(f"bench.{table}" for table in PGBENCH))
        for rows, changes in self._sizes.changes.items():
            self._stream_one(
                f"stream {rows}", ["bench.changed"], lambda n=rows, c=changes: self._source.mix("bench.changed", n, c)
            )
        self._stream_one(
            "stream tpcb",
            [f"bench.{table}" for table in PGBENCH],
            lambda: self._source.tpcb("bench", self._sizes.tpcb),
        )

    def _stream_one(self, name: str, tables: Sequence[str], change: Callable[[], int]) -> None:
        with self._source.recorded(change) as recording:
            for _ in range(self._sizes.repeats):
                for column, what, more in (
                    ("ceiling", "read", {}),
                    ("null", "stream", {"sink": "encode"}),
                    ("count", "stream", {"sink": "count"}),
                    ("text", "stream", {"sink": "encode", "binary": 0}),
                ):
                    if what == "stream":
                        more = {**more, "tables": ",".join(tables), "spill": self._spill}
                    with recording.slot() as slot:
                        run = self._measure(
                            name, column, what, slot=slot, publication=PUBLICATION, until=recording.until, **{"binary": 1, **more}
                        )  # fmt: skip
                    if run["rows"] != recording.changes:
                        raise RuntimeError(f"{name}, {column}: {run['rows']} changes instead of {recording.changes}")
        self._tell(name)

    def _memory(self) -> None:
        """What the engine holds at most, whatever comes."""
        self._source.narrow_table("bench.narrow")
        self._source.publish("bench.narrow")
        sizes = self._sizes
        self._source.owner.execute("CREATE TABLE bench.huge_later (id bigint PRIMARY KEY, document text)")
        self._source.owner.execute("ALTER TABLE bench.huge_later ALTER document SET STORAGE EXTERNAL")
        self._peak("memory giant", "bench.narrow", lambda: self._giant(sizes.giant_rows))
        self._source.huge_rows("bench.huge")
        self._measure("memory huge load", "null", "load", tables="bench.huge", workers=4)
        self._source.publish("bench.huge_later")
        self._peak("memory huge stream", "bench.huge_later", self._huge)
        self._tell("memory huge load")

    def _giant(self, rows: int) -> int:
        self._source.giant_transaction("bench.narrow", rows)
        return rows

    def _huge(self) -> int:
        self._source.owner.execute("DO $$ BEGIN FOR i IN 1..12 LOOP INSERT INTO bench.huge_later SELECT * FROM bench.huge"
                                   " WHERE id = i; COMMIT; END LOOP; END $$")  # fmt: skip
        return self._source.count("bench.huge_later")

    def _peak(self, name: str, table: str, change: Callable[[], int]) -> None:
        with self._source.recorded(change) as recording, recording.slot() as slot:
            run = self._measure(
                name, "null", "stream", slot=slot, publication=PUBLICATION, until=recording.until, binary=1,
                tables=table, spill=self._spill, sink="encode",
            )  # fmt: skip
            if run["rows"] != recording.changes:
                raise RuntimeError(f"{name}: {run['rows']} changes instead of {recording.changes}")
        self._tell(name)

    def _tell(self, name: str) -> None:
        for column in self._results.runs[name]:
            rate = self._results.rate(name, column)
            cpu = self._results.cpu_per_million(name, column)
            memory = self._results.most(name, column, "peak_rss_mb")
            self._say(f"{name:20} {column:10} {rate:12,.0f}/s {cpu:8.2f} CPU s/M {memory:6.0f} MB")
