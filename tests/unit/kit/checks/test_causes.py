"""One wrong line makes many tools speak: an author is shown the line, and how many follow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from lakewarden.engines.opa.check import by_cause, compile_errors
from lakewarden.kit.checks import check_all
from lakewarden.kit.checks.causes import causes
from lakewarden.kit.checks.step import Ending, Step
from lakewarden.kit.finding import Finding
from lakewarden.kit.scratch import open_workspace
from tests.support import rego, scratch_policies
from tests.support.scratch_policies import LIB, POLICY, SETTINGS, change

_FOLDER: Final = "own/lakewarden/tables/naming/one"


def _finding(
    file: str = "one.rego", line: int = 1, what: str = "wrong", **fields: object
) -> Finding:
    path = file if "/" in file else f"{_FOLDER}/{file}"
    return Finding(file=path, line=line, what=what, remedy="Mend", **fields)  # type: ignore[arg-type]


def _heads(*steps: tuple[str, list[Finding]]) -> list[tuple[Finding, int]]:
    """Return each finding with a cause of its own, and how many follow from it."""
    taken = [
        Step(name=name, ending=Ending.FAILED, note="", findings=tuple(found), seconds=0)
        for name, found in steps
    ]
    found = causes(taken)
    every = [finding for cause in found for _, finding in cause.followers]
    every += [cause.finding for cause in found]
    assert sorted(every) == sorted(each for step in taken for each in step.findings)
    return [(cause.finding, len(cause.followers)) for cause in found]


def test_what_has_no_common_cause_is_shown_each() -> None:
    tests = [_finding("one_test.rego", line, f"test_{line} fails") for line in (1, 2)]
    texts = [_finding(line=line, check="nothing_is_left_to_write") for line in (1, 2)]
    assert _heads(("opa test", tests), ("conventions", texts)) == [
        (each, 0) for each in (*tests, *texts)
    ]


def test_what_has_one_cause_is_shown_once() -> None:
    """Its first place is a policy's before a test's, and never what is known to follow."""
    found = [
        _finding("a_test.rego", 1, "x is undefined", cause="x"),
        _finding("b.rego", 7, "y has no value", cause="x", follows=True),
        _finding("b.rego", 9, "x is undefined", cause="x"),
    ]
    assert _heads(("opa check", found)) == [(found[2], 2)]


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        ("opa check", _finding(what="undefined ref")),
        ("opa check", _finding("own/lakewarden/lib/naming/naming.rego", what="undefined ref")),
        ("conventions", _finding(check="package_is_the_path")),
        ("conventions", _finding(check="only_what_is_there_is_read")),
    ],
)
def test_what_breaks_a_policy_comes_before_its_tests(step: str, cause: Finding) -> None:
    failing = _finding("one_test.rego", what="test_it fails")
    tried = _finding(what="is to fail, but", check="examples_fail_and_pass")
    if step == "opa check":
        steps = (("opa check", [cause]), ("opa test", [failing]), ("conventions", [tried]))
        assert _heads(*steps) == [(cause, 2)]
    else:
        assert _heads(("opa test", [failing]), ("conventions", [tried, cause])) == [(cause, 2)]


@pytest.mark.parametrize(
    ("cause", "other"),
    [
        (
            _finding(what="undefined ref"),
            _finding("own/lakewarden/tables/naming/two/two_test.rego"),
        ),
        (_finding(what="import unused"), _finding("one_test.rego", what="test_it fails")),
    ],
)
def test_what_cannot_follow_is_shown(cause: Finding, other: Finding) -> None:
    """A failing test of another policy, or one beside an unused import, is a fault of its own."""
    assert len(_heads(("opa check", [cause]), ("opa test", [other]))) == 2


def test_what_is_written_is_not_hidden_by_what_does_not_compile() -> None:
    text = _finding(check="annotation_is_complete")
    assert len(_heads(("opa check", [_finding()]), ("conventions", [text]))) == 2


def _errors(file: Path, *errors: tuple[str, int, str]) -> str:
    return json.dumps(
        {
            "errors": [
                {"code": code, "message": text, "location": {"file": str(file), "row": row}}
                for code, row, text in errors
            ]
        }
    )


def test_a_name_without_a_value_is_to_blame_for_those_that_get_theirs_from_it(
    tmp_path: Path,
) -> None:
    """OPA reports by place: the head of a rule stands before the line that is wrong."""
    file = tmp_path / "one.rego"
    file.write_text("deny contains name if {\n\tsome name in _lng\n\tcity := naming.city\n}\n")
    unsafe = "rego_unsafe_var_error"
    output = _errors(
        file,
        (unsafe, 1, "var name is unsafe"),
        (unsafe, 2, "var _lng is unsafe"),
        (unsafe, 3, "var city is unsafe"),
        (unsafe, 3, "var naming is unsafe"),
        (unsafe, 4, "var _lng is unsafe"),
    )
    groups = [[each.message for each in group] for group in by_cause(compile_errors(output, {}))]
    assert [group[0] for group in groups] == ["var _lng is unsafe", "var naming is unsafe"]
    assert sorted(groups[0][1:]) == [
        "var _lng is unsafe",
        "var city is unsafe",
        "var name is unsafe",
    ]


def test_a_file_that_does_not_parse_has_one_cause(tmp_path: Path) -> None:
    parse = "rego_parse_error"
    first, second = tmp_path / "one.rego", tmp_path / "two.rego"
    output = json.dumps(
        {
            "errors": [
                {"code": parse, "message": f"no {n}", "location": {"file": str(file), "row": n}}
                for file in (first, second)
                for n in (3, 4)
            ]
        }
    )
    groups = by_cause(compile_errors(output, {}))
    assert [(group[0].where, len(group)) for group in groups] == [
        (f"{first}:3", 2),
        (f"{second}:3", 2),
    ]


_BROKEN: Final = {
    "a name": ((POLICY, "_long contains", "_lng contains"), "var _long is unsafe"),
    "the package": (
        (POLICY, "naming.short_columns\n", "naming.short_colums\n"),
        "its folder says lakewarden.tables.naming.short_columns",
    ),
    "a fact": ((LIB, "columns := [", "names := ["), "there is no data.lakewarden.lib.naming.col"),
    "a setting": ((SETTINGS, '"max_length"', '"max_len"'), "undefined ref: data.lakewarden_run"),
}


@pytest.mark.opa
@pytest.mark.parametrize("name", _BROKEN)
def test_one_mistake_is_one_finding(name: str, tmp_path: Path) -> None:
    """As the tools really speak: each of these makes five findings or more."""
    (file, right, wrong), words = _BROKEN[name]
    root = scratch_policies.write(tmp_path, router=False)
    change(root, file, right, wrong)
    router = scratch_policies.write_router(tmp_path)
    with open_workspace(rego.opa_binary(), [root], [router]) as workspace:
        (cause,) = causes(list(check_all(workspace)))
    assert words in cause.finding.what
    assert len(cause.followers) >= 3
