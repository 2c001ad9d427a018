"""The `.tf` files beside a plan: in which line a resource is declared, and its expressions as text.

A plan has neither. Files are looked for in the plan's folder, in the folders within it that local
modules name, and in those that Terraform's own list of modules names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from os.path import normpath
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from lakewarden_collector.planned import is_within
from lakewarden_collector.sources.terraform.configuration import TABLE, Module, Place

_LARGEST: Final = 4_000_000
"""Bytes of a file that are parsed; nobody writes a larger one by hand."""

_MANIFEST: Final = Path(".terraform", "modules", "modules.json")
_SUFFIXES: Final = ".tf", ".tofu", ".tf.json", ".tofu.json"
_LABELS: Final = {"resource": 2, "module": 1, "output": 1, "locals": 0}
"""The blocks that are read, and how many labels each has."""

_LITERAL_KEY: Final = re.compile(r'[\w-]+|"[^"\\$%]*"')
_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\],]')


class _Block(Struct):
    """A block: where it begins, and the text of each of its attributes."""

    file: str
    line: int
    attributes: dict[str, str]


class SourceFiles:
    """Reads declarations. Of a file that can't be read or parsed, nothing is known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        blocks_of = cache(_blocks_of)
        self._declared = cache(lambda within, word: _declared(within, word, blocks_of))
        self._listed = cache(lambda: _listed(folder))

    def line(self, module: Module | None, name: str) -> tuple[str, int] | None:
        """Return file and line of a table's declaration in a module; None where unknown."""
        block = self._blocks(module, TABLE).get(("resource", TABLE, name))
        return (block.file, block.line) if block else None

    def expression(self, module: Module, place: Place, attribute: str) -> str | None:
        """Return the text of an expression as it is written; None where unknown."""
        block = self._blocks(module, "").get(place)
        return block.attributes.get(attribute) if block else None

    def _blocks(self, module: Module | None, word: str) -> Mapping[Place, _Block]:
        folder = self._folder_of(module)
        return {} if folder is None else self._declared(folder, word)

    def _folder_of(self, module: Module | None) -> Path | None:
        if module is None:
            return None
        if module.parent is None:
            return self._folder
        source = module.call.get("source")
        parent = self._folder_of(module.parent)
        if parent and isinstance(source, str) and source.startswith(("./", "../")):
            folder = parent / source
            if is_within(folder, self._folder):
                return _plain(folder)
        listed = self._listed().get(".".join(module.path))
        return None if listed is None else _plain(self._folder / listed)


def _plain(folder: Path) -> Path:
    """Return a folder without `..` in its path, as people and code hosts write it."""
    plain = Path(normpath(folder))
    try:
        return plain if plain.samefile(folder) else folder
    except (OSError, ValueError):
        return folder


def _listed(folder: Path) -> dict[str, str]:
    """Return the folder of each module by its path, as `terraform init` has noted them."""
    try:
        content = json.loads((folder / _MANIFEST).read_bytes())
        modules = [each for each in content["Modules"] if isinstance(each, dict)]
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return {}
    return {
        each["Key"]: each["Dir"]
        for each in modules
        if isinstance(each.get("Key"), str) and isinstance(each.get("Dir"), str)
    }


def _declared(
    folder: Path, word: str, blocks_of: Callable[[str, str], list[tuple[Place, _Block]]]
) -> dict[Place, _Block]:
    """Return what the files of a folder declare, of those files that have a word in them."""
    found: dict[Place, _Block] = {}
    try:
        files = [each for each in folder.iterdir() if each.name.endswith(_SUFFIXES)]
    except (OSError, ValueError):
        return found
    for file in sorted(files, key=_overrides):
        text = _text(file)
        for place, block in blocks_of(str(file), text) if word in text else ():
            # An override, and a further block of locals, only adds to the first or changes it.
            found.setdefault(place, block).attributes.update(block.attributes)
    return found


def _overrides(file: Path) -> tuple[bool, str]:
    """Order files as Terraform reads them: overrides last."""
    stem = file.name.split(".", 1)[0]
    return stem == "override" or stem.endswith("_override"), file.name


def _text(file: Path) -> str:
    """Return the text of a file; none of one that can't be read, or that nobody wrote by hand."""
    try:
        return "" if file.stat().st_size > _LARGEST else file.read_text("utf-8-sig")
    except (OSError, ValueError):
        return ""


def _blocks_of(file: str, text: str) -> list[tuple[Place, _Block]]:
    # Imported here, since it takes 0.1 s, and only where there are such files.
    from lark.exceptions import LarkError  # noqa: PLC0415 -- see above

    read = _json_blocks if file.endswith(".json") else _hcl_blocks
    try:
        return [(place, _Block(file, line, attributes)) for place, line, attributes in read(text)]
    except (ValueError, RuntimeError, LarkError):  # a line is worth no failure
        return []


def _hcl_blocks(text: str) -> Iterator[tuple[Place, int, dict[str, str]]]:
    import hcl2  # noqa: PLC0415 -- as above

    for body in hcl2.parses_to_tree(text + "\n").children:
        for block in body.children:
            if block.data != "block":
                continue
            kind, *rest = block.children
            count = _LABELS.get(_label(kind))
            if count is None:
                continue
            attributes = {
                _label(each.children[0]): _slice(each.children[-1], text)
                for inner in rest
                for each in getattr(inner, "children", ())
                if getattr(each, "data", "") == "attribute"
            }
            yield tuple(map(_label, (kind, *rest[:count]))), block.meta.line, attributes


def object_entry(text: str, key: str) -> str | None:
    """Return the expression of a key in the text of an object; None where that can't be told.

    It can't where a key of the object is an expression itself, or is there twice.
    """
    return _object_entries(text).get(key)


@lru_cache(maxsize=32)  # each of a thousand tables may be an entry of one object
def _object_entries(text: str) -> Mapping[str, str | None]:
    import hcl2  # noqa: PLC0415 -- as above
    from lark.exceptions import LarkError  # noqa: PLC0415 -- as above

    line = f"x = {text}\n"
    try:
        (attribute,) = hcl2.parses_to_tree(line).children[0].find_data("attribute")
    except (ValueError, RuntimeError, LarkError):
        return {}
    value = attribute.children[-1].children
    if len(value) != 1 or getattr(value[0], "data", "") != "object":
        return {}
    found: dict[str, str | None] = {}
    for element in value[0].children:
        if getattr(element, "data", "") == "object_elem":
            name = _slice(element.children[0], line)
            if not _LITERAL_KEY.fullmatch(name):
                return {}
            name = name.strip('"')
            found[name] = None if name in found else _slice(element.children[-1], line)
    return found


def _label(part: Any) -> str:  # noqa: ANN401 -- a tree or token of lark
    tokens = part.scan_values(lambda _: True) if hasattr(part, "scan_values") else part
    return "".join(tokens).strip('"')


def _slice(part: Any, text: str) -> str:  # noqa: ANN401 -- a tree of lark
    return text[part.meta.start_pos : part.meta.end_pos]


def _json_blocks(text: str) -> Iterator[tuple[Place, int, dict[str, str]]]:
    """Yield the blocks of the JSON form, in which a block may also be a list of blocks."""
    lines = dict(_lines_of_keys(text))
    content = json.loads(text)
    for kind, count in _LABELS.items():
        found: list[tuple[Place, Any]] = [((kind,), content)]
        for depth in range(count + 1):
            found = [
                ((*place, key) if depth else place, value)
                for place, outer in found
                for key, value in _entries(outer)
                if depth or key == kind
            ]
        for place, block in found:
            # A text is a template, so it's written as one.
            texts = {key: json.dumps(value) for key, value in _entries(block)}
            yield place, lines.get(place, 1), texts


def _entries(value: object) -> Iterator[tuple[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from each.items()


def _lines_of_keys(text: str) -> Iterator[tuple[Place, int]]:
    """Yield the path of every key of a JSON text with its line, the last ones first."""
    found: list[tuple[Place, int]] = []
    open_keys: list[str | None] = []
    key: str | None = None
    line, end = 1, 0
    for token in _TOKEN.finditer(text):
        line, end = line + text.count("\n", end, token.start()), token.start()
        if token[2]:
            key = json.loads(token[1])
            path = tuple(each for each in (*open_keys, key) if each is not None)
            found.append((path, line))
            continue
        if token[0] in "{[":
            open_keys.append(key)
        elif token[0] in "}]" and open_keys:
            open_keys.pop()
        key = None
    return reversed(found)
