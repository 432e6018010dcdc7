"""What a lab remembers between two commands: its directories, ports, passwords and running processes."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from lab import ports
from lab.process import ProcessId

_PASSWORDS = ("pg_superuser", "pg_source", "pg_owner", "pg_reader", "sqlserver", "sqlserver_sa")


class LabState:
    """The files under a lab's directory: state.json, conf/, secrets/, logs/ and data/."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.logs = self.directory / "logs"
        self.secrets = self.directory / "secrets"
        self.connect_secrets = self.secrets / "connect"
        self._file = self.directory / "state.json"
        # Services start in threads of one command and share this file.
        self._turn = threading.RLock()

    def create(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        self.config("").mkdir(mode=0o700, exist_ok=True)
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        self.connect_secrets.mkdir(mode=0o700, exist_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Two commands on one lab take turns."""
        self.create()
        with (self.directory / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    # --- data that must be writable for the user PostgreSQL runs as

    def data(self, name: str, owner: str | None = None) -> Path:
        """The data directory of a service, owned by `owner`."""
        with self._turn:
            root = self._data_root()
        root.mkdir(parents=True, exist_ok=True)
        path = root / name
        if not path.exists():
            path.mkdir(mode=0o700)
            if owner:
                shutil.chown(path, owner, owner)
        return path

    def _data_root(self) -> Path:
        """<dir>/data, unless PostgreSQL's own user could not reach it (a lab under /root): then under /var/tmp."""
        chosen = self._load().get("data_root")
        if chosen is None:
            chosen = str(self.directory / "data")
            if os.geteuid() == 0 and not _reachable(self.directory, postgres_user()):
                digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
                chosen = str(Path("/var/tmp") / f"millrace-lab-{digest}")
            self._update(data_root=chosen)
        return Path(chosen)

    def purge(self) -> None:
        shutil.rmtree(self._data_root(), ignore_errors=True)
        for name in ("logs", "secrets", "conf"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        self._file.unlink(missing_ok=True)

    # --- ports

    def port(self, name: str, wanted: int | None = None) -> int:
        """The port of a service: as told, as before, or a free one. Call it only for a service that is not running."""
        with self._turn:
            known: dict[str, int] = self._load().get("ports", {})
            port = wanted or known.get(name)
            if port is None or (wanted is None and not ports.is_free(port)):
                port = ports.pick(set(known.values()))
            self._update(ports={**known, name: port})
            return port

    def known_port(self, name: str) -> int | None:
        return self._load().get("ports", {}).get(name)

    # --- passwords

    def password(self, name: str) -> str:
        path = self.secrets / "passwords.json"
        with self._turn:
            if not path.exists():
                # A letter of each kind, as SQL Server's password policy asks.
                chosen = {key: f"Lab-{secrets.token_urlsafe(15)}-1a" for key in _PASSWORDS}
                _write_private(path, json.dumps(chosen, indent=1))
            return json.loads(path.read_text())[name]

    def write_secret(self, name: str, text: str) -> Path:
        path = self.connect_secrets / name
        _write_private(path, text)
        return path

    def config(self, name: str) -> Path:
        return self.directory / "conf" / name

    def write_config(self, name: str, text: str) -> Path:
        path = self.config(name)
        _write_private(path, text)
        return path

    # --- processes and notes

    def process(self, service: str) -> ProcessId | None:
        entry = self._load().get("processes", {}).get(service)
        return ProcessId(entry["pid"], entry["start_time"]) if entry else None

    def set_process(self, service: str, process: ProcessId | None) -> None:
        with self._turn:
            entries = dict(self._load().get("processes", {}))
            entries.pop(service, None)
            if process is not None:
                entries[service] = {"pid": process.pid, "start_time": process.start_time}
            self._update(processes=entries)

    def note(self, name: str) -> str | None:
        return self._load().get("notes", {}).get(name)

    def set_note(self, name: str, value: str) -> None:
        with self._turn:
            self._update(notes={**self._load().get("notes", {}), name: value})

    def exists(self) -> bool:
        return self._file.exists()

    def _load(self) -> dict:
        try:
            return json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}

    def _update(self, **values: object) -> None:
        with self._turn:
            _write_private(self._file, json.dumps({**self._load(), **values}, indent=1))


def postgres_user() -> str | None:
    """PostgreSQL refuses to run as root: then Debian's own user runs it."""
    return "postgres" if os.geteuid() == 0 else None


def _reachable(directory: Path, user: str | None) -> bool:
    result = subprocess.run(
        ["/usr/bin/test", "-x", str(directory)], check=False, user=user, group=user, extra_groups=[], cwd="/"
    )
    return result.returncode == 0


def _write_private(path: Path, text: str) -> None:
    """Written beside and renamed, so that a reader never sees half; readable by the owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)
