"""What is asked of a workspace on the command line is followed or refused, never forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.options.workspace import EvidenceMode, WorkspaceOptions, parse_age
from lakewarden.origin import Origin, parse_origin
from lakewarden_collector.sources.databricks.options import DatabricksOptions


def _options(*, tables: tuple[str, ...] = (), **given: Any) -> DatabricksOptions:  # noqa: ANN401 -- passed on
    origin = WorkspaceOptions(**given).applied_to(parse_origin("databricks"), None, tables)
    assert origin.workspace is not None
    return origin.workspace


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--profile", {"profiles": ("p",)}),
        ("--warehouse-id", {"warehouse_id": "w"}),
        ("--include", {"include": ("a.*",)}),
        ("--exclude", {"exclude": ("a.*",)}),
        ("--evidence", {"evidence": EvidenceMode.NONE}),
        ("--max-statements", {"max_statements": 0}),
        ("--reuse", {"reuse": Path("x")}),
        ("--max-age", {"max_age": timedelta(hours=1)}),
        ("--resume", {"resume": True}),
    ],
)
@pytest.mark.parametrize("kind", ["demo", "inventory"])
def test_every_option_is_refused_where_it_means_nothing(
    kind: str, option: str, given: dict[str, Any]
) -> None:
    """Anyone who narrows a run to a catalog must not be shown the whole lake."""
    with pytest.raises(ConfigurationError, match="means nothing") as caught:
        WorkspaceOptions(**given).applied_to(Origin(source_kind=kind))
    assert caught.value.where == option


def test_tables_can_be_chosen_of_any_source() -> None:
    demo = Origin(source_kind="demo")
    assert WorkspaceOptions().applied_to(demo, None, ("prod.*",)) is demo
    assert _options(tables=("prod.*",)).include == ("prod.*",)


def test_what_is_included_is_not_widened_by_the_tables_that_are_evaluated() -> None:
    """Both hold: the listing takes what is included, the report what --table leaves of it."""
    assert _options(include=("prod.*",), tables=("*.orders",)).include == ("prod.*",)


def test_an_age_without_anything_to_reuse_is_refused() -> None:
    """Somebody believes that old sizes are not used, or that they are."""
    with pytest.raises(ConfigurationError, match="nothing is reused") as caught:
        _options(max_age=timedelta(hours=1))
    assert caught.value.where == "--max-age"
    assert _options(max_age=timedelta(hours=1), reuse=Path("x")).max_age == timedelta(hours=1)


@pytest.mark.parametrize("text", ["999999d", "36501d", "1 day", "", "-1h"])
def test_an_age_that_is_absurd_is_refused(text: str) -> None:
    """The beginning of such a time is before the calendar's."""
    with pytest.raises(ConfigurationError) as caught:
        parse_age(text)
    assert caught.value.where == "--max-age"


def test_ages_have_units() -> None:
    ages = [parse_age(text) for text in ("30m", "24h", " 7 d ", "36500d")]
    hours = [each / timedelta(hours=1) for each in ages]
    assert hours == [0.5, 24, 168, 876_000]
