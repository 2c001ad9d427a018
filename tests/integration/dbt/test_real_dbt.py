"""dbt itself writes the manifest that the other tests read, of the project beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.dbt.manifest import DBT, MANIFEST, PARITY, SHOP, parsed


@pytest.mark.nightly
@pytest.mark.skipif(not DBT.exists(), reason="needs dbt: `make dbt` installs it")
@pytest.mark.parametrize(("project", "manifest"), [(SHOP, MANIFEST), PARITY])
def test_the_recorded_manifest_is_what_dbt_writes(
    project: Path, manifest: Path, tmp_path: Path
) -> None:
    recorded, written = json.loads(manifest.read_text()), parsed(tmp_path, project)
    for each in (recorded, written):
        del each["metadata"]["dbt_version"]
    assert written == recorded
