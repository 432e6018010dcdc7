"""A bounds-checked cursor over bytes that a client sent."""

from __future__ import annotations

import struct


class ProtocolError(Exception):
    """The client sent bytes that are not TDS. The connection cannot go on."""


class ByteReader:
    """Reads little-endian fields. Every method raises `ProtocolError` rather than read past the end."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int = 0) -> None:
        self.data = data
        self.pos = pos
        self.end = len(data)

    @property
    def remaining(self) -> int:
        return self.end - self.pos

    def take(self, count: int) -> bytes:
        start = self.pos
        stop = start + count
        if count < 0 or stop > self.end:
            raise ProtocolError(f"message ends {stop - self.end} bytes too early")
        self.pos = stop
        return self.data[start:stop]

    def _unpack(self, layout: struct.Struct) -> int:
        return layout.unpack(self.take(layout.size))[0]

    def u8(self) -> int:
        if self.pos >= self.end:
            raise ProtocolError("message ends 1 byte too early")
        value = self.data[self.pos]
        self.pos += 1
        return value

    def peek(self) -> int:
        if self.pos >= self.end:
            raise ProtocolError("message ends 1 byte too early")
        return self.data[self.pos]

    def u16(self) -> int:
        return self._unpack(_U16)

    def u32(self) -> int:
        return self._unpack(_U32)

    def u64(self) -> int:
        return self._unpack(_U64)

    def i16(self) -> int:
        return self._unpack(_I16)

    def i32(self) -> int:
        return self._unpack(_I32)

    def i64(self) -> int:
        return self._unpack(_I64)

    def utf16(self, characters: int) -> str:
        return self.take(characters * 2).decode("utf-16-le", "surrogatepass")

    def b_varchar(self) -> str:
        return self.utf16(self.u8())

    def us_varchar(self) -> str:
        return self.utf16(self.u16())


_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_I16 = struct.Struct("<h")
_I32 = struct.Struct("<i")
_I64 = struct.Struct("<q")


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def b_varchar(text: str) -> bytes:
    encoded = utf16(text)[: 255 * 2]
    return bytes((len(encoded) // 2,)) + encoded


def us_varchar(text: str) -> bytes:
    encoded = utf16(text)[: 0xFFFF * 2]
    return _U16.pack(len(encoded) // 2) + encoded
