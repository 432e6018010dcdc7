"""Conversions between T-SQL types as PostgreSQL text."""

from __future__ import annotations

from lab.sqlserver.engine.types import (
    APPROXIMATE,
    BINARY,
    CHARACTER,
    EXACT,
    INTEGERS,
    POINTS,
    SYSTEM_TYPES,
    TEMPORAL,
    UNICODE,
    declare,
    is_utf8_collation,
    max_length,
    storage,
)
from lab.sqlserver.model import MAX, SqlError, SqlType

from .ex import quote

EPOCH_1900 = 693595  # days from 0001-01-01


def _bool(value: bool) -> str:
    return "true" if value else "false"


class Conversion:
    """One conversion. `place` names the column of an assignment, for error 2628; without it strings are cut."""

    def __init__(
        self, source: SqlType, target: SqlType, style: int = 0, attempt: bool = False, place: str | None = None
    ) -> None:
        self.source, self.target, self.style, self.place = source, target, style, place
        self.attempt = _bool(attempt)
        self.trying = attempt

    def sql(self, value: str) -> str:
        source, target = self.source.name, self.target.name
        if target in CHARACTER:
            return self._to_string(value)
        if source in CHARACTER:
            return self._from_string(value)
        if target in BINARY:
            return self._to_binary(value)
        if source in BINARY:
            return self._from_binary(value)
        if source == target and self.source == self.target:
            return value
        if target in TEMPORAL or source in TEMPORAL:
            return self._temporal(value)
        if "uniqueidentifier" in (source, target):
            if source == target:
                return value
            raise self.not_allowed()
        return self._number(value)

    def not_allowed(self) -> SqlError:
        if self.place is not None:
            return SqlError(206, f"Operand type clash: {self.source.name} is incompatible with {self.target.name}")
        return SqlError(
            529, f"Explicit conversion from data type {self.source.name} to {self.target.name} is not allowed."
        )

    # --- strings -------------------------------------------------------------------------------------------------

    def _to_string(self, value: str) -> str:
        if self.source.name in CHARACTER:
            return self._string_to_string(value)
        return self._sized_text(self._text_of(value))

    def _text_of(self, value: str) -> str:
        name = self.source.name
        if name in INTEGERS or name in ("decimal", "numeric"):
            return f"({value})::text"
        if name in ("money", "smallmoney"):
            return f"round({value}, {4 if self.style == 2 else 2})::text"
        if name in APPROXIMATE:
            return f"mssql.f_text(({value})::float8, {self.style})"
        if name == "uniqueidentifier":
            return f"upper(({value})::text)"
        if name in TEMPORAL:
            return self._moment_text(value)
        return self._binary_text(value)

    def _binary_text(self, value: str) -> str:
        if self.style in (1, 2):
            return f"({_PREFIX[self.style]}upper(encode({value}, 'hex')))"
        if self.target.name in UNICODE:
            return f"mssql.utf16_text({value})"
        return f"convert_from({value}, '{'UTF8' if is_utf8_collation(self.target.collation) else 'WIN1252'}')"

    def _moment_text(self, value: str) -> str:
        name = self.source.name
        style = self.style or (100 if name in ("datetime", "smalldatetime") else 121)
        if style in (121, 126):
            return self._iso_text(value, style)
        if name == "date":
            return f"mssql.moment_text(mssql.d_days({value}), 0, 0, 'date', 0, {style})"
        if name == "time":
            return f"mssql.moment_text(0, {value}, 0, 'time', {self.source.scale}, {style})" + _null_guard(value)
        if name == "datetimeoffset":
            local = f"mssql.o_local({value})"
            zone = f"mssql.o_off({value})"
        else:
            local, zone = f"({value})", "0"
        scale = {"datetime": 3, "smalldatetime": 0}.get(name, self.source.scale)
        kind = "offset" if name == "datetimeoffset" else "point"
        return f"mssql.moment_text(({local} / 864000000000)::int, {local} % 864000000000, {zone}, '{kind}', {scale}, {style})"

    def _iso_text(self, value: str, style: int) -> str:
        name = self.source.name
        scale = {"datetime": 3, "smalldatetime": 0, "date": 0}.get(name, self.source.scale)
        if name == "date":
            return f"mssql.moment_iso(mssql.d_days({value}), 0, 0, 0, 0, {style})"
        if name == "time":
            return f"mssql.moment_iso(0, {value}, 0, 1, {scale}, {style})"
        if name == "datetimeoffset":
            local = f"mssql.o_local({value})"
            days, ticks = f"({local} / 864000000000)::int", f"{local} % 864000000000"
            return f"mssql.moment_iso({days}, {ticks}, mssql.o_off({value}), 3, {scale}, {style})"
        return f"mssql.moment_iso((({value}) / 864000000000)::int, ({value}) % 864000000000, 0, 2, {scale}, {style})"

    def _string_to_string(self, value: str) -> str:
        target, source = self.target, self.source
        utf8 = is_utf8_collation(target.collation)
        if target.name not in UNICODE and source.name in UNICODE and not utf8:
            value = f"mssql.cp1252({value})"
        return self._fit_string(value, utf8)

    def _sized_text(self, value: str) -> str:
        """Text made of a number or moment: too long for the target is an error for numbers, a cut otherwise."""
        if self.target.length in (MAX, None) or (self.target.length or 0) >= 60:
            numeric = value
        elif self.source.name in INTEGERS | EXACT | APPROXIMATE | {"uniqueidentifier"}:
            numeric = f"mssql.num_text({value}, {self.target.length}, '{self.source.name}', '{self.target.name}', {self.attempt})"
        else:
            return self._fit_string(value, False)
        return self._pad(numeric, False)

    def _fit_string(self, value: str, utf8: bool) -> str:
        target, source = self.target, self.source
        size = target.length
        if size in (MAX, None):
            return value
        unicode_target = target.name in UNICODE
        same_count = source.name in CHARACTER and (source.name in UNICODE) == unicode_target and not utf8
        if not (same_count and source.length not in (None, MAX) and (source.length or 0) <= (size or 0)):
            if self.place is not None:
                place = quote(self.place)
                value = f"mssql.fit_n({value}, {size}, {place})" if unicode_target else (
                    f"mssql.fit_v({value}, {size}, {_bool(utf8)}, {place})"
                )  # fmt: skip
            else:
                value = (
                    f"mssql.cut_n({value}, {size})"
                    if unicode_target
                    else f"mssql.cut_v({value}, {size}, {_bool(utf8)})"
                )
        return self._pad(value, utf8)

    def _pad(self, value: str, utf8: bool) -> str:
        if self.target.name == "nchar":
            return f"mssql.pad_n({value}, {self.target.length})"
        if self.target.name == "char":
            return f"mssql.pad_v({value}, {self.target.length}, {_bool(utf8)})"
        return value

    def _from_string(self, value: str) -> str:
        name, target, source, attempt = self.target.name, self.target, self.source.name, self.attempt
        if name == "bit":
            return f"mssql.s_bit({value}, '{source}', {attempt})"
        if name in INTEGERS:
            return f"mssql.s_int({value}, '{name}', '{source}', {attempt})::{storage(target)}"
        if name in ("decimal", "numeric"):
            return f"mssql.s_dec({value}, {target.precision}, {target.scale}, '{source}', {attempt})"
        if name in EXACT:
            return f"mssql.s_money({value}, '{name}', '{source}', {attempt})"
        if name in APPROXIMATE:
            return f"mssql.s_float({value}, '{name}', '{source}', {attempt})::{storage(target)}"
        if name == "uniqueidentifier":
            return f"mssql.s_uuid({value}, {attempt})"
        if name == "date":
            return f"mssql.s_date({value}, {attempt})"
        if name == "time":
            return f"mssql.s_time({value}, {target.scale}, {attempt})"
        if name in POINTS:
            return f"mssql.s_point({value}, {target.scale or 0}, '{name}', '{source}', {attempt})"
        if name == "datetimeoffset":
            return f"mssql.s_offset({value}, {target.scale}, {attempt})"
        return self._string_to_binary(value)

    def _string_to_binary(self, value: str) -> str:
        if self.place is not None and self.source.name in CHARACTER:
            raise SqlError(
                257, f"Implicit conversion from data type {self.source.name} to {declare(self.target).split('(')[0]} is "
                "not allowed. Use the CONVERT function to run this query.",
            )  # fmt: skip
        if self.style in (1, 2):
            value = f"mssql.s_bytes({value}, {self.style}, {self.attempt})"
        elif self.source.name in UNICODE:
            value = f"mssql.utf16({value})"
        else:
            value = f"mssql.vbytes({value}, {_bool(is_utf8_collation(self.source.collation))})"
        return self._fit_binary(value)

    # --- binary --------------------------------------------------------------------------------------------------

    def _to_binary(self, value: str) -> str:
        name, size, target = self.source.name, self.target.length, self.target.name
        if name in BINARY:
            return self._fit_binary(value)
        if name == "uniqueidentifier":
            return self._fit_binary(f"mssql.uuid_swap(uuid_send({value}))")
        if name in INTEGERS:
            width = SYSTEM_TYPES[name][2]
            if size not in (MAX, None) and (size or 0) < width:
                return f"mssql.int_bytes(({value})::bigint, {size})"
            made = f"mssql.int_bytes(({value})::bigint, {width})"
            if self.target.name == "binary":
                made = f"(decode(repeat('00', {(size or 1) - width}), 'hex') || {made})"
            return made
        if name in APPROXIMATE:
            width, send = (4, "float4send") if name == "real" else (8, "float8send")
            made = f"{send}({value})"
            if size in (MAX, None) or (size or 0) == width:
                return made
            if (size or 0) < width:
                return f"substring({made} FROM {width - (size or 0) + 1})"
            return f"(decode(repeat('00', {(size or 1) - width}), 'hex') || {made})" if target == "binary" else made
        raise self.not_allowed()

    def _fit_binary(self, value: str) -> str:
        size, source = self.target.length, self.source
        if size in (MAX, None):
            return value
        if not (source.name in BINARY and source.length not in (None, MAX) and (source.length or 0) <= (size or 0)):
            if self.place is not None:
                value = f"mssql.fit_b({value}, {size}, {quote(self.place)})"
            else:
                value = f"substring({value} FROM 1 FOR {size})"
        return f"mssql.pad_b({value}, {size})" if self.target.name == "binary" else value

    def _from_binary(self, value: str) -> str:
        name = self.target.name
        if name == "bit":
            return f"(mssql.bytes_int({value}, 8) <> 0)::int::smallint"
        if name in INTEGERS:
            return f"mssql.bytes_int({value}, {max_length(self.target)})::{storage(self.target)}"
        if name == "uniqueidentifier":
            return f"encode(mssql.uuid_swap(mssql.pad_b(substring({value} FROM 1 FOR 16), 16)), 'hex')::uuid"
        raise self.not_allowed()

    # --- numbers -------------------------------------------------------------------------------------------------

    def _number(self, value: str) -> str:
        source, target = self.source.name, self.target.name
        kept = storage(self.target)
        if target == "bit":
            return f"(({value}) <> 0)::int::smallint"
        if target in INTEGERS:
            if source in INTEGERS and _WIDTH[source] <= _WIDTH[target]:
                return f"({value})::{kept}"
            return f"mssql.n_int({self._exact(value)}, '{target}', '{source}', {self.attempt})::{kept}"
        if target in ("decimal", "numeric"):
            precision, scale = self.target.precision, self.target.scale
            if source in APPROXIMATE or self.trying:
                return f"mssql.n_dec({self._exact(value)}, {precision}, {scale}, '{source}', {self.attempt})"
            return f"({value})::{kept}"
        if target in EXACT:
            return f"mssql.n_money({self._exact(value)}, '{target}', '{source}', {self.attempt})"
        return f"({value})::{kept}"

    def _exact(self, value: str) -> str:
        if self.source.name in APPROXIMATE:
            return f"({value})::text::numeric"
        return f"({value})::numeric"

    # --- calendar and clock --------------------------------------------------------------------------------------

    def _temporal(self, value: str) -> str:
        source, target = self.source.name, self.target.name
        if source not in TEMPORAL:
            if target in ("datetime", "smalldatetime") and source in INTEGERS | EXACT | APPROXIMATE:
                ticks = f"round(({value})::numeric * 864000000000)::bigint + {EPOCH_1900} * 864000000000"
                return f"mssql.check_point({ticks}, '{target}', '{source}', {self.attempt})"
            raise self.not_allowed()
        if target not in TEMPORAL:
            if source in ("datetime", "smalldatetime") and target in INTEGERS | EXACT | APPROXIMATE:
                days = f"(({value}) / 864000000000.0 - {EPOCH_1900})"
                rounded = f"round({days})" if target in INTEGERS else days
                return f"({rounded})::{storage(self.target)}"
            raise self.not_allowed()
        scale = self.target.scale if self.target.scale is not None else 0
        if source == "datetimeoffset":
            if target == "datetimeoffset":
                return value if self._keeps_scale() else f"mssql.o_round({value}, {scale})"
            return self._from_point(f"mssql.o_local({value})", self.source.scale)
        if source == "date":
            if target == "time":
                raise self.not_allowed()
            return self._from_point(f"(mssql.d_days({value}) * 864000000000)", 0)
        if source == "time":
            if target == "time":
                return value if self._keeps_scale() else f"(mssql.rnd({value}, {scale}) % 864000000000)"
            if target == "date":
                raise self.not_allowed()
            return self._from_point(f"(({value}) + {EPOCH_1900} * 864000000000)", self.source.scale)
        return self._from_point(value, {"datetime": 7, "smalldatetime": 0}.get(source, self.source.scale))

    def _keeps_scale(self) -> bool:
        return (self.source.scale or 0) <= (self.target.scale or 0)

    def _from_point(self, value: str, scale: int | None) -> str:
        """From ticks since year 1."""
        target = self.target.name
        if target == "date":
            return f"mssql.p_date({value})"
        wanted = self.target.scale if self.target.scale is not None else 0
        rounded = value if scale is not None and scale <= wanted else f"mssql.rnd({value}, {wanted})"
        if target == "time":
            return f"({rounded} % 864000000000)"
        if target == "datetimeoffset":
            return f"mssql.o_make({rounded}, 0)"
        if target == "datetime2":
            if rounded == value:
                return value
            return f"mssql.check_point({rounded}, 'datetime2', '{self.source.name}', {self.attempt})"
        return f"mssql.check_point({value}, '{target}', '{self.source.name}', {self.attempt})"


def _null_guard(value: str) -> str:
    # moment_text takes constant days for a time, so a NULL time must be made NULL here.
    return f" || CASE WHEN ({value}) IS NULL THEN NULL ELSE '' END"


_PREFIX = {1: "'0x' || ", 2: ""}
_WIDTH = {"bit": 0, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
