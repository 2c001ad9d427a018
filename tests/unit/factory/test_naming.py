"""Names of the factory's tables: a sweep drops by them, so they must be ours and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factory import table_specs
from tests.factory.naming import Ours, Run, recognise
from tests.factory.specs import Spec

_AT = datetime(2026, 11, 23, 5, 10, 0, 123456, tzinfo=UTC)
_NAME = "lakewarden_test_20261123t051000z_0a1b2c3d_small_and_exempt"

_RUNS = st.builds(
    Run,
    st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 -- hypothesis adds the zone
        lambda moment: moment.replace(microsecond=0)
    ),
    st.text("0123456789abcdef", min_size=8, max_size=8),
)
_WORDS = st.from_regex(r"[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,5}", fullmatch=True)


@given(_RUNS, _WORDS)
def test_a_name_says_again_of_which_run_and_specification_it_is(run: Run, word: str) -> None:
    assert recognise(run.name(word)) == Ours(run, word)
    assert run.name(word).startswith(run.beginning)


def test_a_run_that_begins_now_is_known_to_the_second() -> None:
    name = Run.begin(_AT).name("small")
    assert name.startswith("lakewarden_test_20261123t051000z_")
    ours = recognise(name)
    assert ours is not None
    assert ours.run.made_at == _AT.replace(microsecond=0)


def test_two_runs_of_the_same_second_have_different_names() -> None:
    """Else one would drop the tables that the other is just judging."""
    assert len({Run.begin(_AT).name("small") for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "name",
    [
        "lakewarden_test",
        "lakewarden_test_results",
        "lakewarden_test_20261123t051000z_0a1b2c3d",
        "lakewarden_test_20261123t051000z_0a1b2c3d_",
        "lakewarden_test_20261123t051000z_0a1b2c3d_Small",
        "lakewarden_test_20261123t051000z_0a1b2c3d__small",
        "lakewarden_test_20261123t051000z_0a1b2c3d_small_",
        "lakewarden_test_20261123t051000z_0a1b2c3_small",
        "lakewarden_test_20261123t051000z_0A1B2C3D_small",
        "lakewarden_test_20261123_0a1b2c3d_small",
        "lakewarden_test_20260231t051000z_0a1b2c3d_small",
        "lakewarden_test_20261123t251000z_0a1b2c3d_small",
        "lakewarden_test_\u0662\u0660261123t051000z_0a1b2c3d_small",  # digits, but not ours
        f"my_{_NAME}",
        f"{_NAME}\n",
        f"{_NAME}.x",
        f"{_NAME}_{'x' * 40}",
        "orders",
        "",
    ],
)
def test_a_name_of_any_other_form_is_not_ours(name: str) -> None:
    """What is recognised may be dropped."""
    assert recognise(_NAME) is not None
    assert recognise(name) is None


@given(st.text(max_size=60))
def test_no_other_text_is_taken_for_ours(name: str) -> None:
    assert recognise(name) is None


@pytest.mark.parametrize("word", ["", "Small", "a-b", "a.b", "1a", "a__b", "a_", "x" * 41, "größe"])
def test_a_specification_that_would_not_be_recognised_again_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="cannot be part of a table's name"):
        Run.begin().name(word)


def test_every_specification_has_a_name_of_its_own_that_can_be_a_tables() -> None:
    specs = [each for each in vars(table_specs).values() if isinstance(each, Spec)]
    names = {Run.begin(_AT).name(spec.name) for spec in specs}
    assert len(names) == len(specs) >= 20


@pytest.mark.parametrize(
    ("later", "older"),
    [
        (timedelta(hours=5, minutes=59), False),
        (timedelta(hours=6), False),
        (timedelta(hours=6, seconds=1), True),
        (timedelta(days=400), True),
        (-timedelta(hours=9), False),
    ],
)
def test_a_run_is_old_when_it_began_more_than_so_long_ago(later: timedelta, older: bool) -> None:  # noqa: FBT001 -- the expectation
    """A clock that is behind makes nothing old: the run may still be judging its tables."""
    run = Run.begin(_AT)
    east = timezone(timedelta(hours=9))
    assert run.older_than(timedelta(hours=6), (run.made_at + later).astimezone(east)) is older
