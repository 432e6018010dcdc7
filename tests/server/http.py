"""Plain requests, as no well-meant client sends them."""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    cookies: list[str] = field(default_factory=list)  # each Set-Cookie

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def send(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if data is not None else {}
        connection.request(method, path, data, {**sent, **(headers or {})})
        answer = connection.getresponse()
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read().decode(),
            answer.headers.get_all("set-cookie") or [],
        )
    finally:
        connection.close()


def patiently(url: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """Waits when the server says that too much came from this address: a walk over every route sends more than a
    person does. Of a stream, which has no end, the head alone."""
    while True:
        answer = (
            _head(url, method, path, headers or {})
            if path.split("?")[0].endswith("/stream")
            else send(url, method, path, body, headers)
        )
        if answer.status != 429 or "retry-after" not in answer.headers:
            return answer
        threading.Event().wait(float(answer.headers["retry-after"]))


def _head(url: str, method: str, path: str, sent: dict[str, str]) -> Answer:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        connection.request(method, path, None, sent)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        endless = headers["content-type"] == "text/event-stream"
        return Answer(answer.status, headers, "" if endless else answer.read().decode())
    finally:
        connection.close()


def signed_in(url: str, password: str, user: str = "admin") -> dict[str, str]:
    """The headers of a session."""
    answer = patiently(url, "POST", "/api/v1/auth/login", {"user": user, "password": password})
    assert answer.status == 200, answer.text
    return {"Cookie": answer.headers["set-cookie"].split(";")[0], "X-CSRF-Token": answer.json["csrfToken"]}
