"""Names that are written as texts, so that no compiler misses what they name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from lakewarden.kit.conventions.interface import (
    Policies,
    breach,
    is_policy,
    needed_kinds,
    policy_id,
)
from lakewarden.kit.finding import Finding
from lakewarden.kit.rego_module import line_of, rule_name, texts_in
from lakewarden_collector.document import TableDocument

_FIELDS: Final = tuple(field.encode_name for field in msgspec.structs.fields(TableDocument))
_ID: Final = re.compile(r"(?<![\w.])([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)(?![\w(]|\.\w)")
_CLOSE: Final = 0.85
"""How alike a text has to be to a policy's id to be taken for a misspelt one."""
_LIKE: Final = 0.75
"""The same, where its first word is a domain."""


def needs_names_evidence(policies: Policies) -> Iterator[Finding]:
    """Need what a document has: a kind of evidence is one of its top-level fields.

    Nothing collects another kind, so its table would be unknown for ever. Looked at is what the
    rules say, and what the policy needs of its own examples with less known.
    """
    for module in policies.policies:
        rules = [rule for rule in module.rules if rule_name(rule) == "needs"]
        kinds = {kind: line_of(text) for kind, text in needed_kinds(module).items()}
        for kind in _shown(policies, policy_id(module.package)):
            kinds.setdefault(kind, line_of(rules[0]) if rules else module.package_line)
        for kind, line in sorted(kinds.items()):
            if kind not in _FIELDS:
                near = difflib.get_close_matches(kind, _FIELDS, n=1)
                meant = f"Did you mean {near[0]}? " if near else ""
                yield breach(
                    module,
                    line,
                    f"it needs {kind}, but a table document has no such field",
                    f"{meant}There are: {', '.join(sorted(_FIELDS))}.",
                )


def named_policy_is_there(policies: Policies) -> Iterator[Finding]:
    """Name a policy as it is called: nobody is told that a waiver of no policy has no effect.

    A text that is nothing but `<domain>.<policy>` is meant if there is the domain; one within a
    sentence, where a tag or a property may look the same, if it is like the id of a policy.
    """
    packages = {module.package for module in policies.modules if not module.is_test}
    there = sorted(policy_id(package) for package in packages if is_policy(package))
    domains = {known.partition(".")[0] for known in there}
    for module in policies.policies:
        for text, line in texts_in(module.rules):
            for found in _ID.finditer(text):
                cutoff = _LIKE if found[1] in domains else _CLOSE
                near = difflib.get_close_matches(found[0], there, n=1, cutoff=cutoff)
                is_id = found[0] == text and found[1] in domains
                if found[0] in there or not (near or is_id):
                    continue
                near = near or difflib.get_close_matches(found[0], there, n=1)
                yield breach(
                    module,
                    line,
                    f"it names {found[0]}, but there is no such policy",
                    f"Did you mean {near[0]}?" if near else "Correct the name.",
                )


def _shown(policies: Policies, name: str) -> Iterator[str]:
    """Yield the kinds that a policy needs of its examples, whole and with less known."""
    whole = [each for (of, _), each in policies.decisions.items() if of == name]
    less = [each for (of, _, _), each in policies.less_known.items() if of == name]
    for decision in (*whole, *less):
        if isinstance(decision, dict):
            yield from (str(each["kind"]) for each in decision.get("missing", []))
