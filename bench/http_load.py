"""Many clients of `millrace serve` at once, each on a connection and an address of its own: the server counts requests
by address."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_PATIENCE = 30.0


@dataclass(frozen=True)
class Ask:
    """One kind of request. `name` is what its times are told under."""

    name: str
    method: str
    path: str
    body: Any = None
    share: float = 1.0


@dataclass
class Told:
    """What clients met. Times in seconds, by the name of what was asked."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    events: int = 0

    @property
    def requests(self) -> int:
        return sum(len(times) for times in self.times.values())

    def quantile(self, share: float, name: str | None = None) -> float:
        """Of one kind of request, or of all."""
        times = sorted(self.times.get(name, []) if name else [time for times in self.times.values() for time in times])
        return times[min(int(share * len(times)), len(times) - 1)]


class Client:
    def __init__(self, url: str, headers: dict[str, str], number: int) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port or 80
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        # Any address of 127/8 is the loopback's.
        self._address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, ask: Ask) -> int:
        """The answer's status; its body is read and forgotten."""
        await self._send(ask)
        status, headers = await self._head()
        if length := int(headers.get("content-length", 0)):
            await self._reader.readexactly(length)
        if headers.get("connection") == "close":
            await self.close()
        return status

    async def follow(self, path: str, until: float, told: Told) -> None:
        """Reads a stream of events until then, and counts them."""
        await self._send(Ask("stream", "GET", path))
        status, _ = await self._head()
        if status != 200:
            told.errors[f"stream: {status}"] += 1
            return
        while (left := until - time.monotonic()) > 0:
            try:
                line = await asyncio.wait_for(self._reader.readline(), left)
            except TimeoutError:
                return
            if not line:
                told.errors["stream: ended"] += 1
                return
            if line.startswith(b"data:"):
                told.events += 1

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _send(self, ask: Ask) -> None:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._host, self._port, local_addr=(self._address, 0)
            )
        body = b"" if ask.body is None else json.dumps(ask.body).encode()
        kind = "Content-Type: application/json\r\n" if body else ""
        head = (
            f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {self._host}\r\n{self._headers}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        await self._writer.drain()

    async def _head(self) -> tuple[int, dict[str, str]]:
        status = int((await self._reader.readline()).split(b" ", 2)[1])
        headers = {}
        while (line := (await self._reader.readline()).strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers


def load(
    url: str, headers: dict[str, str], asks: Sequence[Ask], *, clients: int, followers: int, seconds: float,
    pause: float, seed: int = 1, meanwhile: Callable[[], None] = lambda: None,
) -> Told:  # fmt: skip
    """`clients` ask one thing after the other, `pause` seconds apart on the average, and `followers` more follow the
    events. `meanwhile` is called once a second. An answer of 400 and above is an error, as a broken connection is."""
    return asyncio.run(_load(url, headers, asks, clients, followers, seconds, pause, seed, meanwhile))


async def _load(url, headers, asks, clients, followers, seconds, pause, seed, meanwhile) -> Told:
    told = Told()
    until = time.monotonic() + seconds
    weights = [ask.share for ask in asks]

    async def work(number: int) -> None:
        chance = random.Random(seed * 1000 + number)
        client = Client(url, headers, number)
        await asyncio.sleep(chance.uniform(0, pause))
        while time.monotonic() < until:
            ask = chance.choices(asks, weights)[0]
            began = time.monotonic()
            try:
                status = await asyncio.wait_for(client.ask(ask), _PATIENCE)
            except (OSError, EOFError, IndexError, TimeoutError) as error:
                told.errors[f"{ask.name}: {type(error).__name__}"] += 1
                await client.close()
            else:
                told.times.setdefault(ask.name, []).append(time.monotonic() - began)
                if status >= 400:
                    told.errors[f"{ask.name}: {status}"] += 1
            await asyncio.sleep(chance.uniform(0, 2 * pause))
        await client.close()

    async def follow(number: int) -> None:
        client = Client(url, headers, number)
        try:
            await client.follow("/api/v1/events/stream", until, told)
        except (OSError, EOFError, IndexError) as error:
            told.errors[f"stream: {type(error).__name__}"] += 1
        await client.close()

    async def watch() -> None:
        while time.monotonic() < until:
            meanwhile()
            await asyncio.sleep(1)

    await asyncio.gather(
        watch(), *(work(number) for number in range(clients)),
        *(follow(clients + number) for number in range(followers)),
    )  # fmt: skip
    return told
