"""Figures on the page are the measured ones: nobody may improve them by hand."""

import json
from typing import Any

from benchmarks.documents import policy_ids
from tests.data.commandline import REPOSITORY


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
