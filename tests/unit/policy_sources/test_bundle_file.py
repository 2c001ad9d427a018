"""Bundles that OPA builds are read, and hostile archives are refused."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from lakewarden.engines.install.binary import find_opa
from lakewarden.model.errors import ConfigurationError
from lakewarden.policy_sources import bundle_file
from lakewarden.policy_sources.bundle_file import read_bundle
from lakewarden.policy_sources.content import content_digest, read_folder
from lakewarden.resources import shipped_policies
from tests.support.policy_packs import POLICY, SCHEMA, archive, pack, rego, write

_REGO = rego().encode()
_LIB = "lakewarden/lib/size/size.rego"


@pytest.mark.opa
@pytest.mark.parametrize("root", ["team", "lakewarden"])
def test_what_opa_builds_has_the_policies_of_its_folder(tmp_path: Path, root: str) -> None:
    folder = write(tmp_path / root, pack())
    opa = find_opa()
    assert opa is not None
    subprocess.run(
        [opa.path, "build", "-b", root, "-o", "b.tar.gz"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    files, notes = read_bundle(tmp_path / "b.tar.gz")
    assert not notes
    assert files[POLICY] == _REGO
    assert content_digest(files) == content_digest(read_folder(folder))


def test_a_plain_archive_keeps_the_schema_of_settings(tmp_path: Path) -> None:
    members = [(f"./packs/{SCHEMA}", b"{}"), (f"./packs/{POLICY}", _REGO)]
    assert read_bundle(archive(tmp_path / "b.tgz", members))[0] == {SCHEMA: b"{}", POLICY: _REGO}


def test_what_comes_with_lakewarden_is_left_out_and_a_note_tells_what_differs(
    tmp_path: Path,
) -> None:
    ours = (shipped_policies() / _LIB).read_bytes()
    own = [(f"/x/{POLICY}", _REGO), ("/x/lakewarden/main/main.rego", b"package lakewarden.main\n")]
    files, notes = read_bundle(archive(tmp_path / "a.tar.gz", [*own, (f"/x/{_LIB}", ours)]))
    assert list(files) == [POLICY]
    assert "1 file of its own" in notes[0]
    files, notes = read_bundle(archive(tmp_path / "b.tar.gz", [*own[:1], (f"/x/{_LIB}", ours)]))
    assert (list(files), notes) == ([POLICY], ())


def _info(name: str, **fields: str | bytes) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(about, field, value)
    return about


@pytest.mark.parametrize(
    ("member", "what"),
    [
        (_info("../../etc/cron.d/x.rego"), "leads out of it"),
        (_info("a/../../x"), "leads out of it"),
        (_info("a\\b.rego"), "leads out of it"),
        (_info("a\x1b[2J.rego"), "leads out of it"),
        (_info("x.rego", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "a link or a device"),
        (_info("x.rego", type=tarfile.LNKTYPE, linkname=POLICY), "a link or a device"),
        (_info("x.rego", type=tarfile.FIFOTYPE), "a link or a device"),
        (_info("x.rego", type=tarfile.CHRTYPE), "a link or a device"),
        (_info(POLICY.upper()), "twice"),
        (_info(f"other/{POLICY}"), "twice, from two folders"),
    ],
)
def test_an_archive_that_reaches_out_of_its_folder_is_refused(
    tmp_path: Path, member: tarfile.TarInfo, what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what) as caught:
        read_bundle(archive(tmp_path / "b.tar.gz", [(POLICY, _REGO), (member, _REGO)]))
    assert list(tmp_path.iterdir()) == [tmp_path / "b.tar.gz"]
    assert "\x1b" not in caught.value.what


def test_a_bomb_is_not_unpacked_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_file, "_MOST_UNPACKED", 1 << 20)
    bomb = archive(tmp_path / "b.tar.gz", [("big.bin", bytes(2 << 20)), (POLICY, _REGO)])
    assert bomb.stat().st_size < 20_000
    with pytest.raises(ConfigurationError, match="unpacks to more than"):
        read_bundle(bomb)
    many = archive(tmp_path / "m.tar.gz", ((f"{n}.txt", b"") for n in range(10)))
    monkeypatch.setattr(bundle_file, "MOST_FILES", 9)
    monkeypatch.setattr("lakewarden.policy_sources.content.MOST_FILES", 9)
    with pytest.raises(ConfigurationError, match="holds more than 9 files"):
        read_bundle(many)


@pytest.mark.parametrize(
    ("members", "what"),
    [
        ([("data.json", b'{"limit": 3}')], "has data in data.json"),
        ([("lakewarden/data.yaml", b"a: 1")], "has data in lakewarden/data.yaml"),
        ([("data.json", b"{")], "isn't valid JSON"),
        ([(".manifest", json.dumps({"rego_version": 0}).encode())], "Rego v0"),
        ([(".manifest", b"[]")], "isn't an object"),
    ],
)
def test_what_no_run_could_follow_is_refused(
    tmp_path: Path, members: list[tuple[str, bytes]], what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what):
        read_bundle(archive(tmp_path / "b.tar.gz", [(POLICY, _REGO), *members]))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        read_bundle(path)


def test_a_damaged_archive_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = archive(tmp_path / "b.tar.gz", [(POLICY, _REGO)]).read_bytes()
    for end in range(0, len(whole) - 8, 7):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:end])
        with pytest.raises(ConfigurationError):
            read_bundle(tmp_path / "cut.tar.gz")


def test_a_bundle_without_rego_says_what_it_holds_instead(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no policies of yours, but policy\.wasm"):
        read_bundle(archive(tmp_path / "b.tar.gz", [("policy.wasm", b"\0asm")]))
