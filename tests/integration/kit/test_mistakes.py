"""Each row of docs/mistakes.md: the mistake is made in a scratch copy, and caught as it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.conventions import CONVENTIONS
from lakewarden.kit.scratch import open_workspace
from tests.support import rego, scratch_policies
from tests.support.commandline import document, lakewarden, write_lines
from tests.support.scratch_policies import POLICY, TEST, change

pytestmark = pytest.mark.opa

_PAGE: Final = rego.CHECKOUT / "docs" / "mistakes.md"
_CODE: Final = re.compile(r"`([^`]+)`")
_COLUMNS: Final = 5


class Row(NamedTuple):
    mistake: str
    looks: str
    step: str
    catcher: str
    words: str


def _rows() -> list[Row]:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    assert all(len(row) == _COLUMNS for row in cells)
    return [Row(*row) for row in cells[1:]]


def _misspells_a_field(root: Path) -> None:
    change(root, POLICY, "input.table_type", "input.table_typ")


def _negates_what_may_be_undefined(root: Path) -> None:
    change(root, POLICY, 'needs contains "columns" if not naming.columns\n\n', "")
    change(root, POLICY, 'needs contains "table_type" if not _typed\n\n', "")
    change(root, POLICY, "\tnaming.columns\n\tcount(_long) == 0\n", "\tnot _any_long\n")
    change(root, POLICY, "_limit :=", "_any_long if some _ in _long\n\n_limit :=")


def _compares_with_null(root: Path) -> None:
    change(root, POLICY, "input.schema_name in settings.legacy_schemas", "input.size.bytes < 1000")


_LIMIT: Final = "_limit := settings.max_length\n"


def _has_a_default(root: Path) -> None:
    limit = "default _limit := 20\n\n_limit := to_number(input.properties.max_length)\n"
    change(root, POLICY, _LIMIT, limit)
    after = '[{name: a_name_for_typists_alone}]\n#       properties: {max_length: "40"}'
    change(root, POLICY, "[{name: city}]", after)


def _is_not_about_what_is_absent(root: Path) -> None:
    change(root, POLICY, 'needs contains "columns" if not naming.columns\n\n', "")
    reason = 'not_applicable contains "It has no columns." if not naming.columns\n\n'
    change(root, POLICY, "exempt contains", f"{reason}exempt contains")


def _needs_nothing(root: Path) -> None:
    change(root, POLICY, 'needs contains "columns" if not naming.columns\n\n', "")
    change(root, POLICY, 'needs contains "table_type" if not _typed\n\n', "")
    change(root, POLICY, "_typed if is_string(input.table_type)\n\n", "")
    change(root, POLICY, "import data.lakewarden.lib.naming\n", "")
    change(root, POLICY, "\tnaming.columns\n\tcount(_long) == 0\n", "\tcount(_long) == 0\n")
    names = 'some name in [column.name | some column in object.get(input, "columns", [])]'
    change(root, POLICY, "some name in naming.columns", names)


def _forgets_deny(root: Path) -> None:
    text = (root / POLICY).read_text(encoding="utf-8")
    start, end = text.index("deny contains"), text.index("_long contains")
    change(root, POLICY, text[start:end], "")


def _names_another_package(root: Path) -> None:
    change(root, POLICY, "naming.short_columns\n", "naming.short_colums\n")


def _leaves_out_metadata(root: Path) -> None:
    change(root, POLICY, "#   remediation: Rename the column.\n", "")


def _proves_both(root: Path) -> None:
    change(root, POLICY, "\tnaming.columns\n\tcount(_long) == 0\n", "\tnaming.columns\n")


def _asks_the_network(root: Path) -> None:
    call = 'http.send({"method": "get", "url": "https://example.org"}).status_code == 200'
    change(root, POLICY, 'input.table_type == "VIEW"', call)


def _writes_no_test(root: Path) -> None:
    (root / TEST).unlink()


def _leaves_dead_code(root: Path) -> None:
    change(root, POLICY, "_limit :=", "_unused := 3\n\n_limit :=")


MISTAKES: Final[dict[str, Callable[[Path], None]]] = {
    "a misspelt field": _misspells_a_field,
    "`not` over an undefined helper": _negates_what_may_be_undefined,
    "a comparison with null": _compares_with_null,
    "a default for what is not known": _has_a_default,
    "not applicable because evidence is missing": _is_not_about_what_is_absent,
    "nothing needed": _needs_nothing,
    "a forgotten deny": _forgets_deny,
    "a package that is not its folder": _names_another_package,
    "missing metadata": _leaves_out_metadata,
    "overlapping pass and deny": _proves_both,
    "`http.send`": _asks_the_network,
    "no test": _writes_no_test,
    "dead code": _leaves_dead_code,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return scratch_policies.write(tmp_path, router=False)


def _steps(root: Path) -> dict[str, Step]:
    router = scratch_policies.write_router(root.parent)
    with open_workspace(rego.opa_binary(), [root], [router]) as workspace:
        return {taken.name: taken for taken in check_all(workspace)}


def test_every_row_has_its_mistake() -> None:
    """A row without a test would be a promise; a test without a row, a secret."""
    assert [row.mistake for row in _rows()] == list(MISTAKES)


def test_without_a_mistake_nothing_is_found(root: Path) -> None:
    assert not [finding for taken in _steps(root).values() for finding in taken.findings]


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.mistake.replace("`", ""))
def test_mistake_is_caught(root: Path, row: Row) -> None:
    """By the step and the convention that the row names first, in its words, at a file of ours."""
    MISTAKES[row.mistake](root)
    (step,) = _CODE.findall(row.step)
    taken = _steps(root)[step]
    assert taken.ending == Ending.FAILED
    named = [word for word in _CODE.findall(row.catcher) if word in {c.name for c in CONVENTIONS}]
    assert bool(named) == (step == "conventions")
    for finding in taken.findings:
        output = f"{finding.what}\n{finding.remedy}"
        if finding.check == "".join(named[:1]) and all(
            w in output for w in _CODE.findall(row.words)
        ):
            assert Path(finding.file).is_relative_to(root)
            return
    pytest.fail(f"not found: {row.words}\nbut: {taken.findings}")


def test_null_that_is_spelt_out_is_caught_too(root: Path) -> None:
    change(root, POLICY, 'input.table_type == "VIEW"', "input.table_type == null")
    checks = {finding.check for finding in _steps(root)["conventions"].findings}
    assert "nothing_is_compared_with_null" in checks


@pytest.mark.parametrize(
    ("mistake", "words"),
    [("overlapping pass and deny", "proved both"), ("a forgotten deny", "proved neither")],
)
def test_router_makes_an_error_of_it_in_a_run(root: Path, mistake: str, words: str) -> None:
    """Anyone who runs policies untested sees it all the same: it is never a pass."""
    MISTAKES[mistake](root)
    table = document("orders", columns=[{"name": "a_name_that_nobody_can_type"}])
    ended = lakewarden(
        *("evaluate", "--inventory", write_lines(root.parent / "lake.ndjson", table)),
        *("--policy-source", root, "--policy", "naming.*", "--report", "json=report.json"),
        cwd=root.parent,
    )
    assert ended.returncode == 3, ended.stderr
    (reported,) = json.loads((root.parent / "report.json").read_text())["tables"]
    assert words in str(reported["decisions"]["naming.short_columns"])


def test_the_policy_index_refuses_missing_metadata_in_a_run(root: Path) -> None:
    MISTAKES["missing metadata"](root)
    ended = lakewarden("policies", "list", "--policy-source", root, cwd=root.parent)
    assert ended.returncode == 2
    assert "remediation" in ended.stderr


def test_coverage_lists_what_no_test_reaches(root: Path) -> None:
    """A branch that can never be taken is dead too; and with no test, every line is listed."""
    MISTAKES["no test"](root)
    found = {finding.file for finding in _steps(root)["coverage"].findings}
    assert found == {str(root / POLICY)}
