"""A server that runs already: its policies are compared with ours, and its refusals explained."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lakewarden.engines.bundle.stage import stage
from lakewarden.engines.install.binary import opa_version
from lakewarden.engines.install.lock import read_lock
from lakewarden.engines.opa.connection import Tls
from lakewarden.engines.opa.process import OpaServer
from lakewarden.engines.opa.remote import remote
from lakewarden.model.errors import ConfigurationError, EngineError, EvaluationError
from tests.integration.engines.certificates import certificates
from tests.integration.engines.running_opa import free_port, running
from tests.unit.engines import tiny_policies

pytestmark = pytest.mark.opa

OTHERS = "package somebody.elses\n\nx := time.now_ns()\n"


@pytest.fixture
def bundled(opa: Path) -> Iterator[Callable[[Path], OpaServer]]:
    """Start servers that hold a directory as a bundle and ask for a token."""
    with ExitStack() as stack:

        def start(root: Path) -> OpaServer:
            def fill(bundle: Path) -> None:
                stage([root], bundle)

            return stack.enter_context(OpaServer(opa, fill))

        yield start


Bundled = Callable[[Path], OpaServer]


def test_it_decides_through_a_running_server(bundled: Bundled, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)
    server = bundled(root)
    with remote(server.url, token=server.token, policy_dirs=[root]) as engine:
        assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1
        assert [module.path for module in engine.modules()] == [
            tiny_policies.ROUTER_PATH,
            tiny_policies.NUMBER_PATH,
        ]
        assert engine.info.name == "opa"
        with pytest.raises(EvaluationError, match="to_number"):
            engine.decide(tiny_policies.request("x"))
    assert server.alive, "a server that we did not start is left running"


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_wrong_token_is_a_configuration_error_that_names_the_variable(
    token: str | None, bundled: Bundled, tmp_path: Path
) -> None:
    root = tiny_policies.write(tmp_path)
    server = bundled(root)
    with pytest.raises(ConfigurationError, match="refuses the token") as caught:
        remote(server.url, token=token, policy_dirs=[root]).__enter__()
    assert "OPA_TOKEN" in caught.value.remedy
    assert caught.value.where == server.url


def test_a_server_that_is_not_there_is_an_engine_error(tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path)
    started = time.monotonic()
    with pytest.raises(EngineError, match="can't be reached") as caught:
        remote(f"http://127.0.0.1:{free_port()}", policy_dirs=[root]).__enter__()
    assert "OPA_URL" in caught.value.remedy
    assert time.monotonic() - started < 5


def test_other_policies_are_an_error_that_lists_them(bundled: Bundled, tmp_path: Path) -> None:
    """Anyone who edits Rego and forgets to reload the server would trust old rules."""
    theirs = tiny_policies.write(
        tmp_path / "theirs",
        number=tiny_policies.NUMBER + "# edited\n",
        extra="package lakewarden.tables.tiny.extra\n",
    )
    ours = tiny_policies.write(tmp_path / "ours")
    (ours / "fresh.rego").write_text("package lakewarden.tables.tiny.fresh\n")
    server = bundled(theirs)

    with pytest.raises(ConfigurationError) as caught:
        remote(server.url, token=server.token, policy_dirs=[ours]).__enter__()

    assert str(caught.value).splitlines()[1:] == [
        "  missing on the server: lakewarden.tables.tiny.fresh",
        "  only on the server: lakewarden.tables.tiny.extra",
        "  different text: lakewarden.tables.tiny.number",
    ]
    for way in ("--trust-server-policies", "make opa-down opa-up"):
        assert way in caught.value.remedy

    trusting = remote(
        server.url, token=server.token, policy_dirs=[ours], trust_server_policies=True
    )
    with trusting as engine:
        assert len(engine.modules()) == 3


def test_policies_of_others_are_none_of_our_business(opa: Path, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path / "p")
    (tmp_path / "theirs.rego").write_text(OTHERS)
    with (
        running(opa, str(root), str(tmp_path / "theirs.rego")) as url,
        remote(url, policy_dirs=[root]) as engine,
    ):
        assert len(engine.modules()) == 2


@pytest.mark.parametrize("call", ["http.send({})", '$"{http["send"]({})}"'])
def test_an_impure_policy_on_the_server_is_refused_even_if_trusted(
    call: str, opa: Path, tmp_path: Path
) -> None:
    extra = f"package lakewarden.tables.tiny.extra\n\nx := {call}\n"
    root = tiny_policies.write(tmp_path, extra=extra)
    if call.startswith("$") and opa_version(opa) != read_lock().version:
        pytest.skip("older versions have no template strings")
    with running(opa, str(root)) as url, pytest.raises(ConfigurationError, match=r"http\.send"):
        remote(url, policy_dirs=[root], trust_server_policies=True).__enter__()


def test_a_server_that_was_restarted_in_between_answers(opa: Path, tmp_path: Path) -> None:
    """A broken connection is tried once more."""
    root = tiny_policies.write(tmp_path / "p")

    def fill(bundle: Path) -> None:
        stage([root], bundle)

    with (
        OpaServer(opa, fill) as server,
        remote(server.url, token=server.token, policy_dirs=[root]) as engine,
    ):
        server.stop()
        server._launch(Path(server.socket.path).name)  # noqa: SLF001 -- same place, as a supervisor's
        assert server._healthy()  # noqa: SLF001
        assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1
        engine.check_modules()
        server.stop()
        with pytest.raises(EngineError, match="can't be reached"):
            engine.decide(tiny_policies.request("1"))
        with pytest.raises(EngineError, match="can't be reached"):
            engine.check_modules()


@pytest.mark.parametrize("edit", ["# edited\n", "proof := 0\n"])
@pytest.mark.parametrize("trust", [False, True])
def test_a_server_restarted_with_other_policies_is_refused(
    *, trust: bool, edit: str, opa: Path, tmp_path: Path
) -> None:
    """The report names the policies of the beginning; others may not have decided the rest."""
    root = tiny_policies.write(tmp_path / "p")
    bundles: list[Path] = []

    def fill(bundle: Path) -> None:
        stage([root], bundle)
        bundles.append(bundle)

    with (
        OpaServer(opa, fill) as server,
        remote(
            server.url, token=server.token, policy_dirs=[root], trust_server_policies=trust
        ) as engine,
    ):
        server.stop()
        with (bundles[0] / tiny_policies.NUMBER_PATH).open("a") as number:
            number.write(edit)
        server._launch(Path(server.socket.path).name)  # noqa: SLF001 -- same place, as a supervisor's
        assert server._healthy()  # noqa: SLF001
        with pytest.raises(ConfigurationError, match="changed during the run") as caught:
            engine.check_modules()
    assert "different text: lakewarden.tables.tiny.number" in str(caught.value)


def test_what_is_no_opa_is_called_so(tmp_path: Path) -> None:
    from tests.integration.engines.release_host import playing  # noqa: PLC0415 -- only here

    with playing() as host:
        host.files["/v1/policies"] = b"<html>hello</html>"
        with pytest.raises(EngineError, match="this isn't an OPA server"):
            remote(host.url, policy_dirs=[tiny_policies.write(tmp_path)]).__enter__()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
def test_tls_with_a_private_authority_and_a_client_certificate(opa: Path, tmp_path: Path) -> None:
    root = tiny_policies.write(tmp_path / "p")
    ca, cert, key = certificates(tmp_path)
    options = (
        *("--tls-cert-file", str(cert), "--tls-private-key-file", str(key)),
        *("--tls-ca-cert-file", str(ca), "--authentication", "tls"),
    )
    with running(opa, *options, str(root), scheme="https") as url:
        with remote(url, tls=Tls(ca=ca, cert=cert, key=key), policy_dirs=[root]) as engine:
            assert json.loads(engine.decide(tiny_policies.request("1")))[0]["proof"] == 1
        with pytest.raises(EngineError, match="no trusted TLS connection") as caught:
            remote(url, tls=Tls(cert=cert, key=key), policy_dirs=[root]).__enter__()
        assert "authority" in caught.value.remedy
