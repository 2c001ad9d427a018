"""Sends documents to the engine in batches, several at once, and gives the answers in order.

One query is single-threaded inside OPA, so the cores are filled by several batches in flight.
An evaluation error takes a batch down whole; it is halved until the one document is left, and
that one asked policy by policy, so that an error marks only what it belongs to. A request over
which the engine ended is taken apart at once, as each further end costs a restart, and one whose
answer is too long sooner than others, as computing that costs seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import structs

from lakewarden.engines.interface import Engine
from lakewarden.evaluation.question import Question, TableQuery
from lakewarden.evaluation.variants import Variant
from lakewarden.model.decision import Decision, Outcome, TableChange, TableDecisions
from lakewarden.model.errors import (
    AnswerTooLongError,
    EngineDiedError,
    EngineError,
    EvaluationError,
)
from lakewarden_collector.decoding import decoder
from lakewarden_collector.document import EncodedDocument

BATCH: Final = 100
"""Documents in one request: enough to make the request's own cost vanish, few enough to keep
the answers coming."""

_BATCH_BYTES: Final = 8 << 20
"""The documents in one request, unless a single one is larger."""

_MOST_NESTED: Final = 100
"""How deep the values of an answer may be nested; what reads or writes deeper ones may fail."""

Answers = list[TableDecisions]

_decode_answers: Final = decoder(Answers).decode


def decide(
    engine: Engine, question: Question, documents: Iterable[EncodedDocument]
) -> Iterator[tuple[EncodedDocument, TableDecisions]]:
    """Yield every document with the decisions about it, in the order of the documents.

    Raises `EngineError` where the engine is gone; everything yielded before stands.
    """
    return decide_queries(engine, question, map(question.about, documents))


def decide_queries(
    engine: Engine, question: Question, queries: Iterator[TableQuery], most: int = BATCH
) -> Iterator[tuple[EncodedDocument, TableDecisions]]:
    """Decide as `decide` does, each document with the settings that its query has for it.

    At most so many are asked about in one request.
    """
    window = engine.concurrency * 2
    pending: deque[tuple[list[TableQuery], Future[Answers]]] = deque()
    pool = ThreadPoolExecutor(engine.concurrency, thread_name_prefix="decide")
    try:
        while True:
            while len(pending) < window and (batch := list(_batch(queries, most))):
                pending.append((batch, pool.submit(_answers, engine, question, batch)))
            if not pending:
                return
            batch, future = pending.popleft()
            for query, answer in zip(batch, future.result(), strict=True):
                yield query.document, _noting(query.variant, answer)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batch(queries: Iterator[TableQuery], most: int) -> Iterator[TableQuery]:
    """Yield the next documents, as many as one request takes."""
    size = 0
    for query in islice(queries, most):
        yield query
        size += len(query.document.data)
        if size >= _BATCH_BYTES:
            return


def _noting(variant: Variant | None, answer: TableDecisions) -> TableDecisions:
    """Return the answer with the changes by overrides noted on its decisions."""
    if variant is None or not variant.changes:
        return answer
    changed = {
        policy_id: variant.changes[policy_id].apply(decision)
        for policy_id, decision in answer.decisions.items()
        if policy_id in variant.changes
    }
    return structs.replace(answer, decisions=answer.decisions | changed)


def _answers(engine: Engine, question: Question, tables: Sequence[TableQuery]) -> Answers:
    try:
        return _ask(engine, question, tables)
    except EvaluationError as error:
        if len(tables) == 1:
            return [_one_by_one(engine, question, tables[0])]
        size = -(len(tables) // -_parts(error))
    return [
        answer
        for start in range(0, len(tables), size)
        for answer in _answers(engine, question, tables[start : start + size])
    ]


def _parts(error: EvaluationError) -> int:
    """Return into how many requests one is split that ended in `error`, by what each costs."""
    if isinstance(error, EngineDiedError):
        return BATCH
    return 10 if isinstance(error, AnswerTooLongError) else 2


def _ask(
    engine: Engine,
    question: Question,
    tables: Sequence[TableQuery],
    policies: Sequence[str] | None = None,
) -> Answers:
    reply = engine.decide(question.request(tables, policies))
    try:
        answers = _decode_answers(reply)
    except RecursionError as error:
        raise EvaluationError("the answer is nested too deeply") from error
    except msgspec.ValidationError as error:
        if not reply.startswith(b"["):
            raise _not_the_router(error) from error
        # A policy proves something of the wrong shape, such as a deny that is only text.
        raise EvaluationError(f"a policy's answer has the wrong shape: {error}") from error
    except msgspec.DecodeError as error:
        raise _not_the_router(error) from error
    if len(answers) != len(tables):
        raise _not_the_router(f"{len(tables)} documents were sent, {len(answers)} answered")
    if not all(map(_is_flat, answers)):
        raise EvaluationError(
            f"a value of the answer is nested more than {_MOST_NESTED} levels deep"
        )
    if (key := next(filter(None, map(_repeated_key, answers)), None)) is not None:
        raise EvaluationError(
            f"a policy's answer has two violations with the key {key!r}; it has to tell them apart"
        )
    expected = set(question.policies if policies is None else policies)
    return [
        answer if answer.decisions.keys() == expected else _whole(answer, expected)
        for answer in answers
    ]


def _is_flat(answer: TableDecisions) -> bool:
    """Whether nothing that policies are free to say in it is nested too deeply for a report."""
    return _fits(answer.facts, _MOST_NESTED) and all(
        _fits(violation.expected, _MOST_NESTED) and _fits(violation.actual, _MOST_NESTED)
        for decision in answer.decisions.values()
        for violation in decision.violations
    )


def _repeated_key(answer: TableDecisions) -> str | None:
    """Return a key that two violations of one decision have: nobody could tell which is meant."""
    for decision in answer.decisions.values():
        if not decision.violations:  # as of nearly all: it is asked for every decision
            continue
        keys = [each.key for each in decision.violations if each.key is not None]
        if len(keys) != len(set(keys)):
            return next(key for key in keys if keys.count(key) > 1)
    return None


def _fits(value: Any, levels: int) -> bool:  # noqa: ANN401 -- whatever JSON can hold
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_fits(part, levels - 1) for part in parts)


def _not_the_router(why: object) -> EngineError:
    return EngineError(
        f"the engine's answer didn't come from the router: {why}",
        remedy="Load the router that ships with this version of Lakewarden.",
    )


def _one_by_one(engine: Engine, question: Question, table: TableQuery) -> TableDecisions:
    """Ask one document policy by policy: only the policy that breaks is an error."""
    decisions: dict[str, Decision] = {}
    facts: dict[str, dict[str, Any]] = {}
    changes: dict[str, tuple[TableChange, ...]] = {}
    for policy_id in question.policies:
        try:
            (answer,) = _ask(engine, question, [table], [policy_id])
        except EvaluationError as error:
            decisions[policy_id] = _error(str(error))
        else:
            decisions.update(answer.decisions)
            facts |= answer.facts
            changes |= answer.changes
    return TableDecisions(decisions=decisions, facts=facts, changes=changes)


def _whole(answer: TableDecisions, expected: set[str]) -> TableDecisions:
    """Make an answer that lacks policies whole: what was not decided is an error, by name."""
    missing = {policy_id: _error("the engine gave no decision") for policy_id in sorted(expected)}
    known = {name: answer.decisions[name] for name in expected & answer.decisions.keys()}
    return structs.replace(answer, decisions=missing | known)


def _error(reason: str) -> Decision:
    return Decision(outcome=Outcome.ERROR, reasons=(reason,))
