"""The tables as the page carries them: text for JSON.parse, most of it deflated.

Blocks of details come first, then the index, then the words for both. ADR 44 says why.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from markupsafe import Markup

from lakewarden.model.decision import Outcome, Severity
from lakewarden.model.report import Report, TableReport
from lakewarden.renderers.html.details import details_of, proof_of
from lakewarden.renderers.html.index import FACT_VALUES, LETTERS, Index
from lakewarden.renderers.html.packing import packed
from lakewarden.renderers.html.phrases import Own, Phrases, shown
from lakewarden.renderers.words import wording
from lakewarden.renderers.words.enforcement import enforcement
from lakewarden.renderers.words.links import workspace
from lakewarden.report.table_status import PolicyIndex, Status

BLOCK: Final = 1_024
"""Tables whose details are unpacked together."""

BLOCK_LETTERS: Final = 8_000_000
"""Letters of detail after which a block ends earlier."""

_MARKUP: Final = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}


class _Block:
    """The details of some tables that follow each other."""

    def __init__(self) -> None:
        self.tables = 0
        self._letters = 0
        self._respects: dict[str, Phrases] = {}
        self._decisions: defaultdict[tuple[str, str], Phrases] = defaultdict(Phrases)

    @property
    def full(self) -> bool:
        return self.tables >= BLOCK or self._letters >= BLOCK_LETTERS

    def add(self, table: TableReport, facts: wording.FactWords) -> None:
        own = Own(table)
        for policy_id, decision in table.decisions.items():
            phrases = self._decisions[policy_id, LETTERS[decision.outcome]]
            self._letters += phrases.add(own, proof_of(decision))
        details = dict(details_of(table, facts))
        for respect in details.keys() - self._respects.keys():
            self._respects[respect] = Phrases(empty=self.tables)
        for respect, phrases in self._respects.items():
            self._letters += phrases.add(own, details.get(respect))
        self.tables += 1

    def packed(self) -> str:
        """Return phrases by respect, and those of decisions by policy and letter of outcome."""
        details = {name: each.packed() for name, each in sorted(self._respects.items())}
        decisions: dict[str, dict[str, Any]] = {}
        for (policy_id, letter), each in sorted(self._decisions.items()):
            decisions.setdefault(shown(policy_id), {})[letter] = each.packed()
        return packed(msgspec.json.encode({"details": details, "decisions": decisions}).decode())


def elements(report: Report, policy_index: PolicyIndex) -> Iterator[Markup]:
    """Yield script elements of JSON; the tables are read once and not held."""
    facts = wording.FactWords(report.fact_labels)
    index = Index(policy_index, report.summary)
    block, blocks = _Block(), []
    for table in report.tables():
        index.add(table)
        block.add(table, facts)
        if block.full:
            blocks.append(block.tables)
            yield _element("class", "data-block", block.packed())
            block = _Block()
    if block.tables:
        blocks.append(block.tables)
        yield _element("class", "data-block", block.packed())
    for name, text in index.packed(blocks):
        yield _element("id", f"data-{name}", text)
    yield _element("id", "data-words", _words(report, facts))


def _element(attribute: str, name: str, value: object) -> Markup:
    """Return an element whose text is JSON without a letter that markup could begin with."""
    text = json.dumps(value, ensure_ascii=False).translate(_MARKUP)
    return Markup(f'<script type="application/json" {attribute}="{name}">{text}</script>\n')  # noqa: S704 -- names are ours, the text has no markup


def _words(report: Report, facts: wording.FactWords) -> Mapping[str, Any]:
    """Return what the script can't know: the policies, and how values are written."""
    return {
        "policies": [
            {
                "id": shown(policy.policy_id),
                "title": shown(policy.title),
                "severity": policy.severity,
                "enforcement": enforcement(policy),
                "remediation": shown(policy.remediation.strip()),
            }
            for policy in report.policies
        ],
        "severities": list(Severity),
        "statuses": [[status, wording.STATUSES[status]] for status in Status],
        "outcomes": [[LETTERS[outcome], outcome, wording.OUTCOMES[outcome]] for outcome in Outcome],
        "facts": {
            shown(fact): {
                "title": shown(facts.title(fact)),
                "values": {shown(value): shown(facts.value(fact, value)) for value in values}
                if len(values) <= FACT_VALUES
                else {},
            }
            for fact, values in report.summary.by_fact.items()
        },
        "error_remedy": wording.ERROR_REMEDY,
        "workspace": workspace(report.run),
    }
