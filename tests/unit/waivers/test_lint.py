"""What a review of the file should have seen: a pattern for everything, an exception twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.waivers.lint import Finding, lint
from tests.support.commandline import NOW

POLICY = "naming.short_columns"


def linted(tmp_path: Path, *targets: str, expires: str = "2026-12-01") -> tuple[Finding, ...]:
    who = "    reason: r\n    owner: o\n    approved_by: b\n"
    path = tmp_path / "waivers.yaml"
    path.write_text(
        "waivers:\n"
        + "".join(
            f"  - policy: {POLICY}\n    {target}\n{who}    expires: {expires}\n"
            for target in targets
        )
    )
    return lint(path, [POLICY], NOW)


@pytest.mark.parametrize(
    ("pattern", "faults"),
    [("*", 1), ("*.*.*", 1), ("?*", 1), ("*.?.?", 0), ("a*", 0), ("*.b.*", 0)],
)
def test_a_pattern_that_leaves_no_table_out_is_found(
    tmp_path: Path, pattern: str, faults: int
) -> None:
    found = linted(tmp_path, f"pattern: '{pattern}'")
    assert [each.fault.value for each in found] == ["covers-all"] * faults


def test_a_waiver_and_a_pattern_that_covers_it_contradict_each_other(tmp_path: Path) -> None:
    linted(tmp_path, "table: a.b.c", "pattern: a.b.*", "table: x.y.z")
    path = tmp_path / "waivers.yaml"
    assert not lint(path, [POLICY], NOW)
    path.write_text(path.read_text().replace("owner: o", "owner: p", 1))
    (found,) = lint(path, [POLICY], NOW)
    assert (found.fault.value, found.where[-2:]) == ("conflicting", ":2")
    assert found.what.endswith("waivers.yaml:8")
    assert [each.fault.value for each in lint(path, [POLICY], "2027-01-01T00:00:00Z")] == [
        "expired"
    ] * 3


def test_what_the_settings_do_not_allow_is_found(tmp_path: Path) -> None:
    linted(tmp_path, "table: a.b.c")
    (found,) = lint(tmp_path / "waivers.yaml", [POLICY], NOW, lambda _: "It lasts 9 days.")
    assert found.fault.value == "too-long"
    assert found.what.endswith("isn't applied: It lasts 9 days")


def test_the_second_of_two_is_found_whatever_the_case_unless_it_is_over(tmp_path: Path) -> None:
    two = ("table: a.b.c", "table: A.b.C", "pattern: a.b.c*")
    (found,) = linted(tmp_path, *two)
    assert (found.fault.value, found.where[-2:]) == ("duplicate", ":8")
    assert found.what.endswith("waivers.yaml:2")
    found_later = linted(tmp_path, *two, expires="2026-11-22")
    assert [each.fault.value for each in found_later] == ["expired"] * 3
