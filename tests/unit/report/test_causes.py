"""What can have changed a decision is what differs, and one cause alone is called that."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec import structs

from lakewarden.model.diff import Cause, ReportedOutcome
from lakewarden.model.report import EngineInfo, Run
from lakewarden.model.waiver import WaiverState
from lakewarden.report.causes import Absence, Causes
from lakewarden_collector.inventory import Failure, LeftOut
from tests.support import reports
from tests.support.diffs import of_run

_LATER: Final = "2026-12-24T00:00:00Z"


def _run(**changes: str | tuple[str, ...]) -> Run:
    return of_run(reports.sample(0), **changes).run


def _causes(
    new: Run, before: ReportedOutcome, after: ReportedOutcome, *until: str
) -> tuple[Cause, ...]:
    return Causes(_run(), new).of("a.b", before, after, waived_until=until)


@pytest.mark.parametrize(
    ("part", "cause"),
    [
        ("inventory", Cause.DATA),
        ("policies", Cause.POLICIES),
        ("settings", Cause.SETTINGS),
        ("waivers", Cause.WAIVERS),
        ("tool_version", Cause.ENGINE),
        ("clock", Cause.CLOCK),
    ],
)
def test_the_only_thing_that_differs_is_the_cause(part: str, cause: Cause) -> None:
    new = _run(**{part: _LATER})
    assert _causes(new, ReportedOutcome.PASS, ReportedOutcome.FAIL) == (cause,)
    assert Causes(_run(), new).differing == (cause,)


def test_another_engine_is_a_cause() -> None:
    new = structs.replace(_run(), engine=EngineInfo(name="embedded", version="1"))
    assert _causes(new, ReportedOutcome.PASS, ReportedOutcome.FAIL) == (Cause.ENGINE,)


def test_several_things_could_be_it_and_the_clock_only_where_nothing_else_is() -> None:
    new = _run(inventory="other", settings="other", clock=_LATER)
    assert _causes(new, ReportedOutcome.FAIL, ReportedOutcome.PASS) == (Cause.DATA, Cause.SETTINGS)
    assert _causes(_run(), ReportedOutcome.FAIL, ReportedOutcome.PASS) == ()


@pytest.mark.parametrize("absent", [ReportedOutcome.NO_TABLE, ReportedOutcome.UNREAD])
def test_settings_make_no_table_vanish(absent: ReportedOutcome) -> None:
    new = _run(inventory="other", settings="other", source="else")
    for pair in ((ReportedOutcome.FAIL, absent), (absent, ReportedOutcome.FAIL)):
        assert _causes(new, *pair) == (Cause.DATA, Cause.SCOPE)


@pytest.mark.parametrize(
    ("waivers", "clock", "until", "causes"),
    [
        ("other", _LATER, ("2026-12-23",), (Cause.CLOCK,)),
        ("other", _LATER, ("2026-12-23", "2026-12-31"), (Cause.WAIVERS,)),
        ("other", "2026-01-01T00:00:00Z", ("2026-12-31",), (Cause.WAIVERS, Cause.CLOCK)),
    ],
)
def test_a_waiver_is_edited_or_expires(
    waivers: str, clock: str, until: tuple[str, ...], causes: tuple[Cause, ...]
) -> None:
    """The old run was on 2026-11-23; the data changed as well, and has nothing to do with it."""
    new = _run(waivers=waivers, clock=clock, inventory="other")
    assert _causes(new, ReportedOutcome.EXEMPT, ReportedOutcome.FAIL, *until) == causes
    back = Causes(new, _run()).of(
        "a.b", ReportedOutcome.FAIL, ReportedOutcome.EXEMPT, waived_until=until
    )
    assert back == causes


@pytest.mark.parametrize(
    ("left_out", "absent"),
    [
        (LeftOut(what="main.sales.a", reason="x"), ReportedOutcome.OUT_OF_SCOPE),
        (LeftOut(what="schema main.sales", reason="x"), ReportedOutcome.OUT_OF_SCOPE),
        (LeftOut(what="catalog main", reason="x"), ReportedOutcome.OUT_OF_SCOPE),
        (LeftOut(what="schema main.sales", reason="x", tables=3), ReportedOutcome.NO_TABLE),
        (LeftOut(what="catalog mai", reason="x"), ReportedOutcome.NO_TABLE),
    ],
)
def test_what_was_left_out_is_out_of_scope(left_out: LeftOut, absent: ReportedOutcome) -> None:
    completeness = structs.replace(reports.sample(0, failures=0).completeness, left_out=(left_out,))
    assert Absence(_run(), completeness).of_table("Main.sales.A") is absent


def _seen(table: str = "", pattern: str = "", **changes: Any) -> bool:  # noqa: ANN401 -- any field
    """Whether a complete run, but for these changes, saw all that a waiver may cover."""
    planned = changes.pop("planned", False)
    run = _run(narrowed=changes.pop("narrowed", ()))
    completeness = structs.replace(reports.sample(0, failures=0).completeness, **changes)
    about = reports.waiver_status(WaiverState.ACTIVE, table=table or None, pattern=pattern or None)
    return Absence(run, completeness, planned=planned).sees_all(about)


_EXCLUDED = (LeftOut(what="catalog dev", reason="excluded"),)
_SOME = (LeftOut(what="tables of schema prod.tmp", reason="excluded", tables=3),)
_LOST = Failure(what="prod.a.lost", where="w", reason="r", remedy="r")
_UNLISTED = structs.replace(_LOST, what="schema prod.b", covers="schema")


@pytest.mark.parametrize(
    ("table", "pattern", "changes", "seen"),
    [
        ("prod.a.gone", "", {}, True),
        ("", "prod.*", {}, True),
        ("prod.a.gone", "", {"narrowed": ("--table prod.b.*",)}, False),
        ("prod.a.gone", "", {"narrowed": ("--table prod.a.*",)}, True),
        ("", "prod.*", {"narrowed": ("--table prod.*",)}, False),
        ("", "prod.*", {"narrowed": ("--policy a.*",)}, True),
        ("prod.a.gone", "", {"planned": True}, False),
        ("", "prod.*", {"planned": True}, False),
        ("dev.a.b", "", {"left_out": _EXCLUDED}, False),
        ("prod.a.b", "", {"left_out": _EXCLUDED}, True),
        ("", "prod.*", {"left_out": _EXCLUDED}, True),
        ("", "d*.x", {"left_out": _EXCLUDED}, False),
        ("prod.tmp.b", "", {"left_out": _SOME}, False),
        ("prod.tmpx.b", "", {"left_out": _SOME}, True),
        ("", "prod.t*", {"left_out": _SOME}, False),
        ("", "prod.s*", {"left_out": _SOME}, True),
        ("prod.a.lost", "", {"failures": (_LOST,)}, False),
        ("prod.a.gone", "", {"failures": (_LOST,)}, True),
        ("", "prod.a.*", {"failures": (_LOST,)}, False),
        ("", "prod.c.*", {"failures": (_LOST,)}, True),
        ("prod.b.gone", "", {"failures": (_UNLISTED,)}, False),
        ("", "prod.*", {"failures": (_UNLISTED,)}, False),
        ("", "prod.c.*", {"failures": (_UNLISTED,)}, True),
        ("prod.a.gone", "", {"reasons": ("no end",)}, False),
        ("", "prod.c.*", {"reasons": ("no end",)}, False),
    ],
)
def test_a_run_knows_what_it_did_not_see(
    table: str, pattern: str, changes: dict[str, Any], *, seen: bool
) -> None:
    """Else a waiver that is needed would be called unused."""
    assert _seen(table, pattern, **changes) is seen
