"""A waiver excuses a table for months: one that nobody signed or that never ends must not load."""

from pathlib import Path

import pytest

from lakewarden.model.errors import ConfigurationError
from lakewarden.settings.waivers import Waiver, load_waivers

GOOD = {
    "policy": "colour.shade",
    "table": "prod.sales.orders",
    "reason": "migration",
    "owner": "sales",
    "approved_by": "cdo",
    "expires": "2027-01-31",
}


def load(tmp_path: Path, fields: dict[str, str] | str) -> tuple[Waiver, ...]:
    text = fields
    if isinstance(fields, dict):
        lines = [f"{key}: {value}" for key, value in fields.items()]
        text = "waivers:\n  - " + "\n    ".join(lines) + "\n"
    (tmp_path / "waivers.yaml").write_text(str(text))
    return load_waivers(tmp_path, {"colour.shade"})


def test_a_complete_waiver_is_read(tmp_path: Path) -> None:
    (waiver,) = load(tmp_path, GOOD)
    assert (waiver.table, waiver.expires) == ("prod.sales.orders", "2027-01-31")


def test_no_file_and_an_empty_list_are_no_waivers(tmp_path: Path) -> None:
    assert load_waivers(tmp_path, set()) == ()
    assert load(tmp_path, "waivers: []") == ()
    assert load(tmp_path, "waivers:\n  # none yet") == ()


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_waiver_that_lacks_something_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, {key: value for key, value in GOOD.items() if key != missing})
    assert caught.value.where.endswith("waivers.yaml:2")
    assert missing in str(caught.value)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ({"expires": "never"}, 7, "isn't a date"),
        ({"expires": "2027-02-30"}, 7, "isn't a date"),
        ({"expires": "9999-12-31"}, 7, "isn't a date"),
        ({"expires": "2027-W05-1"}, 7, "isn't a date"),
        ({"expires": "20270131T10:00:00Z"}, 7, "isn't a date"),
        ({"expires": "'2027-01-31 10:00:00Z'"}, 7, "isn't a date"),
        ({"expires": "20270131"}, 7, "Expected `str`"),
        ({"policy": "colour.shad"}, 2, "there is no policy colour.shad"),
        ({"reason": "'  '"}, 4, "`reason` is empty"),
        ({"reason": '"\\u200b\\u00ad"'}, 4, "`reason` is empty"),
        ({"owner": '"\\u3164"'}, 5, "`owner` is empty"),
        ({"approved_by": '"\\ufeff\\ufe0f"'}, 6, "`approved_by` is empty"),
        ({"ticket": '"\\u2800"'}, 8, "`ticket` is empty"),
        ({"starts": "soon"}, 8, "`starts` isn't a date: soon"),
        ({"starts": "2262-12-31"}, 8, "`starts` isn't a date"),
        ({"starts": "2027-02-01"}, 8, "starts on 2027-02-01 can't expire on 2027-01-31"),
        ({"starts": "2027-02-01T00:00:00Z"}, 8, "can't expire on 2027-01-31"),
        ({"kind": "wrong"}, 8, "Invalid enum value 'wrong'"),
        ({"pattern": "prod.*"}, 2, "either one `table` or one `pattern`"),
        ({"note": "x"}, 2, "unknown field `note`"),
    ],
)
def test_a_wrong_waiver_is_named_with_its_line(
    tmp_path: Path, change: dict[str, str], line: int, words: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, GOOD | change)
    assert words in f"{caught.value} {caught.value.remedy}"
    assert int(caught.value.where.rpartition(":")[2]) in {line, 2}


def test_a_pattern_with_brackets_is_refused_and_not_an_error_of_every_decision(
    tmp_path: Path,
) -> None:
    fields = {key: value for key, value in GOOD.items() if key != "table"}
    with pytest.raises(ConfigurationError, match=r"`pattern` has \["):
        load(tmp_path, fields | {"pattern": '"prod.[s"'})


def test_a_time_of_day_may_be_given(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD | {"expires": "2027-01-31T12:00:00Z"})


@pytest.mark.parametrize("starts", ["2027-01-31", "2027-01-31T23:59:59Z"])
def test_a_waiver_may_start_on_the_day_on_which_it_expires(tmp_path: Path, starts: str) -> None:
    (waiver,) = load(tmp_path, GOOD | {"starts": starts})
    assert waiver.starts == starts


def test_a_waiver_accepts_a_risk_unless_it_says_else(tmp_path: Path) -> None:
    assert [each.kind for each in load(tmp_path, GOOD)] == ["accepted"]
    assert [each.kind for each in load(tmp_path, GOOD | {"kind": "mitigated"})] == ["mitigated"]


@pytest.mark.parametrize("text", ["waiver: []", "waivers: {}", 'waivers: ""', "waivers: false"])
def test_something_else_in_the_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="isn't a list of waivers"):
        load(tmp_path, text)


@pytest.mark.parametrize("text", ["", "# none yet", "waivers:", "waivers: []"])
def test_no_waivers_are_no_waivers(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"table": "''"}, "`table` is empty"),
        ({"pattern": "' '"}, "`pattern` is empty"),
        ({"table": "'prod.*'"}, "Write `pattern`"),
    ],
)
def test_a_waiver_about_no_table_is_refused(
    tmp_path: Path, where: dict[str, str], words: str
) -> None:
    fields = {key: value for key, value in GOOD.items() if key != "table"}
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, fields | where)
    assert words in f"{caught.value} {caught.value.remedy}"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("prod.sales.a.b", "prod.sales.`a.b`"),
        ("prod.sales.a b", "prod.sales.`a b`"),
        ("sales.orders", "catalog.schema.table"),
        ("prod.sales.`a", "isn't a full name"),
    ],
)
def test_a_table_that_is_no_full_name_is_refused(tmp_path: Path, table: str, words: str) -> None:
    """It would match no table, and its author would believe that it does."""
    (tmp_path / "waivers.yaml").write_text(_with_table(table), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_waivers(tmp_path, {"clustering.key_limit"})
    assert words in f"{raised.value} {raised.value.remedy}"


def test_needless_quotes_are_left_out(tmp_path: Path) -> None:
    """Waivers are compared with names as documents have them."""
    text = _with_table("`prod`.sales.`a.b`")
    (tmp_path / "waivers.yaml").write_text(text, encoding="utf-8")
    (waiver,) = load_waivers(tmp_path, {"clustering.key_limit"})
    assert waiver.table == "prod.sales.`a.b`"


def _with_table(table: str) -> str:
    return (
        "waivers:\n- policy: clustering.key_limit\n  reason: r\n  owner: o\n  approved_by: a\n"
        f'  expires: "2027-01-31"\n  table: "{table}"\n'
    )
