"""A lab: its services in the order they need each other, started together and ended without a trace."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab import postgres, process, sqlserver_service
from lab.connect import Connect
from lab.errors import LabError
from lab.kafka import Kafka
from lab.postgres import Postgres
from lab.service import Service
from lab.sqlserver_service import SqlServer
from lab.state import LabState
from lab.tools import ROOT, Tools

SERVICES = ("postgres", "kafka", "connect", "sqlserver")


def default_directory() -> Path:
    return Path(os.environ.get("MILLRACE_LAB_DIR") or ROOT / ".lab")


def left_out() -> list[str]:
    """Services that `up` leaves out when nothing else is said: MILLRACE_LAB_WITHOUT, separated by commas."""
    return [name for name in os.environ.get("MILLRACE_LAB_WITHOUT", "").split(",") if name]


@dataclass(frozen=True)
class ServiceStatus:
    name: str
    state: str  # running | stopped | external
    pid: int | None
    address: str
    memory_mb: int | None
    log: str


class Lab:
    """Any number of labs live side by side, one a directory. Methods may be called from any process."""

    def __init__(self, directory: Path | None = None, ports: Mapping[str, int] | None = None) -> None:
        self.state = LabState(directory or default_directory())
        wanted = ports or {}
        unknown = set(wanted) - set(SERVICES)
        if unknown:
            raise LabError(f"no such service: {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}")
        tools = Tools.find()
        self.postgres = Postgres(self.state, tools, wanted.get("postgres"))
        self.kafka = Kafka(self.state, tools, wanted.get("kafka"))
        self.connect = Connect(self.state, tools, wanted.get("connect"), self.kafka)
        self.sqlserver = SqlServer(self.state, tools, wanted.get("sqlserver"))

    def __enter__(self) -> Lab:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def service(self, name: str) -> Service:
        if name not in SERVICES:
            raise LabError(f"no such service: {name}; there are {', '.join(SERVICES)}")
        return getattr(self, name)

    def up(self, without: Iterable[str] | None = None, told: Callable[[str], None] = lambda _: None) -> None:
        """Starts what does not run. Returns when all can be used; raises LabError naming what failed."""
        skipped = {self.service(name).name for name in (left_out() if without is None else without)}
        chains: list[list[Service]] = [[self.kafka, self.connect], [self.postgres], [self.sqlserver]]
        chains = [[service for service in chain if service.name not in skipped] for chain in chains]
        with self.state.lock():
            _all([lambda chain=chain: _up(chain, told) for chain in chains if chain])

    def down(self) -> None:
        """Ends every process of the lab, also one that a crashed command lost sight of."""
        if not self.state.directory.exists():
            return
        with self.state.lock():
            chains: list[list[Service]] = [[self.connect, self.kafka], [self.postgres], [self.sqlserver]]
            _all([lambda chain=chain: [service.down() for service in chain] for chain in chains])
            for lost in process.tagged(str(self.state.directory)):
                process.stop(lost, signal.SIGTERM, timeout=5)

    def purge(self) -> None:
        """Forgets everything: data, ports, passwords, logs."""
        self.down()
        self.state.purge()

    def start(self, name: str) -> None:
        with self.state.lock():
            self.service(name).up()

    def stop(self, name: str) -> None:
        with self.state.lock():
            self.service(name).down()

    def kill(self, name: str) -> None:
        """SIGKILL; `start` brings the service back on the same port with the same data."""
        with self.state.lock():
            self.service(name).kill()

    def kill_connect(self) -> None:
        self.kill("connect")

    def start_connect(self) -> None:
        self.start("connect")

    def status(self) -> list[ServiceStatus]:
        return [self._status_of(self.service(name)) for name in SERVICES]

    def environment(self) -> dict[str, str]:
        """All facts about the lab, as `env` prints them. Services that never ran are left out."""
        started = {name for name in SERVICES if self.state.known_port(name) is not None}
        facts: dict[str, str] = {"DIR": str(self.state.directory)}
        if "postgres" in started:
            facts |= self._postgres_facts()
        if "kafka" in started:
            facts["KAFKA_BOOTSTRAP"] = self.kafka.address()
        if "connect" in started:
            facts["CONNECT_URL"] = self.connect.address()
            facts["CONNECT_SECRETS_DIR"] = str(self.state.connect_secrets)
        if "sqlserver" in started or self.sqlserver.external():
            facts |= self._sqlserver_facts()
        return {f"MILLRACE_LAB_{name}": value for name, value in facts.items()}

    def _postgres_facts(self) -> dict[str, str]:
        facts = {
            "PG_HOST": "127.0.0.1",
            "PG_PORT": str(self.postgres.port),
            "PG_DATABASE": postgres.DATABASE,
            "PG_SUPERUSER": postgres.SUPERUSER,
            "PG_SUPERUSER_PASSWORD": self.postgres.password(postgres.SUPERUSER),
        }
        users = {"PG": postgres.SOURCE_USER, "PG_OWNER": postgres.OWNER, "PG_READER": postgres.READER}
        for prefix, user in users.items():
            facts |= _account(prefix, user, self.postgres.password(user))
        return facts

    def _sqlserver_facts(self) -> dict[str, str]:
        server = self.sqlserver.server()
        facts = {
            "SQLSERVER_HOST": server.host,
            "SQLSERVER_PORT": str(server.port),
            "SQLSERVER_DATABASE": sqlserver_service.DATABASE,
            "SQLSERVER_URL": self.sqlserver.url(),
            **_account("SQLSERVER", sqlserver_service.LOGIN, self.state.password("sqlserver")),
            **_account("SQLSERVER_ADMIN", server.admin, self.sqlserver.admin_password()),
        }
        certificate = self.sqlserver.certificate()
        if certificate is not None:
            facts["SQLSERVER_CERTIFICATE"] = str(certificate)
        return facts

    def _status_of(self, service: Service) -> ServiceStatus:
        external = isinstance(service, SqlServer) and service.external() is not None
        known = service.running()
        state = "external" if external else "running" if known else "stopped"
        address = service.address() if external or self.state.known_port(service.name) else "-"
        memory = process.memory_mb(known) if known else None
        return ServiceStatus(service.name, state, known.pid if known else None, address, memory, str(service.log))


def _account(prefix: str, user: str, password: str) -> dict[str, str]:
    return {f"{prefix}_USER": user, f"{prefix}_PASSWORD": password}


def _up(chain: list[Service], told: Callable[[str], None]) -> None:
    for service in chain:
        started = service.up()
        told(f"{service.name} {'is ready' if started else 'was there already'}: {service.address()}")


def _all(tasks: list[Callable[[], object]]) -> None:
    """Runs the tasks side by side, waits for all, and raises what went wrong in any of them as one."""
    with ThreadPoolExecutor(max_workers=len(tasks) or 1) as pool:
        failures = [
            failure for failure in (future.exception() for future in [pool.submit(task) for task in tasks]) if failure
        ]
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise LabError("\n".join(str(failure) for failure in failures))
