"""The message of a bulk load, read packet by packet while its rows go on."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lab.sqlserver.model import BulkTarget
from lab.sqlserver.tds.bulk import COPY_END, COPY_HEAD, Transcoder, read_columns
from lab.sqlserver.tds.channel import Channel, Message, PacketType, Status
from lab.sqlserver.tds.wire import ByteReader, ProtocolError

_METADATA_LIMIT = 1 << 20


class BulkAborted(Exception):
    """The client gave the load up: an attention, or a last packet that says "ignore"."""


class BulkStream:
    def __init__(self, channel: Channel, first: Message) -> None:
        self._channel = channel
        self._payload = first.body
        self._over = bool(first.status & Status.END_OF_MESSAGE)
        self._ignored = bool(first.status & Status.IGNORE)
        self.attention = False

    async def rows(self, target: BulkTarget) -> AsyncIterator[bytes]:
        """The rows as a binary COPY. Memory is bounded by one row and what the socket gave at once."""
        payload = self._payload
        while True:
            reader = ByteReader(payload)
            try:
                wire = read_columns(reader)
                break
            except ProtocolError:
                if self._over or len(payload) > _METADATA_LIMIT:
                    raise
                payload += await self._more()
        transcoder = Transcoder(wire, target.columns, target.place)
        try:
            yield COPY_HEAD
            payload = payload[reader.pos :]
            while True:
                for made in transcoder.feed(payload):
                    yield made
                if self._over:
                    break
                payload = await self._more()
            if self._ignored:
                raise BulkAborted
            transcoder.finish()
            yield COPY_END
        finally:
            transcoder.close()

    async def drain(self) -> None:
        """Forgets what the client still sends of this load."""
        while not self._over:
            try:
                await self._more()
            except BulkAborted:
                return

    async def _more(self) -> bytes:
        packets = [await self._channel.read_packet()]
        if not packets[0][1] & Status.END_OF_MESSAGE:
            packets += self._channel.ready_packets()
        for kind, status, _ in packets:
            self._over = self._over or bool(status & Status.END_OF_MESSAGE)
            self._ignored = self._ignored or bool(status & Status.IGNORE)
            if kind == PacketType.ATTENTION:
                self.attention = self._over = True
                raise BulkAborted
            if kind != PacketType.BULK_LOAD:
                raise ProtocolError(f"packet type {kind:#04x} inside a bulk load")
        return b"".join(body for _, _, body in packets)
