"""The catalog of one database as the binder sees it; immutable, replaced as a whole after a change."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.sqlserver.model import SqlType


@dataclass(frozen=True)
class ColumnInfo:
    column_id: int
    name: str
    type: SqlType
    nullable: bool = True
    identity: bool = False
    default_text: str | None = None
    computed: str | None = None
    seed: int = 1
    step: int = 1
    default_object_id: int = 0

    @property
    def physical(self) -> str:
        return f"c{self.column_id}"


@dataclass(frozen=True)
class IndexInfo:
    index_id: int
    name: str
    unique: bool
    primary_key: bool
    unique_constraint: bool
    key_columns: tuple[int, ...]
    constraint_id: int = 0
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class TableInfo:
    """kind: U table, V view, S system view."""

    object_id: int
    schema_id: int
    schema: str
    name: str
    kind: str
    columns: tuple[ColumnInfo, ...]
    definition: str = ""
    temporary: bool = False
    indexes: tuple[IndexInfo, ...] = ()

    @property
    def physical(self) -> str:
        return f"{'pg_temp' if self.temporary else 'data'}.t{self.object_id}"

    def column(self, name: str) -> ColumnInfo | None:
        folded = name.lower()
        for column in self.columns:
            if column.name.lower() == folded:
                return column
        return None

    def by_id(self, column_id: int) -> ColumnInfo:
        return next(column for column in self.columns if column.column_id == column_id)

    @property
    def identity(self) -> ColumnInfo | None:
        return next((column for column in self.columns if column.identity), None)


@dataclass(frozen=True)
class ObjectInfo:
    object_id: int
    schema_id: int
    name: str
    kind: str
    parent: int


@dataclass(frozen=True)
class Principal:
    principal_id: int
    name: str
    kind: str
    login: str | None
    default_schema: str | None


@dataclass(frozen=True)
class ForeignKeyInfo:
    object_id: int
    name: str
    parent: int
    referenced: int
    columns: tuple[int, ...]
    referenced_columns: tuple[int, ...]


@dataclass(frozen=True)
class Snapshot:
    database: str
    version: int
    schemas: dict[str, tuple[int, str]]
    tables: dict[tuple[int, str], TableInfo]
    temporary: dict[str, TableInfo]
    objects: dict[tuple[int, str], ObjectInfo]
    principals: dict[str, Principal]
    roles: frozenset[tuple[str, str]]
    permissions: dict[tuple[str, str, int, str], str]
    foreign_keys: tuple[ForeignKeyInfo, ...]
    by_object_id: dict[int, TableInfo] = field(default_factory=dict)

    def schema_name(self, schema_id: int) -> str:
        return next((name for number, name in self.schemas.values() if number == schema_id), "")

    def object_by_id(self, object_id: int) -> ObjectInfo | None:
        return next((item for item in self.objects.values() if item.object_id == object_id), None)
