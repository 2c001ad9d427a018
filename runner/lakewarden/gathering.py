"""Lets the policies say which evidence a collection needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from lakewarden.engines.choice import EngineOptions, start_engine
from lakewarden.model.clock import utc_now
from lakewarden.origin import OpenOrigin
from lakewarden.progress import Progress
from lakewarden.rules import load_rules


def asking(
    engine_options: EngineOptions,
    *,
    patterns: tuple[str, ...],
    config_dir: Path | None,
    progress: Progress,
    stack: ExitStack,
) -> Callable[[OpenOrigin], None]:
    """Return what starts the engine and has an origin ask it, if the origin does at all.

    The engine runs until the stack is left. `patterns` choose the policies.
    """

    def prepare(opened: OpenOrigin) -> None:
        if not opened.wants_advice:
            return
        engine, _ = start_engine(engine_options, progress)
        stack.push(engine)
        rules = load_rules(
            engine.modules(),
            policy_dirs=engine_options.policy_dirs,
            patterns=patterns,
            config_dir=config_dir,
            belonging=opened.config_dir,
        )
        opened.advise(engine, rules.question(utc_now()))

    return prepare
