"""Table documents at the edges of their schema: examples, with one part or several changed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

import msgspec

from lakewarden.kit.edges import Edges
from lakewarden.kit.example_decisions import EXAMPLE_TABLE, example
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument, TableDocument, encoded, json_schema

Json = dict[str, Any]
Edit = Callable[[Json], None]
"""Changes a document in place."""

_decode: Final = decoder(TableDocument).decode
_PARTS: Final = ("catalog_name", "schema_name", "name")
_MOST_EDITS: Final = 4
_SINGLES: Final = 800
"""So many documents have one part changed; later ones mostly several."""

_MOST_MISSES: Final = 20_000
_SEED: Final = 20261129


def legal(document: Json) -> EncodedDocument | None:
    """Return a document as a run reads it; None where a run refuses it."""
    named = {**document, "full_name": ".".join(str(document[part]) for part in _PARTS)}
    try:
        return encoded(_decode(json.dumps(named)))
    except (msgspec.ValidationError, ValueError):
        return None


def edge_documents(edges: Edges, examples: Sequence[Mapping[str, Any]]) -> Iterator[Json]:
    """Yield documents without end, each legal and each once; the same ones every time.

    First come the examples, then these with one part changed, then with several. `examples` are
    fields of a table document, as annotations have them.
    """
    rng = random.Random(_SEED)  # noqa: S311 -- a repeatable sample
    bases = [{part: EXAMPLE_TABLE[part] for part in _PARTS}, dict(EXAMPLE_TABLE)]
    bases += [example(fields) for fields in examples]
    choices = _Choices(edges, examples)
    edited = (
        _edited(rng.choice(bases), [choices.draw(rng) for _ in range(number)])
        for number in chain(repeat(1, _SINGLES), (rng.randint(1, _MOST_EDITS) for _ in repeat(0)))
    )
    seen, misses = set[bytes](), 0
    for document in chain(bases, edited):
        found = legal(document)
        if found is None or found.data in seen:
            misses += 1
            if misses > _MOST_MISSES:  # there may be no others
                return
            continue
        misses = 0
        seen.add(found.data)
        yield document


def _edited(base: Json, edits: Sequence[Edit]) -> Json:
    document: Json = copied(base)
    for edit in edits:
        edit(document)
    return document


class _Choices:
    """What can be changed about a document: parts, places in them, and values of these."""

    def __init__(self, edges: Edges, examples: Sequence[Mapping[str, Any]]) -> None:
        self._edges = edges
        self._parts: list[list[list[Edit]]] = []
        """Part to place to edits: each part is as likely as any other, and each of its places."""
        schema = json_schema()
        self._definitions: Mapping[str, Json] = schema["$defs"]
        table = self._definitions["TableDocument"]
        statuses = self._definitions["Absence"]["properties"]["status"]["enum"]
        for name, part in table["properties"].items():
            if name not in edges.names or name in {"full_name", "evidence"}:
                continue
            whole = [_put((name,), fields[name]) for fields in examples if name in fields]
            if name not in table["required"]:
                whole += [_without((name,)), *(_absent(name, status) for status in statuses)]
            known = sorted({key for each in examples for key in _keys(each.get(name))})
            self._parts.append([whole, *self._of_part((name,), part, known)])
        self._parts = [[place for place in part if place] for part in self._parts]
        self._parts = [part for part in self._parts if part]

    def draw(self, rng: random.Random) -> Edit:
        """Return one edit."""
        return rng.choice(rng.choice(rng.choice(self._parts))) if self._parts else _nothing

    def _of_part(
        self, path: tuple[str, ...], part: Json, known: Collection[str]
    ) -> Iterator[list[Edit]]:
        """Yield the edits of each place in a part that its schema describes."""
        if "$ref" in part:
            inner = self._definitions[part["$ref"].rpartition("/")[2]]
            for name, each in inner["properties"].items():
                if name in self._edges.names:
                    yield [_without((*path, name))]
                    yield from self._of_part((*path, name), each, known)
        elif part.get("type") == "array":
            yield from self._of_list(path, part["items"])
        elif part.get("type") == "object" and "additionalProperties" in part:
            yield [_put(path, {})]
            # Keys of the examples are as likely as all others together.
            keys = [key for key in self._edges.words if key and key not in known]
            others = [edit for key in keys for edit in self._of_key((*path, key))]
            yield others
            for key in known:
                yield self._of_key((*path, key))
        else:
            likely: Mapping[str, Sequence[Any]] = {
                "integer": self._edges.thresholds,
                "string": self._edges.lengths if not part.keys() & {"enum", "pattern"} else (),
            }
            yield [_put(path, value) for value in likely.get(part.get("type", ""), ())]
            yield [_put(path, value) for value in self._values(part)]

    def _of_key(self, path: tuple[str, ...]) -> list[Edit]:
        names = [column["name"] for column in EXAMPLE_TABLE["columns"]]
        lists = [json.dumps([[each] for each in names[:number]]) for number in self._edges.few]
        values = ["true", "false", "", "x", *lists, *map(str, self._edges.few)]
        return [_without(path), *(_put(path, value) for value in values)]

    def _of_list(self, path: tuple[str, ...], items: Json) -> Iterator[list[Edit]]:
        whole = EXAMPLE_TABLE["columns"]
        if "$ref" not in items:
            names = [column["name"] for column in whole]
            yield [_put(path, names[:number]) for number in self._edges.few]
            yield [_put(path, [word]) for word in self._edges.words]
            return
        yield [_put(path, whole[:number]) for number in self._edges.few]
        for name in whole[0]:
            if name not in self._edges.names:
                continue
            without = [{key: each[key] for key in each if key != name} for each in whole]
            yield [_put(path, without), _put(path, [*without[:1], *whole[1:]])]
            if name == "name":
                for texts in (self._edges.words, self._edges.lengths):
                    yield [_put(path, [{**whole[0], name: text}]) for text in texts]
            elif isinstance(whole[0][name], str):
                yield [
                    _put(
                        path, [*({**each, name: value} for each in whole[:number]), *whole[number:]]
                    )
                    for value in (*self._edges.words, *self._edges.texts)
                    for number in (1, len(whole) - 1, len(whole))
                ]

    def _values(self, part: Json) -> Iterator[Any]:
        if "enum" in part:
            yield from part["enum"]
        elif part.get("type") == "boolean":
            yield from (True, False)
        elif part.get("type") == "integer":
            yield from self._edges.numbers
        elif "pattern" in part:
            yield from self._edges.times
        else:
            yield from self._edges.words
            yield from self._edges.texts


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401 -- any JSON
    if isinstance(value, Mapping):
        yield from value


def copied(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    """Return a copy of a JSON value that shares nothing with it."""
    if isinstance(value, dict):
        return {name: copied(each) for name, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def _nothing(_: Json) -> None:
    """Change nothing."""


def _put(path: tuple[str, ...], value: Any) -> Edit:  # noqa: ANN401 -- any JSON
    def edit(document: Json) -> None:
        at = document
        for step in path[:-1]:
            at = at.setdefault(step, {})
        at[path[-1]] = copied(value)
        document.get("evidence", {}).pop(path[0], None)

    return edit


def _without(path: tuple[str, ...]) -> Edit:
    def edit(document: Json) -> None:
        at: Any = document
        for step in path[:-1]:
            at = at.get(step, {})
        at.pop(path[-1], None)

    return edit


def _absent(name: str, status: str) -> Edit:
    """Return an edit that leaves a part out and says why."""

    def edit(document: Json) -> None:
        document.pop(name, None)
        absence = {"status": status, "reason": "x"}
        document["evidence"] = {**document.get("evidence", {}), name: absence}

    return edit
