"""Only what does nothing is removed; a report speaks only of waivers that are still the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import UNSET, structs

from lakewarden.model.waiver import WaiverCondition, WaiverState, WaiverStatus
from lakewarden.settings.waivers import Waiver
from lakewarden.waivers.listing import Filters, list_waivers
from lakewarden.waivers.states import statuses_in, useless
from lakewarden.waivers.waiver_file import Located
from tests.support.agreeing_reports import agreeing

NOW = "2026-11-23T05:10:00Z"
REPORT = agreeing()


def located(status: WaiverStatus, index: int = 0) -> Located:
    names = (each.name for each in structs.fields(Waiver))
    fields = {name: value for name in names if (value := getattr(status, name)) is not None}
    return Located(waiver=Waiver(**fields), where=f"waivers.yaml:{index}", index=index)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return REPORT.write(tmp_path_factory.mktemp("report") / "report.json")


def test_a_report_speaks_of_the_waivers_that_it_knew(report: Path) -> None:
    known = [located(each, index) for index, each in enumerate(REPORT.waivers)]
    assert statuses_in(known, report) == dict(enumerate(REPORT.waivers))
    assert statuses_in(known, None) == {}
    edited = [
        replace_waiver(known[0], reason="another"),
        replace_waiver(known[0], expires="2031-01-01"),
        replace_waiver(known[0], ticket="GOV-9" if known[0].waiver.ticket is UNSET else UNSET),
    ]
    assert len(statuses_in(edited[:2], report)) == 0
    assert len(statuses_in(edited[2:], report)) == 1, "a ticket makes no other waiver"


def replace_waiver(one: Located, **changes: object) -> Located:
    return structs.replace(one, waiver=structs.replace(one.waiver, **changes))


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({WaiverCondition.UNUSED: "x"}, "no table has its name"),
        ({WaiverCondition.UNNEEDED: "x"}, "nothing needs it"),
        ({WaiverCondition.UNSEEN: "x"}, None),
        ({WaiverCondition.OVER_BROAD: "x", WaiverCondition.CONFLICTING: "y"}, None),
        ({}, None),
    ],
)
def test_what_does_nothing_is_named_with_the_reason(
    conditions: dict[WaiverCondition, str], reason: str | None
) -> None:
    status = structs.replace(
        REPORT.waivers[0], state=WaiverState.ACTIVE, expires="2027-06-30", conditions=conditions
    )
    one = located(status)
    found = [(each.index, words) for each, words in useless([one], NOW, {0: status})]
    assert found == ([(0, reason)] if reason else [])
    (shown,) = list_waivers([one], NOW, Filters(), {0: status})
    assert (shown.conditions, shown.excuses) == (conditions, status.excuses)


def test_what_has_expired_is_over_whatever_a_report_says() -> None:
    status = structs.replace(REPORT.waivers[0], expires="2026-11-22", conditions={})
    ((_, words),) = useless([located(status)], NOW, {0: status})
    assert words == "expired on 2026-11-22"


def test_what_lasts_too_long_is_listed_without_a_report() -> None:
    one = located(structs.replace(REPORT.waivers[0], starts=None, expires="2027-06-30"))
    (shown,) = list_waivers([structs.replace(one, too_long="So.")], NOW, Filters(), {})
    assert shown.conditions == {WaiverCondition.TOO_LONG: "So."}
    assert shown.excuses is None
