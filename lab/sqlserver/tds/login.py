"""LOGIN7. [MS-TDS] 2.2.6.4."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from lab.sqlserver.model import Login, SqlError
from lab.sqlserver.tds.wire import ByteReader, ProtocolError

TDS_73A = 0x730A0003
TDS_74 = 0x74000004
TDS_80 = 0x08000000

FEATURE_UTF8_SUPPORT = 0x0A
FEATURE_TERMINATOR = 0xFF

_FIXED_SIZE = 94
_OPTION2_INTEGRATED_SECURITY = 0x80
_OPTION3_CHANGE_PASSWORD = 0x01
_OPTION3_EXTENSION = 0x10


@dataclass(frozen=True)
class LoginRequest:
    login: Login
    tds_version: int
    packet_size: int
    library: str
    features: dict[int, bytes] = field(default_factory=dict)


def parse_login(body: bytes) -> LoginRequest:
    """Raises `SqlError` for a login that is well formed but of a kind that is not served."""
    if len(body) < _FIXED_SIZE or struct.unpack_from("<I", body)[0] > len(body):
        raise ProtocolError("LOGIN7 is shorter than it says")
    version, packet_size = struct.unpack_from("<II", body, 4)
    _check_version(version)
    option2, option3 = body[25], body[27]
    if option2 & _OPTION2_INTEGRATED_SECURITY:
        text = "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."
        raise SqlError(18452, text, 14)
    if option3 & _OPTION3_CHANGE_PASSWORD:
        raise SqlError(18456, "Login failed: changing the password at login is not supported here.", 14)
    login = Login(
        host_name=_text(body, 36),
        user=_text(body, 40),
        password=_deobfuscate(_raw(body, 44)),
        app_name=_text(body, 48),
        language=_text(body, 64),
        database=_text(body, 68),
    )
    features = _features(body) if option3 & _OPTION3_EXTENSION else {}
    return LoginRequest(login, version, packet_size, _text(body, 60), features)


def _check_version(version: int) -> None:
    if version >= TDS_73A or version == TDS_80:
        return
    raise SqlError(17826, f"TDS version {version:#010x} is not supported here; 7.3, 7.4 and 8.0 are.", 20)


def _raw(body: bytes, slot: int) -> bytes:
    offset, characters = struct.unpack_from("<HH", body, slot)
    return ByteReader(body, offset).take(characters * 2)


def _text(body: bytes, slot: int) -> str:
    return _raw(body, slot).decode("utf-16-le", "surrogatepass")


def _deobfuscate(raw: bytes) -> str:
    plain = bytes(((byte ^ 0xA5) << 4 | (byte ^ 0xA5) >> 4) & 0xFF for byte in raw)
    return plain.decode("utf-16-le", "surrogatepass")


def _features(body: bytes) -> dict[int, bytes]:
    offset, _ = struct.unpack_from("<HH", body, 56)
    reader = ByteReader(body, ByteReader(body, offset).u32())
    features: dict[int, bytes] = {}
    while (number := reader.u8()) != FEATURE_TERMINATOR:
        features[number] = reader.take(reader.u32())
    return features
