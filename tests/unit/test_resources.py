"""A message never sends its reader into the installed package: that isn't theirs to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden import resources
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.engines.opa.check import compile_errors
from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.settings import load_schemas


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the bundle root of a package that was installed from a wheel."""
    package = tmp_path / "site-packages" / "lakewarden"
    domain = package / "policies" / "lakewarden" / "tables" / "naming"
    (domain / "short").mkdir(parents=True)
    (domain / "short" / "short.rego").write_text("package lakewarden.tables.naming.short\n")
    (domain / "settings.schema.json").write_text('{"type": "object", "properties": {}}')
    monkeypatch.setattr(resources, "_PACKAGE", package)
    return package / "policies"


def _own(tmp_path: Path) -> Path:
    own = tmp_path / "own" / "lakewarden" / "tables" / "naming"
    own.mkdir(parents=True)
    return own


def test_a_file_of_the_user_is_called_by_its_path(installed: Path, tmp_path: Path) -> None:
    assert resources.called(tmp_path / "own" / "a.rego") == str(tmp_path / "own" / "a.rego")
    assert resources.called(installed / "lakewarden/lib/size/size.rego") == (
        "lakewarden/lib/size/size.rego, which comes with Lakewarden"
    )


def test_a_policy_that_is_there_already(installed: Path, tmp_path: Path) -> None:
    (_own(tmp_path) / "again.rego").write_text("package lakewarden.tables.naming.short\n")
    with pytest.raises(ConfigurationError) as refused:
        read_policies([installed, tmp_path / "own"])
    output = f"{refused.value}\n{refused.value.remedy}"
    assert "the policy naming.short, which comes with Lakewarden, and " in output
    assert "site-packages" not in output


def test_settings_of_a_domain_that_is_there_already(installed: Path, tmp_path: Path) -> None:
    schema = _own(tmp_path) / "settings.schema.json"
    schema.write_text('{"type": "object", "properties": {}}')
    with pytest.raises(ConfigurationError) as refused:
        load_schemas([installed, tmp_path / "own"])
    output = f"{refused.value}\n{refused.value.remedy}"
    assert "the domain naming, which comes with Lakewarden" in output
    assert "site-packages" not in output


def test_an_error_of_the_compiler_in_what_is_installed(installed: Path) -> None:
    place = "lakewarden/tables/naming/short/short.rego"
    output = (
        '{"errors": [{"code": "rego_type_error", "message": "conflict", '
        f'"location": {{"file": "{place}", "row": 3}}}}]}}'
    )
    (error,) = compile_errors(output, {place: installed / place})
    assert error.where == "the policy naming.short, which comes with Lakewarden:3"
