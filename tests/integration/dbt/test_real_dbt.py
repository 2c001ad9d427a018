"""dbt itself writes the manifest that the other tests read, of the project beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.dbt.manifest import DBT, MANIFEST, parsed


@pytest.mark.nightly
@pytest.mark.skipif(not DBT.exists(), reason="needs dbt: `make dbt` installs it")
def test_the_recorded_manifest_is_what_dbt_writes(tmp_path: Path) -> None:
    recorded, written = json.loads(MANIFEST.read_text()), parsed(tmp_path)
    for manifest in (recorded, written):
        del manifest["metadata"]["dbt_version"]
    assert written == recorded
