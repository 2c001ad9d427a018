"""A page and a text for each owner: nothing is lost, none overwrites another, none goes stale."""

from __future__ import annotations

import csv
import errno
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers.owners import split
from lakewarden.renderers.owners.split import COLUMNS, LIST, file_name, split_by_owner
from lakewarden.report.summary import NO_OWNER, UNKNOWN_OWNER
from lakewarden_collector.errors import OutputError
from tests.support import reports
from tests.support.golden import full_showcase, golden
from tests.support.html_page import Page, reviewable

HOSTILE = (
    "../../etc/passwd",
    "con",
    "Data-Platform",
    "data-platform",
    "DATA-PLATFORM",
    "data platform",
    "däta-platform",
    "データ",
    "no-owner",
    "owner-not-known",
    NO_OWNER,
    "a" * 10_000,
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "line\nbreak `ticks`",
    "\u202eesrever\x1b[31m",
    ".",
    "-",
    " ",
)


def sample(*owners: str | None) -> reports.Sample:
    """Return a report in which each owner has the tables of every n-th place."""
    whole = reports.sample(3 * len(owners))
    whole.rows = [
        structs.replace(row, owner=owners[number % len(owners)])
        for number, row in enumerate(whole.rows)
    ]
    whole.summary = reports.summarise(whole.rows, whole.policies)
    return whole


def test_an_owners_files_look_as_they_did(tmp_path: Path) -> None:
    """Golden: the text, and of the page what isn't as in every page."""
    split_by_owner(full_showcase(), tmp_path, tmp_path / "report.json")
    page = reviewable((tmp_path / "sales-analytics.html").read_text("utf-8"))
    golden("owner.html.txt", page.partition("<body>")[2].partition("<main>")[0])
    golden("owner.md", (tmp_path / "sales-analytics.md").read_text("utf-8"))


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / LIST).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[reports.Sample, Path]:
    whole, folder = sample(*HOSTILE, None, ""), tmp_path_factory.mktemp("split") / "new" / "owners"
    assert split_by_owner(whole, folder, folder / "report.json").owners == len(HOSTILE) + 2
    return whole, folder


@given(st.lists(st.text() | st.sampled_from(HOSTILE), unique=True))
def test_names_are_safe_and_differ_on_every_file_system(owners: list[str]) -> None:
    names = [file_name(owner) for owner in [*owners, None]]
    assert all(re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,100}[a-z0-9])?", name) for name in names)
    assert len(set(names)) == len({*owners, None})


def test_a_name_that_looks_like_anothers_file_gets_its_own() -> None:
    other = file_name("Data")
    assert file_name("data") == "data"
    assert other.startswith("data-")
    assert file_name(other) != other
    assert file_name("con") != "con"
    assert file_name(None) != file_name("owner-not-known")


def test_each_owner_has_a_page_a_text_and_a_row(hostile: tuple[reports.Sample, Path]) -> None:
    _, folder = hostile
    rows = listed(folder)
    files = {row[column] for row in rows for column in ("page", "text")} | {LIST}
    assert {path.name for path in folder.iterdir()} == files
    assert len(files) == 2 * (len(HOSTILE) + 2) + 1
    assert {UNKNOWN_OWNER, NO_OWNER, "データ"} <= {row["owner"] for row in rows}
    assert not any(row["owner"].startswith("=") for row in rows)


def test_the_numbers_add_up(hostile: tuple[reports.Sample, Path]) -> None:
    whole, folder = hostile
    rows = listed(folder)

    def sum_of(column: str) -> int:
        return sum(int(row[column]) for row in rows)

    by_status = whole.summary.tables_by_status
    assert sum_of("tables") == len(whole.rows)
    assert sum_of("non_compliant") == by_status["non_compliant"]
    assert sum_of("undecided") == by_status["undecided"]
    assert sum_of("failed_decisions") == whole.summary.total.outcomes["fail"]
    assert sum_of("not_read") == whole.completeness.tables_failed
    weights = [int(row["weight"]) for row in rows]
    assert weights == sorted(weights, reverse=True)
    names = [row.full_name for row in whole.rows]
    pages = [Page((folder / row["page"]).read_text("utf-8")).words for row in rows]
    for name in names:
        assert sum(f"{name} " in words or f"{name}\n" in words for words in pages) >= 1


def test_an_owners_page_names_the_owner_and_not_the_gate(
    hostile: tuple[reports.Sample, Path],
) -> None:
    _, folder = hostile
    row = next(row for row in listed(folder) if row["owner"] == "Data-Platform")
    page = Page((folder / row["page"]).read_text("utf-8"))
    words = " ".join(page.words.split())
    assert "Data-Platform: " in words
    assert "This page has the tables of one owner alone." in words
    assert "A pipeline" not in words
    assert "Who owns what is broken" not in words
    assert "2 tables of the run couldn't be read, and nobody knows whose that is" in words
    unknown = (folder / "owner-not-known.html").read_text("utf-8")
    assert "archive.web.damaged_0" in unknown


def test_stale_pages_go_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    source = tmp_path / "report.json"
    split_by_owner(sample("gone", "stays"), tmp_path, source)
    (tmp_path / "notes.md").write_text("mine")
    rows = (tmp_path / LIST).read_text("utf-8")
    outside = tmp_path.parent / "outside.html"
    outside.write_text("mine")
    evil = f'"x","../{outside.name}","notes.txt"' + ',"0"' * 8 + "\n"
    (tmp_path / LIST).write_text(rows + evil, "utf-8")
    (tmp_path / "notes.txt").write_text("mine")
    done = split_by_owner(sample("stays", "new"), tmp_path, source)
    assert done.removed == ("gone.html", "gone.md")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("stays.html", "stays.md", "new.html", "new.md", "notes.md", "notes.txt", LIST),
        *("owner-not-known.html", "owner-not-known.md"),
    }
    assert outside.exists()


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        split_by_owner(sample("a", None), tmp_path / folder, tmp_path / "report.json")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_someone_elses_list_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("name,mail\n")
    with pytest.raises(ConfigurationError, match="isn't the list of an earlier split"):
        split_by_owner(sample("a"), tmp_path, tmp_path / "report.json")
    assert (tmp_path / LIST).read_text() == "name,mail\n"


def test_someone_elses_page_is_not_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "report.json"
    split_by_owner(sample("a"), tmp_path, source)
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(ConfigurationError, match="isn't a page of an earlier split") as caught:
        split_by_owner(sample("b", "index"), tmp_path, source)
    assert caught.value.where == str(tmp_path / "index.html")
    assert (tmp_path / "index.html").read_text() == "mine"
    assert not (tmp_path / "b.html").exists()


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_split_goes_on_where_another_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "report.json"
    split_by_owner(sample("gone"), tmp_path, source)
    with monkeypatch.context() as patch:
        patch.setattr(split, "write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            split_by_owner(sample("new"), tmp_path, source)
    assert (tmp_path / "new.html").exists()
    assert split_by_owner(sample("new"), tmp_path, source).removed == ("gone.html", "gone.md")


def test_the_report_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "a.html"
    source.write_text("{}")
    with pytest.raises(ConfigurationError, match="would overwrite the report"):
        split_by_owner(sample("a"), tmp_path, source)
    assert source.read_text() == "{}"


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="isn't a folder"):
        split_by_owner(sample("a"), tmp_path / "file", tmp_path / "report.json")


def test_the_columns_are_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "html-report.md").read_text("utf-8")
    assert all(f"`{column}`" in page for column in COLUMNS)


def test_a_full_disk_is_said_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(OutputError, match="No space left on device"):
        split_by_owner(sample("a"), tmp_path / "owners", tmp_path / "report.json")
