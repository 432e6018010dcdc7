"""What the lab's tests share. Tests marked `lab` start real servers."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lab: starts the servers of the lab; takes about a minute")
