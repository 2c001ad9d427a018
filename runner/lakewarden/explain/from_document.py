"""Explains the decisions about a table whose document is at hand: by deciding, again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from lakewarden.engines.choice import EngineKindOptions, start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.adviser import by_decisions
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.deciding_step import step_of
from lakewarden.evaluation.effective_rules import (
    EffectivePolicy,
    EffectiveRules,
    EffectiveValue,
    Giver,
)
from lakewarden.evaluation.table_report import reported
from lakewarden.explain.candidates import Setting
from lakewarden.explain.explanation import (
    VERSION,
    AbsentEvidence,
    Decided,
    ExplainedChange,
    ExplainedDecision,
    ExplainedFlip,
    ExplainedTable,
    Explanation,
)
from lakewarden.explain.flips import Flip, FlipSearch, is_settled
from lakewarden.explain.near_waivers import near_waivers
from lakewarden.explain.rules import effective_rules
from lakewarden.model.clock import utc_now
from lakewarden.model.decision import Decision, Outcome, TableDecisions
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.policy import Policy
from lakewarden.model.report import Run, TableReport
from lakewarden.open_origin import OpenOrigin
from lakewarden.options.policies import PolicyOptions
from lakewarden.origin import Origin, open_origin
from lakewarden.policy_set import PolicySet
from lakewarden.progress import Progress
from lakewarden.version import __version__
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument
from lakewarden_collector.patterns import fold

NOTABLE: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.EXEMPT)
"""Outcomes that are explained in full although nobody named the policy."""

_decode_rules: Final = decoder(EffectiveRules).decode


class DocumentCase(Struct, frozen=True, kw_only=True):
    """One table to be explained: where it is read, and by what it is decided."""

    table: str
    origin: Origin
    policies: PolicyOptions
    engine: EngineKindOptions
    clock: str | None = None
    """RFC 3339; None means the present."""
    called: str = ""
    """What a reader calls what is read, where it isn't the origin's own place."""
    renamed: tuple[tuple[str, str], ...] = ()
    """How places begin that mean nothing to a reader, and what to write instead."""


class ExplainedRun(Struct, frozen=True, kw_only=True):
    """An explanation, with what else is known of how it was made."""

    explanation: Explanation
    run: Run
    """As a report of a run over the same tables would have it."""
    document: EncodedDocument
    rules: PolicySet
    roots: tuple[Path, ...]
    """The folders of the policies."""
    table: TableReport


def explain_document(case: DocumentCase, progress: Progress) -> ExplainedRun:
    """Find the table, decide it, and look for what would flip each decision worth explaining.

    Raises `ConfigurationError` for a table that isn't there, naming near ones, and for anything
    wrong in policies or settings; `EngineError` where there is no engine.
    """
    clock = case.clock or utc_now()
    roots = case.policies.roots
    with open_origin(case.origin, progress, clock) as opened:
        engine, _ = start_engine(case.engine, roots, progress)
        with engine:  # entered already; this ends it
            rules = case.policies.load_rules(
                engine.modules(), clock=clock, belonging=opened.config_dir
            )
            question = rules.question(clock)
            opened.advise(lambda: by_decisions(engine, question))
            read = _document(case.table, opened, progress)
            with progress.stage(f"Explaining {read[0].full_name}"):
                return _Maker(case, engine, rules, opened, read).run()


def _document(name: str, opened: OpenOrigin, progress: Progress) -> tuple[EncodedDocument, str]:
    """Return the table's document, and the digest of all that was read."""
    with opened.intake((name,)) as store:
        opened.when_listed(store.patterns.see_listed)
        with progress.stage(f"Reading tables from {opened.scope}") as advance:
            store.fill(opened.items, advance)
        documents = list(store.documents())
        if documents:
            return documents[0], store.digest
        for failure in store.failures:
            if fold(name) in map(fold, failure.what.removeprefix("table ").split(", ")):
                raise ConfigurationError(
                    f"can't be explained, because it couldn't be read: {failure.reason}",
                    where=name,
                    remedy=failure.remedy,
                )
        try:
            store.patterns.require_met()
        except ConfigurationError as error:
            error.where = "FULL_NAME"
            raise
        raise ConfigurationError(
            "isn't among the tables that could be read, and some couldn't be",
            where=name,
            remedy="Evaluate, and look at what the report says couldn't be read.",
        )


class _Maker:
    """Makes one explanation."""

    def __init__(
        self,
        case: DocumentCase,
        engine: Engine,
        rules: PolicySet,
        opened: OpenOrigin,
        read: tuple[EncodedDocument, str],
    ) -> None:
        self._case = case
        self._engine = engine
        self._rules = rules
        self._opened = opened
        self._document, self._inventory = read
        self._clock = rules.settings.clock

    def run(self) -> ExplainedRun:
        rules, clock = self._rules, self._clock
        question = structs.replace(rules.question(clock), offers=True)
        ((_, answer),) = decide(self._engine, question, [self._document])
        table = reported(self._document, answer)
        effective = self._effective()
        flips = self._flips(answer)
        notes: tuple[str, ...] = ()
        if not any(answer.changes.values()) and flips:
            notes = ("The policies offer no changes of the table to try (lib/<domain>.changes).",)
        explanation = Explanation(
            version=VERSION,
            full_name=self._document.full_name,
            decided=Decided(
                clock=clock,
                engine=self._engine.info,
                source=self._opened.source,
                scope=self._opened.scope,
                origin=self._case.called or f"{self._opened.source}: {self._opened.scope}",
                config=self._named(str(rules.config)),
            ),
            table=explained_table(table, self._document),
            decisions=tuple(
                _decision(policy, effective, answer.decisions[policy.policy_id], flips)
                for policy in rules.policies
            ),
            waivers=effective.waivers,
            near_waivers=tuple(
                near_waivers(
                    [*zip(rules.waivers, rules.waiver_places, strict=True)],
                    self._document.full_name,
                    {each.policy_id for each in rules.selected},
                    clock,
                )
            ),
            off=tuple(each.policy_id for each in rules.off),
            fact_labels=rules.fact_labels,
            notes=notes,
        )
        return ExplainedRun(
            explanation=explanation,
            run=self._as_run(),
            document=self._document,
            rules=rules,
            roots=self._case.policies.roots,
            table=table,
        )

    def _named(self, place: str) -> str:
        for old, new in self._case.renamed:
            place = place.replace(old, new)
        return place

    def _effective(self) -> EffectiveRules:
        sources = {
            each.path: str(root / each.path)
            for root in reversed(self._case.policies.roots)
            for each in self._engine.modules()
            if (root / each.path).is_file()
        }
        found = effective_rules(
            self._document.full_name,
            self._clock,
            self._rules,
            self._case.policies,
            sources,
            whole=False,
        )
        return _renamed(found, self._case.renamed)

    def _flips(self, answer: TableDecisions) -> dict[str, tuple[Flip, ...]]:
        """Return the flips of each policy that was named, or whose outcome is worth a look."""
        named = bool(self._case.policies.policies)
        some = [
            each
            for each in self._rules.policies
            if named or answer.decisions[each.policy_id].outcome in NOTABLE
        ]
        search = FlipSearch(
            self._engine, self._rules.question(self._clock), self._document, self._rules.schemas
        )
        return search.find(some, answer.decisions, answer.changes)

    def _as_run(self) -> Run:
        return Run(
            tool="lakewarden",
            tool_version=__version__,
            engine=self._engine.info,
            digests=self._rules.digests(self._inventory),
            clock=self._clock,
            started_at=self._clock,
            finished_at=self._clock,
            source=self._opened.source,
            scope=self._opened.scope,
        )


def explained_table(table: TableReport, document: EncodedDocument | None) -> ExplainedTable:
    """Return what is known of a table; without its document, absences aren't."""
    evidence: Mapping[str, Mapping[str, Any]] = {}
    if document is not None:
        evidence = json.loads(document.data).get("evidence", {})
    return ExplainedTable(
        table_type=table.table_type,
        data_source_format=table.data_source_format,
        owner=table.owner,
        size=table.size,
        definition=table.definition,
        evidence=tuple(
            AbsentEvidence(evidence=name, status=each["status"], reason=each.get("reason", ""))
            for name, each in sorted(evidence.items())
        ),
        facts=table.facts,
    )


def explained_decision(policy: Policy, decision: Decision) -> ExplainedDecision:
    """Return what a decision says of itself."""
    exempt = decision.outcome in (Outcome.EXEMPT, Outcome.NOT_APPLICABLE, Outcome.PASS)
    own = [each.kind for each in decision.exemptions if each.kind != "waiver"]
    return ExplainedDecision(
        policy_id=policy.policy_id,
        title=policy.title,
        severity=decision.severity or policy.severity,
        enforcement=decision.enforcement or policy.enforcement,
        decision=decision,
        step=step_of(decision),
        advisory_until=decision.effective_on if decision.enforcement else policy.effective_on,
        not_exempt=() if own or exempt else policy.exemptions,
        remediation=policy.remediation if decision.outcome is Outcome.FAIL else "",
    )


def _decision(
    policy: Policy,
    effective: EffectiveRules,
    decision: Decision,
    flips: Mapping[str, Sequence[Flip]],
) -> ExplainedDecision:
    (rules,) = (each for each in effective.policies if each.policy_id == policy.policy_id)
    domain = policy.policy_id.partition(".")[0]
    settings = effective.settings.get(domain, {})
    return structs.replace(
        explained_decision(policy, decision),
        advisory_until=rules.advisory_until,
        enforcement_given=_given(rules.enforcement),
        severity_given=_given(rules.severity),
        settings={name: settings[name] for name in _read(rules, settings)},
        flips=tuple(_flip(each, effective) for each in flips.get(policy.policy_id, ())),
        flips_searched=policy.policy_id in flips and not is_settled(decision),
    )


def _given(value: EffectiveValue) -> EffectiveValue | None:
    return None if value.by is Giver.DEFAULT else value


def _read(rules: EffectivePolicy, settings: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if rules.settings is None or name in rules.settings:
            yield name


def _flip(flip: Flip, effective: EffectiveRules) -> ExplainedFlip:
    return ExplainedFlip(
        outcome=flip.outcome,
        changes=tuple(
            ExplainedChange(
                what=each,
                where=effective.settings[each.domain][each.name].where
                if isinstance(each, Setting)
                else None,
            )
            for each in flip.changes
        ),
    )


def _renamed(found: EffectiveRules, names: Sequence[tuple[str, str]]) -> EffectiveRules:
    """Return what applies to a table with other beginnings of its places."""
    if not names:
        return found
    text = msgspec.json.encode(found).decode()
    for old, new in names:
        text = text.replace(old, new)
    return _decode_rules(text)
