"""Tables that SQL files declare: migrations, notebooks' DDL, pipelines."""

from lakewarden_collector.sources.sql.source import WAYS, SqlSource

__all__ = ["WAYS", "SqlSource"]
