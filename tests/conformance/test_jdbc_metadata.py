"""What Debezium's sink asks mssql-jdbc about a table before it writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from clients.client import Client, Server


@pytest.fixture
def jdbc(clients: dict[str, Client], server: Server) -> Iterator[Any]:
    with closing(clients["mssql-jdbc"].connect(server)) as connection:
        connection.rows(
            "DROP TABLE IF EXISTS dbo.meta; CREATE TABLE dbo.meta (a int NOT NULL, b nvarchar(450) NOT NULL, "
            "c decimal(12,3) NULL, d datetimeoffset(6) NULL, PRIMARY KEY (b, a))"
        )
        yield connection


def test_table_and_columns(jdbc: Any) -> None:
    assert [row["TABLE_NAME"] for row in jdbc.metadata("tables", "dbo", "meta")] == ["meta"]
    found = {
        row["COLUMN_NAME"]: (row["TYPE_NAME"], row["COLUMN_SIZE"], row["DECIMAL_DIGITS"], row["IS_NULLABLE"])
        for row in jdbc.metadata("columns", "dbo", "meta")
    }
    assert found["a"] == ("int", 10, 0, "NO")
    assert found["b"] == ("nvarchar", 450, None, "NO")
    assert found["c"] == ("decimal", 12, 3, "YES")
    assert found["d"][0] == "datetimeoffset" and found["d"][2] == 6


def test_primary_key_in_key_order(jdbc: Any) -> None:
    found = sorted((row["KEY_SEQ"], row["COLUMN_NAME"]) for row in jdbc.metadata("primary_keys", "dbo", "meta"))
    assert found == [(1, "b"), (2, "a")]
