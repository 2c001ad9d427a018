"""A dbt project as a source: what dbt-databricks would make, and where that is configured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from lakewarden_collector.document import Column, TableDocument, encoded
from lakewarden_collector.errors import WrongInputError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.sources.dbt import WAYS, DbtSource
from tests.support.dbt.manifest import MANIFEST, laid_out

Items = list[TableDocument | Failure]
Edit = Callable[[dict[str, Any]], object]

KNOWN = {
    address: json.dumps(node) for address, node in json.loads(MANIFEST.read_text())["nodes"].items()
}


CLUSTERING = {"properties.clusteringColumns", "properties.clusterByAuto"}


def read(location: Path) -> tuple[dict[str, TableDocument], dict[str, Failure], dict[str, str]]:
    """Return documents by address, failures by what they are, what is left out with its reason."""
    source = DbtSource(str(location))
    items = list(source.tables())
    return (
        {str(item.definition.address): item for item in items if isinstance(item, TableDocument)},
        {item.what: item for item in items if isinstance(item, Failure)},
        {each.what: each.reason for each in source.left_out},
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid_out(tmp_path_factory.mktemp("shop"))


def edited(folder: Path, edit: Edit) -> Path:
    """Write the shop's manifest, changed by `edit`, without the project around it."""
    manifest = json.loads(MANIFEST.read_text())
    edit(manifest)
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest))
    return path


def edited_orders(folder: Path, config: dict[str, Any], **node: Any) -> TableDocument | Failure:  # noqa: ANN401 -- any field of a node
    """Return the table of the model `plain`, configured otherwise."""

    def edit(manifest: dict[str, Any]) -> None:
        plain = manifest["nodes"]["model.shop.plain"]
        plain["config"] |= config
        plain |= node
        manifest["nodes"] = {"model.shop.plain": plain}

    (item,) = DbtSource(str(edited(folder, edit))).tables()
    return item


def planned(folder: Path, config: dict[str, Any], **node: Any) -> TableDocument:  # noqa: ANN401 -- any field of a node
    item = edited_orders(folder, config, **node)
    assert isinstance(item, TableDocument), item
    return item


TABLES = {
    "model.shop.orders": (
        "main.sales.orders",
        "MANAGED DELTA",
        '[["ordered_on"],["address","city"]]',
        "models/orders.sql:5",
    ),
    "model.shop.events": (
        "main.sales.events",
        "MANAGED DELTA",
        '[["seen_at"],["kind"]]',
        "models/events.sql:2",
    ),
    "model.shop.daily": (
        "main.sales.daily",
        "MATERIALIZED_VIEW DELTA",
        "AUTO",
        "models/schema.yml:29",
    ),
    "model.shop.clicks": (
        "main.sales.clicks",
        "STREAMING_TABLE DELTA",
        '[["clicked_at"]]',
        "models/schema.yml:35",
    ),
    "model.shop.archive": ("main.sales.archive", "EXTERNAL PARQUET", "", "models/archive.sql:1"),
    "model.shop.both": ("main.sales.both", "EXTERNAL DELTA", '[["year"]]', "models/schema.yml:39"),
    "model.shop.lake": ("main.sales.Lake-House", "MANAGED DELTA", "AUTO", "models/lake.sql:1"),
    "model.shop.forecast": (
        "main.sales.forecast",
        "MANAGED DELTA",
        '[["day"],["store","id"]]',
        "models/forecast.py:5",
    ),
    "model.shop.guess": ("main.sales.guess", "MANAGED DELTA", "", "models/guess.py:2"),
    "model.shop.plain": ("main.sales.plain", "MANAGED DELTA", "", "models/plain.sql:1"),
    "model.shop.stock.v1": (
        "main.sales.stock_v1",
        "MANAGED DELTA",
        '[["id"]]',
        "models/stock_v1.sql:1",
    ),
    "model.shop.stock.v2": (
        "main.sales.stock_v2",
        "MANAGED DELTA",
        '[["site"],["id"]]',
        "models/schema.yml:57",
    ),
    "snapshot.shop.orders_history": (
        "main.sales.orders_history",
        "MANAGED DELTA",
        '[["id"]]',
        "snapshots/orders_history.yml:8",
    ),
    "snapshot.shop.stock_history": (
        "main.sales.stock_history",
        "MANAGED DELTA",
        "AUTO",
        "snapshots/two.sql:2",
    ),
    "snapshot.shop.site_history": (
        "main.sales.site_history",
        "MANAGED DELTA",
        '[["site"]]',
        "snapshots/two.sql:9",
    ),
    # dbt-databricks doesn't cluster a seed, whatever is configured.
    "seed.shop.countries": ("main.sales.countries", "MANAGED DELTA", "", "seeds/seeds.yml:5"),
}
"""By hand: the table of a node, its type and format, its keys, and the line that says so."""


@pytest.mark.parametrize(("address", "expected"), TABLES.items())
def test_a_node_is_the_table_that_dbt_makes_of_it_and_its_line_the_one_that_clusters_it(
    shop: Path, address: str, expected: tuple[str, str, str, str]
) -> None:
    table = read(shop)[0][address]
    properties = table.properties
    assert isinstance(properties, dict)
    auto = "AUTO" if properties.get("clusterByAuto") == "true" else ""
    definition = table.definition
    assert expected == (
        table.full_name,
        f"{table.table_type} {table.data_source_format}",
        properties.get("clusteringColumns", auto),
        f"{definition.file}:{definition.line}",
    )


VERSIONED = """models:
  - name: plain
    config:
      liquid_clustered_by: id
    versions:
      - v: 2
        config: {alias: other}
"""
MERGED = """anchors:
  - &clustered
    liquid_clustered_by: id
  - &other
    liquid_clustered_by: day
models:
  - name: plain
    config:
      <<: MERGED
      materialized: table
"""
TALKING = """-- Without config(liquid_clustered_by='x') it was slow.
{{ config(
     liquid_clustered_by='id') }}
select config(liquid_clustered_by = 1)
"""
CALLED = """-- It needs no config(): the key is in YAML.
{%- do config(materialized='table') -%}
select 1
"""


@pytest.mark.parametrize(
    ("code", "text", "place"),
    [
        ("select 1", VERSIONED, "models/schema.yml:4"),
        ("select 1", MERGED.replace("MERGED", "*clustered"), "models/schema.yml:3"),
        ("select 1", MERGED.replace("MERGED", "[*clustered]"), "models/schema.yml:3"),
        ("select 1", MERGED.replace("MERGED", "[*clustered, *other]"), "models/schema.yml:3"),
        (TALKING, "", "models/plain.sql:3"),
        (CALLED, "", "models/plain.sql:2"),
        ("select 1", "models: [{name: plain, config: &a {<<: *a}}]", "models/schema.yml:1"),
    ],
)
def test_the_line_is_that_of_the_setting_that_counts(
    tmp_path: Path, code: str, text: str, place: str
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: shop")
    (tmp_path / "models" / "plain.sql").write_text(code)
    (tmp_path / "models" / "schema.yml").write_text(text)
    config = {"liquid_clustered_by": "id"}
    patch = "shop://models/schema.yml"
    definition = planned(tmp_path, config, version=2, patch_path=patch).definition
    assert f"{definition.file}:{definition.line}" == place


def test_what_reaches_a_table_is_what_the_statements_of_dbt_databricks_write(shop: Path) -> None:
    orders = read(shop)[0]["model.shop.orders"]
    assert orders.properties == {
        "delta.autoOptimize.optimizeWrite": "True",
        "team.rank": "7",
        "clusteringColumns": '[["ordered_on"],["address","city"]]',
    }
    assert orders.evidence["properties.team.note"].status == "known_after_apply"
    assert (orders.owner, orders.comment) == ("sales_engineers", "One row for each order.")
    assert orders.tags == {"domain": "sales", "reviewed": "True"}
    assert orders.columns == [
        Column(
            name="id",
            type_text="bigint",
            nullable=False,
            comment="The order's number.",
            position=0,
        ),
        Column(name="ordered_on", type_text="date", comment="", position=1),
        Column(
            name="address", type_text="struct<city:string>", comment="Where it goes.", position=2
        ),
    ]


def test_documents_have_what_the_ways_declare_and_nothing_else(shop: Path) -> None:
    """The page about evidence says by these where each part comes from."""
    given_ = {part for way in WAYS for part in way.gives}
    there = {
        part for table in read(shop)[0].values() for part in json.loads(encoded(table).data)
    } - {"evidence"}
    empty = {"size", "access", "predictive_optimization"}
    assert there - empty == given_


def test_partitions_locations_owners_and_descriptions_depend_on_the_kind_of_table(
    shop: Path,
) -> None:
    tables = read(shop)[0]
    archive, daily = tables["model.shop.archive"], tables["model.shop.daily"]
    assert archive.detail.partition_columns == ["year", "month"]
    assert archive.storage_location == "s3://bucket/archive/main/sales/archive"
    assert tables["model.shop.both"].storage_location == "s3://bucket/both/both"
    assert (daily.comment, daily.owner) == ("Sums for each day.", "finance_engineers")
    assert tables["model.shop.clicks"].owner == "logistics@example.com"
    seed = tables["seed.shop.countries"]
    assert (seed.comment, seed.tags) == ("", UNSET), "neither persist_docs nor tags of a seed"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("\ufeffcode,name\r\nch,Bern\r\n", ["code", "name"]),
        ('code,"the\nname"\nch,Bern\n', ["code", "the\nname"]),
        ("code,Code\nch,CH\n", None),
        ("code,\nch,Bern\n", None),
        ("", None),
    ],
)
def test_a_seed_has_the_columns_of_its_file(
    text: str, names: list[str] | None, tmp_path: Path
) -> None:
    """All names or none: dbt makes up what the first row lacks."""
    laid_out(tmp_path)
    (tmp_path / "seeds" / "countries.csv").write_text(text, "utf-8", newline="")
    seed = read(tmp_path)[0]["seed.shop.countries"]
    found = None if seed.columns is UNSET else [column.name for column in seed.columns]
    assert found == names
    if names and seed.columns:
        assert [column.type_text for column in seed.columns] == ["string", UNSET]
        assert seed.evidence[f"columns.{names[1]}.type_text"].status == "known_after_apply"


def test_what_a_project_does_not_know_has_evidence_that_only_applying_tells(shop: Path) -> None:
    tables = read(shop)[0]
    plain, hooked = tables["model.shop.plain"], tables["model.shop.hooked"]
    assert {kind: each.status for kind, each in plain.evidence.items()} == {
        "tags": "not_requested",
        **dict.fromkeys(
            ("size", "access", "predictive_optimization", "owner", "columns", "storage_location"),
            "known_after_apply",
        ),
    }
    assert hooked.evidence.keys() >= CLUSTERING
    assert hooked.evidence["owner"].reason == "A post-hook of the model changes it."


@pytest.mark.parametrize(
    ("hook", "unknown"),
    [
        ("{{ clustered(this) }}", CLUSTERING),
        ("{{ shop.dispatched(this) }}", CLUSTERING),
        ("{{ granted(this) }}", set()),
        ("{{ nobody_knows(this) }}", set()),
        ({"sql": "select 1; {{ round(this) }}"}, CLUSTERING),
    ],
)
def test_a_hook_changes_what_its_macros_change(
    tmp_path: Path, hook: object, unknown: set[str]
) -> None:
    bodies = {
        "clustered": "alter table {{ rel }} cluster by (id)",
        "dispatched": "{{ adapter.dispatch('dispatched')(rel) }}",
        "granted": "grant select on {{ rel }} to `all`",
        "round": "{{ round(rel) }}",
    }
    calls = {"dispatched": ["round"], "round": ["round", "clustered", "gone"]}
    macros = {
        f"macro.shop.{name}": {
            "macro_sql": f"{{% macro {name}(rel) %}}{body}{{% endmacro %}}",
            "depends_on": {"macros": [f"macro.shop.{each}" for each in calls.get(name, ())]},
        }
        for name, body in bodies.items()
    }

    def edit(manifest: dict[str, Any]) -> None:
        plain = manifest["nodes"]["model.shop.plain"]
        plain["config"]["post-hook"] = [hook]
        # The model's own code calls `clustered` too, which isn't its hook.
        plain["depends_on"] = {"macros": list(macros)}
        manifest |= {"nodes": {"model.shop.plain": plain}, "macros": macros}

    (table,) = DbtSource(str(edited(tmp_path, edit))).tables()
    assert isinstance(table, TableDocument)
    assert {key for key in table.evidence if key.startswith("properties")} == unknown


@pytest.mark.parametrize(
    ("hooks", "properties"),
    [
        (["alter table t set tblproperties (a = 1)"], '{"clusteringColumns": "[]"}'),
        (["alter table t cluster by (a)", "alter table t set tblproperties (a = 1)"], "{}"),
        (["alter table t set tblproperties (a = 1)", "alter table t cluster by (a)"], "{}"),
    ],
)
def test_a_hook_that_sets_properties_leaves_the_clustering_known(
    tmp_path: Path, hooks: list[str], properties: str
) -> None:
    table = planned(tmp_path, {"post-hook": hooks, "tblproperties": {"b": "c"}})
    known = json.loads(properties)
    assert table.properties == known | ({"clusterByAuto": "false"} if known else {})
    assert table.evidence["properties.*"].status == "known_after_apply"


def supplied(manifest: dict[str, Any]) -> dict[str, Any]:
    """Make the model of the installed package a table, alone in the manifest; return its node."""
    node: dict[str, Any] = manifest["nodes"]["model.vendor.supplied"]
    node["config"] |= {"materialized": "table", "liquid_clustered_by": "id", "group": "team"}
    manifest["groups"] = {
        f"group.{package}.team": {"name": "team", "package_name": package, "owner": {"name": owner}}
        for package, owner in (("shop", "ours"), ("vendor", "theirs"))
    }
    manifest["nodes"] = {"model.vendor.supplied": node}
    return node


@pytest.mark.parametrize("folder", ["dbt_packages", "libs/dbt"])
def test_tables_of_an_installed_package_are_made_too(tmp_path: Path, folder: str) -> None:
    """`dbt run` makes them, so a table that broke a rule would be in the estate unseen."""
    shop = laid_out(tmp_path)
    project = shop / "dbt_project.yml"
    project.write_text(project.read_text() + f"packages-install-path: {folder}\n")
    (shop / folder).mkdir(parents=True)
    (shop / folder / "vendor").symlink_to(shop / "vendor")  # as dbt installs a local package
    (shop / "vendor" / "models" / "supplied.sql").write_text(
        "{{ config(\n  liquid_clustered_by='id') }} select 1 as id"
    )
    edited(shop / "target", supplied)
    tables, failures, _ = read(shop)
    assert not failures
    table = tables["model.vendor.supplied"]
    assert (table.full_name, table.owner) == ("main.sales.supplied", "theirs")
    assert table.definition.file_line == f"{folder}/vendor/models/supplied.sql:2"


def test_a_package_that_is_not_there_has_its_file_without_a_line(tmp_path: Path) -> None:
    tables, _, _ = read(edited(tmp_path, supplied))
    place = tables["model.vendor.supplied"].definition
    assert (place.file, place.line) == ("dbt_packages/vendor/models/supplied.sql", UNSET)


def test_what_another_project_makes_is_left_out(tmp_path: Path) -> None:
    """A model that this project only refers to has no file here."""

    def edit(manifest: dict[str, Any]) -> None:
        supplied(manifest)["original_file_path"] = ""

    tables, _, left_out = read(edited(tmp_path, edit))
    assert not tables
    assert left_out["model.vendor.supplied"] == "it belongs to vendor, not to shop"


def test_a_package_of_any_name_leads_nowhere(tmp_path: Path) -> None:
    shop = laid_out(tmp_path / "shop")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "supplied.sql").write_text("{{ config(liquid_clustered_by='id') }}")

    def edit(manifest: dict[str, Any]) -> None:
        supplied(manifest)["package_name"] = "../.."

    edited(shop / "target", edit)
    place = read(shop)[0]["model.vendor.supplied"].definition
    assert (place.file, place.line) == ("dbt_packages/_____/models/supplied.sql", UNSET)


def test_what_makes_no_table_of_this_project_is_left_out_by_name(shop: Path) -> None:
    _, failures, left_out = read(shop)
    assert {what for what in left_out if what.split(".")[0] == "model"} == {
        "model.shop.helper",
        "model.shop.off",
        "model.shop.shown",
        "model.vendor.supplied",
    }
    assert {what.split(".")[0] for what in left_out} == {"analysis", "model", "operation", "test"}
    assert {what: each.where.rpartition(" ")[2] for what, each in failures.items()} == {
        "model.shop.bad_keys": "models/bad_keys.sql:1",
        "model.shop.own_way": "models/own_way.sql:1",
        "snapshot.shop.parquet_history": "snapshots/two.sql:15",
    }


def test_without_the_project_a_table_has_its_file_alone_and_flags_are_unknown(
    tmp_path: Path,
) -> None:
    tables = read(edited(tmp_path, lambda _: None))[0]
    orders, lake = tables["model.shop.orders"], tables["model.shop.lake"]
    assert (orders.definition.file, orders.definition.line) == ("models/orders.sql", UNSET)
    assert {"data_source_format", "properties.delta.enableIcebergCompatV2"} <= lake.evidence.keys()
    assert "properties.clusterByAuto" in tables["model.shop.guess"].evidence


def test_a_manifest_reads_no_file_outside_of_its_project(tmp_path: Path) -> None:
    (tmp_path / "outside.sql").write_text("{{ config(liquid_clustered_by='id') }}")
    folder = laid_out(tmp_path / "shop")
    manifest = json.loads(MANIFEST.read_text())
    manifest["nodes"]["model.shop.plain"] |= {
        "original_file_path": "../outside.sql",
        "patch_path": None,
    }
    (folder / "target" / "manifest.json").write_text(json.dumps(manifest))
    assert read(folder)[0]["model.shop.plain"].definition.line is UNSET


def test_two_models_that_make_one_table_are_a_failure_that_names_both(tmp_path: Path) -> None:
    def twice(manifest: dict[str, Any]) -> None:
        manifest["nodes"]["model.shop.plain"]["alias"] = "ORDERS"

    tables, failures, _ = read(edited(tmp_path, twice))
    assert not {"model.shop.plain", "model.shop.orders"} & tables.keys()
    (same,) = (each for each in failures.values() if "declarations" in each.reason)
    assert "model.shop.plain" in same.where
    assert "model.shop.orders" in same.where


def test_the_catalog_beside_the_manifest_has_the_columns_of_tables_that_exist(
    tmp_path: Path,
) -> None:
    columns = {
        "kind": {"type": "INTEGER", "index": 2, "name": "kind", "comment": "kept"},
        "seen_at": {"type": "timestamp", "index": 1, "name": "seen_at", "comment": None},
    }
    entry = {"metadata": {"owner": "team"}, "columns": columns, "unique_id": "x", "stats": {}}
    catalog = {"nodes": {"model.shop.events": entry, "model.other.events": entry}, "sources": {}}
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    events = read(edited(tmp_path, lambda _: None))[0]["model.shop.events"]
    assert events.columns == [
        Column(name="seen_at", type_text="timestamp", comment="", position=0),
        Column(name="kind", type_text="int", comment="kept", position=1),
    ]
    assert events.owner == "team"
    assert events.evidence["size"].status == "not_requested"
    (tmp_path / "catalog.json").write_text("{")
    with pytest.raises(WrongInputError, match="isn't a dbt catalog"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("config", "properties"),
    [
        ({"liquid_clustered_by": []}, {}),
        ({"liquid_clustered_by": None, "auto_liquid_cluster": True}, {"clusterByAuto": "true"}),
        (
            {"liquid_clustered_by": ["a"], "auto_liquid_cluster": True},
            {"clusteringColumns": '[["a"]]'},
        ),
        ({"auto_liquid_cluster": False}, {}),
        ({"tblproperties": {"n": None, "f": 1.5, "l": [1]}}, {"n": "None", "f": "1.5", "l": "[1]"}),
        ({"tblproperties": None}, {}),
    ],
)
def test_properties_are_rendered_as_dbt_renders_them(
    tmp_path: Path, config: dict[str, Any], properties: dict[str, str]
) -> None:
    assert planned(tmp_path, config).properties == properties


@pytest.mark.parametrize(
    "config",
    [
        {"liquid_clustered_by": 3},
        {"liquid_clustered_by": ["a", None]},
        {"auto_liquid_cluster": "yes"},
        {"partition_by": {"field": "a"}},
        {"tblproperties": ["a"]},
        {"databricks_tags": "pii"},
        {"location_root": 3},
        {"materialized": "materialized_view", "table_format": "iceberg"},
        {"table_format": "iceberg", "file_format": "parquet"},
        {"enabled": "no"},
    ],
)
def test_what_dbt_databricks_refuses_is_a_failure(tmp_path: Path, config: dict[str, Any]) -> None:
    item = edited_orders(tmp_path, config)
    assert isinstance(item, Failure)
    assert "model.shop.plain in models/plain.sql" in item.where


def test_a_description_is_a_comment_only_where_something_makes_it_one(tmp_path: Path) -> None:
    off = {"persist_docs": {"relation": False}}
    assert planned(tmp_path, {}, description="A").comment == "A"
    assert planned(tmp_path, off, description="A").comment == ""
    view = {"materialized": "streaming_table", **off}
    assert planned(tmp_path, view, description="A").comment == "A"


def _metadata(**changes: object) -> Edit:
    return lambda manifest: manifest["metadata"].update(changes)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            _metadata(dbt_schema_version="https://schemas.getdbt.com/dbt/manifest/v9.json"),
            "version 9",
        ),
        (_metadata(dbt_schema_version="https://schemas.getdbt.com/dbt/catalog/v1.json"), "catalog"),
        (_metadata(dbt_schema_version=12), "without the version"),
        (_metadata(adapter_type="snowflake"), "'snowflake'"),
        (_metadata(adapter_type=None), "adapter"),
        (_metadata(project_name=None), "doesn't name its project"),
        (lambda manifest: manifest.update(nodes=[]), "isn't a dbt manifest"),
        (lambda manifest: manifest.pop("nodes"), "isn't a dbt manifest"),
    ],
)
def test_another_manifest_is_refused_by_name(tmp_path: Path, edit: Edit, words: str) -> None:
    with pytest.raises(WrongInputError, match=words):
        list(DbtSource(str(edited(tmp_path, edit))).tables())


def test_the_manifest_of_dbt_2_is_read_and_a_missing_one_is_named(tmp_path: Path) -> None:
    edit = _metadata(dbt_schema_version="https://schemas.getdbt.com/dbt/manifest/v20.json")
    assert "model.shop.orders" in read(edited(tmp_path, edit))[0]
    with pytest.raises(WrongInputError, match="there is no such file"):
        read(tmp_path / "target")


_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def nodes(draw: st.DrawFn) -> Any:  # noqa: ANN401 -- any JSON
    """Draw a real node with some of its values, or of its config's, changed to anything."""
    node = json.loads(KNOWN[draw(st.sampled_from(sorted(KNOWN)))])
    if draw(st.integers(0, 9)) == 0:
        return draw(_ANY)
    places = [node, node["config"], *node.get("columns", {}).values()]
    settings_ = ("liquid_clustered_by", "partition_by", "tblproperties", "databricks_tags", "meta")
    more = {1: (*settings_, "location_root", "post-hook", "table_format", "catalog_name")}
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(places) - 1))
        key = draw(st.sampled_from(sorted({*places[at], *more.get(at, ())})))
        places[at][key] = draw(_ANY)
    return node


@given(
    drawn=st.dictionaries(st.text(max_size=8), nodes(), max_size=4),
    groups=st.dictionaries(st.text(max_size=4), _ANY, max_size=2),
    catalog=st.dictionaries(st.text(max_size=8), _ANY, max_size=2),
    disabled=st.dictionaries(st.text(max_size=4), _ANY, max_size=2),
    macros=_ANY,
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_in_the_shape_of_a_manifest_loses_no_node(  # noqa: PLR0917 -- one for each part
    tmp_path: Path,
    drawn: dict[str, Any],
    groups: dict[str, Any],
    catalog: dict[str, Any],
    disabled: dict[str, Any],
    macros: object,
) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest.update(nodes=drawn, groups=groups, disabled=disabled, macros=macros)

    path = edited(tmp_path, edit)
    (tmp_path / "catalog.json").write_text(
        json.dumps({"nodes": catalog | {key: {"columns": catalog} for key in list(drawn)[:1]}})
    )
    source = DbtSource(str(path))
    found: list[str] = []
    for item in source.tables():
        if isinstance(item, TableDocument):
            found.append(str(item.definition.address))
        elif item.reason.endswith("declarations make this table"):
            found += [part.split(" in ")[0] for part in item.where.split(", ")]
        else:
            found.append(item.what)
    found += [each.what for each in source.left_out]
    assert len(found) == len(drawn.keys() | disabled.keys())
