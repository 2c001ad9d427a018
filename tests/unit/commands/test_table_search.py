"""One table of a report, by the name that a person types."""

from __future__ import annotations

import pytest
from msgspec import structs

from lakewarden.commands.table_search import find_table
from lakewarden.model.errors import ConfigurationError
from lakewarden_collector.inventory import Failure, LeftOut
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
    with pytest.raises(ConfigurationError, match="but it may be among") as problem:
        find_table(report, "p.s.bb")
    assert problem.value.details == ("a line of the inventory: the log is damaged",)
    assert problem.value.remedy == "Restore it. There are p.s.b, p.s.a."
    with pytest.raises(ConfigurationError, match=r"p\.s\.b couldn't be read"):
        find_table(report, "b")


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


@pytest.mark.parametrize("name", ["orders", "Sales.ORDERS", "`sales`.`orders`", "sales.orders"])
def test_catalog_and_schema_may_be_left_out_where_one_table_is_meant(name: str) -> None:
    report = sample(("prod", "sales", "orders"), ("prod", "resales", "reorders"))
    assert find_table(report, name).full_name == "prod.sales.orders"


def test_of_several_tables_that_end_so_each_is_named_unread_ones_too() -> None:
    report = sample(("dev", "s", "t"), ("prod", "s", "t"), ("prod", "x", "t"))
    with pytest.raises(ConfigurationError, match=r"2 tables that s\.t can mean") as problem:
        find_table(report, "s.t")
    assert problem.value.remedy == "Write one of them as it is: dev.s.t, prod.s.t."
    lost = Failure(what="qa.x.t", where="x", reason="no rights", remedy="GRANT it.")
    report.completeness = structs.replace(report.completeness, failures=(lost,))
    with pytest.raises(ConfigurationError, match=r"2 tables that x\.t can mean"):
        find_table(report, "x.t")


@pytest.mark.parametrize(
    ("failure", "name", "hidden"),
    [
        (("models/web.sql", "file"), "p.s.b", True),
        (("https://adb-1.example.com", "workspace"), "p.s.b", True),
        (("models/web.sql:7", "statement"), "b", True),
        (("row 3 of the schemas of p", "schema"), "p.s.b", True),
        (("7 tables, read but not decided", "table"), "p.s.b", True),
        (("schema p.web", "schema"), "b", True),
        (("schema p.web", "schema"), "p.s.b", False),
        (("catalog q", "catalog"), "p.s.b", False),
        (("p.s.c", "table"), "p.s.b", False),
        (("p.s.c, p.s.C", "table"), "p.s.b", False),
    ],
)
def test_a_table_may_be_among_what_was_lost(
    failure: tuple[str, str], name: str, *, hidden: bool
) -> None:
    """A person who reads "there is no such table" believes that it's gone."""
    report = sample(("p", "s", "a"))
    what, covers = failure
    lost = Failure(what=what, where="x", reason="It broke.", remedy="Mount it.", covers=covers)  # type: ignore[arg-type]
    report.completeness = structs.replace(report.completeness, failures=(lost,) * 12)
    with pytest.raises(ConfigurationError, match="has no table") as problem:
        find_table(report, name)
    assert ("may be among what couldn't be read or decided" in problem.value.what) == hidden
    assert problem.value.details == ((*[f"{what}: It broke"] * 10, "and 2 more") if hidden else ())
    assert problem.value.remedy.startswith("Mount it. There" if hidden else "There")


def test_a_table_that_was_left_out_or_not_asked_for_says_so() -> None:
    report = sample(("p", "s", "a"))
    left_out = (
        LeftOut(what="p.s.b", reason="dropped by the SQL files", tables=1),
        LeftOut(what="schema p.web", reason="no table is read there", tables=9),
    )
    report.completeness = structs.replace(report.completeness, left_out=left_out)
    report.run = structs.replace(report.run, narrowed=("--policy p.*", "--table p.s.*"))
    for name, words in (
        ("p.s.B", "no table p.s.B: it was left out: dropped by the SQL files"),
        ("p.web.x", "no table p.web.x: schema p.web was left out: no table is read there"),
        ("q.s.a2", "no table q.s.a2: the run was limited to p.s.*"),
        ("p.s.a2", "no table p.s.a2"),
    ):
        with pytest.raises(ConfigurationError) as problem:
            find_table(report, name)
        assert problem.value.what == f"the report has {words}"
        assert problem.value.remedy == "There is p.s.a."
