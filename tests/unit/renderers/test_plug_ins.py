"""Renderers of other distributions: found by name, loaded when named, blamed by name.

About `plug_ins.py`.
"""

from __future__ import annotations

import io
import logging
import sys
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.options.reports import parse_format, parse_target
from lakewarden.renderers import Format, format_name, renderer
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden_collector.errors import OutputError
from tests.support import plug_ins, reports

_RENDERER: Final = """
class Renderer:
    format = "acme"
    def render(self, report, out):
        out.write(f"{report.summary.total.tables} tables")
"""
_names = count()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def _install(place: Path, code: str = _RENDERER, name: str = "acme", target: str = "") -> str:
    module = f"lakewarden_acme_{next(_names)}"
    plug_ins.install(place, module, {name: f"{module}:{target or 'Renderer'}"}, code)
    return module


def test_a_plug_in_is_a_format_like_ours_and_imported_only_when_it_renders(place: Path) -> None:
    module = _install(place, name="Acme")
    target = parse_target("ACME=out.txt")
    assert (target.format, target.path) == ("acme", Path("out.txt"))
    assert module not in sys.modules
    out = io.StringIO()
    renderer("acme").render(reports.sample(7), out)
    assert out.getvalue() == "7 tables"


def test_an_unknown_format_lists_the_plug_ins_and_suggests_them(place: Path) -> None:
    module = _install(place)
    for read in (parse_format, lambda text: parse_target(f"{text}=out")):
        with pytest.raises(ConfigurationError) as caught:
            read("acmee")
        assert "Did you mean acme?" in caught.value.remedy
        assert f"acme ({module} 1.0)" in caught.value.remedy


@pytest.mark.parametrize("name", [*Format, "JSON", "template"])
def test_a_plug_in_does_not_take_a_name_of_ours(place: Path, name: str) -> None:
    """Otherwise an installed package could silently write what gates a pipeline."""
    module = _install(place, name=name)
    with pytest.raises(ConfigurationError, match=f"{module} 1.0.*built-in"):
        format_name(name)
    if name == Format.JSON:
        with pytest.raises(ConfigurationError, match=f"{module} 1.0.*built-in"):
            parse_target("report.json")


def test_two_plug_ins_of_one_name_are_both_named(place: Path) -> None:
    modules = [_install(place), _install(place)]
    with pytest.raises(ConfigurationError) as caught:
        parse_target("acme=out")
    assert all(f"{module} 1.0" in str(caught.value) for module in modules)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import module_that_is_not_there", "No module named 'module_that_is_not_there'"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("def Renderer(): raise KeyError('token')", "KeyError: 'token'"),
        ("def Renderer(): return None", "AttributeError"),
        ("Renderer = 3", "TypeError"),
        ("def Renderer(", "SyntaxError"),
        ("class Renderer:\n  format = 'other'\n  def render(self, report, out): ...", "'other'"),
        ("x = 1", "AttributeError"),
    ],
)
def test_a_broken_plug_in_is_a_usage_error_with_its_cause(
    place: Path, code: str, cause: str
) -> None:
    module = _install(place, code)
    with pytest.raises(ConfigurationError) as caught:
        renderer("acme")
    assert cause in str(caught.value)
    assert f"the plug-in 'acme' of {module} 1.0" in str(caught.value)


def test_a_plug_in_that_fails_while_it_writes_is_blamed(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code = _RENDERER.replace("out.write(", "open('/no/such/file'); out.write(")
    module = _install(place, code)
    caplog.set_level("DEBUG")
    with pytest.raises(OutputError, match=f"{module} 1.0 failed: FileNotFoundError"):
        renderer("acme").render(reports.sample(1), io.StringIO())
    shown = logging.Formatter().format(caplog.records[-1])  # PySpark changes the one of caplog.text
    assert f'{module}.py", line 5, in render' in shown, "-v shows its author where"


def test_what_a_plug_in_prints_is_no_part_of_a_report(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _install(place, _RENDERER.replace("out.write(", "print('debug'); out.write("))
    renderer("acme").render(reports.sample(1), sys.stdout)
    assert capsys.readouterr() == ("1 tables", "debug\n")


@pytest.mark.parametrize(
    ("code", "cause"), [("out.write(b'x')", "TypeError"), ("out.close(); out.write('x')", "")]
)
def test_a_plug_in_that_mistakes_its_output_leaves_no_half_file(
    place: Path, code: str, cause: str
) -> None:
    _install(place, _RENDERER.replace("out.write(", f"out.write('half'); {code}; out.write("))
    kept = place / "out.txt"
    kept.write_text("before")
    with ReportOutputs() as outputs:
        outputs.open("acme", kept)
        with pytest.raises(OutputError, match=f"failed: .*{cause}"):
            outputs.write(reports.sample(1))
    assert kept.read_text() == "before"


def test_a_reader_that_has_gone_is_not_the_plug_ins_fault(place: Path) -> None:
    _install(place, _RENDERER.replace("out.write(", "raise BrokenPipeError("))
    with pytest.raises(BrokenPipeError):
        renderer("acme").render(reports.sample(1), io.StringIO())
