"""Where the lab is, and connections to both of its databases."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytds

SERVICES = {"postgres": "PG_HOST", "sqlserver": "SQLSERVER_HOST", "connect": "CONNECT_URL"}


@dataclass(frozen=True)
class LabFacts:
    """What `./dev lab env` tells."""

    values: dict[str, str] = field(repr=False)

    @staticmethod
    def of_environment() -> LabFacts:
        return LabFacts({name: value for name, value in os.environ.items() if name.startswith("MILLRACE_LAB_")})

    def __getitem__(self, name: str) -> str:
        return self.values[f"MILLRACE_LAB_{name}"]

    def streaming_as_superuser(self) -> LabFacts:
        """A pipeline made with these may have event triggers."""
        user, password = self["PG_SUPERUSER"], self["PG_SUPERUSER_PASSWORD"]
        return LabFacts({**self.values, "MILLRACE_LAB_PG_USER": user, "MILLRACE_LAB_PG_PASSWORD": password})

    def missing(self, *services: str) -> list[str]:
        return [service for service in services if f"MILLRACE_LAB_{SERVICES[service]}" not in self.values]

    @property
    def source_url(self) -> str:
        return f"postgres://{self['PG_USER']}@{self['PG_HOST']}:{self['PG_PORT']}/{self['PG_DATABASE']}"

    def target_url(self, schema: str) -> str:
        where = f"{self['SQLSERVER_HOST']}:{self['SQLSERVER_PORT']}/{self['SQLSERVER_DATABASE']}"
        return f"sqlserver://{self['SQLSERVER_USER']}@{where}?schema={schema}&trustServerCertificate=true"

    def source(self, role: str = "PG_OWNER") -> psycopg.Connection:
        """In autocommit. `role`: PG_OWNER owns the shop; PG_SUPERUSER."""
        user = self["PG_SUPERUSER" if role == "PG_SUPERUSER" else f"{role}_USER"]
        return psycopg.connect(
            host=self["PG_HOST"], port=self["PG_PORT"], dbname=self["PG_DATABASE"], user=user,
            password=self[f"{role}_PASSWORD"], autocommit=True,
        )  # fmt: skip

    def target(self) -> Any:
        """A DB-API connection in autocommit, for one thread."""
        return pytds.connect(
            self["SQLSERVER_HOST"], self["SQLSERVER_DATABASE"], self["SQLSERVER_USER"], self["SQLSERVER_PASSWORD"],
            port=int(self["SQLSERVER_PORT"]), autocommit=True,
        )  # fmt: skip
