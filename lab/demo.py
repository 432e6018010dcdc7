"""The main job, live: a server with its web page, a pipeline over the lab's shop, a busy shop, and both sides counting
up."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import psycopg
import pytds
from millrace_client import Client, MillraceError, create_pipeline_from_credentials

from lab.compare import differences
from lab.workload import change

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "build/release/bin/millrace"
PIPELINE = "DEMO"
SCHEMA = "demo"
TABLES = ("customers", "products", "orders", "order_items")
_CHECK_SECONDS = 15.0
_CATCH_UP_SECONDS = 120.0
_LOAD_SECONDS = 180.0


class Demo:
    _rate = 40  # transactions a second

    def __init__(self, data_dir: Path, engine: str) -> None:
        self._engine = engine
        self._data_dir = data_dir
        self._lab = {n.removeprefix("MILLRACE_LAB_"): v for n, v in os.environ.items() if n.startswith("MILLRACE_LAB_")}
        self._stop = threading.Event()
        self.password = secrets.token_urlsafe(9)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    @contextlib.contextmanager
    def server(self, port: int) -> Iterator[Client]:
        """`millrace serve`, until the block ends. The lab's databases are on this machine and in its networks."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
        environment["MILLRACE_ADMIN_PASSWORD"] = self.password
        command = ["serve", "--data-dir", str(self._data_dir / "data"), "--port", str(port)]
        print("$ millrace " + " ".join(command), flush=True)
        log = (self._data_dir / "server.log").open("w")
        # A group of its own: Ctrl-C ends the demo in order, which takes the pipeline away before the server ends.
        serving = subprocess.Popen(
            [str(BINARY), *command], env=environment, process_group=0, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
        try:
            url = next((found[1] for line in serving.stdout if (found := re.match(r"Listens on (\S+)", line))), None)
            if url is None:
                raise SystemExit((self._data_dir / "server.log").read_text())
            threading.Thread(target=serving.stdout.read, daemon=True).start()
            print(f"\n  The web page: {url}\n  Sign in as admin with the password {self.password}\n", flush=True)
            yield Client(url, "admin", self.password)
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait()
            log.close()

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

    def create(self, client: Client) -> str:
        lab = self._lab
        options: dict[str, object] = {
            "name": PIPELINE, "engine": self._engine, "target": {"trustServerCertificate": True},
        }  # fmt: skip
        if self._engine == "kafka-connect":
            options["kafkaConnect"] = {"url": lab["CONNECT_URL"], "kafkaBootstrap": lab["KAFKA_BOOTSTRAP"]}
        made = create_pipeline_from_credentials(
            source_host=lab["PG_HOST"], source_port=int(lab["PG_PORT"]), source_database=lab["PG_DATABASE"],
            source_user=lab["PG_USER"], source_password=lab["PG_PASSWORD"], source_tables=list(TABLES),
            target_host=lab["SQLSERVER_HOST"], target_port=int(lab["SQLSERVER_PORT"]),
            target_database=lab["SQLSERVER_DATABASE"], target_user=lab["SQLSERVER_USER"],
            target_password=lab["SQLSERVER_PASSWORD"], target_schema=SCHEMA, options=options, client=client,
        )  # fmt: skip
        return made.pipeline_id

    def run(self, port: int, check: bool) -> int:
        with self.server(port) as client:
            print(f"Two sets of credentials and {len(TABLES)} tables, no more:", flush=True)
            try:
                made = self.create(client)
            except MillraceError as refused:
                print(refused, file=sys.stderr)
                return 1
            print(f"  {made} is made ({self._engine}); what is there is copied", flush=True)
            try:
                self._await_active(client, made)
                print("  Pipeline created! Real-time CDC active.", flush=True)
                with self.source() as source, self.target() as target:
                    self._count_up(source, target, _CHECK_SECONDS if check else None)
                    return self._compare(source, target)
            finally:
                for piece in client.delete(PIPELINE, drop_tables=True, drop_topics=True)["removed"]:
                    print(f"  removed: {piece}")

    def _await(self, what: str, condition: Callable[[], object]) -> None:
        """Until it holds; Ctrl-C goes on to the end."""
        waited = 0.0
        while not self._stop.is_set() and not condition():
            if waited >= _LOAD_SECONDS:
                raise SystemExit(f"waited in vain: {what}")
            self._stop.wait(0.5)
            waited += 0.5

    def _await_active(self, client: Client, name: str) -> None:
        """Until what was there is copied and changes are followed."""

        def active() -> bool:
            progress = client.progress(name)
            return progress["health"] == "running" and (progress["stream"] is not None or bool(progress["connectors"]))

        try:
            self._await(f"{name} is active", active)
        except SystemExit:
            progress = client.progress(name)
            raise SystemExit(f"{name} did not become active: {progress['health']}, {progress['lastError']}") from None

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
            change(connection, rate=self._rate, seconds=seconds, stop=self._stop)

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
    parser.add_argument("--port", type=int, default=0, help="where the web page is to be served (a free port)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-demo.") as data_dir:
        return Demo(Path(data_dir), options.engine).run(options.port, options.check)


if __name__ == "__main__":
    sys.exit(main())
