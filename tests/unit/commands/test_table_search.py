"""One table of a report, by the name that a person types."""

from __future__ import annotations

import pytest
from msgspec import structs

from lakewarden.commands.table_search import find_table
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.inventory import Failure
from lakewarden_collector.names import join_name
from tests.support import fixable, reports


def sample(*names: tuple[str, str, str]) -> reports.Sample:
    plain = fixable.table("a.b.c", {})
    return fixable.report(
        structs.replace(
            plain, full_name=join_name(parts), catalog_name=parts[0], schema_name=parts[1],
            name=parts[2],
        )
        for parts in names
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "prod.sales.orders",
        "PROD.Sales.orders",
        "`prod`.`sales`.`orders`",
        "prod.`sales`.orders",
    ],
)
def test_case_and_back_quotes_do_not_matter(name: str) -> None:
    report = sample(("prod", "sales", "orders"), ("prod", "sales", "orders_2"))
    assert find_table(report, name).name == "orders"


@pytest.mark.parametrize(
    "name", ["prod.sales.a.b", "prod.sales.`a.b`", "`prod`.`sales`.`A.B`", "prod.sales.A.b"]
)
def test_a_name_with_dots_is_found_as_it_is_shown_and_as_sql_writes_it(name: str) -> None:
    assert find_table(sample(("prod", "sales", "a.b")), name).name == "a.b"


def test_where_case_alone_tells_tables_apart_it_counts() -> None:
    report = sample(("p", "s", "Orders"), ("p", "s", "orders"))
    assert find_table(report, "p.s.Orders").name == "Orders"
    with pytest.raises(ConfigurationError, match="2 tables that") as problem:
        find_table(report, "p.s.ORDERS")
    assert "p.s.Orders, p.s.orders" in problem.value.remedy


def test_a_name_that_two_tables_share_lists_them() -> None:
    report = sample(("p", "s.t", "u"), ("p", "s", "t.u"))
    with pytest.raises(ConfigurationError) as problem:
        find_table(report, "p.s.t.u")
    assert "p.`s.t`.u, p.s.`t.u`" in problem.value.remedy
    assert find_table(report, "p.s.`t.u`").name == "t.u"


@pytest.mark.parametrize("name", ["p.s.order_3", "order_3", "p.s.*", "", "`", "p.s.\x1b[2J"])
def test_another_name_names_up_to_ten_that_are_near(name: str) -> None:
    report = sample(*(("p", "s", f"order_{number}x") for number in range(30)))
    with pytest.raises(ConfigurationError, match="has no table") as problem:
        find_table(report, name)
    assert problem.value.where == "--table"
    assert problem.value.remedy.count("p.s.order_") == 10
    if "order_3" in name:
        assert "p.s.order_3x" in problem.value.remedy


def test_a_table_that_could_not_be_read_says_why() -> None:
    report = sample(("p", "s", "a"))
    failure = Failure(what="p.s.b", where="x", reason="the log is damaged", remedy="Restore it.")
    line = structs.replace(failure, what="a line of the inventory")
    report.completeness = structs.replace(report.completeness, failures=(line, failure))
    with pytest.raises(ConfigurationError, match="the log is damaged") as problem:
        find_table(report, "P.s.`b`")
    assert problem.value.remedy == "Restore it."
    with pytest.raises(ConfigurationError, match="has no table") as problem:
        find_table(report, "p.s.bb")
    assert problem.value.remedy == "There are p.s.b, p.s.a."


def test_a_table_with_several_documents_says_why_it_was_not_decided() -> None:
    report = sample(("p", "s", "a"))
    failure = Failure(what="p.s.b, p.s.`B`", where="x", reason="there are two", remedy="Keep one.")
    report.completeness = structs.replace(report.completeness, failures=(failure,))
    for name in ("p.s.b", "p.s.B"):
        with pytest.raises(ConfigurationError, match="there are two"):
            find_table(report, name)


@pytest.mark.parametrize("covers", ["schema p.`x.y`", "catalog p"])
def test_a_table_of_what_could_not_be_listed_says_why(covers: str) -> None:
    report = sample(("p", "s", "a"))
    kind = covers.partition(" ")[0]
    failure = Failure(what=covers, where="x", reason="no rights", remedy="GRANT it.", covers=kind)  # type: ignore[arg-type]
    report.completeness = structs.replace(report.completeness, failures=(failure,))
    with pytest.raises(
        ConfigurationError, match=f"{covers} couldn't be listed.*no rights"
    ) as caught:
        find_table(report, "P.`x.y`.b")
    assert caught.value.remedy == "GRANT it."
    with pytest.raises(ConfigurationError, match="has no table"):
        find_table(report, "px.s.b")
