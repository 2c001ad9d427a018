"""The SDK's configuration, made from a profile and the environment, with its traps looked into.

Authentication is databricks-sdk's alone: nothing here takes or reads a secret to use it. Until a
host has answered once, nobody knows whether it is there at all: it is tried for a shorter time.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import requests
from databricks.sdk.clock import Clock
from databricks.sdk.core import Config
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, ProxyError, SSLError

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.databricks.client.server_text import error_text
from lakewarden_collector.sources.databricks.concurrency.deadline import within
from lakewarden_collector.sources.databricks.concurrency.pace import Pace

_DISCOVERY_RETRY_SECONDS: Final = 3
_FIRST_RETRY_SECONDS: Final = 60
_RETRY_SECONDS: Final = 300
"""Of retries: for the host's discovery document, whose absence only warns, for the first
requests, and then the SDK's default. A host that is not there would cost 300 for each."""

_FIRST_TIMEOUT_SECONDS: Final = 15
_TIMEOUT_SECONDS: Final = 60
"""For one answer to its end, of the first requests and then."""

_SIGN_IN_SECONDS: Final = 60
"""For finding a way to authenticate: a command line tool may be asked for a token."""

_DEFAULT: Final = "DEFAULT"
_SDK_SETTINGS: Final = "__settings__"
"""A section of the configuration file that isn't a profile."""
_RETRIES: Final = "retry_timeout_seconds"
_TIMEOUTS: Final = "http_timeout_seconds"

_REMEDY: Final = (
    "Sign in with `databricks auth login --host URL --profile NAME` and name the profile with "
    "--profile, or set DATABRICKS_HOST and what one way of authentication needs."
)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A configuration that has found a way to authenticate; nobody has checked it yet.

    `where` names the profile or the environment, and the host, for a person.
    """

    config: Config
    where: str
    retry_seconds: int
    timeout: int
    contact: FirstContact

    def be_patient(self) -> None:
        """Let clients made from here on retry as long as the profile says, or the SDK's default."""
        self.contact.made()
        self.config.retry_timeout_seconds = self.retry_seconds
        self.config.http_timeout_seconds = self.timeout


def sign_in(profile: str | None, pace: Pace) -> SignedIn:
    """Make the configuration; clients made from it at first give up after a minute, or sooner.

    Raises `SourceError` where it is missing, wrong or ambiguous.
    """
    asked = f"profile {profile}" if profile else "the environment"
    contact = FirstContact(pace.clock)
    try:
        if profile:
            _refuse_unknown(profile)
            _refuse_overrides(_settings(profile), asked)
        # It asks the host for its discovery document, and may ask for a token.
        config = within(
            _SIGN_IN_SECONDS, pace.clock, lambda: _configuration(profile, pace, contact)
        )
        settings = _settings(config.profile or _DEFAULT)
    except (ValueError, OSError, configparser.Error) as error:
        raise SourceError(
            f"there is no way to sign in to a workspace: {error_text(error)}",
            where=asked,
            remedy=_REMEDY,
        ) from error
    if not config.host:
        raise SourceError("no workspace is named", where=asked, remedy=_REMEDY)
    where = f"{asked}, {config.host}"
    config.retry_timeout_seconds = _FIRST_RETRY_SECONDS
    return SignedIn(
        config=config,
        where=where,
        retry_seconds=_seconds(settings, _RETRIES, _RETRY_SECONDS),
        timeout=_seconds(settings, _TIMEOUTS, _TIMEOUT_SECONDS),
        contact=contact,
    )


def _configuration(profile: str | None, pace: Pace, contact: FirstContact) -> Config:
    return Config(
        profile=profile,
        product="lakewarden",
        product_version=version("lakewarden"),
        clock=contact,
        # The SDK crosses the two when it makes its pool (_base_client.py), so both.
        max_connection_pools=pace.connections,
        max_connections_per_pool=pace.connections,
        retry_timeout_seconds=_DISCOVERY_RETRY_SECONDS,
        http_timeout_seconds=_FIRST_TIMEOUT_SECONDS,
    )


def _seconds(settings: Mapping[str, str], name: str, default: int) -> int:
    value = settings.get(name, "")
    return int(value) if value.isdecimal() else default


def _settings(profile: str) -> Mapping[str, str]:
    """Return what the configuration file says under a profile; nothing where it has none."""
    reader = _profiles(_file())
    return dict(reader[profile]) if reader.has_section(profile) else {}


def _file() -> Path:
    return Path(os.environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()


def _profiles(file: Path) -> configparser.ConfigParser:
    """Read the configuration file; one that does not exist or cannot be read has no profile."""
    reader = configparser.ConfigParser(interpolation=None, default_section="")
    reader.read(file, encoding="utf-8")
    return reader


def _refuse_unknown(profile: str) -> None:
    """Raise `ValueError` for a profile that the configuration file does not have.

    Without the file the SDK ignores the profile (`Config._known_file_config_loader`), and the
    environment would name another workspace.
    """
    file = _file()
    known = [name for name in _profiles(file).sections() if name != _SDK_SETTINGS]
    if profile not in known:
        there = f"has no {profile} profile configured; it has {', '.join(known) or 'none'}"
        raise ValueError(f"{file} {there if file.exists() else 'does not exist'}")


def _refuse_overrides(settings: Mapping[str, str], where: str) -> None:
    """Raise `SourceError` where a variable overrides the profile that was asked for.

    The SDK reads the environment first (`Config._load_from_env`), so with DATABRICKS_HOST set every
    profile would be the same workspace.
    """
    overridden = {
        attribute.name: attribute.env
        for attribute in Config.attributes()
        if (attribute.name == "host" or attribute.auth)
        and attribute.env
        and attribute.name in settings
        and _plain(attribute.name, os.environ.get(attribute.env) or settings[attribute.name])
        != _plain(attribute.name, settings[attribute.name])
    }
    if overridden:
        raise SourceError(
            f"the environment overrides the profile's {', '.join(overridden)}",
            where=where,
            remedy=f"Unset {', '.join(overridden.values())}, or leave --profile out to use the "
            "environment.",
        )


def _plain(name: str, value: str) -> str:
    """Return a value in the form in which two spellings of it are equal."""
    if name != "host":
        return value
    return value.strip().lower().removeprefix("https://").rstrip("/").removesuffix(":443")


FIRST_CONTACT_SECONDS: Final = 5.0
"""Seconds: two or three attempts, at intervals of the SDK's choice."""

_NO_CONNECTION: Final = (ConnectTimeoutError, ProxyError, SSLError)
"""What urllib3 says of a name that nobody knows, a refused connection, no answer, no trust."""


class FirstContact(Clock):
    """The clock of the first requests, which ends retries where no connection can be made.

    The SDK retries that as long as any other fault (`_base_client.py`, `_is_retryable`), but before
    the host has ever answered it mostly means a wrong name, a missing proxy or a wrong certificate.
    Once `made` is called this is the clock that it was given.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made = False
        self._failing_since: float | None = None
        self._given_up = False
        """Whether it has given up: no later wait, however short, is worth it."""

    def made(self) -> None:
        """Note that the host has answered."""
        self._made = True

    def time(self) -> float:
        """Return seconds since the epoch."""
        return self._clock.time()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise `TimeoutError` where waiting would not help.

        The SDK sleeps inside the `except` block of what it retries (databricks-sdk `retries.py`).
        """
        error = sys.exception()
        if not self._made and is_unconnected(error):
            now = self.time()
            self._failing_since = now if self._failing_since is None else self._failing_since
            self._given_up |= now + seconds > self._failing_since + FIRST_CONTACT_SECONDS
            if self._given_up:
                raise TimeoutError("no connection can be made") from error
        self._clock.sleep(seconds)


def is_unconnected(error: BaseException | None) -> bool:
    """Tell whether a request failed before there was a connection that it could be sent over."""
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, _NO_CONNECTION)
