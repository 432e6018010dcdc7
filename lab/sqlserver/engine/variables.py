"""Variables of a batch, and what @@NAME and the ERROR_ functions give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.sqlserver.config import PRODUCT_VERSION
from lab.sqlserver.model import SqlError, SqlType

from .types import BIGINT, INT, SYSNAME, nvarchar

if TYPE_CHECKING:
    from .session import Session

_VERSION_TEXT = "Microsoft SQL Server 2022 (RTM) - {}.{}.{}.6 (X64) (a stand-in for tests)".format(*PRODUCT_VERSION)
_NUMERIC38 = SqlType("numeric", precision=38, scale=0)


def _error(session: Session, part: str) -> Any:
    error = session.caught[-1] if session.caught else None
    return getattr(error, part) if error is not None else None


SYSTEM_VARIABLES: dict[str, tuple[SqlType, Callable[[Session], Any]]] = {
    "@@rowcount": (INT, lambda s: s.row_count),
    "@@rowcount_big": (BIGINT, lambda s: s.row_count),
    "@@trancount": (INT, lambda s: s.transaction_count),
    "@@error": (INT, lambda s: s.last_error),
    "@@identity": (_NUMERIC38, lambda s: s.last_identity),
    "@@scope_identity": (_NUMERIC38, lambda s: s.scope_identity),
    "@@spid": (SqlType("smallint"), lambda s: s.session_id),
    "@@version": (nvarchar(300), lambda s: _VERSION_TEXT),
    "@@servername": (SYSNAME, lambda s: "MILLRACE-LAB"),
    "@@servicename": (SYSNAME, lambda s: "MSSQLSERVER"),
    "@@microsoftversion": (INT, lambda s: PRODUCT_VERSION[0] << 24 | PRODUCT_VERSION[2]),
    "@@language": (SYSNAME, lambda s: "us_english"),
    "@@langid": (SqlType("smallint"), lambda s: 0),
    "@@datefirst": (SqlType("tinyint"), lambda s: 7),
    "@@lock_timeout": (INT, lambda s: s.lock_timeout),
    "@@max_precision": (SqlType("tinyint"), lambda s: 38),
    "@@nestlevel": (INT, lambda s: 0),
    "@@procid": (INT, lambda s: 0),
    "@@fetch_status": (INT, lambda s: 0),
    "@@options": (INT, lambda s: 5496),
    "@@textsize": (INT, lambda s: 2147483647),
    "@@xact_state": (SqlType("smallint"), lambda s: s.xact_state),
    "@@current_transaction_id": (BIGINT, lambda s: s.transaction_descriptor),
    "@@host_name": (SYSNAME, lambda s: s.login.host_name),
    "@@app_name": (SYSNAME, lambda s: s.login.app_name),
    "@@program_name": (SYSNAME, lambda s: s.login.app_name),
    "@@error_number": (INT, lambda s: _error(s, "number")),
    "@@error_message": (nvarchar(4000), lambda s: _error(s, "text")),
    "@@error_severity": (INT, lambda s: _error(s, "severity")),
    "@@error_state": (INT, lambda s: _error(s, "state")),
    "@@error_line": (INT, lambda s: _error(s, "line")),
    "@@error_procedure": (SYSNAME, lambda s: _error(s, "procedure") or None),
}


class Variables:
    """Those that a batch declared. Names without regard to case."""

    def __init__(self) -> None:
        self.types: dict[str, SqlType | None] = {}
        self.values: dict[str, Any] = {}

    def declare(self, name: str, kind: SqlType | None, value: Any = None) -> None:
        folded = name.lower()
        if folded in self.types:
            raise SqlError(
                134, f"The variable name '{name}' has already been declared. Variable names must be unique within a query "
                "batch or stored procedure.", 15, 2,
            )  # fmt: skip
        self.types[folded] = kind
        self.values[folded] = value

    def type_of(self, name: str) -> SqlType | None:
        folded = name.lower()
        if folded not in self.types:
            raise SqlError(137, f'Must declare the scalar variable "{name}".', 15, 2)
        return self.types[folded]
