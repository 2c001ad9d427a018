"""Which files a source gives, and what their digest is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_sources.content import (
    MOST_BYTES,
    check_amount,
    content_digest,
    is_sound,
    is_wanted,
    read_folder,
    write_folder,
)
from tests.support.policy_packs import POLICY, SCHEMA, pack, write


@pytest.mark.parametrize(
    "path", ["lakewarden/lib/settings.schema.json", "lakewarden/.hidden/a.rego", "README.md"]
)
def test_rego_and_the_schemas_of_settings_alone_are_wanted(path: str) -> None:
    assert is_wanted(POLICY)
    assert is_wanted(SCHEMA)
    assert not is_wanted(path)


@pytest.mark.parametrize(
    "path", ["../a", "a/../b", "/a", "a//b", "", "a\\b", "a\nb", "a/./b", f"{'x' * 256}/a"]
)
def test_a_path_that_leaves_its_folder_is_found(path: str) -> None:
    assert not is_sound(path)


def test_the_digest_is_of_what_decides(tmp_path: Path) -> None:
    files = read_folder(write(tmp_path, pack()))
    digest = content_digest(files)
    test = next(path for path in files if path.endswith("_test.rego"))
    assert content_digest(files | {test: b"other"}) == digest
    assert content_digest(dict(reversed(files.items()))) == digest
    assert content_digest(files | {POLICY: b"other"}) != digest
    assert content_digest(files | {SCHEMA: b"{}"}) != digest
    assert content_digest({f"x{path}": text for path, text in files.items()}) != digest


def test_what_is_written_is_what_was_read(tmp_path: Path) -> None:
    files = read_folder(write(tmp_path / "here", pack()))
    write_folder(files, tmp_path / "there")
    assert read_folder(tmp_path / "there") == files


def test_more_than_policies_can_be_is_refused() -> None:
    check_amount(10_000, MOST_BYTES, "x")
    for files, total in ((10_001, 0), (1, MOST_BYTES + 1)):
        with pytest.raises(ConfigurationError, match="holds more than"):
            check_amount(files, total, "x")
