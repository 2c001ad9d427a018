"""What SARIF says of a run as a whole: nobody takes an incomplete one for a sound one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from lakewarden.model.report import Gate
from lakewarden.model.waiver import WaiverState
from lakewarden.renderers.sarif.notifications import invocation
from lakewarden_collector.inventory import Failure, LeftOut
from tests.support import fixable, reports
from tests.support.findings import complete, every_kind


def _invocation(sample: reports.Sample, **numbers: int) -> dict[str, Any]:
    return invocation(sample, **({"left_out": 0, "suppressed": 0} | numbers))


def _texts(found: dict[str, Any], kind: str) -> list[str]:
    both = [*found["toolExecutionNotifications"], *found["toolConfigurationNotifications"]]
    return [each["message"]["text"] for each in both if each["descriptor"]["id"] == kind]


def _fine() -> reports.Sample:
    sample = complete([fixable.table("a.b.c", {})])
    sample.gate = Gate(exit_code=0)
    return sample


def test_a_whole_run_succeeded_whatever_its_policies_say() -> None:
    sample = _fine()
    sample.gate = Gate(exit_code=1, reasons=("1 mandatory decision failed",))
    found = _invocation(sample)
    assert (found["executionSuccessful"], found["exitCode"]) == (True, 1)
    assert found["toolExecutionNotifications"] == []
    assert found["startTimeUtc"] == "2026-11-23T05:10:01.000Z"


def test_what_could_not_be_read_or_decided_is_said_and_the_run_did_not_succeed() -> None:
    found = _invocation(every_kind())
    assert found["executionSuccessful"] is False
    first, second, third = _texts(found, "incomplete")
    assert first.startswith("INCOMPLETE: 6 of 8 tables evaluated")
    assert second.startswith("archive.web.damaged_0: the log's version 3 is missing.")
    assert third.startswith("archive.web.damaged_1")
    (error,) = _texts(found, "policy-error")
    assert error.startswith("clustering.single_strategy: 1 decision ended in an error.")


@pytest.mark.parametrize("spoiled", ["engine", "nothing", "reason", "error"])
def test_no_other_way_to_be_incomplete_succeeds(spoiled: str) -> None:
    sample = _fine()
    match spoiled:
        case "engine":
            sample.gate = Gate(exit_code=4, reasons=("the engine failed",))
        case "nothing":
            sample = complete([])
        case "reason":
            sample.completeness = structs.replace(
                sample.completeness, complete=False, reasons=("The inventory has no end.",)
            )
        case "error":
            sample = complete([every_kind().rows[5]])
    found = _invocation(sample)
    assert found["executionSuccessful"] is False
    assert any(each["level"] == "error" for each in found["toolExecutionNotifications"])


def test_a_disabled_gate_ends_with_0_and_says_so() -> None:
    sample = _fine()
    sample.gate = Gate(exit_code=1, reasons=("it failed",), gate_disabled=True)
    found = _invocation(sample)
    assert found["exitCode"] == 0
    assert "off (--no-gate)" in found["exitCodeDescription"]


def test_what_is_not_in_the_file_is_counted() -> None:
    found = _invocation(_fine(), left_out=1_234, suppressed=2)
    left_out, suppressed = _texts(found, "results-left-out")
    assert left_out.startswith("1,234 results of lower weight left out")
    assert suppressed.startswith("2 waived or known results left out")


def test_what_was_not_asked_for_and_what_is_off_is_said() -> None:
    sample = _fine()
    sample.run = reports.run(
        notices=(), narrowed=("--table a.*",), policies_off=("clustering.key_limit",)
    )
    sample.completeness = structs.replace(
        sample.completeness, left_out=(LeftOut(what="system", reason="excluded"),)
    )
    sample.waivers = (reports.waiver_status(WaiverState.EXPIRED),)
    found = _invocation(sample)
    assert found["executionSuccessful"] is True
    assert _texts(found, "left-out") == ["Left out: system: excluded", "Limited by --table a.*."]
    assert len(_texts(found, "policy-off")) == len(_texts(found, "waiver")) == 1


def test_many_failures_are_counted_after_a_thousand() -> None:
    sample = _fine()
    failures = tuple(
        Failure(what=f"a.b.t{each}", where="", reason="lost", remedy="") for each in range(1_500)
    )
    sample.completeness = structs.replace(sample.completeness, complete=False, failures=failures)
    texts = _texts(_invocation(sample), "incomplete")
    assert len(texts) == 1_001
    assert texts[-1] == "And 501 more."
