"""What the lab says when something does not work."""

from __future__ import annotations

from pathlib import Path


class LabError(Exception):
    """A failure with a message for a person; the command line prints it without a traceback."""


def tail(log: Path, lines: int = 25) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
