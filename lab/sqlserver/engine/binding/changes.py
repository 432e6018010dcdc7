"""Binds INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.sqlserver.engine.catalog.model import ColumnInfo, TableInfo
from lab.sqlserver.engine.syntax import nodes as n
from lab.sqlserver.engine.syntax import statements as s
from lab.sqlserver.engine.syntax.base import unsupported
from lab.sqlserver.engine.types import BIGINT
from lab.sqlserver.model import Column, SqlError

from .ex import BoundQuery, Ex, Scope, Source, SourceColumn
from .queries import QueryBinder
from .tables import find_table, invalid_object, table_source_of


@dataclass
class Plan:
    """A statement ready to run. `columns` is None when it returns no rows to the client."""

    sql: str
    parameters: list[str]
    command: str
    columns: list[Column] | None = None
    identity: bool = False  # the rows returned carry the identity values made
    upsert: bool = False  # on a duplicate key made by another session, run it again
    table: TableInfo | None = None
    explicit_identity: bool = False
    reads_tables: bool = False
    volatile: bool = False
    ordered: list[str] = field(default_factory=list)


class ChangeBinder(QueryBinder):
    def change_target(self, ref: n.TableRef, action: str) -> TableInfo:
        table = find_table(self.context, ref.name, ref.line)
        if table is None:
            raise SqlError(259, "Ad hoc updates to system catalogs are not allowed.")
        if table.kind != "U":
            raise unsupported(f"{action} of a view", ref.line)
        self.context.allow(table, action)
        return table

    def place(self, table: TableInfo, column: ColumnInfo) -> str:
        schema = f"{self.context.facts.database}.{table.schema}." if not table.temporary else "tempdb.dbo."
        return f"table '{schema}{table.name}', column '{column.name}'"

    def assign(self, ex: Ex, table: TableInfo, column: ColumnInfo) -> str:
        """A value as the column stores it."""
        return self.convert(ex, column.type, place=self.place(table, column)).sql

    def column_of(self, table: TableInfo, name: str, line: int) -> ColumnInfo:
        column = table.column(name)
        if column is None:
            raise SqlError(207, f"Invalid column name '{name}'.", 16, 1, line)
        return column

    # --- INSERT --------------------------------------------------------------------------------------------------

    def insert_columns(self, table: TableInfo, names: list[str] | None, line: int) -> list[ColumnInfo]:
        explicit = self.context.facts.identity_insert == table.object_id
        if names is None:
            return [c for c in table.columns if c.computed is None and (explicit or not c.identity)]
        columns = [self.column_of(table, name, line) for name in names]
        if len({c.column_id for c in columns}) != len(columns):
            raise SqlError(264, "The column name is specified more than once in the SET clause or column list of an "
                           "INSERT. A column cannot be assigned more than one value in the same clause.")  # fmt: skip
        for column in columns:
            if column.computed is not None:
                raise SqlError(271, f'The column "{column.name}" cannot be modified because it is either a computed '
                               "column or is the result of a UNION operator.")  # fmt: skip
            if column.identity and not explicit:
                raise SqlError(544, f"Cannot insert explicit value for identity column in table '{table.name}' when "
                               "IDENTITY_INSERT is set to OFF.")  # fmt: skip
        if explicit and table.identity is not None and table.identity not in columns:
            raise SqlError(545, f"Explicit value must be specified for identity column in table '{table.name}' either "
                           "when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR "
                           "REPLICATION identity column.")  # fmt: skip
        return columns

    def insert(self, statement: s.Insert) -> Plan:
        prefix = self.with_ctes(statement.ctes, None)
        table = self.change_target(statement.target, "INSERT")
        if statement.default_values:
            return self._finish_insert(statement, table, "DEFAULT VALUES", prefix, [])
        columns = self.insert_columns(table, statement.columns, statement.line)
        if statement.rows is not None:
            for row in statement.rows:
                _check_identity(len(row), table, columns, statement)
            body = "VALUES " + ", ".join(self._row(row, table, columns, statement) for row in statement.rows)
        else:
            assert statement.query is not None
            body = self._insert_query(statement, table, columns)
        names = f"({', '.join(c.physical for c in columns)}) "
        return self._finish_insert(statement, table, names + body, prefix, columns)

    def _row(self, row: list[n.Node], table: TableInfo, columns: list[ColumnInfo], statement: s.Insert) -> str:
        _check_count(len(row), len(columns), statement)
        values = []
        for node, column in zip(row, columns, strict=True):
            if isinstance(node, n.Literal) and node.kind == "default":
                values.append("DEFAULT")
            else:
                values.append(self.assign(self.value(node, Scope()), table, column))
        return f"({', '.join(values)})"

    def _insert_query(self, statement: s.Insert, table: TableInfo, columns: list[ColumnInfo]) -> str:
        assert statement.query is not None
        bound = self.query(statement.query, None)
        _check_identity(len(bound.columns), table, columns, statement)
        _check_count(len(bound.columns), len(columns), statement)
        alias = self.context.alias()
        values = [
            self.assign(Ex(f"{alias}.c{i}", ex.type, ex.nullable), table, column)
            for i, (ex, column) in enumerate(zip(bound.columns, columns, strict=True), 1)
        ]
        limit = ""
        if statement.top is not None:
            limit = f" LIMIT {self.convert(self.typed(statement.top, Scope(), BIGINT), BIGINT).sql}"
        return f"SELECT {', '.join(values)} FROM ({bound.sql}) AS {alias}{limit}"

    def _finish_insert(
        self, statement: s.Insert, table: TableInfo, body: str, prefix: str, columns: list[ColumnInfo]
    ) -> Plan:
        source = table_source_of(self.context, table, "inserted", n.Name((table.name,)))
        sql = f"INSERT INTO {table.physical} AS {source.alias} {body}"
        plan = self._output(statement.output, sql, prefix, [source], "INSERT", table)
        identity = table.identity
        explicit = identity is not None and identity in columns
        if identity is not None and plan.columns is None and statement.output is None:
            plan.sql += f" RETURNING {identity.physical}"
            plan.identity = True
        plan.explicit_identity = explicit
        return plan

    def _output(
        self,
        output: s.OutputClause | None,
        sql: str,
        prefix: str,
        sources: list[Source],
        command: str,
        table: TableInfo,
    ) -> Plan:
        plan = Plan(_with(prefix, sql), self.context.parameters, command, table=table)
        if output is None:
            return plan
        scope = Scope(sources)
        select = n.Select(output.items)
        for item in output.items:
            if isinstance(item.value, n.ColumnRef) and len(item.value.name.parts) == 2:
                where = item.value.name.parts[0].lower()
                if where in ("inserted", "deleted") and not scope.knows((where,)):
                    raise unsupported(f"OUTPUT {where} of {command}", item.line)
        items = self._items(select, scope)
        returning = ", ".join(f"{ex.sql} AS c{i}" for i, ex in enumerate(items, 1))
        if output.into is None:
            plan.sql += f" RETURNING {returning}"
            plan.columns = BoundQuery("", items).result_columns()
            return plan
        into = self.change_target(n.TableRef(output.into), "INSERT")
        columns = self.insert_columns(into, output.columns, output.line)
        if len(columns) != len(items):
            raise SqlError(213, "Column name or number of supplied values does not match table definition.")
        made = self.context.alias()
        values = ", ".join(
            self.assign(Ex(f"{made}.c{i}", ex.type, ex.nullable), into, column)
            for i, (ex, column) in enumerate(zip(items, columns, strict=True), 1)
        )
        head = f"{prefix.rstrip()}, " if prefix else "WITH "
        names = ", ".join(c.physical for c in columns)
        plan.sql = f"{head}{made} AS ({sql} RETURNING {returning}) INSERT INTO {into.physical} ({names}) SELECT {values} FROM {made}"
        return plan

    # --- UPDATE, DELETE ------------------------------------------------------------------------------------------

    def _joined_target(
        self, ref: n.TableRef, source: n.Node, scope: Scope, action: str
    ) -> tuple[str, Source, TableInfo]:
        """FROM text, and which of its sources the statement changes: by alias first, then by table."""
        text = self.from_clause(source, scope)
        name = tuple(part.lower() for part in ref.name.parts if part)
        candidates = [x for x in scope.sources if x.target is not None and x.names[-len(name) :] == name]
        if not candidates:
            table = self.change_target(ref, action)
            candidates = [x for x in scope.sources if x.target is not None and x.target.object_id == table.object_id]
            if not candidates:
                made = table_source_of(self.context, table, None, ref.name)
                scope.sources.append(made)
                return f"{text} CROSS JOIN {table.physical} AS {made.alias}", made, table
        if len(candidates) > 1:
            raise SqlError(8154, f"The table '{ref.name}' is ambiguous.")
        found = candidates[0]
        assert found.target is not None
        self.context.allow(found.target, action)
        return text, found, found.target

    def _through_cte(self, statement: s.Update | s.Delete) -> None:
        """Finds the CTE that the statement changes, if it does, and puts it into FROM where that was left out."""
        names = {cte.name.lower() for cte in statement.ctes}
        target = statement.target.name
        if not names or len(target.parts) > 1:
            return
        wanted = target.last.lower()
        for ref in _table_refs(statement.source):
            if (ref.alias or ref.name.last).lower() == wanted and len(ref.name.parts) == 1:
                wanted = ref.name.last.lower()
                break
        if wanted in names:
            self.context.changed_cte = wanted
            if statement.source is None:
                statement.source = n.TableRef(target)

    def update(self, statement: s.Update) -> Plan:
        self._through_cte(statement)
        prefix = self.with_ctes(statement.ctes, None)
        scope = Scope()
        if statement.source is None and statement.top is None:
            table = self.change_target(statement.target, "UPDATE")
            source = table_source_of(self.context, table, None, statement.target.name)
            scope.sources.append(source)
            pairs = self._assignments(statement.assignments, table, scope)
            where = f" WHERE {self.predicate(statement.where, scope)}" if statement.where is not None else ""
            sets = ", ".join(f"{column.physical} = {value}" for column, value in pairs)
            sql = f"UPDATE {table.physical} AS {source.alias} SET {sets}{where}"
            if self._moves_keys(statement, table, pairs):
                sql = self._moved(table, source, pairs, where)
            return self._output(statement.output, sql, prefix, [_renamed(source, "inserted")], "UPDATE", table)
        flat = self._flat_join(statement, scope, "UPDATE")
        if flat is not None:
            source, table, others, tests = flat
            pairs = self._assignments(statement.assignments, table, scope)
            sets = ", ".join(f"{column.physical} = {value}" for column, value in pairs)
            sql = f"UPDATE {table.physical} AS {source.alias} SET {sets} FROM {others}{tests}"
            if self._moves_keys(statement, table, pairs):
                sql = self._moved(table, source, pairs, f" USING {others}{tests}")
            return self._output(statement.output, sql, prefix, [_renamed(source, "inserted")], "UPDATE", table)
        text, source, table = self._from_of(statement, scope, "UPDATE")
        pairs = self._assignments(statement.assignments, table, scope)
        picked = self._picked(statement, text, source, scope, [value for _, value in pairs if value != "DEFAULT"])
        alias = self.context.alias()
        sets, at = [], 0
        for column, value in pairs:
            at += value != "DEFAULT"
            sets.append(f"{column.physical} = {'DEFAULT' if value == 'DEFAULT' else f'{alias}.v{at}'}")
        target = table_source_of(self.context, table, "inserted", statement.target.name)
        sql = (
            f"UPDATE {table.physical} AS {target.alias} SET {', '.join(sets)} FROM ({picked}) AS {alias} "
            f"WHERE {target.alias}.ctid = {alias}.rid"
        )
        if self._moves_keys(statement, table, pairs):
            made = [(column, f"{alias}.v{i}") for i, (column, _) in enumerate(pairs, 1)]
            rest = f" USING ({picked}) AS {alias} WHERE {target.alias}.ctid = {alias}.rid"
            sql = self._moved(table, target, made, rest)
        return self._output(statement.output, sql, prefix, [target], "UPDATE", table)

    def _moves_keys(self, statement: s.Update, table: TableInfo, pairs: list[tuple[ColumnInfo, str]]) -> bool:
        changed = {column.column_id for column, _ in pairs}
        unique = any(index.unique and changed & set(index.key_columns) for index in table.indexes)
        return unique and statement.output is None and not any(value == "DEFAULT" for _, value in pairs)

    def _moved(self, table: TableInfo, source: Source, pairs: list[tuple[ColumnInfo, str]], rest: str) -> str:
        """Keys are compared when the statement is over (SET id = id + 1), which PostgreSQL does row by row: the rows are
        taken out, all of them, and put back with their new values."""
        values = {column.column_id: value for column, value in pairs}
        listed = ", ".join(
            f"{values.get(c.column_id, f'{source.alias}.{c.physical}')} AS {c.physical}" for c in table.columns
        )
        names = ", ".join(c.physical for c in table.columns)
        gone = self.context.alias()
        taken = f"DELETE FROM {table.physical} AS {source.alias}{rest} RETURNING {listed}"
        return f"WITH {gone} AS ({taken}) INSERT INTO {table.physical} ({names}) SELECT {names} FROM {gone} ORDER BY 1"

    def _flat_join(
        self, statement: s.Update | s.Delete, scope: Scope, action: str
    ) -> tuple[Source, TableInfo, str, str] | None:
        """Where FROM is inner joins of tables, PostgreSQL's own UPDATE .. FROM does: the target, its table, the other
        tables, and WHERE. A row that several others match is changed once, by one of them, as in SQL Server."""
        leaves, conditions = _inner_joined(statement.source)
        if statement.top is not None or len(leaves) < 2:
            return None
        name = tuple(part.lower() for part in statement.target.name.parts if part)
        exposed = [i for i, leaf in enumerate(leaves) if leaf.alias and (leaf.alias.lower(),) == name]
        chosen = leaves[exposed[0]] if len(exposed) == 1 else None
        if not isinstance(chosen, n.TableRef) or chosen.name.last.lower() in self.context.ctes:
            return None
        texts = [self.from_clause(leaf, scope) for leaf in leaves]
        source = scope.sources[exposed[0]]
        if source.target is None:
            raise unsupported(f"{action} of a view", statement.line)
        self.context.allow(source.target, action)
        tests = [self.predicate(node, scope) for node in conditions]
        if statement.where is not None:
            tests.append(self.predicate(statement.where, scope))
        others = ", ".join(text for i, text in enumerate(texts) if i != exposed[0])
        return source, source.target, others, f" WHERE {' AND '.join(tests)}" if tests else ""

    def _from_of(self, statement: s.Update | s.Delete, scope: Scope, action: str) -> tuple[str, Source, TableInfo]:
        if statement.source is not None:
            return self._joined_target(statement.target, statement.source, scope, action)
        table = self.change_target(statement.target, action)
        source = table_source_of(self.context, table, None, statement.target.name)
        scope.sources.append(source)
        return f"{table.physical} AS {source.alias}", source, table

    def _picked(
        self, statement: s.Update | s.Delete, text: str, source: Source, scope: Scope, values: list[str]
    ) -> str:
        """The rows to change, locked, and their new values: ctid is stable once the row is locked. Through a CTE, which
        may number rows, they are not locked. Materialized: a join that asks anew for each row of the table would get
        another first row each time, as the one before is gone."""
        listed = "".join(f", {value} AS v{i}" for i, value in enumerate(values, 1))
        where = f" WHERE {self.predicate(statement.where, scope)}" if statement.where is not None else ""
        limit = ""
        if statement.top is not None:
            limit = f" LIMIT {self.convert(self.typed(statement.top, Scope(), BIGINT), BIGINT).sql}"
        lock = f" FOR UPDATE OF {source.alias}" if source.row == "ctid" else ""
        once = self.context.alias()
        rows = f"SELECT {source.alias}.{source.row} AS rid{listed} FROM {text}{where}{limit}{lock}"
        return f"WITH {once} AS MATERIALIZED ({rows}) SELECT * FROM {once}"

    def _assignments(self, given: list[s.Assignment], table: TableInfo, scope: Scope) -> list[tuple[ColumnInfo, str]]:
        pairs: list[tuple[ColumnInfo, str]] = []
        for assignment in given:
            if assignment.column is None:
                raise unsupported("UPDATE .. SET @variable =", assignment.line)
            column = self.column_of(table, assignment.column.last, assignment.line)
            if column.identity:
                raise SqlError(8102, f"Cannot update identity column '{column.name}'.")
            if column.computed is not None:
                raise SqlError(271, f'The column "{column.name}" cannot be modified because it is either a computed '
                               "column or is the result of a UNION operator.")  # fmt: skip
            if any(column is other for other, _ in pairs):
                raise SqlError(264, f"The column name '{column.name}' is specified more than once in the SET clause. A "
                               "column cannot be assigned more than one value in the same SET clause.")  # fmt: skip
            value = assignment.value
            if isinstance(value, n.Literal) and value.kind == "default":
                pairs.append((column, "DEFAULT"))
                continue
            if assignment.op != "=":
                value = n.Binary(assignment.op[0], n.ColumnRef(assignment.column), value)
            pairs.append((column, self.assign(self.value(value, scope), table, column)))
        return pairs

    def delete(self, statement: s.Delete) -> Plan:
        self._through_cte(statement)
        prefix = self.with_ctes(statement.ctes, None)
        scope = Scope()
        if statement.source is None and statement.top is None:
            table = self.change_target(statement.target, "DELETE")
            source = table_source_of(self.context, table, None, statement.target.name)
            scope.sources.append(source)
            where = f" WHERE {self.predicate(statement.where, scope)}" if statement.where is not None else ""
            sql = f"DELETE FROM {table.physical} AS {source.alias}{where}"
            return self._output(statement.output, sql, prefix, [_renamed(source, "deleted")], "DELETE", table)
        flat = self._flat_join(statement, scope, "DELETE")
        if flat is not None:
            source, table, others, tests = flat
            sql = f"DELETE FROM {table.physical} AS {source.alias} USING {others}{tests}"
            return self._output(statement.output, sql, prefix, [_renamed(source, "deleted")], "DELETE", table)
        text, source, table = self._from_of(statement, scope, "DELETE")
        picked = self._picked(statement, text, source, scope, [])
        alias = self.context.alias()
        target = table_source_of(self.context, table, "deleted", statement.target.name)
        sql = f"DELETE FROM {table.physical} AS {target.alias} USING ({picked}) AS {alias} WHERE {target.alias}.ctid = {alias}.rid"
        return self._output(statement.output, sql, prefix, [target], "DELETE", table)

    # --- MERGE ---------------------------------------------------------------------------------------------------

    def merge(self, statement: s.Merge) -> Plan:
        if statement.output is not None:
            raise unsupported("MERGE .. OUTPUT", statement.line)
        prefix = self.with_ctes(statement.ctes, None)
        table = find_table(self.context, statement.target.name, statement.line)
        if table is None:
            raise invalid_object(statement.target.name, statement.line)
        if table.kind != "U":
            raise unsupported("MERGE into a view", statement.line)
        target = table_source_of(self.context, table, statement.target.alias, statement.target.name)
        source_scope = Scope()
        using = self.from_clause(statement.source, source_scope)
        both = Scope([target, *source_scope.sources])
        on = self.predicate(statement.on, both)
        whens = " ".join(self._when(when, table, both, source_scope) for when in statement.whens)
        sql = f"{prefix}MERGE INTO {table.physical} AS {target.alias} USING {using} ON {on} {whens}"
        plan = Plan(sql, self.context.parameters, "MERGE", table=table)
        plan.upsert = bool({"HOLDLOCK", "SERIALIZABLE"} & set(statement.target.hints))
        plan.explicit_identity = self.context.facts.identity_insert == table.object_id
        return plan

    def _when(self, when: s.MergeWhen, table: TableInfo, both: Scope, source: Scope) -> str:
        if when.match == "SOURCE":
            raise unsupported("WHEN NOT MATCHED BY SOURCE", when.line)
        matched = when.match == "MATCHED"
        scope = both if matched else source
        condition = f" AND {self.predicate(when.condition, scope)}" if when.condition is not None else ""
        head = f"WHEN {'' if matched else 'NOT '}MATCHED{condition} THEN "
        self.context.allow(table, when.action)
        if when.action == "DELETE":
            return head + "DELETE"
        if when.action == "UPDATE":
            pairs = self._assignments(when.assignments, table, scope)
            return head + "UPDATE SET " + ", ".join(f"{column.physical} = {value}" for column, value in pairs)
        columns = self.insert_columns(table, when.columns, when.line)
        values = when.values or []
        if len(values) != len(columns):
            raise SqlError(213, "Column name or number of supplied values does not match table definition.")
        row = []
        for node, column in zip(values, columns, strict=True):
            if isinstance(node, n.Literal) and node.kind == "default":
                row.append("DEFAULT")
            else:
                row.append(self.assign(self.value(node, scope), table, column))
        return f"{head}INSERT ({', '.join(c.physical for c in columns)}) VALUES ({', '.join(row)})"


def _with(prefix: str, sql: str) -> str:
    """One WITH in front, of what both had."""
    return f"{prefix.rstrip()}, {sql[5:]}" if prefix and sql.startswith("WITH ") else prefix + sql


def _inner_joined(node: n.Node | None) -> tuple[list[n.Node], list[n.Node]]:
    """The tables of a tree of inner joins and what joins them; nothing for any other tree."""
    if isinstance(node, (n.TableRef, n.Derived, n.ValuesTable)):
        return [node], []
    if not isinstance(node, n.Join) or node.kind not in ("INNER", "CROSS"):
        return [], []
    left, right = _inner_joined(node.left), _inner_joined(node.right)
    if not left[0] or not right[0]:
        return [], []
    return left[0] + right[0], left[1] + right[1] + ([node.on] if node.on is not None else [])


def _table_refs(node: n.Node | None) -> list[n.TableRef]:
    if isinstance(node, n.Join):
        return _table_refs(node.left) + _table_refs(node.right)
    return [node] if isinstance(node, n.TableRef) else []


def _renamed(source: Source, name: str) -> Source:
    return Source(source.alias, (name,), [SourceColumn(**vars(c)) for c in source.columns], source.target)


def _check_identity(given: int, table: TableInfo, columns: list[ColumnInfo], statement: s.Insert) -> None:
    """An identity column takes a value only where it is listed."""
    if statement.columns is not None or table.identity is None:
        return
    if table.identity in columns or given == len(columns) + 1:
        raise SqlError(8101, f"An explicit value for the identity column in table '{table.schema}.{table.name}' can only be "
                       "specified when a column list is used and IDENTITY_INSERT is ON.")  # fmt: skip


def _check_count(given: int, wanted: int, statement: s.Insert) -> None:
    if given == wanted:
        return
    if statement.columns is None:
        raise SqlError(213, "Column name or number of supplied values does not match table definition.")
    many, few, number = ("more", "VALUES clause", 109) if given < wanted else ("fewer", "VALUES clause", 110)
    if statement.query is not None:
        number = 120 if given < wanted else 121
        raise SqlError(number, f"The select list for the INSERT statement contains {'fewer' if given < wanted else 'more'} "
                       "items than the insert list. The number of SELECT values must match the number of INSERT columns.", 15)  # fmt: skip
    raise SqlError(number, f"There are {many} columns in the INSERT statement than values specified in the {few}. The number "
                   "of values in the VALUES clause must match the number of columns specified in the INSERT statement.", 15)  # fmt: skip
