"""A hypothesis strategy for the part `insight` of a report; its numbers need not agree."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from lakewarden.model.decision import Outcome
from lakewarden.model.insight import (
    Amount,
    Change,
    Exempted,
    Governance,
    Insight,
    Lacking,
    LackingTable,
    Moved,
    WhatIf,
)
from lakewarden.report.table_status import Status

_text: Final = st.text(max_size=8)
_some: Final = st.integers(0, 9)
_settings: Final = st.dictionaries(_text, st.integers(0, 2**53) | st.floats(0, 2**20), max_size=2)
_names: Final = st.lists(_text, max_size=2).map(tuple)
_share: Final = st.none() | st.floats(0, 1)
_amount: Final = st.builds(Amount, tables=_some, bytes=st.integers(0, 2**60), unsized=_some)
_statuses: Final = st.fixed_dictionaries({status.value: _amount for status in Status})

_governance: Final = st.builds(
    Governance,
    governed=_amount,
    undecided=_amount,
    outside=_amount,
    unread=_some,
    share=_share,
    share_of_bytes=_share,
)
_exempted: Final = st.builds(
    Exempted,
    policy_id=_text,
    total=_amount,
    kinds=st.dictionaries(st.sampled_from(("flag", "rule", "waiver")), _amount),
)
_lacking_table: Final = st.builds(
    LackingTable,
    full_name=_text,
    outcome=st.sampled_from((Outcome.FAIL, Outcome.EXEMPT)),
    bytes=st.none() | st.integers(0, 2**60),
    owner=st.none() | _text,
    excuse=_text,
)
_lacking: Final = st.builds(
    Lacking,
    policy_id=_text,
    failing=_amount,
    excused=_amount,
    largest=st.lists(_lacking_table, max_size=2).map(tuple),
)
_what_if: Final = st.builds(
    WhatIf,
    policy_id=_text,
    factor=st.floats(0, 2**20),
    settings=_settings,
    now=_settings,
    failing=_amount,
    exempt=_amount,
    unknown=_amount,
    newly_failing=_amount,
    no_longer_failing=_amount,
    examples=_names,
)
_moved: Final = st.builds(
    Moved,
    policy_id=_text,
    before=st.sampled_from(Outcome),
    after=st.sampled_from(Outcome),
    amount=_amount,
    examples=_names,
)
_change: Final = st.builds(
    Change,
    clock=_text,
    source=_text,
    scope=_text,
    differences=_names,
    before=_statuses,
    after=_statuses,
    added=_amount,
    removed=_amount,
    added_examples=_names,
    removed_examples=_names,
    fixed=_amount,
    broken=_amount,
    fixed_examples=_names,
    broken_examples=_names,
    moved=st.lists(_moved, max_size=2).map(tuple),
)

insights: Final = st.builds(
    Insight,
    governance=_governance,
    exempted=st.lists(_exempted, max_size=1).map(tuple),
    lacking=st.lists(_lacking, max_size=1).map(tuple),
    what_if=st.lists(_what_if, max_size=1).map(tuple),
    not_tried=_text,
    change=st.none() | _change,
)
