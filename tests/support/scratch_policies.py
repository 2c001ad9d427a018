"""A small bundle root of a user's own that keeps every convention, for tests that break one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from tests.support import rego

POLICY: Final = "lakewarden/tables/naming/short_columns/short_columns.rego"
TEST: Final = "lakewarden/tables/naming/short_columns/short_columns_test.rego"
LIB: Final = "lakewarden/lib/naming/naming.rego"
_ROUTER: Final = (
    "main/main.rego",
    "main/waivers.rego",
    "lib/waivers/waivers.rego",  # which the router calls, and what these call
    "lib/waivers/waivers_test.rego",
    "lib/pattern/pattern.rego",
    "lib/pattern/pattern_test.rego",
)
LIB_TEST: Final = "lakewarden/lib/naming/naming_test.rego"
SETTINGS: Final = "lakewarden/tables/naming/settings.schema.json"

FILES: Final = {
    POLICY: """\
# METADATA
# title: Column names are short
# description: No name of a column is longer than the setting max_length says.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# custom:
#   severity: low
#   enforcement: advisory
#   why: Long names do not fit into the reports.
#   remediation: Rename the column.
#   exemptions:
#     - Tables in a schema of legacy_schemas.
#   examples:
#     before:
#       columns: [{name: a_name_that_nobody_can_type}]
#     after:
#       columns: [{name: city}]
package lakewarden.tables.naming.short_columns

import data.lakewarden.lib.naming
import data.lakewarden_run.settings.naming as settings

not_applicable contains "A view takes its names from elsewhere." if input.table_type == "VIEW"

needs contains "columns" if not naming.columns

needs contains "table_type" if not _typed

_typed if is_string(input.table_type)

exempt contains {"kind": "rule", "reason": "It is old."} if {
	input.schema_name in settings.legacy_schemas
}

pass contains sprintf("No name has more than %d characters.", [_limit]) if {
	naming.columns
	count(_long) == 0
}

deny contains {"message": message, "expected": expected, "actual": count(name), "key": name} if {
	some name in _long
	expected := sprintf("at most %d characters", [_limit])
	message := sprintf("%s has the column %s of %d characters. Rename it.", [
		input.full_name,
		name,
		count(name),
	])
}

_long contains name if {
	some name in naming.columns
	_is_long(name, _limit)
}

_is_long(name, limit) if count(name) > limit

_limit := settings.max_length
""",
    TEST: """\
package lakewarden.tables.naming.short_columns_test

import data.lakewarden.tables.naming.short_columns as policy

_run := {"settings": {"naming": {"max_length": 4, "legacy_schemas": ["old"]}}}

_table(names) := {
	"full_name": "main.sales.orders",
	"schema_name": "sales",
	"table_type": "MANAGED",
	"columns": [{"name": name} | some name in names],
}

test_short_names_pass if {
	count(policy.pass) == 1 with input as _table(["city"]) with data.lakewarden_run as _run
	count(policy.deny) == 0 with input as _table(["city"]) with data.lakewarden_run as _run
}

test_a_long_name_is_denied if {
	count(policy.pass) == 0 with input as _table(["towns"]) with data.lakewarden_run as _run
	some violation in policy.deny with input as _table(["towns"])
		with data.lakewarden_run as _run
	violation.actual == 5
}

test_columns_are_needed if {
	every table in [{"table_type": "MANAGED"}, {"table_type": "MANAGED", "columns": null}] {
		policy.needs == {"columns"} with input as table with data.lakewarden_run as _run
	}
}

test_type_is_needed if {
	every table in [{"columns": []}, {"columns": [], "table_type": null}] {
		policy.needs == {"table_type"} with input as table with data.lakewarden_run as _run
	}
}

test_views_are_left_alone if {
	count(policy.not_applicable) == 1 with input as {"table_type": "VIEW"}
}

test_old_tables_are_exempt if {
	old := object.union(_table(["towns"]), {"schema_name": "old"})
	count(policy.exempt) == 1 with input as old with data.lakewarden_run as _run
}
""",
    LIB: """\
# METADATA
# title: Names
# description: What policies about names share.
# schemas:
#   - input: schema.table
package lakewarden.lib.naming

# METADATA
# description: The names of the columns; undefined where the columns are not known.
columns := [column.name | some column in input.columns] if is_array(input.columns)
""",
    LIB_TEST: """\
package lakewarden.lib.naming_test

import data.lakewarden.lib.naming

test_columns if {
	naming.columns == ["a"] with input as {"columns": [{"name": "a"}]}
}
""",
    SETTINGS: json.dumps(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "max_length": {
                    "type": "integer",
                    "minimum": 0,
                    "default": 20,
                    "description": "Characters.",
                },
                "legacy_schemas": {
                    "type": "array",
                    "items": {"type": "string"},
                    "default": [],
                    "description": "Schemas of old tables.",
                },
            },
        }
    ),
}


def write(into: Path, *, router: bool = True) -> Path:
    """Write the files and return the bundle root.

    With a copy of the router it is complete: nothing is loaded beside it, which is quicker.
    """
    root = into / "own"
    for name, text in FILES.items():
        put(root, name, text)
    if router:
        _copy_router(root)
    return root


def write_router(into: Path) -> Path:
    """Write a bundle root with the router alone and return it."""
    _copy_router(into / "routing")
    return into / "routing"


def _copy_router(root: Path) -> None:
    for name in _ROUTER:
        target = root / "lakewarden" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(rego.POLICIES / "lakewarden" / name, target)


def put(root: Path, name: str, text: str) -> None:
    """Write one file."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def change(root: Path, name: str, right: str, wrong: str) -> None:
    """Make a mistake in a file: `wrong` stands where `right` stood once."""
    text = (root / name).read_text(encoding="utf-8")
    assert text.count(right) >= 1, f"{right!r} is not in {name}"
    (root / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")
