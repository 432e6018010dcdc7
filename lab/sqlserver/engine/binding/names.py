"""Dotted names given as strings."""

from __future__ import annotations


def split_name(text: str) -> list[str]:
    """`[db].dbo."t"` -> ['db', 'dbo', 't']; empty when the text is no name."""
    parts: list[str] = []
    part, closing, at = "", "", 0
    while at < len(text):
        char = text[at]
        if closing:
            if char == closing and text[at + 1 : at + 2] == closing:
                part += char
                at += 1
            elif char == closing:
                closing = ""
            else:
                part += char
        elif char in '["':
            closing = "]" if char == "[" else '"'
        elif char == ".":
            parts.append(part.strip())
            part = ""
        else:
            part += char
        at += 1
    parts.append(part.strip())
    return parts if parts[-1] and not closing else []
