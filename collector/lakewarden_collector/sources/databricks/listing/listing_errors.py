"""What could not be listed, told to a person with the statement that would help."""

from __future__ import annotations

from typing import Final, Literal

from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
from databricks.sdk.errors.base import DatabricksError

from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name, split_name
from lakewarden_collector.sources.databricks.client.server_text import error_text, sound
from lakewarden_collector.sources.databricks.client.workspace import Asker
from lakewarden_collector.sources.databricks.statements.grants import entering, reading

_COLLECT_AGAIN: Final = "Collect again."
_NAMED_BY_A_PATTERN: Final = (
    "an include pattern names it, and Unity Catalog does not list it: "
    "it does not exist, or the principal may not see it"
)


def catalogs_failure(asker: Asker, error: Exception) -> Failure:
    """Tell that the catalogs could not be listed, so that nothing was."""
    return _failure(
        "workspace",
        f"the catalogs of {asker.host or 'the workspace'}",
        asker,
        error,
        grant="Grant the principal access to the workspace and its metastore.",
    )


def catalog_failure(asker: Asker, catalog: str, error: Exception) -> Failure:
    """Tell that a catalog's schemas could not be listed."""
    grant = asker.grants(reading(catalog))
    return _failure("catalog", f"catalog {join_name([catalog])}", asker, error, grant=grant)


def schema_failure(asker: Asker, catalog: str, schema: str, error: Exception) -> Failure:
    """Tell that a schema's tables could not be listed."""
    lacking = [reading(catalog, schema)]
    above = entering(catalog)
    if above.privileges in str(error).replace("_", " "):
        lacking.insert(0, above)
    grant = asker.grants(*lacking)
    what = f"schema {join_name([catalog, schema])}"
    return _failure("schema", what, asker, error, grant=grant)


def row_failure(
    asker: Asker, what: str, reason: str, covers: Literal["table", "schema", "catalog"]
) -> Failure:
    """Tell that a row of a listing is not what the API promises."""
    return Failure(
        what=sound(what),
        where=asker.host,
        reason=sound(reason),
        remedy="Check it in Catalog Explorer; if it looks fine there, report a bug in Lakewarden.",
        covers=covers,
    )


def unlisted(asker: Asker, *parts: str) -> Failure:
    """Tell that an include pattern names something that Unity Catalog does not list.

    What a principal may not see looks like what is not there.
    """
    covers: Literal["catalog", "schema", "table"] = ("catalog", "schema", "table")[len(parts) - 1]
    return Failure(
        what=f"{covers} {join_name(parts)}",
        where=asker.host,
        reason=_NAMED_BY_A_PATTERN,
        remedy=f"Correct the pattern, or: {asker.grants(reading(*parts))}",
        covers=covers,
    )


def is_unlisted(failure: Failure) -> bool:
    """Tell what `unlisted` made from refusals: it is no loss where another workspace lists it."""
    return failure.reason == _NAMED_BY_A_PATTERN


def lost_parts(failure: Failure) -> tuple[str, ...]:
    """Return the name of the catalog, schema or table that a failure of this module is about.

    Empty where it has none: the catalogs as a whole, and rows without a name.
    """
    kind, _, name = failure.what.partition(" ")
    try:
        return split_name(name) if kind == failure.covers else ()
    except ValueError:
        return ()


def _failure(
    covers: Literal["schema", "catalog", "workspace"],
    what: str,
    asker: Asker,
    error: Exception,
    *,
    grant: str,
) -> Failure:
    reason, remedy = error_text(error), _COLLECT_AGAIN
    if isinstance(error, PermissionDenied):
        remedy = grant
    elif isinstance(error, Unauthenticated):
        remedy = "Sign in again, for example with `databricks auth login`, and collect again."
    elif isinstance(error, NotFound):
        reason = f"it was listed but can't be found any more: dropped, or not visible ({reason})"
    elif isinstance(error, DatabricksError | ValueError):
        remedy = "Collect again; if it fails again, the reason quotes the workspace."
    return Failure(what=sound(what), where=asker.host, reason=reason, remedy=remedy, covers=covers)
