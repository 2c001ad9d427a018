"""A policy that is advisory until a day, and `--fail-on`: the exit codes, and what reports say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import document, lakewarden, write_lines

pytestmark = pytest.mark.opa

POLICY: Final = "clustering.strategy_required"
FROM: Final = "effective_on: {strategy_required: 2027-01-31}\n"
BEFORE, THEN = "2027-01-30T23:59:59Z", "2027-01-31T00:00:00Z"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two tables that break a mandatory policy of high severity."""
    folder = tmp_path_factory.mktemp("team")
    (folder / "config").mkdir()
    write_lines(folder / "lake.ndjson", document("early"), document("late"))
    write_lines(folder / "unsized.ndjson", document("early"), document("unsized", size={}))
    return folder


def evaluate(
    team: Path, settings: str, now: str, *options: str, lake: str = "lake"
) -> tuple[int, str, dict[str, Any]]:
    """Return the exit code, what is on the screen, and the report."""
    (team / "config" / "clustering_config.yaml").write_text(settings)
    ended = lakewarden(
        *("evaluate", "--inventory", f"{lake}.ndjson", "--policy", POLICY, "--now", now),
        *("--report", "json=report.json", "--no-what-if", *options),
        cwd=team,
    )
    report: dict[str, Any] = json.loads((team / "report.json").read_text())
    return ended.returncode, ended.stdout, report


def test_until_the_day_it_is_shown_and_from_its_start_on_it_gates(team: Path) -> None:
    """A team that reads one date in a review must not be surprised a day early, or never."""
    pages = ("--report", "report.md", "--report", "report.html", "--report", "tests.xml")
    code, screen, report = evaluate(team, FROM, BEFORE, *pages)
    assert code == 0
    (upcoming,) = report["gate"]["upcoming"]
    assert upcoming == {
        "policy_id": POLICY,
        "effective_on": "2027-01-31",
        "days_left": 1,
        "tables": 2,
        "failing": 2,
        "unknown": 0,
    }
    (policy,) = report["policies"]
    assert (policy["enforcement"], policy["effective_on"]) == ("advisory", "2027-01-31")
    html, markdown = ((team / f"report.{each}").read_text() for each in ("html", "md"))
    for page in (screen, html, markdown.replace("`", "")):
        words = " ".join(page.split())
        assert f"{POLICY} is advisory until 2027-01-31, then mandatory: 1 day left." in words
        assert f"From 2027-01-31 on (1 day left), 2 failures of {POLICY} would gate." in words
    assert "advisory until 2027-01-31" in html.partition('id="policies"')[2]
    assert '<property name="effective_on" value="2027-01-31"/>' in (team / "tests.xml").read_text()

    (team / "report.json").rename(team / "before.json")
    code, screen, after = evaluate(team, FROM, THEN, "--previous", "before.json")
    assert code == 1
    assert after["gate"]["upcoming"] == []
    assert after["policies"][0]["enforcement"] == "mandatory"
    assert "would gate" not in screen
    # The settings are the same; that the day has come is named, and explains what has changed.
    assert after["run"]["digests"]["settings"] == report["run"]["digests"]["settings"]
    assert f"{POLICY} is mandatory from 2027-01-31 on" in " ".join(screen.split())
    assert lakewarden("report", "before.json", cwd=team).returncode == 0


def test_an_override_brings_the_day_forward_for_its_tables(team: Path) -> None:
    settings = (
        f"{FROM}overrides: [{{tables: '*.early', effective_on: {{strategy_required: 2027-01-01}}}}]"
    )
    code, screen, report = evaluate(team, settings, BEFORE)
    early, late = (each["decisions"][POLICY] for each in report["tables"])
    assert (early["enforcement"], early["effective_on"]) == ("mandatory", "2027-01-01")
    assert early["override"] == "*.early"
    assert "enforcement" not in late
    assert code == 1
    assert f"{POLICY} is advisory for 1 table until 2027-01-31" in " ".join(screen.split())
    path = team / "report.json"
    path.write_text(
        path.read_text().replace('"effective_on":"2027-01-01"', '"effective_on":"2099-01-01"')
    )
    refused = lakewarden("report", "report.json", cwd=team)
    assert (refused.returncode, "2099-01-01" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fail-on", "high"), 1),
        (("--fail-on", "high", "--allow", f"fail:{POLICY}"), 0),
        (("--fail-on", "high", "--no-gate"), 0),
    ],
)
def test_fail_on_gates_advisory_failures_from_a_severity_on(
    team: Path, options: tuple[str, ...], code: int
) -> None:
    ended, screen, report = evaluate(team, FROM, BEFORE, *options)
    assert ended == code
    gates = code == 1 or "--no-gate" in options
    assert report["gate"]["exit_code"] == int(gates)
    assert ("2 advisory decisions of severity" in screen) is gates
    assert report["gate"]["fail_on"] == options[1]


def test_fail_on_comes_before_what_is_incomplete_and_from_the_project_file(team: Path) -> None:
    """An advisory policy may lack evidence; a failure by --fail-on is exit 1 all the same."""
    project = team / "lakewarden.toml"
    project.write_text('fail-on = "high"\n')
    try:
        code, screen, report = evaluate(team, FROM, BEFORE, "--report", "t.xml", lake="unsized")
        assert code == 1
        assert "1 advisory decision of severity high or worse failed (--fail-on high)" in screen
        assert "No table breaks a mandatory policy, but advisory failures gate" in screen
        (upcoming,) = report["gate"]["upcoming"]
        assert (upcoming["failing"], upcoming["unknown"]) == (0, 1)  # the failure gates already
        assert 'failures="1"' in (team / "t.xml").read_text()
        assert evaluate(team, "", BEFORE, "--allow", "fail", lake="unsized")[0] == 3
        project.write_text('fail-on = "hgih"\n')
        wrong = lakewarden("evaluate", "--inventory", "lake.ndjson", cwd=team)
        assert wrong.returncode == 2
        assert "lakewarden.toml:1" in wrong.stderr
        assert "Did you mean high?" in wrong.stderr
    finally:
        project.unlink()


def test_it_is_listed_and_a_day_without_effect_is_named(team: Path) -> None:
    settings = f"{FROM}enforcement: {{strategy_required: advisory}}\n"
    _, screen, _ = evaluate(team, settings, BEFORE)
    assert "(config/clustering_config.yaml:1) has no effect" in " ".join(screen.split())
    (team / "config" / "clustering_config.yaml").write_text(FROM.replace("2027", "2999"))
    listed = lakewarden("policies", "list", "--config", "config", cwd=team).stdout
    assert f"{POLICY}\thigh\tadvisory until 2999-01-31\t" in listed
    doctor = lakewarden("doctor", "--config", "config", cwd=team)
    assert f"{POLICY} is advisory until 2999-01-31, then mandatory" in doctor.stdout
