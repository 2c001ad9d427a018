"""How a policy source is written, and what it names: a folder, a git reference, a bundle."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from lakewarden.git.address import RemoteUrl, checked_ref, parse_url
from lakewarden.model.errors import ConfigurationError

OPTION: Final = "--policy-source"
GIT: Final = "git:"
REMOTE: Final = "git+"
_BUNDLES: Final = (".tar.gz", ".tgz")
_SUBDIRECTORY: Final = "subdirectory"
_REMOTE_FORM: Final = "Write git+https://HOST/PATH@REF, and #subdirectory=FOLDER behind it."


class PolicySource(Struct, frozen=True):
    """Where policies come from. Its text is what was written, without credentials."""

    @property
    def is_git(self) -> bool:
        """Whether a commit says what it holds."""
        return isinstance(self, GitSource | RemoteSource)


class FolderSource(PolicySource, frozen=True):
    """A folder that holds `lakewarden/tables/<domain>/<policy>/`."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


class BundleSource(PolicySource, frozen=True):
    """An archive of such a folder, as `opa build` or `tar` makes it."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


class GitSource(PolicySource, frozen=True):
    """A reference of the repository in which the command runs.

    `folder` is relative to the repository's root; empty for the root, or its folder `policies`.
    """

    ref: str
    folder: str = ""

    def __str__(self) -> str:
        return f"{GIT}{self.ref}{f':{self.folder}' if self.folder else ''}"


class RemoteSource(PolicySource, frozen=True):
    """A reference of a repository elsewhere; an empty one is that of its default branch."""

    url: RemoteUrl
    ref: str = ""
    folder: str = ""

    def __str__(self) -> str:
        ref = f"@{self.ref}" if self.ref else ""
        folder = f"#{_SUBDIRECTORY}={self.folder}" if self.folder else ""
        return f"{REMOTE}{self.url}{ref}{folder}"


def parse_policy_source(text: str) -> PolicySource:
    """Read a policy source; raises `ConfigurationError` for what can't be one.

    Folders and bundles have to be there; git is asked later, when the policies are wanted.
    """
    if text.startswith(GIT):
        ref, _, folder = text.removeprefix(GIT).partition(":")
        return GitSource(checked_ref(ref, OPTION), _inside(folder))
    if text.startswith(REMOTE):
        return _remote(text.removeprefix(REMOTE))
    if "://" in text:
        raise ConfigurationError(
            "an address is read by git alone, and has to begin with git+",
            where=OPTION,
            remedy=f"{_REMOTE_FORM} Download a bundle, and name the file.",
        )
    path = Path(text)
    if text.endswith(_BUNDLES) and not path.is_dir():
        if not path.is_file():
            raise ConfigurationError(
                f"there is no file {path}",
                where=OPTION,
                remedy="Name a bundle that `opa build` made.",
            )
        return BundleSource(path)
    if not has_policies(path):
        raise ConfigurationError(
            f"there are no policies in {path}",
            where=OPTION,
            remedy="Name a folder that holds lakewarden/tables/<domain>/<policy>/, a bundle "
            f"({' or '.join(_BUNDLES)}), git:REF or git+https://….",
        )
    return FolderSource(path)


def is_path(text: str) -> bool:
    """Whether what is written names a file or folder, which may be relative."""
    return not text.startswith((GIT, REMOTE))


def has_policies(folder: Path) -> bool:
    """Whether a folder has the shape of a bundle root."""
    return any(folder.glob("lakewarden/**/*.rego"))


def _remote(text: str) -> RemoteSource:
    address, _, fragment = text.partition("#")
    scheme, slashes, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    path, at, ref = path.rpartition("@") if "@" in path else (path, "", "")
    if at and not ref:
        raise ConfigurationError("there is no reference behind the @", where=OPTION)
    if ref:
        checked_ref(ref, OPTION)
    url = parse_url(f"{scheme}{slashes}{place}{slash}{path}", OPTION)
    if urlsplit(address).query:
        raise ConfigurationError("the address can't have a query", where=OPTION)
    options = parse_qsl(fragment, keep_blank_values=True)
    if [name for name, _ in options] not in ([], [_SUBDIRECTORY]) or bool(fragment) != bool(
        options
    ):
        raise ConfigurationError(
            f"only {_SUBDIRECTORY}=FOLDER can stand behind the #", where=OPTION, remedy=_REMOTE_FORM
        )
    return RemoteSource(url, ref, _inside(options[0][1] if options else ""))


def _inside(folder: str) -> str:
    """Return a folder below a repository's root, in its shortest form; empty for the root."""
    place = posixpath.normpath(folder.rstrip("/")) if folder else ""
    if place.startswith(("/", "..")) or not place.isprintable() or "\\" in place:
        raise ConfigurationError(
            f"{folder!r} isn't a folder below the repository's root",
            where=OPTION,
            remedy="Name it relative to the root, such as git:main:rules/policies.",
        )
    return "" if place == "." else place
