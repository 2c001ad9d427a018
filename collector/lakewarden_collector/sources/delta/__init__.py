"""Delta tables read without Spark: a folder, an object store, or a list file.

pyarrow and obstore are imported when tables are asked for, so importing this package
costs next to nothing.
"""

from lakewarden_collector.sources.delta.source import WAYS, DeltaSource

__all__ = ["WAYS", "DeltaSource"]
