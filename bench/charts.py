"""Bar charts as SVG, drawn here: one measurement a group, one column a bar."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

_WIDTH, _LABEL, _NUMBER, _BAR, _GAP, _TOP = 760, 190, 120, 16, 10, 34
COLOURS = {"source": "#8a8f98", "engine": "#2563eb", "server": "#16a34a", "kafka": "#d97706", "count": "#93b4f5"}


@dataclass(frozen=True)
class Bar:
    group: str
    name: str
    colour: str
    value: float
    text: str


def bars(title: str, rows: list[Bar]) -> str:
    """Bars from zero, on one scale. Every bar has its number in words, so that colour tells nothing alone."""
    most = max((row.value for row in rows), default=1) or 1
    room = _WIDTH - _LABEL - _NUMBER
    parts: list[str] = []
    at = _TOP
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            at += _GAP
            parts.append(f'<text x="0" y="{at + 12}" class="group">{escape(group)}</text>')
            at += _BAR + 4
        width = max(1.0, room * row.value / most)
        parts.append(f'<text x="{_LABEL - 8}" y="{at + 12}" text-anchor="end">{escape(row.name)}</text>')
        parts.append(
            f'<rect x="{_LABEL}" y="{at}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{COLOURS[row.colour]}"/>'
        )
        parts.append(f'<text x="{_LABEL + width + 6:.1f}" y="{at + 12}">{escape(row.text)}</text>')
        at += _BAR + 4
    height = at + 8
    style = (
        "text{font:12px system-ui,sans-serif;fill:#444}.title{font-size:15px;font-weight:600}.group{font-weight:600}"
        "@media(prefers-color-scheme:dark){text{fill:#ccc}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img"><title>{escape(title)}</title><style>{style}</style>'
        f'<text x="0" y="18" class="title">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )
