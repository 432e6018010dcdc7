"""What a case may ask of a client, and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str


class SqlError(Exception):
    """An error that the server sent."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(f"{number}: {message}")
        self.number = number


class Interrupted(Exception):
    """The client gave a statement up (an attention) and the server confirmed it."""


class Connection(Protocol):
    """One session in autocommit. Statements mark parameters with `?`."""

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of the first result set; raises SqlError when any statement of the batch fails."""

    def many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        """The statement once for each row, prepared where the client can."""

    def interrupted(self, sql: str, seconds: int) -> None:
        """Runs a statement and sends an attention after `seconds`: raises Interrupted."""

    def close(self) -> None: ...


class Client(Protocol):
    name: str
    typed: bool
    """False: every value comes back as its text, and parameters are written into the statement."""

    def connect(self, server: Server, packet_size: int | None = None) -> Connection:
        """`packet_size`: what to ask the server for; tsql cannot ask."""
