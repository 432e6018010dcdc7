"""Starts, watches and ends the PostgreSQL server behind the stand-in."""

from __future__ import annotations

import asyncio
import ctypes
import grp
import hashlib
import logging
import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import asyncpg

_LOG = logging.getLogger("lab.sqlserver.engine")
_SERVICE_USER = "postgres"
_PR_SET_PDEATHSIG = 1
_SOCKET_PATH_LIMIT = 90
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "1000",
    "shared_buffers": "128MB",
    # What is written outlives the end of the process, however it ends; only a crash of the machine would undo it.
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "max_prepared_transactions": "0",
    "deadlock_timeout": "300ms",
    "jit": "off",
    "lc_messages": "C",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "autovacuum_naptime": "10s",
}


def _account() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root; then it runs as Debian's postgres user."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(_SERVICE_USER)
    return user.pw_uid, grp.getgrgid(user.pw_gid).gr_gid


def _die_with_parent() -> None:
    # A kill -9 of the stand-in must not leave its PostgreSQL behind: SIGINT asks for a fast shutdown.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class PostgresProcess:
    def __init__(self, data_dir: Path, bin_dir: Path) -> None:
        self._data = Path(os.path.abspath(data_dir)) / "pgdata"
        self._log = Path(os.path.abspath(data_dir)) / "postgres.log"
        self._bin = bin_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._account = _account()
        # A unix socket's path is short by law; a deep data directory gets one elsewhere, under a name of its own.
        socket_dir = Path(os.path.abspath(data_dir)) / "run"
        if len(str(socket_dir)) > _SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(str(socket_dir).encode()).hexdigest()[:16]
            socket_dir = Path(tempfile.gettempdir()) / f"tsql-standin-{digest}"
        self._socket_dir = socket_dir

    @property
    def dsn(self) -> dict[str, str]:
        return {"host": str(self._socket_dir), "user": _SERVICE_USER}

    def start(self) -> None:
        for folder in (self._data.parent, self._data, self._socket_dir):
            folder.mkdir(parents=True, exist_ok=True)
        if self._account is not None:
            os.chown(self._data, *self._account)
            os.chown(self._socket_dir, *self._account)
        self._data.chmod(0o700)
        self._socket_dir.chmod(0o700)
        if not (self._data / "PG_VERSION").exists():
            self._init()
        self._end_leftover()
        self._launch()

    def place(self, library: Path) -> Path:
        """A library where the server's account can read it."""
        placed = self._data.parent / library.name
        partial = placed.with_suffix(".partial")
        shutil.copyfile(library, partial)
        partial.chmod(0o755)
        partial.replace(placed)
        return placed

    def _run_as(self) -> dict[str, object]:
        if self._account is None:
            return {}
        return {"user": self._account[0], "group": self._account[1], "extra_groups": []}

    def _init(self) -> None:
        # A first start that was interrupted leaves a partial directory, which initdb refuses.
        for leftover in self._data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        command = [
            str(self._bin / "initdb"), "-D", str(self._data), "-U", _SERVICE_USER, "-E", "UTF8",
            "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **self._run_as())  # type: ignore[call-overload]
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def _end_leftover(self) -> None:
        """Ends a PostgreSQL that outlived its stand-in, and removes a lock file that names a foreign process."""
        lock = self._data / "postmaster.pid"
        if not lock.exists():
            return
        first_line = lock.read_text().split("\n", 1)[0].strip()
        pid = int(first_line) if first_line.isdigit() else 0
        if pid and self._is_ours(pid):
            _end_and_wait(pid, timeout=60)
        lock.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return command[0].endswith(b"postgres") and str(self._data).encode() in command

    def _launch(self) -> None:
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-k", str(self._socket_dir)]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                preexec_fn=_die_with_parent, start_new_session=True, **self._run_as(),
            )  # fmt: skip

    async def wait_ready(self, timeout: float = 60) -> None:
        """Returns once a connection can be made; recovery after a crash may take its time."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            try:
                connection = await asyncpg.connect(database="postgres", **self.dsn, timeout=5)
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, TimeoutError) as error:
                if self._held_up():
                    await asyncio.sleep(0.2)
                    self._launch()
                self._check_alive()
                if asyncio.get_running_loop().time() > deadline:
                    raise RuntimeError(f"PostgreSQL did not become ready; see {self._log}") from error
                await asyncio.sleep(0.05)
                continue
            await connection.close()
            return

    def _held_up(self) -> bool:
        """True when it ended because the processes of a killed predecessor are not gone yet."""
        if self._process is None or self._process.poll() is None:
            return False
        tail = self._log.read_text(errors="replace")[-600:]
        return any(words in tail for words in ("already exists", "shared memory block", "Is another postmaster"))

    def _check_alive(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            tail = self._log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"PostgreSQL ended with {self._process.returncode}: {tail}")

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """A fast shutdown; SIGKILL only when it does not end."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            _LOG.warning("PostgreSQL did not shut down in time; killing it")
            process.kill()
            process.wait()


def _end_and_wait(pid: int, timeout: float) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGINT)
        if not select.select([handle], [], [], timeout)[0]:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], timeout)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
