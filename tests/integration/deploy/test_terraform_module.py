"""The Terraform module: least privilege, its schedule, and what it refuses to plan."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.deploy.deployments import (
    EXISTING,
    MODULE,
    PRINCIPAL,
    WAREHOUSE,
    Refused,
    documented,
    grants,
    parameters,
    planned,
    resources,
    terraform,
)
from tests.support.commandline import REPOSITORY, lakewarden
from tests.support.terraform.plans import missing

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(bool(missing()), reason=missing() or "is there"),
]

_VOLUME = {
    ("CATALOG", "governance", "USE CATALOG"),
    ("SCHEMA", "governance.lakewarden", "USE SCHEMA"),
    ("VOLUME", "governance.lakewarden.reports", "READ VOLUME"),
    ("VOLUME", "governance.lakewarden.reports", "WRITE VOLUME"),
}
"""To write the reports: the page about grants is about reading tables."""


@pytest.mark.parametrize(
    ("evidence", "sections"),
    [
        ([], []),
        (["sizes"], ["Sizes in one statement"]),
        (["reads"], ["How often tables are read"]),
        (["tags"], ["Tags"]),
        (
            ["sizes", "reads", "tags"],
            ["Sizes in one statement", "How often tables are read", "Tags"],
        ),
    ],
)
def test_the_grants_are_those_of_the_page_and_none_more(
    tmp_path: Path, evidence: list[str], sections: list[str]
) -> None:
    plan = planned(tmp_path, evidence=evidence, **EXISTING)
    expected = documented("Catalogs and tables").union(*map(documented, sections))
    assert grants(plan) == expected | _VOLUME
    assert {each["principal"] for each in resources(plan, "databricks_grant")} == {PRINCIPAL}


def test_a_single_schema_gets_the_grants_of_the_page(tmp_path: Path) -> None:
    plan = planned(tmp_path, catalogs=[], schemas=["main.sales"], evidence=[], **EXISTING)
    assert grants(plan) == documented("Catalogs and tables", 1) | _VOLUME


def test_what_a_task_reads_from_a_volume_is_granted_once(tmp_path: Path) -> None:
    """Two resources for one object and one principal would undo each other at each apply."""
    wheel = "/Volumes/main/tools/wheels/lakewarden-0.1.0-py3-none-any.whl"
    plan = planned(
        tmp_path, wheel=wheel, config="/Volumes/main/tools/wheels/config", evidence=[], **EXISTING
    )
    assert grants(plan) == documented("Catalogs and tables") | _VOLUME | {
        ("SCHEMA", "main.tools", "USE SCHEMA"),
        ("VOLUME", "main.tools.wheels", "READ VOLUME"),
    }
    objects = [
        (each["catalog"], each["schema"], each["table"], each["volume"])
        for each in resources(plan, "databricks_grant")
    ]
    assert len(objects) == len(set(objects))


def test_the_job_runs_nightly_as_the_service_principal_and_isn_t_repeated(tmp_path: Path) -> None:
    plan = planned(tmp_path, timezone="Europe/Berlin", pause_status="PAUSED", **EXISTING)
    (job,) = resources(plan, "databricks_job")
    assert job["schedule"] == [
        {
            "quartz_cron_expression": "0 0 4 * * ?",
            "timezone_id": "Europe/Berlin",
            "pause_status": "PAUSED",
        }
    ]
    assert job["run_as"][0]["service_principal_name"] == PRINCIPAL
    (task,) = job["task"]
    assert (task["max_retries"], task["disable_auto_optimization"]) == (0, True)
    spec = job["environment"][0]["spec"][0]
    assert spec["dependencies"] == ["/Workspace/Shared/lakewarden-0.1.0-py3-none-any.whl[embedded]"]
    command = plan["planned_values"]["outputs"]["command"]["value"]
    assert command.startswith("lakewarden evaluate '--source' 'databricks'"), command


def test_what_exists_keeps_its_permissions(tmp_path: Path) -> None:
    """`databricks_permissions` takes away what others may do: never on a warehouse of yours."""
    plan = planned(tmp_path, create_reports_volume=False, **EXISTING)
    made = {each["type"] for each in plan["resource_changes"]}
    assert made == {"databricks_grant", "databricks_job"}
    (job,) = resources(plan, "databricks_job")
    assert WAREHOUSE in parameters(job)


def test_what_doesn_t_exist_is_made(tmp_path: Path) -> None:
    users = {"account_id": PRINCIPAL, "service_principal_users": ["groups/platform"]}
    plan = planned(tmp_path, enable_system_schemas=True, evidence=["sizes", "reads"], **users)
    (principal,) = resources(plan, "databricks_service_principal")
    assert not principal["allow_cluster_create"]
    (warehouse,) = resources(plan, "databricks_sql_endpoint")
    assert warehouse["cluster_size"] == "2X-Small"
    (permission,) = resources(plan, "databricks_permissions")
    assert [each["permission_level"] for each in permission["access_control"]] == ["CAN_USE"]
    enabled = {each["schema"] for each in resources(plan, "databricks_system_schema")}
    assert enabled == {"storage", "access"}
    (rules,) = resources(plan, "databricks_access_control_rule_set")
    assert rules["grant_rules"][0]["role"] == "roles/servicePrincipal.user"


def test_where_there_is_no_serverless_compute_a_cluster_runs_it(tmp_path: Path) -> None:
    cluster = {"spark_version": "16.4.x-scala2.12", "node_type_id": "m5d.large"}
    (job,) = resources(planned(tmp_path, job_cluster=cluster, **EXISTING), "databricks_job")
    assert not job["environment"]
    libraries = job["task"][0]["library"]
    wheels = [each["whl"] for each in libraries if each["whl"]]
    assert wheels == ["/Workspace/Shared/lakewarden-0.1.0-py3-none-any.whl"]
    (extra,) = [each["pypi"][0]["package"] for each in libraries if each["pypi"]]
    declared = re.search(r'embedded = \["(.*)"\]', (REPOSITORY / "pyproject.toml").read_text())
    assert declared
    assert extra == declared[1].replace(" ", "")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"catalogs": []}, "Name at least one catalog"),
        ({"catalogs": ["main.*"]}, "without dots or patterns"),
        ({"catalogs": ["System"]}, "aren't yours to keep"),
        ({"schemas": ["sales"]}, "such as main.sales"),
        ({"schemas": ["main.sales"]}, "covers all its schemas"),
        ({"evidence": ["columns"]}, "sizes, reads and tags"),
        ({"reports_volume": "reports"}, "named with its catalog and schema"),
        ({"wheel": "lakewarden.whl"}, "The wheel is a path below"),
        ({"config": "config"}, "The folder is a path below"),
        ({"arguments": ["--engine=opa"]}, "The module sets"),
        ({"warehouse_id": "Starter"}, "16 hexadecimal digits"),
        ({"service_principal_application_id": "lakewarden"}, "is a UUID"),
        ({"service_principal_users": ["groups/a"]}, "needs account_id"),
        ({"cron": "0 4 * * *"}, "begins with seconds"),
        ({"pause_status": "paused"}, "UNPAUSED or PAUSED"),
        ({"environment_version": "1"}, "Python 3.11"),
        ({"job_cluster": {"spark_version": "14.3.x", "node_type_id": "m"}}, "Python 3.11"),
    ],
)
def test_a_wrong_variable_is_refused_with_the_reason(
    tmp_path: Path, variables: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=re.escape(words)):
        planned(tmp_path, **variables)


def test_the_module_and_its_example_are_valid_and_formatted(tmp_path: Path) -> None:
    code = shutil.copytree(MODULE, tmp_path / "module")
    ended = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-recursive"],
        cwd=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    for folder in (code, code / "examples" / "nightly"):
        terraform(folder, "get")
        terraform(folder, "validate")


@pytest.mark.opa
def test_lakewarden_finds_no_table_in_the_plan_of_its_own_deployment(tmp_path: Path) -> None:
    """A plan without tables isn't a success: nothing was evaluated."""
    planned(tmp_path, **EXISTING)
    ended = lakewarden("evaluate", "--source", "terraform:plan.json", cwd=tmp_path)
    assert ended.returncode == 3, ended.stderr
    assert "0 tables" in ended.stdout
