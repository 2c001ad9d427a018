"""The project file: what a team would otherwise type each time.

It is `lakewarden.toml`, or the table `[tool.lakewarden]` of `pyproject.toml`; the nearest one
upwards from the working directory counts. A key is an option's name without its dashes. Paths are
relative to the file, and the command line wins over it.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from msgspec import Struct, field

from lakewarden.commands.expand import is_repeatable, option_name, options_of
from lakewarden.commands.terminal import notes
from lakewarden.engines.choice import EngineOptions
from lakewarden.model.errors import ConfigurationError
from lakewarden.options.policies import PolicyOptions
from lakewarden.options.reports import (
    GateOptions,
    ReportOptions,
    ReportTarget,
    history_folder,
    parse_target,
)
from lakewarden.options.tables import TableOptions
from lakewarden.options.workspace import WorkspaceOptions
from lakewarden.origin import Origin
from lakewarden.policy_sources.source import is_path

FILE: Final = "lakewarden.toml"
SHARED_FILE: Final = "pyproject.toml"
_TABLE: Final = "tool.lakewarden"
_GROUPS: Final = (
    TableOptions,
    PolicyOptions,
    ReportOptions,
    GateOptions,
    WorkspaceOptions,
    EngineOptions,
)
_ONCE: Final = frozenset({"resume"})
"""Options that are about a single run."""

_POSITION: Final = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$")
_AT_THE_END: Final = " (at end of document)"
_KEY: Final = re.compile(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')\s*=")
_HEADER: Final = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")


class Option(Struct, frozen=True, kw_only=True):
    """An option that a project file can set: its field in a group, and the field's type."""

    field: str
    annotation: Any

    @property
    def is_flag(self) -> bool:
        """Whether it takes true or false."""
        return self.annotation is bool

    @property
    def is_number(self) -> bool:
        """Whether a number may be written for its text."""
        return bool({int, float} & set(get_args(self.annotation)))

    @property
    def expected(self) -> str:
        """What its value has to be, for a message."""
        if self.is_flag:
            return "true or false"
        if is_repeatable(self.annotation):
            return "text or a list of texts"
        return "a number or text" if self.is_number else "text"

    def taken(self, value: object, folder: Path) -> Any:  # noqa: ANN401 -- what Typer takes
        """Return the value as Typer takes it; raises `TypeError` for one of a wrong type."""
        if self.is_flag:
            if not isinstance(value, bool):
                raise TypeError
            return value
        if is_repeatable(self.annotation):
            values = value if isinstance(value, list) else [value]
            return [self._text(each, folder) for each in values]
        return self._text(value, folder)

    def _text(self, value: object, folder: Path) -> str:
        if self.is_number and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise TypeError
        kinds = get_args(self.annotation)
        if self.field == "baseline_from":
            return _accepted(folder, value)
        if Path in kinds or self.field in {"beside", "history", "inventory", "policy_sources"}:
            stays = {
                "beside": value.partition(":")[0] == "databricks",
                "history": not history_folder(value),
                "policy_sources": not is_path(value),
            }
            is_elsewhere = value == "-" or stays.get(self.field, False)
            return value if is_elsewhere else _beside(folder, value)
        if Origin in kinds:
            source_kind, colon, location = value.partition(":")
            here = location and "://" not in location
            return f"{source_kind}{colon}{_beside(folder, location)}" if here else value
        if ReportTarget in kinds:
            target = parse_target(value)
            kind, colon, file = target.format.partition(":")
            chosen = f"{kind}:{_beside(folder, file)}" if colon else kind
            path = "-" if target.path is None else _beside(folder, str(target.path))
            return f"{chosen}={path}"
        return value


def _accepted(folder: Path, value: str) -> str:
    """Return what a baseline comes from: of a report or an inventory the path from here."""
    word, colon, path = value.partition(":")
    if colon and word in {"report", "inventory"}:
        return f"{word}:{_beside(folder, path)}"
    path = _beside(folder, value)
    return path if value and Path(path).is_file() else value


def _beside(folder: Path, path: str) -> str:
    """Return a path of the file as one from here, as short as it can be written."""
    own = Path(path).expanduser()
    return str(own if folder == Path.cwd() else folder / own)


def options() -> dict[str, Option]:
    """Return what a project file can set, by key."""
    return {
        option_name(each.name, note).removeprefix("--"): Option(
            field=each.name, annotation=annotation
        )
        for group in _GROUPS
        for each, note, annotation in options_of(group)
        if each.name not in _ONCE
    }


class ProjectFile(Struct, frozen=True, kw_only=True):
    """A project file, read and checked but for what only a command can check."""

    path: Path
    values: Mapping[str, Any]
    """By the field of the option, as Typer takes it."""
    lines: Mapping[str, int]

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        return self.path.parent

    @property
    def here(self) -> Path:
        """Its folder, as short as it can be named from here."""
        return Path() if self.folder == Path.cwd() else self.folder

    @property
    def name(self) -> str:
        """The file as short as it can be named from here."""
        return self.path.name if self.folder == Path.cwd() else str(self.path)

    def where(self, field: str) -> str:
        """Return the file and the line of an option's key."""
        return f"{self.name}:{self.lines[field]}"


class Run(Struct, frozen=True, kw_only=True):
    """A command that runs: its project file, and where its options' values come from."""

    project: ProjectFile | None = None
    origins: Mapping[str, str] = {}
    """By the field of the option."""
    stack: ExitStack = field(default_factory=ExitStack)
    """What is open until the command ends."""

    @property
    def folder(self) -> Path:
        """The folder in which `config` and `policies` are looked for."""
        return self.project.here if self.project else Path()


CURRENT: Final[ContextVar[Run | None]] = ContextVar("command", default=None)


def current() -> Run:
    """Return the command that runs."""
    return CURRENT.get() or Run()


def find_project_file(start: Path) -> ProjectFile | None:
    """Read the nearest project file upwards from a folder.

    A folder that all users share, such as `/tmp`, ends the search: what lies there need not be the
    team's.
    Raises `ConfigurationError` with file and line for a file that can't be followed.
    """
    for folder in (start, *start.parents):
        if folder != start and _is_shared(folder):
            if (folder / FILE).is_file():
                notes().print(f"Not using {folder / FILE}: any user may have put it there")
            return None
        for file in (folder / FILE, folder / SHARED_FILE):
            if file.is_file() and (found := _read(file)) is not None:
                return found
    return None


def _is_shared(folder: Path) -> bool:
    """Whether anybody may add files to a folder, and change only their own: the sticky bit."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return True
    return bool(mode & stat.S_IWOTH and mode & stat.S_ISVTX)


def _read(file: Path) -> ProjectFile | None:
    shared = file.name == SHARED_FILE
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        if shared:
            return None
        raise ConfigurationError(
            f"can't be read: {error}", where=str(file), remedy="TOML is UTF-8 text."
        ) from error
    if shared and "lakewarden" not in text:
        return None
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, text, error) from error
    if shared:
        table = table.get("tool", {})
        table = table.get("lakewarden") if isinstance(table, dict) else None
        if table is None:
            return None
    return _checked(file, text, table, _TABLE if shared else "")


def _checked(file: Path, text: str, table: object, name: str) -> ProjectFile:
    if not isinstance(table, dict):
        raise ConfigurationError("isn't a table", where=f"{file}: {name}", remedy=_KEYS)
    known = options()
    values, lines = {}, {}
    for written, value in table.items():
        place = f"{_named(file)}:{line_of(text, written, name)}"
        option = known.get(written.replace("_", "-"))
        if option is None:
            raise _unknown(written, value, known, place)
        if option.field in values:
            raise ConfigurationError(f"`{written}` appears twice", where=place, remedy=_KEYS)
        try:
            values[option.field] = option.taken(value, file.parent)
        except TypeError:
            raise ConfigurationError(
                f"`{written}` has to be {option.expected}, not {_shown(value)}",
                where=place,
                remedy=f"See --{written.replace('_', '-')} in `lakewarden evaluate --help`.",
            ) from None
        except ConfigurationError as error:
            raise ConfigurationError(error.what, where=place, remedy=error.remedy) from error
        lines[option.field] = line_of(text, written, name)
    return ProjectFile(path=file, values=values, lines=lines)


_KEYS: Final = (
    "A key is the name of an option of `lakewarden evaluate`, without its dashes: "
    'source = "demo", policy-source = ["policies"].'
)


def _unknown(
    written: str, value: object, known: Mapping[str, Option], place: str
) -> ConfigurationError:
    near = get_close_matches(written.replace("_", "-"), known, n=1)
    meant = f"Did you mean `{near[0]}`? " if near else ""
    what = "isn't a table that is known" if isinstance(value, dict) else "isn't an option"
    return ConfigurationError(f"`{written}` {what}", where=place, remedy=f"{meant}{_KEYS}")


def _named(file: Path) -> str:
    return file.name if file.parent == Path.cwd() else str(file)


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"{value!r}"
        case list():
            return "a list" if all(isinstance(each, str) for each in value) else "such a list"
        case dict():
            return "a table"
        case _:
            return str(value)


def _not_toml(file: Path, text: str, error: tomllib.TOMLDecodeError) -> ConfigurationError:
    found = _POSITION.match(str(error))
    place, what = _named(file), str(error)
    if found:
        place, what = f"{place}:{found['line']}:{found['column']}", found["what"]
    elif what.endswith(_AT_THE_END):
        place, what = f"{place}:{text.count(chr(10)) + 1}", what.removesuffix(_AT_THE_END)
    return ConfigurationError(
        f"isn't valid TOML: {what}", where=place, remedy='Text stands between quotes: key = "text"'
    )


def line_of(text: str, key: str, table: str) -> int:
    """Return the line, from 1, on which a key of a table stands, or else the table's head."""
    lines = text.splitlines(keepends=True)
    inside, head, found = "", 1, list[int]()
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            inside = ".".join(part.strip().strip("\"'") for part in header[1].split("."))
            if inside == (f"{table}.{key}" if table else key):
                return number
            head = number if inside == table else head
        elif (word := _KEY.match(line)) and inside == table and word[1].strip("\"'") == key:
            found.append(number)
    # What looks like a key may stand in a list, or in a text of several lines.
    sound = (n for n in found if len(found) == 1 or _is_whole("".join(lines[: n - 1])))
    return next(sound, head)


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
