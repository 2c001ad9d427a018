"""Several behaviours as one: the first that strikes wins."""

from __future__ import annotations

from collections.abc import Sequence

from tests.workspace.estate import Json, SqlError
from tests.workspace.misbehaving import Behaviour, Trouble


class Behaviours(Behaviour):
    """All behaviours of a double; `active` may be replaced while it runs."""

    def __init__(self, active: Sequence[Behaviour] = ()) -> None:
        self.active: Sequence[Behaviour] = tuple(active)

    def before(self, kind: str, key: str) -> Trouble | None:
        for one in self.active:
            if trouble := one.before(kind, key):
                return trouble
        return None

    def after(self, kind: str, key: str) -> Trouble | None:
        for one in self.active:
            if trouble := one.after(kind, key):
                return trouble
        return None

    def fails(self, text: str) -> SqlError | None:
        for one in self.active:
            if error := one.fails(text):
                return error
        return None

    def slower(self, text: str) -> float:
        return sum(one.slower(text) for one in self.active)

    def deaf(self, text: str) -> bool:
        return any(one.deaf(text) for one in self.active)

    def empty_page(self, kind: str, key: str) -> bool:
        return any(one.empty_page(kind, key) for one in self.active)

    def page(self, kind: str, rows: Sequence[Json]) -> Sequence[Json]:
        for one in self.active:
            rows = one.page(kind, rows)
        return rows
