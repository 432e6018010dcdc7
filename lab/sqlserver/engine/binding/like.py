"""LIKE patterns as PostgreSQL regular expressions."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([^\w\s])")


def like_regex(pattern: str, escape: str = "") -> str:
    """`%`, `_`, `[a-z]`, `[^x]`; a `[` without its `]` matches nothing, as in SQL Server."""
    out = ["^"]
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if escape and char == escape and at + 1 < len(pattern):
            at += 1
            out.append(_SPECIAL.sub(r"\\\1", pattern[at]))
        elif char == "%":
            out.append(".*")
        elif char == "_":
            out.append(".")
        elif char == "[":
            stop = pattern.find("]", at + 1)
            if stop < 0:
                return "$."
            out.append("[" + pattern[at + 1 : stop].replace("\\", "\\\\") + "]")
            at = stop
        else:
            out.append(_SPECIAL.sub(r"\\\1", char))
        at += 1
    return "".join(out) + "$"
