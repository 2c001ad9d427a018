"""What two runs do not have in common, in words: why their decisions may differ by that alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lakewarden.model.report import Completeness, Run
from lakewarden_collector.counted import counted

About = tuple[Run, Completeness, Sequence[str]]
"""A run, what it lacks, and the ids of its policies."""


def differences(earlier: About, now: About, *, found_again: int, unread: int) -> Iterator[str]:
    """Yield a sentence for each difference.

    `found_again` is the number of tables that only this run has evaluated, since the earlier one
    could not; `unread` that of tables that only the earlier run has, since this one could not.
    """
    (before, before_lacks, before_policies), (after, after_lacks, after_policies) = earlier, now
    if before.clock > after.clock:
        yield f"The earlier report's clock, {before.clock}, is later than this run's."
    if (before.source, before.scope) != (after.source, after.scope):
        yield (
            f"The earlier run read its tables from {_origin(before)}, this one from "
            f"{_origin(after)}."
        )
    if before.narrowed != after.narrowed:
        yield f"The earlier run was {_narrowed(before)}, this one {_narrowed(after)}."
    yield from _by_rules(before, after, set(before_policies) ^ set(after_policies))
    for which, policies, others in (
        ("the earlier run had", before_policies, after_policies),
        ("this run has", after_policies, before_policies),
    ):
        if alone := [policy for policy in policies if policy not in others]:
            yield f"Only {which} the {counted(len(alone), 'policy')} {', '.join(alone)}."
    if not before_lacks.complete:
        yield "The earlier run was incomplete, so it may not have seen every table."
    if found_again:
        yield f"The earlier run could not evaluate {found_again:,} of the added tables."
    if not after_lacks.complete:
        yield "This run is incomplete, so a table that it lacks may be there all the same."
    if unread:
        yield f"This run could not evaluate {unread:,} of the removed tables."


def _by_rules(before: Run, after: Run, not_shared: set[str]) -> Iterator[str]:
    if before.digests.policies != after.digests.policies:
        yield "The policies have been edited since."
    if before.digests.settings != after.digests.settings:
        # Their digest covers enforcement and severity of the policies that were evaluated.
        unclear = ", be it only for the policies that one of them lacks" if not_shared else ""
        yield f"The settings of the two runs are not the same{unclear}."
    if before.digests.waivers != after.digests.waivers:
        yield "The waivers have been edited since."


def _origin(run: Run) -> str:
    return f"{run.source} ({run.scope})"


def _narrowed(run: Run) -> str:
    return f"narrowed by {' '.join(run.narrowed)}" if run.narrowed else "not narrowed"
