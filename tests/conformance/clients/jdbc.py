"""mssql-jdbc, the driver of Debezium's sink, in a Java process of its own."""

from __future__ import annotations

import base64
import datetime
import json
import subprocess
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

from clients.client import Interrupted, Server, SqlError

_BRIDGE = Path(__file__).with_name("Bridge.java")


def class_path(deps: Path) -> str:
    jars = [
        *deps.glob("connect-plugins/debezium-connector-jdbc/mssql-jdbc-*.jar"),
        *deps.glob("kafka/libs/jackson-*.jar"),
    ]
    return ":".join(str(jar) for jar in jars)


def _out(value: Any) -> list[str]:
    if value is None:
        return ["null", ""]
    if isinstance(value, bool):
        return ["bool", str(value).lower()]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    kind = {int: "int", float: "float", Decimal: "decimal"}.get(type(value), "text")
    return [kind, repr(value) if kind == "float" else str(value)]


_IN: dict[str, Any] = {
    "null": lambda _: None,
    "bool": lambda text: text == "true",
    "int": int,
    "float": float,
    "decimal": Decimal,
    "bytes": base64.b64decode,
    "date": datetime.date.fromisoformat,
    "datetime2": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "datetimeoffset": lambda text: datetime.datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-")),
    "uniqueidentifier": uuid.UUID,
}


class _Process:
    """A Java process; one connection at a time, so that the next one need not wait for another start."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "interrupted" in answer:
            raise Interrupted(answer["interrupted"])
        if "error" in answer:
            raise SqlError(answer["error"], answer["message"])
        return answer

    def end(self) -> None:
        self._process.communicate(timeout=30)


class JdbcConnection:
    def __init__(self, idle: list[_Process], process: _Process) -> None:
        self._idle, self._process = idle, process

    @staticmethod
    def _values(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [tuple(_IN.get(kind, str)(text) for kind, text in row) for row in answer["rows"]]

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._values(self._process.ask(do="rows", sql=sql, parameters=[_out(value) for value in parameters]))

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        self._process.ask(do="many", sql=sql, rows=[[_out(value) for value in row] for row in rows])

    def interrupted(self, sql: str, seconds: int) -> None:
        self._process.ask(do="interrupted", sql=sql, seconds=seconds)

    def metadata(self, what: str, schema: str, table: str) -> list[dict[str, Any]]:
        """What DatabaseMetaData answers: `tables`, `columns`, `primary_keys` or `indexes`."""
        answer = self._process.ask(do="metadata", what=what, schema=schema, table=table)
        return [dict(zip(answer["names"], row, strict=True)) for row in self._values(answer)]

    def close(self) -> None:
        self._process.ask(do="close")
        self._idle.append(self._process)


class Jdbc:
    name, typed = "mssql-jdbc", True

    def __init__(self, deps: Path, build: Path) -> None:
        path = class_path(deps)
        subprocess.run(["javac", "-nowarn", "-cp", path, "-d", str(build), str(_BRIDGE)], check=True, timeout=120)
        self._command = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{path}:{build}", "Bridge"]
        self._idle: list[_Process] = []

    def connect(self, server: Server, packet_size: int | None = None) -> JdbcConnection:
        process = self._idle.pop() if self._idle else _Process(self._command)
        try:
            process.ask(
                do="connect",
                url=f"jdbc:sqlserver://{server.host}:{server.port};databaseName={server.database}",
                properties={
                    "user": server.user, "password": server.password, "encrypt": "false", "loginTimeout": "20",
                    "connectRetryCount": "0", "packetSize": str(packet_size or 8000),
                },
            )  # fmt: skip
        except SqlError:
            self._idle.append(process)
            raise
        return JdbcConnection(self._idle, process)

    def end(self) -> None:
        for process in self._idle:
            process.end()
