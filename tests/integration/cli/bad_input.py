"""What goes wrong, by the name it has in docs/errors.md; each returns how the command ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

from tests.integration.cli import bad_engine as engine
from tests.integration.cli import bad_policy as policy
from tests.integration.cli import bad_workspace as workspace
from tests.support import plug_ins
from tests.support.agreeing_reports import agreeing
from tests.support.commandline import CLUSTERED, document, lakewarden, write_lines

Ended = CompletedProcess[str]
BadInput = Callable[[Path], Ended]

_WAIVER: Final = """waivers:
  - policy: clustering.key_limit
    table: a.b.c
    reason: a reason
    owner: somebody
    expires: 2027-01-31
"""
_HEADER: Final = (
    '{{"inventory":{{"schema_version":{},"source":"delta","scope":"x",'
    '"started_at":"2026-11-23T05:00:00Z","tool_version":"0"}}}}\n'
)


def evaluate(folder: Path, *arguments: str | Path) -> Ended:
    """Evaluate one good document with these arguments."""
    inventory = write_lines(folder / "good.ndjson", document("orders"))
    return lakewarden("evaluate", "--inventory", inventory, *arguments, cwd=folder)


def settings(text: str, name: str = "clustering_config.yaml") -> BadInput:
    """Evaluate under a configuration folder with this one file."""

    def run(folder: Path) -> Ended:
        config = folder / "settings"
        config.mkdir()
        (config / name).write_text(text)
        return evaluate(folder, "--config", config)

    return run


def inventory(text: str) -> BadInput:
    """Evaluate an inventory of this text."""

    def run(folder: Path) -> Ended:
        (folder / "lake.ndjson").write_text(text)
        return lakewarden("evaluate", "--inventory", "lake.ndjson", cwd=folder)

    return run


def arguments(*given: str) -> BadInput:
    """Evaluate one good document with these arguments."""
    return lambda folder: evaluate(folder, *given)


def command(*given: str) -> BadInput:
    """Run exactly this command."""
    return lambda folder: lakewarden(*given, cwd=folder)


def lines(*documents: dict[str, Any]) -> str:
    """Return documents as NDJSON."""
    return "".join(f"{json.dumps(each)}\n" for each in documents)


_ORDERS = lines(document("orders", **CLUSTERED))
_NEGATIVE = lines(document("returns", size={"bytes": -1}))

_PLAN: Final = '{"format_version":"1.2","terraform_version":"1.9.8","resource_changes":[]}'


def given(name: str, text: str, *before: str) -> BadInput:
    """Run a command whose last argument is a file of this text."""

    def run(folder: Path) -> Ended:
        (folder / name).write_text(text)
        return lakewarden(*before, name, cwd=folder)

    return run


def dbt_results(folder: Path) -> Ended:
    """Name what dbt wrote about a run where the manifest of a project is wanted."""
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    written = {"metadata": {"dbt_schema_version": schema}, "results": []}
    (folder / "run_results.json").write_text(json.dumps(written))
    return lakewarden("evaluate", "--source", "dbt:run_results.json", cwd=folder)


def sql(name: str, text: str) -> BadInput:
    """Evaluate a file as SQL."""

    def run(folder: Path) -> Ended:
        (folder / name).write_text(text)
        return lakewarden("evaluate", "--source", f"sql:{name}", cwd=folder)

    return run


def settings_file(folder: Path) -> Ended:
    """Name a settings file where its folder is wanted."""
    (folder / "clustering_config.yaml").write_text("max_clustering_columns: 3\n")
    return evaluate(folder, "--config", "clustering_config.yaml")


def promises_in_an_inventory(folder: Path) -> Ended:
    """Name another inventory where the file of promises belongs."""
    write_lines(folder / "other.ndjson", document("orders"))
    return evaluate(folder, "--promises", "other.ndjson")


def edited_report(folder: Path) -> Ended:
    """Compare with a report in which a count was changed."""
    evaluate(folder, "--report", "earlier.json")
    report = (folder / "earlier.json").read_text("utf-8")
    edited = report.replace('"tables_evaluated":1', '"tables_evaluated":2')
    (folder / "edited.json").write_text(edited, "utf-8")
    return evaluate(folder, "--previous", "edited.json")


def beside(*given: str) -> BadInput:
    """Evaluate an SQL file beside an estate, with these arguments."""

    def run(folder: Path) -> Ended:
        (folder / "V1.sql").write_text("CREATE TABLE main.sales.orders (id BIGINT)")
        write_lines(folder / "estate.ndjson", document("orders"))
        planned = {"tool": "sql", "address": "CREATE TABLE"}
        write_lines(folder / "planned.ndjson", document("orders", definition=planned))
        return lakewarden("evaluate", "--source", "sql:V1.sql", *given, cwd=folder)

    return run


def template(text: str) -> BadInput:
    """Render a report by a template of this text."""

    def run(folder: Path) -> Ended:
        agreeing().write(folder / "report.json")
        (folder / "mine.j2").write_text(text)
        return lakewarden("report", "report.json", "--format", "template:mine.j2", cwd=folder)

    return run


def plug_in(code: str, name: str = "acme") -> BadInput:
    """Render a report in the format of a plug-in with this code."""

    def run(folder: Path) -> Ended:
        agreeing().write(folder / "report.json")
        entry = {name: "lakewarden_acme:Renderer"}
        plug_ins.install(folder / "site", "lakewarden_acme", entry, code)
        site = str(folder / "site")
        return lakewarden("report", "report.json", "--format", name, cwd=folder, PYTHONPATH=site)

    return run


_RENDERER: Final = """
class Renderer:
    format = "acme"
    def render(self, report, out):
        report.nothing
"""


BAD_INPUTS: Final[dict[str, BadInput]] = {
    "a settings file that isn't valid YAML": settings("test_schemas: [a\nexempt: ]["),
    "an unknown setting": settings("exempt_small_tables: true\nmax_keys: 4\n"),
    "a setting of the wrong type": settings("\n\nmax_clustering_columns: many\n"),
    "a setting twice": settings("max_clustering_columns: 3\nmax_clustering_columns: 4\n"),
    "settings of a domain that does not exist": settings("", "clustring_config.yaml"),
    "an override with an unknown setting": settings("overrides:\n- tables: a.*\n  max_keys: 4\n"),
    "an override of a policy that does not exist": settings(
        "overrides:\n- tables: a.*\n  enforcement: {key_limits: advisory}\n"
    ),
    "an override whose pattern has brackets": settings(
        "overrides:\n- tables: 'a.[bc]'\n  max_clustering_columns: 4\n"
    ),
    "a waiver without an approver": settings(_WAIVER, "waivers.yaml"),
    "a bad inventory line": inventory(_ORDERS + _NEGATIVE),
    "a duplicate table": inventory(_ORDERS + lines(document("returns", **CLUSTERED)) + _ORDERS),
    "a truncated inventory": inventory(_HEADER.format(1) + _ORDERS),
    "an inventory without its first line": inventory(
        _ORDERS + '{"end":{"documents":1,"failures":0}}\n'
    ),
    "an inventory whose counts disagree": inventory(
        _HEADER.format(1) + _ORDERS + '{"end":{"documents":2,"failures":0}}\n'
    ),
    "an inventory of a newer schema version": inventory(_HEADER.format(9)),
    "an empty inventory": inventory(""),
    "an inventory without tables": inventory(
        _HEADER.format(1) + '{"end":{"documents":0,"failures":0}}\n'
    ),
    "a Terraform plan for an inventory": given("plan.json", _PLAN, "evaluate", "--inventory"),
    "a dbt run's results for a manifest": dbt_results,
    "a Terraform plan for SQL files": sql("plan.json", '{"format_version":"1.2"}'),
    "a SQL file with a template": sql("V1.sql", "\nCREATE TABLE ${x}.s.t (a INT)"),
    "a report for an inventory": given(
        "report.json", '{"schema_version":1,\n"policies":[', "evaluate", "--inventory"
    ),
    "a page for an inventory on standard input": lambda folder: lakewarden(
        "evaluate", "--inventory", "-", cwd=folder, stdin="<!DOCTYPE html>\n<html>"
    ),
    "a folder for an inventory": command("evaluate", "--inventory", "."),
    "an inventory for a report": given("good.ndjson", _ORDERS, "report"),
    "an inventory for a list of tables": lambda folder: lakewarden(
        *("evaluate", "--source", f"delta:{write_lines(folder / 'good.ndjson', document('a'))}"),
        cwd=folder,
    ),
    "an inventory of other things to reuse": workspace.reusing("page.html", "<html></html>"),
    "a file for the folder of settings": settings_file,
    "an inventory that does not exist": command("evaluate", "--inventory", "absent.ndjson"),
    "a source that does not exist": command("evaluate", "--source", "delta:nowhere"),
    "a kind of source that does not exist": command("evaluate", "--source", "iceberg:x"),
    "no source at all": command("evaluate"),
    "a pattern that matches no policy": arguments("--policy", "clustering.key_limits"),
    "a pattern that matches no table": arguments("--table", "main.sale.*"),
    "a pattern that matches no table of a workspace": workspace.narrowed_to_nothing,
    "an unknown report format": arguments("--report", "pdf=report.pdf"),
    "a report whose name tells no format": arguments("--report", "report"),
    "a template with an error": template("line one\n{{ summary.totals }}\n"),
    "a template that reaches out": template("{{ tables.__class__.__mro__ }}"),
    "a plug-in that can't be loaded": plug_in("import module_that_is_not_there"),
    "a plug-in that takes a name of ours": plug_in(_RENDERER, "json"),
    "a plug-in that fails": plug_in(_RENDERER),
    "a report path that can't be written": arguments("--report", "html=absent/report.html"),
    "an estate that does not exist": beside("--with", "absent.ndjson"),
    "a plan for an estate": beside("--with", "planned.ndjson"),
    "an estate beside an inventory": arguments("--with", "good.ndjson"),
    "one standard input for a plan and its estate": command(
        "evaluate", "--source", "terraform:-", "--with", "-"
    ),
    "a pattern for a workspace that a plan names": beside(
        "--with", "databricks", "--include", "main.*"
    ),
    "a report over the estate": beside("--with", "estate.ndjson", "--report", "json=estate.ndjson"),
    "a previous report that does not exist": arguments("--previous", "absent.json"),
    "a previous report that is none": arguments("--previous", "good.ndjson"),
    "a previous report that was edited": edited_report,
    "promises in a file of something else": promises_in_an_inventory,
    "promises in a file that can't be read": arguments("--promises", "."),
    "a history in a folder with other files": arguments("--history", "."),
    "a history without a place": arguments("--history", ""),
    "a report over the previous one": arguments("--report", "json=r", "--previous", "./r"),
    "a report over its own inventory": arguments("--report", "json=good.ndjson"),
    "a report over its inventory by another name": arguments("--report", "json=x/../good.ndjson"),
    "a report in the log of a Delta table": arguments("--report", "t/_delta_log/report.json"),
    "a report on a full disk": arguments("--report", "html=/dev/full"),
    "two reports in one file": arguments("--report", "json=r", "--report", "html=r"),
    "a pattern of --allow that matches no policy": arguments("--allow", "fail:clusterin.*"),
    "a token with a line break": engine.broken_token,
    "a proof that isn't a set": policy.proves_no_set,
    "a time without an offset": arguments("--now", "2026-11-23T05:10:00"),
    "an outcome that cannot be allowed": arguments("--allow", "pass"),
    "a policy folder without policies": policy.empty_folder,
    "a git reference that does not exist": policy.unknown_reference,
    "an OPA bundle with a link": policy.link_in_a_bundle,
    "a policy source that is not locked": policy.unlocked_source,
    "a policy that does not compile": policy.does_not_compile,
    "a policy without annotation": policy.without_annotation,
    "a policy that asks what cannot be tried": policy.asks_what_cannot_be_tried,
    "a policy that asks the network": policy.asks_the_network,
    "a policy that proves nothing": policy.proves_nothing,
    "a policy that proves both": policy.proves_both,
    "an evaluation error in one document": policy.evaluation_error,
    "an OPA that cannot start": engine.cannot_start,
    "an OPA that dies again and again": engine.dies,
    "a downloaded OPA with the wrong checksum": engine.wrong_checksum,
    "a wrong token": engine.wrong_token,
    "a server with different policies": engine.different_policies,
    "a server that is not there": engine.no_server,
    "Ctrl-C in the middle": engine.interrupted,
    "SIGTERM in the middle": engine.terminated,
    "a workspace with a location": command("evaluate", "--source", "databricks:prod"),
    "an option of a workspace for another source": command(
        "evaluate", "--source", "demo", "--profile", "prod"
    ),
    "a plan of what costs nothing": command("collect", "--source", "demo", "--plan"),
    "an age that is none": workspace.asking("--max-age", "1 day"),
    "a share that is none": workspace.asking("--min-coverage", "1.5"),
    "a collection that cannot be resumed": workspace.asking("--resume"),
    "no workspace": workspace.no_workspace,
    "a profile that does not exist": workspace.asking("--profile", "absent"),
    "a profile that the environment overrides": workspace.outdone,
    "a host that is not there": workspace.no_host,
    "credentials that the workspace refuses": workspace.unknown_token,
    "a workspace without a metastore": workspace.no_metastore,
    "a journal that was left": workspace.left_journal,
    "a journal of another collection": workspace.others_journal,
    "a journal that is none": workspace.no_journal,
    "a previous inventory that does not exist": workspace.asking("--reuse", "absent.ndjson"),
    "no SQL warehouse": workspace.no_warehouse,
    "a SQL warehouse that does not exist": workspace.asking("--warehouse-id", "absent"),
    "a budget that is spent": workspace.spent_budget,
    "a system table that may not be read": workspace.denied_history,
    "a schema that may not be listed": workspace.unlisted_schema,
    "a catalog that nobody lists": workspace.asking("--include", "absent.*"),
    "fewer tables than were demanded": workspace.too_few,
    "Ctrl-C while a workspace is collected": workspace.interrupted,
}
