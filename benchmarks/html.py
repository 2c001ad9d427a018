"""What the HTML page costs: `make bench WHAT=html`.

Writes pages over estates of several sizes whose tables all differ, and opens them in the system's
Chromium: the file's size, nodes, the time until the list of tables can be used, and the slowest of
some filters, sorts and openings. Writing is put beside deciding, as a ratio, over generated
documents: both on this machine in one run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, cast

from playwright.sync_api import Browser

from benchmarks.documents import write_inventory
from benchmarks.what_if import run
from lakewarden.model.report import Report
from lakewarden.renderers.html.renderer import HtmlRenderer
from lakewarden.report.file import open_unchecked_report
from tests.integration.browser import chromium
from tests.support.estates import Estate

RESULTS: Final = Path(__file__).parent / "results" / "html.json"

_MEASURE: Final = """
async () => {
  const list = document.getElementById("table-list");
  const field = (name) => document.getElementById(`by-${name}`);
  const time = async (act, done = () => true) => {
    document.body.offsetHeight;
    const began = performance.now();
    act();
    while (!done()) await new Promise((next) => setTimeout(next));
    document.body.offsetHeight;
    return performance.now() - began;
  };
  const set = (name, value) => () => {
    field(name).value = value;
    field(name).dispatchEvent(new Event("input", {bubbles: true}));
  };
  await new Promise((next) => setTimeout(next, 1500));
  const filters = [];
  const choices = {
    q: "orders", status: "undecided", outcome: "fail", policy: "clustering.key_limit",
    severity: "high", exemption: "waiver", owner: "team-1",
  };
  for (const [name, value] of Object.entries(choices)) {
    filters.push(await time(set(name, value)));
    filters.push(await time(set(name, "")));
  }
  const sorts = [];
  for (const button of document.querySelectorAll("#sorting button")) {
    sorts.push(await time(() => button.click()), await time(() => button.click()));
  }
  const opens = [];
  for (const summary of [...list.querySelectorAll(".row summary")].slice(0, 5)) {
    const row = summary.closest(".row");
    opens.push(await time(() => summary.click(), () => row.querySelector(".body")));
    summary.click();
  }
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  let nodes = 0;
  while (walk.nextNode()) nodes += 1;
  return {nodes, filter: Math.max(...filters), sort: Math.max(...sorts), open: Math.max(...opens)};
}
"""


def main() -> None:
    """Measure, print a line for each size and write `benchmarks/results/html.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    path = chromium.executable()
    if path is None:
        sys.exit("no Chromium found: install it, for example by `make tools`")
    result: dict[str, Any] = {"pages": {}}
    with tempfile.TemporaryDirectory(prefix="lakewarden-bench-") as scratch, \
            chromium.browser(path) as browser:  # fmt: skip
        for tables in arguments.sizes:
            page = Path(scratch, "report.html")
            _write(cast("Report", Estate(tables)), page)
            found = [_opened(browser, page) for _ in range(arguments.rounds)]
            figures = {name: round(min(each[name] for each in found)) for name in found[0]}
            result["pages"][str(tables)] = {"bytes": page.stat().st_size, **figures}
            print(
                f"{tables:,} tables: {page.stat().st_size / 1e6:.2f} MB, {figures['nodes']:,} "
                f"nodes; usable in {figures['usable']:,} ms, filter {figures['filter']} ms, sort "
                f"{figures['sort']} ms, open {figures['open']} ms",
                flush=True,
            )
        result |= _beside_deciding(Path(scratch), arguments.documents)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"writing the page of {arguments.documents:,} tables: "
        f"{result['of_the_time_to_decide']:.1%} of the time to decide"
    )
    print(RESULTS)


def _write(report: Report, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        HtmlRenderer().render(report, out)


def _opened(browser: Browser, path: Path) -> dict[str, float]:
    """Open the page and return what `_MEASURE` finds, in milliseconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    page.locator("html[data-tables=ready]").wait_for()
    usable = page.evaluate("performance.getEntriesByName('tables-ready')[0].startTime")
    found: dict[str, float] = {"usable": usable, **page.evaluate(_MEASURE)}
    page.close()
    return found


def _beside_deciding(scratch: Path, documents: int) -> dict[str, Any]:
    inventory, report = scratch / "lake.ndjson", scratch / "report.json"
    write_inventory(inventory, documents)
    deciding = run(inventory, report)["Deciding"]
    begun = time.monotonic()
    _write(open_unchecked_report(report), scratch / "report.html")
    writing = time.monotonic() - begun
    return {
        "documents": documents,
        "seconds_to_decide": round(deciding, 2),
        "seconds_to_write": round(writing, 2),
        "of_the_time_to_decide": round(writing / deciding, 3),
    }


if __name__ == "__main__":
    main()
