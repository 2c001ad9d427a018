"""`opa check`, `opa fmt` and `opa test` as gates, and proof that the gates are shut."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from lakewarden.kit.checks import Ending, Step, check_all
from lakewarden.kit.scratch import open_workspace
from tests.support import rego

pytestmark = pytest.mark.opa

_LIB: Final = "lakewarden/lib"
_TABLES: Final = "lakewarden/tables"

MISSPELT: Final = [
    # file, what it says, what it would say by mistake
    (f"{_LIB}/size/size.rego", "input.size.bytes <", "input.size.byts <"),
    (f"{_LIB}/size/size.rego", "data.lakewarden_run.now", "data.lakewarden_run.clock"),
    (f"{_LIB}/property/property.rego", "input.properties[", "input.property["),
    (f"{_LIB}/clustering/clustering.rego", "settings.accept_auto", "settings.acept_auto"),
    (f"{_LIB}/clustering/clustering.rego", "settings.clustering as", "settings.cluster as"),
    (f"{_LIB}/partitioning/partitioning.rego", ".partition_index", ".partition_idx"),
    (f"{_LIB}/clustering_keys/clustering_keys.rego", "detail.clustering_", "detail.cluster_"),
    (f"{_TABLES}/clustering/keys_exist/keys_exist.rego", "column.name", "column.nam"),
    (f"{_TABLES}/clustering/keys_exist/keys_exist.rego", "input.full_name", "input.fullname"),
    (f"{_TABLES}/clustering/key_limit/key_limit.rego", "settings.max_clust", "settings.max_colum"),
]


# What these look at, `make lint` has looked at before.
@pytest.fixture(scope="module")
def steps() -> dict[str, Step]:
    with open_workspace(rego.opa_binary(), [rego.POLICIES]) as workspace:
        return {taken.name: taken for taken in check_all(workspace)}


@pytest.mark.nightly
@pytest.mark.parametrize("step", ["opa fmt", "opa check", "opa test", "coverage"])
def test_policies_pass(steps: dict[str, Step], step: str) -> None:
    """Strict, typed, formatted, and tested to the last line; each finding says where it is not."""
    assert not steps[step].findings
    assert steps[step].ending == Ending.OK


@pytest.mark.nightly
def test_all_modules_are_looked_at(steps: dict[str, Step]) -> None:
    """A module that is left out of the coverage would be untested without anybody knowing."""
    assert steps["coverage"].note == f"100 % of {len(rego.modules())} modules"


@pytest.mark.parametrize(("file", "right", "wrong"), MISSPELT)
def test_misspelt_field_or_setting_is_refused(
    tmp_path: Path, file: str, right: str, wrong: str
) -> None:
    """Misspelt, a field is undefined: the policy would quietly decide without it."""
    root = rego.copy_policies(tmp_path)
    text = (root / file).read_text(encoding="utf-8")
    assert right in text
    (root / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    ended = rego.run_opa("check", "--strict", "--schema", root / "schemas", root)
    assert ended.returncode != 0
    assert "undefined ref" in ended.stderr


def test_broken_rule_fails_the_rego_tests(tmp_path: Path) -> None:
    """The tests of the policies must be able to fail."""
    root = rego.copy_policies(tmp_path)
    file = root / _TABLES / "clustering" / "key_limit" / "key_limit.rego"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("_count <= _limit", "_count < _limit"), encoding="utf-8")
    assert rego.run_opa("test", "--bundle", root).returncode != 0


def test_policies_are_a_bundle(tmp_path: Path) -> None:
    """`opa build` accepts the directory as it is, and its root is ours alone."""
    root = rego.copy_policies(tmp_path)
    shutil.rmtree(root / "schemas")
    built = tmp_path / "bundle.tar.gz"
    ended = rego.run_opa("build", "--bundle", root, "--ignore", "*_test.rego", "--output", built)
    assert ended.returncode == 0, ended.stderr
    manifest = json.loads((root / ".manifest").read_text(encoding="utf-8"))
    assert manifest == {"roots": ["lakewarden"], "rego_version": 1}
