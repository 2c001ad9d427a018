"""The smallest changes that would flip a decision, each of them decided by the engine.

First every change alone: what a domain offers to try on the table, and other values of settings. A
number is looked for outwards, ever farther from its present value, and then closed in on until the
value next to it doesn't flip. Where nothing alone flips a decision, pairs are tried.

A change of the table counts as smaller than one of the settings, which are other tables' too; of
tables the fewest fields count, then the domain's order; of settings the least change in proportion.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from msgspec import Struct, structs

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide_queries
from lakewarden.evaluation.question import Question, TableQuery
from lakewarden.evaluation.variants import Variant
from lakewarden.explain.candidates import Change, Patch, Scale, Setting, choices, scales
from lakewarden.explain.patches import difference, merged, patched
from lakewarden.model.decision import Decision, Enforcement, Outcome, TableChange
from lakewarden.model.policy import Policy
from lakewarden_collector.document import EncodedDocument

MOST: Final = 10
"""How many flips of one decision are kept, the smallest first."""

_PARTS: Final = 16
"""Into how many parts an interval is cut at a time, while an edge is looked for."""

_FARTHEST_PROBES: Final = 4
"""How many values of a numeric setting take part in pairs, upwards and downwards."""

_BATCH: Final = 25
"""Documents in one request: nearly each has settings of its own, which engines look at together."""

_GOOD: Final = frozenset({Outcome.PASS, Outcome.EXEMPT, Outcome.NOT_APPLICABLE})
_FLIPPED: Final[Mapping[Outcome, frozenset[Outcome]]] = {
    Outcome.FAIL: _GOOD,
    Outcome.UNKNOWN: _GOOD | {Outcome.FAIL},
    Outcome.ERROR: _GOOD | {Outcome.FAIL},
    **dict.fromkeys(_GOOD, frozenset({Outcome.FAIL})),
}
"""Outcome to those that a change has to lead to, to count as a flip."""

_Trial = tuple[Change, ...]
_Wanted = Mapping[str, frozenset[Outcome]]
"""Policy id to the outcomes that count as a flip."""

_Row = tuple[Scale, Sequence[int], _Trial]
"""A numeric setting, its numbers to try, outwards, and the changes beside it in each trial."""


class Flip(Struct, frozen=True, kw_only=True):
    """Changes, one or two, under which a decision comes out as `outcome`.

    Of a numeric setting the value is the one nearest to the present that does.
    """

    outcome: Outcome
    changes: tuple[Change, ...]


def is_settled(decision: Decision) -> bool:
    """Whether a waiver decides, or the settings turn the policy off: then no change counts."""
    off = decision.enforcement is Enforcement.OFF
    return off or any(each.kind == "waiver" for each in decision.exemptions)


class FlipSearch:
    """Looks for what would flip the decisions about one table."""

    def __init__(
        self,
        engine: Engine,
        question: Question,
        document: EncodedDocument,
        schemas: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._engine = engine
        self._question = question
        self._document = document
        self._plain: dict[str, Any] = json.loads(document.data)
        self._schemas = schemas
        variant = question.about(document).variant
        self._changes = variant.changes if variant else {}
        self._own = variant.settings if variant else {}
        self._settings = question.settings | self._own
        self._outcomes: dict[str, dict[str, Outcome]] = {}

    def find(
        self,
        policies: Sequence[Policy],
        decisions: Mapping[str, Decision],
        offered: Mapping[str, Sequence[TableChange]],
    ) -> dict[str, tuple[Flip, ...]]:
        """Return the flips of each policy's decision, the smallest first.

        `offered` are the changes of the table by domain. Raises `EngineError` where the engine is
        gone.
        """
        asked = [each for each in policies if not is_settled(decisions[each.policy_id])]
        by_domain: dict[str, list[Policy]] = {}
        for policy in asked:
            by_domain.setdefault(policy.policy_id.partition(".")[0], []).append(policy)
        found: dict[str, tuple[Flip, ...]] = {each.policy_id: () for each in policies}
        for domain, some in by_domain.items():
            patches = [
                Patch(title=each.title, patch=each.patch) for each in offered.get(domain, ())
            ]
            found |= self._of_domain(domain, some, decisions, patches)
        return found

    def _of_domain(
        self,
        domain: str,
        policies: Sequence[Policy],
        decisions: Mapping[str, Decision],
        patches: Sequence[Patch],
    ) -> dict[str, tuple[Flip, ...]]:
        wanted = {each.policy_id: _FLIPPED[decisions[each.policy_id].outcome] for each in policies}
        schema, settings = self._read_by(domain, policies), self._settings.get(domain, {})
        changes: list[Change] = [*patches, *choices(domain, schema, settings)]
        single: list[_Trial] = [(each,) for each in changes]
        rows: list[_Row] = [
            (scale, [*scale.probes(sign)], ())
            for scale in scales(domain, schema, settings)
            for sign in (-1, 1)
        ]
        self._decide(wanted, single)
        self._decide(wanted, (_at(scale, each) for scale, some, _ in rows for each in some))
        found: dict[str, list[Flip]] = {policy_id: [] for policy_id in wanted}
        for trial in single:
            self._note(found, wanted, trial)
        self._note_edges(found, wanted, rows)
        lacking = {name: wanted[name] for name in wanted if not found[name]}
        if lacking:
            self._pairs(found, lacking, single, rows)
        rank = _Ranking(self._plain, patches)
        return {name: tuple(sorted(some, key=rank.of)[:MOST]) for name, some in found.items()}

    def _read_by(self, domain: str, policies: Sequence[Policy]) -> dict[str, Any]:
        """Return the schemas of the settings that the policies read, as those of an object."""
        known: Mapping[str, Any] = self._schemas.get(domain, {}).get("properties", {})
        read: set[str] = set()
        for policy in policies:
            read |= known.keys() if policy.settings is None else known.keys() & {*policy.settings}
        return {"properties": {name: known[name] for name in known if name in read}}

    def _pairs(
        self,
        found: dict[str, list[Flip]],
        wanted: _Wanted,
        single: Sequence[_Trial],
        rows: Sequence[_Row],
    ) -> None:
        """Try two changes at a time, of which one at most is a number."""
        pairs = [a + b for a, b in combinations(single, 2) if not _same_setting(a[0], b[0])]
        self._decide(wanted, pairs)
        for pair in pairs:
            self._note(found, wanted, pair)
        beside = [
            (scale, numbers, other)
            for other in single
            for scale, numbers, _ in rows
            if not _same_setting(other[0], scale)
        ]
        far = [(scale, some[-_FARTHEST_PROBES:], other) for scale, some, other in beside]
        self._decide(wanted, (_with(_at(s, n), other) for s, some, other in far for n in some))
        promising = [
            row
            for row, (scale, some, other) in zip(beside, far, strict=True)
            if any(
                self._is_flipped(policy_id, wanted, _with(_at(scale, each), other))
                for policy_id in wanted
                for each in some
            )
        ]
        self._decide(
            wanted, (_with(_at(s, n), other) for s, some, other in promising for n in some)
        )
        self._note_edges(found, wanted, promising)

    def _note(
        self,
        found: dict[str, list[Flip]],
        wanted: _Wanted,
        trial: _Trial,
    ) -> None:
        for policy_id, outcome in self._flips(wanted, trial):
            flip = Flip(outcome=outcome, changes=trial)
            if flip not in found[policy_id]:
                found[policy_id].append(flip)

    def _flips(self, wanted: _Wanted, trial: _Trial) -> Iterator[tuple[str, Outcome]]:
        """Yield each policy whose decision a trial flips, with the outcome."""
        for policy_id, outcome in self._outcomes.get(_key(trial), {}).items():
            if outcome in wanted.get(policy_id, ()):
                yield policy_id, outcome

    def _note_edges(
        self,
        found: dict[str, list[Flip]],
        wanted: _Wanted,
        rows: Iterable[_Row],
    ) -> None:
        """Note for each policy the first number of each row that flips, to the exact edge.

        Beside a row's number stand the other changes of its trials.
        """
        edges = [
            _Edge(policy_id, scale, others, inside, outside)
            for scale, numbers, others in rows
            for policy_id in wanted
            for inside, outside in self._intervals(policy_id, wanted, scale, numbers, others)
        ]
        while opened := [each for each in edges if abs(each.outside - each.inside) > 1]:
            cuts = [(each, each.cuts()) for each in opened]
            self._decide(wanted, (each.trial(n) for each, some in cuts for n in some))
            for edge, numbers in cuts:
                edge.close_in(
                    [
                        (each, bool(self._is_flipped(edge.policy_id, wanted, edge.trial(each))))
                        for each in numbers
                    ]
                )
        for edge in edges:
            trial = edge.trial(edge.outside)
            if outcome := self._is_flipped(edge.policy_id, wanted, trial):
                flip = Flip(outcome=outcome, changes=trial)
                if flip not in found[edge.policy_id]:
                    found[edge.policy_id].append(flip)

    def _intervals(
        self,
        policy_id: str,
        wanted: _Wanted,
        scale: Scale,
        numbers: Sequence[int],
        others: _Trial,
    ) -> Iterator[tuple[int, int]]:
        """Yield the numbers between which the nearest edge lies, outwards."""
        before = scale.origin
        for number in numbers:
            if self._is_flipped(policy_id, wanted, _with(_at(scale, number), others)):
                yield before, number
                return
            before = number

    def _is_flipped(self, policy_id: str, wanted: _Wanted, trial: _Trial) -> Outcome | None:
        outcome = self._outcomes.get(_key(trial), {}).get(policy_id)
        return outcome if outcome in wanted[policy_id] else None

    def _decide(self, wanted: Collection[str], trials: Iterable[_Trial]) -> None:
        """Have the engine decide each trial, once; one that makes no legal document is left out."""
        queries: dict[str, TableQuery] = {}
        for trial in trials:
            key = _key(trial)
            if trial and key not in self._outcomes and key not in queries:
                query = self._query(trial)
                if query is None:
                    self._outcomes[key] = {}
                else:
                    queries[key] = query
        question = structs.replace(self._question, policies=tuple(wanted), offers=False)
        answers = decide_queries(self._engine, question, iter(queries.values()), _BATCH)
        for key, (_, answer) in zip(queries, answers, strict=True):
            self._outcomes[key] = {
                name: decision.outcome for name, decision in answer.decisions.items()
            }

    def _query(self, trial: _Trial) -> TableQuery | None:
        document: EncodedDocument | None = self._document
        settings = dict(self._own)
        for change in trial:
            if isinstance(change, Patch):
                document = patched(document, change.patch) if document else None
            else:
                domain = settings.get(change.domain, self._settings[change.domain])
                settings[change.domain] = domain | {change.name: change.value}
        if document is None:
            return None
        variant = Variant(settings=settings, changes=self._changes)
        return TableQuery(document=document, variant=variant)


class _Edge:
    """An interval of numbers at whose outer end a decision is flipped, and at whose inner not."""

    def __init__(
        self, policy_id: str, scale: Scale, others: _Trial, inside: int, outside: int
    ) -> None:
        self.policy_id = policy_id
        self.inside, self.outside = inside, outside
        self._scale, self._others = scale, others

    def trial(self, number: int) -> _Trial:
        return _with(_at(self._scale, number), self._others)

    def cuts(self) -> list[int]:
        """Return numbers within, outwards."""
        width = self.outside - self.inside
        parts = min(abs(width), _PARTS)
        return [self.inside + width * part // parts for part in range(1, parts)]

    def close_in(self, tried: Sequence[tuple[int, bool]]) -> None:
        """Take the first number that flips for the outer end, and the one before for the inner."""
        for number, flips in tried:
            if flips:
                self.outside = number
                return
            self.inside = number


class _Ranking:
    """Orders flips, the smallest first."""

    def __init__(self, document: Mapping[str, Any], patches: Sequence[Patch]) -> None:
        self._sizes = {
            _key((each,)): (self._size(document, each), place) for place, each in enumerate(patches)
        }

    def of(self, flip: Flip) -> tuple[Any, ...]:
        settings = [each for each in flip.changes if isinstance(each, Setting)]
        sizes = [self._sizes[_key((each,))] for each in flip.changes if isinstance(each, Patch)]
        return (
            len(flip.changes),
            len(settings),
            sum(fields for fields, _ in sizes),
            [place for _, place in sizes],
            sum(map(_proportion, settings)),
            [(each.setting, str(each.value)) for each in settings],
        )

    @staticmethod
    def _size(document: Mapping[str, Any], change: Patch) -> int:
        return difference(document, merged(document, change.patch))


def _proportion(change: Setting) -> float:
    """Return how large a change is beside the present value; 1 of anything but a number."""
    value, now = change.value, change.now
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 1.0
    return float(abs(value - now) / max(abs(value), abs(now)))


def _at(scale: Scale, number: int) -> _Trial:
    """Return the trial of a number's value; none where its schema doesn't allow it."""
    found = scale.at(number)
    return (found,) if found else ()


def _with(trial: _Trial, others: _Trial) -> _Trial:
    return (*others, *trial) if trial else ()


def _key(trial: _Trial) -> str:
    return json.dumps(
        [
            [each.title, each.patch] if isinstance(each, Patch) else [each.setting, each.value]
            for each in trial
        ],
        sort_keys=True,
    )


def _same_setting(change: Change, other: Change | Scale) -> bool:
    return not isinstance(change, Patch) and getattr(other, "setting", "") == change.setting
