"""What can come into the text of a statement, found from the syntax of the sources alone."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from lakewarden_collector.sources.databricks.statements import quoting

_SHOWN_BY_READING: Final = {
    # The names that the parameters are given in the line before it: `catalog_<index>`.
    ("metrics_history.py", "parameter.name"),
}
_SCOPES: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.Lambda)
_SMALL_SCOPES: Final = (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
_ANYTHING: Final = ast.Yield()
_WHOLE_NUMBER: Final = ast.Constant(0)


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a function or a method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name in (
            getattr(node.func, "id", None),
            getattr(node.func, "attr", None),
        ):
            yield node


def unsafe_statements(tree: ast.Module, file: str) -> list[str]:
    """Return the statements whose text may hold more than constants and quoted names."""
    texts = _Texts(tree, file)
    found = []
    for call in calls(tree, "Statement"):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        reported = [given[name] for name in ("text", "sliced") if name in given]
        if call.args or "text" not in given or not all(texts.safe(text) for text in reported):
            found.append(f"{file}:{call.lineno}: {ast.unparse(call)}")
    return found


class _Texts:
    """Tells whether an expression can only be a text that is safe within a statement.

    A name is safe where everything that is ever bound to it in its scope is.
    """

    def __init__(self, tree: ast.Module, file: str) -> None:
        self._file = file
        self._scope: dict[ast.AST, ast.AST] = {}
        self._bound: defaultdict[ast.AST, dict[str, list[ast.expr]]] = defaultdict(dict)
        self._modules: set[str] = set()
        self._quoting: set[str] = set()
        self._visit(tree, tree)

    def safe(self, node: ast.expr) -> bool:
        """Tell so; for an expression that is not understood, say no."""
        if (self._file, ast.unparse(node)) in _SHOWN_BY_READING:
            return True
        parts = self._bindings(node) if isinstance(node, ast.Name) else self._parts(node)
        return parts is not None and all(self.safe(part) for part in parts)

    def _parts(self, node: ast.expr) -> list[ast.expr] | None:
        """Return the expressions on which the safety of one hangs; None where it is not safe."""
        match node:
            case ast.Constant():
                return []
            case ast.Call(func=ast.Name(id=name)) if name in self._quoting:
                return []
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in self._modules:
                return [] if name.isupper() else None
            case ast.JoinedStr(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                return parts
            case ast.Call(func=ast.Attribute(value=text, attr="join" | "format")):
                return [text, *node.args, *(keyword.value for keyword in node.keywords)]
            case _:
                return self._of_few(node)

    @staticmethod
    def _of_few(node: ast.expr) -> list[ast.expr] | None:
        match node:
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value="d")])):
                return []  # `:d` formats nothing but a whole number
            case ast.FormattedValue(value=part) | ast.GeneratorExp(elt=part):
                return [part]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [left, right]
            case ast.IfExp(body=one, orelse=other):
                return [one, other]
            case _:
                return None

    def _bindings(self, node: ast.Name) -> list[ast.expr] | None:
        scope: ast.AST | None = self._scope.get(node)
        while scope is not None:
            if node.id in self._bound[scope]:
                return self._bound[scope][node.id]
            scope = self._scope.get(scope)
        return None

    def _visit(self, node: ast.AST, scope: ast.AST) -> None:
        if node is not scope:
            self._scope[node] = scope
        inner = node if isinstance(node, (*_SCOPES, *_SMALL_SCOPES)) else scope
        self._note(node, scope)
        for child in ast.iter_child_nodes(node):
            self._visit(child, inner)

    def _note(self, node: ast.AST, scope: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(scope, target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(scope, target, value)
            case ast.AugAssign(target=target) | ast.NamedExpr(target=target):
                self._bind(scope, target, _ANYTHING)
            case ast.comprehension(target=target, iter=values):
                self._bind(scope, target, values)
            case ast.For(target=target, iter=values):
                self._bind(scope, target, values)
            case ast.arg(arg=name, annotation=ast.Name(id="int")):
                self._bind(scope, ast.Name(name), _WHOLE_NUMBER)
            case ast.arg(arg=name):
                self._bind(scope, ast.Name(name), _ANYTHING)
            case ast.ImportFrom(module=str(package), names=names):
                self._import(scope, package, names)

    def _import(self, scope: ast.AST, package: str, names: list[ast.alias]) -> None:
        for each in names:
            name = each.asname or each.name
            if package == quoting.__name__:  # and not `urllib.parse.quote`
                self._quoting.add(name)
            if package.startswith("lakewarden_collector"):
                self._modules.add(name)
                constant = ast.Constant("") if name.isupper() else _ANYTHING
                self._bind(scope, ast.Name(name), constant)

    def _bind(self, scope: ast.AST, target: ast.expr, value: ast.expr) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                whole = value if node is target else _ANYTHING
                self._bound[scope].setdefault(node.id, []).append(whole)
