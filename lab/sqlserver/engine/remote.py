"""Procedures: sp_executesql, prepared statements, sp_rename, and the catalog procedures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from lab.sqlserver.model import Event, OutputParam, Param, ReturnStatus, SqlError, SqlType

from .executor import Executor, message_of
from .procedures.applock import REFUSED, get_lock, release_lock
from .procedures.catalog import PROCEDURES, run_catalog_procedure
from .procedures.describe import describe_first_result_set
from .procedures.rename import rename_object
from .session import Session
from .syntax.lexer import Kind
from .syntax.parser import Parser
from .types import resolve
from .variables import Variables

_HANDLE = SqlType("int")


@dataclass
class Declared:
    """One parameter of a parameterised statement."""

    name: str
    type: SqlType
    output: bool = False
    default: Any = None


def parse_declarations(text: str | None) -> list[Declared]:
    """'@p0 int, @p1 nvarchar(40) output'."""
    if not text or not text.strip():
        return []
    parser = Parser(text)
    found = []
    while True:
        if parser.token.kind is not Kind.VARIABLE:
            raise parser.error()
        name = parser.advance().text
        parser.take_word("AS")
        declared = Declared(name, resolve(parser.type_name()))
        if parser.take_op("="):
            parser.expression()
        declared.output = parser.take_word("OUTPUT") or parser.take_word("OUT")
        parser.take_word("READONLY")
        found.append(declared)
        if not parser.take_op(","):
            return found


async def call_procedure(session: Session, procedure: str, params: list[Param]) -> AsyncIterator[Event]:
    """An RPC. What fails is told by messages; the status says that it did."""
    name = procedure.replace("[", "").replace("]", "").split(".")[-1].lower()
    failed, status = False, None
    try:
        async for event in _call(session, name, params):
            if isinstance(event, ReturnStatus):
                status = event.value
                continue
            failed = failed or (getattr(event, "severity", 0) > 10)
            yield event
    except SqlError as error:
        failed = True
        session.last_error = error.number
        yield message_of(error)
        if session.in_transaction and session.xact_abort:
            yield await session.end_transaction("ROLLBACK")
    yield ReturnStatus(status if status is not None else 1 if failed else 0)


async def _call(session: Session, name: str, params: list[Param]) -> AsyncIterator[Event]:
    if name == "sp_executesql":
        declared = parse_declarations(params[1].value) if len(params) > 1 else []
        async for event in run_prepared(session, declared, params[0].value, params[2:], 2):
            yield event
    elif name in ("sp_prepare", "sp_prepexec"):
        declared = parse_declarations(params[1].value)
        session.parsed(params[2].value)  # its syntax errors belong here
        handle = max(session.handles, default=0) + 1
        session.handles[handle] = (declared, params[2].value)
        if name == "sp_prepexec":
            async for event in run_prepared(session, declared, params[2].value, params[3:], 3):
                yield event
        yield OutputParam(params[0].name, 0, _HANDLE, handle)
    elif name == "sp_execute":
        declared, sql = _handle(session, params[0].value)
        async for event in run_prepared(session, declared, sql, params[1:], 1):
            yield event
    elif name == "sp_unprepare":
        _handle(session, params[0].value)
        del session.handles[params[0].value]
    elif name == "sp_rename":
        values = {p.name.lstrip("@").lower() or str(i): p.value for i, p in enumerate(params)}
        await rename_object(
            session, values.get("objname", values.get("0")), values.get("newname", values.get("1")),
            values.get("objtype", values.get("2")),
        )  # fmt: skip
    elif name == "sp_flush_log":
        pass  # every commit is in the log already
    elif name in ("sp_getapplock", "sp_releaseapplock"):
        given = {p.name.lstrip("@").lower() or str(i): p.value for i, p in enumerate(params)}
        take = get_lock if name == "sp_getapplock" else release_lock
        try:
            result = await take(session, given)
        except SqlError as error:
            if error.number == 40517:
                raise
            yield message_of(error)
            result = REFUSED
        yield ReturnStatus(result)
    elif name == "sp_describe_first_result_set":
        given = {p.name.lstrip("@").lower() or str(i): p.value for i, p in enumerate(params)}
        async for event in describe_first_result_set(session, given):
            yield event
    elif name in PROCEDURES:
        given = {p.name.lstrip("@").lower() or str(i): p.value for i, p in enumerate(params)}
        async for event in run_catalog_procedure(session, name, given):
            yield event
    elif name == "sp_reset_connection":
        await session.reset()
    else:
        raise SqlError(2812, f"Could not find stored procedure '{name}'.", 16, 62)


def _handle(session: Session, number: Any) -> tuple[list[Declared], str]:
    if number not in session.handles:
        raise SqlError(8179, f"Could not find prepared statement with handle {number}.", 16, 2)
    return session.handles[number]


async def run_prepared(
    session: Session, declared: list[Declared], sql: str, given: list[Param], offset: int
) -> AsyncIterator[Event]:
    """A statement with parameters, in a scope of its own."""
    outer, session.variables = session.variables, Variables()
    executor = Executor(session)
    try:
        matched = _matched(declared, given)
        for parameter in declared:
            param = matched.get(parameter.name.lower())
            value = param[1].value if param else parameter.default
            if param and value is not None:
                value = await executor.cast(_plain(value, param[1].type), param[1].type, parameter.type)
            session.variables.declare(parameter.name, parameter.type, value)
        async for event in executor.top_level(session.parsed(sql)):
            yield event
        for parameter in declared:
            param = matched.get(parameter.name.lower())
            if param is not None and param[1].output:
                value = session.variables.values[parameter.name.lower()]
                yield OutputParam(param[1].name or parameter.name, offset + param[0], parameter.type, value)
    finally:
        await executor.drop_table_variables()
        session.variables = outer


def _plain(value: Any, kind: SqlType) -> Any:
    return value.rstrip(" ") if kind.name in ("char", "nchar") and isinstance(value, str) else value


def _matched(declared: list[Declared], given: list[Param]) -> dict[str, tuple[int, Param]]:
    matched: dict[str, tuple[int, Param]] = {}
    names = {parameter.name.lower() for parameter in declared}
    for index, param in enumerate(given):
        if param.name and param.name.lower() in names:
            matched[param.name.lower()] = (index, param)
        elif index < len(declared) and not param.name:
            matched[declared[index].name.lower()] = (index, param)
        elif param.name:
            raise SqlError(8145, f"{param.name} is not a parameter for procedure.")
        else:
            raise SqlError(8144, "Procedure or function has too many arguments specified.", 16, 2)
    for parameter in declared:
        if parameter.name.lower() not in matched and given:
            raise SqlError(
                8178, f"The parameterized query expects the parameter '{parameter.name}', which was not supplied."
            )
    return matched


async def execute_in_batch(executor: Executor, statement: Any) -> AsyncIterator[Event]:
    """EXEC inside a batch: its result sets go to the client, its output parameters into variables."""
    session = executor.session
    if statement.text is not None:
        text, _ = await executor.evaluate(statement.text, SqlType("nvarchar", -1))
        async for event in run_prepared(session, [], text or "", [], 0):
            yield event
        return
    params = []
    for argument in statement.args:
        value, kind = await executor.evaluate(argument.value)
        params.append(Param(argument.name, kind, value, argument.output))
    status = 0
    async for event in _call(session, statement.procedure.last.lower(), params):
        if isinstance(event, ReturnStatus):
            status = event.value
            continue
        if isinstance(event, OutputParam):
            argument = statement.args[event.ordinal]
            variable = argument.value.name.lower()
            session.variables.values[variable] = await executor.cast(
                event.value, event.type, session.variables.type_of(variable)
            )
            continue
        yield event
    if statement.result is not None:
        session.variables.values[statement.result.lower()] = status
