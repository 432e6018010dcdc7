"""The main job, live: a pipeline over the lab's shop, a busy shop, and both sides counting up."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

import psycopg
import pytds

from lab.compare import differences
from lab.workload import change

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/bin/millrace"
PIPELINE = "DEMO"
SCHEMA = "demo"
TABLES = ("customers", "products", "orders", "order_items")
_CHECK_SECONDS = 15.0
_CATCH_UP_SECONDS = 120.0


class Demo:
    def __init__(self, data_dir: Path, engine: str) -> None:
        self._engine = engine
        lab = {n.removeprefix("MILLRACE_LAB_"): v for n, v in os.environ.items() if n.startswith("MILLRACE_LAB_")}
        self._lab = lab
        self._stop = threading.Event()
        self._environment = {
            **os.environ,
            "MILLRACE_DATA_DIR": str(data_dir),
            "MILLRACE_SOURCE_PASSWORD": lab["PG_PASSWORD"],
            "MILLRACE_TARGET_PASSWORD": lab["SQLSERVER_PASSWORD"],
        }
        if engine == "kafka-connect":
            self._environment["MILLRACE_CONNECT_URL"] = lab["CONNECT_URL"]
            self._environment["MILLRACE_KAFKA_BOOTSTRAP"] = lab["KAFKA_BOOTSTRAP"]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def millrace(self, *arguments: str) -> int:
        # A group of its own: Ctrl-C ends the demo in order, not the program that cleans up after it.
        done = subprocess.run(
            [str(BINARY), *arguments], env=self._environment, check=False, process_group=0, stdin=subprocess.DEVNULL
        )
        return done.returncode

    def source(self) -> psycopg.Connection:
        lab = self._lab
        return psycopg.connect(
            host=lab["PG_HOST"], port=lab["PG_PORT"], dbname=lab["PG_DATABASE"], user=lab["PG_OWNER_USER"],
            password=lab["PG_OWNER_PASSWORD"], autocommit=True,
        )  # fmt: skip

    def target(self):
        lab = self._lab
        return pytds.connect(
            lab["SQLSERVER_HOST"], lab["SQLSERVER_DATABASE"], lab["SQLSERVER_USER"], lab["SQLSERVER_PASSWORD"],
            port=int(lab["SQLSERVER_PORT"]), autocommit=True,
        )  # fmt: skip

    def create(self) -> int:
        lab = self._lab
        where = f"{lab['SQLSERVER_HOST']}:{lab['SQLSERVER_PORT']}/{lab['SQLSERVER_DATABASE']}"
        arguments = [
            "create", "--engine", self._engine, "--name", PIPELINE,
            "--source", f"postgres://{lab['PG_USER']}@{lab['PG_HOST']}:{lab['PG_PORT']}/{lab['PG_DATABASE']}",
            "--tables", ",".join(TABLES),
            "--target", f"sqlserver://{lab['SQLSERVER_USER']}@{where}?schema={SCHEMA}&trustServerCertificate=true",
        ]  # fmt: skip
        print("$ millrace " + " ".join(arguments), flush=True)
        return self.millrace(*arguments)

    def start(self) -> subprocess.Popen[bytes] | None:
        """The embedded engine is a process of its own; Kafka Connect's workers run already."""
        if self._engine != "embedded":
            return None
        print(f"$ millrace run {PIPELINE}", flush=True)
        return subprocess.Popen(
            [str(BINARY), "run", PIPELINE], env=self._environment, process_group=0, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self, check: bool) -> int:
        if (code := self.create()) != 0:
            return code
        engine = self.start()
        try:
            with self.source() as source, self.target() as target:
                self._count_up(source, target, _CHECK_SECONDS if check else None)
                return self._compare(source, target)
        finally:
            if engine is not None:
                engine.send_signal(signal.SIGINT)
                engine.wait()
            self.millrace("delete", PIPELINE, "--drop-tables", "--drop-topics")

    def _count_up(self, source: psycopg.Connection, target, seconds: float | None) -> None:
        workload = threading.Thread(target=self._work, args=(seconds,))
        workload.start()
        print("\nA busy shop" + (":" if seconds else "; Ctrl-C ends it:"), flush=True)
        print("  " + "".join(f"{table:>24}" for table in TABLES))
        waited = 0.0
        while workload.is_alive():
            self._print_counts(source, target)
            if self._stop.wait(1.0):
                break
            waited += 1.0
            if seconds is not None and waited >= seconds:
                self._stop.set()
        workload.join()

    def _work(self, seconds: float | None) -> None:
        with self.source() as connection:
            change(connection, rate=40, seconds=seconds, stop=self._stop)

    def _print_counts(self, source: psycopg.Connection, target) -> None:
        cells = []
        for table in TABLES:
            left = source.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            with target.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM {SCHEMA}.{table}")
                right = cursor.fetchone()[0]
            cells.append(f"{left:>10} → {right:<9}")
        print("  " + "".join(f"{cell:>24}" for cell in cells), flush=True)

    def _compare(self, source: psycopg.Connection, target) -> int:
        """The shop stands still now; the copy has to come to the same rows."""
        print("\nThe shop stands still; comparing value by value", flush=True)
        pause, waited = threading.Event(), 0.0
        while True:
            found = [line for t in TABLES for line in differences(source, target, ("public", t), (SCHEMA, t))]
            if not found:
                for table in TABLES:
                    rows = source.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    print(f"  ✓ {table}: {rows} rows equal")
                return 0
            if waited >= _CATCH_UP_SECONDS:
                print("\n".join(found))
                return 1
            pause.wait(0.5)
            waited += 0.5


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="end by itself; 0 only if every table is equal value by value"
    )
    parser.add_argument(
        "--engine", choices=("embedded", "kafka-connect"), default="embedded", help="what carries the data (embedded)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-demo.") as data_dir:
        return Demo(Path(data_dir), options.engine).run(options.check)


if __name__ == "__main__":
    sys.exit(main())
