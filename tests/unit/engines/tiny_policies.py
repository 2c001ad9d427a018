"""Policies small enough to be read in a test: engines must not depend on the real ones."""

from __future__ import annotations

from pathlib import Path

ROUTER = """\
# METADATA
# title: Router
package lakewarden.main

decisions := [answer |
	some table in input.tables
	proof := data.lakewarden.tables.tiny.number.proof with input as table
	answer := {"name": table.name, "proof": proof}
]
"""

NUMBER = """\
# METADATA
# title: A number
# description: |
#   Fails to evaluate if the text isn't a number.
# custom:
#   severity: high
#   tags: [a, b]
package lakewarden.tables.tiny.number

proof := to_number(input.text)
"""

ROUTER_PATH = "lakewarden/main/main.rego"
NUMBER_PATH = "lakewarden/tables/tiny/number/number.rego"


def write(root: Path, **changes: str) -> Path:
    """Write the bundle root and return it; `router`, `number` and `extra` replace or add text."""
    files = {
        ROUTER_PATH: changes.get("router", ROUTER),
        NUMBER_PATH: changes.get("number", NUMBER),
        "lakewarden/tables/tiny/number/number_test.rego": "package lakewarden.broken_on_purpose [",
    }
    if "extra" in changes:
        files["lakewarden/tables/tiny/extra/extra.rego"] = changes["extra"]
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


def request(*texts: str) -> bytes:
    """Return a request about tables t0, t1, … with these texts."""
    tables = ",".join(f'{{"name":"t{i}","text":"{text}"}}' for i, text in enumerate(texts))
    return f'{{"tables":[{tables}]}}'.encode()
