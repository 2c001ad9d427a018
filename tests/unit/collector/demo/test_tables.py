"""The demo's table of contents says what every table is there for."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase

import yaml

from lakewarden_collector.sources.demo import demo_config_dir
from lakewarden_collector.sources.demo.glossary import GLOSSARY
from lakewarden_collector.sources.demo.rows import KINDS
from lakewarden_collector.sources.demo.tables import TABLES

WAIVERS = yaml.safe_load((demo_config_dir() / "waivers.yaml").read_text(encoding="utf-8"))


def waived_policies(full_name: str) -> list[str]:
    """Return the policies that the demo's waivers name for a table, run out or not."""
    return [
        f"{waiver['policy']} until {waiver['expires']}"
        for waiver in WAIVERS["waivers"]
        if fnmatchcase(full_name, waiver.get("pattern", waiver.get("table")))
    ]


def test_no_two_tables_show_the_same() -> None:
    """A table without a purpose of its own is dead weight in the demo."""
    assert [
        text for text, times in Counter(spec.shows for spec in TABLES).items() if times > 1
    ] == []


def test_no_two_tables_have_one_name() -> None:
    """The second table would be written into the first one's folder."""
    assert len({spec.full_name.lower() for spec in TABLES}) == len(TABLES)


def test_some_forty_tables_in_several_catalogs_and_schemas() -> None:
    """The report's groups by catalog and schema would have nothing to group."""
    assert 30 <= len(TABLES) <= 45
    assert {spec.full_name.split(".")[0] for spec in TABLES} == {"prod", "staging", "dev"}
    assert len({spec.full_name.rpartition(".")[0] for spec in TABLES}) >= 6


def test_two_specs_never_make_the_same_table() -> None:
    """Two tables alike in everything but their place would show the same under two sentences."""
    made = Counter(
        (
            spec.making,
            spec.table_type,
            spec.data_source_format,
            spec.columns,
            spec.rows,
            spec.properties,
            spec.keys,
            spec.partition_by,
            spec.writes,
            "pytest_test_data" in spec.full_name,
            spec.full_name.startswith("prod.finance."),  # which has settings of its own
            tuple(waived_policies(spec.full_name)),
        )
        for spec in TABLES
    )
    assert [make for make, times in made.items() if times > 1] == []


def test_every_column_has_a_kind_of_content_that_exists() -> None:
    """A misspelt kind would stop the demo where it is made: at the user's."""
    assert {kind for spec in TABLES for _, kind in spec.columns} <= KINDS.keys()


def test_every_column_has_a_comment_to_take_and_none_is_for_nothing() -> None:
    """A column that the glossary lacks would stop the demo where it is made."""
    columns = {name for spec in TABLES for name, _ in spec.columns}
    assert columns == GLOSSARY.keys()
    assert all(GLOSSARY.values())


def test_comments_of_a_spec_are_for_columns_that_it_has() -> None:
    """A comment for a column of another name would be lost without a word."""
    for spec in TABLES:
        assert dict(spec.column_comments).keys() <= dict(spec.columns).keys(), spec.full_name


def test_most_of_the_demo_is_documented() -> None:
    """A demo of nothing but missing comments would hide what the others show."""
    assert sum(spec.comment is None for spec in TABLES) > len(TABLES) * 0.8
    assert sum(not spec.column_comments for spec in TABLES) > len(TABLES) * 0.8


def test_properties_of_a_spec_are_named_once() -> None:
    """The second value of a property would silently win."""
    assert all(len(dict(spec.properties)) == len(spec.properties) for spec in TABLES)


def test_every_waiver_is_for_a_table_of_the_demo() -> None:
    """A waiver for a table that was renamed would show nothing."""
    covering = [entry for spec in TABLES for entry in waived_policies(spec.full_name)]
    assert len(covering) == len(WAIVERS["waivers"])
