"""Changes the shop's data at a given rate, in transactions, as a busy shop would."""

from __future__ import annotations

import argparse
import random
import signal
import threading
import time
from collections import Counter
from types import FrameType

import psycopg

from lab.postgres import OWNER, Postgres
from lab.shop_changes import CHANGES, Shop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=_positive, default=20.0, help="transactions a second (default 20)")
    parser.add_argument("--seconds", type=_positive, help="how long; without it until Ctrl-C")
    parser.add_argument("--transactions", type=int, help="end after so many")
    parser.add_argument("--seed", type=int, help="the same seed on the same data makes the same changes")


def run(server: Postgres, arguments: argparse.Namespace) -> dict[str, object]:
    """Returns what was done: transactions, seconds, and how many times each change was made."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _setter(stop))
    with server.connect(OWNER) as connection:
        return change(connection, arguments.rate, arguments.seconds, arguments.transactions, arguments.seed, stop)


def change(
    connection: psycopg.Connection,
    rate: float,
    seconds: float | None = None,
    transactions: int | None = None,
    seed: int | None = None,
    stop: threading.Event | None = None,
) -> dict[str, object]:
    """Works until the time is over, the transactions are done, or `stop` is set."""
    stop = stop or threading.Event()
    shop = Shop(connection, random.Random(seed))
    done: Counter[str] = Counter()
    began = time.monotonic()
    while not _over(done.total(), time.monotonic() - began, transactions, seconds):
        # Each transaction has its moment, so a slow one is made up for and the rate holds.
        if stop.wait(max(0.0, began + done.total() / rate - time.monotonic())):
            break
        done[_one(connection, shop)] += 1
    took = time.monotonic() - began
    return {"transactions": done.total(), "seconds": round(took, 3), "changes": dict(sorted(done.items()))}


def _over(done: int, elapsed: float, transactions: int | None, seconds: float | None) -> bool:
    return (transactions is not None and done >= transactions) or (seconds is not None and elapsed >= seconds)


def _one(connection: psycopg.Connection, shop: Shop) -> str:
    name = shop.random.choices(list(CHANGES), [weight for _, weight in CHANGES.values()])[0]
    try:
        with connection.transaction():
            CHANGES[name][0](shop)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected):
        return "collisions"  # two workloads at once may choose the same row; what they did is rolled back
    return name


def _setter(stop: threading.Event):
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    return handle


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value
