"use strict";
// One table as it is drawn: its row, and what is said of it when the row is opened.
const tablePage = (() => {
  const ORDER = ["fail", "error", "unknown", "exempt"];
  const KINDS = { rule: "By rule", flag: "By the owner's flag", waiver: "By waiver" };
  let copied = 0;

  function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  const badge = (kind, text) => el("span", { class: `badge is-${kind}` }, text);
  const bdi = (text, attributes = {}) => el("bdi", attributes, text);
  const linkTo = (name) => `#table=${encodeURIComponent(name)}`;

  function row(tables, number) {
    const { words } = tables;
    const [catalog, schema, name] = tables.parts(number);
    const [status, statusWords] = words.statuses[tables.status[number]];
    const severity = words.severities[tables.severity[number]];
    const size = tables.size[number];
    const owner = tables.owners[tables.owner[number]];
    const place = tables.place(number);
    const fullName = tables.fullName(number);
    const plain = fullName === `${catalog}.${schema}.${name}`;
    const label = el("bdi", { class: "full-name" });
    if (plain) label.append(el("span", { class: "muted" }, `${catalog}.${schema}.`), el("b", {}, name));
    else label.append(el("b", {}, fullName));
    if (place) label.append(" ", bdi(place, { class: "declared muted" }));
    const summary = el(
      "summary", {}, label,
      el("span", { class: `status badge is-${status}` }, statusWords),
      el("span", { class: severity ? `severity badge is-sev-${severity}` : "severity" }, severity),
      el("span", { class: size < 0 ? "size muted" : "size" }, size < 0 ? "size unknown" : tables.sizeWords(size)),
      bdi(owner, { class: owner.startsWith("(") ? "owner muted" : "owner" }),
    );
    return el("li", { class: "row", role: "listitem", "data-name": fullName }, el("details", {}, summary));
  }

  const joined = (sql) => sql.map((each) => `${each};`).join("\n");

  function statements(sql) {
    copied += 1;
    const id = `sql-${copied}`;
    return el(
      "div", { class: "sql" },
      el("pre", { id, tabindex: "0" }, el("code", {}, joined(sql))),
      el("button", { type: "button", "data-copy": id }, "Copy"),
    );
  }

  function fix({ title, sql, requires, note, undo }) {
    const parts = [el("p", {}, el("b", {}, title))];
    if (sql) parts.push(statements(sql));
    if (requires) parts.push(el("p", {}, el("b", {}, "Requires: "), requires.join("; ")));
    if (note) parts.push(el("p", {}, note));
    if (undo) parts.push(el("details", {}, el("summary", {}, "How to undo it"), statements(undo)));
    return el("li", { class: "fix" }, ...parts);
  }

  function violation({ message, key, expected, actual, past, known }) {
    const pairs = [["About", key], ["Expected", expected], ["Actual", actual]]
      .filter(([, value]) => value !== undefined)
      .map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, el("code", {}, value))));
    return [
      el("p", {}, message),
      pairs.length ? el("dl", { class: "versus" }, ...pairs) : null,
      past ? el("p", { class: "muted" }, `Fails ${past}.`) : null,
      known ? el("p", { class: "muted" }, known) : null,
    ];
  }

  function exemption({ kind, reason, owner, approved_by: approved, ticket, expires }) {
    const more = [["owner", owner], ["approved by", approved], ["ticket", ticket], ["expires", expires]]
      .filter(([, value]) => value).map((pair) => pair.join(" ")).join(", ");
    return [
      el("p", {}, el("b", {}, `${KINDS[kind] ?? kind}: `), reason),
      more ? el("p", { class: "muted" }, more) : null,
    ];
  }

  function missing({ what, reason, remedy }) {
    return [
      el("p", {}, el("b", {}, "Missing: "), reason ? `${what}: ${reason}` : what),
      remedy ? el("p", { class: "prose remedy" }, remedy) : null,
    ];
  }

  function remedies(policy, decision, definition, words) {
    if (decision.outcome === "error") return [el("p", { class: "prose remedy" }, words.error_remedy)];
    if (decision.outcome !== "fail") return [];
    const fixes = decision.violations?.flatMap((each) => each.fixes ?? []) ?? [];
    return [
      definition ? el("p", { class: "prose remedy" }, el("b", {}, definition)) : null,
      fixes.length
        ? el("ul", { class: "fixes", "aria-label": "Ways to fix it" }, ...fixes.map(fix))
        : el("p", { class: "prose remedy" }, policy.remediation),
    ];
  }

  function settings(override) {
    return override === undefined ? [] : ["with the settings for ", bdi(override)];
  }

  function decision(policy, proof, definition, words) {
    const outcomes = new Map(words.outcomes.map(([, outcome, shown]) => [outcome, shown]));
    const terms = [`${proof.severity ?? policy.severity}, ${proof.enforcement ?? policy.enforcement}`];
    if (proof.override !== undefined) terms.push("; ", ...settings(proof.override));
    if (proof.would_be) terms.push(`; without the exemption: ${outcomes.get(proof.would_be)}`);
    return el(
      "article", { class: "decision" },
      el("h3", {}, badge(proof.outcome, outcomes.get(proof.outcome)), " ", el("a", { href: `#policy-${encodeURIComponent(policy.id)}` }, policy.title)),
      el("p", { class: "muted" }, ...terms, " ", el("code", {}, policy.id)),
      ...(proof.violations ?? []).flatMap(violation),
      ...(proof.exemptions ?? []).flatMap(exemption),
      ...(proof.missing ?? []).flatMap(missing),
      ...(proof.reasons ?? []).map((reason) => el("p", {}, reason)),
      ...remedies(policy, proof, definition, words),
    );
  }

  function quiet(policy, proof, words) {
    const [, , shown] = words.outcomes.find(([, outcome]) => outcome === proof.outcome);
    const texts = (proof.reasons ?? []).join(" ");
    const line = el("span", {}, el("b", {}, policy.title), texts ? `: ${texts}` : "");
    if (proof.override !== undefined) line.append(" ", el("span", { class: "muted" }, "(", ...settings(proof.override), ")"));
    return el("li", {}, badge(proof.outcome, shown), " ", line);
  }

  function body(tables, number, { damaged, details, decisions }) {
    const { words } = tables;
    if (damaged) return el("div", { class: "body" }, el("p", { class: "notice" }, "This part of the file is damaged. Get the page again, or write it again from the JSON report."));
    const rank = ({ id, severity }) => {
      const { outcome, severity: other } = decisions[id];
      return ORDER.indexOf(outcome) * words.severities.length + words.severities.indexOf(other ?? severity);
    };
    const decided = words.policies.filter(({ id }) => decisions[id]);
    const told = ({ id }) => ORDER.includes(decisions[id].outcome);
    const telling = decided.filter(told).sort((a, b) => rank(a) - rank(b));
    const silent = decided.filter((policy) => !told(policy));
    const facts = Object.entries(details)
      .filter(([name]) => name.startsWith("fact:"))
      .map(([name, text]) => [words.facts[name.slice(5)]?.title ?? title(name.slice(5)), Array.isArray(text) ? text.join(", ") : text]);
    const definition = tables.place(number) ? `Change the definition: ${tables.place(number)}.` : "";
    const name = tables.fullName(number);
    copied += 1;
    const id = `name-${copied}`;
    const links = el(
      "p", { class: "muted links" },
      el("span", { id, hidden: true }, name),
      el("button", { type: "button", "data-copy": id }, "Copy the name"), " ",
      el("a", { href: linkTo(name) }, "Link to this table"),
    );
    const parts = tables.parts(number);
    const odd = parts.some((part) => part.includes("\\") || !part.replaceAll(".", ""));
    if (words.workspace && !tables.place(number) && !odd) {
      const path = parts.map(encodeURIComponent).join("/");
      links.append(" ", el("a", { href: `${words.workspace}/explore/data/${path}`, rel: "noreferrer" }, "Open in Catalog Explorer"));
    }
    return el(
      "div", { class: "body" },
      ...telling.map((policy) => decision(policy, decisions[policy.id], definition, words)),
      silent.length ? el("ul", { class: "quiet" }, ...silent.map((policy) => quiet(policy, decisions[policy.id], words))) : null,
      el("dl", { class: "about" }, ...[...details.about, ...facts].map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", {}, text)))),
      links,
    );
  }

  // The words of a fact that has no label: `clustering.keys` is `Clustering: keys`.
  function title(name) {
    const words = name.replaceAll(".", ": ").replaceAll("_", " ");
    return words.slice(0, 1).toUpperCase() + words.slice(1);
  }

  return { row, body, el, badge, bdi, joined };
})();
