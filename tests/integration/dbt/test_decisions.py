"""A dbt project on the command line: the outcome of each table, and what isn't a manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.commandline import lakewarden
from tests.support.dbt.manifest import MANIFEST, laid_out

pytestmark = pytest.mark.opa

_KEYS: Final = {"clustering.keys_exist", "clustering.keys_have_statistics"}
"""Unknown where nobody knows the columns."""

_AUTO: Final = {"clustering.auto_possible"}
"""Unknown where nobody knows whether predictive optimization is on."""

CLUSTERING: Final[dict[str, tuple[set[str], set[str]]]] = {
    "Lake-House": (set(), _AUTO),
    "archive": (set(), set()),
    "both": ({"clustering.partitioned_table"}, _KEYS),
    "clicks": (set(), _KEYS),
    "countries": (set(), set()),
    "daily": (set(), _AUTO),
    "events": (set(), _KEYS),
    "forecast": (set(), _KEYS),
    "guess": (set(), set()),
    "hooked": (set(), {"clustering.key_limit", "clustering.single_strategy"} | _AUTO | _KEYS),
    "many_keys": ({"clustering.key_limit"}, _KEYS),
    "orders": ({"clustering.auto_optimize_complete"}, {"clustering.keys_have_statistics"}),
    "orders_history": (set(), _KEYS),
    "plain": (set(), set()),
    "site_history": (set(), _KEYS),
    "stock_history": (set(), _AUTO),
    "stock_v1": (set(), _KEYS),
    "stock_v2": (set(), _KEYS),
    "wrong_key": (_KEYS, set()),
}
"""By hand: which clustering policies each table of the project breaks, and which stay unknown."""

_STRATEGY: Final = "clustering.strategy_required"
_WITHOUT_KEYS: Final = {
    "countries": "fail",
    "guess": "fail",
    "hooked": "unknown",  # its hook may cluster it
    "plain": "fail",
}
"""Tables that can be clustered and, as far as the project knows, aren't."""


def test_each_table_has_the_outcomes_that_its_configuration_earns(tmp_path: Path) -> None:
    laid_out(tmp_path / "shop")
    ended = lakewarden(
        *("evaluate", "--source", "dbt:shop", "--report", "report.json"), cwd=tmp_path
    )
    assert ended.returncode == 1, ended.stderr
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    found, without = {}, {}
    for table in report["tables"]:
        outcomes = {
            policy: decision["outcome"]
            for policy, decision in table["decisions"].items()
            if policy.startswith("clustering.")
        }
        strategy = outcomes.pop(_STRATEGY)
        if strategy not in {"pass", "not_applicable"}:
            without[table["name"]] = strategy
        found[table["name"]] = tuple(
            {policy for policy, each in outcomes.items() if each == outcome}
            for outcome in ("fail", "unknown")
        )
    assert found == CLUSTERING
    assert without == _WITHOUT_KEYS
    places = {table["name"]: table["definition"] for table in report["tables"]}
    assert (places["wrong_key"]["file"], places["wrong_key"]["line"]) == ("models/schema.yml", 44)


RESULTS: Final = (
    '{"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json"},'
    '"results":[]}'
)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "run_results.json",
            RESULTS,
            "is an artifact of dbt, not a dbt manifest",
        ),
        ("dbt_project.yml", "name: shop\nversion: '1.0'\n", "is a YAML file, not a dbt manifest"),
        (
            "partial_parse.msgpack",
            '\xde\x00"\xa5nodes\xde\x00',
            "is a binary file",
        ),
        ("other.json", '{"a": [1]}', "is some other JSON, not a dbt manifest"),
        ("empty.json", "", "is an empty file"),
        ("cut_off.json", MANIFEST.read_text()[:9000], "isn't a dbt manifest"),
        ("old.json", MANIFEST.read_text().replace("v12.json", "v11.json"), "of version 11"),
        (
            "lake.json",
            MANIFEST.read_text().replace('"databricks"', '"duckdb"', 1),
            "the adapter 'duckdb'",
        ),
    ],
)
def test_anything_but_a_manifest_is_recognised_and_told_how_to_get_one(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    ended = lakewarden("evaluate", "--source", f"dbt:{name}", cwd=tmp_path)
    assert (ended.returncode, words in ended.stderr) == (2, True), ended.stderr
    assert any(
        remedy in ended.stderr for remedy in ("`dbt parse`", "Parse the project", "dbt Core 1.8")
    )
