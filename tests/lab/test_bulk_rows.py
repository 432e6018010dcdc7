"""bulk_rows.c against a plain Python reading of [MS-TDS], whole and cut into pieces, and against broken bytes."""

from __future__ import annotations

import datetime
import random
import struct
import uuid
from decimal import Decimal
from typing import Any

import pytest

from lab.sqlserver.engine.types import storage
from lab.sqlserver.engine.values import encoder
from lab.sqlserver.model import MAX, SqlError, SqlType, Temporal
from lab.sqlserver.tds.bulk import COPY_END, Transcoder, read_columns
from lab.sqlserver.tds.types_out import encode, type_info
from lab.sqlserver.tds.wire import ByteReader, ProtocolError, b_varchar

TYPES = [
    SqlType("tinyint"), SqlType("smallint"), SqlType("int"), SqlType("bigint"), SqlType("bit"), SqlType("real"),
    SqlType("float"), SqlType("decimal", precision=38, scale=10), SqlType("decimal", precision=5, scale=0),
    SqlType("decimal", precision=38, scale=38), SqlType("money"), SqlType("datetime"), SqlType("smalldatetime"),
    SqlType("date"), SqlType("time", scale=7), SqlType("time", scale=0), SqlType("datetime2", scale=6),
    SqlType("datetime2", scale=3), SqlType("datetimeoffset", scale=6), SqlType("uniqueidentifier"),
    SqlType("nvarchar", 40), SqlType("nvarchar", MAX), SqlType("nchar", 6), SqlType("varchar", 40),
    SqlType("varbinary", 40), SqlType("varbinary", MAX), SqlType("binary", 8),
]  # fmt: skip


def _text(r: random.Random, most: int) -> str:
    text = "".join(r.choice("aZ0 äß€\u07ff\uffff😀𝄞") for _ in range(r.randrange(most)))
    while len(text.encode("utf-16-le")) > 2 * most:
        text = text[:-1]
    return text


def _value(r: random.Random, kind: SqlType) -> Any:
    name, scale = kind.name, kind.scale or 0
    if r.random() < 0.2:
        return None
    if name in ("smallint", "int", "bigint"):
        bits = {"smallint": 15, "int": 31, "bigint": 63}[name]
        return r.choice([-(1 << bits), (1 << bits) - 1, 0, r.randrange(-(1 << bits), 1 << bits)])
    if name == "tinyint":
        return r.randrange(256)
    if name == "bit":
        return r.random() < 0.5
    if name in ("real", "float"):
        return struct.unpack("<f", struct.pack("<f", r.choice([0.0, -0.0, 1e-45, 3e38, r.uniform(-9, 9)])))[0]
    if name in ("decimal", "money"):
        digits = r.randrange(10 ** (18 if name == "money" else r.randrange(1, (kind.precision or 18) + 1)))
        return Decimal((r.randrange(2), tuple(map(int, str(digits))), -(4 if name == "money" else scale)))
    day = datetime.date.fromordinal(r.randrange(*((639906, 3652059) if name == "datetime" else (2, 3652058))))
    ticks = r.randrange(864 * 10**9) // 10 ** (7 - scale) * 10 ** (7 - scale)
    if name == "date":
        return day
    if name == "time":
        return Temporal(None, ticks)
    if name == "datetime2":
        return Temporal(day, ticks)
    if name == "datetime":
        return Temporal(day, (r.randrange(25920000) * 100_000 + 1) // 3)
    if name == "smalldatetime":
        return Temporal(
            datetime.date(1900, 1, 1) + datetime.timedelta(r.randrange(65536)), r.randrange(1440) * 600_000_000
        )
    if name == "datetimeoffset":
        return Temporal(day, ticks, r.randrange(-840, 841))
    if name == "uniqueidentifier":
        return uuid.UUID(int=r.getrandbits(128))
    if name in ("nvarchar", "nchar"):
        return _text(r, 300 if kind.length == MAX else kind.length or 1)
    if name == "varchar":
        return "".join(r.choice("aZ0 äß€Ÿ\x81") for _ in range(r.randrange(40)))
    return r.randbytes(r.randrange(300 if kind.length == MAX else (kind.length or 1) + 1))


def _wire(kind: SqlType, value: Any) -> bytes:
    if kind.name == "varchar" and value is not None:
        data = b"".join(bytes([ord(c)]) if c == "\x81" else c.encode("cp1252") for c in value)
        return struct.pack("<H", len(data)) + data
    return encode(kind, value)


def _numeric(value: Decimal, scale: int) -> bytes:
    sign, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits))) * 10 ** (scale + int(exponent))
    whole, fraction = divmod(number, 10**scale)
    groups = -(-scale // 4)
    fraction *= 10 ** (groups * 4 - scale)
    digits_of = []
    for _ in range(groups):
        fraction, low = divmod(fraction, 10000)
        digits_of.insert(0, low)
    weight = -1
    while whole:
        whole, low = divmod(whole, 10000)
        digits_of.insert(0, low)
        weight += 1
    while digits_of and not digits_of[0]:
        digits_of.pop(0)
        weight -= 1
    while digits_of and not digits_of[-1]:
        digits_of.pop()
    if not digits_of:
        weight, sign = 0, 0
    return struct.pack(f">HhHH{len(digits_of)}H", len(digits_of), weight, 0x4000 if sign else 0, scale, *digits_of)


def _expected(kind: SqlType, value: Any) -> bytes:
    if value is None:
        return b"\xff\xff\xff\xff"
    if kind.name in ("nchar", "binary"):
        size = len(value.encode("utf-16-le")) // 2 if kind.name == "nchar" else len(value)
        value += (" " if kind.name == "nchar" else b"\0") * ((kind.length or 0) - size)
    kept = encoder(kind)(value)
    form = storage(kind).split("(")[0]
    if form == "numeric":
        data = _numeric(kept, 0 if kind.name == "datetimeoffset" else 4 if kind.name == "money" else kind.scale or 0)
    elif form == "date":
        data = struct.pack(">i", kept.toordinal() - datetime.date(2000, 1, 1).toordinal())
    elif form == "uuid":
        data = kept.bytes
    elif form in ("text", "bytea"):
        data = kept.encode() if isinstance(kept, str) else kept
    else:
        letter = {"smallint": "h", "integer": "i", "bigint": "q", "real": "f", "double precision": "d"}[form]
        data = struct.pack(f">{letter}", kept)
    return struct.pack(">I", len(data)) + data


def _metadata(types: list[SqlType]) -> bytes:
    columns = b"".join(struct.pack("<IH", 0, 9) + type_info(kind) + b_varchar(f"c{i}") for i, kind in enumerate(types))
    return struct.pack("<BH", 0x81, len(types)) + columns


def _transcoder(types: list[SqlType]) -> Transcoder:
    wire = read_columns(ByteReader(_metadata(types)))
    return Transcoder(wire, [(f"c{i}", kind) for i, kind in enumerate(types)], "t.dbo.x")


def _row(types: list[SqlType], row: list[Any], compressed: bool) -> bytes:
    if not compressed:
        return b"\xd1" + b"".join(_wire(kind, value) for kind, value in zip(types, row, strict=True))
    bitmap = bytearray((len(types) + 7) // 8)
    for i, value in enumerate(row):
        bitmap[i // 8] |= (value is None) << (i % 8)
    there = (_wire(kind, value) for kind, value in zip(types, row, strict=True) if value is not None)
    return b"\xd2" + bytes(bitmap) + b"".join(there)


@pytest.mark.parametrize("seed", range(20))
def test_the_same_as_python(seed: int) -> None:
    r = random.Random(seed)
    rows = [[_value(r, kind) for kind in TYPES] for _ in range(60)]
    stream = b"".join(_row(TYPES, row, r.random() < 0.5) for row in rows) + b"\xfd" + bytes(12)
    transcoder, made, at = _transcoder(TYPES), b"", 0
    while at < len(stream):
        size = r.choice([1, 7, 100, 4088, len(stream)])
        made += b"".join(transcoder.feed(stream[at : at + size]))
        at += size
    transcoder.finish()
    head = struct.pack(">H", len(TYPES))
    expected = [head + b"".join(_expected(kind, value) for kind, value in zip(TYPES, row, strict=True)) for row in rows]
    assert made == b"".join(expected)
    assert (transcoder.rows, transcoder.done) == (60, True)
    transcoder.close()


def test_long_values_in_many_chunks() -> None:
    kinds = [SqlType("nvarchar", MAX), SqlType("varbinary", MAX)]
    text, data = "x😀" * 200_000, bytes(range(256)) * 4000
    raw = text.encode("utf-16-le")

    def chunked(value: bytes) -> bytes:
        parts = [value[i : i + 4001] for i in range(0, len(value), 4001)]
        body = b"".join(struct.pack("<I", len(part)) + part for part in parts)
        return struct.pack("<Q", 0xFFFFFFFFFFFFFFFE) + body + bytes(4)

    transcoder = _transcoder(kinds)
    made = b"".join(transcoder.feed(b"\xd1" + chunked(raw) + chunked(data)))
    assert made == struct.pack(">H", 2) + b"".join(
        struct.pack(">I", len(x)) + x for x in (text.encode(), data)
    )  # fmt: skip
    transcoder.close()


@pytest.mark.parametrize(
    ("kind", "wire", "number"),
    [
        (SqlType("nvarchar", 2), struct.pack("<H", 6) + "abc".encode("utf-16-le"), 4815),
        (SqlType("nvarchar", 2), struct.pack("<H", 3) + b"abc", 4815),
        (SqlType("nvarchar", 2), struct.pack("<H", 2) + b"\0\0", 40517),
        (SqlType("nvarchar", 2), struct.pack("<H", 2) + b"\0\xd8", 40517),
        (SqlType("float"), b"\x08" + struct.pack("<d", float("nan")), 7339),
        (SqlType("real"), b"\x04" + struct.pack("<f", float("inf")), 7339),
        (SqlType("date"), b"\x03\xff\xff\xff", 7339),
        (SqlType("time", scale=6), b"\x05\xff\xff\xff\xff\xff", 7339),
        (SqlType("datetime2", scale=6), b"\x07" + bytes(7), 4815),
        (SqlType("int"), b"\x02\0\0", 4815),
        (SqlType("uniqueidentifier"), b"\x0f" + bytes(15), 4815),
    ],
)
def test_values_that_are_none(kind: SqlType, wire: bytes, number: int) -> None:
    transcoder = _transcoder([kind])
    with pytest.raises(SqlError) as caught:
        list(transcoder.feed(b"\xd1" + wire))
    assert caught.value.number == number
    transcoder.close()


def test_truncation_by_a_narrower_column() -> None:
    wire = read_columns(ByteReader(_metadata([SqlType("nvarchar", 10)])))
    for text, fails in (("ab  ", False), ("abc", True), ("a😀", True)):
        transcoder = Transcoder(wire, [("n", SqlType("nvarchar", 2))], "t.dbo.x")
        data = text.encode("utf-16-le")
        row = b"\xd1" + struct.pack("<H", len(data)) + data
        if fails:
            with pytest.raises(SqlError) as caught:
                list(transcoder.feed(row))
            assert caught.value.number == 2628
        else:
            assert b"".join(transcoder.feed(row)) == b"\0\1\0\0\0\2ab"
        transcoder.close()


def test_an_early_end_and_nonsense() -> None:
    transcoder = _transcoder([SqlType("int")])
    list(transcoder.feed(b"\xd1\x04\0"))
    with pytest.raises(SqlError) as caught:
        transcoder.finish()
    assert caught.value.number == 4804
    with pytest.raises(ProtocolError):
        list(_transcoder([SqlType("int")]).feed(b"\x00"))


@pytest.mark.parametrize("seed", range(30))
def test_broken_bytes_are_refused_and_nothing_worse(seed: int) -> None:
    r = random.Random(seed)
    for _ in range(50):
        row = bytearray(_row(TYPES, [_value(r, kind) for kind in TYPES], r.random() < 0.5))
        for _ in range(r.randrange(1, 6)):
            row[r.randrange(1, len(row))] = r.randrange(256)
        transcoder = _transcoder(TYPES)
        try:
            for made in transcoder.feed(bytes(row)):
                assert made[:2] == struct.pack(">H", len(TYPES))
            transcoder.finish()
        except (SqlError, ProtocolError):
            pass
        transcoder.close()


def test_the_end_is_the_done_token() -> None:
    assert COPY_END == b"\xff\xff"
