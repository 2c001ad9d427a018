"""Where msgspec works out how to read a type, found from the syntax of the sources alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lakewarden_collector import decoding

_OURS: Final = {f"{decoding.__name__}.{name}" for name in ("decoder", "Converter")}
_FORMATS: Final = ("json", "msgpack", "yaml", "toml")
_WITH_TYPE: Final = {f"msgspec.{format_}.decode" for format_ in _FORMATS}
_THEIRS: Final = {"msgspec.convert", "msgspec.json.Decoder", "msgspec.msgpack.Decoder"}
_ALL: Final = _OURS | _WITH_TYPE | _THEIRS
_LATER: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


@dataclass(frozen=True)
class Use:
    """A place that reads a type: in which module, what it calls, and for which type.

    `later` says that it does so when something calls it, not when its module is imported.
    """

    module: str
    line: int
    name: str
    kind: ast.expr | None
    later: bool

    @property
    def allowed(self) -> bool:
        """Whether it is one of ours, which are built one at a time, and at import."""
        return self.name in _OURS and not self.later


def uses(sources: Mapping[str, str]) -> Iterator[Use]:
    """Yield all uses in the modules, which are given with their texts."""
    trees = {module: ast.parse(text) for module, text in sources.items()}
    names = {module: dict(_imported(tree)) for module, tree in trees.items()}
    for module, tree in trees.items():
        yield from _Search(module, names).search(tree)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that imports bind, in whatever scope, with what they stand for."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for each in names:
                    yield (
                        each.asname or each.name.split(".")[0],
                        (each.name if each.asname else each.name.split(".")[0]),
                    )
            case ast.ImportFrom(module=str(package), names=names, level=0):
                for each in names:
                    yield each.asname or each.name, f"{package}.{each.name}"


class _Search:
    def __init__(self, module: str, names: Mapping[str, Mapping[str, str]]) -> None:
        self._module = module
        self._names = names
        self._called: set[int] = set()

    def search(self, tree: ast.Module) -> Iterator[Use]:
        return self._visit(tree, later=False)

    def _visit(self, node: ast.AST, *, later: bool) -> Iterator[Use]:
        if isinstance(node, ast.Call):
            yield from self._call(node, later=later)
        elif isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in self._called:
            name = self._resolved(node)
            if name in _ALL:  # given to something that may call it at any time
                yield Use(self._module, node.lineno, name, None, later=True)
        elif isinstance(node, ast.ImportFrom) and _takes_all_of_msgspec(node):
            yield Use(self._module, node.lineno, f"{node.module}.*", None, later=True)
        now, then = _parts(node)
        for part in now:
            yield from self._visit(part, later=later)
        for part in then:
            yield from self._visit(part, later=True)

    def _call(self, call: ast.Call, *, later: bool) -> Iterator[Use]:
        func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        name = self._resolved(func)
        if name == "builtins.getattr" and _is_msgspec(self._resolved(call.args[0])):
            yield Use(self._module, call.lineno, "getattr", None, later=True)
        if name not in _ALL:
            return
        self._called.add(id(func))
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        kind = keywords.get("type") or keywords.get("kind")
        place = 1 if name in _WITH_TYPE | {"msgspec.convert"} else 0
        if kind is None and len(call.args) > place:
            kind = call.args[place]
        if kind is not None or None in keywords or name not in _WITH_TYPE:
            yield Use(self._module, call.lineno, name, kind, later)

    def _resolved(self, node: ast.expr) -> str | None:
        """Return the dotted name that an expression stands for, as far as imports tell."""
        match node:
            case ast.Name(id=name):
                dotted = self._names[self._module].get(name, f"builtins.{name}")
            case ast.Attribute(value=value, attr=attr):
                base = self._resolved(value)
                if base is None:
                    return None
                dotted = f"{base}.{attr}"
            case _:
                return None
        return self._through_modules(dotted)

    def _through_modules(self, dotted: str) -> str:
        """Follow a name that a module of ours has imported itself."""
        for _ in range(len(self._names)):
            module, _, name = dotted.rpartition(".")
            if name not in self._names.get(module, {}) or dotted in _OURS:
                return dotted
            dotted = self._names[module][name]
        return dotted


def _takes_all_of_msgspec(node: ast.ImportFrom) -> bool:
    return _is_msgspec(node.module) and node.names[0].name == "*"


def _is_msgspec(name: str | None) -> bool:
    return (name or "").split(".")[0] == "msgspec"


def _parts(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return the parts that are evaluated with a node, and those that are when it is called.

    Annotations are neither.
    """
    if isinstance(node, ast.AnnAssign):
        return [part for part in (node.target, node.value) if part is not None], []
    if isinstance(node, ast.arg):
        return [], []
    if not isinstance(node, _LATER):
        return [*ast.iter_child_nodes(node)], []
    if isinstance(node, ast.GeneratorExp):
        first = node.generators[0].iter
        return [first], list(ast.iter_child_nodes(node))
    defaults = [each for each in [*node.args.defaults, *node.args.kw_defaults] if each is not None]
    if isinstance(node, ast.Lambda):
        return [*defaults], [node.body]
    return [*node.decorator_list, *defaults], [*node.body]
