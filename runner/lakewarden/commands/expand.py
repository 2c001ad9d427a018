"""Makes a command of a function whose parameters are groups of options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo, ParameterInfo

from lakewarden.commands.terminal import speaking

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the conclusion and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log to stderr.")]


@dataclass(frozen=True, kw_only=True)
class Speech:
    """How much a command says apart from its result; every command takes it."""

    quiet: Quiet = False
    verbose: Verbose = False


def expanded(function: Callable[..., None]) -> Callable[..., None]:
    """Return the command: each field of a group that is an option becomes an option of its own.

    The function is called with the groups. Its other parameters stay as they are.
    """
    hints = get_type_hints(function, include_extras=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, type] = {}
    for parameter in inspect.signature(function).parameters.values():
        hint = hints[parameter.name]
        if is_dataclass(hint) and isinstance(hint, type):
            groups[parameter.name] = hint
            parameters += [
                _parameter(each, info, annotation) for each, info, annotation in options_of(hint)
            ]
        else:
            parameters.append(parameter.replace(annotation=hint))

    parameters += [
        _parameter(each, info, annotation) for each, info, annotation in options_of(Speech)
    ]

    @wraps(function)
    def command(**given: Any) -> None:  # noqa: ANN401 -- whatever the options are
        speech = {each.name: given.pop(each.name) for each in fields(Speech)}
        made = {
            name: group(
                **{
                    each.name: _taken(given.pop(each.name), each)
                    for each, _, _ in options_of(group)
                }
            )
            for name, group in groups.items()
        }
        with speaking(**speech):
            function(**made, **given)

    parameters.sort(key=lambda each: each.kind)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def options_of(group: type) -> list[tuple[Field[Any], OptionInfo, Any]]:
    """Return the fields of a group that are options: the field, its option, its type."""
    hints = get_type_hints(group, include_extras=True)
    found = []
    for each in fields(group):
        if get_origin(hints[each.name]) is not Annotated:
            continue
        annotation, *notes = get_args(hints[each.name])
        found += [(each, note, annotation) for note in notes if isinstance(note, OptionInfo)]
    return found


def option_name(field: str, info: OptionInfo) -> str:
    """Return the long name of an option."""
    names = [each for each in (info.default, *(info.param_decls or ())) if isinstance(each, str)]
    long = next((name for name in names if name.startswith("--")), f"--{field}")
    return long.partition("/")[0].replace("_", "-")


def is_repeatable(annotation: object) -> bool:
    """Whether a field of this type takes any number of values."""
    return get_origin(annotation) is tuple


def _parameter(each: Field[Any], info: OptionInfo, annotation: Any) -> inspect.Parameter:  # noqa: ANN401 -- a type
    option: ParameterInfo = copy(info)
    if option.parser is not None:
        option.parser = _once(option.parser)
    default = None if each.default is MISSING else each.default
    if is_repeatable(annotation):  # Typer takes a tuple for a fixed number of values
        annotation, default = list[get_args(annotation)[0]] | None, None  # type: ignore[misc]
    return inspect.Parameter(
        each.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[annotation, option],
    )


def _once(parser: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a parser that leaves a default alone, which Typer gives it as well."""

    def parse(value: Any) -> Any:  # noqa: ANN401 -- text, or what the parser makes of it
        return parser(value) if isinstance(value, str) else value

    return parse


def _taken(value: Any, each: Field[Any]) -> Any:  # noqa: ANN401 -- whatever the option is
    if isinstance(value, list):
        return tuple(value)
    return each.default if value is None else value
