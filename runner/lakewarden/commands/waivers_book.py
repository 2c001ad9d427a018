"""What the commands of `lakewarden waivers` open: the file of waivers, and who it is about."""

from __future__ import annotations

from pathlib import Path

from lakewarden.commands.inputs import with_local_policies
from lakewarden.engines.bundle.stage import read_policies
from lakewarden.evaluation.policy_index import index_policies
from lakewarden.kit.policy_docs import annotated
from lakewarden.options.policies import EffectivePolicyOptions
from lakewarden.policy_set import choose_config
from lakewarden.resources import shipped_config
from lakewarden.settings.settings import load_schemas
from lakewarden.settings.waivers import FILE
from lakewarden.waivers.book import Book, open_book


def find_book(options: EffectivePolicyOptions) -> tuple[Path, tuple[str, ...]]:
    """Return the file of waivers that a run with these options would read, and all policies' ids.

    Where a run would take the settings that ship with Lakewarden, it is the file that a team would
    write beside its own: `config/waivers.yaml`. No engine is started.
    """
    options = with_local_policies(options)
    modules = [annotated(module) for module in read_policies(options.roots)]
    schemas = load_schemas(options.roots)
    config = choose_config(options.config, None, sorted(schemas), local=options.local_config)
    if config == shipped_config():
        config = options.local_config
    return config / FILE, tuple(each.policy_id for each in index_policies(modules))


def opened(options: EffectivePolicyOptions) -> Book:
    """Open that file, read and checked. Raises `ConfigurationError` as a run does."""
    return open_book(*find_book(options))
