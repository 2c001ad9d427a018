"""Tables that a dbt project declares, read from its manifest; dbt itself isn't needed."""

from lakewarden_collector.sources.dbt.source import WAYS, DbtSource

__all__ = ["WAYS", "DbtSource"]
