"""The demo's content: the same for everybody, and of a size that follows from its rows."""

from __future__ import annotations

import io
from uuid import UUID

import pyarrow as pa
from pyarrow import parquet

from lakewarden_collector.sources.demo.rows import KINDS, made_up_rows

EVERY_KIND = tuple((f"column_{kind}", kind) for kind in KINDS)


def test_equal_arguments_give_equal_rows() -> None:
    """Sizes, and with them the demo's outcomes, would differ from run to run."""
    assert made_up_rows(EVERY_KIND, 50, "seed").equals(made_up_rows(EVERY_KIND, 50, "seed"))


def test_another_seed_gives_other_rows() -> None:
    """All tables would hold the same rows."""
    assert not made_up_rows(EVERY_KIND, 50, "seed").equals(made_up_rows(EVERY_KIND, 50, "other"))


def test_every_kind_gives_valid_values() -> None:
    """Buffers made by hand can be wrong without an error until somebody reads them."""
    rows = made_up_rows(EVERY_KIND, 1_000, "seed")
    rows.validate(full=True)
    assert rows.num_rows == 1_000
    assert all(column.null_count == 0 for column in rows.columns)


def test_uuids_are_uuids_and_distinct() -> None:
    """Misplaced digits would make identifiers that are none."""
    texts = made_up_rows((("id", "uuid"),), 1_000, "seed")["id"].to_pylist()
    assert [str(UUID(text)) for text in texts] == texts
    assert len(set(texts)) == len(texts)


def test_money_has_two_places_and_stays_within_its_range() -> None:
    """A word too many in a decimal's buffer gives astronomical prices."""
    column = made_up_rows((("price", "money"),), 1_000, "seed")["price"]
    assert column.type == pa.decimal128(12, 2)
    assert 0 <= min(column.to_pylist()) <= max(column.to_pylist()) < 2_500


def test_no_codec_shrinks_identifiers_much() -> None:
    """Tables that should be over a threshold would fall below it."""
    buffer = io.BytesIO()
    parquet.write_table(made_up_rows((("id", "uuid"),), 10_000, "seed"), buffer, compression="zstd")
    assert buffer.tell() > 10_000 * 16  # a UUID has 122 random bits
