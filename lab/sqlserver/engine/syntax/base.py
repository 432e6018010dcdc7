"""The cursor over tokens that all parser parts share."""

from __future__ import annotations

from lab.sqlserver.model import SqlError

from .lexer import Kind, Lexer, Token, syntax_error
from .nodes import Name
from .words import RESERVED


def unsupported(construct: str, line: int = 1) -> SqlError:
    """The stand-in's own refusal: a construct SQL Server has and this engine has not."""
    return SqlError(40517, f"The SQL Server stand-in does not support {construct}.", 16, 1, line)


class Cursor:
    def __init__(self, text: str, quoted_identifier: bool = True) -> None:
        self.text = text
        self._tokens = Lexer(text, quoted_identifier).tokens()
        self._index = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._index]

    def ahead(self, count: int = 1) -> Token:
        return self._tokens[min(self._index + count, len(self._tokens) - 1)]

    def advance(self) -> Token:
        token = self._tokens[self._index]
        if token.kind is not Kind.END:
            self._index += 1
        return token

    def error(self, token: Token | None = None) -> SqlError:
        token = token or self.token
        near = token.text
        if token.kind is Kind.END and self._index > 0:
            near = self._tokens[self._index - 1].text
        if token.kind is Kind.WORD and token.upper in RESERVED:
            return SqlError(156, f"Incorrect syntax near the keyword '{token.text}'.", 15, 1, token.line)
        return syntax_error(near, token.line)

    def at_word(self, *words: str) -> bool:
        """The tokens from here on are these bare words."""
        for offset, word in enumerate(words):
            token = self.ahead(offset) if offset else self.token
            if token.kind is not Kind.WORD or token.upper != word:
                return False
        return True

    def at_any(self, *words: str) -> bool:
        return self.token.kind is Kind.WORD and self.token.upper in words

    def at_op(self, op: str) -> bool:
        return self.token.kind is Kind.OP and self.token.text == op

    def take_word(self, *words: str) -> bool:
        if not self.at_word(*words):
            return False
        self._index += len(words)
        return True

    def take_op(self, op: str) -> bool:
        if not self.at_op(op):
            return False
        self._index += 1
        return True

    def need_word(self, *words: str) -> None:
        if not self.take_word(*words):
            raise self.error()

    def need_op(self, op: str) -> None:
        if not self.take_op(op):
            raise self.error()

    def at_name(self) -> bool:
        token = self.token
        return token.kind is Kind.QUOTED or (token.kind is Kind.WORD and token.upper not in RESERVED)

    def identifier(self) -> str:
        """One name part; quoted, or a bare word that is not reserved."""
        if not self.at_name():
            raise self.error()
        token = self.advance()
        if len(token.text) > 128:
            raise SqlError(
                103, f"The identifier that starts with '{token.text[:116]}' is too long. Maximum length is 128.", 15
            )
        return token.text

    def name(self) -> Name:
        """A dotted name; `db..t` leaves the middle part empty."""
        parts = [self.identifier()]
        while self.at_op("."):
            self.advance()
            parts.append("" if self.at_op(".") else self._part_after_dot())
        if len(parts) > 4:
            raise self.error()
        return Name(tuple(parts))

    def _part_after_dot(self) -> str:
        # After a dot even a reserved word is read as a name part (sys.database, t.key).
        if self.token.kind in (Kind.WORD, Kind.QUOTED):
            return self.advance().text
        raise self.error()

    def integer(self) -> int:
        negative = self.take_op("-")
        if self.token.kind is not Kind.INTEGER:
            raise self.error()
        value = int(self.advance().text)
        return -value if negative else value

    def source(self, start: Token) -> str:
        """The text from `start` up to the current token."""
        end = self._tokens[self._index - 1].end if self._index else 0
        return self.text[start.start : end]
