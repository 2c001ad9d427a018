"""A user's own template: the documented report as context, in a sandbox, errors with their line.

About `template.py`.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest
from msgspec import structs

from lakewarden.model.errors import ConfigurationError
from lakewarden.renderers import renderer
from lakewarden.renderers.template import TemplateRenderer
from lakewarden.report import layout
from lakewarden.report.layout import ReportDocument
from lakewarden_collector.document import Definition
from tests.support import insights, reports


def _render(
    tmp_path: Path,
    text: str,
    report: reports.Sample | None = None,
    *,
    name: str = "mine.j2",
    output: str = "out.txt",
) -> str:
    (tmp_path / name).write_text(text, "utf-8")
    out = io.StringIO()
    made = renderer(f"template:{tmp_path / name}", path=Path(output))
    made.render(report or reports.sample(12), out)
    return out.getvalue()


def _refused(tmp_path: Path, text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        _render(tmp_path, text)
    return caught.value


def test_the_context_is_the_json_report_with_every_field(tmp_path: Path) -> None:
    sample = insights.with_insight(reports.sample(12))
    sample.promises = reports.promises()
    sample.run = structs.replace(
        sample.run, workspace="https://example.cloud.databricks.com", policy_sources=()
    )
    names = [each for each in ReportDocument.__struct_fields__ if each != "tables"]
    pairs = ", ".join(f"{name!r}: {name}" for name in names)
    text = _render(tmp_path, f"{{{{ {{{pairs}, 'tables': tables|list}}|tojson }}}}", sample)
    whole = b"".join(layout.pieces(sample))
    assert json.loads(text).keys() >= json.loads(whole).keys()
    decoded = msgspec.json.decode(text, type=ReportDocument)
    assert decoded == msgspec.json.decode(whole, type=ReportDocument)
    assert '"key": null' in text, "what the JSON leaves out is there"


def test_what_a_tool_left_out_is_none(tmp_path: Path) -> None:
    sample = reports.sample(1)
    sample.rows = [structs.replace(sample.rows[0], definition=Definition(file="a.sql"))]
    text = "{{ run.workspace }}{% for table in tables %} {{ table.definition }}{% endfor %}"
    left_out = "{'tool': None, 'address': None, 'file': 'a.sql', 'line': None, 'action': None}"
    assert _render(tmp_path, text, sample) == f"None {left_out}"


def test_tables_are_walked_as_often_as_the_template_asks(tmp_path: Path) -> None:
    template = """
{% for table in tables if table.owner is none %}
{{ loop.index }} {{ table.full_name }} {{ table.size.bytes|default(0)|bytes }}
{% endfor %}
{% for table in tables %}
{{ table.decisions["clustering.key_limit"].outcome }}
{% endfor %}
{{ tables|length }}
"""
    sample = reports.sample(12)
    lines = _render(tmp_path, template, sample).splitlines()[1:]
    outcomes = [str(each.decisions["clustering.key_limit"].outcome) for each in sample.rows]
    assert lines[-13:-1] == outcomes
    assert lines[-1] == "12"
    assert len(lines) == 13 + sum(each.owner is None for each in sample.rows)


@pytest.mark.parametrize(
    ("name", "output", "shown"),
    [
        ("mine.j2", "out.txt", r"<b> & {{ 1 }}\nGate: passed\x1b[31m"),
        ("mine.html.j2", "-", "&lt;b&gt; &amp; {{ 1 }}\nGate: passed\\x1b[31m"),
        ("mine.j2", "out.XML", "&lt;b&gt; &amp; {{ 1 }}\nGate: passed\\x1b[31m"),
        ("mine.txt", "out.html.txt", r"<b> & {{ 1 }}\nGate: passed\x1b[31m"),
    ],
)
def test_values_are_escaped_by_suffix_and_control_characters_shown(
    tmp_path: Path, name: str, output: str, shown: str
) -> None:
    sample = reports.sample(1)
    sample.rows = [structs.replace(sample.rows[0], owner="<b> & {{ 1 }}\nGate: passed\x1b[31m")]
    text = "{% for table in tables %}{{ table.owner }}{% endfor %}"
    assert _render(tmp_path, text, sample, name=name, output=output) == shown


@pytest.mark.parametrize("way", ["e", "escape", "forceescape", "urlize"])
@pytest.mark.parametrize(("name", "end"), [("mine.txt.j2", "\\n"), ("mine.xml.j2", "\n")])
def test_a_filter_that_escapes_shows_control_characters_too(
    tmp_path: Path, way: str, name: str, end: str
) -> None:
    sample = reports.sample(1)
    sample.run = reports.run(scope="<b>\nGate: passed\x1b[31m")
    shown = f"&lt;b&gt;{end}Gate: passed\\x1b[31m"
    assert _render(tmp_path, f"{{{{ run.scope|{way} }}}}", sample, name=name) == shown
    attributes = "{{ {'a': run.scope}|xmlattr }}"
    assert _render(tmp_path, attributes, sample, name=name) == f' a="{shown}"'


@pytest.mark.parametrize(
    "text",
    [
        "{{ it('x') ~ run.scope }}",
        "{{ [it('x'), run.scope]|join }}",
        "{{ [{'a': it('x')}, {'a': run.scope}]|map(attribute='a')|join }}",
        "{{ 'x%s'|safe|format(run.scope) }}",
    ],
)
def test_a_value_beside_what_a_macro_made_is_still_shown(tmp_path: Path, text: str) -> None:
    sample = reports.sample(1)
    sample.run = reports.run(scope="\nGate: passed\x1b[31m")
    macro = "{% macro it(x) %}{{ x }}{% endmacro %}"
    shown = r"x\nGate: passed\x1b[31m"
    assert _render(tmp_path, macro + text, sample) == shown
    in_markup = shown.replace(r"\n", "\n")
    assert _render(tmp_path, macro + text, sample, name="mine.xml.j2") == in_markup


@pytest.mark.parametrize(
    "text",
    [
        "{% macro both(x) %}\na<b\n{{ x }}\n{% endmacro %}\n{{ both(run.scope) }}",
        "{% set both %}\n{{ 'a<b' }}\n{{ run.scope }}\n{% endset %}\n{{ both }}",
        "{% block one %}\na<b\n{{ run.scope }}\n{% endblock %}",
        "{% block one %}\na<b\n{{ run.scope }}\n{% endblock %}{{ self.one() }}",
        "{% macro m() %}{{caller()}}{% endmacro %}{% call m()%}\na<b\n{{ run.scope }}{% endcall %}",
    ],
    ids=["macro", "set", "block", "self", "call"],
)
def test_the_lines_of_a_template_stay_lines_where_a_value_is_one(tmp_path: Path, text: str) -> None:
    sample = reports.sample(1)
    sample.run = reports.run(scope="<b> & it's\nGate: passed")
    found = _render(tmp_path, text, sample, name="mine.txt.j2")
    assert found.splitlines()[:2] == ["a<b", r"<b> & it's\nGate: passed"]


def test_what_prints_is_the_same_each_time(tmp_path: Path) -> None:
    """No address of the memory gets into a text, whatever way it is made."""
    text = """{{ "%s"|format(tables) }} {{ "" ~ tables }} {{ tables|string }}"""
    assert _render(tmp_path, text) == "tables tables tables"


def test_templates_beside_it_can_be_included(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.j2").write_text("<{% block body %}{% endblock %}>")
    (tmp_path / "macros.j2").write_text("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}")
    text = (
        '{% extends "parts/base.j2" %}{% import "macros.j2" as m %}'
        "{% block body %}{{ m.twice(schema_version) }}{% endblock %}"
    )
    assert _render(tmp_path, text) == "<11>"


@pytest.mark.parametrize(
    "name", ["../secret.j2", "secret.txt", "/etc/passwd", "link.j2", "folder.j2", "absent.j2", ""]
)
def test_nothing_but_templates_beside_it_is_read(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    (inner / "folder.j2").mkdir(parents=True)
    (tmp_path / "secret.j2").write_text("secret")
    (inner / "secret.txt").write_text("secret")
    (inner / "link.j2").symlink_to(tmp_path / "secret.j2")
    for statement in ("include", "import", "extends"):
        more = " as x" if statement == "import" else ""
        refused = _refused(inner, f"\n{{% {statement} {name!r}{more} %}}")
        assert refused.where == f"{inner}/mine.j2:2"
        assert "there is no template" in refused.what


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ tables.__class__.__init__.__globals__ }}",
        "{{ tables.__iter__.__func__.__globals__ }}",
        "{{ tables._report }}",
        "{{ (tables|attr('__class__')) }}",
        "{{ ('{0.__class__}'|attr('format'))(tables) }}",
        "{{ '{0.__class__.__mro__}'.format(tables) }}",
        "{{ '{x.__init__.__globals__}'.format_map({'x': tables}) }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ range.__globals__ }}",
        "{{ dict.mro() }}",
        "{{ run.update({'clock': 1}) }}",
        "{{ policies.append(1) }}",
        "{% set x = namespace() %}{{ x.__dict__ }}",
        "{{ run['__class__'] }}",
        "{% for t in tables %}{{ t.__init__ }}{% endfor %}",
        "{{ 9 ** (9 ** 9) }}",
        "{{ 'x' * 10 ** 10 }}",
        "{{ ['x'] * 10 ** 10 }}",
        "{{ (10 ** 9 * [1])|length }}",
        "{{ range(10 ** 9)|list }}",
        "{{ lipsum() }}",
        "{{ [1, 2]|random }}",
        "{{ tables }}",
        "{{ run.keys }}",
        "{{ [1]|map('string') }}",
        "{{ nothing }}",
        "{{ run.nothing }}",
        "{{ run.nothing.more }}",
        "{{ tables|map(attribute='__class__')|list }}",
        "{{ [tables]|sort(attribute='__class__') }}",
        "{{ [tables]|groupby('__init__') }}",
        "{{ [run]|map('attr', '__class__')|list }}",
        "{{ 'x'.center(10 ** 15) }}",
        "{{ 'x'.center(10 ** 9) }}",
        "{{ 'x'|center(10 ** 9) }}",
        "{{ 'x'.rjust(width=10 ** 9) }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ ('{:>{}}'|attr('format'))(1, 10 ** 9) }}",
        "{{ '{x:999999999}'.format_map({'x': 1}) }}",
        "{{ '%999999999d'|format(1) }}",
        "{{ '%*d'|format(10 ** 9, 1) }}",
        "{{ tables[0] }}",
        "{{ tables[0].full_name }}",
        "{{ 2 ** 90000 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{{ 'open",
        "{% for x in tables %}",
        "{{ 1 | nofilter }}",
        "{% debug %}",
        "{% do 1 %}",
    ],
)
def test_what_a_template_must_not_do_is_an_error_with_its_line(tmp_path: Path, text: str) -> None:
    refused = _refused(tmp_path, f"first line\n{text}\n")
    assert refused.where.rpartition(":")[0] == f"{tmp_path}/mine.j2"
    assert refused.where.rpartition(":")[2] in ("2", "3"), refused.where  # 3: what isn't closed
    assert refused.what.removeprefix("the template can't be used: ").strip()


def test_large_numbers_are_formatted_like_others(tmp_path: Path) -> None:
    number = "{{ '{:>14}|{}'.format(10 ** 12, 10 ** 9) }} {{ '%d'|format(10 ** 12) }}"
    assert (
        _render(tmp_path, f"{number} {{{{ 'x'|center(3) }}}}")
        == " 1000000000000|1000000000 1000000000000  x "
    )


def test_tables_have_no_numbers_and_the_error_says_what_to_write(tmp_path: Path) -> None:
    assert "`tables|first`" in _refused(tmp_path, "{{ tables[0].full_name }}").what


def test_an_error_in_an_included_template_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("\n\n{{ run.nothing }}")
    refused = _refused(tmp_path, "{% include 'part.j2' %}")
    assert refused.where == f"{tmp_path}/part.j2:3"
    (tmp_path / "part.j2").write_text("\n{% if %}")
    assert _refused(tmp_path, "{% include 'part.j2' %}").where == f"{tmp_path}/part.j2:2"


def test_a_file_that_is_no_template_is_refused_before_a_run(tmp_path: Path) -> None:
    (tmp_path / "bytes.j2").write_bytes(b"\xff\xfe")
    for name, words in (("absent.j2", "No such file"), ("bytes.j2", "UTF-8"), ("", "directory")):
        with pytest.raises(ConfigurationError, match=words) as caught:
            TemplateRenderer(tmp_path / name)
        assert caught.value.where == str(tmp_path / name)


def test_a_template_is_interrupted_like_any_work(tmp_path: Path) -> None:
    """Ctrl-C raises in the middle of a template, and isn't taken for an error of it."""

    class _Interrupted(reports.Sample):
        def tables(self) -> NoReturn:
            raise KeyboardInterrupt

    sample = reports.sample(1)
    report = _Interrupted(**{name: getattr(sample, name) for name in sample.__dataclass_fields__})
    with pytest.raises(KeyboardInterrupt):
        _render(tmp_path, "{% for table in tables %}{% endfor %}", report)
