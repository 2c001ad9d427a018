"""Two versions of policies compared: what is written otherwise, and a document that shows it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from msgspec import Struct, structs

from lakewarden.dependents import Basis, changed_values, dependents, reached_modules
from lakewarden.engines.interface import Engine, Module
from lakewarden.evaluation.batches import decide
from lakewarden.kit.edge_documents import edge_documents, legal
from lakewarden.kit.edges import Edges, edges
from lakewarden.kit.smallest_document import smallest
from lakewarden.model.decision import Decision, Outcome
from lakewarden.model.policy import Policy
from lakewarden.policy_set import PolicySet
from lakewarden.progress import Progress, Silent

Json = dict[str, Any]

DOCUMENTS: Final = 1000
"""How many documents are decided for each policy, unless somebody wants more."""

_CHUNK: Final = 250
_SHOWN: Final = ("severity", "enforcement", "title")
_TEXTS: Final = ("description", "remediation", "why", "exemptions", "examples", "what_if", "pages")
_PAIRS: Final = (
    (Outcome.PASS, Outcome.FAIL),
    (Outcome.FAIL, Outcome.PASS),
)
"""Disagreements that tell most, before all others."""


_Pair = tuple[Outcome, Outcome]


class PolicyVersion(Struct, frozen=True, kw_only=True):
    """One of the two: an engine with its policies, and what the settings make of them."""

    engine: Engine
    basis: Basis

    @property
    def rules(self) -> PolicySet:
        """The policies, settings and waivers."""
        return self.basis.rules


class Disagreement(Struct, frozen=True, kw_only=True):
    """A document about which the two versions of a policy disagree."""

    document: Json
    """The smallest that was found."""
    before: Decision
    after: Decision


class OutcomePair(Struct, frozen=True, kw_only=True):
    """How many documents came out so in the two versions."""

    before: Outcome
    after: Outcome
    documents: int


class PolicyDifference(Struct, frozen=True, kw_only=True):
    """What differs about one policy that both versions have."""

    policy_id: str
    metadata: dict[str, tuple[Any, Any]]
    """Field of the annotation to its values in both."""
    code: bool
    """Whether its own Rego differs, apart from what is only its annotation."""
    reached: bool
    """Whether code or settings that it reaches differ."""
    documents: int
    """How many documents both versions decided."""
    disagreement: Disagreement | None
    """None where the outcomes are the same for all documents."""
    pairs: tuple[OutcomePair, ...]
    """The outcomes that differ, and how often."""
    reworded: int
    """Documents with the same outcome, proved in other words or values."""


class PoliciesDiff(Struct, frozen=True, kw_only=True):
    """What differs between two versions of policies."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    libraries: tuple[str, ...]
    """Rego files of no policy that differ, are new or gone."""
    settings: dict[str, tuple[Any, Any]]
    """`<domain>.<setting>` to its values, where they differ; null where one lacks the setting."""
    policies: tuple[PolicyDifference, ...]
    """Only those of which something differs, or may."""


def policies_diff(
    old: PolicyVersion,
    new: PolicyVersion,
    clock: str,
    documents: int = DOCUMENTS,
    progress: Progress | None = None,
) -> PoliciesDiff:
    """Compare two versions, and search documents for a disagreement, so many for each policy.

    Raises `EngineError` where an engine is gone.
    """
    progress = progress or Silent()
    before, after = ({each.policy_id: each for each in one.rules.declared} for one in (old, new))
    texts = [{module.path: module.text for module in one.basis.modules} for one in (old, new)]
    reached = _reached(old, new)
    differences = []
    for policy_id in sorted(before.keys() & after.keys()):
        one, other = before[policy_id], after[policy_id]
        metadata = dict(_metadata(one, other))
        if not metadata and policy_id not in reached:
            continue
        search = _Search((old, new), policy_id, clock)
        if policy_id in reached:
            with progress.stage(f"Deciding {policy_id} by both versions", documents) as advance:
                search.run(documents, advance)
        differences.append(
            PolicyDifference(
                policy_id=policy_id,
                metadata=metadata,
                code=_code(texts[0][one.path]) != _code(texts[1][other.path]),
                reached=policy_id in reached,
                documents=search.documents,
                disagreement=search.smallest(),
                pairs=tuple(
                    OutcomePair(before=pair[0], after=pair[1], documents=number)
                    for pair, number in search.pairs.most_common()
                ),
                reworded=search.reworded,
            )
        )
    policies = {each.path for each in (*before.values(), *after.values())}
    return PoliciesDiff(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        libraries=tuple(
            path
            for path in sorted(texts[0].keys() | texts[1].keys())
            if path not in policies and texts[0].get(path) != texts[1].get(path)
        ),
        settings={
            f"{domain}.{name}": values
            for domain, name, values in changed_values(old.rules, new.rules)
        },
        policies=tuple(differences),
    )


def _reached(old: PolicyVersion, new: PolicyVersion) -> set[str]:
    """Return the policies whose decisions may differ; enforcement and severity alone don't."""
    found = dependents(old.basis, new.basis)
    return {*found.modules, *found.own_settings}


def _code(text: str) -> str:
    """Return a module without comments that stand on lines of their own, annotations too."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def _metadata(one: Policy, other: Policy) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in (*_SHOWN, *_TEXTS):
        values = getattr(one, name), getattr(other, name)
        if values[0] != values[1]:
            yield name, values


class _Search:
    """Decides documents by one policy in both versions, and keeps the disagreements."""

    def __init__(
        self, versions: tuple[PolicyVersion, PolicyVersion], policy_id: str, clock: str
    ) -> None:
        self._versions = versions
        self._policy_id = policy_id
        self._questions = [
            structs.replace(
                each.rules.question(clock), policies=(policy_id,), waivers=(), variants=None
            )
            for each in versions
        ]
        self._clock = clock
        self._found: dict[_Pair, Json] = {}
        self.pairs: Counter[_Pair] = Counter()
        self.reworded = 0
        self.documents = 0

    def run(self, documents: int, advance: Callable[[int], None]) -> None:
        """Decide so many documents, or fewer where a fail is among the disagreements."""
        examples = self._examples()
        stream = islice(edge_documents(self._edges(examples), examples), documents)
        while chunk := list(islice(stream, _CHUNK)):
            for document, (before, after) in zip(chunk, self._decided(chunk), strict=True):
                pair = before.outcome, after.outcome
                if before.outcome is not after.outcome:
                    self.pairs[pair] += 1
                    self._found.setdefault(pair, document)
                self.reworded += before.outcome is after.outcome and before != after
                self.documents += 1
                advance(1)
            if any(Outcome.FAIL in pair for pair in self.pairs):
                return

    def smallest(self) -> Disagreement | None:
        """Return the disagreement that tells most, made small."""
        if not self.pairs:
            return None
        failing = [pair for pair in self.pairs if Outcome.FAIL in pair]
        pair = next(each for each in (*_PAIRS, *failing, *self.pairs) if each in self.pairs)

        def keep(documents: Sequence[Json]) -> list[bool]:
            decided = self._decided(documents)
            return [(before.outcome, after.outcome) == pair for before, after in decided]

        document = smallest(self._found[pair], keep)
        ((before, after),) = self._decided([document])
        (encoded,) = filter(None, [legal(document)])
        return Disagreement(document=json.loads(encoded.data), before=before, after=after)

    def _decided(self, documents: Sequence[Json]) -> list[tuple[Decision, Decision]]:
        """Return the decisions of both versions about each document."""
        encoded = list(filter(None, map(legal, documents)))
        answers = [
            [
                answer.decisions[self._policy_id]
                for _, answer in decide(each.engine, question, encoded)
            ]
            for each, question in zip(self._versions, self._questions, strict=True)
        ]
        return list(zip(*answers, strict=True))

    def _edges(self, examples: Sequence[Mapping[str, Any]]) -> Edges:
        """Return the values at which the policy's answer may turn, in either version."""
        modules: dict[tuple[str, str], Module] = {}
        settings = []
        domain = self._policy_id.partition(".")[0]
        for version in self._versions:
            for module in reached_modules(version.basis.modules, [self._policy_id]):
                modules[module.path, module.text] = module
            reads = self._policy(version).settings
            stated = version.rules.settings
            given = [
                stated.values[domain],
                *(override.settings for override in stated.overrides if override.domain == domain),
            ]
            settings += [
                {key: each[key] for key in each if reads is None or key in reads} for each in given
            ]
        return edges(list(modules.values()), settings, examples, self._clock)

    def _examples(self) -> list[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for version in self._versions:
            if examples := self._policy(version).examples:
                for fields in (examples.before, examples.after):
                    found[json.dumps(fields, sort_keys=True)] = fields
        return list(found.values())

    def _policy(self, version: PolicyVersion) -> Policy:
        return next(each for each in version.rules.declared if each.policy_id == self._policy_id)
