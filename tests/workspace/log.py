"""What the double was asked: requests by kind, statements with their states and times."""

from __future__ import annotations

from collections import Counter

import msgspec

TERMINAL = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "CLOSED"})


class Call(msgspec.Struct):
    """One request: its kind (`list_tables`, `execute`, `poll`, …), target and answer.

    `status` is 0 where the connection was reset instead of answered. `at` counts the model's
    seconds since the double began.
    """

    kind: str
    target: str
    query: dict[str, str]
    status: int
    at: float
    agent: str = ""


class Sent(msgspec.Struct):
    """One statement, from its arrival to its end; times in the model's seconds."""

    statement_id: str
    text: str
    disposition: str
    warehouse_id: str
    parameters: dict[str, str | None]
    tags: dict[str, str]
    sent: float
    state: str = "PENDING"
    started: float | None = None
    ended: float | None = None
    polls: int = 0
    error: str = ""


class Log(msgspec.Struct):
    """All of it, in the order of arrival.

    `requests` counts by kind, `statuses` by kind and status (`"list_tables 429"`); `calls` is
    empty where the double was told not to keep them.
    """

    requests: dict[str, int] = msgspec.field(default_factory=dict)
    statuses: dict[str, int] = msgspec.field(default_factory=dict)
    calls: list[Call] = msgspec.field(default_factory=list)
    statements: list[Sent] = msgspec.field(default_factory=list)
    in_flight: int = 0
    peak_in_flight: int = 0
    peak_running: int = 0

    def answered(self, call: Call, *, keep: bool) -> None:
        """Count a request that was answered, or reset."""
        self.requests[call.kind] = self.requests.get(call.kind, 0) + 1
        key = f"{call.kind} {call.status or 'reset'}"
        self.statuses[key] = self.statuses.get(key, 0) + 1
        if keep:
            self.calls.append(call)

    def count(self, *kinds: str) -> int:
        """Return how many requests of these kinds came; of all kinds where none is named."""
        return sum(n for kind, n in self.requests.items() if not kinds or kind in kinds)

    def running(self) -> list[Sent]:
        """Return the statements that have not come to an end."""
        return [sent for sent in self.statements if sent.state not in TERMINAL]

    def followed(self) -> bool:
        """Whether statements run, and the client knows the id of each.

        Within two seconds it can cancel no others.
        """
        running = self.running()
        return bool(running) and all(each.polls for each in running)

    def states(self) -> dict[str, int]:
        """Count the statements by state."""
        return dict(Counter(sent.state for sent in self.statements))

    def texts(self, *states: str) -> list[str]:
        """Return the statements' texts, of these states only where any is named."""
        return [s.text for s in self.statements if not states or s.state in states]

    def described(self) -> list[str]:
        """Return the texts of the DESCRIBE DETAIL statements, whatever became of them."""
        return [text for text in self.texts() if text.upper().startswith("DESCRIBE DETAIL")]
