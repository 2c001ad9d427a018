"""Several workspaces in one inventory: each metastore once, and no name that means two tables."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.integration.databricks.workspace_commands import Inventory, read
from tests.support.commandline import lakewarden
from tests.workspace.handmade import GIB, MIB, HandmadeEstate
from tests.workspace.server import Workspace

pytestmark = pytest.mark.opa


class _Metastore(HandmadeEstate):
    """An estate in a metastore of its own."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.metastore_id = f"00000000-0000-4000-8000-{number:012}"


def _collect(
    home: Path, workspaces: Sequence[Workspace], *arguments: str, command: str = "collect"
) -> CompletedProcess[str]:
    """Collect from workspaces that are the profiles `w0`, `w1` … of the configuration file."""
    options: list[str] = []
    for number, workspace in enumerate(workspaces):
        workspace.profile(home / ".databrickscfg", f"w{number}")
        options += ["--profile", f"w{number}"]
    return lakewarden(command, "--source", "databricks", *options, *arguments, cwd=home)


def test_two_workspaces_of_one_metastore_list_it_once(tmp_path: Path) -> None:
    """Else every table would be there twice, or the second half be called a conflict."""
    estate = HandmadeEstate()
    estate.catalog("shared").schema("sales").table("orders", bytes=2 * GIB)
    estate.catalog("shared").schema("sales").table("regions", bytes=MIB)
    with Workspace(estate) as first, Workspace(estate) as second:
        ended = _collect(tmp_path, [first, second], "-o", "i.ndjson")
        assert first.log.count("list_tables") == 1
        assert second.log.count("list_tables") == 0
        assert len(first.log.described()) == 2
        assert second.log.statements == []
    assert ended.returncode == 0, ended.stderr
    inventory = Inventory(tmp_path / "i.ndjson")
    assert [each["name"] for each in inventory.documents] == ["orders", "regions"]
    assert inventory.failures == []
    assert inventory.header["scope"] == "Databricks (w0, w1)"


def test_what_one_workspace_does_not_see_another_adds(tmp_path: Path) -> None:
    """Catalogs can be bound to single workspaces of a metastore."""
    one, two = HandmadeEstate(), HandmadeEstate()
    for estate in (one, two):
        estate.catalog("shared").schema("s").table("t", clustering=[["id"]])
    one.catalog("bound_to_one").schema("s").table("t", clustering=[["id"]])
    two.catalog("bound_to_two").schema("s").table("t", clustering=[["id"]])
    with Workspace(one) as first, Workspace(two) as second:
        ended = _collect(tmp_path, [first, second], "-o", "i.ndjson")
        assert second.log.count("list_tables") == 1, "the shared catalog is not listed again"
    assert ended.returncode == 0, ended.stderr
    documents = Inventory(tmp_path / "i.ndjson").documents
    assert [each["full_name"] for each in documents] == [
        "bound_to_one.s.t",
        "bound_to_two.s.t",
        "shared.s.t",
    ]


def test_two_metastores_are_one_inventory_each_with_its_own_warehouse(tmp_path: Path) -> None:
    one, two = _Metastore(1), _Metastore(2)
    one.catalog("eu").schema("s").table("t", bytes=2 * GIB)
    two.catalog("us").schema("s").table("t", bytes=MIB, metric_bytes=MIB)
    with Workspace(one) as first, Workspace(two) as second:
        ended = _collect(
            tmp_path,
            [first, second],
            *("--save-inventory", "i.ndjson", "--report", "json=report.json"),
            command="evaluate",
        )
        assert len(first.log.described()) == 1
        assert second.log.described() == []
    assert ended.returncode == 1, ended.stderr
    report = read(tmp_path / "report.json")
    by_name = {
        each["full_name"]: each["decisions"]["clustering.strategy_required"]["outcome"]
        for each in report["tables"]
    }
    assert by_name == {"eu.s.t": "fail", "us.s.t": "exempt"}
    assert report["run"]["spent"]["list_catalogs"] == 2
    assert "workspace" not in report["run"]  # nobody knows which table is in which
    assert Inventory(tmp_path / "i.ndjson").end["documents"] == 2


def test_the_same_name_in_two_metastores_is_named_as_a_failure(tmp_path: Path) -> None:
    """The report knows tables by their names: one would be taken for the other."""
    one, two = _Metastore(1), _Metastore(2)
    for estate in (one, two):
        estate.catalog("prod").schema("s").table("both", clustering=[["id"]])
    one.catalog("prod").schema("s").table("only_one", clustering=[["id"]])
    two.catalog("prod").schema("s").table("only_two", clustering=[["id"]])
    with Workspace(one) as first, Workspace(two) as second:
        ended = _collect(tmp_path, [first, second], "-o", "i.ndjson")
    assert ended.returncode == 3, ended.stderr
    inventory = Inventory(tmp_path / "i.ndjson")
    assert [each["name"] for each in inventory.documents] == ["both", "only_one", "only_two"]
    (failure,) = inventory.failures
    assert failure["what"] == "prod.s.both"
    assert "two metastores" in failure["reason"]
    assert failure["remedy"] == "Collect the metastores into two inventories."
    evaluated = lakewarden(
        "evaluate", "--inventory", "i.ndjson", "--report", "json=-", cwd=tmp_path
    )
    assert evaluated.returncode == 3
    assert "prod.s.both" in evaluated.stderr


def test_a_workspace_that_cannot_be_reached_ends_the_run_before_anything_is_listed(
    tmp_path: Path,
) -> None:
    """An inventory of half of what was asked for would look like all of it."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(Workspace(_Metastore(n))) for n in (1, 2))
        second.token = "wrong"  # noqa: S105 -- it opens nothing
        ended = _collect(tmp_path, [first, second], "-o", "i.ndjson")
        assert first.log.count("list_catalogs") == 0
    assert ended.returncode == 4
    assert "profile w1" in ended.stderr
    assert not (tmp_path / "i.ndjson").exists()


def test_doctor_looks_at_each_profile(tmp_path: Path) -> None:
    one, two = _Metastore(1), _Metastore(2)
    for estate in (one, two):
        estate.catalog("main").schema("s").table("t")
    with Workspace(one) as first, Workspace(two) as second:
        ended = _collect(tmp_path, [first, second], command="doctor")
    for metastore in (one.metastore_id, two.metastore_id):
        assert f"ok      metastore {metastore}" in ended.stdout
    assert ended.returncode == 0, ended.stdout
