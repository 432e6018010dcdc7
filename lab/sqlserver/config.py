"""Settings of the stand-in, shared by the server and the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

# What the stand-in says it is: SQL Server 2022.
PRODUCT_NAME = "Microsoft SQL Server"
PRODUCT_VERSION = (16, 0, 1000)
DEFAULT_COLLATION = "SQL_Latin1_General_CP1_CI_AS"
DEFAULT_DATABASES = ("master", "tempdb")


@dataclass(frozen=True)
class EngineConfig:
    """`pg_dsn` names a PostgreSQL to use; without it the engine starts its own, in `data_dir`, from
    `postgres_bin_dir`, and ends it in `close`. `databases` exist after the first start."""

    data_dir: Path
    postgres_bin_dir: Path
    sa_password: str = field(repr=False)
    databases: tuple[str, ...] = DEFAULT_DATABASES
    pg_dsn: str | None = field(default=None, repr=False)
