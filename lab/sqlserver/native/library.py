"""Compiles the C files here at their first use; the results are kept under the hashes of the sources."""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_FLAGS = ("-O2", "-std=gnu11", "-shared", "-fPIC", "-Wall", "-Wextra")


class Column(ctypes.Structure):
    """`column` of bulk_rows.c."""

    _fields_ = [(name, ctypes.c_int32) for name in ("form", "kind", "size", "scale", "limit", "target", "pad")]


def compiled(name: str) -> Path:
    source = Path(__file__).with_name(f"{name}.c")
    text = source.read_bytes()
    digest = hashlib.sha256(text + " ".join(_FLAGS).encode()).hexdigest()[:16]
    folder = Path(os.environ.get("MILLRACE_DEPS") or _ROOT / ".deps") / "native"
    made = folder / f"{name}-{digest}.so"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{made.name}.{os.getpid()}"
        subprocess.run(["gcc", *_FLAGS, "-o", str(partial), str(source)], check=True)
        partial.replace(made)
    return made


@cache
def library() -> ctypes.CDLL:
    made = ctypes.CDLL(str(compiled("bulk_rows")))
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
        ("bulk_new", pointer, [ctypes.c_int32, ctypes.POINTER(Column)]),
        ("bulk_free", None, [pointer]),
        ("bulk_feed", ctypes.c_int, [pointer, ctypes.c_char_p, size]),
        ("bulk_step", ctypes.c_int, [pointer, size]),
        ("bulk_output", pointer, [pointer]),
        ("bulk_output_size", size, [pointer]),
        ("bulk_clear_output", None, [pointer]),
        ("bulk_rows", ctypes.c_int64, [pointer]),
        ("bulk_failure", ctypes.c_int32, [pointer]),
        ("bulk_failed_column", ctypes.c_int32, [pointer]),
        ("bulk_unread", size, [pointer]),
    ):
        function = getattr(made, name)
        function.restype, function.argtypes = result, arguments
    return made
