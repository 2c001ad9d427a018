"use strict";
// The list of tables: it follows the filters, the address and the keyboard.
(async () => {
  const MOST_OPEN = 5_000; // rows that open at once; a page has only so many pixels
  const PRINTED = 500;
  const FEW = 200;
  const quietly = globalThis.requestIdleCallback ?? setTimeout;
  const list = document.getElementById("table-list");
  const form = document.getElementById("filters");
  const sorting = document.getElementById("sorting");
  const tools = document.getElementById("table-tools");
  const paper = document.getElementById("paper");
  const shown = document.getElementById("shown");
  const plain = document.getElementById("plain-tables");
  const written = (number) => number.toLocaleString("en");

  // A browser that can't unpack the data lists what it would without a script.
  function giveUp(error) {
    const page = new DOMParser().parseFromString(plain.textContent, "text/html");
    plain.replaceWith(...page.body.childNodes);
    shown.textContent = globalThis.DecompressionStream
      ? "This file is damaged, so only the worst tables are listed. Get it again, or write it again from the JSON report."
      : "This browser can't unpack the tables, so only the worst are listed.";
    console.warn(error);
  }

  let tables;
  try {
    tables = await tableData.load();
  } catch (error) {
    giveUp(error);
    return;
  }

  const view = tableView.create(tables);
  const filters = tableFilters.create(form, tables);
  const state = { sort: "worst", turned: false, linked: -1, all: false, turnedRows: new Set() };
  const isOpen = (row) => (state.all && rows.placeOf(row) < MOST_OPEN) !== state.turnedRows.has(row);
  const rows = rowList.create(list, { draw, fill, isOpen });

  function draw(row, place, count) {
    const element = tablePage.row(tables, row);
    element.setAttribute("aria-setsize", count);
    element.setAttribute("aria-posinset", place + 1);
    element.classList.toggle("linked", row === state.linked);
    if (isOpen(row)) element.firstChild.open = true;
    return element;
  }

  async function fill(row, element) {
    const details = element.querySelector("details");
    if (details.querySelector(".body")) return;
    const said = await tables.details(row);
    if (details.open && !details.querySelector(".body")) details.append(tablePage.body(tables, row, said));
  }

  function refresh() {
    const wanted = filters.wanted();
    const found = view.list(wanted, { sort: state.sort, turned: state.turned, also: state.linked });
    filters.number(found.counts);
    rows.show(found.rows);
    tell(wanted, found.matching);
    if (found.rows.length <= FEW) quietly(() => found.rows.forEach((row) => tables.details(row))); // ready to be printed
    for (const button of tools.querySelectorAll("button")) button.disabled = !found.rows.length;
  }

  function tell(wanted, matching) {
    ownerSummary.show(tables, wanted.owner);
    const all = written(tables.count);
    const any = Object.values(wanted).some(Boolean);
    const applying = wanted.policy && !wanted.outcome ? " to which the policy applies" : "";
    const empty = tables.count ? "" : "No table was evaluated.";
    shown.textContent = empty || (any
      ? `${written(matching)} of ${all} tables${applying}.`
      : `${all} ${tables.count === 1 ? "table" : "tables"}.`);
  }

  function markSorting() {
    for (const button of sorting.children) {
      const chosen = button.dataset.sort === state.sort;
      button.setAttribute("aria-pressed", String(chosen));
      if (chosen) button.dataset.direction = (view.natural[state.sort] === "up") !== state.turned ? "up" : "down";
      else delete button.dataset.direction;
    }
  }

  function remember() {
    const parts = Object.entries(filters.wanted()).filter(([, value]) => value);
    if (state.sort !== "worst" || state.turned) parts.push(["sort", state.turned ? `-${state.sort}` : state.sort]);
    if (state.linked >= 0) parts.push(["table", tables.fullName(state.linked)]);
    const hash = parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.href.replace(/#.*/s, ""));
  }

  function find(name) {
    for (let row = 0; row < tables.count; row += 1) if (tables.fullName(row) === name) return row;
    return -1;
  }

  // List what the address says; one that names a section, or nothing, lists all.
  function follow() {
    const text = location.hash.slice(1);
    const asked = text.includes("=");
    const wanted = new URLSearchParams(asked ? text.replaceAll("+", "%2B") : "");
    for (const name of filters.names) filters.choose(name, wanted.get(name) || "");
    const order = wanted.get("sort") || "worst";
    state.turned = order.startsWith("-");
    state.sort = Object.hasOwn(view.natural, order.replace("-", "")) ? order.replace("-", "") : "worst";
    const table = wanted.get("table") || null;
    state.linked = table === null ? -1 : find(table);
    state.all = false;
    state.turnedRows.clear();
    if (state.linked >= 0) state.turnedRows.add(state.linked);
    markSorting();
    refresh();
    if (state.linked >= 0) focusOn(rows.placeOf(state.linked), true);
    else if (asked) {
      document.getElementById("tables").focus({ preventScroll: true });
      if (table !== null) shown.textContent = `${table} isn't in the list below.`;
      (table === null ? document.getElementById("tables") : shown).scrollIntoView({ behavior: "instant" });
    }
  }

  function focusOn(place, toTop = false) {
    if (place < 0 || place >= rows.rows().length) return;
    const element = rows.reach(place);
    element.querySelector("summary").focus({ preventScroll: true });
    element.scrollIntoView({ block: toTop ? "start" : "nearest", behavior: "instant" });
    rows.later();
  }

  const rowOf = (target) => {
    const element = target.closest?.("#table-list > .row");
    return element ? Number(element.dataset.row) : -1;
  };

  function toggle(row, open) {
    if (isOpen(row) === open) return;
    if (state.turnedRows.has(row)) state.turnedRows.delete(row);
    else state.turnedRows.add(row);
    if (open) state.linked = row;
    else if (state.linked === row) state.linked = -1;
    const element = rows.elementOf(row);
    if (open && element) fill(row, element);
    else element?.querySelector(".body")?.remove(); // no node is kept that nobody sees
    remember();
  }

  function expand(all) {
    state.all = all;
    state.turnedRows.clear();
    const button = document.getElementById("expand");
    button.setAttribute("aria-pressed", String(all));
    button.textContent = all ? "Collapse all" : "Expand all";
    rows.redraw();
    const count = rows.rows().length;
    if (all && count > MOST_OPEN) shown.textContent = `The first ${written(MOST_OPEN)} of ${written(count)} tables are open.`;
  }

  // Paper has no window: all listed tables up to a number are drawn, with their proofs.
  const printed = () => [...rows.rows().slice(0, PRINTED)];

  async function printAll() {
    await Promise.all(printed().map((row) => tables.details(row)));
    document.body.classList.add("only-tables");
    print();
  }

  function toPaper() {
    const some = printed();
    let bare = 0;
    const drawn = some.map((row, place) => {
      const element = draw(row, place, some.length);
      const said = tables.detailsNow(row);
      if (said) {
        element.firstChild.append(tablePage.body(tables, row, said));
        for (const each of element.querySelectorAll("details")) each.open = true;
      } else bare += 1;
      return element;
    });
    const rest = rows.rows().length - some.length;
    const notes = [
      rest ? `And ${written(rest)} more tables; filter the list to print them.` : "",
      bare ? "To print the proofs of all tables, use the button above the list." : "",
    ].filter(Boolean).map((text) => tablePage.el("p", { class: "notice" }, text));
    paper.replaceChildren(tablePage.el("ol", { class: "tables card", role: "list" }, ...drawn), ...notes);
    document.body.classList.add("on-paper");
  }

  form.addEventListener("input", () => { refresh(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { state.linked = -1; refresh(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  sorting.addEventListener("click", (event) => {
    const wanted = event.target.dataset.sort;
    if (!wanted) return;
    state.turned = wanted === state.sort && !state.turned;
    state.sort = wanted;
    markSorting();
    refresh();
    remember();
  });
  list.addEventListener("toggle", (event) => {
    const row = rowOf(event.target);
    if (row >= 0 && event.target.matches(".row > details")) toggle(row, event.target.open);
  }, true);
  tools.addEventListener("click", (event) => {
    switch (event.target.id) {
      case "expand": expand(!state.all); break;
      case "print": printAll(); break;
      case "csv": takeAway.save("tables.csv", "text/csv;charset=utf-8", takeAway.csv(tables, rows.rows())); break;
      case "copy-names": { // page.js copies the text of the element that the button names
        const names = document.getElementById("listed-names");
        names.dataset.text = [...rows.rows()].map((row) => tables.fullName(row)).join("\n");
        setTimeout(() => delete names.dataset.text, 1_000);
        break;
      }
      default:
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const inField = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !inField) {
      event.preventDefault();
      form.elements.q.focus();
      form.elements.q.select();
      return;
    }
    if (event.target === form.elements.q) {
      if (event.key === "Escape" && form.elements.q.value) {
        form.elements.q.value = "";
        refresh();
        remember();
        event.preventDefault();
      } else if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        focusOn(0);
      }
      return;
    }
    const row = rowOf(event.target);
    if (row < 0) return;
    const place = rows.placeOf(row);
    if (event.key === "Escape") {
      const details = rows.elementOf(row).querySelector("details");
      details.open = false;
      details.querySelector("summary").focus();
      return;
    }
    if (!event.target.matches(".row > details > summary")) return;
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.rows().length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focusOn(next);
  });

  addEventListener("hashchange", follow);
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", () => {
    paper.replaceChildren();
    document.body.classList.remove("on-paper", "only-tables");
  });
  for (const each of [form, sorting, tools]) each.hidden = !tables.count;
  list.hidden = false;
  follow();
  performance.mark("tables-ready"); // for benchmarks
  document.documentElement.dataset.tables = "ready";
  quietly(() => view.prepare());
})();
