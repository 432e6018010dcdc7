"""python -m lab.sqlserver --data-dir DIR [--port 0] [--ready-file FILE]; the password of sa comes by environment."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from lab.sqlserver.config import DEFAULT_DATABASES, EngineConfig
from lab.sqlserver.server import serve

_PASSWORD_VARIABLE = "MILLRACE_STANDIN_SA_PASSWORD"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lab.sqlserver",
        description="A stand-in for SQL Server, for tests and demos. Its data lives in a PostgreSQL of its own.",
        epilog=f"The password of the login sa is read from {_PASSWORD_VARIABLE}.",
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one, told in the ready file")
    parser.add_argument(
        "--ready-file", type=Path, help="JSON with host, port, pid, certificate, written when it accepts"
    )
    parser.add_argument("--postgres-bin-dir", type=Path, default=Path("/usr/lib/postgresql/15/bin"))
    parser.add_argument("--database", action="append", default=[], help="a database that has to exist; repeatable")
    parser.add_argument("--encryption", choices=("off", "on", "required"), default="on")
    options = parser.parse_args()
    password = os.environ.pop(_PASSWORD_VARIABLE, "")
    if not password:
        parser.error(f"{_PASSWORD_VARIABLE} is not set")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    config = EngineConfig(
        data_dir=options.data_dir,
        postgres_bin_dir=options.postgres_bin_dir,
        sa_password=password,
        databases=(*DEFAULT_DATABASES, *options.database),
    )
    asyncio.run(serve(config, options.host, options.port, options.ready_file, options.encryption))
    return 0


if __name__ == "__main__":
    sys.exit(main())
