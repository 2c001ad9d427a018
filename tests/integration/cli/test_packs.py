"""An evidence pack from the run to the auditor: written, checked, decided again."""

from __future__ import annotations

import base64
import json
import random
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from deltalake import DeltaTable

from lakewarden.packs.manifest import DECISIONS, INVENTORY, MANIFEST, Manifest
from lakewarden.packs.reader import verify
from lakewarden.packs.writer import PackWriter
from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

pytestmark = pytest.mark.opa

CLOCK: Final = "2026-03-31T06:00:00Z"
WAIVERS: Final = """\
waivers:
  - {policy: clustering.strategy_required, table: main.sales.waived, reason: Moving, owner: sales,
     approved_by: ada, expires: 2026-12-31}
"""


def inventory(folder: Path, *more: dict[str, Any]) -> Path:
    """Write an inventory in which something passes, fails, is waived and isn't known."""
    large = {"size": {"bytes": 5 << 30, "origin": "describe_detail", "exact": True}}
    path = folder / "inventory.ndjson"
    write_lines(
        path,
        document("broken", **large),
        document("good", **large, **CLUSTERED),
        document("waived", **large),
        document("unsized", size={}),
        *more,
    )
    return path


def packed(folder: Path, *options: str, code: int = 1) -> Path:
    """Evaluate the inventory under settings of a team; return the pack."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/waivers.yaml").write_text(WAIVERS)
    (folder / "config/clustering_config.yaml").write_text("size_threshold_bytes: 2147483648\n")
    arguments = ("--inventory", "inventory.ndjson", "--pack", "pack.zip", "--now", CLOCK)
    ended = lakewarden("evaluate", *arguments, *options, cwd=folder)
    assert ended.returncode == code, ended.stderr
    return folder / "pack.zip"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the pack of one run, which nobody changes."""
    folder = tmp_path_factory.mktemp("made")
    inventory(folder)
    return packed(folder, "--table", "main.*", "--allow", "unknown")


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copy(made, tmp_path))


def decided(pack: Path) -> dict[str, str]:
    """Return the outcome of each table under the policy that demands a strategy."""
    with zipfile.ZipFile(pack) as files:
        tables = [json.loads(line) for line in files.read(DECISIONS).splitlines()]
    return {
        each["name"]: each["decisions"]["clustering.strategy_required"]["outcome"]
        for each in tables
    }


@pytest.mark.parametrize("engine", ["opa", pytest.param("embedded", marks=pytest.mark.nightly)])
def test_a_pack_is_decided_again_years_later_in_another_place(
    made: Path, tmp_path: Path, engine: str
) -> None:
    """With the policies, settings and waivers in it, whatever stands where it is read."""
    assert decided(made) == {
        "broken": "fail",
        "good": "pass",
        "waived": "exempt",
        "unsized": "unknown",
    }
    (tmp_path / "config").mkdir()
    (tmp_path / "config/clustering_config.yaml").write_text("exempt_small_tables: false\n")
    (tmp_path / "lakewarden.toml").write_text('policy = "documentation.*"\n')
    ended = lakewarden("replay", made, "--engine", engine, "-o", "r.json", cwd=tmp_path)
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["run"]["scope"] == f"{made}: inventory.ndjson"
    assert report["run"]["clock"] == CLOCK
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "All 60 decisions about 4 tables, as of 2026-03-31T06:00:00Z" in ended.stdout
    ended = lakewarden("verify", made, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "is as it was written: 60 decisions about 4 tables" in ended.stdout


_TORN: Final = """\
# METADATA
# title: Torn
# description: It contradicts itself.
# custom: {severity: low, enforcement: advisory, remediation: None.}
package lakewarden.tables.extra.torn

pass contains x if x := _f(input.name)

_f(name) := 1 if name != ""

_f(name) := 2 if name != ""
"""


@pytest.mark.parametrize("engine", ["opa", "embedded"])
def test_an_error_of_a_policy_of_ones_own_comes_out_the_same(tmp_path: Path, engine: str) -> None:
    """It names file and line, and a replay has the policies in another folder."""
    file = tmp_path / "team/lakewarden/tables/extra/torn/torn.rego"
    file.parent.mkdir(parents=True)
    file.write_text(_TORN)
    inventory(tmp_path)
    pack = packed(tmp_path, "--policy-source", "team", "--engine", engine)
    replayed = lakewarden("replay", pack, "--engine", engine, cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stdout
    with zipfile.ZipFile(pack) as opened:
        assert b'"lakewarden/tables/extra/torn/torn.rego:' in opened.read(DECISIONS)


def test_the_same_run_writes_the_same_bytes(tmp_path: Path) -> None:
    inventory(tmp_path)
    first = packed(tmp_path).read_bytes()
    packed(tmp_path, "--history", "history", "--now", "2026-03-30T06:00:00Z")
    again = packed(tmp_path, "--history", "history", "--report", "r.html")
    assert again.read_bytes() == first, "what the history adds isn't evidence"


def test_an_incomplete_run_is_packed_as_it_was(tmp_path: Path) -> None:
    """What couldn't be read is in the pack, and the run that is decided again lacks it too."""
    path = inventory(tmp_path)
    path.write_text(path.read_text() + '{"full_name": "main.sales.cut"\n')
    pack = packed(tmp_path, "--no-gate", code=0)
    with zipfile.ZipFile(pack) as files:
        manifest = json.loads(files.read(MANIFEST))
        lines = files.read(INVENTORY).splitlines()
    assert manifest["counts"] == {
        "documents": 4,
        "failures": 1,
        "tables": 4,
        "decisions": manifest["counts"]["decisions"],
    }
    assert b'"failure"' in lines[-2], "the end line follows"
    assert lakewarden("verify", "pack.zip", cwd=tmp_path).returncode == 0
    assert lakewarden("replay", "pack.zip", cwd=tmp_path).returncode == 0


def test_one_changed_byte_anywhere_is_found(made: Path, tmp_path: Path) -> None:
    """The container's bytes too, which no digest of a file covers."""
    data = made.read_bytes()
    chosen = random.Random(7)  # noqa: S311 -- a repeatable sample
    ends = [*range(8), *range(len(data) - 100, len(data), 9)]
    changed, unpacked = tmp_path / "changed.zip", tmp_path / "unpacked"
    unpacked.mkdir()
    for place in [*ends, *(chosen.randrange(len(data)) for _ in range(40))]:
        found = bytearray(data)
        found[place] ^= 1 << chosen.randrange(8)
        changed.write_bytes(found)
        assert verify(changed, unpacked)[1], place
    for other in (data + b"\0", b"\0" + data, data[:-1], data[: len(data) // 2]):
        changed.write_bytes(other)
        assert verify(changed, unpacked)[1]
    ended = lakewarden("verify", "changed.zip", cwd=tmp_path)
    assert ended.returncode == 1
    assert "the seal is broken" in ended.stdout


def forged(pack: Path, name: str, old: bytes, new: bytes) -> None:
    """Change a file of a pack, and all digests of bytes with it."""
    with zipfile.ZipFile(pack) as files:
        contents = {each: files.read(each) for each in files.namelist()}
    assert old in contents[name]
    contents[name] = contents[name].replace(old, new, 1)
    manifest = msgspec.json.decode(contents.pop(MANIFEST), type=Manifest)
    with PackWriter(pack) as writer:
        for path, data in contents.items():
            with writer.member(path) as member:
                member.write(data)
        writer.seal(manifest)


def test_a_forged_decision_is_found_by_deciding_again(pack: Path, tmp_path: Path) -> None:
    """Where its counts are right too: only a signature or the policies can tell."""
    forged(pack, DECISIONS, b"partition", b"porcelain")
    assert lakewarden("verify", "pack.zip", cwd=tmp_path).returncode == 0
    ended = lakewarden("replay", "pack.zip", cwd=tmp_path)
    assert ended.returncode == 1, ended.stdout
    assert "of 4 tables came out differently by opa" in ended.stdout


def test_a_forged_gate_is_found_by_deciding_again(pack: Path, tmp_path: Path) -> None:
    """The decisions are right, and the gate says less than they do."""
    forged(pack, MANIFEST, b"1 mandatory decision failed", b"0 mandatory decisions failed")
    ended = lakewarden("replay", "pack.zip", cwd=tmp_path)
    assert ended.returncode == 1, ended.stdout
    assert "the gate of this run: Gate: failed (exit 1): 1 mandatory decision" in ended.stdout
    assert "All decisions came out the same" in ended.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "text"),
    [
        (DECISIONS, b'"outcome":"fail"', b'"outcome":"pass"', "the number of fail decisions is"),
        (INVENTORY, b"main.sales.good", b"main.sales.gone", "the digest of its documents is"),
        (
            "policies/lakewarden/lib/owner/owner.rego",
            b"package",
            b"# a word\npackage",
            "the digest of the policies is",
        ),
    ],
)
def test_what_was_changed_with_its_digest_is_found_by_its_sums(
    pack: Path, name: str, old: bytes, new: bytes, text: str
) -> None:
    forged(pack, name, old, new)
    ended = lakewarden("verify", "pack.zip", cwd=pack.parent)
    assert ended.returncode == 1
    assert text in ended.stdout


def test_other_settings_in_a_pack_are_told_from_those_of_the_run(
    pack: Path, tmp_path: Path
) -> None:
    forged(pack, "config/clustering_config.yaml", b"2147483648", b"9147483648")
    ended = lakewarden("replay", "pack.zip", cwd=tmp_path)
    assert ended.returncode == 1
    assert "the settings of this run aren't those of the pack" in ended.stdout
    assert "clustering.strategy_required fail -> exempt" in ended.stdout


def test_what_is_no_pack_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no pack")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "a")
    for name, text in (
        ("text.zip", "isn't an evidence pack: File is not a zip file"),
        ("missing.zip", "can't be read: No such file or directory"),
        ("other.zip", "isn't an evidence pack: it has no manifest.json"),
    ):
        for command in ("verify", "replay"):
            ended = lakewarden(command, name, cwd=tmp_path)
            assert ended.returncode == 2, ended.stdout + ended.stderr
            assert text in ended.stderr


def test_a_run_that_fails_leaves_no_pack(tmp_path: Path) -> None:
    inventory(tmp_path)
    packed(tmp_path, "--config", "nowhere", "--pack", "other.zip", code=2)
    packed(tmp_path, "--pack", "inventory.ndjson", code=2)
    assert not (tmp_path / "other.zip").exists()
    assert not list(tmp_path.glob(".*partial"))


def test_a_signature_tells_who_packed_and_that_nothing_was_forged(tmp_path: Path) -> None:
    inventory(tmp_path)
    for name in ("ours", "other"):
        key = Ed25519PrivateKey.generate()
        (tmp_path / f"{name}.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / f"{name}.pub.pem").write_bytes(public)
    pack = packed(tmp_path, "--sign-key", "ours.pem")
    signature = tmp_path / "pack.zip.intoto.json"
    envelope = json.loads(signature.read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["digest"]["sha256"] == sha256(pack.read_bytes()).hexdigest()
    assert statement["predicate"]["counts"]["tables"] == 4

    def verified(key: str) -> tuple[int, str]:
        ended = lakewarden("verify", "pack.zip", "--public-key", key, cwd=tmp_path)
        return ended.returncode, ended.stdout + ended.stderr

    assert verified("ours.pub.pem")[0] == 0
    assert "another key signed this" in verified("other.pub.pem")[1]
    assert verified("ours.pem")[0] == 2, "a private key isn't a public one"
    forged(pack, DECISIONS, b"partition", b"porcelain")
    code, text = verified("ours.pub.pem")
    assert (code, "what was signed is another pack" in text) == (1, True)
    signature.unlink()
    assert "the signature can't be read" in verified("ours.pub.pem")[1]
    packed(tmp_path, "--sign-key", "inventory.ndjson", code=2)


def test_a_history_keeps_packs_that_no_vacuum_removes(tmp_path: Path) -> None:
    inventory(tmp_path)
    kept = ("--history", "history", "--keep-packs")
    pack = packed(tmp_path, *kept, "--report", "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    beside = tmp_path / "history/_packs" / f"{report['history']['runs'][-1]['run_id']}.zip"
    assert beside.read_bytes() == pack.read_bytes()
    pack.unlink()
    without = ("evaluate", "--inventory", "inventory.ndjson", "--now", CLOCK, "--keep-packs")
    assert lakewarden(*without, "--history", "history", cwd=tmp_path).returncode == 1
    assert not pack.exists(), "nobody asked for one of its own"
    assert [each.name for each in beside.parent.iterdir()] == [beside.name]
    DeltaTable(tmp_path / "history").vacuum(
        0, dry_run=False, enforce_retention_duration=False, full=True
    )
    assert lakewarden("verify", beside, cwd=tmp_path).returncode == 0
    ended = lakewarden(*without, cwd=tmp_path)
    assert (ended.returncode, "keeps packs in a history" in ended.stderr) == (2, True)
