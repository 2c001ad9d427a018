"""The collector only reads: shown over all of its sources, by their syntax.

One file sends statements; it sends the text of a `Statement`, which refuses all but one SELECT or
DESCRIBE; and what is put into such a text is a constant, a whole number or a quoted name. All other
requests are GETs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from databricks.sdk import WorkspaceClient

from lakewarden_collector.sources.databricks.statements import quoting
from lakewarden_collector.sources.databricks.statements.statement import Statement
from tests.conventions.statement_texts import calls, unsafe_statements
from tests.support import rego

_COLLECTOR: Final = rego.CHECKOUT / "collector" / "lakewarden_collector"
_DATABRICKS: Final = _COLLECTOR / "sources" / "databricks"
_RUNNER: Final = _DATABRICKS / "statements" / "runner.py"
_LINKS: Final = _DATABRICKS / "statements" / "links.py"

_IMPORT: Final = f"from {quoting.__name__} import quote"
_PLAIN_CLIENT: Final = {"api_client", "config", "do"}
"""What is used of the SDK's client apart from its services: authenticated requests of any kind."""
_SERVICES: Final = {
    name for name, what in vars(WorkspaceClient).items() if isinstance(what, property)
} - _PLAIN_CLIENT


def _sources(folder: Path = _COLLECTOR) -> list[Path]:
    files = sorted(folder.rglob("*.py"))
    assert len(files) > 20
    return files


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _mentions(tree: ast.Module) -> Iterator[str]:
    """Yield what in a file, docstrings apart, names the API of statements."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                if name in ("statement_execution", "StatementExecutionAPI"):
                    yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                if "sql/statements" in text or "statement_execution" in text:
                    yield text


def test_one_file_alone_sends_statements() -> None:
    """A second way to the warehouse would be one that nobody guards."""
    assert [path for path in _sources() if any(_mentions(_parsed(path)))] == [_RUNNER]


def test_what_is_sent_is_the_text_of_a_statement() -> None:
    """So that what `Statement` refuses cannot be sent."""
    tree = _parsed(_RUNNER)
    [call] = calls(tree, "execute_statement")
    assert ast.unparse(call.args[0]) == "statement.text"
    [sender] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and call in [*ast.walk(node)]
    ]
    annotations = {
        arg.arg: ast.unparse(arg.annotation) for arg in sender.args.args if arg.annotation
    }
    assert annotations["statement"] == "Statement"
    assert "statement" not in {
        node.id
        for node in ast.walk(sender)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


@pytest.mark.parametrize(
    "text",
    ["DROP TABLE x", "SELECT 1; DROP TABLE x", "WITH a AS (SELECT 1) INSERT INTO b SELECT 1", ""],
)
def test_a_statement_reads(text: str) -> None:
    with pytest.raises(ValueError, match=r"statement|SELECT"):
        Statement(text=text, kind="k")


def test_names_come_into_statements_by_quoting_alone() -> None:
    """Any other name in a text is one that its owner could choose the statement with."""
    files = _sources(_DATABRICKS)
    found = [line for path in files for line in unsafe_statements(_parsed(path), path.name)]
    assert not found
    assert sum(len([*calls(_parsed(path), "Statement")]) for path in files) >= 5


def _requests(tree: ast.Module) -> dict[str, set[str]]:
    """Return what a file says of requests: methods, first arguments of `do`, services, sessions."""
    nodes = [*ast.walk(tree)]
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    output = {
        "methods": texts & {"POST", "PUT", "PATCH", "DELETE"},
        "do": {ast.unparse(call.args[0]) for call in calls(tree, "do")} - {"'GET'"},
        "services": {
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute)
            and node.attr in _SERVICES
            and ast.unparse(node.value).endswith("client")
        },
        "sessions": {ast.unparse(call.func) for call in calls(tree, "Session")},
    }
    return {what: found for what, found in output.items() if found}


def test_all_other_requests_are_gets() -> None:
    """Neither by a method of HTTP nor by a service of the SDK that could create something."""
    output = {path: _requests(_parsed(path)) for path in _sources(_DATABRICKS)}
    assert {path: found for path, found in output.items() if found} == {
        _RUNNER: {"services": {"statement_execution"}},
        _LINKS: {"sessions": {"requests.Session"}},
    }


@pytest.mark.parametrize(
    "source",
    ["do('POST')", "do(method)", "f('DELETE')", "self.client.warehouses", "requests.Session()"],
)
def test_the_search_for_requests_finds_them(source: str) -> None:
    assert _requests(ast.parse(source))


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ("Statement(text='SELECT 1')", True),
        (f"{_IMPORT}\nStatement(text=f'DESCRIBE DETAIL {{quote(name)}}')", True),
        (f"{_IMPORT} as q\nStatement(text=f'DESCRIBE DETAIL {{q(name)}}')", True),
        ("from urllib.parse import quote\nStatement(text=f'SELECT {quote(name)}')", False),
        ("def f(n: int): Statement(text=f'SELECT {n}')", True),
        ("T = 'SELECT {n:d}'\nStatement(text=T.format(n=1))", True),
        (f"{_IMPORT}\nStatement(text=', '.join(f'{{quote(a)}}' for a in names))", True),
        ("Statement(text=f'DESCRIBE DETAIL {name}')", False),
        ("def f(name): Statement(text=f'DESCRIBE DETAIL {name}')", False),
        ("def f(name: str): Statement(text='DESCRIBE DETAIL ' + name)", False),
        ("name = read()\nStatement(text=f'DESCRIBE DETAIL {name}')", False),
        ("name = 'a'\nname = read()\nStatement(text=f'DESCRIBE DETAIL {name}')", False),
        ("T = ('a', 'b')\nStatement(text=' '.join(f'{n}' for n in T))\ndef f(n): pass", True),
        ("from lakewarden_collector.x import y\nStatement(text=f'SELECT {y.TABLE}')", True),
        ("from elsewhere import y\nStatement(text=f'SELECT {y.TABLE}')", False),
        ("from lakewarden_collector.x import y\nStatement(text=f'SELECT {y.name}')", False),
        ("T = 'SELECT '\nT += name\nStatement(text=T)", False),
        ("Statement(text='DESCRIBE DETAIL %s' % name)", False),
        ("Statement(text='DESCRIBE DETAIL {}'.format(name))", False),
        ("Statement(text=' '.join(names))", False),
        (f"{_IMPORT}\nStatement(text=f'SELECT {{quote(a)}} {{b}}')", False),
        ("for a in names: Statement(text=f'SELECT {a}')", False),
        ("a, b = read()\nStatement(text=f'SELECT {b}')", False),
        ("Statement('SELECT 1')", False),
        ("Statement(**given)", False),
        ("Statement(text='SELECT 1', sliced=f'SELECT {name}')", False),
        ("Statement(text='SELECT 1', sliced='SELECT 2')", True),
    ],
)
def test_the_search_for_names_finds_them(source: str, safe: bool) -> None:  # noqa: FBT001 -- pytest names parameters
    """If it found nothing whatever it is given, the tests above would say nothing."""
    assert (not unsafe_statements(ast.parse(source), "x.py")) == safe


@pytest.mark.parametrize(
    "source",
    [
        "client.statement_execution",
        "get('/api/2.0/sql/statements')",
        "f'{host}/sql/statements/{n}'",
    ],
)
def test_the_search_for_other_ways_finds_them(source: str) -> None:
    assert [*_mentions(ast.parse(source))]
