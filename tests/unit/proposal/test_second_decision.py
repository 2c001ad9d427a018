"""What breaks under changed rules breaks for every policy that a run would find broken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakewarden.engines.bundle.annotations import annotated
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.model.errors import EvaluationError
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.tables import TableOptions
from lakewarden.progress import Silent
from lakewarden.proposal import present
from lakewarden.proposal.present import PresentDecisions
from lakewarden.proposal.version import TrialOptions
from lakewarden.resources import shipped_policies
from lakewarden.settings.changes import Changes, parse_assignment
from tests.support import rule_trials
from tests.support.engines import PlainEngine, passes


@dataclass
class _Facts:
    """What all policies of a domain share."""

    broken: bool = False

    def rule(self, document: dict[str, Any], policy_id: str) -> dict[str, Any]:
        if self.broken and document["name"] == "t1":
            raise EvaluationError("div: divide by zero", where="facts.rego:7")
        return passes(document, policy_id)


def test_an_error_of_what_policies_share_is_one_of_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one policy reads the setting; the facts that the router adds break with it."""
    facts = _Facts()
    modules = [annotated(module) for module in read_policies([shipped_policies()])]
    engine = PlainEngine(facts.rule, modules)
    monkeypatch.setattr(present, "start_engine", lambda *_: (engine, ()))
    rule_trials.write_tables(tmp_path / "tables.ndjson", 4, 1)
    policies = PolicyOptions(config=rule_trials.write_config(tmp_path / "config", {}))
    options = TrialOptions(
        tables=TableOptions(inventory=str(tmp_path / "tables.ndjson")), policies=policies
    )
    changes = Changes(assignments=(parse_assignment("clustering.max_clustering_columns=1"),))
    with PresentDecisions(options, Silent()) as decided:
        changed = decided.version_of(policies, changes)
        decided.decide()
        proposal = decided.compared_with(changed, changes)
        assert proposal.second.policies == {"clustering.key_limit"}
        facts.broken = True
        assert list(proposal.violations()) == []
        effect = proposal.effect()
    assert effect.before.outcomes["error"] == 0
    assert effect.after.outcomes["error"] == effect.after.policies
    assert effect.after.decided == 4 + effect.after.policies
