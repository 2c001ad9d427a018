"""Policies about waivers, decided for every waiver that hasn't expired.

They go the way of the policies about tables: the same engine, batches, errors and policy index.
Only the request differs, and what is missing of a waiver is known to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.question import Question, TableQuery
from lakewarden.model.decision import Decision, Outcome, Severity
from lakewarden.model.judged_waivers import JudgedWaiver, JudgedWaivers
from lakewarden.model.policy import ABOUT_WAIVERS, Policy
from lakewarden.settings.waiver_document import document_of
from lakewarden.settings.waivers import Waiver, is_expired
from lakewarden_collector.document import EncodedDocument

_BROKEN = frozenset({Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN})


class WaiverQuestion(Question, frozen=True, kw_only=True, dict=True):
    """All of a request but the documents of the waivers."""

    def request(self, tables: Sequence[TableQuery], policies: Sequence[str] | None = None) -> bytes:
        """Return the engine's input: these waivers, and all policies unless some are named."""
        body: dict[str, Any] = {
            "subject": ABOUT_WAIVERS,
            "policies": self.policies if policies is None else policies,
            "settings": self.settings,
            "now": self.now,
        }
        documents = b",".join(each.document.data for each in tables)
        return msgspec.json.encode(body)[:-1] + b',"documents":[' + documents + b"]}"


class WaiverJudge(Struct, frozen=True, kw_only=True):
    """The policies about waivers, and all that their decisions are a function of."""

    policies: tuple[Policy, ...]
    settings: dict[str, dict[str, Any]]
    severities: Mapping[str, Severity]
    """Of the policies that are waived, by id; waivers of others aren't judged."""
    clock: str

    def judge(self, engine: Engine, waivers: Sequence[Waiver]) -> JudgedWaivers | None:
        """Return what they decide; None where there is no such policy, or no waiver to judge.

        Raises `EngineError` where the engine is gone.
        """
        outcomes = {
            each.policy_id: {str(outcome): 0 for outcome in Outcome} for each in self.policies
        }
        broken, number = [], 0
        for waiver, decisions in self.decisions(engine, waivers):
            number += 1
            for policy_id, decision in decisions.items():
                outcomes[policy_id][decision.outcome] += 1
            if wrong := {key: each for key, each in decisions.items() if each.outcome in _BROKEN}:
                broken.append(
                    JudgedWaiver(
                        policy=waiver.policy,
                        expires=waiver.expires,
                        owner=waiver.owner,
                        decisions=wrong,
                        table=waiver.table or None,
                        pattern=waiver.pattern or None,
                    )
                )
        if not number:
            return None
        return JudgedWaivers(
            policies=self.policies, waivers=number, outcomes=outcomes, broken=tuple(broken)
        )

    def decisions(
        self, engine: Engine, waivers: Sequence[Waiver]
    ) -> Iterator[tuple[Waiver, dict[str, Decision]]]:
        """Yield each waiver that hasn't expired with the decisions about it, in their order."""
        judged = [
            each
            for each in waivers
            if self.policies
            and each.policy in self.severities
            and not is_expired(each.expires, self.clock)
        ]
        question = WaiverQuestion(
            policies=tuple(each.policy_id for each in self.policies),
            settings=self.settings,
            waivers=(),
            now=self.clock,
        )
        documents = (document_of(each, self.severities[each.policy]) for each in judged)
        encoded = (
            EncodedDocument(full_name=each.name, data=msgspec.json.encode(each))
            for each in documents
        )
        for waiver, (_, answer) in zip(judged, decide(engine, question, encoded), strict=True):
            yield waiver, answer.decisions
