"""What the fixes of a violation cost, by what their statements begin with."""

from __future__ import annotations

import pytest

from lakewarden.model.baseline import FixCost
from lakewarden.model.decision import Fix
from lakewarden.report.fix_cost import cheapest


@pytest.mark.parametrize(
    ("statements", "cost"),
    [
        (("ALTER TABLE a CLUSTER BY AUTO",), FixCost.METADATA),
        (("comment on\n TABLE a IS 'x'",), FixCost.METADATA),
        (("ALTER TABLE a CLUSTER BY AUTO", "OPTIMIZE a FULL"), FixCost.REWRITE),
        (("ALTER TABLE a SET  MANAGED",), FixCost.REWRITE),
        (("ALTER TABLE a REPLACE PARTITIONED BY WITH CLUSTER BY (b)",), FixCost.REWRITE),
        (("ANALYZE TABLE a COMPUTE DELTA STATISTICS",), FixCost.REWRITE),
        ((), FixCost.DEFINITION),
    ],
)
def test_what_a_fix_costs(statements: tuple[str, ...], cost: FixCost) -> None:
    assert cheapest([Fix(title="t", sql=statements)]) is cost


def test_the_cheapest_alternative_counts() -> None:
    by_hand, rewriting = Fix(title="t"), Fix(title="t", sql=("OPTIMIZE a",))
    assert cheapest([by_hand, rewriting]) is FixCost.REWRITE
    assert cheapest([]) is FixCost.UNKNOWN
