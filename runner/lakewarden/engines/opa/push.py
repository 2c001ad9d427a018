"""Replaces the policies of a server that runs: wholly, or not at all.

OPA takes one module at a time and compiles all that it has each time, so what arrives together
must pass through sets that compile. Meanwhile the router is closed: anyone who asks gets no
decision, rather than one by a mixture of old and new policies.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from lakewarden.engines.bundle.purity import reject_impure
from lakewarden.engines.bundle.stage import ROOT, StagedModule, package_of
from lakewarden.engines.opa.modules import modules_of, reject_impure_trees
from lakewarden.engines.opa.outline import outline
from lakewarden.model.errors import ConfigurationError, EngineError
from lakewarden_collector.errors import Problem

if TYPE_CHECKING:
    from lakewarden.engines.opa.connection import Connection, ServerModule

_ROUTER: Final = f"{ROOT}.main"
_ENTRYPOINT: Final = re.compile(r"^decisions\b", re.MULTILINE)
_TOLD: Final = 10
"""How many refusals a message lists."""

Texts = Mapping[str, str]
"""A server's id of a module to its text; only modules under `lakewarden`."""


def push(connection: Connection, ours: Sequence[StagedModule]) -> None:
    """Make the server's modules under `lakewarden` ours, and touch no others.

    A module that the server has under an id of its own keeps it. Raises `ConfigurationError` if
    the server loaded them as a bundle, which nobody may change, or if it refuses one, as they do
    not compile or its other modules need what would go; `EngineError` if it went away. The server
    is then as it was before, or the error says how it is.
    """
    reject_impure((str(module.source), module.text) for module in ours)
    policies = connection.policies()
    sources = _placed(ours, policies, connection.url)
    before = _texts(policies)
    target = {policy_id: module.text for policy_id, module in sources.items()}
    exchange = _Exchange(
        connection, before, {policy_id: str(module.source) for policy_id, module in sources.items()}
    )
    try:
        exchange.become(target)
        reject_impure_trees(connection.policies())
    except Problem as error:
        _put_back(connection, before, target, exchange.held, error)
        raise type(error)(
            error.what,
            where=error.where,
            remedy=error.remedy,
            details=[*error.details, "the server's policies are as they were"],
        ) from error
    except BaseException as error:
        _put_back(connection, before, target, exchange.held, error)
        raise


def _placed(
    ours: Sequence[StagedModule], policies: Iterable[ServerModule], url: str
) -> dict[str, StagedModule]:
    """Return our modules by the id that each has, or is to have, on the server."""
    taken = {policy.id: modules_of([policy]) for policy in policies}
    places: dict[str, StagedModule] = {}
    for module in ours:
        same = [
            (held[0].text != module.text, policy_id)
            for policy_id, held in taken.items()
            if held and held[0].path == module.path
        ]
        _, policy_id = min(same, default=(True, module.path))
        if taken.get(policy_id) == []:
            raise ConfigurationError(
                f"the server has a module of another package as {policy_id}, which would be lost",
                where=url,
                remedy=f"Give it another id there, or {module.source} another place.",
            )
        places[policy_id] = module
    return places


def _texts(policies: Iterable[ServerModule]) -> Texts:
    return {policy.id: policy.raw for policy in policies if modules_of([policy])}


def _put_back(
    connection: Connection, before: Texts, target: Texts, last: Texts, error: BaseException
) -> None:
    """Undo a push that ended in `error`; raise `EngineError` saying how the server is if we cannot.

    `last` is what it held when it last answered.
    """
    try:
        exchange = _Exchange(connection, _texts(connection.policies()))
        last = exchange.held
        exchange.become(before)
    except Problem as problem:
        raise EngineError(
            f"the policies were not replaced: {str(error) or type(error).__name__}",
            where=connection.url,
            details=[
                f"nor could the server be put back as it was: {problem}",
                *_state(last, before, target),
            ],
            remedy="Once the server can be reached, push again: that works from any state.",
        ) from error


def _state(last: Texts, before: Texts, target: Texts) -> Iterator[str]:
    """Describe a server that was left halfway, a line for each module."""
    yield f"when it last answered, it {'decided' if _entries(last) else 'decided nothing'} and had"
    for policy_id in sorted(last.keys() | before.keys() | target.keys()):
        text = last.get(policy_id)
        if text is None:
            state = "not"
        elif text == before.get(policy_id):
            state = "as before"
        else:
            state = "new" if text == target.get(policy_id) else "a placeholder"
        yield f"{state}: {policy_id}"


def _entries(texts: Texts) -> dict[str, str]:
    """Return the module that defines the router's entrypoint, without which nothing is decided."""
    return {
        policy_id: text
        for policy_id, text in texts.items()
        if package_of(text) == _ROUTER and _ENTRYPOINT.search(text)
    }


class _Exchange:
    """Changes one server's modules; `held` is what it has, as far as it answered.

    `sources` names the file behind an id, for messages.
    """

    def __init__(
        self, connection: Connection, held: Texts, sources: Mapping[str, str] | None = None
    ) -> None:
        self.held = dict(held)
        self._connection = connection
        self._sources = sources or {}

    def become(self, target: Texts) -> None:
        """Make the server hold `target`; raises `ConfigurationError` naming what it refuses.

        A single change is whole at once. Several begin and end with the router's entrypoint.
        Where no order of the others fits, as when modules call each other, or a function changes
        together with its callers, outlines of all modules stand in for them.
        """
        differences = self._differences(target)
        if len(differences) <= 1:
            self._insist(differences)
            return
        self._insist({each: outline(text) for each, text in _entries(self.held).items()})
        entries = _entries(target).keys()
        if self._rounds(self._differences(target, without=entries)):
            self._rounds({each: outline(text) for each, text in self.held.items()})
            self._rounds(self._differences({each: outline(target[each]) for each in target}))
            self._insist(self._differences(target, without=entries))
        self._insist(self._differences(target))

    def _differences(
        self, target: Texts, *, without: Collection[str] = ()
    ) -> dict[str, str | None]:
        """Return what must change, by id: the text to upload, or None for what must go."""
        return {
            each: target.get(each)
            for each in sorted(self.held.keys() | target.keys())
            if each not in without and self.held.get(each) != target.get(each)
        }

    def _insist(self, wanted: Mapping[str, str | None]) -> None:
        refusals = self._rounds(wanted)
        if refusals:
            more = [f"… and {len(refusals) - _TOLD:,} more"] if len(refusals) > _TOLD else []
            raise ConfigurationError(
                "the server refuses",
                where=self._connection.url,
                details=[*islice(self._told(refusals), _TOLD), *more],
                remedy="Correct the policies (`opa check` says more about them), then push again.",
            )

    def _told(self, refusals: Mapping[str, str]) -> Iterator[str]:
        for each, refusal in refusals.items():
            yield f"{self._sources.get(each, f'to drop {each}')}: {refusal}"

    def _rounds(self, wanted: Mapping[str, str | None]) -> dict[str, str]:
        """Make the changes again and again until one round makes none; return what is refused."""
        left = dict(wanted)
        while left:
            refusals = {
                each: refusal
                for each, text in left.items()
                if (refusal := self._change(each, text)) is not None
            }
            if len(refusals) == len(left):
                return refusals
            left = {each: left[each] for each in refusals}
        return {}

    def _change(self, policy_id: str, text: str | None) -> str | None:
        """Upload or delete one module; return the server's reason if it refuses."""
        if text is None:
            refusal = self._connection.remove_policy(policy_id)
        else:
            refusal = self._connection.upload_policy(policy_id, text)
        if refusal is None:
            self.held.pop(policy_id, None)
            if text is not None:
                self.held[policy_id] = text
        elif "owned by bundle" in refusal:
            raise ConfigurationError(
                "the server loaded its policies as a bundle, and refuses to change "
                f"{policy_id}: {refusal}",
                where=self._connection.url,
                remedy="Change the bundle and reload the server; --push-policies is for servers "
                "that were started without one.",
            )
        return refusal
