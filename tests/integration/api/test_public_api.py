"""Programs use Lakewarden as the command line does: through the names of one screen."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import pytest

import lakewarden
from tests.support.commandline import CLUSTERED, document, environment, write_lines


def test_every_public_name_says_what_it_is() -> None:
    for name in set(lakewarden.__all__) - {"__version__"}:
        assert vars(getattr(lakewarden, name)).get("__doc__") or inspect.isfunction(
            getattr(lakewarden, name)
        ), name


def test_every_public_name_is_shown() -> None:
    """They are imported when asked for, and `help` asks for what `dir` names."""
    assert set(lakewarden.__all__) <= set(dir(lakewarden))
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        getattr(lakewarden, "evalute")  # noqa: B009 -- a type checker would refuse it otherwise


@pytest.mark.opa
def test_a_run_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWARDEN_OPA", environment(tmp_path)["LAKEWARDEN_OPA"])
    inventory = write_lines(
        tmp_path / "lake.ndjson", document("orders"), document("returns", **CLUSTERED)
    )
    target = tmp_path / "report.json"
    gate = lakewarden.evaluate(
        lakewarden.Options(
            tables=lakewarden.TableOptions(inventory=os.fspath(inventory)),
            reports=lakewarden.ReportOptions(
                reports=(lakewarden.ReportTarget(format=lakewarden.Format.JSON, path=target),)
            ),
        ),
        lakewarden.Silent(),
    )
    report = lakewarden.open_report(target)
    assert gate == report.gate
    assert gate.exit_code == 1
    assert [table.name for table in report.tables()] == ["orders", "returns"]


def test_an_error_carries_its_place_and_remedy(tmp_path: Path) -> None:
    options = lakewarden.Options(
        tables=lakewarden.TableOptions(inventory=os.fspath(tmp_path / "absent")),
    )
    with pytest.raises(lakewarden.ConfigurationError) as caught:
        lakewarden.evaluate(options, lakewarden.Silent())
    assert caught.value.where == str(tmp_path / "absent")
    assert caught.value.remedy
