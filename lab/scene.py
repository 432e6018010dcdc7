"""A server with something to see on every page, for a command that looks at it: pictures, page speeds.

Saved connections, a busy pipeline with a row in quarantine, a changed table and a comparison that found a difference, one
that waits in front of a schema change, one that is paused, a source with ten thousand tables, people, a second tenant, an
API key, an alert channel."""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
from millrace_client import Client

from lab.demo import ROOT, Demo

SHOP = "SHOP_TO_WAREHOUSE"
RETURNS = "RETURNS_TO_WAREHOUSE"
CATALOG = "CATALOG_TO_WEB"
PIPELINES = (SHOP, RETURNS, CATALOG)
MANY = "many_tables"
_MANY_TABLES = 10_000
_TABLES_AT_ONCE = 1_000


class Scene(Demo):
    _rate = 15

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, "embedded")

    @contextlib.contextmanager
    def shown(self, seconds: float) -> Iterator[dict[str, str]]:
        """What a command needs to look at it, after the shop has been busy for `seconds`; it stays busy meanwhile."""
        with self.server(0) as client, contextlib.ExitStack() as ends:
            self._make_sources()
            self._save_connections(client)
            for name in PIPELINES:
                ends.callback(client.delete, name, drop_tables=True)
                client.create(self._spec(name))
            for name in PIPELINES:
                self._await_active(client, name)
            workload = threading.Thread(target=self._work, args=(None,))
            workload.start()
            ends.callback(workload.join)
            ends.callback(self._stop.set)
            self._make_events(client)
            self._make_people(client)
            self._stop.wait(seconds)
            yield {
                "MILLRACE_SERVER": client.server,
                "MILLRACE_PASSWORD": self.password,
                "MILLRACE_PIPELINE": SHOP,
                "MILLRACE_MANY": "archive/warehouse",
            }

    def _make_sources(self) -> None:
        with self.source() as source:
            source.execute("CREATE TABLE returns (id integer PRIMARY KEY, order_id bigint NOT NULL, reason text)")
            source.execute("INSERT INTO returns SELECT n, n, 'too large' FROM generate_series(1, 500) AS n")
            self._make_many()

    def _make_many(self) -> None:
        """In a database of their own: the wizard lists all tables of one."""
        lab = self._lab
        admin = {"host": lab["PG_HOST"], "port": lab["PG_PORT"], "user": lab["PG_SUPERUSER"],
                 "password": lab["PG_SUPERUSER_PASSWORD"], "autocommit": True}  # fmt: skip
        with psycopg.connect(dbname=lab["PG_DATABASE"], **admin) as connection:
            connection.execute(f"CREATE DATABASE {MANY} OWNER {lab['PG_USER']}")
        with psycopg.connect(dbname=MANY, **admin) as connection:
            connection.execute(f"SET ROLE {lab['PG_USER']}")
            for first in range(0, _MANY_TABLES, _TABLES_AT_ONCE):
                # Each transaction keeps a lock for each table, and the server has room for some thousands.
                with connection.transaction():
                    for number in range(first, first + _TABLES_AT_ONCE):
                        connection.execute(f"CREATE TABLE t_{number:05} (id integer PRIMARY KEY)")

    def _save_connections(self, client: Client) -> None:
        lab = self._lab
        source = {"host": lab["PG_HOST"], "port": int(lab["PG_PORT"]), "database": lab["PG_DATABASE"],
                  "user": lab["PG_USER"], "password": lab["PG_PASSWORD"]}  # fmt: skip
        target = {"host": lab["SQLSERVER_HOST"], "port": int(lab["SQLSERVER_PORT"]),
                  "database": lab["SQLSERVER_DATABASE"], "user": lab["SQLSERVER_USER"],
                  "password": lab["SQLSERVER_PASSWORD"], "trustServerCertificate": True}  # fmt: skip
        client.save_connection("shop", "source", source)
        client.save_connection("archive", "source", {**source, "database": MANY})
        client.save_connection("warehouse", "target", target)

    def _spec(self, name: str) -> dict[str, object]:
        tables, schema, embedded = {
            SHOP: (["customers", "products", "orders", "order_items"], "shop", {"poison": "quarantine"}),
            RETURNS: (["returns"], "returns", {"schemaPolicy": "apply,drop_column=pause"}),
            CATALOG: (["products"], "web", {}),
        }[name]
        target = {"connection": "warehouse", "schema": schema}
        return {
            "name": name,
            "source": {"connection": "shop"},
            "target": target,
            "tables": tables,
            "embedded": embedded,
        }

    def _make_events(self, client: Client) -> None:
        """A schema change that is followed, one that is waited in front of, a refused row, a row that differs."""
        client.pause(CATALOG)
        with self.source() as source, self.target() as target, target.cursor() as cursor:
            source.execute("ALTER TABLE products ADD COLUMN rating numeric(3, 2) DEFAULT 4.5")
            source.execute("ALTER TABLE returns DROP COLUMN reason")
            source.execute("INSERT INTO returns VALUES (501, 17)")
            cursor.execute("ALTER TABLE shop.customers ADD CONSTRAINT credit_limit CHECK (credit <= 1000000)")
            source.execute("UPDATE customers SET credit = 2500000 WHERE id = (SELECT max(id) FROM customers)")
            self._await("the row is set aside", lambda: client.request("GET", f"/pipelines/{SHOP}/quarantine")["items"])
            self._await("a schema change is waited for", lambda: client.progress(RETURNS)["lastError"])
            cursor.execute("UPDATE shop.products SET name = 'changed by hand' WHERE id = 3")
        compared = client.request("POST", f"/pipelines/{SHOP}/verify", {"tables": ["products", "customers"]})
        self._await("the comparison is done", lambda: client.operation(compared["id"])["state"] != "running")

    def _make_people(self, client: Client) -> None:
        tenant = client.request("GET", "/auth/me")["tenant"]["id"]
        client.request("POST", "/tenants", {"name": "logistics"})
        for name, role in (("ann.alvarez", "admin"), ("ben.okafor", "operator"), ("chiara.rossi", "viewer")):
            member = {"name": name, "password": os.urandom(12).hex(), "memberships": [{"tenant": tenant, "role": role}]}
            client.request("POST", "/users", member)
        client.request("POST", "/api-keys", {"name": "grafana", "role": "viewer"})
        # A name that is reserved for leading nowhere (RFC 2606).
        channel = {"name": "on call", "kind": "webhook", "webhook": {"url": "https://hooks.invalid/millrace"}}
        client.request("POST", "/alerts/channels", channel)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.scene", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180, help="how long the shop is busy before (default 180)")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, help="runs in web/, with MILLRACE_SERVER and who may sign in"
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="millrace-scene.") as data_dir,
        Scene(Path(data_dir)).shown(options.seconds) as environment,
    ):
        return subprocess.run(options.command, cwd=ROOT / "web", env={**os.environ, **environment}).returncode


if __name__ == "__main__":
    sys.exit(main())
