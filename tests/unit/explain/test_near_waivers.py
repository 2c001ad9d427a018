"""Waivers that don't hold for a table, and why."""

from __future__ import annotations

from lakewarden.explain.near_waivers import MOST, near_waivers
from lakewarden.settings.waivers import Waiver
from tests.support.commandline import NOW

_POLICY = "demo.one"


def _waiver(**changes: str) -> Waiver:
    usual = {"reason": "x", "owner": "a", "approved_by": "b", "expires": "2027-01-31"}
    return Waiver(**({"policy": _POLICY} | usual | changes))  # type: ignore[arg-type]  # texts alone


def _near(*waivers: Waiver) -> list[str]:
    placed = [(each, f"waivers.yaml:{n}") for n, each in enumerate(waivers)]
    return [
        f"{each.waiver.where}: {each.why}"
        for each in near_waivers(placed, "prod.sales.orders", {_POLICY}, NOW)
    ]


def test_waivers_of_the_table_are_not_near_whatever_their_state() -> None:
    assert (
        _near(
            _waiver(table="PROD.sales.orders"),
            _waiver(pattern="prod.*"),
            _waiver(table="prod.sales.orders", expires="2020-01-31"),
        )
        == []
    )


def test_a_waiver_for_another_policy_says_so() -> None:
    assert _near(_waiver(policy="demo.two", pattern="prod.sales.*")) == [
        "waivers.yaml:0: it's for another policy, demo.two"
    ]


def test_a_waiver_for_a_table_of_nearly_that_name_says_so() -> None:
    assert _near(
        _waiver(table="prod.sales.order"),
        _waiver(pattern="prod.sales.order?s"),
        _waiver(table="dev.lab.x"),
        _waiver(policy="demo.two", table="prod.sales.order"),
    ) == [
        "waivers.yaml:0: it's for another table, prod.sales.order",
        "waivers.yaml:1: its pattern doesn't match: prod.sales.order?s",
    ]


def test_only_some_are_named() -> None:
    assert len(_near(*[_waiver(table="prod.sales.order")] * (MOST + 2))) == MOST
