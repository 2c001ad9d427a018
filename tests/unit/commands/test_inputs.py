"""Whose policies decide: a folder `./policies` is found, and counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.commands.inputs import inputs, with_local_policies
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicyOptions, PolicySourceOptions
from lakewarden.origin import parse_origin
from lakewarden.policy_sources.source import FolderSource
from lakewarden.report.output_paths import Output, check_outputs
from lakewarden.resources import shipped_policies


def _roots(*named: Path) -> tuple[Path, ...]:
    sources = tuple(map(FolderSource, named))
    return with_local_policies(PolicySourceOptions(policy_sources=sources)).roots


def _policy(root: Path, package: str = "lakewarden.tables.naming.short") -> Path:
    file = root / package.replace(".", "/") / "short.rego"
    file.parent.mkdir(parents=True)
    file.write_text(f"package {package}\n", "utf-8")
    return file


def test_the_folder_policies_is_found_and_a_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _roots() == (shipped_policies(),)
    (tmp_path / "policies/terraform").mkdir(parents=True)
    (tmp_path / "policies/terraform/main.rego").write_text("package main\n", "utf-8")
    assert _roots() == (shipped_policies(),), "policies of another tool"
    assert not capsys.readouterr().err
    _policy(tmp_path / "policies")
    assert _roots() == (shipped_policies(), Path("policies"))
    assert "./policies" in capsys.readouterr().err
    _policy(tmp_path / "more")
    assert _roots(Path("more"))[1:] == (Path("more"), Path("policies"))


def test_a_folder_counts_once_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies")
    named = tmp_path / "more/../policies"
    (tmp_path / "more").mkdir()
    assert _roots(named, shipped_policies()) == (shipped_policies(), named)
    assert not capsys.readouterr().err


def test_a_checkout_of_the_product_is_not_taken_for_policies_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another version's policies would be there twice."""
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies", "lakewarden.main")
    assert _roots() == (shipped_policies(),)
    assert "Not using ./policies" in capsys.readouterr().err


def test_a_package_that_is_there_twice_is_refused_with_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _policy(tmp_path / "policies")
    _policy(tmp_path / "more")
    with pytest.raises(ConfigurationError) as caught:
        read_policies(_roots(Path("more")))
    for folder in ("more", "policies"):
        assert f"{folder}/lakewarden/tables/naming/short/short.rego" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("terraform:plan.json", "plan.json"),
        ("terraform:*.json", "plan.json"),
        ("sql:V1.sql", "V1.sql"),
        ("sql:sql", "sql/below/V2.SQL"),
        ("sql:**/*.SQL", "sql/below/V2.SQL"),
        ("dbt:target/manifest.json", "target/manifest.json"),
        ("dbt:target", "target/catalog.json"),
        ("dbt:.", "target/manifest.json"),
    ],
)
def test_no_file_of_a_plan_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, output: str
) -> None:
    """Each is somebody's work, or took a while to make."""
    monkeypatch.chdir(tmp_path)
    for name in ("plan.json", "V1.sql", "sql/below/V2.SQL", "target/manifest.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    reads = inputs(parse_origin(source), policies=PolicyOptions())
    written = Output(option="--report", what="the report", path=Path(output))
    with pytest.raises(ConfigurationError, match="would overwrite the"):
        check_outputs([written], reads)
    other = Output(option="--report", what="the report", path=Path("report.json"))
    check_outputs([other], reads)
