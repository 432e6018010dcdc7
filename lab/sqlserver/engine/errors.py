"""PostgreSQL's errors as SQL Server words and numbers them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import asyncpg

from lab.sqlserver.model import SqlError

from .catalog.model import IndexInfo, Snapshot, TableInfo
from .types import POINTS

_INDEX = re.compile(r"^k(\d+)_(\d+)$")
_KEY_DETAIL = re.compile(r"=\((.*)\) already exists|=\((.*)\) is duplicated", re.DOTALL)

# Ends the batch and rolls the transaction back even with XACT_ABORT OFF.
TRANSACTION_FATAL = frozenset({1205, 3960})
BATCH_AND_TRANSACTION = frozenset({241, 242, 244, 245, 248, 8114, 8169, 235})
# Ends the batch, leaves the transaction.
BATCH = frozenset({102, 105, 113, 137, 156, 207, 208, 209, 4104, 911, 2812, 195, 40517})


class Cancelled(Exception):
    """The client sent an attention."""


class DeadlockVictim(SqlError):
    def __init__(self, session_id: int) -> None:
        super().__init__(
            1205, f"Transaction (Process ID {session_id}) was deadlocked on lock resources with another process and has "
            "been chosen as the deadlock victim. Rerun the transaction.", 13, 51,
        )  # fmt: skip


def translate(error: asyncpg.PostgresError, snapshot: Snapshot, command: str, session_id: int) -> SqlError:
    state = error.sqlstate or ""
    if state == "MSSQL":
        number = int(error.hint or 50000)
        return SqlError(number, str(error.args[0]).split("\nHINT:")[0], 16)
    if state == "57014":
        raise Cancelled
    handler = _HANDLERS.get(state)
    if handler is not None:
        return handler(error, snapshot, command)
    if state in ("40P01", "40001"):
        return DeadlockVictim(session_id)
    if state in ("57P01", "57P02", "57P03") or state.startswith("08"):
        return SqlError(596, "Cannot continue the execution because the session is in the kill state.", 21)
    return SqlError(40517, f"The SQL Server stand-in failed: {error.args[0]} (PostgreSQL {state}).")


def _table_of(error: Any, snapshot: Snapshot) -> TableInfo | None:
    name = error.table_name or ""
    return snapshot.by_object_id.get(int(name[1:])) if re.fullmatch(r"t\d+", name) else None


def _not_null(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    table = _table_of(error, snapshot)
    column = error.column_name or ""
    if table is None or not column.startswith("c"):
        return SqlError(
            515, "Cannot insert the value NULL into a column that does not allow nulls. The statement fails.", 16, 2
        )
    info = next((c for c in table.columns if c.physical == column), None)
    if info is None or command == "ALTER TABLE":
        return SqlError(
            4901, "ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition "
            "specified, or the column being added is an identity or timestamp column, or alternatively if none of the "
            f"previous conditions are satisfied the table must be empty to allow addition of this column. Column "
            f"'{info.name if info else column}' cannot be added to non-empty table '{table.name}' because it does not "
            "satisfy these conditions.",
        )  # fmt: skip
    place = f"tempdb.dbo.{table.name}" if table.temporary else f"{snapshot.database}.{table.schema}.{table.name}"
    verb = "UPDATE" if command == "UPDATE" else "INSERT"
    return SqlError(
        515, f"Cannot insert the value NULL into column '{info.name}', table '{place}'; column does not allow nulls. "
        f"{verb} fails.", 16, 2,
    )  # fmt: skip


def _key_text(detail: str, table: TableInfo, index: IndexInfo) -> str:
    found = _KEY_DETAIL.search(detail or "")
    if not found:
        return ""
    text = found.group(1) or found.group(2) or ""
    kinds = [table.by_id(column).type for column in index.key_columns]
    parts = text.split(", ") if len(kinds) > 1 else [text]
    if len(parts) != len(kinds):
        return text
    return ", ".join(_shown(part, kind.name) for part, kind in zip(parts, kinds, strict=True))


def _shown(text: str, kind: str) -> str:
    if text == "null":
        return "<NULL>"
    if kind in POINTS | {"datetimeoffset"} and text.lstrip("-").isdigit():
        days, ticks = divmod(int(text), 864_000_000_000)
        seconds, fraction = divmod(ticks, 10_000_000)
        day = date(1, 1, 1) + timedelta(days=days)
        return f"{day} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:07}"
    if text.startswith("\\x"):
        return "0x" + text[2:]
    return text.upper() if kind == "uniqueidentifier" else text


def _unique(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    found = _INDEX.match(error.constraint_name or "")
    table = snapshot.by_object_id.get(int(found.group(1))) if found else None
    index = next((i for i in table.indexes if found and i.index_id == int(found.group(2))), None) if table else None
    if table is None or index is None:
        if command in ("CREATE INDEX", "ALTER TABLE"):
            return SqlError(1505, "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found. "
                            f"The duplicate key value is ({_raw_key(error)}).")  # fmt: skip
        return SqlError(
            2601, f"Cannot insert duplicate key row in object with unique index. ({error.detail or ''})", 14
        )
    key = _key_text(error.detail or "", table, index)
    place = f"{table.schema}.{table.name}"
    if index.primary_key or index.unique_constraint:
        kind = "PRIMARY KEY" if index.primary_key else "UNIQUE KEY"
        return SqlError(
            2627, f"Violation of {kind} constraint '{index.name}'. Cannot insert duplicate key in object '{place}'. The "
            f"duplicate key value is ({key}).", 14,
        )  # fmt: skip
    return SqlError(
        2601, f"Cannot insert duplicate key row in object '{place}' with unique index '{index.name}'. The duplicate key "
        f"value is ({key}).", 14,
    )  # fmt: skip


def _raw_key(error: Any) -> str:
    found = _KEY_DETAIL.search(error.detail or "")
    return (found.group(1) or found.group(2) or "") if found else ""


def _foreign_key(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    name = error.constraint_name or ""
    key = next((k for k in snapshot.foreign_keys if f"f{k.object_id}" == name), None)
    if key is None:
        return SqlError(547, "The statement conflicted with a FOREIGN KEY constraint.", 16, 0)
    parent, child = snapshot.by_object_id[key.referenced], snapshot.by_object_id[key.parent]
    referencing = "is not present" in (error.detail or "")
    kind = "FOREIGN KEY" if referencing else "REFERENCE"
    where, columns = (parent, key.referenced_columns) if referencing else (child, key.columns)
    column = f", column '{where.by_id(columns[0]).name}'" if len(columns) == 1 else ""
    return SqlError(
        547, f'The {command} statement conflicted with the {kind} constraint "{key.name}". The conflict occurred in '
        f'database "{snapshot.database}", table "{where.schema}.{where.name}"{column}.', 16, 0,
    )  # fmt: skip


def _check(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    table = _table_of(error, snapshot)
    sized = re.match(r"z\d+_(\d+)$", error.constraint_name or "")
    if sized:
        index = next((i for i in table.indexes if i.index_id == int(sized.group(1))), None) if table else None
        kind, limit = ("clustered", 900) if sized.group(1) == "1" else ("nonclustered", 1700)
        return SqlError(1946, f"Operation failed. The index entry for the index '{index.name if index else ''}' exceeds the "
                        f"maximum length of {limit} bytes for {kind} indexes.")  # fmt: skip
    number = (error.constraint_name or "x0")[1:]
    found = snapshot.object_by_id(int(number)) if number.isdigit() else None
    name = found.name if found else error.constraint_name
    place = f"{table.schema}.{table.name}" if table else ""
    return SqlError(
        547, f'The {command} statement conflicted with the CHECK constraint "{name}". The conflict occurred in database '
        f'"{snapshot.database}", table "{place}".', 16, 0,
    )  # fmt: skip


def _out_of_range(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    text = str(error.args[0])
    target = "numeric"
    for word, kind in (("smallint", "smallint"), ("bigint", "bigint"), ("integer", "int"), ("range: ", "float")):
        if word in text:
            target = kind
            break
    source = "numeric" if target == "numeric" else "expression"
    return SqlError(8115, f"Arithmetic overflow error converting {source} to data type {target}.", 16, 2)


def _divide(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(8134, "Divide by zero error encountered.")


def _lock(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(1222, "Lock request time out period exceeded.", 16, 51)


def _many_rows(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(
        512, "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or "
        "when the subquery is used as an expression.",
    )  # fmt: skip


def _merge_twice(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(
        8672, "The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row "
        "matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple "
        "times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to "
        "group the source rows.",
    )  # fmt: skip


def _grouping(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(8120, "Column is invalid in the select list because it is not contained in either an aggregate function "
                    "or the GROUP BY clause.")  # fmt: skip


def _index_size(error: Any, snapshot: Snapshot, command: str) -> SqlError:
    return SqlError(
        1946, "Operation failed. The index entry exceeds the maximum length of 900 bytes for clustered indexes."
    )


_HANDLERS = {
    "23502": _not_null, "23505": _unique, "23503": _foreign_key, "23514": _check, "22003": _out_of_range,
    "22012": _divide, "55P03": _lock, "21000": _many_rows, "42803": _grouping, "54000": _index_size,
}  # fmt: skip
_CARDINALITY = "MERGE command cannot affect row a second time"


def cardinality(error: asyncpg.PostgresError, snapshot: Snapshot, command: str, session_id: int) -> SqlError:
    """translate(), with the one text that two errors share told apart."""
    if error.sqlstate == "21000" and _CARDINALITY in str(error.args[0]):
        return _merge_twice(error, snapshot, command)
    return translate(error, snapshot, command, session_id)
