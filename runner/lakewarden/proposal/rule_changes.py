"""What differs between two versions of the rules."""

from __future__ import annotations

from collections import Counter

from lakewarden.dependents import Basis, changed_values, overrides_differ
from lakewarden.model.effect import ChangedSetting, ChangedTerms, PolicyTerms, RuleChanges
from lakewarden.model.policy import Policy
from lakewarden.settings.changes import Changes, kept_by_overrides


def rule_changes(present: Basis, changed: Basis, proposed: Changes) -> RuleChanges:
    """Return what differs; `proposed` was asked for over what the files say."""
    before, after = present.rules, changed.rules
    old, new = ({each.policy_id: each for each in rules.policies} for rules in (before, after))
    waivers = Counter(before.waivers), Counter(after.waivers)
    texts = [{(each.path, each.text) for each in basis.modules} for basis in (present, changed)]
    return RuleChanges(
        settings=tuple(
            ChangedSetting(name=f"{domain}.{name}", before=values[0], after=values[1])
            for domain, name, values in changed_values(before, after)
        ),
        overrides=overrides_differ(before, after),
        terms=tuple(
            ChangedTerms(policy_id=policy_id, before=_terms(old[policy_id]), after=terms)
            for policy_id, policy in new.items()
            if policy_id in old and (terms := _terms(policy)) != _terms(old[policy_id])
        ),
        policies_added=tuple(sorted(new.keys() - old.keys())),
        policies_removed=tuple(sorted(old.keys() - new.keys())),
        modules=tuple(sorted({path for path, _ in texts[0] ^ texts[1]})),
        waivers_added=(waivers[1] - waivers[0]).total(),
        waivers_removed=(waivers[0] - waivers[1]).total(),
        waiver_limits=before.settings.max_waiver_days != after.settings.max_waiver_days,
        notes=tuple(kept_by_overrides(after.settings, proposed.assignments)),
    )


def _terms(policy: Policy) -> PolicyTerms:
    return PolicyTerms(
        severity=policy.severity,
        enforcement=policy.enforcement,
        effective_on=policy.effective_on,
    )
