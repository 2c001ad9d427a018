"""Where no OPA checks the policies, their text is searched for built-ins that are impure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakewarden.engines.bundle.purity import IMPURE, impure_calls, reject_impure
from lakewarden.model.errors import ConfigurationError


@pytest.mark.parametrize(
    "line",
    [
        'x := http.send({"url": "a"})',
        'x := http["send"]({})',
        "x := http[`send`]({})",
        "x if { y := 1;http.send(y) }",
        'x := f("# no comment", http.send({}))',
        "x := [http.send]",
        "x := 1 + -http.send({})",
    ],
)
def test_a_call_is_seen_however_it_is_written(line: str) -> None:
    assert list(impure_calls(f"package p\n\n{line}\n")) == [(3, "http.send")]


@pytest.mark.parametrize(
    "line",
    [
        "# http.send is forbidden",
        'message := "never call http.send"',
        "message := `time.now_ns()`",
        "x := input.http.send",
        "x := data.rand.intn",
        "x := my.http.send",
        "x := http.sender(1)",
        'x := concat("\\"", ["http.send("])',
        "x := time.now",
        "x := time.now_ns_of",
    ],
)
def test_what_only_looks_like_a_call_is_left_alone(line: str) -> None:
    assert list(impure_calls(f"package p\n\n{line}\n")) == []


@given(st.sampled_from(sorted(IMPURE)), st.text("abc \n#\"'.[]{}()`", max_size=30))
def test_a_call_on_a_line_of_its_own_is_never_missed(name: str, before: str) -> None:
    """Whatever text comes before, unless it leaves a raw string open."""
    text = f"{before}\nx := {name}()\n"
    if before.count("`") == 0:
        assert name in [called for _, called in impure_calls(text)]


def test_the_error_says_which_built_in_where_and_why() -> None:
    with pytest.raises(ConfigurationError) as caught:
        reject_impure([("a.rego", "package a\n"), ("b.rego", "package b\n\nx := time.now_ns()\n")])
    assert str(caught.value) == "b.rego:3: a policy may not call time.now_ns"
    assert "replayed" in caught.value.remedy
