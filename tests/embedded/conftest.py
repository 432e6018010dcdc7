"""A lab that is up (PostgreSQL and SQL Server are enough), and millrace with the embedded engine as a user runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.shared.embedded import Millrace, Run
from tests.shared.lab_facts import LabFacts
from tests.shared.program import BINARY, FAILPOINT_BINARY, ROOT, Answer, running_lab
from tests.shared.waiting import PATIENCE, unequal, wait_equal, wait_until

__all__ = [
    "BINARY", "FAILPOINT_BINARY", "PATIENCE", "ROOT", "Answer", "LabFacts", "Millrace", "Run", "unequal", "wait_equal",
    "wait_until",
]  # fmt: skip


@pytest.fixture(scope="session")
def lab() -> LabFacts:
    return running_lab("postgres", "sqlserver")


@pytest.fixture(scope="session")
def source(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """As the user who owns the shop."""
    with lab.source() as connection:
        yield connection


@pytest.fixture(scope="session")
def admin(lab: LabFacts) -> Iterator[psycopg.Connection]:
    """As the source's superuser."""
    with lab.source("PG_SUPERUSER") as connection:
        yield connection


@pytest.fixture
def target(lab: LabFacts) -> Iterator[Any]:
    """One a test: the server may have been killed by the test before."""
    with lab.target() as connection:
        yield connection


@pytest.fixture(scope="module")
def millrace(lab: LabFacts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Millrace]:
    program = Millrace(lab, tmp_path_factory.mktemp("millrace"))
    yield program
    program.clear()
