"""No thread works out how to read a type: msgspec crashes where two do so at once.

`lakewarden_collector.decoding` says what was measured. Shown twice: over the syntax of all modules,
and by eight threads that read all of the product's types in an interpreter of their own.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import inspect

from lakewarden_collector import decoding
from tests.conventions.late_decoders import Use, uses
from tests.support import rego

_OURS: Final = decoding.__name__
_IMPORT: Final = f"from {_OURS} import Converter, decoder\n"
_ROOTS: Final = (rego.CHECKOUT / "collector", rego.CHECKOUT / "runner")


def _sources() -> dict[str, str]:
    found = {}
    for root in _ROOTS:
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[module] = path.read_text(encoding="utf-8")
    assert len(found) > 200
    return found


def _uses() -> list[Use]:
    return [use for use in uses(_sources()) if use.module != _OURS]


def test_types_are_worked_out_at_import_alone() -> None:
    """Write `_decode_x: Final = decoder(X).decode` or `_to_x: Final = Converter(X)` in the module.

    Both come from `lakewarden_collector.decoding`. In a function, the first two
    threads that come by at once crash the interpreter.
    """
    wrong = [use for use in _uses() if not use.allowed]
    assert not wrong, [f"{use.module}:{use.line}: {use.name}" for use in wrong]


_STRESS: Final = Path(__file__).parent / "read_types_at_once.py"


def test_eight_threads_read_all_types_at_once() -> None:
    """What is read is found as the test above finds it, so a type that is new comes along."""
    asked = [*_kinds_and_values()]
    assert ("lakewarden_collector.inventory", "TableDocument") in [each[:2] for each in asked]
    assert len(asked) > 25
    done = subprocess.run(
        [sys.executable, _STRESS],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.returncode} {done.stderr[-2000:]}"


def _kinds_and_values() -> Iterator[tuple[str, str, Any]]:
    """Yield the module and the name of each type that is read, and a value that fits it."""
    for use in _uses():
        if use.kind is not None:
            text = ast.unparse(use.kind)
            with contextlib.suppress(NameError):  # not a type's name but a parameter's
                kind = eval(text, vars(importlib.import_module(use.module)))  # noqa: S307 -- ours
                yield use.module, text, _value(inspect.type_info(kind))


def _value(kind: inspect.Type) -> Any:  # noqa: ANN401 -- a value of any type
    """Return a value that fits a type with all its parts, or nearly."""
    match kind:
        case inspect.UnionType(types=kinds):
            value = _value(max(kinds, key=lambda each: isinstance(each, inspect.StructType)))
        case inspect.StructType(fields=fields, tag=tag, tag_field=tag_field):
            value = {field.encode_name: _value(field.type) for field in fields}
            value |= {str(tag_field): tag} if tag is not None else {}
        case inspect.LiteralType(values=values):
            value = values[0]
        case inspect.EnumType(cls=cls):
            value = next(iter(cls)).value
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            value = [_value(item)]
        case inspect.DictType(value_type=item):
            value = {"2026-11-28": _value(item)}
        case inspect.IntType() | inspect.FloatType() | inspect.BoolType():
            value = isinstance(kind, inspect.BoolType) or 1
        case _:
            value = "2026-11-28T00:00:00Z"
    return value


@pytest.mark.parametrize(
    "source",
    [
        "import msgspec\ndef f(b): return msgspec.json.decode(b, type=int)",
        "import msgspec as m\ndef f(b): return m.json.decode(b, type=int)",
        "import msgspec.json as j\ndef f(b): return j.decode(b, type=int)",
        "from msgspec import json as j\nf = lambda b: j.decode(b, type=int)",
        "from msgspec.json import decode\ndef f(b): return decode(b, type=int)",
        "from msgspec.json import decode as read\nclass A:\n def f(self, b): read(b, type=int)",
        "def f(b):\n from msgspec.json import decode\n return decode(b, type=int)",
        "import msgspec\nasync def f(b): return msgspec.msgpack.decode(b, type=int)",
        "import msgspec\ndef f(b): return msgspec.yaml.decode(b, type=int)",
        "import msgspec\ndef f(b): return msgspec.toml.decode(b, type=int)",
        "import msgspec\ndef f(b, **how): return msgspec.json.decode(b, **how)",
        "from msgspec import convert\ndef f(b): return convert(b, int)",
        "from msgspec import convert as c\ndef f(b): return c(b, type=int)",
        "import msgspec\ndef f(): return msgspec.json.Decoder(int)",
        "import msgspec\ndef f(): return msgspec.json.Decoder[int](int)",
        "import msgspec\ndef f():\n class A:\n  d = msgspec.json.Decoder(int)",
        "from msgspec.msgpack import Decoder\ndef f(): return Decoder(int)",
        "import msgspec\nread = msgspec.json.decode\ndef f(b): return read(b, type=int)",
        "import functools, msgspec\nread = functools.partial(msgspec.json.decode, type=int)",
        "import msgspec\nf = getattr(msgspec, 'convert')",
        "import msgspec\nD = (msgspec.json.Decoder(k) for k in (int, str))",
        "import msgspec\nclass D(msgspec.json.Decoder): pass",
        "import msgspec\nD = msgspec.json.Decoder(int)",
        "from msgspec import *",
        _IMPORT + "def f(): return decoder(int)",
        _IMPORT + "class A:\n def __init__(self): self.d = Converter(int)",
        "from lakewarden_collector import decoding as d\ndef f(): return d.decoder(int)",
        f"import {_OURS}\ndef f(): return {_OURS}.Converter(int)",
        _IMPORT + "make = lambda kind: decoder(kind)",
        _IMPORT + "D = map(decoder, (int, str))",
    ],
)
def test_the_search_finds(source: str) -> None:
    """If it found nothing, the tests above would say nothing."""
    assert [use for use in uses({"x": source}) if not use.allowed]


def test_the_search_follows_names_through_modules() -> None:
    other = "from msgspec import convert as c"
    late = "from a.other import c\ndef f(b): return c(b, int)"
    assert [use.module for use in uses({"a.other": other, "a.late": late})] == ["a.late"]


@pytest.mark.parametrize(
    "source",
    [
        "import msgspec\ndef f(b): return msgspec.json.decode(b)",
        "import msgspec\ndef f(b: msgspec.json.Decoder[int]) -> msgspec.json.Decoder[int]: pass",
        "import json\ndef f(b): return json.decode(b, type=int)",
        "def f(convert, b): return convert(b, int)",
        _IMPORT + "D = decoder(int).decode",
        _IMPORT + "class A:\n D = Converter(int)",
        _IMPORT + "D = {kind: decoder(kind) for kind in (int, str)}",
        _IMPORT + "def f(b, d=decoder(int)): return d.decode(b)",
    ],
)
def test_the_search_leaves_alone(source: str) -> None:
    assert not [use for use in uses({"x": source}) if not use.allowed]
