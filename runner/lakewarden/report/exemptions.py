"""Under which kind of exemption an exempt decision counts, where it has several."""

from __future__ import annotations

from typing import Final

from lakewarden.model.decision import Decision

KINDS: Final = ("flag", "rule", "waiver")
"""Kinds of exemption; a decision with several counts under the first."""


def first_exemption(decision: Decision) -> tuple[str, str]:
    """Return kind and reason of the exemption under which a decision counts; empty without one."""
    given = {each.kind: each.reason for each in reversed(decision.exemptions)}
    for kind in (*KINDS, *given):
        if kind in given:
            return kind, given[kind]
    return "", ""


def exemption_kind(decision: Decision) -> str:
    """Return the kind under which an exempt decision counts."""
    return first_exemption(decision)[0]
