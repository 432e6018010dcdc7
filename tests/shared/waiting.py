"""Waiting for what can only be asked again and again, and comparing both sides."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytds

from lab.compare import differences

PATIENCE = 90.0


def wait_until(condition: Callable[[], list[str] | bool], what: str, patience: float = PATIENCE) -> None:
    """Until the condition holds (True, or an empty list of differences). Nothing here can be waited on but by asking."""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while True:
        found = condition()
        if found is True or found == []:
            return
        if time.monotonic() > deadline:
            detail = "\n".join(found) if isinstance(found, list) else ""
            raise AssertionError(f"not within {patience:.0f} s: {what}\n{detail}")
        pause.wait(0.1)


def unequal(
    source: psycopg.Connection, target: Any, pairs: list[tuple[str, str]], leave_out: tuple[str, ...] = ()
) -> list[str]:
    """`pairs` of "schema.table" on both sides; columns that are left out are so in all of them."""
    found: list[str] = []
    for left, right in pairs:
        a, b = left.split(".", 1), right.split(".", 1)
        try:
            found += differences(source, target, (a[0], a[1]), (b[0], b[1]), leave_out)
        except pytds.ProgrammingError as error:
            # The target does not have the column yet, which is a difference like any other.
            if "Invalid column name" not in str(error):
                raise
            found.append(f"{right}: {error}")
    return found


def wait_equal(
    source: psycopg.Connection, target: Any, pairs: list[tuple[str, str]], leave_out: tuple[str, ...] = ()
) -> None:
    wait_until(lambda: unequal(source, target, pairs, leave_out), "every table equal value by value")
