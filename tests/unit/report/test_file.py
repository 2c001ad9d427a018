"""The JSON report as a file: what is written is read back, and half a report never counts."""

from __future__ import annotations

import io
import json
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Report
from lakewarden.report import layout
from lakewarden.report.file import ReportWriter, open_unchecked_report
from tests.support import reports


def same(read: Report, written: reports.Sample) -> bool:
    return (
        read.run == written.run
        and read.completeness == written.completeness
        and read.summary == written.summary
        and read.gate == written.gate
        and read.insight == written.insight
        and read.policies == written.policies
        and list(read.tables()) == list(written.rows)
    )


@settings(max_examples=60, deadline=None)
@given(reports.reports())
def test_what_is_written_is_read_back(sample: reports.Sample) -> None:
    """No text, size or proof may change between the run and a later rendering."""
    with tempfile.TemporaryDirectory() as folder:
        path = sample.write(Path(folder) / "report.json")
        report = open_unchecked_report(path)
        assert same(report, sample)
        assert list(report.tables()) == list(sample.rows), "tables can be read again"
        assert b"".join(layout.pieces(report)) == path.read_bytes()


def test_a_report_of_a_version_without_insight_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    """Last month's report has to open next to today's."""
    path = reports.sample(3).write(tmp_path / "report.json")
    assert b'"insight"' not in path.read_bytes()
    older = open_unchecked_report(path)
    assert older.insight is None
    assert b"".join(layout.pieces(older)) == path.read_bytes()


def reindented(data: bytes) -> bytes:
    return json.dumps(json.loads(data), indent=2).encode()


def sorted_keys(data: bytes) -> bytes:
    return json.dumps(json.loads(data), sort_keys=True).encode()


def on_one_line(data: bytes) -> bytes:
    return data.replace(b"\n", b"")


def with_carriage_returns(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def with_byte_order_mark(data: bytes) -> bytes:
    return b"\xef\xbb\xbf" + data


def one_table_over_two_lines(data: bytes) -> bytes:
    return data.replace(b'"facts":', b'\n"facts":', 1)


@pytest.mark.parametrize(
    "relay",
    [
        reindented,
        sorted_keys,
        on_one_line,
        with_carriage_returns,
        with_byte_order_mark,
        one_table_over_two_lines,
    ],
)
def test_a_report_that_another_tool_laid_out_again_is_read(
    relay: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """jq, an editor or a colleague on Windows must not make a report unreadable."""
    sample = reports.sample(5)
    path = sample.write(tmp_path / "report.json")
    data = relay(path.read_bytes())
    assert data != path.read_bytes()
    path.write_bytes(data)
    assert same(open_unchecked_report(path), sample)


def test_two_reports_differ_in_their_run_alone(tmp_path: Path) -> None:
    sample = reports.sample(30)
    first = sample.write(tmp_path / "first.json").read_bytes().splitlines()
    sample.run = reports.run(started_at="2027-01-01T00:00:00Z")
    owners = sample.summary.by_owner
    sample.summary.by_owner = dict(reversed(owners.items()))
    second = sample.write(tmp_path / "second.json").read_bytes().splitlines()
    assert first[:-1] == second[:-1]
    assert first[-1].startswith(b'"run":')
    assert first[-1] != second[-1]


def test_encoded_tables_go_in_as_they_are_but_never_over_two_lines(tmp_path: Path) -> None:
    sample = reports.sample(2)
    with ReportWriter(tmp_path / "report.json", policies=sample.policies) as writer:
        for table in sample.rows:
            writer.add_encoded(layout.table(table))
        with pytest.raises(ValueError, match="one line"):
            writer.add_encoded(b"{\n}")
        writer.finish(
            run=sample.run,
            completeness=sample.completeness,
            summary=sample.summary,
            gate=sample.gate,
            waivers=sample.waivers,
        )
    assert same(open_unchecked_report(tmp_path / "report.json"), sample)


def test_a_stream_gets_the_same_bytes_as_a_file(tmp_path: Path) -> None:
    sample = reports.sample(3)
    out = io.BytesIO()
    with ReportWriter(out, policies=sample.policies) as writer:
        for table in sample.rows:
            writer.add(table)
        writer.finish(
            run=sample.run,
            completeness=sample.completeness,
            summary=sample.summary,
            gate=sample.gate,
            waivers=sample.waivers,
        )
    assert out.getvalue() == sample.write(tmp_path / "report.json").read_bytes()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, None])
def test_an_interrupted_run_leaves_the_old_report_and_nothing_else(
    error: type[BaseException] | None, tmp_path: Path
) -> None:
    """Ctrl-C in the middle must not leave something that looks like a report."""
    sample = reports.sample(3)
    path = sample.write(tmp_path / "report.json")
    before = path.read_bytes()

    def interrupted() -> None:
        with ReportWriter(path, policies=sample.policies) as writer:
            writer.add(sample.rows[0])
            assert path.read_bytes() == before
            if error is not None:
                raise error

    if error is None:
        interrupted()
    else:
        with pytest.raises(error):
            interrupted()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_cannot_be_written_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be written") as caught:
        ReportWriter(tmp_path / "no" / "report.json", policies=())
    assert caught.value.where == str(tmp_path / "no" / "report.json")
    assert caught.value.remedy


def broken(tmp_path: Path, data: bytes) -> ConfigurationError:
    path = tmp_path / "broken.json"
    path.write_bytes(data)
    with pytest.raises(ConfigurationError) as caught:
        list(open_unchecked_report(path).tables())
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return caught.value


def test_a_report_of_another_schema_version_is_refused_by_name(tmp_path: Path) -> None:
    data = reports.sample(1).write(tmp_path / "report.json").read_bytes()
    newer = data.replace(b'{"schema_version":1', b'{"schema_version":2')
    for text in (newer, reindented(newer)):
        assert "schema version 2; this version of Lakewarden reads 1" in str(broken(tmp_path, text))


@pytest.mark.parametrize("text", [b"{}", b"[]", b"1", b'{"schema_version":"one"}'])
def test_json_that_is_no_report_is_refused(text: bytes, tmp_path: Path) -> None:
    assert "isn't a Lakewarden report" in str(broken(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "is an empty file, not a JSON report"),
        (b"not JSON", "is text that isn't JSON, not a JSON report"),
        (b"\xff\xfe{", "is text in UTF-16, not a JSON report"),
        (b'{"schema_version":1', "is a broken report"),
    ],
)
def test_text_that_is_no_json_is_refused(text: bytes, what: str, tmp_path: Path) -> None:
    assert what in str(broken(tmp_path, text))


def test_a_report_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    """A full disk or a broken download must not pass for a smaller estate."""
    data = reports.sample(4).write(tmp_path / "report.json").read_bytes()
    for end in range(0, len(data) - 2, 97):
        broken(tmp_path, data[:end])


def test_a_broken_table_is_named_by_line_and_path(tmp_path: Path) -> None:
    sample = reports.sample(4)
    lines = sample.write(tmp_path / "report.json").read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines, 1) if line.startswith(b'{"full_name"')) + 1
    lines[number - 1] = lines[number - 1].replace(b'"outcome":"', b'"outcome":"no_', 1)
    error = broken(tmp_path, b"".join(lines))
    assert error.where.endswith(f"broken.json:{number}")
    assert "$.decisions" in str(error)


def test_a_comma_before_the_end_of_a_list_is_refused(tmp_path: Path) -> None:
    """What isn't JSON to other tools may be no report to us: a table may have been cut out."""
    data = reports.sample(2).write(tmp_path / "report.json").read_bytes()
    for end in (b'}\n],\n"tables', b'}\n],\n"completeness'):
        assert "malformed" in str(broken(tmp_path, data.replace(end, end.replace(b"}", b"},", 1))))


def test_malformed_json_is_named_by_line(tmp_path: Path) -> None:
    data = reindented(reports.sample(1).write(tmp_path / "report.json").read_bytes())
    lines = data.splitlines(keepends=True)
    lines[41] = b"oops" + lines[41]
    assert broken(tmp_path, b"".join(lines)).where.endswith("broken.json:42")


def test_a_missing_report_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        open_unchecked_report(tmp_path / "nowhere.json")


def test_a_pipe_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """What was read of it would be gone, and opening it would wait for a writer."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="a report is read twice"):
        open_unchecked_report(tmp_path / "pipe")


def test_neither_writing_nor_reading_holds_the_tables(tmp_path: Path) -> None:
    """100,000 tables must fit into tens of megabytes: memory may not grow with them."""
    sample = reports.sample(20)
    path = tmp_path / "report.json"
    tracemalloc.start()
    with ReportWriter(path, policies=sample.policies) as writer:
        for _ in range(500):
            for table in sample.rows:
                writer.add(table)
        writer.finish(
            run=sample.run,
            completeness=sample.completeness,
            summary=sample.summary,
            gate=sample.gate,
        )
    number = sum(1 for _ in open_unchecked_report(path).tables())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 500 * 20
    assert path.stat().st_size > 8_000_000
    assert peak < 1_000_000
