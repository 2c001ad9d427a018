"""Types as `DESCRIBE TABLE` prints them: one that is misread would fill a table with nothing."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory.type_text import Array, Map, Scalar, Struct, Type, parse

_SCALARS = st.one_of(
    st.sampled_from(
        ["string", "bigint", "int", "double", "float", "boolean", "date", "timestamp_ntz", "binary"]
    ).map(Scalar),
    st.tuples(st.integers(1, 38), st.integers(0, 38)).map(lambda both: Scalar("decimal", both)),
    st.integers(1, 255).map(lambda length: Scalar("varchar", (length,))),
    st.just(Scalar("interval day to second")),
)
_NAMES = st.one_of(
    st.text(string.ascii_letters + "_", min_size=1, max_size=8),
    st.text(min_size=1, max_size=8).filter(str.strip),
    st.sampled_from(["not", "a b", "x`y", "it's", "a:b", "a,b", "<", "comment"]),
)
_COMMENTS = st.one_of(st.none(), st.text(max_size=12))


def _nested(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.lists(st.tuples(_NAMES, inner), min_size=1, max_size=3).map(tuple)
    return st.one_of(inner.map(Array), st.builds(Map, inner, inner), fields.map(Struct))


_TYPES = st.recursive(_SCALARS, _nested, max_leaves=6)


def _printed(kind: Type) -> str:
    """Write a type as Spark does, names quoted, since unquoted ones may be ambiguous."""
    match kind:
        case Scalar(name, numbers):
            return name + (f"({','.join(map(str, numbers))})" if numbers else "")
        case Array(element):
            return f"array<{_printed(element)}>"
        case Map(key, value):
            return f"map<{_printed(key)},{_printed(value)}>"
        case Struct(fields):
            inner = (f"{_quoted(name)}:{_printed(each)}" for name, each in fields)
            return f"struct<{','.join(inner)}>"


@st.composite
def _defined(draw: st.DrawFn, kind: Type) -> str:
    """Write a type as a definition may have it: any case and blanks, NOT NULL, comments."""
    blank = st.sampled_from(["", " ", "  "])
    match kind:
        case Scalar(name, numbers):
            words = draw(st.sampled_from([name, name.upper()]))
            if not numbers:
                return words
            return f"{words}{draw(blank)}({', '.join(map(str, numbers))})"
        case Array(element):
            return f"ARRAY{draw(blank)}<{draw(blank)}{draw(_defined(element))}{draw(blank)}>"
        case Map(key, value):
            return f"Map<{draw(_defined(key))}{draw(blank)},{draw(blank)}{draw(_defined(value))}>"
        case Struct(fields):
            inner = []
            for name, each in fields:
                between = draw(st.sampled_from([":", ": ", " "]))
                text = f"{_quoted(name)}{between}{draw(_defined(each))}"
                text += draw(st.sampled_from(["", " NOT NULL", " not  null"]))
                comment = draw(_COMMENTS)
                if comment is not None:
                    text += " COMMENT '" + comment.replace("\\", r"\\").replace("'", r"\'") + "'"
                inner.append(text + draw(blank))
            return f"STRUCT<{', '.join(inner)}>"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


@given(_TYPES)
def test_every_type_is_read_back_from_its_print(kind: Type) -> None:
    assert parse(_printed(kind)) == kind


@given(st.data(), _TYPES)
def test_every_type_is_read_back_from_a_definition(data: st.DataObject, kind: Type) -> None:
    text = data.draw(_defined(kind))
    assert parse(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # Spark prints the names of fields as they are.
        ("struct<y z:array<string>>", Struct((("y z", Array(Scalar("string"))),))),
        ("struct<t`k:int,größe:date>", Struct((("t`k", Scalar("int")), ("größe", Scalar("date"))))),
        ("struct<a int,b: string>", Struct((("a", Scalar("int")), ("b", Scalar("string"))))),
        (
            "struct<a int COMMENT 'x:y, `z`>',b string>",
            Struct((("a", Scalar("int")), ("b", Scalar("string")))),
        ),
        (" DECIMAL ( 3 , 2 ) ", Scalar("decimal", (3, 2))),
        ("timestamp_ntz", Scalar("timestamp_ntz")),
        ("string collate UTF8_LCASE", Scalar("string collate utf8_lcase")),
        ("geography(4326)", Scalar("geography", (4326,))),
    ],
)
def test_what_is_printed_and_written_in_practice_is_read(text: str, kind: Type) -> None:
    assert parse(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "array<",
        "array<int",
        "map<int>",
        "struct<>",
        "struct<a>",
        "struct<a:int>>",
        "int)",
        "decimal(3,)",
        # Spark leaves fields out of a long print, so that nobody knows what they are.
        "struct<f0:int,... 15 more fields>",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """A half-read type would make an INSERT that fails, or one that fills half of a struct."""
    with pytest.raises(ValueError, match=r"expected|left over"):
        parse(text)


@given(st.text(alphabet="abcint<>,:()` '\\1", max_size=20))
def test_any_other_text_is_read_or_refused(text: str) -> None:
    """Never an error of another kind, which would name neither column nor type."""
    try:
        parse(text)
    except ValueError:
        return
