"""The tables that Spark writes for the comparison: how, and the keys that are then expected."""

# ruff: noqa: ISC004 -- a statement on two lines is plain to see in a list of statements

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

NO_DOMAIN: Final = None
"""The table was never clustered, so it has no `clusteringColumns` property."""

_MAPPED: Final = "'delta.columnMapping.mode'='name'"
_DOMAIN: Final = "delta.clustering"
_PART_SIZE: Final = "spark.databricks.delta.checkpoint.partSize"
_TOP_LEVEL: Final = "spark.databricks.delta.checkpointV2.topLevelFileFormat"


@dataclass(frozen=True)
class Spec:
    """One table: its name, the SQL that makes it ({t} is its name), what must come out.

    `checkpoint` is a pattern of a file that the log must then hold; where it is given, the older
    commits are removed, so that the checkpoint alone knows what they did. `settings` are Spark's
    while it writes. `appended` is an action that no SQL gives, put into a commit of its own.
    """

    name: str
    sql: tuple[str, ...]
    keys: list[list[str]] | None = NO_DOMAIN
    checkpoint: str | None = None
    sidecars: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    appended: dict[str, object] | None = None


def _rows(columns: str, count: int = 1000) -> str:
    return f"INSERT INTO {{t}} SELECT {columns} FROM range({count})"  # noqa: S608 -- our own words


_ID_S: Final = "id, concat('s', id)"
_CLUSTERED: Final = "CREATE TABLE {t} (id bigint, s string) USING delta CLUSTER BY (id, s)"
_KEYS: Final = [["id"], ["s"]]
_V2: Final = " TBLPROPERTIES ('delta.checkpointPolicy'='v2', 'delta.checkpointInterval'='3')"
_FOUR_COMMITS: Final = (_rows(_ID_S), "DELETE FROM {t} WHERE id < 10", _rows(_ID_S, 10))
_UUID: Final = "????????-????-????-????-????????????"

SPECS: Final = (
    Spec("plain", ("CREATE TABLE {t} (id bigint, s string) USING delta", _rows(_ID_S))),
    Spec("empty", ("CREATE TABLE {t} (id bigint) USING delta COMMENT 'nothing yet'",)),
    Spec("clustered", (_CLUSTERED, _rows(_ID_S), _rows(_ID_S)), _KEYS),
    Spec("clustered_empty", (_CLUSTERED,), _KEYS),
    Spec(
        "partitioned",
        (
            "CREATE TABLE {t} (id bigint, p int, q string) USING delta PARTITIONED BY (q, p)",
            _rows("id, id % 3, concat('q', id % 2)", 20),
            "DELETE FROM {t} WHERE p = 1",
        ),
    ),
    Spec(
        "nested",
        (
            "CREATE TABLE {t} (id bigint, address struct<city:string, geo:struct<zip:int>>) "
            "USING delta CLUSTER BY (address.city, address.geo.zip, id)",
            _rows("id, struct(string(id), struct(int(id)))"),
        ),
        [["address", "city"], ["address", "geo", "zip"], ["id"]],
    ),
    Spec(
        "renamed",
        (
            "CREATE TABLE {t} (old bigint, a struct<b:int>, c int) USING delta"
            f" CLUSTER BY (old, a.b) TBLPROPERTIES ({_MAPPED})",
            _rows("id, struct(int(id)), 1"),
            "ALTER TABLE {t} RENAME COLUMN old TO `new.name`",
            "ALTER TABLE {t} RENAME COLUMN a.b TO `it``s`",
            "ALTER TABLE {t} DROP COLUMN c",
        ),
        [["new.name"], ["a", "it`s"]],
    ),
    Spec(
        "odd_names",
        (
            "CREATE TABLE {t} (`1a` int, `2` int, `é` int, `_b c` int, s struct<`x.y`:int>)"
            f" USING delta CLUSTER BY (`1a`, `é`, `_b c`, s.`x.y`) TBLPROPERTIES ({_MAPPED})",
        ),
        [["1a"], ["é"], ["_b c"], ["s", "x.y"]],
    ),
    Spec(
        "deletion_vectors",
        (
            "CREATE TABLE {t} (id bigint, s string) USING delta CLUSTER BY (id)"
            " TBLPROPERTIES ('delta.enableDeletionVectors'='true')",
            _rows(_ID_S),
            "DELETE FROM {t} WHERE id % 7 = 0",
            "UPDATE {t} SET s = 'changed' WHERE id % 11 = 0",
        ),
        [["id"]],
    ),
    Spec(
        "optimized",
        (
            _CLUSTERED,
            *[_rows(_ID_S, 100)] * 3,
            "DELETE FROM {t} WHERE id > 90",
            "OPTIMIZE {t}",
            _rows(_ID_S, 5),
        ),
        _KEYS,
    ),
    Spec("cluster_by_none", (_CLUSTERED, "ALTER TABLE {t} CLUSTER BY NONE", _rows(_ID_S)), []),
    Spec("cluster_changed", (_CLUSTERED, "ALTER TABLE {t} CLUSTER BY (s)"), [["s"]]),
    Spec(
        "clustered_later",
        (
            "CREATE TABLE {t} (id bigint, s string) USING delta",
            _rows(_ID_S),
            "ALTER TABLE {t} CLUSTER BY (s)",
        ),
        [["s"]],
    ),
    Spec("replaced", (_CLUSTERED, "REPLACE TABLE {t} (id bigint) USING delta"), []),
    Spec(
        "domain_removed",
        (_CLUSTERED,),
        appended={"domainMetadata": {"domain": _DOMAIN, "configuration": "", "removed": True}},
    ),
    Spec(
        "legacy_protocol",
        (
            "CREATE TABLE {t} (id bigint, p int) USING delta PARTITIONED BY (p) TBLPROPERTIES"
            " ('delta.minReaderVersion'='2', 'delta.minWriterVersion'='5', 'team'='core')",
            _rows("id, 1"),
        ),
    ),
    Spec(
        "in_commit_timestamps",
        (_CLUSTERED + " TBLPROPERTIES ('delta.enableInCommitTimestamps'='true')", _rows(_ID_S)),
        _KEYS,
    ),
    Spec(
        "all_types",
        (
            "CREATE TABLE {t} (a tinyint NOT NULL COMMENT 'it''s', b smallint, c int, d bigint,"
            " e float, f double, g decimal(38,18), h string, i binary, j date, k timestamp,"
            " l timestamp_ntz, m boolean, n array<struct<x:int,y:map<string,bigint>>>, o char(3),"
            " p varchar(7), q struct<r:varchar(3)>, v variant, w array<varchar(3)>) USING delta"
            " PARTITIONED BY (c, b) TBLPROPERTIES ('delta.columnMapping.mode'='name')",
        ),
    ),
    Spec(
        "classic_checkpoint",
        (_CLUSTERED + " TBLPROPERTIES ('delta.checkpointInterval'='3')", *_FOUR_COMMITS),
        _KEYS,
        checkpoint="*.checkpoint.parquet",
    ),
    Spec(
        "commits_after_checkpoint",
        (
            _CLUSTERED + " TBLPROPERTIES ('delta.checkpointInterval'='3')",
            *_FOUR_COMMITS,
            "ALTER TABLE {t} CLUSTER BY (s)",
            _rows(_ID_S, 10),
        ),
        [["s"]],
        checkpoint="*.checkpoint.parquet",
    ),
    Spec(
        "multipart_checkpoint",
        (_CLUSTERED + " TBLPROPERTIES ('delta.checkpointInterval'='3')", *_FOUR_COMMITS),
        _KEYS,
        checkpoint="*.checkpoint.0000000001.*.parquet",
        settings={_PART_SIZE: "2"},
    ),
    Spec(
        "v2_json_checkpoint",
        (_CLUSTERED + _V2, *_FOUR_COMMITS),
        _KEYS,
        checkpoint=f"*.checkpoint.{_UUID}*.json",
        sidecars=True,
        settings={_TOP_LEVEL: "json"},
    ),
    Spec(
        "v2_parquet_checkpoint",
        (_CLUSTERED + _V2, *_FOUR_COMMITS),
        _KEYS,
        checkpoint=f"*.checkpoint.{_UUID}*.parquet",
        sidecars=True,
        settings={_TOP_LEVEL: "parquet", _PART_SIZE: "2"},
    ),
    Spec(
        "none_in_checkpoint",
        (
            _CLUSTERED + " TBLPROPERTIES ('delta.checkpointInterval'='3')",
            "ALTER TABLE {t} CLUSTER BY NONE",
            *_FOUR_COMMITS[:2],
        ),
        [],
        checkpoint="*.checkpoint.parquet",
    ),
)
