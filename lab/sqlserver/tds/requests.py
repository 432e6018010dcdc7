"""What clients ask: batches, remote procedure calls, transaction-manager requests. [MS-TDS] 2.2.6."""

from __future__ import annotations

from dataclasses import dataclass

from lab.sqlserver.model import Param
from lab.sqlserver.tds.types_in import read_parameter
from lab.sqlserver.tds.wire import ByteReader, ProtocolError

_PROCEDURES = {
    1: "sp_cursor",
    2: "sp_cursoropen",
    3: "sp_cursorprepare",
    4: "sp_cursorexecute",
    5: "sp_cursorprepexec",
    6: "sp_cursorunprepare",
    7: "sp_cursorfetch",
    8: "sp_cursoroption",
    9: "sp_cursorclose",
    10: "sp_executesql",
    11: "sp_prepare",
    12: "sp_execute",
    13: "sp_prepexec",
    14: "sp_prepexecrpc",
    15: "sp_unprepare",
}
_SEPARATORS = (0x80, 0xFF, 0xFE)
_ISOLATIONS = {1: "READ UNCOMMITTED", 2: "READ COMMITTED", 3: "REPEATABLE READ", 4: "SERIALIZABLE", 5: "SNAPSHOT"}


@dataclass(frozen=True)
class Call:
    procedure: str
    params: list[Param]


@dataclass(frozen=True)
class TransactionRequest:
    kind: str  # begin | commit | rollback | save
    name: str = ""
    isolation: str | None = None
    begin_again: bool = False


def skip_headers(reader: ByteReader) -> None:
    """ALL_HEADERS; a client that sends none begins with its text at once, which no header block's size can be."""
    total = int.from_bytes(reader.data[reader.pos : reader.pos + 4], "little")
    if 4 <= total <= min(reader.remaining, 1024):
        reader.take(total)


def parse_batch(body: bytes) -> str:
    reader = ByteReader(body)
    skip_headers(reader)
    return reader.take(reader.remaining).decode("utf-16-le", "surrogatepass")


def parse_calls(body: bytes) -> list[Call]:
    reader = ByteReader(body)
    skip_headers(reader)
    calls = []
    while reader.remaining:
        calls.append(_parse_call(reader))
        if reader.remaining and reader.peek() in _SEPARATORS:
            reader.u8()
    return calls


def _parse_call(reader: ByteReader) -> Call:
    size = reader.u16()
    if size == 0xFFFF:
        number = reader.u16()
        if number not in _PROCEDURES:
            raise ProtocolError(f"unknown procedure number {number}")
        procedure = _PROCEDURES[number]
    else:
        procedure = reader.utf16(size)
    reader.u16()
    params = []
    while reader.remaining and reader.peek() not in _SEPARATORS:
        name = reader.b_varchar()
        status = reader.u8()
        kind, value = read_parameter(reader)
        params.append(Param(name, kind, value, bool(status & 1)))
    return Call(procedure, params)


def parse_transaction(body: bytes) -> TransactionRequest:
    reader = ByteReader(body)
    skip_headers(reader)
    kind = reader.u16()
    if kind == 5:
        isolation = _ISOLATIONS.get(reader.u8())
        return TransactionRequest("begin", _name(reader), isolation)
    if kind in (7, 8):
        name = _name(reader)
        again = bool(reader.u8() & 1) if reader.remaining else False
        return TransactionRequest("commit" if kind == 7 else "rollback", name, None, again)
    if kind == 9:
        return TransactionRequest("save", _name(reader))
    raise ProtocolError(f"transaction-manager request {kind} is not served")


def _name(reader: ByteReader) -> str:
    return reader.take(reader.u8()).decode("utf-16-le", "replace") if reader.remaining else ""
