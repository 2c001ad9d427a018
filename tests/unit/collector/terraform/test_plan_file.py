"""What isn't a plan is recognised, with the command that makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.sources.terraform import TerraformSource


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b'resource "databricks_sql_table" "x" {\n}\n', "Terraform configuration"),
        (b'# A comment.\n\nlocals {\n  a = ["x"]\n}\n', "Terraform configuration"),
        (b"PK\x03\x04\x14\x00\x08\x00\x08\x00\xda9}]" + bytes(12) + b"\x06\x00tfplan", "binary"),
        (
            b'{"@level":"info","@message":"Terraform"}\n{"@level":"info"}\n',
            "`terraform plan -json`",
        ),
        (b'{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x"}', "state"),
        (b'{"format_version":"1.0","terraform_version":"1.11.4","values":{}}', "state"),
        (b'{"format_version":"1.0"}', "state"),
        (b'{"format_version":"2.0","resource_changes":[]}', "format version 2.0"),
        (b'{"format_version":"0.1","resource_changes":[]}', "format version 0.1"),
        (b'{"format_version":1.2,"resource_changes":[]}', "format version 1.2"),
        (b'{"format_version":"1.2","planned_values":{}}', "no `resource_changes`"),
        (b'{"resource_changes":[]}', "no `format_version`"),
        (b'{"format_version":"1.2","resource_changes":{}}', "aren't a list"),
        (b'{"format_version":"1.2","resource_changes":[', "isn't a whole Terraform plan"),
        (b"[1]", "JSON"),
    ],
)
def test_wrong_input_is_recognised_with_the_command_to_run(
    tmp_path: Path, content: bytes, what: str
) -> None:
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(WrongInputError) as caught:
        TerraformSource(str(tmp_path / "plan.json"))
    assert what in caught.value.what
    assert "terraform show -json" in caught.value.remedy


def test_a_plan_of_an_old_terraform_says_which_one_to_use(tmp_path: Path) -> None:
    """`format_version` is "1.0" "as of Terraform 1.1.0", says Terraform's page on the format."""
    (tmp_path / "plan.json").write_text('{"format_version":"0.2","resource_changes":[]}')
    with pytest.raises(WrongInputError) as caught:
        TerraformSource(str(tmp_path / "plan.json"))
    assert "since 1.1" in caught.value.remedy


@pytest.mark.parametrize("location", ["", "*.nothing", "missing.json"])
def test_a_folder_or_a_missing_file_is_wrong_input(tmp_path: Path, location: str) -> None:
    with pytest.raises(WrongInputError, match=r"folder|no file matches|no such file"):
        TerraformSource(str(tmp_path / location))
