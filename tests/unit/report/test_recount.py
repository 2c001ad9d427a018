"""A report that was edited after it was written is refused where its parts disagree."""

from __future__ import annotations

import copy
import json
import re
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report
from lakewarden.report.gate import judge
from lakewarden.report.previous import read_previous
from lakewarden.report.recount import open_report
from lakewarden.report.summary import Tally
from lakewarden_collector.inventory import Failure
from tests.support import agreeing_reports, reports
from tests.support.agreeing_reports import agreeing
from tests.support.histories import with_history

SAMPLE: Final = agreeing()
PAST: Final = with_history(agreeing())
KEY: Final = "clustering.key_limit"


def content(sample: reports.Sample = SAMPLE) -> Any:  # noqa: ANN401 -- JSON
    """Return the sample as JSON values, to be edited."""
    with tempfile.TemporaryDirectory() as folder:
        return json.loads(sample.write(Path(folder) / "report.json").read_bytes())


def rewritten(value: Any, path: Path) -> Path:  # noqa: ANN401 -- JSON
    """Write an edited report in our own layout."""
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    lines = {
        name: ",\n".join(json.dumps(each, **compact) for each in value[name])  # type: ignore[arg-type]  # keyword arguments of several types
        for name in ("policies", "tables")
    }
    rest = ",\n".join(
        f"{json.dumps(name)}:{json.dumps(each, **compact)}"  # type: ignore[arg-type]  # as above
        for name, each in value.items()
        if name not in {"schema_version", *lines}
    )
    sections = "".join(
        f'"{name}":[\n' + (f"{text}\n" if text else "") + "],\n" for name, text in lines.items()
    )
    text = f'{{"schema_version":{value["schema_version"]},\n{sections}{rest}}}\n'
    path.write_text(text, encoding="utf-8")
    return path


def refused(value: Any, folder: Path) -> ConfigurationError:  # noqa: ANN401 -- JSON
    """Return the error that a report and a comparison end with; both layouts are refused."""
    path = rewritten(value, folder / "edited.json")
    with pytest.raises(ConfigurationError) as caught:
        open_report(path)
    with pytest.raises(ConfigurationError) as compared:
        read_previous(path)
    assert str(compared.value) == str(caught.value)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as spread:
        open_report(path)
    assert spread.value.what == caught.value.what
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return caught.value


def test_a_report_of_a_run_agrees(tmp_path: Path) -> None:
    path = SAMPLE.write(tmp_path / "report.json")
    report = open_report(path)
    assert list(report.tables()) == list(SAMPLE.rows)
    assert report.gate == SAMPLE.gate
    assert len(read_previous(path).tables) == len(SAMPLE.rows)
    assert SAMPLE.insight
    assert SAMPLE.insight.change
    assert SAMPLE.insight.change.moved, "or nothing of it is tried below"
    assert rewritten(content(), tmp_path / "same.json").read_bytes() == path.read_bytes()


def outcome(value: Any) -> None:  # noqa: ANN401 -- JSON
    value["tables"][0]["decisions"][KEY] = {"outcome": "pass", "reasons": ["all is well"]}
    value["tables"][0]["decisions"]["clustering.keys_exist"] = {
        "outcome": "fail",
        "violations": [{"message": "no"}],
    }


def set_at(path: str, new: object) -> Callable[[Any], None]:
    """Return an edit of the value at a path such as `summary.total.tables`."""

    def edit(value: Any) -> None:  # noqa: ANN401 -- JSON
        *above, last = (int(each) if each.isdigit() else each for each in path.split("/"))
        for each in above:
            value = value[each]
        value[last] = new

    return edit


def twice(value: Any) -> None:  # noqa: ANN401 -- JSON
    value["tables"].append(value["tables"][3])


def first_first(value: Any) -> None:  # noqa: ANN401 -- JSON
    value["tables"].insert(0, value["tables"][5])


def in_other_case(value: Any) -> None:  # noqa: ANN401 -- JSON
    again = copy.deepcopy(value["tables"][3])
    again["full_name"], again["name"] = again["full_name"].upper(), again["name"].upper()
    again["catalog_name"] = again["catalog_name"].upper()
    again["schema_name"] = again["schema_name"].upper()
    value["tables"].insert(0, again)


def missing_decision(value: Any) -> None:  # noqa: ANN401 -- JSON
    del value["tables"][2]["decisions"][KEY]


def policy_twice(value: Any) -> None:  # noqa: ANN401 -- JSON
    value["policies"].append(value["policies"][0])


DECISION: Final = f"tables/0/decisions/{KEY}"


@pytest.mark.parametrize(
    ("edit", "place", "what"),
    [
        (set_at("summary/total/tables", 99), "$.summary.total.tables", "says 99, but .* says"),
        (set_at("summary/total/bytes", -1), "$.summary.total.bytes", "says -1"),
        (set_at("summary/by_policy/x.y", {}), '$.summary.by_policy["x.y"]', "doesn't mention"),
        (set_at("completeness/decisions_made", 1), "$.completeness.decisions_made", "says 1"),
        (set_at("completeness/complete", True), "$.completeness.complete", "says true"),
        (set_at("completeness/failures", []), "$.completeness.tables_failed", "says 0"),
        (set_at("gate/exit_code", 0), "$.gate.exit_code", "says 0, but .* says 1"),
        (set_at("gate/reasons", ["all is well"]), "$.gate.reasons[0]", "all is well"),
        (set_at("gate/allowed", ["all"]), "$.gate.allowed", "all"),
        (set_at("insight/governance/share", 1), "$.insight.governance.share", "says 1"),
        (set_at("insight/what_if/0/failing/tables", 0), ".failing.tables", "says 0"),
        (set_at("insight/change/fixed/tables", 4), "change.fixed", "4"),
        (set_at("insight/change/added_examples", []), "change.added", "0 examples"),
        (set_at("waivers/0/excuses", 70), "$.waivers[0].excuses", "says 70"),
        (set_at("waivers/1/state", "active"), "$.waivers[1].state", "clock it's expired"),
        (set_at("waivers/1/tables", 70), "$.waivers[1].tables", "says 70"),
        (set_at("waivers/1/starts", "2026-13-01"), "$.waivers[1].starts", "month"),
        (set_at("waivers/1/expires", "soon"), "$.waivers[1].expires", "Invalid isoformat"),
        (set_at("waivers/1/table", None), "$.waivers[1]", "a table or a pattern"),
        (
            set_at("waivers/2/conditions", {}),
            "$.waivers[2].conditions",
            "of 0 tables",
        ),
        (set_at("waivers/0/conditions", {"unseen": ""}), "$.waivers[0].conditions", "unseen"),
        (set_at("waivers/0/conditions", {"unneeded": ""}), "$.waivers[0].conditions", "excuses"),
        (set_at("waivers/0/conditions", {"too_long": ""}), "strategy_required", "active waiver"),
        (set_at("waivers/0/starts", "2026-12-01"), "strategy_required", "active waiver"),
        (set_at("waivers/0/kind", "mitigated"), "strategy_required", "active waiver"),
        (set_at("gate/strict_waivers", True), "$.gate.reasons", "to be put right"),
        (set_at("summary/total/exempt/flag", 99), "$.summary.total.exempt.flag", "says 99"),
        (set_at(f"{DECISION}/outcome", "fail"), DECISION.split("/")[-1], "fail"),
        (set_at(f"{DECISION}/would_be", "pass"), KEY, "no would_be"),
        (set_at(f"{DECISION}/violations", [{"message": "!"}]), KEY, "no violations"),
        (set_at(f"{DECISION}/severity", "low"), KEY, "override"),
        (set_at("tables/0/full_name", "a.b.c"), "full_name", "its parts make it"),
        (set_at("tables/0/owner", "somebody"), "by_owner", "rest of the report says"),
        (set_at("tables/0/size", {"bytes": -4}), "size", "-4 isn't a number of bytes"),
        (set_at("tables/0/size", {"bytes": True}), "size", "true isn't a number of bytes"),
        (set_at("tables/0/size", {"bytes": 2**63}), "size", "9223372036854775808 isn't a number"),
        (set_at("tables/0/size", {"files": 0.5}), "size", "0.5 isn't a number of files"),
        (set_at("tables/0/size", {"as_of": "2026-13-01T00:00:00Z"}), "size", "RFC 3339"),
        (set_at("tables/0/size", {"as_of": "9999-01-01T00:00:00Z"}), "size", "the time of a run"),
        (set_at("run/clock", "yesterday"), "$.waivers", "Invalid isoformat"),
        (set_at("run/finished_at", "yesterday"), "$.run.finished_at", "RFC 3339"),
        (set_at(f"tables/1/decisions/{'x.y'}", {"outcome": "pass"}), "tables", "isn't a policy"),
        (outcome, "$.summary", "rest of the report says"),
        (missing_decision, "tables", f"no decision of the policy {KEY}"),
        (twice, "tables", "is listed twice"),
        (first_first, "tables", "is listed twice"),
        (in_other_case, "tables", "is listed twice"),
        (policy_twice, "$.policies[5]", "listed twice"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(
    edit: Callable[[Any], None], place: str, what: str, tmp_path: Path
) -> None:
    value = content()
    edit(value)
    error = refused(value, tmp_path)
    assert re.search(what, error.what)
    if place not in {"tables", "size"}:
        assert place in error.where


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"schema_version":1,', '{"schema_version":1,"tables":[],'),
        ('"policies":[\n{', '"policies":[\n{"title":"another",'),
        ('"tables":[\n{', '"tables":[\n{"name":"another",'),
        ('{"outcome":"fail"', '{"outcome":"pass","outcome":"fail"'),
        ('"gate":{', '"gate":{},\n"gate":{'),
        ('"gate":{', '"tables":[],\n"gate":{'),
        ('"gate":{', '"gate":{"exit_code":0,'),
    ],
)
def test_a_key_that_is_there_twice_is_refused(old: str, new: str, tmp_path: Path) -> None:
    """One reader takes the first, another the last."""
    path = SAMPLE.write(tmp_path / "report.json")
    data = path.read_text("utf-8")
    assert old in data
    path.write_text(data.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigurationError, match="twice"):
        open_report(path)
    path.write_text(path.read_text("utf-8").replace("\n", " "), "utf-8")
    with pytest.raises(ConfigurationError, match="twice"):
        open_report(path)


@pytest.mark.parametrize("place", ['"facts":{', '"summary":{', '"run":{'])
def test_a_deep_report_is_refused(place: str, tmp_path: Path) -> None:
    path = SAMPLE.write(tmp_path / "report.json")
    deep = "[" * 100_000 + "]" * 100_000
    data = path.read_text("utf-8").replace(place, f'{place}"deep":{deep},', 1)
    path.write_text(data, "utf-8")
    with pytest.raises(ConfigurationError, match="broken report"):
        open_report(path)


def test_a_report_cut_off_behind_any_line_is_refused(tmp_path: Path) -> None:
    lines = SAMPLE.write(tmp_path / "report.json").read_bytes().splitlines(keepends=True)
    for end in range(len(lines)):
        path = tmp_path / "cut.json"
        path.write_bytes(b"".join(lines[:end]))
        with pytest.raises(ConfigurationError):
            open_report(path)
        path.write_bytes(b"".join(lines[:end] + lines[end + 1 :]))
        if not lines[end].startswith((b'"insight"', b'"promises"', b'"fact_labels"')):
            with pytest.raises(ConfigurationError):
                open_report(path)


def test_a_run_whose_engine_was_lost_agrees(tmp_path: Path) -> None:
    sample = agreeing(compared=False)
    lost = Failure(what="1,200 tables, read but not decided", where="opa", reason="", remedy="")
    failures = (*sample.completeness.failures, lost)
    sample.completeness = structs.replace(
        sample.completeness,
        failures=failures,
        tables_failed=1202,
        tables_known=len(sample.rows) + 1202,
    )
    agreeing_reports.settle(sample)
    tally = Tally(sample.policies)
    for table in sample.rows:
        tally.add(table)
    sample.gate = judge(tally.gating, sample.completeness, engine_failed=True)
    path = sample.write(tmp_path / "report.json")
    assert open_report(path).gate.exit_code == 4
    path.write_bytes(path.read_bytes().replace(b"1,200 tables", b"1,201 tables"))
    with pytest.raises(ConfigurationError, match=r"says 1202, but the rest .* 1203"):
        open_report(path)


def test_a_report_of_another_version_is_shown_in_this_ones_words(tmp_path: Path) -> None:
    """Another version may say the same in other words; its exit code has to agree all the same."""
    value = content()
    value["run"]["tool_version"] = "0.0.9"
    value["gate"]["reasons"] = ["all is well"]
    assert open_report(rewritten(value, tmp_path / "older.json")).gate == SAMPLE.gate
    value["gate"]["exit_code"] = 0
    with pytest.raises(ConfigurationError, match="says 0"):
        open_report(rewritten(value, tmp_path / "older.json"))


def test_tables_in_any_order_agree(tmp_path: Path) -> None:
    sample = agreeing()
    sample.rows = list(reversed(sample.rows))
    assert len(list(open_report(sample.write(tmp_path / "report.json")).tables())) == 14


FREE: Final = re.compile(
    r"""\$(
      .policies\[[012]\].enforcement  # these neither fail nor are unknown
    | .policies\[\d+\].(title|description|remediation|path|why|what_if|settings).*
    | .tables\[\d+\].(table_type|data_source_format|definition(.\w+)?)
    | .tables\[\d+\].size(.(files|origin|as_of|exact))?
    | .tables\[\d+\].facts.clustering(.(keys|threshold_bytes).*)?
    | .tables\[\d+\].decisions.clustering.\w+.(violations|reasons|missing|exemptions|would_be).*
    | .completeness.(failures\[\d+\].(what|where|reason|remedy)|left_out|min_coverage|reasons).*
    | .waivers\[[12]\].*
    | .waivers\[0\].(policy|pattern|table|reason|owner|approved_by|ticket|expires)
    | .waivers
    | .insight
    | .insight.(not_tried|change)
    | .insight.what_if(\[\d+\](.(exempt|unknown).*|.(settings|now).size_threshold_bytes)?)?
    | .insight.what_if\[\d+\].factor
    | .insight.change.(clock|source|scope|differences.*|removed_examples\[\d+\])
    | .insight.change.(before.\w+|removed|fixed|broken|moved\[\d+\].amount).(bytes|unsized)
    | .insight.change.moved(\[\d+\](.(before|after))?)?
    | .promises(.unkept\[\d+\].(?!status).*)?
    | .history.(not_listed|apart|fixed|days_to_fix|runs(\[\d+\](.run_id|.differences.*)?)?)
    | .history.runs\[[0-3]\].*
    | .gate.(softened|allowed.*)
    | .run(.\w+(.\w+|\[\d+\])*)?
    )""",
    re.VERBOSE,
)
"""What a report says once: words, and what came from outside. No count is among them, but those
that only a previous report or the engine can tell."""


def places(value: Any, path: str = "$") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 -- JSON
    """Yield each value's JSON path, its container and its key."""
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = [(key, f"{path}.{key}") for key in value]
    elif isinstance(value, list):
        pairs = [(number, f"{path}[{number}]") for number in range(len(value))]
    for key, below in pairs:
        yield below, value, key
        yield from places(value[key], below)


def edits(old: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    """Return other values for one, most of them of its type."""
    if isinstance(old, bool):
        return [not old, None]
    if isinstance(old, int | float):
        return [old + 1, old - 1, old * 2 + 7, 0, -old - 1, 10**40, 0.5, "1", True, None]
    if isinstance(old, str):
        words = ["", f"{old} ", "pass", "fail", "exempt", "low", "high", "advisory", "mandatory"]
        return [*words, "active", "main.sales.orders_00000", "0", None, 1]
    if isinstance(old, list):
        return [[], old[1:], old[:-1], [*old, *old[:1]], old[::-1], None]
    if isinstance(old, dict):
        return [{}, dict(list(old.items())[1:]), None]
    return [0, "", {}]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_edited_is_refused_or_says_nothing_that_is_said_elsewhere(
    data: st.DataObject,
) -> None:
    sample = data.draw(st.sampled_from([SAMPLE, PAST]))
    value = content(sample)
    path, container, key = data.draw(st.sampled_from(list(places(value))))
    old = container[key]
    new = data.draw(st.sampled_from([each for each in edits(old) if each != old]))
    removed = data.draw(st.booleans()) and isinstance(container, dict)
    if removed:
        del container[key]
    else:
        container[key] = new
    with tempfile.TemporaryDirectory() as folder:
        try:
            file = rewritten(value, Path(folder) / "edited.json")
        except (KeyError, TypeError):  # a report without this isn't in our layout
            file = Path(folder) / "edited.json"
            file.write_text(json.dumps(value), encoding="utf-8")
        try:
            report = open_report(file)
        except ConfigurationError:
            return
        same = shows_the_same(report, sample)
    assert same or reordered(old, new) or FREE.fullmatch(path), (path, old, new, removed)


def reordered(old: object, new: object) -> bool:
    """Whether both are lists of the same things: tables and policies may come in any order."""
    if not isinstance(old, list) or not isinstance(new, list):
        return False
    return sorted(map(json.dumps, old)) == sorted(map(json.dumps, new))


def shows_the_same(report: Report, sample: reports.Sample) -> bool:
    parts = ("policies", "completeness", "waivers", "summary", "insight", "history", "gate", "run")
    same = all(getattr(report, part) == getattr(sample, part) for part in parts)
    return same and list(report.tables()) == list(sample.rows)


def test_counting_again_holds_no_tables(tmp_path: Path) -> None:
    """Memory grows with owners and schemas, not with tables."""
    path = tmp_path / "report.json"
    peaks = []
    for times in (10, 100):
        sample = agreeing(60, compared=False)
        sample.rows = [
            structs.replace(
                table, full_name=f"{table.full_name}_{n:04}", name=f"{table.name}_{n:04}"
            )
            for table in sample.rows
            for n in range(times)
        ]
        agreeing_reports.settle(sample).write(path)
        del sample
        tracemalloc.start()
        open_report(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
