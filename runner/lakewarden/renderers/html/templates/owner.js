"use strict";
// Where the list is one owner's: how they stand, and what they do first, above the filters.
const ownerSummary = (() => {
  const FACTORS = [10_000, 1_000, 100, 10, 1]; // as report/weight.py has them, the worst severity first
  const UNSIZED_BYTES = 2 ** 30;
  const FIRST = 3;
  const { el, badge, bdi, joined } = tablePage;
  const box = el("section", { id: "owner-summary", class: "card pad", hidden: true, "aria-labelledby": "owner-name" });
  document.getElementById("filters").before(box);
  let current = "";

  const written = (number, thing) => `${number.toLocaleString("en")} ${number === 1 ? thing : `${thing}s`}`;

  function figures(tables, owner) {
    const { words } = tables;
    const bad = words.statuses.findIndex(([status]) => status === "non_compliant");
    const unsure = words.statuses.findIndex(([status]) => status === "undecided");
    const found = { tables: 0, broken: 0, bytes: 0, undecided: 0, failing: [] };
    for (let row = 0; row < tables.count; row += 1) {
      if (tables.owner[row] !== owner) continue;
      found.tables += 1;
      found.undecided += Number(tables.status[row] === unsure);
      const broken = tables.status[row] === bad;
      if (broken) {
        found.broken += 1;
        found.bytes += Math.max(tables.size[row], 0);
      }
      const factor = FACTORS[tables.severity[row]];
      const size = tables.size[row];
      if (factor) found.failing.push({ row, broken, weight: factor * (size < 0 ? UNSIZED_BYTES : Math.max(size, 1)) });
    }
    found.failing.sort((a, b) => Number(b.broken) - Number(a.broken) || b.weight - a.weight || a.row - b.row);
    return found;
  }

  // The failure of the worst severity, those that gate before the others.
  function worst(tables, decisions) {
    const rank = ({ policy, said }) => [
      Number((said.enforcement ?? policy.enforcement) !== "mandatory"),
      tables.words.severities.indexOf(said.severity ?? policy.severity),
    ];
    return tables.words.policies
      .map((policy) => ({ policy, said: decisions[policy.id] }))
      .filter(({ said }) => said?.outcome === "fail")
      .sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])[0];
  }

  async function task(tables, { row }, number) {
    const { decisions } = await tables.details(row);
    const name = tables.fullName(row);
    const failure = worst(tables, decisions);
    const size = tables.size[row];
    const item = el("li", {}, el(
      "p", {}, el("a", { href: `#owner=${encodeURIComponent(current)}&table=${encodeURIComponent(name)}` }, bdi(name)), " ",
      badge(`sev-${tables.words.severities[tables.severity[row]]}`, tables.words.severities[tables.severity[row]]), " ",
      el("span", { class: "muted" }, size < 0 ? "size unknown" : tables.sizeWords(size)),
    ));
    if (!failure) return item;
    const sql = failure.said.violations?.[0]?.fixes?.[0]?.sql;
    item.append(el("p", {}, failure.policy.title));
    if (sql) {
      const id = `owner-sql-${number}`;
      item.append(el(
        "div", { class: "sql" }, el("code", { id }, joined(sql)),
        el("button", { type: "button", class: "copy", "data-copy": id, "aria-label": `Copy the SQL for ${name}` }, "Copy"),
      ));
    }
    return item;
  }

  async function show(tables, name) {
    if (name === current) return;
    current = name;
    const owner = tables.owners.indexOf(name);
    box.hidden = owner < 0;
    if (owner < 0) return;
    const found = figures(tables, owner);
    const undecided = found.undecided ? ` ${written(found.undecided, "table")} couldn't be decided.` : "";
    const bytes = found.bytes ? ` (${tables.sizeWords(found.bytes)})` : "";
    box.replaceChildren(
      el("h3", { id: "owner-name" }, bdi(name)),
      el("p", {}, `${found.broken.toLocaleString("en")} of ${written(found.tables, "table")} break a mandatory policy${bytes}.${undecided}`),
    );
    if (!found.failing.length) return;
    const tasks = await Promise.all(found.failing.slice(0, FIRST).map((each, number) => task(tables, each, number)));
    if (name !== current) return; // another owner was chosen meanwhile
    const rest = found.failing.length - tasks.length;
    box.append(el("p", {}, el("b", {}, "Do this first")), el("ol", { class: "tasks", role: "list" }, ...tasks));
    if (rest) box.append(el("p", { class: "muted" }, `${written(rest, "more table")} below`));
  }

  return { show };
})();
