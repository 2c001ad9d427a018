"""The Delta jars: fetched once, checked, and never half there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from tests.integration.spark.jars import Jar, JarError, jar_files
from tests.support.loopback import served

_CONTENT = b"jar" * 50_000
_JAR = Jar("tool", "1.0", hashlib.sha256(_CONTENT).hexdigest())


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve a Maven repository with one jar, as the environment that points to it."""
    root = tmp_path / "repository"
    (root / _JAR.path).parent.mkdir(parents=True)
    (root / _JAR.path).write_bytes(_CONTENT)
    handler = partial(SimpleHTTPRequestHandler, directory=str(root))
    with served(handler) as url:
        yield {"MAVEN_CENTRAL_URL": f"{url}/"}


def test_fetched_jar_is_used_again_without_network(
    repository: dict[str, str], tmp_path: Path
) -> None:
    (file,) = jar_files(tmp_path / "jars", (_JAR,), repository)
    assert file.read_bytes() == _CONTENT

    nowhere = {"MAVEN_CENTRAL_URL": "http://127.0.0.1:1"}
    assert jar_files(tmp_path / "jars", (_JAR,), nowhere) == [file]


def test_other_content_is_refused_and_not_kept(repository: dict[str, str], tmp_path: Path) -> None:
    wrong = Jar("tool", "1.0", "0" * 64)
    with pytest.raises(JarError, match="SHA-256"):
        jar_files(tmp_path / "jars", (wrong,), repository)
    assert not list((tmp_path / "jars").iterdir())


def test_damaged_jar_is_fetched_again(repository: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / _JAR.file_name).write_bytes(b"half")
    (file,) = jar_files(tmp_path / "jars", (_JAR,), repository)
    assert file.read_bytes() == _CONTENT


def test_unreachable_repository_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(JarError, match="MAVEN_CENTRAL_URL"):
        jar_files(tmp_path / "jars", (_JAR,), {"MAVEN_CENTRAL_URL": "http://127.0.0.1:1"})
    assert not list((tmp_path / "jars").iterdir())
