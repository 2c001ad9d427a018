"""Fetches the two Delta jars that Spark needs: `python -m tests.integration.spark.jars`.

They come from Maven Central over HTTPS, or from the mirror that `MAVEN_CENTRAL_URL` names, and are
held against the SHA-256 pinned here. What already exists is not fetched again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from lakewarden.engines.install.download import trusted_authorities

MAVEN_CENTRAL: Final = "https://repo1.maven.org/maven2"
FOLDER: Final = Path(__file__).parents[3] / ".tools" / "jars"

_TIMEOUT: Final = (10, 60)
"""Seconds to connect, and between two pieces of the answer."""


class JarError(Exception):
    """A jar could not be had, or is not the one that is pinned."""


@dataclass(frozen=True)
class Jar:
    """One artifact of Maven group `io.delta` and the SHA-256 of its jar."""

    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name in the repository and on disk."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """The path below the repository's root."""
        return f"io/delta/{self.artifact}/{self.version}/{self.file_name}"


JARS: Final = (
    Jar(
        "delta-spark_4.2_2.13",
        "4.4.0",
        "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    ),
    Jar(
        "delta-storage",
        "4.4.0",
        "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
    ),
)


def jar_files(
    folder: Path = FOLDER,
    jars: tuple[Jar, ...] = JARS,
    environment: Mapping[str, str] = os.environ,
) -> list[Path]:
    """Return the jars' paths in `folder`, fetching those that are not there.

    Raises `JarError` where one cannot be fetched or has another checksum; nothing of it is kept.
    """
    base = environment.get("MAVEN_CENTRAL_URL") or MAVEN_CENTRAL
    return [_provide(jar, folder, base.rstrip("/")) for jar in jars]


def _provide(jar: Jar, folder: Path, base: str) -> Path:
    target = folder / jar.file_name
    if target.is_file() and _sha256(target) == jar.sha256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{jar.file_name}.")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _download(f"{base}/{jar.path}", file.write)
        if (found := _sha256(partial)) != jar.sha256:
            raise JarError(f"{base}/{jar.path}: its SHA-256 is {found}, pinned is {jar.sha256}")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _download(url: str, write: Callable[[bytes], object]) -> None:
    try:
        with requests.get(
            url, stream=True, timeout=_TIMEOUT, verify=trusted_authorities()
        ) as answer:
            answer.raise_for_status()
            for piece in answer.iter_content(1 << 16):
                write(piece)
    except requests.RequestException as error:
        raise JarError(
            f"{url}: {error}\nName a reachable mirror of Maven Central in MAVEN_CENTRAL_URL."
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """Fetch the jars and print where they lie, one a line."""
    try:
        files = jar_files()
    except JarError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{file}\n" for file in files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
