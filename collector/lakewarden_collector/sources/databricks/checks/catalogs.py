"""Which catalogs the principal sees, and whether it may describe a table in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct, UnsetType, structs

from lakewarden_collector.document import Absence, PredictiveOptimization, TableDocument
from lakewarden_collector.names import join_name
from lakewarden_collector.sources.databricks.checks.check import (
    TROUBLE,
    Check,
    Checked,
    counted,
)
from lakewarden_collector.sources.databricks.client import interface
from lakewarden_collector.sources.databricks.client.interface import Run
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.evidence import describe, describe_json
from lakewarden_collector.sources.databricks.listing import paging
from lakewarden_collector.sources.databricks.listing.documents import (
    RowError,
    is_browsed,
    table_document,
)
from lakewarden_collector.sources.databricks.listing.foreign import catalog_type
from lakewarden_collector.sources.databricks.listing.listing_errors import (
    catalog_failure,
    catalogs_failure,
    schema_failure,
)
from lakewarden_collector.sources.databricks.listing.scope import Scope
from lakewarden_collector.sources.databricks.statements.grants import reading
from lakewarden_collector.times import rfc3339, utc_now

_SCHEMAS, _TABLES = 5, 50
"""How many of a catalog's schemas, and of a schema's tables, are looked at for one to describe."""


class Visible(Struct, frozen=True, kw_only=True):
    """The catalogs in scope: those that are visible whole, and those that are only browsed."""

    whole: tuple[str, ...] = ()
    browsed: tuple[str, ...] = ()


def visible_catalogs(workspace: Checked, scope: Scope, asker: Asker) -> tuple[Visible, list[Check]]:
    """List the catalogs; return those in scope, and what there is to say of them."""
    try:
        rows = [row for row in _rows(workspace, interface.CATALOGS) if _name(row)]
    except TROUBLE as error:
        failure = catalogs_failure(asker, error)
        return Visible(), [Check("missing", f"{failure.what}: {failure.reason}", failure.remedy)]
    rows = [
        row
        for row in rows
        if scope.refuses_catalog(row["name"]) is None
        and scope.refuses_catalog(row["name"], catalog_type(workspace, row)[0]) is None
    ]
    visible = Visible(
        whole=tuple(sorted(row["name"] for row in rows if not is_browsed(row))),
        browsed=tuple(sorted(row["name"] for row in rows if is_browsed(row))),
    )
    checks = [
        Check(
            "missing",
            f"catalog {join_name([name])} grants only BROWSE: some of its tables aren't listed",
            asker.grants(reading(name)),
        )
        for name in visible.browsed
    ]
    if visible.whole:
        checks.insert(0, Check("ok", f"{counted(visible.whole, 'catalog', 'catalogs')} visible"))
    elif not visible.browsed:
        grant = asker.grants(reading("a_catalog"))
        checks.append(Check("missing", "no catalog in scope is visible", f"For each: {grant}"))
    return visible, checks


def describing(
    workspace: Checked, run: Run, catalogs: Sequence[str], scope: Scope, asker: Asker
) -> Iterator[Check]:
    """Describe one table of each catalog in both ways; raises a `StatementError` that is fatal."""
    described: dict[str, list[str]] = {describe.WORDS: [], describe_json.WORDS: []}
    reasons: set[str | UnsetType] = set()
    for catalog in catalogs:
        document = _example(workspace, catalog, scope, asker)
        if isinstance(document, Check):
            yield document
            continue
        for way, why in _tried(document, run):
            if why is None:
                described[way].append(catalog)
                continue
            what = f"describing {document.full_name}: {why.reason}"
            if why.status == "denied":
                yield Check("missing", what, asker.grants(reading(catalog)))
                break  # the other way needs the same grants
            if why.reason not in reasons:
                yield Check("note", what)
            reasons.add(why.reason)  # what the warehouse doesn't know, it says of each table
    for way, tried in described.items():
        if tried:
            of = counted(tried, "catalog", "catalogs")
            yield Check("ok", f"{way} works; tried on a table in {of}")


def _tried(document: TableDocument, run: Run) -> Iterator[tuple[str, Absence | None]]:
    """Describe a table in each way that may help; yield the way's words, and why it gave nothing.

    What the listing says of predictive optimization is left out: it is asked for again.
    """
    found = describe.describe(document, run, rfc3339(utc_now()))
    yield describe.WORDS, found.evidence.get(describe.EVIDENCE_KIND)
    if describe_json.why_not(document) is None:
        bare = structs.replace(document, predictive_optimization=PredictiveOptimization())
        found = describe_json.describe(bare, run)
        yield describe_json.WORDS, found.evidence.get(describe_json.EVIDENCE_KIND)


def _example(workspace: Checked, catalog: str, scope: Scope, asker: Asker) -> TableDocument | Check:
    """Return a table of the catalog that can be described, or why there is none.

    It is a managed one where the first schema with a table has one: the others have no predictive
    optimization to be told.
    """
    schemas: list[str] = []
    browsed: TableDocument | None = None
    try:
        rows = _rows(workspace, interface.SCHEMAS, catalog_name=catalog)
        names = (name for row in rows if (name := _name(row)))
        inside = (name for name in names if scope.refuses_schema(catalog, name) is None)
        schemas = list(islice(inside, _SCHEMAS))
    except TROUBLE as error:
        failure = catalog_failure(asker, catalog, error)
        return Check("missing", f"{failure.what}: {failure.reason}", failure.remedy)
    for schema in schemas:
        whole: TableDocument | None = None
        try:
            for row in _some_tables(workspace, catalog, schema):
                document = _document(row)
                if document is None or not describe.describable(document):
                    continue
                if is_browsed(row):
                    browsed = browsed or document
                    continue
                if describe_json.why_not(document) is None:
                    return document
                whole = whole or document
        except TROUBLE as error:
            failure = schema_failure(asker, catalog, schema, error)
            return Check("missing", f"{failure.what}: {failure.reason}", failure.remedy)
        if whole is not None:
            return whole
    if browsed is not None:
        what = f"{browsed.full_name} grants only BROWSE: properties and size are hidden"
        return Check("missing", what, asker.grants(reading(catalog)))
    what = f"catalog {join_name([catalog])}: no table to describe among those looked at"
    return Check("note", what, f"If there should be tables: {asker.grants(reading(catalog))}")


def _some_tables(workspace: Checked, catalog: str, schema: str) -> Iterator[Any]:
    rows = _rows(
        workspace, interface.TABLES, catalog_name=catalog, schema_name=schema, omit_columns=True
    )
    return islice(rows, _TABLES)


def _rows(workspace: Checked, path: str, **query: str | bool) -> Iterator[Any]:
    return paging.rows(workspace, path, {**query, "include_browse": True}, before_page=lambda: None)


def _name(row: Any) -> str | None:  # noqa: ANN401 -- whatever the server listed
    name = row.get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) and name else None


def _document(row: Any) -> TableDocument | None:  # noqa: ANN401 -- whatever the server listed
    if not isinstance(row, dict):
        return None
    try:
        return table_document(row)[0]
    except RowError:
        return None
