"""PRELOGIN: versions, encryption, features. [MS-TDS] 2.2.6.5."""

from __future__ import annotations

import struct
from enum import IntEnum

from lab.sqlserver.tds.wire import ByteReader, ProtocolError


class Option(IntEnum):
    VERSION = 0
    ENCRYPTION = 1
    INSTANCE = 2
    THREAD_ID = 3
    MARS = 4
    TRACE_ID = 5
    FEDAUTH_REQUIRED = 6
    NONCE = 7
    TERMINATOR = 0xFF


class Encryption(IntEnum):
    OFF = 0
    ON = 1
    NOT_SUPPORTED = 2
    REQUIRED = 3


def parse_prelogin(body: bytes) -> dict[int, bytes]:
    """The options by number. Unknown ones are kept, as a newer client may send some."""
    reader = ByteReader(body)
    options: dict[int, bytes] = {}
    while (number := reader.u8()) != Option.TERMINATOR:
        offset, length = struct.unpack(">HH", reader.take(4))
        options[number] = ByteReader(body, offset).take(length)
    return options


def client_encryption(options: dict[int, bytes]) -> Encryption:
    value = options.get(Option.ENCRYPTION, b"\x02")[:1]
    # The bit 0x80 asks for a client certificate, which SQL Server ignores outside of its own services.
    try:
        return Encryption(value[0] & 0x7F)
    except (ValueError, IndexError):
        raise ProtocolError("unknown encryption option in PRELOGIN") from None


def negotiate(client: Encryption, server: str) -> Encryption:
    """The server's answer, by its setting 'off' (no certificate), 'on' (as the client likes) or 'required'."""
    if server == "off":
        return Encryption.NOT_SUPPORTED
    if server == "required":
        return Encryption.REQUIRED if client in (Encryption.OFF, Encryption.NOT_SUPPORTED) else Encryption.ON
    if client is Encryption.NOT_SUPPORTED:
        return Encryption.NOT_SUPPORTED
    return Encryption.OFF if client is Encryption.OFF else Encryption.ON


def build_prelogin(version: tuple[int, int, int], encryption: Encryption, echo_fedauth: bool) -> bytes:
    major, minor, build = version
    options = {
        Option.VERSION: struct.pack(">BBHH", major, minor, build, 0),
        Option.ENCRYPTION: bytes((encryption,)),
        Option.INSTANCE: b"\x00",
        Option.THREAD_ID: b"",
        Option.MARS: b"\x00",
    }
    if echo_fedauth:
        options[Option.FEDAUTH_REQUIRED] = b"\x00"
    offset = 5 * len(options) + 1
    head, data = bytearray(), bytearray()
    for number, value in options.items():
        head += struct.pack(">BHH", number, offset + len(data), len(value))
        data += value
    return bytes(head + b"\xff" + data)
