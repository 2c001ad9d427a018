"use strict";
// Search, filters, sorting and links. Without it the page can be read whole.
(() => {
  const list = document.getElementById("table-list");
  const form = document.getElementById("filters");
  const sorting = document.getElementById("sorting");
  const shown = document.getElementById("shown");
  const severities = ["critical", "high", "medium", "low", "info"];
  const policies = [...form.elements.policy.options].slice(1).map((option) => option.value);
  const fields = ["q", "status", "policy", "outcome", "severity", "catalog", "schema", "owner", "fact"];
  const rows = [...list.querySelectorAll(":scope > .row")].map((element, place) => {
    const data = element.dataset;
    const rank = severities.indexOf(data.severity);
    return {
      element, data, place,
      text: `${data.name}\n${data.owner}\n${data.definition}`.toLowerCase(),
      size: Number(data.size),
      severity: rank < 0 ? severities.length : rank,
      facts: data.facts.split("\n"),
    };
  });
  const byText = new Intl.Collator("en", { numeric: true }).compare;
  const orders = {
    worst: (a, b) => a.place - b.place,
    name: (a, b) => byText(a.data.name, b.data.name),
    severity: (a, b) => a.severity - b.severity,
    size: (a, b) => b.size - a.size,
    owner: (a, b) => byText(a.data.owner, b.data.owner),
  };
  // The direction that a first click gives: an arrow up where what comes first is least.
  const natural = { worst: "down", name: "up", severity: "down", size: "down", owner: "up" };
  let sort = "worst";
  let turned = false;

  function matches(row, wanted) {
    const data = row.data;
    if (wanted.q && !wanted.q.toLowerCase().split(/\s+/).every((word) => row.text.includes(word))) return false;
    for (const name of ["status", "severity", "catalog", "schema", "owner"]) {
      if (wanted[name] && data[name] !== wanted[name]) return false;
    }
    if (wanted.fact && !row.facts.includes(wanted.fact)) return false;
    const option = form.elements.outcome.selectedOptions[0];
    const letter = option ? option.dataset.letter : undefined;
    if (wanted.policy) {
      const outcome = data.outcomes[policies.indexOf(wanted.policy)];
      return letter ? outcome === letter : outcome !== "n" && outcome !== "-";
    }
    return !letter || data.outcomes.includes(letter);
  }

  function wishes() {
    return Object.fromEntries(fields.map((name) => [name, form.elements[name].value.trim()]));
  }

  function filter() {
    const wanted = wishes();
    let number = 0;
    for (const row of rows) {
      const keep = matches(row, wanted);
      row.element.hidden = !keep;
      number += keep;
    }
    const all = rows.length.toLocaleString("en");
    const any = Object.values(wanted).some(Boolean);
    const applying = wanted.policy && !wanted.outcome ? " to which the policy applies" : "";
    shown.textContent = any
      ? `${number.toLocaleString("en")} of ${all} tables${applying}.`
      : `${all} ${rows.length === 1 ? "table" : "tables"}.`;
  }

  function arrange() {
    const order = orders[sort];
    rows.sort((a, b) => (turned ? -order(a, b) : order(a, b)) || a.place - b.place);
    list.append(...rows.map((row) => row.element));
    for (const button of sorting.children) {
      const chosen = button.dataset.sort === sort;
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) button.dataset.direction = (natural[sort] === "up") !== turned ? "up" : "down";
      else delete button.dataset.direction;
    }
  }

  function remember(table) {
    const parts = Object.entries(wishes()).filter(([, value]) => value);
    if (sort !== "worst" || turned) parts.push(["sort", turned ? `-${sort}` : sort]);
    if (table) parts.push(["table", table]);
    const hash = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function choose(name, value) {
    const field = form.elements[name];
    field.value = value;
    if (value && field.value !== value) { // a value that no listed table has: list none, and say so
      field.add(new Option(value, value));
      field.value = value;
    }
  }

  function follow() {
    const text = location.hash.slice(1);
    if (!text.includes("=")) return;
    const wanted = new URLSearchParams(text.replaceAll("+", "%2B"));
    for (const name of fields) {
      choose(name, wanted.get(name) || "");
    }
    const order = wanted.get("sort") || "worst";
    turned = order.startsWith("-");
    sort = order.replace("-", "") in orders ? order.replace("-", "") : "worst";
    arrange();
    filter();
    const table = wanted.get("table");
    if (table === null) {
      document.getElementById("tables").scrollIntoView();
      return;
    }
    const row = rows.find((each) => each.data.name === table);
    if (!row) {
      shown.textContent = `${table} isn't in the list below.`;
      shown.scrollIntoView();
      return;
    }
    for (const each of rows) each.element.classList.toggle("linked", each === row);
    row.element.hidden = false;
    const details = row.element.querySelector("details");
    details.open = true;
    const summary = details.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView();
  }

  form.addEventListener("input", () => { filter(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  sorting.addEventListener("click", (event) => {
    const wanted = event.target.dataset.sort;
    if (!wanted) return;
    turned = wanted === sort && !turned;
    sort = wanted;
    arrange();
    remember();
  });
  list.addEventListener("click", (event) => {
    const summary = event.target.closest(".row > details > summary");
    if (summary && !summary.parentElement.open) remember(summary.closest(".row").dataset.name);
  });
  addEventListener("hashchange", follow);
  form.hidden = false;
  sorting.hidden = false;
  arrange();
  filter();
  follow();
})();
