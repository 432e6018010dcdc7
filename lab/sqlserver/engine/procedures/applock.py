"""sp_getapplock and sp_releaseapplock, kept by PostgreSQL's advisory locks: of the session or of the transaction."""

from __future__ import annotations

import hashlib
from typing import Any

import asyncpg

from lab.sqlserver.model import SqlError

GRANTED, GRANTED_AFTER_WAIT, TIMED_OUT, DEADLOCK_VICTIM, REFUSED = 0, 1, -1, -3, -999
_SHARED = {"shared": "_shared", "exclusive": ""}


def lock_key(principal: str, resource: str) -> int:
    """Resources are compared as binary."""
    digest = hashlib.sha256(f"{principal.lower()}\0{resource}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _given(params: dict[str, Any], name: str, position: int, default: Any) -> Any:
    value = params.get(name, params.get(str(position)))
    return default if value is None else value


def _mode(text: str) -> str:
    folded = text.lower()
    if folded in _SHARED:
        return _SHARED[folded]
    if folded in ("update", "intentshared", "intentexclusive"):
        raise SqlError(40517, f"The SQL Server stand-in does not support the application lock mode {text}.")
    raise SqlError(1225, "An invalid application lock mode was passed to xp_userlock.", 16)


def _owner(session: Any, text: str) -> str:
    """'_xact' for a transaction's lock."""
    if text.lower() == "session":
        return ""
    if text.lower() != "transaction":
        raise SqlError(1226, "An invalid application lock owner was passed to xp_userlock.", 16)
    if not session.in_transaction:
        raise SqlError(
            3918, "The statement or function 'sp_getapplock' must be executed in the context of a user transaction."
        )
    return "_xact"


async def get_lock(session: Any, params: dict[str, Any]) -> int:
    resource = _given(params, "resource", 0, "")
    if not resource:
        raise SqlError(1224, "An invalid application lock resource was passed to xp_userlock.", 16)
    kind = _mode(_given(params, "lockmode", 1, ""))
    owner = _owner(session, _given(params, "lockowner", 2, "Transaction"))
    wait = int(_given(params, "locktimeout", 3, session.lock_timeout))
    key = lock_key(_given(params, "dbprincipal", 4, "public"), resource)
    connection = session.connection
    if await connection.fetchval(f"SELECT pg_try_advisory{owner}_lock{kind}($1)", key):
        return GRANTED
    if wait == 0:
        return TIMED_OUT
    # A lock that is not had must not end the transaction.
    inside = session.in_transaction
    if inside:
        await connection.execute("SAVEPOINT applock")
    await connection.execute(f"SET lock_timeout = {max(wait, 0)}")
    try:
        await connection.execute(f"SELECT pg_advisory{owner}_lock{kind}({key})")
        result = GRANTED_AFTER_WAIT
    except asyncpg.LockNotAvailableError:
        result = TIMED_OUT
    except asyncpg.DeadlockDetectedError:
        result = DEADLOCK_VICTIM
    if inside:
        if result < 0:
            await connection.execute("ROLLBACK TO SAVEPOINT applock")
        await connection.execute("RELEASE SAVEPOINT applock")
    await connection.execute(f"SET lock_timeout = {session.backend_lock_timeout}")
    return result


async def release_lock(session: Any, params: dict[str, Any]) -> int:
    resource = _given(params, "resource", 0, "")
    owner = _given(params, "lockowner", 1, "Transaction").lower()
    principal = _given(params, "dbprincipal", 2, "public")
    if owner == "transaction":
        # PostgreSQL lets go of a transaction's lock at its end only.
        raise SqlError(40517, "The SQL Server stand-in does not support sp_releaseapplock of a transaction's lock.")
    key = lock_key(principal, resource)
    held = await session.connection.fetch(
        "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 1"
        " AND (classid::bigint << 32 | objid::bigint) = $1 AND granted",
        key,
    )
    for row in held:
        kind = "" if row["mode"] == "ExclusiveLock" else "_shared"
        if await session.connection.fetchval(f"SELECT pg_advisory_unlock{kind}($1)", key):
            return 0
    raise SqlError(
        1223, f"Cannot release the application lock (Database Principal: '{principal}', Resource: '{resource}') because it is "
        "not currently held.",
    )  # fmt: skip
