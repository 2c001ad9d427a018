"""Large reports whose tables all differ, made as they are asked for, for what has to stay small.

Fifteen policies decide about each table in the words of the shipped ones: its own name, size,
owner, columns and numbers stand in its messages, and its fixes are SQL about it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from lakewarden.model.baseline import Baseline
from lakewarden.model.decision import (
    Decision,
    Enforcement,
    Exemption,
    Fix,
    Missing,
    Outcome,
    Severity,
    Violation,
)
from lakewarden.model.history import History
from lakewarden.model.insight import Insight
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.policy import Policy
from lakewarden.model.promises import Promises
from lakewarden.model.report import Completeness, FactLabel, Gate, Run, Summary, TableReport
from lakewarden.model.waiver import WaiverStatus
from lakewarden.renderers.words.wording import size as words
from tests.support import reports

_SUBJECTS: Final = ("orders", "invoices", "clicks", "sessions", "payments", "returns", "stock")
_KINDS: Final = ("raw", "daily", "by_customer", "history", "snapshot", "enriched", "eu", "v2")
_COLUMNS: Final = (
    "order_id",
    "ordered_on",
    "customer_id",
    "country",
    "status",
    "store",
    "booked_on",
)
_THRESHOLD: Final = 2**30
_POLICIES: Final = (
    ("clustering.auto_optimize_complete", "Auto-optimise has both settings on", "low"),
    ("clustering.auto_possible", "CLUSTER BY AUTO is used only where it works", "high"),
    ("clustering.exclusion_justified", "Excluding a large table needs approval", "medium"),
    ("clustering.frequently_read", "Frequently read tables have liquid clustering", "medium"),
    ("clustering.key_limit", "Tables have no more clustering keys than allowed", "medium"),
    ("clustering.keys_exist", "Clustering keys are columns of the table", "high"),
    ("clustering.keys_follow_standard", "Clustering keys follow the standard", "low"),
    ("clustering.keys_have_statistics", "Clustering keys have file statistics", "medium"),
    ("clustering.no_exclusion_conflict", "No table is excluded and clustered", "medium"),
    ("clustering.partitioned_table", "Only very large tables are partitioned", "medium"),
    ("clustering.single_strategy", "Tables have one clustering strategy", "low"),
    ("clustering.strategy_required", "Large tables have a clustering strategy", "critical"),
    ("documentation.columns_commented", "Columns have comments", "info"),
    ("documentation.owner_is_group", "Tables are owned by groups", "low"),
    ("documentation.table_commented", "Tables have a comment", "low"),
)


class Estate:
    """A report over `size` tables; it holds none of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.policies = tuple(_policy(*each, number) for number, each in enumerate(_POLICIES))
        self.run: Run = reports.run()
        self.gate = Gate(exit_code=1, reasons=("4 mandatory decisions fail",))
        self.waivers: tuple[WaiverStatus, ...] = ()
        self.fact_labels: dict[str, FactLabel] = {}
        self.insight: Insight | None = None
        self.promises: Promises | None = None
        self.history: History | None = None
        self.judged: JudgedWaivers | None = None
        self.baseline: Baseline | None = None
        self.summary: Summary = reports.summarise(self.tables(), self.policies)
        decisions = size * len(self.policies)
        self.completeness = Completeness(
            complete=True,
            tables_known=size,
            tables_evaluated=size,
            tables_failed=0,
            tables_left_out=0,
            decisions_expected=decisions,
            decisions_made=decisions,
        )

    def tables(self) -> Iterator[TableReport]:
        """Make the tables; the same ones each time."""
        chance = random.Random(self._size)  # noqa: S311 -- sample data, no secret
        for number in range(self._size):
            yield _table(number, chance)


def _policy(policy_id: str, title: str, severity: str, number: int) -> Policy:
    advisory = severity in {"low", "info"}
    return Policy(
        policy_id=policy_id,
        title=title,
        description=f"{title}, as the organisation agreed. Queries read fewer files then.",
        severity=Severity(severity),
        enforcement=Enforcement.ADVISORY if advisory else Enforcement.MANDATORY,
        remediation="Change the table, or its definition, as the message says.",
        path=f"lakewarden/tables/{policy_id.replace('.', '/')}/policy_{number}.rego",
    )


def _table(number: int, chance: random.Random) -> TableReport:
    catalog, schema = f"cat_{number // 5_000:02}", f"{chance.choice(_SUBJECTS)}_{number // 150:04}"
    name = f"{chance.choice(_SUBJECTS)}_{chance.choice(_KINDS)}_{chance.randrange(10**5)}"
    owner = chance.choice((f"team-{chance.randrange(150)}", f"user{number % 997}@example.com"))
    size = int(chance.lognormvariate(19, 3))
    keys = chance.sample(_COLUMNS, chance.randrange(4))
    about = _About(f"{catalog}.{schema}.{name}", size, owner, keys, chance)
    return TableReport(
        full_name=about.name,
        catalog_name=catalog,
        schema_name=schema,
        name=name,
        table_type=chance.choice(("MANAGED", "EXTERNAL")),
        data_source_format="DELTA",
        owner=owner,
        size={
            "bytes": size,
            "files": chance.randrange(1, 5_000),
            "origin": "delta_log",
            "as_of": f"2026-11-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:09:58Z",
            "exact": True,
        },
        decisions={policy_id: about.decide(policy_id) for policy_id, *_ in _POLICIES},
        facts={
            "clustering": {
                "strategy": "liquid" if keys else "none",
                "keys": keys,
                "small": size < _THRESHOLD,
                "threshold_bytes": _THRESHOLD,
            },
            "documentation": {"commented": chance.random() < 0.6},
        },
    )


class _About:
    """Decides about one table in words that are its own."""

    def __init__(
        self, name: str, size: int, owner: str, keys: list[str], chance: random.Random
    ) -> None:
        self.name = name
        self._size, self._owner, self._keys, self._chance = size, owner, keys, chance
        self._holds = f"It holds {words(size)} ({size} bytes)"

    def decide(self, policy_id: str) -> Decision:
        kind = self._chance.choices(
            ("pass", "not_applicable", "fail", "exempt", "unknown"), (30, 45, 12, 8, 5)
        )[0]
        match kind:
            case "pass":
                return self._pass()
            case "fail":
                return self._fail()
            case "exempt":
                return self._exempt()
            case "unknown":
                return self._unknown()
            case _:
                return self._not_applicable(policy_id.rpartition(".")[2].replace("_", " "))

    def _pass(self) -> Decision:
        columns = self._chance.randrange(3, 60)
        reason = self._chance.choice(
            (
                f"It has {len(self._keys)} of at most 4 clustering keys.",
                f"{columns} of {columns} columns have a comment.",
                f"Its owner {self._owner} counts as a group.",
                f"Its comment has {self._chance.randrange(20, 400)} characters.",
            )
        )
        return Decision(outcome=Outcome.PASS, reasons=(reason,))

    def _not_applicable(self, title: str) -> Decision:
        return Decision(
            outcome=Outcome.NOT_APPLICABLE, reasons=(f"It has nothing to do with {title}.",)
        )

    def _fail(self) -> Decision:
        bad = self._chance.choice(_COLUMNS)
        violation = Violation(
            message=f"{self.name} holds {words(self._size)} ({self._size} bytes) and its column "
            f"{bad} has {self._chance.randrange(10**4)} values, so queries read files that they "
            "don't need.",
            expected=f"at most {self._chance.randrange(2, 5)} columns",
            actual=[*self._keys, bad],
            key=bad,
            fixes=(
                Fix(
                    title=f"Cluster it by {bad}",
                    sql=(
                        f"ALTER TABLE {self.name} CLUSTER BY ({bad})",
                        f"OPTIMIZE {self.name} FULL",
                    ),
                    requires=("Databricks Runtime 16.4 or newer",),
                    note=f"Rewrites {words(self._size)}.",
                    undo=(f"ALTER TABLE {self.name} CLUSTER BY NONE",),
                ),
            ),
        )
        return Decision(outcome=Outcome.FAIL, violations=(violation,))

    def _exempt(self) -> Decision:
        rule = Exemption(kind="rule", reason=f"{self._holds}, less than 1.0 GiB.")
        waiver = Exemption(
            kind="waiver",
            reason=f"{self._owner} moves it in quarter {self._chance.randrange(1, 5)}.",
            owner=self._owner,
            approved_by="Head of Data",
            ticket=f"DATA-{self._chance.randrange(9_000)}",
            expires=f"2027-{self._chance.randrange(1, 13):02}-01",
        )
        return Decision(
            outcome=Outcome.EXEMPT,
            exemptions=(self._chance.choice((rule, waiver)),),
            would_be=Outcome.FAIL,
        )

    def _unknown(self) -> Decision:
        kind = self._chance.choice(("size", "columns", "access"))
        missing = Missing(
            kind=kind, status="denied", reason=f"403: no SELECT on {self.name} for the collector"
        )
        return Decision(outcome=Outcome.UNKNOWN, missing=(missing,))
