"""All chance of a run comes from its seed, each decision by its own name: what one thread does never shifts what another
one draws."""

from __future__ import annotations

import random


def dice(seed: int, *what: object) -> random.Random:
    return random.Random("/".join(map(str, (seed, *what))))


def words(chance: random.Random, length: int) -> str:
    """Text with letters of one, two and four bytes; no space at its end, which SQL Server would not tell apart."""
    return "".join(chance.choices("abcdefgh ABCé'ß\\😀", k=max(length - 1, 0))) + "."
