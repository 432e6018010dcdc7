"""How the lab starts Java programs, and the files they read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab.tools import Tools

_LOGGING = Path(__file__).parent / "java" / "log4j2.properties"


def command(tools: Tools, heap_mb: int, main_class: str, *arguments: str) -> list[str]:
    # One collector thread and a heap that grows from small: several labs fit on a laptop.
    return [
        tools.java(), "-Xms64m", f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true", f"-Dlog4j2.configurationFile={_LOGGING}",
        "-cp", tools.kafka_classpath(), main_class, *arguments,
    ]  # fmt: skip


def properties(settings: Mapping[str, object]) -> str:
    return "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: object) -> str:
    return str(value).replace("\\", "\\\\")
