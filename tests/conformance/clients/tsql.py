"""FreeTDS's tsql: text in, text out."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

from clients.client import Server, SqlError

_MESSAGE = re.compile(r"Msg (\d+) \(severity (\d+), state \d+\) from .*$", re.MULTILINE)
_LOWEST_ERROR = 11


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, str):
        return "N'" + value.replace("'", "''") + "'"
    if isinstance(value, float):
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    return str(value) if isinstance(value, int) or type(value).__name__ == "Decimal" else f"'{value}'"


class TsqlConnection:
    """Each batch is a run of tsql of its own: what must share a session belongs in one batch."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._run("SELECT 1")

    def _run(self, batch: str) -> str:
        # It reads the password from standard input when none is given.
        done = subprocess.run(
            ["tsql", "-o", "qhf", "-H", self._server.host, "-p", str(self._server.port), "-U", self._server.user,
             "-D", self._server.database],
            input=f"{self._server.password}\n{batch}\ngo\nexit\n", text=True, capture_output=True, timeout=60,
            check=False, env={**os.environ, "TDSVER": "7.4", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"},
        )  # fmt: skip
        for number, severity in _MESSAGE.findall(done.stdout + "\n" + done.stderr):
            if int(severity) >= _LOWEST_ERROR:
                raise SqlError(int(number), done.stdout + done.stderr)
        if done.returncode != 0:
            raise SqlError(0, done.stdout + done.stderr)
        return done.stdout

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        pieces = sql.split("?") if parameters else [sql]
        text = pieces[0] + "".join(_literal(value) + piece for value, piece in zip(parameters, pieces[1:], strict=True))
        lines = self._run(text.replace("\n", " ")).splitlines()
        # With -o q, h and f there is neither prompt nor header nor count: lines of tab-separated values.
        return [tuple(None if cell == "NULL" else cell for cell in line.split("\t")) for line in lines if line]

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            self.rows(sql, *row)

    def interrupted(self, sql: str, seconds: int) -> None:
        raise NotImplementedError("tsql sends no attention")

    def close(self) -> None: ...


class Tsql:
    name, typed = "tsql", False

    def connect(self, server: Server, packet_size: int | None = None) -> TsqlConnection:
        return TsqlConnection(server)
