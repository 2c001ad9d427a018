"""The file of promises: planned tables add to it, an estate settles it, nothing else closes any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from lakewarden.model.decision import Decision, Missing, Outcome
from lakewarden.model.errors import ConfigurationError
from lakewarden.model.promises import Promises
from lakewarden.model.report import TableReport
from lakewarden.report.promises import PromiseLedger
from lakewarden_collector.document import Definition

POLICY = "documentation.owner_is_group"
EARLY, LATE, LATER = (f"2026-11-{day}T00:00:00Z" for day in (20, 21, 22))
PLACE = Definition(tool="terraform", address="databricks_sql_table.a", file="main.tf", line=3)
HEAD = '{"promises":{"schema_version":1}}\n'


def unknown(*kinds: str, status: str = "known_after_apply") -> Decision:
    missing = tuple(Missing(kind=kind, status=status) for kind in kinds)
    return Decision(outcome=Outcome.UNKNOWN, missing=missing)


def decided(outcome: Outcome) -> Decision:
    return Decision(outcome=outcome, reasons=("so it is",))


def table(decision: Decision, name: str = "a", **fields: Any) -> TableReport:  # noqa: ANN401 -- any field
    """Return a table of an estate, or with `definition` a planned one."""
    values = {
        "catalog_name": "c",
        "schema_name": "s",
        "name": name,
        "decisions": {POLICY: decision},
    }
    return TableReport(full_name=f"c.s.{name}", **(values | fields))


def planned(decision: Decision, name: str = "a") -> TableReport:
    return table(decision, name, definition=PLACE)


def run(path: Path, *tables: TableReport, clock: str = EARLY, **environment: str) -> Promises:
    """Have one run's tables taken in, and return what the report says."""
    with PromiseLedger(path, environment) as ledger:
        for each in tables:
            ledger.add(each, clock=clock, inventory="sha256:1")
        return ledger.finish()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


def counts(promises: Promises) -> tuple[int, int, int, int]:
    return promises.promised, promises.settled, promises.broken, promises.open


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with one open promise about `c.s.a`."""
    path = tmp_path / "promises.ndjson"
    run(path, planned(unknown("owner")))
    return path


def test_what_a_plan_leaves_unknown_is_promised_in_order(tmp_path: Path) -> None:
    path = tmp_path / "promises.ndjson"
    found = run(path, planned(unknown("size", "owner"), "b"), planned(unknown("owner")))
    assert counts(found) == (2, 0, 0, 2)
    assert path.read_text().startswith(HEAD)
    first, second = lines(path)
    assert (first["full_name"], second["full_name"]) == ("c.s.a", "c.s.b")
    assert second == {
        "full_name": "c.s.b",
        "policy_id": POLICY,
        "evidence": ["owner", "size"],
        "status": "open",
        "definition": {
            "tool": "terraform",
            "address": "databricks_sql_table.a",
            "file": "main.tf",
            "line": 3,
        },
        "inventory": "sha256:1",
        "promised_at": EARLY,
    }


@pytest.mark.parametrize(
    "each",
    [
        planned(unknown("size", status="not_requested")),
        planned(decided(Outcome.FAIL)),
        planned(structs.replace(unknown("owner"), outcome=Outcome.EXEMPT)),
        table(unknown("owner")),
    ],
)
def test_nothing_else_is_a_promise(tmp_path: Path, each: TableReport) -> None:
    assert counts(run(tmp_path / "p", each)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.PASS, "settled"),
        (Outcome.EXEMPT, "settled"),
        (Outcome.NOT_APPLICABLE, "settled"),
        (Outcome.FAIL, "broken"),
        (Outcome.UNKNOWN, "open"),
        (Outcome.ERROR, "open"),
    ],
)
def test_an_estate_closes_what_it_decides(file: Path, outcome: Outcome, status: str) -> None:
    found = run(file, table(decided(outcome), name="A"), clock=LATE)  # case doesn't count
    (line,) = lines(file)
    assert line["status"] == status
    assert line.get("settled_at") == (None if status == "open" else LATE)
    assert [each.status for each in found.unkept] == [] if status == "settled" else [status]


def test_a_closed_promise_stays_closed_until_a_plan_promises_again(file: Path) -> None:
    run(file, table(decided(Outcome.FAIL)), clock=LATE)
    before = file.read_bytes()
    assert counts(run(file, table(decided(Outcome.PASS)), clock=LATER)) == (1, 0, 1, 0)
    assert file.read_bytes() == before
    run(file, planned(unknown("owner")), clock=LATER)
    (line,) = lines(file)
    assert (line["status"], line["promised_at"], "settled_at" in line) == ("open", LATER, False)


@pytest.mark.parametrize(
    "each",
    [
        table(decided(Outcome.PASS), name="other"),
        table(decided(Outcome.PASS), decisions={"other.policy": decided(Outcome.PASS)}),
        planned(decided(Outcome.PASS)),
    ],
)
def test_no_other_table_policy_or_plan_closes_it(file: Path, each: TableReport) -> None:
    """What a narrowed run didn't see, nobody has kept; a plan that decides isn't the table."""
    before = file.read_bytes()
    assert counts(run(file, each, clock=LATE)) == (1, 0, 0, 1)
    assert file.read_bytes() == before


def test_a_later_plan_keeps_when_it_was_first_promised(file: Path) -> None:
    run(file, planned(unknown("owner", "columns")), clock=LATE, GITHUB_SHA="a" * 40)
    (line,) = lines(file)
    assert (line["promised_at"], line["evidence"]) == (EARLY, ["columns", "owner"])


@pytest.mark.parametrize(
    ("name", "text", "commit"),
    [
        ("GITHUB_SHA", "0123abcd", "0123abcd"),
        ("CI_COMMIT_SHA", "0123abcd", "0123abcd"),
        ("BUILD_SOURCEVERSION", "0123abcd", "0123abcd"),
        ("GIT_COMMIT", "0123abcd", "0123abcd"),
        ("GIT_COMMIT", "main\n::error::", None),
    ],
)
def test_the_commit_is_the_one_that_ci_names(
    tmp_path: Path, name: str, text: str, commit: str | None
) -> None:
    path = tmp_path / "p"
    run(path, planned(unknown("owner")), **{name: text})
    assert lines(path)[0].get("commit") == commit


def interrupted(path: Path) -> None:
    with PromiseLedger(path, {}) as ledger:
        ledger.add(table(decided(Outcome.PASS)), clock=LATE, inventory="")
        ledger.finish()
        raise KeyboardInterrupt


def test_an_interrupted_run_keeps_the_file_as_it_was(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        interrupted(file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_an_estate_without_the_file_says_so_and_makes_none(tmp_path: Path) -> None:
    """A mistyped name must not look like promises that were all kept."""
    path = tmp_path / "typo"
    with PromiseLedger(path, {}) as ledger:
        ledger.add(table(decided(Outcome.PASS)), clock=LATE, inventory="")
        assert any("no promise was checked" in each for each in ledger.notices())
        assert counts(ledger.finish()) == (0, 0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_what_editors_add_is_no_mistake(file: Path) -> None:
    """The line of a table that was never made is removed by hand."""
    before = file.read_bytes()
    edited = before.replace(b"\n", b"\r\n", 1).replace(b"\n{", b"\n\n{")
    file.write_bytes(b"\xef\xbb\xbf" + edited + b"\n")
    with PromiseLedger(file, {}) as ledger:
        ledger.finish()
    assert file.read_bytes() == before


def junk(file: Path) -> dict[str, tuple[str, int, str]]:
    """Return contents that aren't promises, each with its line and what is said of it."""
    line = file.read_text().splitlines(keepends=True)[1]
    return {
        "empty": ("", 1, "isn't a file of promises"),
        "text": ("hello\n", 1, "isn't a file of promises"),
        "an inventory": ('{"full_name":"a.b.c"}\n', 1, "isn't a file of promises"),
        "a later version": (HEAD.replace("1", "2"), 1, "has schema version 2"),
        "no JSON": (f"{HEAD}{line}x\n", 3, "isn't a promise"),
        "cut off": (f"{HEAD}{line[:-1]}", 2, "the line was cut off"),
        "twice": (f"{HEAD}{line}{line.replace('c.s.a', 'C.S.A')}", 3, "promised twice"),
        "no status": (f"{HEAD}{line.replace('open', 'kept')}", 2, "isn't a promise"),
        "never settled": (f"{HEAD}{line.replace('open', 'settled')}", 2, "settled_at"),
        "no time": (f"{HEAD}{line.replace(EARLY, 'yesterday')}", 2, "RFC 3339"),
        "no name": (f"{HEAD}{line.replace('c.s.a', 'c..a')}", 2, "isn't the name of a table"),
        "another field": (f'{HEAD}{{"x":1,{line[1:]}', 2, "isn't a promise"),
    }


def test_junk_is_refused_with_its_line(file: Path) -> None:
    for text, number, what in junk(file).values():
        file.write_text(text)
        with pytest.raises(ConfigurationError, match=what) as caught:
            run(file)
        assert caught.value.where == f"{file}:{number}"
        assert file.read_text() == text


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="regular file"):
        run(tmp_path)
