"""Reads a statement token by token; what it doesn't expect is a `SyntaxFault`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar, overload

from lakewarden_collector.names import split_name
from lakewarden_collector.sources.sql.lexer import Token

_OPENING: Final = {"(": ")", "[": "]"}
_T = TypeVar("_T")


class SyntaxFault(Exception):  # noqa: N818 -- it is told as a failure, never raised to a user
    """A statement, or a part of one, that isn't understood; `line` is the part's."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


class _Rest(Sequence[Token]):
    """The tokens from a place on, without a copy: a statement may have many thousands."""

    def __init__(self, tokens: Sequence[Token], start: int) -> None:
        self._tokens = tokens
        self._start = start

    def __len__(self) -> int:
        return len(self._tokens) - self._start

    @overload
    def __getitem__(self, at: int) -> Token: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Token]: ...

    def __getitem__(self, at: int | slice) -> Token | Sequence[Token]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            return self._tokens[self._start + start : self._start + stop : step]
        return self._tokens[self._start + at if at >= 0 else at]


class Cursor:
    """A place in a statement's tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._tokens)

    @property
    def rest(self) -> Sequence[Token]:
        """What is left."""
        return _Rest(self._tokens, self._at)

    def fault(self, expected: str) -> SyntaxFault:
        """Return that something else was expected here."""
        if self.done:
            return SyntaxFault(f"{expected} is missing at its end", self._tokens[-1].line)
        token = self._tokens[self._at]
        text = token.text if len(token.text) <= 40 else f"{token.text[:40]}…"  # noqa: PLR2004 -- enough to find it
        return SyntaxFault(f"{expected} was expected, not {text!r}", token.line)

    def at(self, *words: str) -> bool:
        """Whether these words or symbols come next."""
        if self.done or self._tokens[self._at].value != words[0]:
            return False  # as nearly always
        tokens = self._tokens[self._at : self._at + len(words)]
        return len(tokens) == len(words) and all(
            token.kind in ("word", "symbol") and token.value == word
            for token, word in zip(tokens, words, strict=True)
        )

    def take(self, *words: str) -> bool:
        """Pass these words if they come next; say whether they did."""
        if not self.at(*words):
            return False
        self._at += len(words)
        return True

    def take_any(self, *words: str) -> str:
        """Pass one of these words; return it, or nothing if none comes next."""
        return next((word for word in words if self.take(word)), "")

    def expect(self, *words: str) -> None:
        """Pass these words; raises `SyntaxFault`."""
        if not self.take(*words):
            raise self.fault(" ".join(words))

    def end(self) -> None:
        """Raise `SyntaxFault` unless nothing is left."""
        if not self.done:
            raise self.fault("the end of the statement")

    def next(self) -> Token:
        """Pass any token; raises `SyntaxFault` at the end."""
        if self.done:
            raise self.fault("more")
        self._at += 1
        return self._tokens[self._at - 1]

    def part(self, expected: str = "a name") -> str:
        """Pass one part of a name."""
        token = None if self.done else self._tokens[self._at]
        if token is None or token.kind not in ("word", "quoted") or not token.value:
            raise self.fault(expected)
        self._at += 1
        return token.text if token.kind == "word" else token.value

    def name(self, expected: str = "a name") -> tuple[str, ...]:
        """Pass a name of several parts."""
        if self.at("IDENTIFIER", "("):
            return self._identifier()
        parts = [self.part(expected)]
        while self.take("."):
            parts.append(self.part(expected))
        return tuple(parts)

    def _identifier(self) -> tuple[str, ...]:
        """Pass IDENTIFIER() of a constant string."""
        line = self._tokens[self._at].line
        self.expect("IDENTIFIER", "(")
        text = ""
        while not text or self.take("|", "|"):
            if self.done or self.rest[0].kind != "string":
                raise SyntaxFault("IDENTIFIER() leaves the name to a parameter", line)
            text += self.string()
        self.expect(")")
        try:
            return split_name(text)
        except ValueError as error:
            raise SyntaxFault(f"IDENTIFIER() holds no name: {error}", line) from error

    def string(self, expected: str = "a string") -> str:
        """Pass string literals; several in a row are one."""
        token = None if self.done else self._tokens[self._at]
        if token is None or token.kind != "string":
            raise self.fault(expected)
        text = ""
        while not self.done and self._tokens[self._at].kind == "string":
            text += self.next().value
        return text

    def number(self) -> int:
        """Pass a whole number."""
        token = None if self.done else self._tokens[self._at]
        if token is None or token.kind != "number" or not token.text.isdigit():
            raise self.fault("a whole number")
        self._at += 1
        return int(token.text)

    def listed(self, read: Callable[[Cursor], _T]) -> list[_T]:
        """Pass `(one, more, …)`."""
        self.expect("(")
        items = [read(self)]
        while self.take(","):
            items.append(read(self))
        self.expect(")")
        return items

    def parentheses(self) -> str:
        """Pass a bracket and all up to the one that closes it; return what stands in it."""
        if not self.at("("):
            raise self.fault("(")
        start = self._at + 1
        closing: list[str] = []
        while True:
            token = self.next()
            if token.kind != "symbol":
                continue
            if token.text in _OPENING:
                closing.append(_OPENING[token.text])
            elif closing and token.text == closing[-1]:
                closing.pop()
                if not closing:
                    return self._text(start, self._at - 1)

    def _text(self, start: int, end: int) -> str:
        """Return tokens as they stand in the file, with what is between them."""
        tokens = self._tokens[start:end]
        return "".join(token.gap + token.text for token in tokens).removeprefix(
            tokens[0].gap if tokens else ""
        )

    def expression(self, *ends: str) -> str:
        """Pass an expression: all up to a comma, a closing bracket or one of the words `ends`.

        Return it as it stands in the file.
        """
        start = self._at
        while not self.done and not self.at(",") and not self.at(")"):
            if self._at > start and any(self.at(*end.split()) for end in ends):
                break
            if self.at("("):
                self.parentheses()
            else:
                self._at += 1
        if self._at == start:
            raise self.fault("an expression")
        return self._text(start, self._at)

    def if_exists(self) -> bool:
        """Pass `IF EXISTS` if it comes next."""
        return self.take("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        """Pass `IF NOT EXISTS` if it comes next."""
        return self.take("IF", "NOT", "EXISTS")
