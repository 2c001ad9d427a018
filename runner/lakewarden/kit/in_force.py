"""What a run's rules make of one policy: enforcement, severity and settings, by table too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lakewarden.kit.described import Described
from lakewarden.kit.policy_page import Deviation, InForce
from lakewarden.model.overrides import Override
from lakewarden.model.policy import Policy
from lakewarden.rules import Rules


def in_force(described: Described, policy: Policy, rules: Rules) -> InForce:
    """Return what is in force for one policy; `policy` is the rules' own, `described` as written.

    Of the overrides, those are left out that change nothing that this policy looks at.
    """
    file = rules.settings.files.get(described.domain)
    return InForce(
        policy=policy,
        values=rules.settings.values.get(described.domain, {}),
        place=f"`{file.path}`" if file else "the defaults",
        deviations=tuple(
            Deviation(tables=str(override), changes=changes, where=override.where)
            for override in rules.settings.overrides
            if override.domain == described.domain and (changes := dict(_changes(override, policy)))
        ),
    )


def _changes(override: Override, policy: Policy) -> Iterator[tuple[str, Any]]:
    for name, value in override.settings.items():
        if policy.settings is None or name in policy.settings:
            yield name, value
    if policy.policy_id in override.enforcement:
        yield "enforcement", str(override.enforcement[policy.policy_id])
    if policy.policy_id in override.severity:
        yield "severity", str(override.severity[policy.policy_id])
