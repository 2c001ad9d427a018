"""Whose policies decide: a folder `./policies` is found, and counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.commands.inputs import with_local_policies
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicySourceOptions
from lakewarden.resources import shipped_policies


def _roots(*named: Path) -> tuple[Path, ...]:
    return with_local_policies(PolicySourceOptions(policy_sources=named)).roots


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
