"""One client from PRELOGIN to its end."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from lab.sqlserver.config import PRODUCT_VERSION
from lab.sqlserver.model import Engine, EnvChange, EnvKind, Session, SqlError
from lab.sqlserver.model import Message as ServerMessage
from lab.sqlserver.tds import tokens
from lab.sqlserver.tds.bulk_stream import BulkAborted, BulkStream
from lab.sqlserver.tds.channel import (
    MAX_ENCRYPTED_PACKET_SIZE,
    MAX_PACKET_SIZE,
    MIN_PACKET_SIZE,
    Channel,
    Message,
    MessageWriter,
    PacketType,
    Status,
)
from lab.sqlserver.tds.login import TDS_80, parse_login
from lab.sqlserver.tds.prelogin import Encryption, Option, build_prelogin, client_encryption, negotiate, parse_prelogin
from lab.sqlserver.tds.requests import parse_batch, parse_calls, parse_transaction
from lab.sqlserver.tds.response import Response
from lab.sqlserver.tds.tokens import DONE, Done
from lab.sqlserver.tds.wire import ProtocolError

log = logging.getLogger("standin.tds")
_GONE = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError)


@dataclass(frozen=True)
class TlsContexts:
    """TDS 7 has TLS inside its packets, TDS 8 outside of them: each with its own settings."""

    inside_packets: ssl.SSLContext
    strict: ssl.SSLContext


class Connection:
    def __init__(self, channel: Channel, engine: Engine, tls: TlsContexts, encryption: str) -> None:
        self._channel = channel
        self._engine = engine
        self._tls = tls
        self._encryption = encryption
        self._session: Session | None = None

    async def run(self) -> None:
        try:
            if await self._handshake():
                await self._serve()
        except _GONE:
            pass
        except ProtocolError as error:
            log.warning("connection ended: %s", error)
        finally:
            if self._session is not None:
                await self._session.close()
            await self._channel.close()

    async def _handshake(self) -> bool:
        strict = await self._channel.first_byte_is_tls()
        if strict:
            await self._channel.start_tls(self._tls.strict, inside_packets=False)
        message = await self._channel.read_message()
        if message.type != PacketType.PRELOGIN:
            raise ProtocolError(f"packet type {message.type:#04x} instead of PRELOGIN")
        options = parse_prelogin(message.body)
        answer = negotiate(client_encryption(options), self._encryption) if not strict else Encryption.ON
        writer = MessageWriter(self._channel)
        writer.put(build_prelogin(PRODUCT_VERSION, answer, Option.FEDAUTH_REQUIRED in options))
        await self._channel.write(writer.seal())
        if not strict and answer is not Encryption.NOT_SUPPORTED:
            await self._channel.start_tls(self._tls.inside_packets, inside_packets=True)
        message = await self._channel.read_message()
        if not strict and answer is Encryption.OFF:
            self._channel.stop_tls()
        if message.type != PacketType.LOGIN7:
            raise ProtocolError(f"packet type {message.type:#04x} instead of LOGIN7")
        return await self._login(message.body, encrypted=strict or answer in (Encryption.ON, Encryption.REQUIRED))

    async def _login(self, body: bytes, encrypted: bool) -> bool:
        writer = MessageWriter(self._channel)
        try:
            request = parse_login(body)
            self._session = await self._engine.open(request.login)
        except SqlError as error:
            writer.put(tokens.message(_as_message(error)))
            writer.put(tokens.done(DONE, Done.ERROR))
            await self._channel.write(writer.seal())
            return False
        limit = MAX_ENCRYPTED_PACKET_SIZE if encrypted else MAX_PACKET_SIZE
        wanted = request.packet_size or self._channel.packet_size
        size = min(max(wanted, MIN_PACKET_SIZE), limit)
        database = self._session.database
        writer.put(tokens.env_change(EnvChange(EnvKind.DATABASE, database, "master")))
        writer.put(
            tokens.message(ServerMessage(5701, f"Changed database context to '{database}'.", severity=0, state=2))
        )
        writer.put(tokens.env_change(EnvChange(EnvKind.COLLATION, "")))
        writer.put(tokens.env_change(EnvChange(EnvKind.LANGUAGE, "us_english")))
        writer.put(tokens.message(ServerMessage(5703, "Changed language setting to us_english.", severity=0, state=1)))
        version = 0x74000004 if request.tds_version != TDS_80 else TDS_80
        writer.put(tokens.login_ack(min(request.tds_version, version) if version != TDS_80 else TDS_80))
        writer.put(tokens.env_change(EnvChange(EnvKind.PACKET_SIZE, str(size), str(self._channel.packet_size))))
        writer.put(tokens.done(DONE, Done.FINAL))
        await self._channel.write(writer.seal())
        self._channel.packet_size = size
        self._session.packet_size, self._session.encrypted = size, encrypted
        return True

    async def _serve(self) -> None:
        waiting: asyncio.Task[Message] | None = None
        try:
            while True:
                message = await (waiting or self._channel.read_message())
                if message.type == PacketType.BULK_LOAD:
                    waiting = None
                    await self._bulk_load(message)
                    continue
                waiting = asyncio.ensure_future(self._channel.read_message())
                waiting = await self._answer(message, waiting)
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    async def _answer(self, message: Message, waiting: asyncio.Task[Message]) -> asyncio.Task[Message]:
        """Answers one request while listening for an attention. Returns the reader of the next request."""
        writer = MessageWriter(self._channel)
        response = Response(writer, self._session)
        if message.type == PacketType.ATTENTION:
            await self._acknowledge()
            return waiting
        if message.status & (Status.RESET_CONNECTION | Status.RESET_KEEP_TRANSACTION):
            await self._session.reset()
            writer.put(tokens.reset_ack())
        work = asyncio.ensure_future(self._execute(message, response))
        done, _ = await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done and not work.done() and await self._is_attention(work, waiting):
            await self._session.cancel()
            await asyncio.gather(work, return_exceptions=True)
            response.break_off()
            await self._channel.write(writer.seal())
            await self._acknowledge()
            return asyncio.ensure_future(self._channel.read_message())
        await work
        await self._channel.write(writer.seal())
        return waiting

    async def _acknowledge(self) -> None:
        """[MS-TDS] 2.2.1.7: a message with DONE_ATTN."""
        writer = MessageWriter(self._channel)
        writer.put(tokens.done(DONE, Done.ATTENTION))
        await self._channel.write(writer.seal())

    async def _is_attention(self, work: asyncio.Task[None], waiting: asyncio.Task[Message]) -> bool:
        try:
            return waiting.result().type == PacketType.ATTENTION
        except _GONE:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise

    async def _execute(self, message: Message, response: Response) -> None:
        session = self._session
        try:
            if message.type == PacketType.SQL_BATCH:
                await response.batch(session.batch(parse_batch(message.body)))
            elif message.type == PacketType.RPC:
                calls = parse_calls(message.body)
                for index, call in enumerate(calls, 1):
                    await response.call(session.rpc(call.procedure, call.params), last=index == len(calls))
            elif message.type == PacketType.TRANSACTION_MANAGER:
                await response.batch(self._transaction(message.body))
            else:
                raise ProtocolError(f"packet type {message.type:#04x} is not served")
        except SqlError as error:
            await response.batch(_only(_as_message(error)))
            if error.severity >= 20:
                raise ProtocolError(str(error)) from error

    async def _bulk_load(self, message: Message) -> None:
        """The rows behind an INSERT BULK. They are read to their end whatever becomes of them."""
        writer = MessageWriter(self._channel)
        response = Response(writer, self._session)
        stream = BulkStream(self._channel, message)
        target = self._session.bulk_target
        try:
            if target is None:
                raise SqlError(4002, "The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended "
                               "unexpectedly.")  # fmt: skip
            await response.batch(self._session.bulk_load(stream.rows(target)))
        except SqlError as error:
            await response.batch(_only(_as_message(error)))
        except BulkAborted:
            if not stream.attention:
                writer.put(tokens.done(DONE, Done.ERROR))
        await stream.drain()
        if stream.attention:
            response.cancelled()
        await self._channel.write(writer.seal())

    def _transaction(self, body: bytes):
        request = parse_transaction(body)
        session = self._session
        starts: dict[str, Callable] = {
            "begin": lambda: session.begin_transaction(request.isolation, request.name),
            "commit": lambda: session.commit_transaction(request.begin_again),
            "rollback": lambda: session.rollback_transaction(request.name, request.begin_again),
            "save": lambda: session.save_transaction(request.name),
        }
        return starts[request.kind]()


def _as_message(error: SqlError) -> ServerMessage:
    return ServerMessage(error.number, error.text, error.severity, error.state, error.line, error.procedure)


async def _only(event: ServerMessage):
    yield event
