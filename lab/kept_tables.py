"""Gives tables of the source back as they were found, so that a test doesn't depend on which ran before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def kept(source: psycopg.Connection, *tables: str) -> Iterator[None]:
    """Rows and replica identity of `tables` (of schema public, as pg_class names them) come back at the end.

    Leave it after the pipelines that replicate them are gone: it deletes and inserts every row."""
    names = [sql.Identifier("public", table) for table in tables]
    copies = [sql.Identifier(f"kept {table}") for table in tables]
    identities = []
    for table, name, copy in zip(tables, names, copies, strict=True):
        source.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(copy))
        source.execute(sql.SQL("CREATE TEMP TABLE {} AS TABLE {}").format(copy, name))
        found = source.execute(
            "SELECT relreplident FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = %s", (table,)
        ).fetchone()
        assert found is not None
        identities.append({"d": "DEFAULT", "f": "FULL", "n": "NOTHING"}[found[0]])
    try:
        yield
    finally:
        for name, copy, identity in zip(names, copies, identities, strict=True):
            with source.transaction():
                source.execute(sql.SQL("DELETE FROM {}").format(name))
                source.execute(sql.SQL("INSERT INTO {} TABLE pg_temp.{}").format(name, copy))
            source.execute(sql.SQL("ALTER TABLE {} REPLICA IDENTITY {}").format(name, sql.SQL(identity)))
            source.execute(sql.SQL("DROP TABLE pg_temp.{}").format(copy))
