"""Figures on the page are the measured ones: nobody may improve them by hand."""

import json

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
    assert stored["machine"]["python"] in page
    assert stored["machine"]["opa"] in page
