"""A new policy: its tests fail until it is written, and nothing else is in its author's way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.scaffold import scaffold
from lakewarden.kit.scratch import open_workspace
from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import shipped_policies
from tests.support import rego, scratch_policies

pytestmark = pytest.mark.opa


def _shipped_domain() -> str:
    return min(path.name for path in (shipped_policies() / "lakewarden" / "tables").iterdir())


@pytest.fixture(params=["new domain", "shipped domain"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    domain = "naming" if request.param == "new domain" else _shipped_domain()
    scaffold(f"{domain}.all_is_well", tmp_path / "own")
    return tmp_path / "own"


def _steps(root: Path) -> dict[str, Step]:
    """Take all steps beside the router and the schemas of the shipped domains."""
    router = scratch_policies.write_router(root.parent)
    domains = rego.POLICIES / "lakewarden" / "tables"
    for schema in domains.glob("*/settings.schema.json"):
        place = router / schema.relative_to(rego.POLICIES)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(schema.read_bytes())
    with open_workspace(rego.opa_binary(), [root], [router]) as workspace:
        return {taken.name: taken for taken in check_all(workspace)}


def test_only_what_is_to_be_written_is_found(written: Path) -> None:
    """It is formatted and compiles; every test fails and says what to do; so does every TODO."""
    steps = _steps(written)
    assert steps["opa fmt"].ending == steps["opa check"].ending == Ending.OK
    failed = steps["opa test"].findings
    assert len(failed) == 3
    assert all("remove _written" in finding.remedy for finding in failed)
    checks = [finding.check for finding in steps["conventions"].findings]
    assert set(checks) == {"nothing_is_left_to_write"}
    assert len(checks) == 11


def test_what_is_finished_passes(written: Path) -> None:
    """With the words filled in and the tests unlocked, no convention is broken."""
    for file in written.rglob("*.rego"):
        text = file.read_text()
        text = re.sub(r"\n?\t*# TODO.*\n(\t_written\n)?", "\n", text)
        text = text.replace("TODO: ", "").replace("\n_written := false\n", "")
        file.write_text(text)
    steps = _steps(written)
    broken = {step: found.findings for step, found in steps.items() if found.findings}
    assert set(broken) <= {"opa fmt"}  # the blank lines that the replacements leave
    assert steps["coverage"].note == "100 % of 1 module"


def test_settings_are_written_for_a_new_domain_alone(tmp_path: Path) -> None:
    """A domain has one settings schema; a second one would be refused on the next run."""
    first = scaffold("naming.one", tmp_path)
    assert [path.name for path in first] == ["one.rego", "one_test.rego", "settings.schema.json"]
    assert [path.name for path in scaffold("naming.two", tmp_path)] == ["two.rego", "two_test.rego"]
    assert len(scaffold(f"{_shipped_domain()}.all_is_well", tmp_path)) == 2


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    paths = scaffold("naming.one", tmp_path)
    paths[0].write_text("mine")
    with pytest.raises(ConfigurationError, match="there already"):
        scaffold("naming.one", tmp_path)
    assert paths[0].read_text() == "mine"


def test_shipped_policy_cannot_be_replaced(tmp_path: Path) -> None:
    domain = shipped_policies() / "lakewarden" / "tables" / _shipped_domain()
    policy = next(path.name for path in domain.iterdir() if path.is_dir())
    with pytest.raises(ConfigurationError, match="there already"):
        scaffold(f"{domain.name}.{policy}", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    ["naming", "naming.", ".one", "a.b.c", "Naming.one", "naming.one-two", "1a.b", "a.input",
     "default.one", "a.b_test", "a/../../b.c", "a.b\n", ""],
)  # fmt: skip
def test_name_that_will_not_do(tmp_path: Path, name: str) -> None:
    """A name becomes a folder, a package and a file: what isn't a word of Rego is refused."""
    with pytest.raises(ConfigurationError):
        scaffold(name, tmp_path / "own")
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        scaffold("naming.one", tmp_path / "file")


@pytest.mark.parametrize("length", [250, 300])
def test_of_a_policy_that_cannot_be_written_nothing_is_left(tmp_path: Path, length: int) -> None:
    """A folder is made and the first file written before the second one's name is too long."""
    with pytest.raises(ConfigurationError, match="cannot be written") as refused:
        scaffold(f"naming.{'n' * length}", tmp_path / "own")
    assert refused.value.remedy == "Choose a shorter name."
    assert not list(tmp_path.iterdir())


def test_what_was_there_is_left_where_a_policy_cannot_be_written(tmp_path: Path) -> None:
    there = scaffold("naming.one", tmp_path)
    with pytest.raises(ConfigurationError):
        scaffold(f"naming.{'n' * 250}", tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(there)
    assert {path.name for path in there[0].parents[1].iterdir()} == {"one", there[2].name}
