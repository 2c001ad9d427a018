"""Has Terraform and the real provider make the plans that tests read; writes them if run.

`make terraform-provider` builds the provider. Nothing is installed and no workspace is asked, but
for the plan that imports: `tables.json` beside its code answers for the workspace.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final, NamedTuple

from lakewarden_collector.document import TableDocument
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.terraform import TerraformSource
from tests.support.commandline import REPOSITORY
from tests.support.loopback import served

PLANS: Final = REPOSITORY / "tests" / "unit" / "collector" / "terraform" / "plans"
_BESIDE: Final = "../../../../../benchmarks/peers"
RECORDED: Final = {
    "changes/plan.json": (),
    "creates/plan.json": (),
    "imported/plan.json": (),
    "kinds/plan.json": (),
    "lifecycle/plan.json": (),
    "names/plan.json": (),
    "objects/plan.json": (),
    "shop/plan.json": (),
    "uncertain/plan.json": (),
    "uncertain/targeted.json": (
        "-target=databricks_sql_table.sure",
        "-target=module.one_layer",
    ),
    "unknown_count/plan.json": (),
    "unknown_count/targeted.json": ("-target=databricks_sql_table.sure",),
    f"{_BESIDE}/traps/plan.json": (),
    f"{_BESIDE}/may_exist/plan.json": (),
    f"{_BESIDE}/may_exist/targeted.json": (
        "-target=databricks_catalog.shop",
        "-target=databricks_sql_table.keys",
    ),
}
"""The plans in the repository, each with what was given to `terraform plan`."""

_PROVIDER: Final = REPOSITORY / ".tools" / "terraform" / "terraform-provider-databricks"
_ANSWERS: Final = "tables.json"
_UNSTEADY: Final = "timestamp", "terraform_version", "relevant_attributes"
"""What differs from run to run; the last has no order."""


class Reading(NamedTuple):
    """What a source made of a plan: documents and failures by name, and what it left out."""

    documents: dict[str, TableDocument]
    failures: dict[str, Failure]
    left_out: list[str]


def read(path: Path) -> Reading:
    """Read a plan with the source of plans."""
    source = TerraformSource(str(path))
    items = list(source.tables())
    documents = {each.full_name: each for each in items if isinstance(each, TableDocument)}
    failures = {each.what: each for each in items if isinstance(each, Failure)}
    return Reading(documents, failures, [each.what for each in source.left_out])


def missing() -> str:
    """Say what is missing to make plans; empty where nothing is."""
    if not shutil.which("terraform"):
        return "needs Terraform"
    return "" if _PROVIDER.exists() else "needs the provider: `make terraform-provider` builds it"


def with_provider(folder: Path) -> dict[str, str]:
    """Return an environment in which Terraform takes the provider that was built here."""
    settings = folder / "terraform.rc"
    settings.write_text(
        f'provider_installation {{ dev_overrides {{ "databricks/databricks" = "{_PROVIDER.parent}" '
        "}\n direct {} }\n"
    )
    return os.environ | {
        "TF_CLI_CONFIG_FILE": str(settings),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }


def made(recorded: str, folder: Path) -> dict[str, Any]:
    """Copy the code of a recorded plan into a folder, and have Terraform plan it there."""
    code = PLANS / Path(recorded).parent
    shutil.copytree(code, folder, dirs_exist_ok=True)
    environment = with_provider(folder)

    def terraform(*arguments: str, check: bool = True) -> bytes:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=environment,
            check=check,
            capture_output=True,
        ).stdout

    terraform("get")
    arguments = ["plan", "-input=false", "-lock=false", "-out", "plan.bin", *RECORDED[recorded]]
    if (folder / _ANSWERS).exists():
        with _workspace(folder / _ANSWERS) as host:
            environment |= {"DATABRICKS_HOST": host, "DATABRICKS_TOKEN": "x"}
            terraform(*arguments)
    else:
        # Planning may end with an error: the plan is written all the same, and says so.
        terraform(*arguments, "-refresh=false", check=False)
    plan: dict[str, Any] = json.loads(terraform("show", "-json", "plan.bin"))
    return plan


def steady(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a plan that don't differ from run to run."""
    return {key: value for key, value in plan.items() if key not in _UNSTEADY}


@contextmanager
def _workspace(tables: Path) -> Iterator[str]:
    """Answer for the workspace's tables as long as the block runs; yields the host."""
    answers = json.loads(tables.read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2].partition("?")[0]
            found = answers.get(name, {"error_code": "TABLE_DOES_NOT_EXIST", "message": "none"})
            body = json.dumps(found).encode()
            self.send_response(200 if name in answers else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with served(Handler) as url:
        yield url


if __name__ == "__main__":
    for name in RECORDED:
        with tempfile.TemporaryDirectory() as temporary:
            plan = made(name, Path(temporary))
        (PLANS / name).write_text(json.dumps(plan, separators=(",", ":")) + "\n")
