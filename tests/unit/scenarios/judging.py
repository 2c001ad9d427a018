"""Decides about documents as a run does, in this process: decoder, settings, router, policies.

The settings are the shipped ones with a scenario's changes, written and read as the file that a
team edits; so a setting that no team could write fails the test.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.batches import decide
from lakewarden.model.decision import Decision, Outcome, TableDecisions
from lakewarden.policy_set import PolicySet, load_rules
from lakewarden.resources import shipped_config, shipped_policies
from lakewarden_collector.document import EncodedDocument, encoded
from lakewarden_collector.inventory import Failure, InventoryReader
from tests.unit.scenarios.tables import NOW, Json

_NOTHING: Final[Mapping[str, Any]] = {}


class Refused(Exception):  # noqa: N818 -- what happened to the document, not what went wrong here
    """The decoder did not let a document in; the message says why."""


class Decide(Protocol):
    """One policy about one table."""

    def __call__(
        self,
        document: Json,
        *,
        settings: Mapping[str, Any] = ...,
        waivers: Sequence[Json] = ...,
        now: str = ...,
        checked: bool = ...,
    ) -> Decision:
        """Return the decision; raises `Refused`, unless the document goes in unchecked."""
        ...


class Judge:
    """Asks an engine about documents; the rules of each change of the settings are read once."""

    def __init__(self, engine: Engine, scratch: Path) -> None:
        self._engine = engine
        self._known: dict[str, PolicySet] = {}
        self._folders = (scratch / str(number) for number in count())

    def about(self, policy: str, always: Mapping[str, Any] = _NOTHING) -> Decide:
        """Return the function that decides by one policy; its settings come on top of `always`."""

        def decide_alone(
            document: Json,
            *,
            settings: Mapping[str, Any] = _NOTHING,
            waivers: Sequence[Json] = (),
            now: str = NOW,
            checked: bool = True,
        ) -> Decision:
            [answer] = self.answers(
                [document],
                policies=[policy],
                settings={**always, **settings},
                waivers=waivers,
                now=now,
                checked=checked,
            )
            return answer.decisions[policy]

        return decide_alone

    def answers(
        self,
        documents: Iterable[Json],
        *,
        policies: Sequence[str] = (),
        settings: Mapping[str, Any] = _NOTHING,
        waivers: Sequence[Json] = (),
        now: str = NOW,
        checked: bool = True,
    ) -> list[TableDecisions]:
        """Return what every policy, or those named, decide about each document.

        `settings` are lines of `clustering_config.yaml`, `overrides` among them, and `waivers`
        those of `waivers.yaml`. Unchecked, a document goes to the policies as it is.
        """
        question = self.rules(policies, settings, waivers).question(now)
        given = [_checked(each) if checked else _unchecked(each) for each in documents]
        return [answer for _, answer in decide(self._engine, question, given)]

    def rules(
        self,
        policies: Sequence[str] = (),
        settings: Mapping[str, Any] = _NOTHING,
        waivers: Sequence[Json] = (),
    ) -> PolicySet:
        """Return what decides: the shipped policies, with the shipped settings and the changes."""
        name = json.dumps([policies, settings, waivers])
        if name not in self._known:
            self._known[name] = load_rules(
                self._engine.modules(),
                policy_dirs=[shipped_policies()],
                patterns=policies,
                config_dir=self._config(settings, waivers),
            )
        return self._known[name]

    def _config(self, settings: Mapping[str, Any], waivers: Sequence[Json]) -> Path:
        folder = next(self._folders)
        shutil.copytree(shipped_config(), folder)
        file = folder / "clustering_config.yaml"
        shipped = yaml.safe_load(file.read_text(encoding="utf-8"))
        _write(file, {**shipped, **settings})
        _write(folder / "waivers.yaml", {"waivers": list(waivers)})
        return folder


def _unchecked(document: Json) -> EncodedDocument:
    return EncodedDocument(str(document["full_name"]), json.dumps(document).encode())


def _checked(document: Json) -> EncodedDocument:
    """Return the document as the run's own reader lets it in."""
    [item] = InventoryReader(io.BytesIO(json.dumps(document).encode()), "scenario")
    if isinstance(item, Failure):
        raise Refused(item.reason)
    return encoded(item)


def _write(file: Path, value: Json) -> None:
    file.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")


def exemptions(decision: Decision) -> set[str]:
    """Return the kinds of a decision's exemptions: rule, flag or waiver."""
    return {exemption.kind for exemption in decision.exemptions}


def exempt_as_small(decision: Decision) -> bool:
    """Say whether the rule about small tables, and nothing else, exempts the table."""
    return decision.outcome is Outcome.EXEMPT and exemptions(decision) == {"rule"}


def lacking(decision: Decision) -> set[str]:
    """Return the kinds of evidence without which there is no decision."""
    return {missing.kind for missing in decision.missing}


def actual(decision: Decision) -> set[str]:
    """Return what is wrong, violation by violation, without the words around it."""
    return {str(violation.actual) for violation in decision.violations}


def brief(decision: Decision) -> str:
    """Return the outcome and what it is by: `pass`, `exempt: flag, rule`, `unknown: size`."""
    by = exemptions(decision) if decision.outcome is Outcome.EXEMPT else lacking(decision)
    return ": ".join(filter(None, (decision.outcome, ", ".join(sorted(by)))))


def message(decision: Decision) -> str:
    """Return the only violation's message, which the table's owner reads."""
    [violation] = decision.violations
    return violation.message


def advice(decision: Decision) -> str:
    """Return what the only violation says and how it can be fixed."""
    [violation] = decision.violations
    fixes = [line for fix in violation.fixes for line in (fix.title, *fix.sql, fix.note)]
    return "\n".join([violation.message, *fixes])


def reason(decision: Decision) -> str:
    """Return the only reason of a pass, an exemption or what is not applicable."""
    [only] = decision.reasons or [exemption.reason for exemption in decision.exemptions]
    return only
