"""The tokens of a response. [MS-TDS] 2.2.7."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntFlag
from typing import Any

from lab.sqlserver.config import PRODUCT_NAME, PRODUCT_VERSION
from lab.sqlserver.model import Column, EnvChange, EnvKind, Message, OutputParam
from lab.sqlserver.tds.types_out import COLLATION, encode, type_info
from lab.sqlserver.tds.wire import b_varchar, us_varchar

SERVER_NAME = "MILLRACE-LAB"


class Done(IntFlag):
    FINAL = 0x00
    MORE = 0x01
    ERROR = 0x02
    IN_TRANSACTION = 0x04
    COUNT = 0x10
    ATTENTION = 0x20


DONE, DONEPROC, DONEINPROC = 0xFD, 0xFE, 0xFF
_COMMANDS = {"SELECT": 0xC1, "INSERT": 0xC3, "DELETE": 0xC4, "UPDATE": 0xC5, "MERGE": 0x117, "BULK": 0xF0}


def done(token: int, status: int, command: str = "", count: int | None = None) -> bytes:
    if count is not None:
        status |= Done.COUNT
    return struct.pack("<BHHQ", token, status, _COMMANDS.get(command, 0xFD), count or 0)


def login_ack(tds_version: int) -> bytes:
    major, minor, build = PRODUCT_VERSION
    body = b"\x01" + struct.pack(">I", tds_version) + b_varchar(PRODUCT_NAME)
    body += struct.pack(">BBH", major, minor, build)
    return struct.pack("<BH", 0xAD, len(body)) + body


def message(event: Message) -> bytes:
    token = 0xAA if event.severity > 10 else 0xAB
    body = struct.pack("<iBB", event.number, event.state, event.severity)
    body += us_varchar(event.text) + b_varchar(SERVER_NAME) + b_varchar(event.procedure)
    body += struct.pack("<I", event.line)
    return struct.pack("<BH", token, len(body)) + body


def env_change(event: EnvChange) -> bytes:
    kind = event.kind
    if kind is EnvKind.COLLATION:
        body = bytes((kind.value, 5)) + COLLATION + b"\x00"
    elif kind is EnvKind.BEGIN_TRANSACTION:
        body = bytes((kind.value, 8)) + struct.pack("<Q", event.new) + b"\x00"
    elif kind in (EnvKind.COMMIT_TRANSACTION, EnvKind.ROLLBACK_TRANSACTION):
        body = bytes((kind.value, 0, 8)) + struct.pack("<Q", event.old or event.new or 0)
    else:
        body = bytes((kind.value,)) + b_varchar(str(event.new)) + b_varchar(str(event.old))
    return struct.pack("<BH", 0xE3, len(body)) + body


def reset_ack() -> bytes:
    return struct.pack("<BHBBB", 0xE3, 3, 18, 0, 0)


def column_metadata(columns: Sequence[Column]) -> bytes:
    if not columns:
        return b"\x81\xff\xff"
    parts = [struct.pack("<BH", 0x81, len(columns))]
    for column in columns:
        # An updatable column of unknown kind, as SQL Server says outside of browse mode.
        flags = (1 if column.nullable else 0) | 0x08 | (0x10 if column.identity else 0)
        parts.append(struct.pack("<IH", 0, flags) + type_info(column.type) + b_varchar(column.name))
    return b"".join(parts)


def row(columns: Sequence[Column], values: Sequence[Any]) -> bytes:
    return b"\xd1" + b"".join(encode(column.type, value) for column, value in zip(columns, values, strict=True))


def return_status(value: int) -> bytes:
    return struct.pack("<Bi", 0x79, value)


def return_value(event: OutputParam) -> bytes:
    head = struct.pack("<BH", 0xAC, event.ordinal) + b_varchar(event.name) + struct.pack("<BIH", 1, 0, 0x01)
    return head + type_info(event.type) + encode(event.type, event.value)
