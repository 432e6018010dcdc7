"""python-tds."""

from __future__ import annotations

from typing import Any

import pytds
from clients.client import Server, SqlError


def _translated(error: BaseException) -> SqlError:
    # It tries again after 4060 until its time is over, and keeps the server's words as the cause.
    for one in (error, error.__cause__, error.__context__):
        number = getattr(one, "number", None) or getattr(one, "msg_no", None)
        if number:
            return SqlError(int(number), str(one))
    return SqlError(0, str(error))


class PytdsConnection:
    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            with self._raw.cursor() as cursor:
                sent = tuple(pytds.Binary(value) if isinstance(value, bytes) else value for value in parameters)
                cursor.execute(sql.replace("?", "%s"), sent) if parameters else cursor.execute(sql)
                found: list[tuple[Any, ...]] | None = None
                while True:
                    if cursor.description is not None:
                        rows = [tuple(row) for row in cursor.fetchall()]
                        found = rows if found is None else found
                    if not cursor.nextset():
                        return found or []
        except pytds.Error as error:
            raise _translated(error) from error

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        for row in rows:
            self.rows(sql, *row)

    def interrupted(self, sql: str, seconds: int) -> None:
        raise NotImplementedError("python-tds cancels only from the thread that waits")

    def call(self, procedure: str, *parameters: Any) -> tuple[list[Any], list[list[tuple[Any, ...]]]]:
        """A remote procedure call by name: its parameters afterwards, and its result sets."""
        try:
            with self._raw.cursor() as cursor:
                after = cursor.callproc(procedure, parameters)
                sets = []
                while True:
                    if cursor.description is not None:
                        sets.append([tuple(row) for row in cursor.fetchall()])
                    if not cursor.nextset():
                        break
                return list(cursor.get_proc_outputs() or after), sets
        except pytds.Error as error:
            raise _translated(error) from error

    def close(self) -> None:
        self._raw.close()


class Pytds:
    name, typed = "python-tds", True

    def connect(self, server: Server, packet_size: int | None = None) -> PytdsConnection:
        try:
            return PytdsConnection(
                pytds.connect(
                    server.host, server.database, server.user, server.password, port=server.port, autocommit=True,
                    login_timeout=5, disable_connect_retry=True, blocksize=packet_size or 4096,
                )
            )  # fmt: skip
        except (pytds.Error, TimeoutError) as error:
            raise _translated(error) from error
