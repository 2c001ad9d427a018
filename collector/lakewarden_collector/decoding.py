"""Reading JSON, YAML and TOML into types, safely from several threads.

msgspec (0.22.0) works out how to read a type at its first use and keeps that on the type, where
another thread that meets the same type meanwhile finds it half done: the interpreter dies of
SIGSEGV. Measured: one `Decoder(T)` built at import makes every later use of `T` safe, that of the
types within it included. So decoders and converters are values of modules, built before a run
starts a thread; `tests/conventions/test_decoders_are_built_at_import.py` finds any other.

Modules may be imported by several threads at once (a program's first calls of the public API).
`decoder` and `Converter` therefore build one at a time.
"""

from __future__ import annotations

import threading
from types import UnionType
from typing import Any, Final, Generic, TypeVar, overload

import msgspec

_T = TypeVar("_T")
_BUILDING: Final = threading.Lock()


@overload
def decoder(kind: type[_T]) -> msgspec.json.Decoder[_T]: ...
@overload
def decoder(kind: UnionType) -> msgspec.json.Decoder[Any]: ...
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Return a decoder of JSON; to be called at module level."""
    with _BUILDING:
        return msgspec.json.Decoder(kind)


class Converter(Generic[_T]):
    """Turns plain values (of YAML, TOML, a client library) into a type; made at module level.

    `msgspec.convert` has no prebuilt form, but the decoder built here has worked out the type.
    """

    def __init__(self, kind: type[_T]) -> None:
        decoder(kind)
        self._kind = kind

    def __call__(self, value: object) -> _T:
        """Return the value as the type. Raises `msgspec.ValidationError`."""
        return msgspec.convert(value, self._kind)
