"""Which file and line declares a table, in every form and folder that Terraform knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden_collector.sources.terraform.configuration import Module
from lakewarden_collector.sources.terraform.source_files import SourceFiles, object_entry

TABLE = 'resource "databricks_sql_table" "t" {\n  name = "t"\n}\n'
JSON = """{
  "//": "The JSON form.",
  "resource": [
    {"databricks_schema": {"t": {"name": "t"}}},
    {
      "databricks_sql_table": {
        "t": {"name": "${local.t}", "cluster_keys": ["id"]},
        "several": [
          {"name": "several"}
        ]
      }
    }
  ],
  "locals": {"t": "t"}
}
"""
ROOT = Module((), {}, {}, None)


def _module(source: str, *path: str, parent: Module = ROOT) -> Module:
    return Module(path or ("m",), {}, {"source": source}, parent)


def _manifest(folder: Path, *modules: dict[str, Any]) -> None:
    (folder / ".terraform" / "modules").mkdir(parents=True)
    (folder / ".terraform" / "modules" / "modules.json").write_text(
        json.dumps({"Modules": modules})
    )


@pytest.mark.parametrize("name", ["main.tf", "main.tofu"])
def test_a_table_is_found_in_a_file_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.tf").write_text("# Nothing of it.\n")
    (tmp_path / name).write_text(f"\ufeff# A comment.\r\n\r\n{TABLE}", "utf-8")
    files = SourceFiles(tmp_path)
    assert files.line(ROOT, "t") == (str(tmp_path / name), 3)
    assert files.line(ROOT, "u") is None
    assert files.line(None, "t") is None


def test_the_file_of_a_module_beside_the_plan_has_no_way_back_in_its_path(tmp_path: Path) -> None:
    plan, module = tmp_path / "live" / "prod", tmp_path / "modules" / "m"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(TABLE)
    entry = {"Key": "m", "Dir": "../../modules/m"}
    _manifest(plan, entry)
    expected = (str(module / "main.tf"), 1)
    assert SourceFiles(plan).line(_module("../../modules/m"), "t") == expected
    # Behind a link, `..` leads elsewhere than the path says.
    (tmp_path / "link").symlink_to(plan)
    linked = SourceFiles(tmp_path / "link").line(_module("../../modules/m"), "t")
    assert linked == (str(tmp_path / "link" / entry["Dir"] / "main.tf"), 1)


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("{ a = b.c.d # e\n f : 1 }", "a", "b.c.d"),
        ('{"a": "${b.c.d}", "f": 1}', "a", '"${b.c.d}"'),
        ("{ 1 = b }", "1", "b"),
        ("{ a = b, a = c }", "a", None),
        ("{ (a) = b, c = d }", "c", None),
        ('{ "${a}" = b, c = d }', "c", None),
        ("{ for a in b : a => c }", "a", None),
        ("[{ a = b }]", "a", None),
        ("{ a = { b = c } }", "b", None),
        ("{}", "a", None),
        ("{ a = ", "a", None),
        ("{ a = b }\ny = { c = d }", "c", None),
    ],
)
def test_the_entry_of_an_object_is_found_where_all_its_keys_are_words(
    text: str, key: str, found: str | None
) -> None:
    assert object_entry(text, key) == found


@pytest.mark.parametrize("name", ["main.tf.json", "main.tofu.json"])
def test_a_table_is_found_in_the_json_form(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(JSON)
    files = SourceFiles(tmp_path)
    assert files.line(ROOT, "t") == (str(tmp_path / name), 7)
    assert files.line(ROOT, "several") == (str(tmp_path / name), 8)
    place = ("resource", "databricks_sql_table", "t")
    assert files.expression(ROOT, place, "name") == '"${local.t}"'
    assert files.expression(ROOT, ("locals",), "t") == '"t"'


@pytest.mark.parametrize("override", ["override.tf", "a_override.tf", "a_override.tf.json"])
def test_an_override_changes_an_expression_and_no_line(tmp_path: Path, override: str) -> None:
    (tmp_path / "main.tf").write_text(TABLE)
    changed = {"resource": {"databricks_sql_table": {"t": {"name": "u"}}}}
    text = json.dumps(changed) if override.endswith(".json") else TABLE.replace('= "t"', '= "u"')
    (tmp_path / override).write_text("\n\n" + text)
    files = SourceFiles(tmp_path)
    assert files.line(ROOT, "t") == (str(tmp_path / "main.tf"), 1)
    assert files.expression(ROOT, ("resource", "databricks_sql_table", "t"), "name") == '"u"'


def test_a_local_module_lies_relative_to_the_one_that_calls_it(tmp_path: Path) -> None:
    outer = _module("./modules/outer", "outer")
    inner = _module("../inner", "outer", "inner", parent=outer)
    (tmp_path / "modules" / "outer").mkdir(parents=True)
    (tmp_path / "modules" / "inner").mkdir()
    (tmp_path / "modules" / "inner" / "main.tf").write_text(TABLE)
    found = SourceFiles(tmp_path).line(inner, "t")
    assert found is not None
    assert Path(found[0]).resolve() == tmp_path / "modules" / "inner" / "main.tf"


def test_a_module_from_elsewhere_lies_where_terraform_has_noted_it(tmp_path: Path) -> None:
    fetched = tmp_path / ".terraform" / "modules" / "outer.inner" / "tables"
    outer = _module("app.terraform.io/x/outer/databricks", "outer")
    inner = _module("git::https://example.test/tables.git//tables", "outer", "inner", parent=outer)
    _manifest(tmp_path, {"Key": "outer.inner", "Dir": ".terraform/modules/outer.inner/tables"})
    fetched.mkdir(parents=True)
    (fetched / "main.tf").write_text(TABLE)
    files = SourceFiles(tmp_path)
    assert files.line(inner, "t") == (str(fetched / "main.tf"), 1)
    assert files.line(outer, "t") is None


@pytest.mark.parametrize("source", ["../beside", "./link", "./x/../../beside"])
def test_a_folder_outside_is_read_only_where_terraform_has_noted_it(
    tmp_path: Path, source: str
) -> None:
    root, beside = tmp_path / "root", tmp_path / "beside"
    for folder in (root, beside, root / "x"):
        folder.mkdir()
    (root / "link").symlink_to(beside)
    (beside / "main.tf").write_text(TABLE)
    module = _module(source)
    assert SourceFiles(root).line(module, "t") is None
    _manifest(root, {"Key": "m", "Source": source, "Dir": "../beside"})
    assert SourceFiles(root).line(module, "t") is not None


@pytest.mark.parametrize(
    "text",
    [
        b"resource",
        b"\xff\xfe",
        b'resource "databricks_sql_table" "t" {',
        b'resource "databricks_sql_table" {\n}\n',
        b"resource {\n}\n",
        b"databricks_sql_table = 1\n",
        b'locals "a" "b" {\n databricks_sql_table = 1 }\n',
        b"{" * 5000 + b"databricks_sql_table",
        b"a = " + b"(" * 3000 + b"databricks_sql_table",
    ],
)
@pytest.mark.parametrize("name", ["main.tf", "main.tf.json"])
def test_a_file_that_cannot_be_parsed_has_no_lines(tmp_path: Path, name: str, text: bytes) -> None:
    (tmp_path / name).write_bytes(text)
    assert SourceFiles(tmp_path).line(ROOT, "t") is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["resource", "databricks_sql_table", "t", "locals", "Modules", "Key"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(JUNK, JUNK)
def test_no_json_crashes(
    tmp_path_factory: pytest.TempPathFactory, code: object, manifest: object
) -> None:
    folder = tmp_path_factory.mktemp("code")
    (folder / "main.tf.json").write_text(json.dumps(code))
    (folder / ".terraform" / "modules").mkdir(parents=True)
    (folder / ".terraform" / "modules" / "modules.json").write_text(json.dumps(manifest))
    files = SourceFiles(folder)
    files.line(ROOT, "t")
    files.line(_module("x"), "t")
    files.expression(ROOT, ("locals",), "t")
