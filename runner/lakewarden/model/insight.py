"""What the decisions of a run mean to the people responsible for the estate.

A part of the report: the exceptions and how much data they cover, what other thresholds would
change, the largest tables that lack something, how much of the estate is governed, and what has
changed since a previous report. It follows from the decisions alone; other thresholds are tried by
asking the same policies again.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lakewarden.model.decision import Outcome


class Amount(Struct, kw_only=True):
    """A number of tables, and the bytes of those whose size is known."""

    tables: int = 0
    bytes: int = 0
    unsized: int = 0
    """Tables whose size is not known; they add nothing to `bytes`."""


class Governance(Struct, kw_only=True):
    """How much of what the run knows of stands under its policies, each table once.

    `governed`: some policy applies to it, and every mandatory one that applies has a decision,
    whatever the outcome. `undecided`: a mandatory `unknown` or any error. `outside`: no policy
    is about it. The three add up to the tables that were evaluated.
    """

    governed: Amount
    undecided: Amount
    outside: Amount
    unread: int
    """Tables that are known and could not be evaluated."""
    share: float | None
    """Governed tables out of all known ones that were not left out, those that no policy is about
    included, 0 to 1; None where nobody knows how many there are, or there are none."""
    share_of_bytes: float | None
    """The same of the known bytes of the evaluated tables; None where these have none."""


class Exempted(Struct, kw_only=True):
    """The tables that one policy exempts, by kind of exemption.

    A table with exemptions of several kinds counts under the first of flag, rule and waiver.
    """

    policy_id: str
    total: Amount
    kinds: dict[str, Amount]
    """Only kinds that there are; they add up to the total."""


class LackingTable(Struct, kw_only=True, omit_defaults=True):
    """A table that lacks what a policy asks for, exempt or not."""

    full_name: str
    outcome: Outcome
    """`fail` or `exempt`."""
    bytes: int | None = None
    owner: str | None = None
    """Absent where the owner isn't known; empty where nobody owns the table."""
    excuse: str = ""
    """The reason of its exemption."""


class Lacking(Struct, kw_only=True):
    """The tables that do not have what one policy asks for."""

    policy_id: str
    failing: Amount
    excused: Amount
    """Exempt, and would fail otherwise."""
    largest: tuple[LackingTable, ...]
    """The ten largest of both, those of unknown size last."""


class WhatIf(Struct, kw_only=True):
    """One policy's decisions under settings of other sizes, beside those of the run.

    It counts all tables: those that pass the policy, or that it is not about, do so here as well.
    """

    policy_id: str
    factor: float
    """What the settings are multiplied by."""
    settings: dict[str, Any]
    """The settings that are changed, with the values that were tried, before overrides by table."""
    now: dict[str, Any]
    """The same settings as they are in the run."""
    failing: Amount
    exempt: Amount
    unknown: Amount
    """Tables whose size may not decide there, or whose decision is an error."""
    newly_failing: Amount
    """Tables that fail there and do not fail in the run."""
    no_longer_failing: Amount
    examples: tuple[str, ...]
    """Names of the five largest newly failing tables."""


class Moved(Struct, kw_only=True):
    """Decisions of one policy that went from one outcome to another since the previous report."""

    policy_id: str
    before: Outcome
    after: Outcome
    amount: Amount
    examples: tuple[str, ...]
    """Names of the five largest of them."""


class Change(Struct, kw_only=True):
    """Changes since a previous report, or those that a plan makes to the tables as they stand.

    Tables are the same if their full names are, case aside, and sizes are those of this run where
    it has the table. Examples are the names of the five largest.
    """

    clock: str
    """The previous report's clock, or when the tables were read as they stand, RFC 3339."""
    source: str
    scope: str
    planned: bool = False
    """Whether this run is about a plan: then only the tables of the plan are compared."""
    differences: tuple[str, ...]
    """What the two runs do not have in common, such as settings or policies: a sentence each."""
    before: dict[str, Amount]
    """The previous report's tables by status, every status, by its own policies and settings."""
    after: dict[str, Amount]
    """This report's."""
    added: Amount
    """Tables that only this run has evaluated."""
    removed: Amount
    """Tables that only the previous report has evaluated, gone or not read this time."""
    added_examples: tuple[str, ...]
    removed_examples: tuple[str, ...]
    fixed: Amount
    """Tables in both that were non-compliant and are compliant now, or no policy is about them.

    An exemption or another setting does that too: `moved` tells. One that is undecided now is not
    counted, nor one that broke a policy that this run does not have.
    """
    broken: Amount
    """Tables in both that have become non-compliant, undecided ones included. For a plan, its new
    tables that are non-compliant as well."""
    fixed_examples: tuple[str, ...]
    broken_examples: tuple[str, ...]
    moved: tuple[Moved, ...]
    """Only outcomes that differ, by policy and outcomes, of tables and policies in both."""


class Insight(Struct, kw_only=True):
    """The page of a report for those who answer for the estate."""

    governance: Governance
    exempted: tuple[Exempted, ...]
    """Each policy with exemptions, in the order of the policy index."""
    lacking: tuple[Lacking, ...]
    """Each policy with `what_if` in its annotation, in the order of the policy index."""
    what_if: tuple[WhatIf, ...]
    """By policy and factor. A factor is not there if it leaves every setting as it is, or makes
    one a value that its schema does not allow."""
    not_tried: str = ""
    """Why `what_if` is empty although a policy asks for it: words without a full stop; empty if it
    was tried, or no factor changes a setting."""
    change: Change | None = None
    """Since the report that `--previous` named, or since the estate that `--with` named."""
