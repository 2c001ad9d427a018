"""Signs an evidence pack: a small in-toto statement of its digests and counts, by Ed25519.

The statement stands beside the pack, in a DSSE envelope as other tools for attestations read it.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from lakewarden.model.errors import ConfigurationError
from lakewarden.packs.manifest import Counts, Manifest, PackedEngine
from lakewarden.packs.writer import file_digest
from lakewarden_collector.decoding import decoder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SUFFIX: Final = ".intoto.json"
"""Follows the pack's name in the name of its signature."""

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:lakewarden:evidence-pack:v1"

_KEYS: Final = "openssl genpkey -algorithm ed25519 -out key.pem"


class _Digest(Struct, frozen=True):
    sha256: str


class _Subject(Struct, frozen=True):
    name: str
    digest: _Digest


class _Predicate(Struct, frozen=True, kw_only=True):
    """What the manifest says, without the list of files: the subject's digest covers that."""

    clock: str
    engine: PackedEngine
    digests: dict[str, str]
    counts: Counts
    exit_code: int


class _Statement(Struct, frozen=True, rename={"type": "_type", "predicate_type": "predicateType"}):
    subject: tuple[_Subject, ...]
    predicate: _Predicate
    type: Literal["https://in-toto.io/Statement/v1"] = STATEMENT_TYPE
    predicate_type: Literal["urn:lakewarden:evidence-pack:v1"] = PREDICATE_TYPE


class _Signature(Struct, frozen=True):
    sig: str
    keyid: str = ""


class _Envelope(Struct, frozen=True, rename={"payload_type": "payloadType"}):
    payload: str
    signatures: Annotated[tuple[_Signature, ...], Meta(min_length=1)]
    payload_type: Literal["application/vnd.in-toto+json"] = PAYLOAD_TYPE


_decode_envelope: Final = decoder(_Envelope).decode
_decode_statement: Final = decoder(_Statement).decode


def signature_path(pack: Path) -> Path:
    """Return where the signature of a pack stands."""
    return pack.with_name(pack.name + SUFFIX)


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key (PEM, without a password). Raises `ConfigurationError`."""
    ed25519, serialization = _library("--sign-key")
    found = _key(path, lambda data: serialization.load_pem_private_key(data, password=None))
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        raise _no_key(path, "it isn't an Ed25519 private key")
    key: Ed25519PrivateKey = found
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key (PEM). Raises `ConfigurationError`."""
    ed25519, serialization = _library("--public-key")
    found = _key(path, serialization.load_pem_public_key)
    if not isinstance(found, ed25519.Ed25519PublicKey):
        raise _no_key(path, "it isn't an Ed25519 public key")
    key: Ed25519PublicKey = found
    return key


def sign(pack: Path, manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """Return the signature of a finished pack, as a file's bytes; the same each time."""
    statement = _statement(pack, manifest)
    payload = msgspec.json.encode(statement, order="deterministic")
    envelope = _Envelope(
        payload=base64.b64encode(payload).decode(),
        signatures=(_Signature(sig=base64.b64encode(key.sign(_signed(payload))).decode()),),
    )
    return msgspec.json.encode(envelope, order="deterministic") + b"\n"


def check_signature(pack: Path, manifest: Manifest, data: bytes, key: Ed25519PublicKey) -> str:
    """Return what is wrong with a pack's signature; empty if nothing is."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- an extra

    try:
        envelope = _decode_envelope(data)
        payload = base64.b64decode(envelope.payload, validate=True)
        signatures = [base64.b64decode(each.sig, validate=True) for each in envelope.signatures]
    except (msgspec.MsgspecError, binascii.Error, UnicodeDecodeError, RecursionError) as error:
        return f"it isn't a signature: {error}"
    if not any(_holds(key, each, payload, InvalidSignature) for each in signatures):
        return "another key signed this, or something else was signed"
    try:
        statement = _decode_statement(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return f"what was signed isn't about an evidence pack: {error}"
    expected = _statement(pack, manifest)
    if statement.subject[:1] == () or statement.subject[0].digest != expected.subject[0].digest:
        return "what was signed is another pack"
    if statement.predicate != expected.predicate:
        return "what was signed has other digests or counts"
    return ""


def _holds(
    key: Ed25519PublicKey, signature: bytes, payload: bytes, refused: type[Exception]
) -> bool:
    try:
        key.verify(signature, _signed(payload))
    except refused:
        return False
    return True


def _statement(pack: Path, manifest: Manifest) -> _Statement:
    digest = file_digest(pack).removeprefix("sha256:")
    return _Statement(
        subject=(_Subject(pack.name, _Digest(digest)),),
        predicate=_Predicate(
            clock=manifest.clock,
            engine=manifest.engine,
            digests=msgspec.structs.asdict(manifest.digests),
            counts=manifest.counts,
            exit_code=manifest.gate.exit_code,
        ),
    )


def _signed(payload: bytes) -> bytes:
    """Return the bytes that DSSE signs: the type and the payload, each after its length."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _library(option: str) -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise ConfigurationError(
            "needs the package cryptography, which isn't installed",
            where=option,
            remedy="Install it with: pip install 'lakewarden[sign]'",
        ) from error
    return ed25519, serialization


def _key(path: Path, load: Any) -> Any:  # noqa: ANN401 -- the library's
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise _no_key(path, error.strerror or str(error)) from error
    except (ValueError, TypeError) as error:
        raise _no_key(path, str(error).partition(".")[0]) from error


def _no_key(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"can't be used as a key: {why}",
        where=str(path),
        remedy=f"Name an Ed25519 key in PEM, without a password; `{_KEYS}` makes one.",
    )
