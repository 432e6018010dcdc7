"""What Schemathesis cannot know for the walk of test_openapi.py: how a person signs in, which hosts may be dialled, and
that the server counts requests by address."""

from __future__ import annotations

import itertools
import json
import os
from typing import Any

import schemathesis
from urllib3.util import connection

from tests.server.http import signed_in

# They end the session that asks.
ENDING = {"logout", "chooseTenant"}
SIDES = ("source", "target", "connection", "endpoint")
NOWHERE = {"host": "127.0.0.1", "port": 9}

if "WALKED_AS" in os.environ:

    @schemathesis.auth(refresh_interval=None)
    class Session:
        def __init__(self) -> None:
            self.kept: dict[str, str] | None = None

        def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> dict[str, str]:
            ending = context.operation.definition.raw["operationId"] in ENDING
            if self.kept is None or ending:
                session = signed_in(os.environ["WALKED_URL"], os.environ["WALKED_PASSWORD"], os.environ["WALKED_AS"])
                if ending:
                    return session
                self.kept = session
            return self.kept

        def set(self, case: schemathesis.Case, data: dict[str, str], context: Any) -> None:
            case.headers = {**(case.headers or {}), **data}


# Any address of 127/8 is the loopback's: each connection comes from another one, and is used for less than an address
# may ask at once.
ADDRESSES = (f"127.0.{number // 250}.{1 + number % 250}" for number in itertools.count(250))
CALLS = itertools.count(1)
AT_ONCE = 50
plain_connection = connection.create_connection


def from_next_address(*place: Any, **how: Any) -> Any:
    return plain_connection(*place, **{**how, "source_address": (next(ADDRESSES), 0)})


connection.create_connection = from_next_address


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Names that were made up would be looked up, and addresses dialled: a side that fits its description becomes the
    lab's, or one where nobody listens; a channel's goes nowhere."""
    if kwargs.get("session") is not None and next(CALLS) % AT_ONCE == 0:
        kwargs["session"].close()
    body = case.body
    if not isinstance(body, dict):
        return
    for side in SIDES:
        given = body.get(side)
        if not isinstance(given, dict) or not isinstance(given.get("host", ""), str):
            continue
        is_target = "target" in (side, body.get("side"))
        real = json.loads(os.environ["WALKED_SIDES"])["target" if is_target else "source"]
        kept = {name: value for name, value in given.items() if name not in ("url", "host", "port")}
        body[side] = {**kept, **NOWHERE} if "port" in given else {**kept, **real}
    for channel, name in (("webhook", "url"), ("email", "host")):
        given = body.get(channel)
        if isinstance(given, dict) and isinstance(given.get(name), str) and given[name]:
            given[name] = "http://127.0.0.1:9/" if name == "url" else NOWHERE["host"]
