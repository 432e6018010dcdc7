"""Splits T-SQL text into tokens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lab.sqlserver.model import SqlError


class Kind(Enum):
    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NSTRING = "nstring"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    HEX = "hex"
    VARIABLE = "variable"
    OP = "op"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    upper: str
    start: int
    end: int
    line: int


_TWO = {"<=", ">=", "<>", "!=", "!<", "!>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "::"}
_ONE = set("()+-*/%=<>,.;&|^~:{}?")


def syntax_error(near: str, line: int) -> SqlError:
    return SqlError(102, f"Incorrect syntax near '{near}'.", 15, 1, line)


class Lexer:
    """`quoted_identifier` tells whether "x" is a name (the default) or a string."""

    def __init__(self, text: str, quoted_identifier: bool = True) -> None:
        self._text = text
        self._quoted_identifier = quoted_identifier
        self._at = 0
        self._line = 1
        self._out: list[Token] = []

    def tokens(self) -> list[Token]:
        while True:
            self._skip_blank()
            if self._at >= len(self._text):
                break
            self._one()
        self._out.append(Token(Kind.END, "", "", len(self._text), len(self._text), self._line))
        return self._out

    def _skip_blank(self) -> None:
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char == "\n":
                self._line += 1
                self._at += 1
            elif char.isspace() or char == "\ufeff":
                self._at += 1
            elif text.startswith("--", self._at):
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            elif text.startswith("/*", self._at):
                self._block_comment()
            else:
                return

    def _block_comment(self) -> None:
        depth, at = 0, self._at
        while at < len(self._text):
            if self._text.startswith("/*", at):
                depth, at = depth + 1, at + 2
            elif self._text.startswith("*/", at):
                depth, at = depth - 1, at + 2
                if depth == 0:
                    self._line += self._text.count("\n", self._at, at)
                    self._at = at
                    return
            else:
                at += 1
        raise SqlError(113, "Missing end comment mark '*/'.", 15, 1, self._line)

    def _one(self) -> None:
        text, start = self._text, self._at
        char = text[start]
        if char in "nN" and text.startswith("'", start + 1):
            self._at += 1
            self._delimited("'", "'", Kind.NSTRING, start)
        elif char == "'":
            self._delimited("'", "'", Kind.STRING, start)
        elif char == "[":
            self._delimited("[", "]", Kind.QUOTED, start)
        elif char == '"':
            self._delimited('"', '"', Kind.QUOTED if self._quoted_identifier else Kind.STRING, start)
        elif char.isdigit() or (char == "." and text[start + 1 : start + 2].isdigit()):
            self._number()
        elif char == "@":
            self._run(Kind.VARIABLE)
        elif char.isalpha() or char in "_#" or (char == "$" and text[start + 1 : start + 2].isalpha()):
            self._run(Kind.WORD)
        elif text[start : start + 2] in _TWO:
            self._push(Kind.OP, start, start + 2)
        elif char in _ONE:
            self._push(Kind.OP, start, start + 1)
        else:
            raise syntax_error(char, self._line)

    def _run(self, kind: Kind) -> None:
        at = self._at + 1
        while at < len(self._text) and (self._text[at].isalnum() or self._text[at] in "_@#$"):
            at += 1
        self._push(kind, self._at, at)

    def _push(self, kind: Kind, start: int, end: int) -> None:
        text = self._text[start:end]
        self._out.append(Token(kind, text, text.upper(), start, end, self._line))
        self._at = end

    def _delimited(self, opening: str, closing: str, kind: Kind, start: int) -> None:
        at = self._at + len(opening)
        parts: list[str] = []
        while True:
            end = self._text.find(closing, at)
            if end < 0:
                raise SqlError(
                    105, f"Unclosed quotation mark after the character string '{self._text[at:]}'.", 15, 1, self._line
                )
            parts.append(self._text[at:end])
            if self._text.startswith(closing, end + 1):
                parts.append(closing)
                at = end + 2
                continue
            break
        value = "".join(parts)
        self._out.append(Token(kind, value, value.upper(), start, end + 1, self._line))
        self._line += self._text.count("\n", start, end + 1)
        self._at = end + 1

    def _number(self) -> None:
        text, at = self._text, self._at
        if text[at : at + 2] in ("0x", "0X"):
            at += 2
            while at < len(text) and text[at] in "0123456789abcdefABCDEF":
                at += 1
            self._push(Kind.HEX, self._at, at)
            return
        kind = Kind.INTEGER
        while at < len(text) and text[at].isdigit():
            at += 1
        if at < len(text) and text[at] == ".":
            kind = Kind.DECIMAL
            at += 1
            while at < len(text) and text[at].isdigit():
                at += 1
        if at < len(text) and text[at] in "eE":
            after = at + 1
            if text[after : after + 1] in ("+", "-"):
                after += 1
            if text[after : after + 1].isdigit() or after == at + 1:
                kind = Kind.FLOAT
                at = after
                while at < len(text) and text[at].isdigit():
                    at += 1
        self._push(kind, self._at, at)
