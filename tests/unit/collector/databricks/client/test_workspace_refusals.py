"""What goes wrong with a workspace is told with its remedy, or waited for.

About `workspace.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from databricks.sdk.errors import InternalError

from lakewarden_collector.errors import SourceError
from lakewarden_collector.sources.databricks.client.workspace import ME, METASTORE, connect
from lakewarden_collector.sources.databricks.concurrency.pace import Pace
from tests.unit.collector.databricks.client.loopback import Answer, Loopback
from tests.unit.collector.databricks.client.replies import (
    Connect,
    Replies,
    listing_of,
)


def test_refusals_are_retried_and_told_to_the_throttle_of_lists(
    connected: Connect, replies: Replies
) -> None:
    refusal = Answer({"error_code": "RESOURCE_EXHAUSTED"}, 429, (("Retry-After", "1"),))
    replies.by_path["/api/2.1/unity-catalog/tables"] = [refusal, refusal, Answer({"tables": [1]})]
    pace = Pace.default(speed=0.001)
    workspace = connected(pace=pace)
    assert listing_of(workspace) == {"tables": [1]}
    assert (pace.lists.throttlings, pace.statements.throttlings) == (2, 0)
    assert workspace.spent.counts()["list_tables"] == 1


@pytest.mark.parametrize(
    "fault",
    [Answer("upstream connect error", 503), Answer("slow down", 429)]
    + [Answer({"message": "oops"}, status) for status in (500, 502, 503, 504)]
    + [Answer({"tables": [1, 2]}, cut=True), Answer('{"tables": ['), Answer("<html>busy</html>")],
)
def test_a_fault_of_the_server_is_not_the_end_of_a_listing(
    connected: Connect, replies: Replies, fault: Answer
) -> None:
    """The SDK gives up at once on most of them; a proxy's 503 with a plain body is one."""
    replies.by_path["/api/2.1/unity-catalog/tables"] = [fault, fault, Answer({"tables": [1]})]
    workspace = connected()
    assert listing_of(workspace) == {"tables": [1]}
    assert workspace.rest.pace.clock.retries == 2


@pytest.mark.parametrize("body", ["7", '"FAILED"', "true", "[1]", "[" * 100_000])
def test_an_answer_that_is_no_object_is_no_listing(
    connected: Connect, replies: Replies, body: str
) -> None:
    """The SDK raises a TypeError for some of them, which would end the run with a traceback."""
    replies.by_path["/api/2.1/unity-catalog/tables"] = [Answer(body)]
    with pytest.raises(ValueError, match="tables didn't answer with a JSON object"):
        listing_of(connected())


def test_a_body_that_is_always_cut_off_is_told(connected: Connect, replies: Replies) -> None:
    replies.by_path["/api/2.1/unity-catalog/tables"] = [Answer({"tables": [1, 2]}, cut=True)]
    with pytest.raises(OSError, match="Connection broken"):
        listing_of(connected())


def test_a_fault_that_lasts_is_told(connected: Connect, replies: Replies) -> None:
    fault = Answer({"error_code": "INTERNAL_ERROR", "message": "oops"}, 500)
    replies.by_path["/api/2.1/unity-catalog/tables"] = [fault]
    with pytest.raises(InternalError, match="oops"):
        listing_of(connected())


@pytest.mark.parametrize("variable", ["HOST", "TOKEN"])
def test_a_variable_that_overrides_the_profile_is_refused(
    connected: Connect, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would take the variable in silence: the wrong workspace, or the wrong principal."""
    monkeypatch.setenv(f"DATABRICKS_{variable}", "http://wrong.example/s3cret")
    with pytest.raises(SourceError, match=f"overrides the profile's {variable.lower()}") as caught:
        connected()
    assert f"Unset DATABRICKS_{variable}" in caught.value.remedy
    assert "s3cret" not in f"{caught.value} {caught.value.remedy}" or variable == "HOST"


def test_a_variable_that_says_the_same_is_fine(
    connected: Connect, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", f"{server.url}/")
    assert connected().host == server.url


@pytest.mark.parametrize("text", [None, "", "[prod]\nhost = https://w.example\n[b]\n"])
def test_a_profile_that_is_not_there_is_never_the_environments_workspace(
    server: Loopback, config_file: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """A mistyped name, or a file that was not mounted: the SDK takes the variables in silence."""
    monkeypatch.setenv("DATABRICKS_HOST", server.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", "t")
    config_file.unlink()
    if text is not None:
        config_file.write_text(text)
    with pytest.raises(SourceError, match="no way to sign in") as caught:
        connect("prd", pace=Pace.default(speed=0.001))
    assert str(config_file) in caught.value.what
    assert ("prod, b" in caught.value.what) == bool(text)
    assert ("does not exist" in caught.value.what) == (text is None)
    assert server.requests == []


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        (None, ""),
        ("nowhere", "[prod]\nhost = https://w.example\ntoken = t\n"),
        ("prod", "no section\n"),
        ("prod", "[prod]\nhost = https://w.example\ntoken = t\nusername = u\npassword = p\n"),
    ],
)
def test_a_missing_or_wrong_configuration_says_how_to_sign_in(
    config_file: Path, profile: str | None, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a run ends at once, with one sentence and a command, and no traceback."""
    monkeypatch.setattr("databricks.sdk.core.Config._resolve_host_metadata", lambda _: None)
    config_file.write_text(text)
    with pytest.raises(SourceError, match="no way to sign in") as caught:
        connect(profile, pace=Pace.default(speed=0.001))
    assert caught.value.where == (f"profile {profile}" if profile else "the environment")
    assert "databricks auth login" in caught.value.remedy
    assert "Config:" not in caught.value.what


@pytest.mark.parametrize(
    ("path", "answer", "reported", "remedy"),
    [
        (
            METASTORE,
            Answer({"error_code": "METASTORE_DOES_NOT_EXIST", "message": "No metastore."}, 404),
            "no Unity Catalog metastore: METASTORE_DOES_NOT_EXIST: No metastore",
            "metastore is assigned",
        ),
        (METASTORE, Answer({}), "no Unity Catalog metastore", "metastore is assigned"),
        (
            METASTORE,
            Answer({"error_code": "UNAUTHENTICATED", "message": "expired"}, 401),
            "recognise the credentials",
            "Sign in again",
        ),
        (
            ME,
            Answer({"error_code": "UNAUTHENTICATED", "message": "expired"}, 401),
            "recognise the credentials",
            "Sign in again",
        ),
        (
            METASTORE,
            Answer({"message": "no"}, 403),
            "admit the principal",
            "administrator",
        ),
        (METASTORE, Answer("<html>Log in</html>"), "answer like a workspace", "Check the host"),
        (METASTORE, Answer([1]), "answer like a workspace", "Check the host"),
        (METASTORE, Answer({"message": "busy"}, 503), "can't be reached: retried", "the proxy"),
        (METASTORE, Answer("busy", 503), "can't be reached: Temporarily", "the proxy"),
    ],
)
def test_a_workspace_that_refuses_is_told_apart(
    connected: Connect, replies: Replies, *, path: str, answer: Answer, reported: str, remedy: str
) -> None:
    """Each has another remedy: sign in, be let in, assign a metastore, correct the URL."""
    replies.by_path[path] = [answer]
    with pytest.raises(SourceError) as caught:
        connected()
    assert reported in caught.value.what
    assert remedy in caught.value.remedy
    assert caught.value.where.startswith("profile prod, http://127.0.0.1")
    assert "t%0k" not in str(caught.value)
