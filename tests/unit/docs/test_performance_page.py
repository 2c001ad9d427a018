"""Figures on the page are the measured ones: nobody may improve them by hand."""

import json
from typing import Any

from benchmarks.documents import policy_ids
from benchmarks.estate.promises import promises
from tests.support.commandline import REPOSITORY


def test_the_table_is_what_the_benchmark_stored() -> None:
    page = (REPOSITORY / "docs" / "performance.md").read_text()
    stored = json.loads((REPOSITORY / "benchmarks" / "results" / "throughput.json").read_text())
    for row in stored["estates"]:
        line = (
            f"| {row['documents']:,} | {row['lakewarden_documents_per_second']:,}/s "
            f"| {row['opa_eval_documents_per_second']:,}/s | {row['throughput_ratio']:.2f} "
            f"| {row['runner_peak_mb']:,} MB | {row['opa_eval_peak_mb']:,} MB |"
        )
        assert line in page
    limit = stored["opa_bench_documents_per_second_one_thread"]
    assert f"decides {limit:,} documents a second" in page
    assert f"{stored['policies']} policies" in page
    assert stored["policies"] == len(policy_ids()), "measure again: make bench"
    assert stored["machine"]["python"] in page
    assert stored["machine"]["opa"] in page


def _stored(name: str) -> dict[str, Any]:
    path = REPOSITORY / "benchmarks" / "results" / f"{name}.json"
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored


def test_what_overrides_and_a_watch_cost_is_what_was_measured() -> None:
    page = (REPOSITORY / "docs" / "performance.md").read_text()
    overrides = _stored("overrides")
    assert overrides["throughput_of_that_without"] >= 0.85
    assert f"{overrides['throughput_of_that_without']:.0%} of the throughput" in page
    watch = _stored("watch")
    for edit, seconds in watch["save_to_answer_seconds"].items():
        assert f"| {edit} | {seconds['median']:.2f} s |" in page
    assert f"{watch['evaluate_seconds']:.2f} s" in page


def test_what_other_settings_cost_is_what_was_measured() -> None:
    """Who wonders why a run has become slower finds here how much of it is what."""
    page = " ".join((REPOSITORY / "docs" / "performance.md").read_text().split())
    stored = _stored("what_if")
    rounds = stored["each_round"]
    for words in (
        f"For {stored['documents']:,} documents",
        f"{stored['movable_share']:.0%} of the tables do not pass",
        f"takes {stored['of_the_time_to_decide']:.0%} of the time to decide everything",
        f"(median of {stored['rounds']} runs, {min(rounds):.0%} to {max(rounds):.0%})",
    ):
        assert words in page, words
    assert len(stored["factors"]) == 4
    assert stored["policies"] == len(policy_ids()), "measure again: make bench WHAT=what_if"


def test_what_the_html_page_takes_is_what_was_measured() -> None:
    """Sizes and nodes have tests of their own; times are only here."""
    page = (REPOSITORY / "docs" / "performance.md").read_text()
    stored = _stored("html")
    for tables, found in stored["pages"].items():
        line = (
            f"| {int(tables):,} | {found['bytes'] / 1e6:.2f} MB | {found['nodes']:,} "
            f"| {found['usable']:,} ms | {found['filter']} ms | {found['sort']} ms "
            f"| {found['open']} ms |"
        )
        assert line in page, line
    words = " ".join(page.split())
    assert f"page of {stored['documents']:,} tables took" in words
    assert f"{stored['of_the_time_to_decide']:.0%} of the time to decide" in words
    assert stored["of_the_time_to_decide"] < 1


def test_what_collecting_a_workspace_took_is_what_was_measured() -> None:
    """All promises are kept in the stored figures, and the page tells these very figures."""
    page = " ".join((REPOSITORY / "docs" / "performance.md").read_text().split())
    stored = _stored("estate")
    both = [stored["estates"][name] for name in ("A", "B")]
    assert [p for found in both for p in promises(found) if p.kept is not True] == []
    second = [found["second_run"] for found in both]
    naive = [found["naive"] for found in both]
    rows = {
        "List calls": [f"{found['list_calls']:,}" for found in both],
        "Tables described": [f"{found['described']:,}" for found in both],
        "Tables that had to be": [f"{found['had_to_be_described']:,}" for found in both],
        "Time": [f"{found['seconds']:,.0f} s" for found in both],
        "Bound": [f"{found['bound_seconds']:,.0f} s" for found in both],
        "Time to bound": [f"{found['ratio']:.2f}" for found in both],
        "Runner's peak memory": [f"{found['runner_peak_mb']:,} MB" for found in both],
        "Statements of a second run, with `--reuse`": [
            f"{each['statements']:,} ({each['share']:.2%})" for each in second
        ],
        "The script's time": [f"{each['seconds_extrapolated']:,} s" for each in naive],
        "Its time to ours": [f"{each['times_the_seconds']:.1f}" for each in naive],
        "Its statements to ours": [f"{each['times_the_statements']:.1f}" for each in naive],
    }
    for what, cells in rows.items():
        assert f"| {what} | {' | '.join(cells)} |" in page, what
    model = stored["model"]
    for words in (
        f"{model['list_seconds']:g} s for a list call",
        f"{model['list_rate']:g} list calls a second",
        f"{model['concurrent_lists']} at once",
        f"{model['describe_seconds']:g} s for a `DESCRIBE DETAIL`",
        f"{model['select_seconds']:g} s for any other",
        f"{model['slots']} of them at once",
        f"{model['cold_start']:g} s until the warehouse is awake",
        f"{both[0]['speed']:g} of the model in A and {both[1]['speed']:g} in B",
        f"from {naive[0]['sample']:,} tables",
    ):
        assert words in page, words


def test_what_reading_a_delta_log_took_is_what_was_measured() -> None:
    """The page tells the stored figures, and these keep what is promised of a million files."""
    page = " ".join((REPOSITORY / "docs" / "performance.md").read_text().split())
    stored = _stored("delta")
    for row in stored["tables"]:
        kind = "yes" if row["statistics"] else "no"
        line = (
            f"| {row['files']:,} | {kind} | {row['seconds']:.2f} s | {row['peak_mb']:,} MB "
            f"| {row['delta_rs_open_seconds']:.2f} s | {row['delta_rs_seconds']:.2f} s "
            f"| {row['delta_rs_peak_mb']:,} MB |"
        )
        assert line in page
    largest = stored["tables"][-1]
    assert (largest["files"], largest["statistics"]) == (1_000_000, True)
    assert largest["peak_mb"] < 250
    assert largest["times_faster_than_it_opens"] >= 10
    assert f"{largest['times_faster_than_it_opens']:.0f} times as fast" in page
    at_once = stored["at_once"]
    assert at_once["peak_mb"] < at_once["tables"] * largest["peak_mb"] / 2
    assert f"{at_once['peak_mb']:,} MB for {at_once['tables']} such tables at once" in page
