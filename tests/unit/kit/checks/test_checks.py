"""Each step of `lakewarden policies test` finds its kind of mistake, and names line and remedy."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from lakewarden.kit.checks import Ending, Step, check_all, testing
from lakewarden.kit.checks.linting import find_config
from lakewarden.kit.conventions import CONVENTIONS
from lakewarden.kit.scratch import open_workspace
from lakewarden.model.errors import ConfigurationError
from tests.support import rego, scratch_policies
from tests.support.scratch_policies import LIB, POLICY, SETTINGS, TEST

pytestmark = pytest.mark.opa


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return scratch_policies.write(tmp_path, router=False)


def _steps(*roots: Path, until: str = "regal") -> dict[str, Step]:
    """Take the steps up to the one that is asked for, beside a router and nothing else."""
    router = scratch_policies.write_router(roots[0].parent / "router")
    with open_workspace(rego.opa_binary(), roots, [router]) as workspace:
        steps = {}
        for taken in check_all(workspace):
            steps[taken.name] = taken
            if taken.name == until:
                break
        return steps


def _found(root: Path, step: str) -> tuple[str, int, str, str]:
    """Return file, line, what and remedy of the only finding of a step that failed."""
    taken = _steps(root, until=step)[step]
    assert taken.ending == Ending.FAILED
    (finding,) = taken.findings
    return finding.file, finding.line, finding.what, finding.remedy


@pytest.mark.nightly
def test_good_policies_pass_every_step(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own folder is enough: the shipped policies are loaded beside it, not judged."""
    monkeypatch.setenv("PATH", "")
    with open_workspace(rego.opa_binary(), [root]) as workspace:
        steps = {taken.name: taken for taken in check_all(workspace)}
    endings = {step: taken.ending for step, taken in steps.items()}
    assert endings.pop("regal") == Ending.SKIPPED
    assert set(endings.values()) == {Ending.OK}
    assert list(endings) == ["opa fmt", "opa check", "opa test", "coverage", "conventions"]
    assert steps["opa fmt"].note == "4 files"
    assert steps["opa test"].note.startswith("7 tests, ")
    assert steps["coverage"].note == "100 % of 2 modules"


def test_untidy_file_is_named_with_what_would_change(root: Path) -> None:
    scratch_policies.change(root, LIB, "[column.name | some", "[column.name|some")
    file, line, what, remedy = _found(root, "opa fmt")
    assert (file, line) == (str(root / LIB), 10)
    assert "-columns := [column.name|some" in what
    assert "+columns := [column.name | some" in what
    assert remedy == f"Run `opa fmt --write {root / LIB}`."


def test_misspelt_field_of_the_document(root: Path) -> None:
    scratch_policies.change(root, LIB, "in input.columns", "in input.colums")
    file, line, what, remedy = _found(root, "opa check")
    assert (file, line) == (str(root / LIB), 10)
    assert "undefined ref: input.colums" in what
    assert remedy.startswith("Did you mean columns? There are: access, ")


def test_misspelt_setting_of_a_domain_of_ones_own(root: Path) -> None:
    """The schemas are generated for the domains at hand, so a user's settings are typed too."""
    scratch_policies.change(root, POLICY, "settings.max_length", "settings.max_lenght")
    _, _, what, remedy = _found(root, "opa check")
    assert "undefined ref: data.lakewarden_run.settings.naming.max_lenght" in what
    assert remedy == "Did you mean max_length? There are: legacy_schemas, max_length."


def test_forbidden_built_in(root: Path) -> None:
    scratch_policies.change(root, LIB, "is_array(input.columns)", 'http.send({"url": "x"})')
    file, line, what, reported = _found(root, "opa check")
    assert (file, line) == (str(root / LIB), 10)
    assert "undefined function http.send" in what
    assert "replayed" in reported


def test_unused_import_and_argument(root: Path) -> None:
    scratch_policies.change(root, LIB, "is_array(", "_known(input.table_type,")
    scratch_policies.change(
        root, LIB, "lib.naming\n", "lib.naming\n\nimport data.lakewarden.lib.size\n"
    )
    scratch_policies.put(
        root, LIB, (root / LIB).read_text() + "\n_known(kind, value) if is_array(value)\n"
    )
    reported = [finding.what for finding in _steps(root, until="opa check")["opa check"].findings]
    assert any("import data.lakewarden.lib.size unused" in what for what in reported)
    assert any("unused argument kind" in what for what in reported)


def test_what_does_not_parse_skips_what_cannot_be_said(root: Path) -> None:
    """One missing brace is one finding, not fifty."""
    scratch_policies.change(root, LIB, "is_array(input.columns)", "is_array(input.columns")
    steps = _steps(root)
    assert steps["opa check"].findings[0].file == str(root / LIB)
    assert steps["opa check"].findings[0].what.startswith("rego_parse_error")
    assert {steps[step].ending for step in ("opa test", "coverage", "conventions")} == {
        Ending.SKIPPED
    }


def test_what_does_not_compile_still_meets_the_conventions(root: Path) -> None:
    """All that can be found is found at once."""
    scratch_policies.change(root, LIB, "is_array(", "is_aray(")
    scratch_policies.change(root, POLICY, "#   why: Long names do not fit into the reports.\n", "")
    steps = _steps(root)
    assert steps["opa test"].ending == Ending.SKIPPED
    left = sum(convention.compiled for convention in CONVENTIONS)
    assert steps["conventions"].note.endswith(f", {left} left out until it compiles")
    assert [finding.check for finding in steps["conventions"].findings] == [
        "annotation_is_complete"
    ]


def test_failing_test_is_named(root: Path) -> None:
    scratch_policies.change(root, TEST, "violation.actual == 5", "violation.actual == 6")
    file, line, what, _ = _found(root, "opa test")
    assert (file, line, what) == (str(root / TEST), 19, "test_a_long_name_is_denied fails")
    assert _steps(root, until="coverage")["coverage"].ending == Ending.SKIPPED


def test_an_opa_that_runs_no_test_says_why(root: Path, tmp_path: Path) -> None:
    """Nothing on its output is not the same as no test."""
    opa = tmp_path / "opa"
    opa.write_text("#!/bin/sh\necho 'too many open files' >&2\nexit 2\n")
    opa.chmod(0o755)
    with open_workspace(rego.opa_binary(), [root]) as workspace:
        broken = msgspec.structs.replace(workspace, opa=opa)
        (finding,) = testing.check(broken, works=True).findings
    assert finding.what == "OPA did not run the tests: too many open files"


def test_line_without_a_test(root: Path) -> None:
    scratch_policies.change(
        root,
        LIB,
        "is_array(input.columns)\n",
        'is_array(input.columns)\n\nother := 1 if input == "x"\n',
    )
    file, line, what, _ = _found(root, "coverage")
    assert (file, line, what) == (str(root / LIB), 12, "line 12 is never reached by a test")


def test_module_without_any_test(root: Path) -> None:
    (root / TEST).unlink()
    taken = _steps(root, until="coverage")["coverage"]
    assert (str(root / POLICY), 26) in {(found.file, found.line) for found in taken.findings}
    assert taken.note == "4 % of 2 modules"


def test_folder_without_any_test(root: Path) -> None:
    """No test at all is no success."""
    for test in root.rglob("*_test.rego"):
        test.unlink()
    _, _, what, _ = _found(root, "opa test")
    assert what == "there is no test"


def test_yaml_and_json_beside_the_rego_do_no_harm(root: Path) -> None:
    """OPA would load them as data, and two of one kind collide."""
    for folder in (root, root / "lakewarden" / "lib" / "naming"):
        (folder / "notes.yaml").write_text("a: 1\n")
        (folder / "data.json").write_text('{"a": 2}')
    assert _steps(root, until="opa test")["opa test"].ending == Ending.OK


def test_two_roots_are_judged_together(tmp_path: Path) -> None:
    """A policy in one folder may build upon lib in another one."""
    shared, root = (scratch_policies.write(tmp_path / name, router=False) for name in "ab")
    for file in (POLICY, TEST, SETTINGS):
        (shared / file).unlink()
    for file in (LIB, "lakewarden/lib/naming/naming_test.rego"):
        (root / file).unlink()
    assert _steps(shared, root, until="coverage")["coverage"].note == "100 % of 2 modules"
    router = scratch_policies.write_router(tmp_path)
    with open_workspace(rego.opa_binary(), [root], [shared, router]) as workspace:
        steps = {taken.name: taken for taken in check_all(workspace)}
    assert steps["coverage"].note == "100 % of 1 module"
    assert steps["conventions"].ending == Ending.OK


def test_package_in_two_folders_is_refused(tmp_path: Path) -> None:
    first, second = (scratch_policies.write(tmp_path / name, router=False) for name in "ab")
    with (
        pytest.raises(ConfigurationError, match="two directories"),
        open_workspace(rego.opa_binary(), [first, second]),
    ):
        pass


def _fake_regal(folder: Path, report: object) -> None:
    folder.mkdir()
    regal = folder / "regal"
    output = f"cat <<'END'\n{json.dumps(report)}\nEND"
    regal.write_text(f"#!/bin/sh\necho \"$@\" > '{folder}/asked'\n{output}\nexit 3\n")
    regal.chmod(0o755)


def test_regal_is_run_where_it_is(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in answers as Regal does: its violations are findings, its configuration is ours."""
    violation = {
        "title": "line-length",
        "description": "Line too long",
        "category": "style",
        "level": "error",
        "related_resources": [{"description": "documentation", "ref": "https://example.org/todo"}],
        "location": {"file": str(root / LIB), "row": 3, "col": 1},
    }
    to_do = violation | {"title": "todo-comment", "description": "A convention says it with more"}
    _fake_regal(
        tmp_path / "bin", {"violations": [violation, to_do], "summary": {"files_scanned": 4}}
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    config = root / ".regal" / "config.yaml"
    config.parent.mkdir()
    config.write_text("rules: {}\n")
    taken = _steps(root)["regal"]
    assert taken.ending == Ending.FAILED
    (finding,) = taken.findings
    assert (finding.file, finding.line, finding.check) == (
        str(root / LIB),
        3,
        "style/line-length",
    )
    asked = (tmp_path / "bin" / "asked").read_text().split()
    assert asked == ["lint", "--format", "json", "--config-file", str(config), str(root)]


def test_configuration_of_regal_is_the_nearest(tmp_path: Path) -> None:
    outer, inner = tmp_path / ".regal", tmp_path / "a" / "b" / ".regal"
    for folder in (outer, inner):
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("rules: {}\n")
    assert find_config([tmp_path / "a" / "b"]) == inner / "config.yaml"
    assert find_config([tmp_path / "a"]) == outer / "config.yaml"


def test_configuration_of_regal_is_ours_where_there_is_no_nearer_one(tmp_path: Path) -> None:
    assert find_config([tmp_path]) == rego.CHECKOUT / ".regal" / "config.yaml"


def test_a_regal_that_breaks_is_no_success(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regal = tmp_path / "bin" / "regal"
    regal.parent.mkdir()
    regal.write_text("#!/bin/sh\nexit 1\n")
    regal.chmod(0o755)
    monkeypatch.setenv("PATH", f"{regal.parent}:/usr/bin:/bin")
    assert _steps(root)["regal"].ending == Ending.FAILED
