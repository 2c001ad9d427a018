"""A waiver exempts the tables that it names and changes nothing else, in whatever order."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support import documents
from tests.support.agreement import Decide
from tests.support.oracle.waivers import waived

Json = dict[str, Any]

_BATCH = 12
_SEEDS = st.integers(min_value=0, max_value=2**32)
_drawn = settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def _request(seed: int) -> Json:
    return documents.request(random.Random(seed), _BATCH)  # noqa: S311 -- a repeatable sample


@_drawn
@given(seed=_SEEDS)
def test_it_turns_no_pass_into_anything_else_and_touches_only_what_it_names(
    regorus: Decide, seed: int
) -> None:
    asked = _request(seed)
    now = datetime.fromisoformat(asked["now"])
    answers = zip(asked["tables"], regorus(asked | {"waivers": []}), regorus(asked), strict=True)
    for table, without, given_waivers in answers:
        named = waived(table["full_name"], asked["waivers"], now)
        if not named:
            assert given_waivers == without
        for policy_id, before in without["decisions"].items():
            after = given_waivers["decisions"][policy_id]
            if policy_id in named and before["outcome"] in {"fail", "unknown"}:
                assert (after["outcome"], after["would_be"]) == ("exempt", before["outcome"])
            if after["outcome"] != before["outcome"]:
                assert before["outcome"] in {"fail", "unknown"}


@_drawn
@given(seed=_SEEDS)
def test_no_order_of_tables_waivers_and_batches_changes_a_decision(
    regorus: Decide, seed: int
) -> None:
    asked = _request(seed)
    rng = random.Random(seed + 1)  # noqa: S311 -- as above
    places = rng.sample(range(_BATCH), _BATCH)
    cut = rng.randrange(_BATCH)
    shuffled = asked | {"waivers": rng.sample(asked["waivers"], len(asked["waivers"]))}
    found: dict[int, Json] = {}
    for part in (places[:cut], places[cut:]):
        found |= zip(part, map(_unordered, regorus(_only(shuffled, part))), strict=True)
    assert [found[place] for place in range(_BATCH)] == list(map(_unordered, regorus(asked)))


def _only(asked: Json, places: list[int]) -> Json:
    """Return a request about some of the tables."""
    aligned = [key for key in ("tables", "variant") if key in asked]
    return asked | {key: [asked[key][place] for place in places] for key in aligned}


def _unordered(answer: Json) -> Json:
    """Sort the exemptions, which follow the order of the waivers."""
    for decision in answer["decisions"].values():
        if "exemptions" in decision:
            decision["exemptions"].sort(key=repr)
    return answer
