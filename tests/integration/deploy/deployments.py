"""The deployments as values: what Terraform plans to make of the module, and the bundle's job."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.commandline import REPOSITORY
from tests.support.terraform.plans import with_provider

Json = dict[str, Any]

MODULE: Final = REPOSITORY / "deploy" / "terraform"
BUNDLE: Final = REPOSITORY / "deploy" / "bundle" / "databricks.yml"
WAREHOUSE: Final = "0123456789abcdef"
PRINCIPAL: Final = "2f1c7a3e-58b1-4c0e-9a51-6f0d2b7c9e14"
LEAST: Final[Json] = {
    "catalogs": ["main"],
    "reports_volume": "governance.lakewarden.reports",
    "wheel": "/Workspace/Shared/lakewarden-0.1.0-py3-none-any.whl",
}
"""What the module can't do without."""

EXISTING: Final[Json] = {"warehouse_id": WAREHOUSE, "service_principal_application_id": PRINCIPAL}
"""A warehouse and a service principal that are there: so all that is planned is known."""


class Refused(Exception):  # noqa: N818 -- Terraform's word, and not a fault of the test
    """Terraform didn't plan; its reasons are the message."""


def terraform(folder: Path, *arguments: str) -> str:
    """Run Terraform with the provider, for a workspace that isn't there."""
    environment = with_provider(folder) | {
        "DATABRICKS_HOST": "http://127.0.0.1:9",
        "DATABRICKS_TOKEN": "x",
    }
    ended = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Refused(" ".join(re.sub(r"[│╷╵]", "", ended.stderr).split()))
    return ended.stdout


def planned(folder: Path, **variables: object) -> Json:
    """Return what Terraform plans with the module and these variables, as JSON."""
    values = {key: value for key, value in (LEAST | variables).items() if value is not None}
    code = {
        "terraform": {"required_providers": {"databricks": {"source": "databricks/databricks"}}},
        "module": {"lakewarden": {"source": str(MODULE), **values}},
        "output": {"command": {"value": "${module.lakewarden.command}"}},
    }
    (folder / "main.tf.json").write_text(json.dumps(code))
    terraform(folder, "get")
    terraform(folder, "plan", "-input=false", "-refresh=false", "-no-color", "-out", "plan.bin")
    (folder / "plan.json").write_text(terraform(folder, "show", "-json", "plan.bin"))
    plan: Json = json.loads((folder / "plan.json").read_text())
    return plan


def resources(plan: Json, kind: str) -> list[Json]:
    """Return the planned resources of a kind, as they will be."""
    return [each["change"]["after"] for each in plan["resource_changes"] if each["type"] == kind]


def grants(plan: Json) -> set[tuple[str, str, str]]:
    """Return each privilege that is planned, as SQL has them: on what, its name, the privilege."""
    return {
        (on.upper(), each[on], privilege.replace("_", " "))
        for each in resources(plan, "databricks_grant")
        for on in ("catalog", "schema", "table", "volume")
        if each.get(on)
        for privilege in each["privileges"]
    }


def documented(section: str, block: int = 0) -> set[tuple[str, str, str]]:
    """Return the privileges of one block of SQL in a section of the page about grants."""
    page = (REPOSITORY / "docs" / "databricks-grants.md").read_text()
    text = page.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return {
        (on, name, privilege)
        for privileges, on, name in re.findall(
            r"GRANT ([A-Z, ]+) ON (\w+) (\S+) TO",
            re.findall(r"```sql\n(.*?)```", text, re.DOTALL)[block],
        )
        for privilege in privileges.split(", ")
    }


def bundle_job(**variables: str) -> Json:
    """Return the bundle's job, with its variables in their places."""
    text = BUNDLE.read_text()
    bundle: Json = yaml.safe_load(text)
    given = {key: each.get("default") for key, each in bundle["variables"].items()} | variables
    for name, value in given.items():
        text = text.replace("${var." + name + "}", str(value))
    for key, value in yaml.safe_load(text)["resources"]["volumes"]["reports"].items():
        text = text.replace("${resources.volumes.reports." + key + "}", str(value))
    job: Json = yaml.safe_load(text)["resources"]["jobs"]["nightly"]
    return job


def parameters(job: Json) -> list[str]:
    """Return what a job's task is called with; Terraform's lists of blocks are lists of one."""
    (task,) = job["task"] if "task" in job else job["tasks"]
    wheel = task["python_wheel_task"]
    found: list[str] = (wheel[0] if isinstance(wheel, list) else wheel)["parameters"]
    return found
