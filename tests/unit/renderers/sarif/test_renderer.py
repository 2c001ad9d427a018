"""The log file as the standard, its readers and GitHub want it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from msgspec import structs
from sarif import loader  # type: ignore[import-untyped]

from lakewarden.model.decision import Outcome
from lakewarden.renderers import Format
from lakewarden.renderers.sarif import renderer
from lakewarden.renderers.sarif.message import plain
from lakewarden.renderers.words.wording import HIDDEN
from lakewarden_collector.document import Definition
from lakewarden_collector.patterns import fold
from tests.support import fixable, hostile, reports, sarif_multitool
from tests.support.findings import WAIVER, complete, every_kind, many, written
from tests.support.fixable import KEY_LIMIT, STRATEGY
from tests.support.golden import golden, showcase

_FORMATS = (Format.SARIF, Format.CODE_SCANNING)


def _run(sample: reports.Sample, kind: Format = Format.SARIF) -> dict[str, Any]:
    read = json.loads(written(sample, kind))
    assert read["version"] == "2.1.0"
    (run,) = read["runs"]
    found: dict[str, Any] = run
    return found


def _results(sample: reports.Sample, kind: Format = Format.SARIF) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _run(sample, kind)["results"]
    return found


@pytest.mark.parametrize("kind", _FORMATS)
def test_it_is_as_it_was(kind: Format) -> None:
    name = "report.sarif" if kind == Format.SARIF else f"report.{kind}.sarif"
    golden(name, written(showcase(), kind))


def test_every_policy_is_a_rule_with_its_help() -> None:
    sample = every_kind()
    first = structs.replace(
        sample.policies[0],
        why="It costs {money}.",
        exemptions=("Small tables are exempt.",),
        pages=("https://example.org/a#keys", "https://e/> [x](y)", "javascript:alert(1)"),
    )
    sample.policies = (first, *sample.policies[1:])
    rules = _run(sample)["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [each.policy_id for each in sample.policies]
    assert rules[0]["name"] == "ClusteringKeyLimit"
    assert rules[0]["defaultConfiguration"] == {"level": "warning"}
    assert rules[0]["shortDescription"]["text"] == first.title
    for part in (first.description, "It costs {{money}}.", first.remediation, first.exemptions[0]):
        assert part in rules[0]["help"]["text"]
    assert "## Why\n\nIt costs `{{money}}`." in rules[0]["help"]["markdown"]
    assert rules[0]["helpUri"] == "https://example.org/a#keys"
    links = "\n\n<https://example.org/a#keys>\n\n<https://e/%3E%20%5Bx%5D%28y%29>"
    assert rules[0]["help"]["markdown"].endswith(links)
    assert "helpUri" not in rules[1]
    assert rules[0]["properties"]["tags"] == ["clustering", "medium", "mandatory"]
    assert rules[3]["defaultConfiguration"] == {"level": "note"}, "advisory and low"


@pytest.mark.parametrize("kind", _FORMATS)
def test_a_result_names_rule_place_and_table(kind: Format) -> None:
    run = _run(every_kind(), kind)
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert physical["region"]["startLine"] >= 1
        full_name = result["properties"]["table"]
        assert location["logicalLocations"][0]["fullyQualifiedName"] == full_name
    first, *_ = run["results"]
    place = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "tables/main.sales.returns", "uriBaseId": "TABLES"}
    planned = next(each for each in run["results"] if each["ruleId"] == KEY_LIMIT)
    physical = planned["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "modules/sales%2C%20eu/main.tf", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12},
    }
    assert planned["locations"][0]["logicalLocations"][1] == {
        "fullyQualifiedName": 'databricks_sql_table.late["eu"]',
        "kind": "declaration",
    }


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü#1?.sql", "a%20b/%C3%BC%231%3F.sql"),
        ("git::https://e/main.tf", "git%3A%3Ahttps%3A/e/main.tf"),
        ("/home/ci/a b.sql", "file:///home/ci/a%20b.sql"),
        ("//host/a.sql", "file:///host/a.sql"),
        ("C:\\ci\\a b.sql", "file:///C:/ci/a%20b.sql"),
        ("C:/ci/a.sql", "file:///C:/ci/a.sql"),
        ("models\\a.sql", "models/a.sql"),
    ],
)
def test_a_path_is_a_uri_that_means_this_path(file: str, uri: str) -> None:
    table = fixable.table("a.b.c", {STRATEGY: fixable.failing("It has none.")})
    definition = Definition(tool="sql", file=file, line=3)
    (result,) = _results(complete([structs.replace(table, definition=definition)]))
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not uri.startswith("file:"))
    assert urlsplit(uri).scheme in ("", "file")


def test_waived_results_are_suppressed_and_others_say_that_they_are_not() -> None:
    results = _results(every_kind())
    (waived,) = [each for each in results if each["suppressions"]]
    assert waived == results[-1], "what is waived comes last"
    (suppression,) = waived["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    for part in (WAIVER.reason, "Head of Data", "2027-03-31"):
        assert part in suppression["justification"]
    assert suppression["properties"]["ticket"] == "DATA-7"


def test_what_was_not_decided_is_open_and_never_a_pass() -> None:
    results = _results(every_kind())
    undecided = [each for each in results if each["properties"]["outcome"] != "fail"]
    assert [each["properties"]["outcome"] for each in undecided] == [
        *("unknown", "unknown", "error", "unknown"),
    ]
    assert {(each["kind"], each["level"]) for each in undecided} == {("open", "none")}


def test_code_scanning_gets_what_it_can_tell_apart() -> None:
    """It knows neither suppressions nor kinds: it would show both as open alerts."""
    run = _run(every_kind(), Format.CODE_SCANNING)
    assert len(run["results"]) == len(_results(every_kind())) - 1
    for each in run["results"]:
        assert not {"kind", "suppressions"} & each.keys()
        assert each["level"] in {"error", "warning", "note"}
    unknown = [each for each in run["results"] if each["properties"]["outcome"] == "unknown"]
    assert [each["level"] for each in unknown] == ["error", "warning", "note"]
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    (left_out,) = [each for each in notifications if each["descriptor"]["id"] == "results-left-out"]
    assert left_out["message"]["text"].startswith("1 waived or known result left out")


def test_fixes_are_data_and_the_best_is_in_the_message() -> None:
    first, *_ = _results(every_kind())
    assert first["message"]["text"].endswith(
        "Fix: Let Databricks choose the keys\nALTER TABLE `main`.`sales`.`returns` CLUSTER BY AUTO;"
    )
    assert len(first["properties"]["fixes"]) == 2
    assert first["message"]["markdown"].count("```sql\n") == 4


def test_fingerprints_survive_other_words_and_are_what_github_reads() -> None:
    def prints(message: str) -> list[str]:
        sample = every_kind()
        changed = fixable.table("main.sales.returns", {STRATEGY: fixable.failing(message)})
        sample.rows = [changed, *sample.rows[2:]]
        results = _results(sample, Format.CODE_SCANNING)
        for each in results:
            assert len({*each["partialFingerprints"].values()}) == 1
        found = [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]
        assert len({*found}) == len(found)
        return found

    assert prints("It has none.") == prints("Nobody clustered it.")


@pytest.mark.parametrize("kind", _FORMATS)
def test_more_than_github_takes_is_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch, kind: Format
) -> None:
    monkeypatch.setattr(renderer, "MOST", 20)
    run = _run(many(33), kind)
    assert [each["properties"]["bytes"] for each in run["results"]] == [*range(33, 13, -1)]
    assert "13 results of lower weight left out" in str(run["invocations"])
    monkeypatch.setattr(renderer, "MOST", 100)
    monkeypatch.setattr(renderer, "_MOST_BYTES", 5_000)
    run = _run(many(33), kind)
    kept = len(run["results"])
    assert 0 < kept < 33
    assert f"{33 - kept} results of lower weight left out" in str(run["invocations"])


def test_sarif_tools_read_it(tmp_path: Path) -> None:
    path = tmp_path / "report.sarif"
    path.write_text(written(every_kind(), Format.SARIF), "utf-8")
    read = loader.load_sarif_file(str(path))
    assert read.get_distinct_tool_names() == ["Lakewarden"]
    records = read.get_records()
    assert len(records) == 9
    assert records[0]["Severity"] == "error"
    assert records[0]["Location"] == "tables/main.sales.returns"
    assert records[0]["Code"] == STRATEGY
    planned = next(each for each in records if each["Code"] == KEY_LIMIT)
    assert (unquote(planned["Location"]), planned["Line"]) == ("modules/sales, eu/main.tf", 12)
    assert {each["Severity"] for each in records} == {"error", "warning", "note", "none"}


@pytest.mark.parametrize("name", reports.HOSTILE_NAMES)
def test_names_and_texts_of_any_signs_stay_what_they_are(name: str, tmp_path: Path) -> None:
    full_name = f"a.b.{name}"
    failed = fixable.failing(name, fixable.cluster(full_name, title=name))
    table = structs.replace(
        fixable.table("a.b.c", {STRATEGY: failed}, owner=name), full_name=full_name, name=name
    )
    path = tmp_path / "report.sarif"
    path.write_text(written(complete([table]), Format.SARIF), "utf-8")
    (result,) = loader.load_sarif_file(str(path)).get_results()
    assert result["properties"]["owner"] == name
    assert result["properties"]["fixes"][0]["title"] == name
    (location,) = result["locations"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == full_name
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    shown = unquote(unquote(uri).removeprefix("tables/"))
    assert shown == fold(full_name) or "%" in name


@pytest.mark.parametrize("kind", _FORMATS)
@pytest.mark.parametrize("text", [hostile.WORST, hostile.LONG])
def test_texts_of_any_signs_are_text(kind: Format, text: str) -> None:
    sample = hostile.report(text)
    run = _run(sample, kind)
    planned = [each for each in run["results"] if "definition" in each["properties"]]
    assert planned
    assert all(each["properties"]["definition"]["address"] == text for each in planned)
    assert {each["properties"]["table"] for each in run["results"]} == {text}
    for each in run["results"]:
        assert not HIDDEN.search(each["message"]["text"])
        assert plain(text) in each["message"]["text"]


@settings(max_examples=20, deadline=None)
@given(reports.reports())
def test_any_report_keeps_what_the_standard_demands(sample: reports.Sample) -> None:
    for kind in _FORMATS:
        run = _run(sample, kind)
        for result in run["results"]:
            assert result["message"]["text"]
            assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert (result.get("kind", "fail") == "fail") == (result["level"] != "none")
        undecided = [
            decision
            for table in sample.tables()
            for decision in table.decisions.values()
            if decision.outcome in (Outcome.UNKNOWN, Outcome.ERROR)
        ]
        assert len(run["results"]) >= len(undecided)


_KNOWN: Final = "SARIF2005"
"""The tool has no address: there is none where all of its users would find it."""


@pytest.mark.nightly
@pytest.mark.skipif(
    sarif_multitool.missing() is not None, reason=sarif_multitool.missing() or "is there"
)
def test_the_multitool_finds_nothing_by_its_own_rules_and_githubs(tmp_path: Path) -> None:
    files = []
    for kind in _FORMATS:
        samples = {"every": every_kind(), "hostile": hostile.report(hostile.WORST)}
        for name, sample in samples.items():
            files.append(tmp_path / f"{name}-{kind}.sarif")
            files[-1].write_text(written(sample, kind), "utf-8")
    broken = tmp_path / "broken.sarif"
    broken.write_text(files[0].read_text("utf-8").replace('"startLine"', '"startLin"'), "utf-8")
    found = sarif_multitool.findings(*files, broken)
    ours = [each for each in found if "broken.sarif" not in each]
    assert [each for each in ours if _KNOWN not in each] == []
    assert len(found) > len(ours), "it must be able to find something"
