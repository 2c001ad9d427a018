"""Lakewarden keeps a lakehouse's tables within their owners' rules."""

from importlib.metadata import version

__version__ = version("lakewarden")
