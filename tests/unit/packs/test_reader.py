"""A pack that somebody built to do harm, or that another tool wrote."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.model.report import Digests, Gate
from lakewarden.packs.manifest import (
    MANIFEST,
    PACK_VERSION,
    Arguments,
    Counts,
    Manifest,
    PackedEngine,
    PackedFile,
)
from lakewarden.packs.reader import Pack, verify
from lakewarden.packs.writer import PackWriter

_EMPTY = Manifest(
    pack_version=PACK_VERSION,
    tool_version="0",
    engine=PackedEngine(name="opa", version="1"),
    clock="2026-03-31T06:00:00Z",
    source="demo",
    scope="demo",
    arguments=Arguments(),
    digests=Digests(policies="", settings="", waivers="", inventory=""),
    counts=Counts(documents=0, failures=0),
    gate=Gate(exit_code=0),
)


def written(folder: Path, *paths: str) -> Path:
    """Return a sealed pack with a file of one byte at each of these paths."""
    pack = folder / "pack.zip"
    with PackWriter(pack) as writer:
        for path in paths:
            with writer.member(path) as member:
                member.write(b"x")
        writer.seal(_EMPTY)
    return pack


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "policies/../../outside",
        "/etc/outside",
        "config/.hidden",
        "policies\\outside",
        "other.txt",
        "policies/",
        "decisions.ndjson/more",
    ],
)
def test_no_file_is_written_outside_of_its_folders(tmp_path: Path, path: str) -> None:
    pack, folder = written(tmp_path, "policies/a.rego", path), tmp_path / "unpacked"
    with Pack(pack) as opened, pytest.raises(ConfigurationError, match="isn't a path that a pack"):
        opened.unpack_rules(folder)
    faults = verify(pack, folder)[1]
    assert [each.what for each in faults] == ["this isn't a path that a pack can have"]
    assert not (tmp_path / "outside").exists()


def test_files_too_many_missing_or_twice_are_named(tmp_path: Path) -> None:
    pack = written(tmp_path, "policies/a.rego", "policies/b.rego")
    with zipfile.ZipFile(pack) as files:
        contents = {each: files.read(each) for each in files.namelist()}
    del contents["policies/b.rego"]
    with zipfile.ZipFile(pack, "w") as files:
        for name, data in (contents | {"config/more.yaml": b""}).items():
            files.writestr(name, data)
        with pytest.warns(UserWarning, match="Duplicate name"):
            files.writestr("policies/a.rego", b"y")
    found = {(each.where, each.what) for each in verify(pack, tmp_path / "unpacked")[1]}
    assert {
        ("policies/a.rego", "the pack has this file twice"),
        ("policies/b.rego", "the file is missing"),
        ("config/more.yaml", "the manifest doesn't know this file"),
        ("policies/a.rego", "its digest isn't the manifest's"),
    } < found


def test_a_file_that_is_longer_than_it_says_is_not_read_to_its_end(tmp_path: Path) -> None:
    pack = written(tmp_path, "policies/a.rego")
    with zipfile.ZipFile(pack) as files:
        manifest = files.read(MANIFEST)
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("policies/a.rego", bytes(10 << 20))
        files.writestr(MANIFEST, manifest)
    whats = [each.what for each in verify(pack, tmp_path / "unpacked")[1]]
    assert "it doesn't have 1 byte, as the manifest says" in whats


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (b"{}", "pack_version"),
        (b"[" * 100_000, "manifest.json"),
        (b'{"pack_version": 2}', "it has version 2; this Lakewarden reads 1"),
        (b'{"pack_version": 1}', "missing required field"),
        (msgspec.json.encode(_EMPTY)[:-1] + b',"more":1}', "unknown field `more`"),
    ],
)
def test_another_manifest_is_refused_with_its_fault(
    tmp_path: Path, manifest: bytes, why: str
) -> None:
    pack = tmp_path / "pack.zip"
    with zipfile.ZipFile(pack, "w") as files:
        files.writestr(MANIFEST, manifest)
    with pytest.raises(ConfigurationError, match="isn't an evidence pack") as caught:
        Pack(pack)
    assert why in str(caught.value)


def test_the_list_of_files_is_in_order(tmp_path: Path) -> None:
    with Pack(written(tmp_path, "policies/b.rego", "policies/a.rego")) as opened:
        assert [each.path for each in opened.manifest.files] == [
            "policies/a.rego",
            "policies/b.rego",
        ]
        assert opened.manifest.files[0] == PackedFile(
            path="policies/a.rego",
            bytes=1,
            sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        )
