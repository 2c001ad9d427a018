"""Counts decisions that go from one outcome to another, policy by policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from lakewarden.model.decision import Outcome
from lakewarden.report.amounts import Counted

_ORDER: Final = (*Outcome, None)


class Moves:
    """Adds up moves; None stands for no decision, where one side lacks the policy."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Outcome | None, Outcome | None], Counted] = {}

    def add(
        self,
        policy_id: str,
        outcomes: tuple[Outcome | None, Outcome | None],
        full_name: str,
        size: int | None,
    ) -> None:
        """Count a table whose outcomes before and after by a policy differ."""
        self._groups.setdefault((policy_id, *outcomes), Counted()).add(full_name, size)

    def ordered(
        self, policies: Sequence[str]
    ) -> Iterator[tuple[str, Outcome | None, Outcome | None, Counted]]:
        """Yield what was counted, in the order of the policies and of the outcomes."""
        places = {policy_id: number for number, policy_id in enumerate(policies)}
        for key in sorted(
            self._groups, key=lambda k: (places[k[0]], _ORDER.index(k[1]), _ORDER.index(k[2]))
        ):
            yield *key, self._groups[key]
