"""The stream of a bulk load: COLMETADATA, then rows, as PostgreSQL's binary COPY. [MS-TDS] 2.2.6.1."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from lab.sqlserver.model import MAX, SqlError, SqlType
from lab.sqlserver.native.library import Column, library
from lab.sqlserver.tds.types_in import BY_LENGTH, FIXED, WIDE
from lab.sqlserver.tds.types_out import plain_type
from lab.sqlserver.tds.wire import ByteReader, ProtocolError

COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"
_ENOUGH = 256 * 1024
_UTF8 = 0x04000000
_LEGACY = {0x23: "text", 0x63: "ntext", 0x22: "image"}


class Form(IntEnum):
    FIXED = 0
    BYTE = 1
    SHORT = 2
    PLP = 3


_KINDS = (
    "tinyint", "integer", "bit", "real", "float", "decimal", "money", "smallmoney", "datetime", "smalldatetime", "date",
    "time", "datetime2", "datetimeoffset", "uniqueidentifier", "utf16", "cp1252", "utf8", "bytes",
)  # fmt: skip
_SIZES = {"smallint": 2, "int": 4, "bigint": 8, "real": 4, "float": 8}
_TRUNCATED, _NUL, _SURROGATE, _TOKEN, _LENGTH, _MEMORY, _TOO_LARGE = 3, 5, 6, 1, 2, 7, 8


@dataclass(frozen=True)
class WireColumn:
    name: str
    type: SqlType
    form: Form
    size: int  # bytes that the client declared; 0 for (max)
    utf8: bool = False


def read_columns(reader: ByteReader) -> list[WireColumn]:
    if reader.u8() != 0x81:
        raise ProtocolError("a bulk load that does not begin with COLMETADATA")
    count = reader.u16()
    if not 1 <= count <= 4096:
        raise ProtocolError(f"a bulk load of {count} columns")
    return [_read_column(reader) for _ in range(count)]


def _read_column(reader: ByteReader) -> WireColumn:
    reader.u32()
    reader.u16()
    code = reader.u8()
    utf8 = False
    if code in FIXED:
        name, size = FIXED[code]
        kind, form = SqlType(name), Form.FIXED
    elif code in BY_LENGTH:
        size = reader.u8()
        if size not in BY_LENGTH[code]:
            raise ProtocolError(f"type {code:#04x} of {size} bytes")
        kind, form = SqlType(BY_LENGTH[code][size]), Form.BYTE
    elif code in (0x6A, 0x6C, 0x37, 0x3F):
        size, form = reader.u8(), Form.BYTE
        kind = SqlType("decimal", precision=reader.u8(), scale=reader.u8())
        if not (1 <= (kind.precision or 0) <= 38 and (kind.scale or 0) <= (kind.precision or 0)):
            raise ProtocolError(f"decimal({kind.precision},{kind.scale})")
    elif code == 0x28:
        kind, form, size = SqlType("date"), Form.BYTE, 3
    elif code in (0x29, 0x2A, 0x2B):
        kind = SqlType({0x29: "time", 0x2A: "datetime2", 0x2B: "datetimeoffset"}[code], scale=reader.u8())
        form, size = Form.BYTE, 0
        if (kind.scale or 0) > 7:
            raise ProtocolError(f"scale {kind.scale}")
    elif code in WIDE:
        name, size = WIDE[code], reader.u16()
        if "char" in name:
            utf8 = bool(reader.u32() & _UTF8)
            reader.u8()
        long = size == 0xFFFF
        form, size = (Form.PLP, 0) if long else (Form.SHORT, size)
        kind = SqlType(name, MAX if long else max(size // 2 if name[0] == "n" else size, 1))
    elif code == 0xF1:
        if reader.u8():
            reader.b_varchar(), reader.b_varchar(), reader.us_varchar()
        kind, form, size = SqlType("xml", MAX), Form.PLP, 0
    elif code in _LEGACY:
        raise SqlError(40517, f"The SQL Server stand-in does not support the wire type {_LEGACY[code]} in a bulk load.")
    else:
        raise ProtocolError(f"unknown type {code:#04x} in a bulk load")
    return WireColumn(reader.b_varchar(), kind, form, size, utf8)


def _layout(wire: WireColumn, target: SqlType, name: str) -> Column:
    """How one column is read and kept; the wire's type and the table's must keep values alike."""
    source, wanted = plain_type(wire.type), plain_type(target)
    made = Column(form=wire.form, limit=0, size=wire.size)
    scale = source.scale or 0
    unicode = wanted.name in ("nchar", "nvarchar", "xml")
    if source.name in ("nchar", "nvarchar", "xml") and unicode:
        kind = "utf16"
    elif source.name in ("char", "varchar") and wanted.name in ("char", "varchar"):
        kind = "utf8" if wire.utf8 else "cp1252"
    elif source.name in ("binary", "varbinary") and wanted.name in ("binary", "varbinary"):
        kind = "bytes"
    elif source.name in ("decimal", "numeric") and wanted.name in ("decimal", "numeric"):
        kind = "decimal"
    elif source.name == wanted.name and scale <= (wanted.scale or 0):
        kind = "integer" if source.name in ("smallint", "int", "bigint") else source.name
    else:
        raise SqlError(
            40517, f"The SQL Server stand-in does not support a bulk load of {source.name} into the {wanted.name} column "
            f"'{name}'.",
        )  # fmt: skip
    made.kind, made.scale = _KINDS.index(kind), scale
    made.size = _SIZES.get(source.name, wire.size)
    if kind in ("utf16", "cp1252", "utf8", "bytes"):
        made.limit = wire.size
        made.target = 0 if wanted.name == "xml" or wanted.length in (MAX, None) else wanted.length
        made.pad = int(wanted.name in ("char", "nchar", "binary"))
    return made


class Transcoder:
    """Rows of a bulk load in, binary COPY rows out. Only a row that is not whole yet is kept."""

    def __init__(self, wire: Sequence[WireColumn], targets: Sequence[tuple[str, SqlType]], place: str) -> None:
        """`targets`: the table's columns, in the order of the wire's; `place`: the table, for messages."""
        if len(wire) != len(targets):
            raise SqlError(4816, f"Invalid column type from bcp client for colid {len(targets) + 1}.")
        self._targets, self._place = targets, place
        layouts = [_layout(w, kind, name) for w, (name, kind) in zip(wire, targets, strict=True)]
        self._library = library()
        self._load = self._library.bulk_new(len(layouts), (Column * len(layouts))(*layouts))
        if not self._load:
            raise MemoryError
        self.done = False

    @property
    def rows(self) -> int:
        return self._library.bulk_rows(self._load)

    def feed(self, payload: bytes) -> Iterator[bytes]:
        """The rows that `payload` completes."""
        native, load = self._library, self._load
        if self.done:
            if payload:
                raise ProtocolError("bytes behind the end of a bulk load")
            return
        if not native.bulk_feed(load, payload, len(payload)):
            raise MemoryError
        while True:
            step = native.bulk_step(load, _ENOUGH)
            size = native.bulk_output_size(load)
            if step >= 0 and size:
                yield ctypes.string_at(native.bulk_output(load), size)
                native.bulk_clear_output(load)
            if step < 0:
                raise self._error()
            if step != 1:
                self.done = step == 2
                return

    def finish(self) -> None:
        """The message is over."""
        if not self.done and self._library.bulk_unread(self._load):
            raise SqlError(4804, "While reading current row from host, a premature end-of-message was encountered--an incoming "
                           "data stream was interrupted when the server expected to see more data.", 16)  # fmt: skip

    def close(self) -> None:
        load, self._load = self._load, None
        if load:
            self._library.bulk_free(load)

    def _error(self) -> SqlError:
        failure, number = self._library.bulk_failure(self._load), self._library.bulk_failed_column(self._load)
        if failure == _MEMORY:
            raise MemoryError
        if failure == _TOKEN:
            raise ProtocolError("an unknown token in a bulk load")
        name = self._targets[number - 1][0]
        if failure == _TRUNCATED:
            return SqlError(
                2628, f"String or binary data would be truncated in table '{self._place}', column '{name}'. Truncated value: "
                "''.",
            )  # fmt: skip
        if failure == _LENGTH:
            return SqlError(4815, f"Received an invalid column length from the bcp client for colid {number}.")
        if failure == _NUL:
            return SqlError(40517, "The SQL Server stand-in cannot keep the character U+0000.")
        if failure == _SURROGATE:
            return SqlError(40517, "The SQL Server stand-in cannot keep a lone surrogate.")
        if failure == _TOO_LARGE:
            return SqlError(7119, "Attempting to grow LOB beyond maximum allowed size of 2147483647 bytes.")
        return SqlError(
            7339, "OLE DB provider 'STREAM' for linked server '(null)' returned invalid data for column "
            f"'[!BulkInsert].{name}'.",
        )  # fmt: skip
