"""Policies of a user's own that are wrong, each in its way."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines
from tests.support.git_checkout import commit_files
from tests.support.policy_packs import POLICY, archive, rego

Ended = CompletedProcess[str]

ANNOTATION: Final = """# METADATA
# title: A policy of the tests
# description: Says what a test wants.
# schemas:
#   - input: schema.table
#   - data.lakewarden_run: schema.settings
# custom:
#   severity: low
#   enforcement: mandatory
#   remediation: Nothing to do.
"""


def own_policy(folder: Path, name: str, rules: str, annotation: str = ANNOTATION) -> Path:
    """Write a policy `extra.<name>` and return the folder for --policy-source."""
    place = folder / "mine" / "lakewarden" / "tables" / "extra" / name
    place.mkdir(parents=True)
    text = f"{annotation}package lakewarden.tables.extra.{name}\n\n{rules}"
    (place / f"{name}.rego").write_text(text)
    return folder / "mine"


def evaluate(folder: Path, policies: Path, *documents: dict[str, Any]) -> Ended:
    """Evaluate clustered tables, which pass all that ships, under the user's policy too."""
    listed = documents or (document("orders", **CLUSTERED),)
    inventory = write_lines(folder / "lake.ndjson", *listed)
    return lakewarden(
        "evaluate",
        "--inventory",
        inventory,
        "--policy-source",
        policies,
        "--report",
        "json=report.json",
        cwd=folder,
    )


def empty_folder(folder: Path) -> Ended:
    (folder / "empty").mkdir()
    return evaluate(folder, folder / "empty")


def unknown_reference(folder: Path) -> Ended:
    commit_files(folder / "repository", {"README.md": ""})
    source = "--policy-source=git:v9"
    return lakewarden("policies", "list", source, cwd=folder / "repository")


def link_in_a_bundle(folder: Path) -> Ended:
    link = tarfile.TarInfo("lakewarden/tables/extra/a/a.rego")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return evaluate(folder, archive(folder / "bundle.tar.gz", [(link, b"")]))


def unlocked_source(folder: Path) -> Ended:
    (folder / "lakewarden.lock").write_text("version = 1\n")
    return evaluate(folder, archive(folder / "bundle.tar.gz", [(POLICY, rego().encode())]))


def does_not_compile(folder: Path) -> Ended:
    rules = "pass contains undefined_function(input.name)\n"
    ended = evaluate(folder, own_policy(folder, "broken", f"\n{rules}"))
    assert str(folder) in ended.stderr  # the user's own file, not a copy of it
    return ended


def without_annotation(folder: Path) -> Ended:
    return evaluate(folder, own_policy(folder, "bare", 'pass contains "fine"\n', annotation=""))


def asks_what_cannot_be_tried(folder: Path) -> Ended:
    what_if = "#   what_if: {settings: [patience], factors: [2]}\n"
    policies = own_policy(folder, "curious", 'pass contains "fine"\n', ANNOTATION + what_if)
    return evaluate(folder, policies)


def asks_the_network(folder: Path) -> Ended:
    rules = 'pass contains http.send({"method": "get", "url": "http://127.0.0.1"}).status\n'
    return evaluate(folder, own_policy(folder, "curious", rules))


def proves_nothing(folder: Path) -> Ended:
    rules = 'deny contains {"message": "no", "expected": 1, "actual": 2} if input.name == "x"\n'
    return evaluate(folder, own_policy(folder, "silent", rules))


def proves_both(folder: Path) -> Ended:
    rules = 'deny contains {"message": "no", "expected": 1, "actual": 2}\n\npass contains "yes"\n'
    return evaluate(folder, own_policy(folder, "torn", rules))


def proves_no_set(folder: Path) -> Ended:
    """Deny by a complete rule: OPA would take its text for a set without elements."""
    return evaluate(folder, own_policy(folder, "text", 'deny := "bad"\n\npass contains "ok"\n'))


def evaluation_error(folder: Path) -> Ended:
    """One document's comment isn't JSON: it alone, and under this policy alone, is an error."""
    rules = 'pass contains sprintf("%v", [json.unmarshal(input.comment)])\n'
    good = [document(f"t{number}", comment="1", **CLUSTERED) for number in range(9)]
    bad = document("odd", comment="{", **CLUSTERED)
    ended = evaluate(folder, own_policy(folder, "fragile", rules), *good, bad)
    tables = json.loads((folder / "report.json").read_text())["tables"]
    errors = [
        (table["name"], policy_id)
        for table in tables
        for policy_id, decision in table["decisions"].items()
        if decision["outcome"] == "error"
    ]
    assert errors == [("odd", "extra.fragile")]
    return ended
