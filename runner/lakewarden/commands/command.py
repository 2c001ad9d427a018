"""What every command does apart from its work: the project file, errors, and how much it says."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from lakewarden.commands.expand import expanded, options_of
from lakewarden.commands.project_file import CURRENT, ProjectFile, Run, find_project_file
from lakewarden.commands.terminal import notes, reporting_errors
from lakewarden.engines.choice import EngineKind, EngineOptions
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import PLANS, Origin
from lakewarden_collector.errors import Problem

_HELP: Final = ("-h", "--help")
_BY_PROJECT: Final = "DEFAULT_MAP"
_WORKSPACE: Final = tuple(each.name for each, _, _ in options_of(WorkspaceOptions))
_SERVER: Final = tuple(
    each.name for each, _, _ in options_of(EngineOptions) if each.name != "engine_kind"
)


def add(
    app: typer.Typer,
    function: Callable[..., None],
    name: str | None = None,
    *,
    epilog: str | None = None,
) -> None:
    """Make a command of a function; see `expanded`."""
    app.command(name, cls=Command, help=flowing(inspect.getdoc(function) or ""), epilog=epilog)(
        expanded(function)
    )


def flowing(text: str) -> str:
    """Return a help text whose paragraphs are one line each, so that they fit any screen.

    A paragraph that begins with our name is an example and gets a prompt, since Typer takes its
    indent away; what is indented otherwise keeps its lines.
    """
    return "\n\n".join(map(_flowing, text.split("\n\n")))


def _flowing(paragraph: str) -> str:
    if paragraph.lstrip().startswith("lakewarden "):
        return "\n".join(f"$ {line.strip()}" for line in paragraph.splitlines())
    return paragraph if paragraph.startswith(" ") else " ".join(paragraph.split("\n"))


class Command(TyperCommand):
    """A command whose errors are shown in our words, and that takes what the project file has."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,  # noqa: ANN401 -- Typer's context
        **extra: Any,  # noqa: ANN401 -- as Typer has it
    ) -> Any:  # noqa: ANN401 -- Typer's context
        """Read the arguments; what they leave out comes from the project file."""
        with reporting_errors():
            project = None
            if not (extra.get("resilient_parsing") or any(each in _HELP for each in args)):
                project = find_project_file(Path.cwd())
            ours, written = {each.name for each in self.params}, tuple(args)
            values = project.values if project else {}
            extra["default_map"] = {name: values[name] for name in values if name in ours}
            with self._placing(project, lambda option: not _is_written(option, written)):
                context = super().make_context(info_name, args, parent, **extra)
            if project:
                _let_command_line_win(context)
            context.obj = Run(project=project, origins=self._origins(context, project))
        return context

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 -- Typer's context
        """Run the command."""
        run: Run = ctx.obj
        token = CURRENT.set(run)
        try:
            with reporting_errors():
                if run.project and ctx.default_map and not ctx.params.get("quiet"):
                    notes().print(f"Using {run.project.name}")
                with (
                    self._placing(run.project, lambda each: _origin(ctx, each) == _BY_PROJECT),
                    run.stack,
                ):
                    return super().invoke(ctx)
        finally:
            CURRENT.reset(token)

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401 -- Typer's
        """Return the parameters; the help shows the types of options that take a value alone."""
        return _without_types(super().get_params(ctx))

    @contextmanager
    def _placing(
        self, project: ProjectFile | None, is_from_file: Callable[[Any], bool]
    ) -> Iterator[None]:
        """Name the line of the project file where an error is about a value from there."""
        try:
            yield
        except typer.BadParameter as error:
            param = error.param
            if project is None or param is None or param.name not in project.lines:
                raise
            if not is_from_file(param):
                raise
            what = error.message.removeprefix("Value error, ")
            raise ConfigurationError(what, where=project.where(param.name)) from error
        except Problem as problem:
            if project is None:
                raise
            named = problem.where.partition(" ")[0]
            for each in self.params:
                if named in each.opts and is_from_file(each) and each.name in project.lines:
                    problem.where = f"{project.where(each.name)}: {each.opts[0].lstrip('-')}"
            raise

    def _origins(self, context: Any, project: ProjectFile | None) -> Mapping[str, str]:  # noqa: ANN401 -- Typer's
        """Return where each value comes from, by the option's field."""
        found = {}
        for each in self.params:
            match _origin(context, each):
                case "COMMANDLINE":
                    found[each.name] = "command line"
                case "ENVIRONMENT":
                    found[each.name] = f"variable {each.envvar}"
                case source:
                    by_file = project if source == _BY_PROJECT else None
                    found[each.name] = by_file.where(each.name) if by_file else "default"
        return found


class Group(TyperGroup):
    """A group of commands, whose help shows no such types either."""

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401 -- Typer's
        """Return the parameters."""
        return _without_types(super().get_params(ctx))


def _without_types(params: list[Any]) -> list[Any]:
    """Return the parameters; Typer would show `<bool>` for a flag, `<str>` for an argument."""
    for each in params:
        if isinstance(each, TyperArgument) or each.is_flag:
            each.display_type_rich = _no_type
    return params


def _no_type(ctx: Any) -> None:  # noqa: ANN401 -- Typer's context
    """Show nothing."""


def _origin(context: Any, param: Any) -> str:  # noqa: ANN401 -- Typer's
    source = context.get_parameter_source(param.name)
    return source.name if source else ""


def _is_written(param: Any, args: Sequence[str]) -> bool:  # noqa: ANN401 -- Typer's
    """Whether an option stands on the command line, also as `--a=b` or `-ab`."""
    return any(
        each == name or each.startswith(f"{name}=" if name.startswith("--") else name)
        for each in args
        for name in param.opts
    )


def _let_command_line_win(context: Any) -> None:  # noqa: ANN401 -- Typer's context
    """Leave out what the project file has and what was typed replaces, or makes meaningless."""
    values = context.params
    for name in _replaced(values, {each for each in values if _is_typed(context, each)}):
        source = context.get_parameter_source(name)
        if source is not None and source.name == _BY_PROJECT:
            values[name] = None
            context.set_parameter_source(name, type(source).DEFAULT)


def _replaced(values: Mapping[str, Any], typed: set[str]) -> Iterator[str]:
    """Yield the options that typed ones replace."""
    if "inventory" in typed:
        yield "source"
    elif "source" in typed:
        yield "inventory"
    source: Origin | None = None if "inventory" in typed else values.get("source")
    source_kind = source.source_kind if source is not None else ""
    beside = values.get("beside") if source_kind in PLANS else None
    if typed & {"source", "inventory"}:
        yield from () if source_kind in PLANS else ("beside",)
        yield from () if source_kind == "sql" else ("default_schema",)
    if typed & {"source", "inventory", "beside"}:
        if beside == "databricks":
            yield from ("include", "exclude")
        elif source_kind != "databricks":
            yield from _WORKSPACE
    yield from _other_baselines(typed)
    if "engine_kind" in typed and values["engine_kind"] is EngineKind.EMBEDDED:
        yield from _SERVER
    elif "url" in typed:
        yield "engine_kind"


def _other_baselines(typed: set[str]) -> Iterator[str]:
    if "baseline" in typed:
        yield "baseline_from"
    elif "baseline_from" in typed:
        yield from ("baseline", "ratchet_against")


def _is_typed(context: Any, name: str) -> bool:  # noqa: ANN401 -- Typer's context
    source = context.get_parameter_source(name)
    return source is not None and source.name in {"COMMANDLINE", "ENVIRONMENT"}
