"""Packets over a socket, with TLS beneath them or, until the handshake is over, TLS inside them. [MS-TDS] 2.2.3."""

from __future__ import annotations

import asyncio
import ssl
import struct
from dataclasses import dataclass
from enum import IntEnum

from lab.sqlserver.tds.wire import ProtocolError

HEADER_SIZE = 8
DEFAULT_PACKET_SIZE = 4096
MIN_PACKET_SIZE = 512
MAX_PACKET_SIZE = 32767
# A TLS record holds 16 KiB; SQL Server keeps each packet within one.
MAX_ENCRYPTED_PACKET_SIZE = 16383
MAX_MESSAGE_SIZE = 256 * 1024 * 1024


class PacketType(IntEnum):
    SQL_BATCH = 0x01
    RPC = 0x03
    RESPONSE = 0x04
    ATTENTION = 0x06
    BULK_LOAD = 0x07
    FEDAUTH_TOKEN = 0x08
    TRANSACTION_MANAGER = 0x0E
    LOGIN7 = 0x10
    SSPI = 0x11
    PRELOGIN = 0x12


class Status(IntEnum):
    END_OF_MESSAGE = 0x01
    IGNORE = 0x02
    RESET_CONNECTION = 0x08
    RESET_KEEP_TRANSACTION = 0x10


@dataclass(frozen=True)
class Message:
    """A whole request. `status` joins the bits of its packets."""

    type: int
    status: int
    body: bytes


class Channel:
    """Reads and writes whole packets. One task may read while another writes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._plain = bytearray()
        self.packet_size = DEFAULT_PACKET_SIZE

    async def first_byte_is_tls(self) -> bool:
        """True for a TDS 8.0 client, which begins with a TLS record instead of a PRELOGIN packet."""
        first = await self._reader.readexactly(1)
        self._plain += first
        return first[0] == 0x16

    async def read_packet(self) -> tuple[int, int, bytes]:
        header = await self._read_exactly(HEADER_SIZE)
        kind, status, length = struct.unpack_from(">BBH", header)
        if not HEADER_SIZE <= length <= MAX_PACKET_SIZE:
            raise ProtocolError(f"packet of {length} bytes")
        return kind, status, await self._read_exactly(length - HEADER_SIZE)

    async def read_message(self) -> Message:
        kind, status, body = await self.read_packet()
        # A bulk load may be larger than memory: who serves it reads the packets behind the first one.
        if status & Status.END_OF_MESSAGE or kind == PacketType.BULK_LOAD:
            return Message(kind, status, body)
        parts, size, bits = [body], len(body), status
        while not status & Status.END_OF_MESSAGE:
            next_kind, status, body = await self.read_packet()
            if next_kind != kind:
                raise ProtocolError(f"packet type {next_kind:#04x} inside a message of type {kind:#04x}")
            parts.append(body)
            size += len(body)
            bits |= status
            if size > MAX_MESSAGE_SIZE:
                raise ProtocolError(f"message of more than {MAX_MESSAGE_SIZE} bytes")
        return Message(kind, bits, b"".join(parts))

    def ready_packets(self) -> list[tuple[int, int, bytes]]:
        """Whole packets that are here already."""
        plain, at, found = self._plain, 0, []
        while len(plain) - at >= HEADER_SIZE:
            kind, status, length = struct.unpack_from(">BBH", plain, at)
            if not HEADER_SIZE <= length <= MAX_PACKET_SIZE:
                raise ProtocolError(f"packet of {length} bytes")
            if len(plain) - at < length:
                break
            found.append((kind, status, bytes(memoryview(plain)[at + HEADER_SIZE : at + length])))
            at += length
            if status & Status.END_OF_MESSAGE:
                break
        del plain[:at]
        return found

    async def write(self, packets: list[bytes]) -> None:
        """Sends finished packets and waits while the client is too slow to take them."""
        if self._tls is None:
            self._writer.write(b"".join(packets))
        else:
            for packet in packets:
                self._tls.write(packet)
            self._writer.write(self._outgoing.read())
        await self._writer.drain()

    async def start_tls(self, context: ssl.SSLContext, inside_packets: bool) -> None:
        """Server side of the handshake. `inside_packets`: TDS 7 carries the records in PRELOGIN packets."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        if not inside_packets:
            self._incoming.write(bytes(self._plain))
            self._plain.clear()
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._send_handshake(inside_packets)
                self._incoming.write(await self._receive_handshake(inside_packets))
        await self._send_handshake(inside_packets)
        self._tls = tls

    def stop_tls(self) -> None:
        """After LOGIN7 when only the login is encrypted: both sides go on in the clear, without a close_notify."""
        self._tls = None
        self._plain += self._incoming.read()

    @property
    def tls_version(self) -> str | None:
        return self._tls.version() if self._tls else None

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            return

    async def _send_handshake(self, inside_packets: bool) -> None:
        records = self._outgoing.read()
        if not records:
            return
        if not inside_packets:
            self._writer.write(records)
        else:
            self._writer.writelines(split_packets(PacketType.PRELOGIN, records, self.packet_size))
        await self._writer.drain()

    async def _receive_handshake(self, inside_packets: bool) -> bytes:
        if inside_packets:
            kind, _, body = await self.read_packet()
            if kind != PacketType.PRELOGIN:
                raise ProtocolError(f"packet type {kind:#04x} during the TLS handshake")
            return body
        data = await self._reader.read(65536)
        if not data:
            raise asyncio.IncompleteReadError(b"", 1)
        return data

    async def _read_exactly(self, count: int) -> bytes:
        plain = self._plain
        while len(plain) < count:
            if self._tls is not None:
                await self._decrypt_some()
                continue
            data = await self._reader.read(65536)
            if not data:
                raise asyncio.IncompleteReadError(bytes(plain), count)
            plain += data
        result = bytes(memoryview(plain)[:count])
        del plain[:count]
        return result

    async def _decrypt_some(self) -> None:
        assert self._tls is not None
        try:
            data = self._tls.read(65536)
        except ssl.SSLWantReadError:
            data = await self._reader.read(65536)
            if not data:
                raise asyncio.IncompleteReadError(b"", 1) from None
            self._incoming.write(data)
            return
        if not data:
            raise asyncio.IncompleteReadError(b"", 1)
        self._plain += data


def split_packets(kind: int, data: bytes | bytearray, packet_size: int) -> list[bytes]:
    """A whole message as packets, the last one marked."""
    room = packet_size - HEADER_SIZE
    starts = range(0, max(len(data), 1), room)
    last = starts[-1]
    view = memoryview(data)
    return [
        b"%b%b" % (_header(kind, start == last, min(room, len(data) - start), index), view[start : start + room])
        for index, start in enumerate(starts, 1)
    ]


class MessageWriter:
    """Collects the tokens of one response and sends packets as they fill up."""

    _FLUSH_AT = 128 * 1024

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._buffer = bytearray()
        self._packet_id = 0

    def put(self, data: bytes) -> None:
        self._buffer += data

    async def flush_if_large(self) -> None:
        if len(self._buffer) >= self._FLUSH_AT:
            await self._channel.write(self._cut(last=False))

    def seal(self) -> list[bytes]:
        """The remaining packets; the message is over once they are written."""
        return self._cut(last=True)

    def _cut(self, last: bool) -> list[bytes]:
        room = self._channel.packet_size - HEADER_SIZE
        size = len(self._buffer)
        # Something must stay back for the packet that carries the end-of-message bit.
        full = max(size - 1, 0) // room
        packets = []
        for index in range(full):
            chunk = bytes(self._buffer[index * room : (index + 1) * room])
            packets.append(self._next_header(False, room) + chunk)
        if last:
            rest = bytes(self._buffer[full * room :])
            packets.append(self._next_header(True, len(rest)) + rest)
        if last:
            self._buffer.clear()
        else:
            del self._buffer[: full * room]
        return packets

    def _next_header(self, last: bool, size: int) -> bytes:
        self._packet_id = (self._packet_id + 1) & 0xFF
        return _header(PacketType.RESPONSE, last, size, self._packet_id)


def _header(kind: int, last: bool, size: int, packet_id: int) -> bytes:
    return struct.pack(
        ">BBHHBB", kind, Status.END_OF_MESSAGE if last else 0, HEADER_SIZE + size, 0, packet_id & 0xFF, 0
    )
