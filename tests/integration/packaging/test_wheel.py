"""What users install is the wheel: it must hold the policies, and work without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.commandline import CLUSTERED, REPOSITORY, document, environment, write_lines


def test_it_holds_both_packages_the_policies_and_the_defaults(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"lakewarden/policies/{path.relative_to(REPOSITORY / 'policies').as_posix()}"
        for path in (REPOSITORY / "policies").rglob("*")
        if path.is_file() and not path.name.endswith("_test.rego")
    }
    assert expected
    assert expected <= names
    for name in (
        "lakewarden/config/waivers.yaml",
        "lakewarden/engines/install/opa.lock",
        "lakewarden/engines/opa/authz/.manifest",
        "lakewarden/py.typed",
        "lakewarden/renderers/html/templates/report.html.j2",
        "lakewarden_collector/py.typed",
        "lakewarden_collector/sources/demo/config/waivers.yaml",
    ):
        assert name in names
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"lakewarden", "lakewarden_collector"}
    assert not any(name.endswith("_test.rego") for name in names)
    (commands,) = (name for name in names if name.endswith("/entry_points.txt"))
    assert b"lakewarden-databricks-job = lakewarden.databricks_job:main" in (
        zipfile.ZipFile(wheel).read(commands)
    )


@pytest.mark.opa
def test_it_works_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    inventory = write_lines(tmp_path / "lake.ndjson", document("orders", **CLUSTERED))
    code = "import lakewarden, lakewarden.cli as c; print(lakewarden.__file__); c.main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "evaluate", "--inventory", inventory],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH=os.fspath(installed)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(str(installed))
