"""PostgreSQL 15, or 18 with MILLRACE_LAB_PG_VERSION=18, with logical decoding and the shop database."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from lab.errors import LabError
from lab.service import Service
from lab.sqlserver.tds.certificate import ensure_certificate
from lab.state import postgres_user
from lab.tools import environment

DATABASE = "shop"
SUPERUSER = "postgres"
OWNER = "shop"  # owns the tables and changes the data
SOURCE_USER = "millrace"  # what a pipeline connects as: REPLICATION, CREATE on the database, member of the owner
READER = "millrace_reader"  # REPLICATION and SELECT only: it can stream from a publication that somebody else made

_SHOP = Path(__file__).parent / "shop"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    "max_connections": "100",
    "max_prepared_transactions": "10",
    "wal_sender_timeout": "30s",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}


class Postgres(Service):
    name = "postgres"
    gentle = signal.SIGINT  # a fast shutdown: clients are disconnected, not waited for
    settings: Mapping[str, str] = {}  # instead of the lab's own, from the next start on

    def launch(self) -> int:
        cluster = self._cluster()
        # A postmaster that was killed leaves its lock behind; the pid in it may by now be somebody else's.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        command = [self.tools.postgres("postgres"), "-D", str(cluster), "-p", str(self.port)]
        for name, value in {**_SETTINGS, **self._tls(cluster.parent), **self.settings}.items():
            command += ["-c", f"{name}={value}"]
        return self._spawn(command, environment(), postgres_user())

    def _tls(self, home: Path) -> dict[str, str]:
        """As a server on a network has it: whoever does not say sslmode=disable is encrypted. The packaged PostgreSQL
        18 is built without TLS."""
        if not self._knows_tls(home / "cluster"):
            return {}
        certificate, key = ensure_certificate(home)
        if user := postgres_user():
            for path in (certificate, key):
                shutil.chown(path, user, user)
        return {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}

    def _knows_tls(self, cluster: Path) -> bool:
        user = postgres_user()
        identity = {"user": user, "group": user, "extra_groups": []} if user else {}
        command = [self.tools.postgres("postgres"), "-D", str(cluster), "-C", "ssl_library"]
        told = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment(), **identity)
        return told.returncode == 0 and told.stdout.strip() != ""

    def ready(self) -> bool:
        try:
            self.connect(SUPERUSER, "postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, user: str, database: str = DATABASE, autocommit: bool = False) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=self.password(user),
            dbname=database,
            connect_timeout=5,
            autocommit=autocommit,
            application_name="millrace-lab",
        )

    def password(self, user: str) -> str:
        keys = {SUPERUSER: "pg_superuser", OWNER: "pg_owner", SOURCE_USER: "pg_source", READER: "pg_reader"}
        return self.state.password(keys[user])

    def furnish(self) -> None:
        with self.connect(SUPERUSER, "postgres", autocommit=True) as admin:
            self._create_roles(admin)
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (DATABASE, OWNER))))
        with self.connect(SUPERUSER) as shop:
            # One transaction: an interrupted start leaves the whole shop or nothing of it.
            empty = shop.execute("SELECT to_regclass('public.customers')").fetchone() == (None,)
            if empty and self._knows_xml():
                for script in sorted(_SHOP.glob("*.sql")):
                    shop.execute(script.read_text())  # type: ignore[call-overload]

    def _knows_xml(self) -> bool:
        """The packaged PostgreSQL 18 is built without libxml. The shop has XML values, so there it stays empty: a
        server for tests that make their own tables."""
        with self.connect(SUPERUSER) as probe:
            try:
                probe.execute("SELECT '<a/>'::xml")
            except psycopg.errors.FeatureNotSupported:
                return False
        return True

    def _create_roles(self, admin: psycopg.Connection) -> None:
        existing = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
        for user, rights in ((OWNER, "LOGIN"), (SOURCE_USER, "LOGIN REPLICATION"), (READER, "LOGIN REPLICATION")):
            if user not in existing:
                # A statement may end up in a log, so the server is told the password's verifier and never the password.
                verifier = admin.pgconn.encrypt_password(
                    self.password(user).encode(), user.encode(), b"scram-sha-256"
                ).decode()
                command = sql.SQL("CREATE ROLE {} WITH " + rights + " PASSWORD {}")
                admin.execute(command.format(sql.Identifier(user), sql.Literal(verifier)))

    def _cluster(self) -> Path:
        user = postgres_user()
        version = self.tools.postgres_version
        # One cluster a version: a server does not open another version's files.
        home = self.state.data("postgres" if version == "15" else f"postgres-{version}", user)
        cluster = home / "cluster"
        if (cluster / "PG_VERSION").exists() and not (home / "initialising").exists():
            return cluster
        shutil.rmtree(cluster, ignore_errors=True)
        (home / "initialising").touch()
        self._initdb(home, cluster, user)
        (home / "initialising").unlink()
        return cluster

    def _initdb(self, home: Path, cluster: Path, user: str | None) -> None:
        password_file = home / "superuser-password"
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.password(SUPERUSER))
            if user:
                shutil.chown(password_file, user, user)
            command = [
                self.tools.postgres("initdb"), "-D", str(cluster), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions",
            ]  # fmt: skip
            identity = {"user": user, "group": user, "extra_groups": []} if user else {}
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment(), **identity)
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            raise LabError(f"initdb failed: {done.stderr.strip()}")
