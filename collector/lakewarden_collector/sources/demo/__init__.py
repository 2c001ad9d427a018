"""The demo lakehouse: about thirty real Delta tables, with settings and waivers of their own."""

from lakewarden_collector.sources.demo.clustering_commit import declare_clustering
from lakewarden_collector.sources.demo.lakehouse import DemoLakehouse, build_demo
from lakewarden_collector.sources.demo.location import default_root, demo_config_dir
from lakewarden_collector.sources.demo.source import DemoSource
from lakewarden_collector.sources.demo.tables import TABLES

__all__ = [
    "TABLES",
    "DemoLakehouse",
    "DemoSource",
    "build_demo",
    "declare_clustering",
    "default_root",
    "demo_config_dir",
]
