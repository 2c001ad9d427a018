"""After any sequence of changes the Delta source and Spark still agree on size and files."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.integration.spark.lake import SparkLake

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

_STEPS = 4

_CHANGES = (
    "INSERT INTO {t} SELECT id, concat('s', id % {n}) FROM range({n})",
    "DELETE FROM {t} WHERE id % {n} = 0",
    "UPDATE {t} SET s = 'u{n}' WHERE id % {n} = 1",
    "INSERT OVERWRITE {t} SELECT id, 'o' FROM range({n})",
    "ALTER TABLE {t} CLUSTER BY (s)",
    "ALTER TABLE {t} CLUSTER BY NONE",
    "OPTIMIZE {t}",
)


@pytest.mark.parametrize(
    "deletion_vectors", ["true", pytest.param("false", marks=pytest.mark.nightly)]
)
def test_walk(deletion_vectors: str, lake: SparkLake, tmp_path: Path) -> None:
    """Checkpoints, deletion vectors and rewritten files meet as in no list of cases."""
    random = Random(f"walk {deletion_vectors}")  # noqa: S311 -- repeatable, not secret
    table = f"walk_{deletion_vectors}"
    create = (
        "CREATE TABLE {t} (id bigint, s string) USING delta CLUSTER BY (id) TBLPROPERTIES ("
        f"'delta.enableDeletionVectors'='{deletion_vectors}', 'delta.checkpointInterval'='4')"
    )
    steps = [
        create,
        _CHANGES[0],
        *random.choices(_CHANGES, k=_STEPS),
    ]
    done = []
    for step in steps:
        done.append(step.replace("{t}", table).replace("{n}", str(random.randint(2, 50))))
        lake.run(done[-1:])
        row = lake.describe_detail(table)
        document = lake.read(table, tmp_path)
        assert (document.size.bytes, document.size.files, document.detail.clustering_columns) == (
            row["sizeInBytes"],
            row["numFiles"],
            row["clusteringColumns"],
        ), done
