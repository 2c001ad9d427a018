"""A new policy: it works, each thing that is to be written is found once, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lakewarden.engines.bundle.annotations import package_annotations
from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.new_setting import read_setting
from lakewarden.kit.scaffold import NewPolicy
from lakewarden.kit.scaffold import scaffold as write_policy
from lakewarden.kit.scratch import open_workspace
from lakewarden.model.decision import Enforcement, Severity
from lakewarden.model.errors import ConfigurationError
from lakewarden.resources import shipped_policies
from lakewarden.settings.settings import load_schemas
from tests.support import rego, scratch_policies

pytestmark = pytest.mark.opa


def _shipped_domain() -> str:
    return min(path.name for path in (shipped_policies() / "lakewarden" / "tables").iterdir())


_SETTINGS = ("min_length=12", "team:string=data", "old:list=raw,archive", "strict:boolean=true")
_WORDS = {
    "title": "Names: short, and #1",
    "about": "Every name is short. " * 12,
    "severity": Severity.HIGH,
    "enforcement": Enforcement.MANDATORY,
}


def scaffold(policy_id: str, into: Path, *settings: str, **words: Any) -> tuple[Path, ...]:  # noqa: ANN401 -- fields of NewPolicy
    policy = NewPolicy(
        policy_id=policy_id, settings=tuple(read_setting(text) for text in settings), **words
    )
    return write_policy(policy, into)


@pytest.fixture(params=["in a shipped domain", "with words and settings"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "in a shipped domain":
        scaffold(f"{_shipped_domain()}.all_is_well", tmp_path / "own")
    else:
        scaffold("naming.all_is_well", tmp_path / "own", *_SETTINGS, **_WORDS)
    return tmp_path / "own"


def _steps(root: Path) -> dict[str, Step]:
    """Take all steps beside the router, the library and the schemas of the shipped domains."""
    router = scratch_policies.write_router(root.parent)
    shipped = rego.POLICIES / "lakewarden"
    library = [file for file in shipped.glob("lib/*/*.rego") if file.stem[-5:] != "_test"]
    for file in (*shipped.glob("tables/*/settings.schema.json"), *library):
        place = router / file.relative_to(rego.POLICIES)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes())
    with open_workspace(rego.opa_binary(), [root], [router]) as workspace:
        return {taken.name: taken for taken in check_all(workspace)}


def test_each_thing_to_write_is_found_once(written: Path) -> None:
    """It's formatted, compiles and decides; all that is found is what the author has to write."""
    steps = _steps(written)
    for step in ("opa fmt", "opa check", "opa test", "coverage"):
        assert steps[step].ending == Ending.OK, steps[step]
    found = steps["conventions"].findings
    assert {finding.check for finding in found} == {"nothing_is_left_to_write"}
    texts = [file.read_text() for file in written.rglob("*") if file.is_file()]
    assert len(found) == sum(text.count("TODO") for text in texts)
    assert len({(finding.file, finding.line) for finding in found}) == len(found)
    assert len({finding.remedy for finding in found}) == len(found)


def test_what_is_finished_passes(written: Path) -> None:
    """With the words filled in, no convention is broken."""
    for file in written.rglob("*.*"):
        if file.is_file():
            file.write_text(file.read_text().replace("TODO: ", ""))
    broken = {step: found.findings for step, found in _steps(written).items() if found.findings}
    assert not broken


def test_what_is_known_needs_no_writing(tmp_path: Path) -> None:
    """The words of the options are in the annotation, whatever characters YAML takes amiss."""
    policy, test = scaffold("naming.one", tmp_path, **_WORDS)
    output = package_annotations(policy.read_text(), str(policy))
    assert output["title"] == _WORDS["title"]
    assert output["description"] == str(_WORDS["about"]).strip()
    assert (output["custom"]["severity"], output["custom"]["enforcement"]) == ("high", "mandatory")
    assert max(map(len, policy.read_text().splitlines())) <= 105
    assert "title: A table" in scaffold("naming.two", tmp_path, title="A table")[0].read_text()
    assert test.name == "one_test.rego"


def test_settings_are_added_to_the_domain(tmp_path: Path) -> None:
    """A domain has one settings schema; what is in it stays as it was."""
    assert len(scaffold("naming.one", tmp_path)) == 2
    *_, schema = scaffold("naming.two", tmp_path, "limit=20", "raw:list")
    first = json.loads(schema.read_text())["properties"]
    assert first["limit"]["default"] == 20
    assert first["raw"] | {"description": ""} == {
        "description": "",
        "type": "array",
        "items": {"type": "string"},
        "default": [],
    }
    assert scaffold("naming.three", tmp_path, "limit", "share:number=0.5")[-1] == schema
    second = json.loads(schema.read_text())["properties"]
    assert second.pop("share")["default"] == 0.5
    assert second == first
    assert len(scaffold("naming.four", tmp_path, "limit")) == 2
    assert set(load_schemas([tmp_path])["naming"]["properties"]) == {"limit", "raw", "share"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("limit",), "has no setting limit yet"),
        (("limit=3", "limit=4"), "appears twice"),
        (("there=4",), "has a setting there already"),
    ],
)
def test_setting_that_the_domain_cannot_have(
    tmp_path: Path, settings: tuple[str, ...], words: str
) -> None:
    *_, schema = scaffold("naming.one", tmp_path, "there:boolean=true")
    before = schema.read_text()
    with pytest.raises(ConfigurationError, match=words):
        scaffold("naming.two", tmp_path, *settings)
    assert schema.read_text() == before
    assert {path.name for path in schema.parent.iterdir()} == {"one", schema.name}


def test_a_shipped_domain_lends_its_settings_and_takes_none(tmp_path: Path) -> None:
    domain = _shipped_domain()
    known = min(load_schemas([shipped_policies()])[domain]["properties"])
    assert len(scaffold(f"{domain}.all_is_well", tmp_path, known)) == 2
    with pytest.raises(ConfigurationError, match="comes with Lakewarden"):
        scaffold(f"{domain}.all_is_better", tmp_path, "limit=3")


@pytest.mark.parametrize("words", [{"title": " "}, {"title": "a\x1bb"}, {"about": ""}])
def test_text_that_will_not_do(tmp_path: Path, words: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        scaffold("naming.one", tmp_path / "own", **words)
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    paths = scaffold("naming.one", tmp_path)
    paths[0].write_text("mine")
    with pytest.raises(ConfigurationError, match="already exists"):
        scaffold("naming.one", tmp_path)
    assert paths[0].read_text() == "mine"


def test_shipped_policy_cannot_be_replaced(tmp_path: Path) -> None:
    domain = shipped_policies() / "lakewarden" / "tables" / _shipped_domain()
    policy = next(path.name for path in domain.iterdir() if path.is_dir())
    with pytest.raises(ConfigurationError, match="comes with Lakewarden") as refused:
        scaffold(f"{domain.name}.{policy}", tmp_path)
    assert str(shipped_policies()) not in f"{refused.value} {refused.value.remedy}"
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
    with pytest.raises(ConfigurationError, match="can't be written"):
        scaffold("naming.one", tmp_path / "file")


@pytest.mark.parametrize("length", [250, 300])
def test_of_a_policy_that_cannot_be_written_nothing_is_left(tmp_path: Path, length: int) -> None:
    """A folder is made and the first file written before the second one's name is too long."""
    with pytest.raises(ConfigurationError, match="can't be written") as refused:
        scaffold(f"naming.{'n' * length}", tmp_path / "own")
    assert refused.value.remedy == "Choose a shorter name."
    assert not list(tmp_path.iterdir())


def test_what_was_there_is_left_where_a_policy_cannot_be_written(tmp_path: Path) -> None:
    there = scaffold("naming.one", tmp_path, "limit=3")
    with pytest.raises(ConfigurationError):
        scaffold(f"naming.{'n' * 250}", tmp_path, "another=3")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(there)
    assert {path.name for path in there[0].parents[1].iterdir()} == {"one", there[2].name}
