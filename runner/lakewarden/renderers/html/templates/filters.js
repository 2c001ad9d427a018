"use strict";
// The controls over the list: their choices with numbers, and what a reader has chosen.
const tableFilters = (() => {
  const { MANY } = tableView; // choices; beyond, the reader types and is shown some
  const { el } = tablePage;

  // Return by filter its choices, `[value, words]`; those of facts are in groups.
  function choicesOf(tables) {
    const { words } = tables;
    const sorted = (values) => [...new Set(values)].sort(new Intl.Collator("en", { numeric: true }).compare);
    const plain = (values) => sorted(values).map((value) => [value, value]);
    const lacks = new Map(tables.lacks.flat());
    return {
      status: words.statuses,
      policy: words.policies.map(({ id, title }) => [id, title]),
      outcome: words.outcomes.map(([, outcome, shown]) => [outcome, shown]),
      severity: words.severities.map((severity) => [severity, severity]),
      catalog: plain(tables.catalogs),
      schema: plain(tables.schemas.map((_, schema) => tables.schemaName(schema))),
      owner: plain(tables.owners),
      fact: tables.facts.flatMap(({ name, values }) =>
        values.map((value) => [`${name}=${value}`, words.facts[name]?.values[value] ?? value, words.facts[name]?.title ?? name])),
      exemption: plain(tables.kinds.flat()),
      missing: sorted(lacks.keys()).map((lack) => [lack, lacks.get(lack)]),
    };
  }

  function create(form, tables) {
    const choices = choicesOf(tables);
    const names = Object.keys(choices);
    const options = new Map(); // filter to value to its option and words

    function fill(name) {
      const field = form.elements[name];
      const found = new Map();
      options.set(name, found);
      if (choices[name].length > MANY) {
        typed(name, field);
        return;
      }
      const groups = new Map();
      for (const [value, words, group] of choices[name]) {
        const option = new Option(words, value);
        found.set(value, { option, words });
        if (group === undefined) field.append(option);
        else {
          if (!groups.has(group)) groups.set(group, field.appendChild(el("optgroup", { label: group })));
          groups.get(group).append(option);
        }
      }
    }

    function typed(name, field) {
      const list = el("datalist", { id: `some-${name}` });
      const input = el("input", { id: field.id, name, type: "search", list: list.id, placeholder: field.options[0].text, autocomplete: "off", spellcheck: "false" });
      field.replaceWith(input, list);
    }

    for (const name of names) fill(name);

    function number(counts) {
      for (const [name, found] of options) {
        if (choices[name].length > MANY) suggest(name, counts[name]);
        for (const [value, { option, words }] of found) {
          const text = `${words} (${(counts[name].get(value) ?? 0).toLocaleString("en")})`;
          if (option.text !== text) option.text = text;
        }
      }
    }

    function suggest(name, counts) {
      const part = form.elements[name].value.toLowerCase();
      const some = choices[name].filter(([value]) => value.toLowerCase().includes(part))
        .sort(([a], [b]) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, MANY / 2);
      document.getElementById(`some-${name}`).replaceChildren(
        ...some.map(([value]) => new Option(`${value} (${(counts.get(value) ?? 0).toLocaleString("en")})`, value)),
      );
    }

    // An owner's name may have blanks around it.
    const wanted = () => ({ q: form.elements.q.value.trim(), ...Object.fromEntries(names.map((name) => [name, form.elements[name].value])) });

    function choose(name, value) {
      const field = form.elements[name];
      field.value = name === "q" ? value.replace(/\s+/g, " ") : value;
      if (field.value !== value && field.options) { // a value that no table has: list none, and say so
        field.add(new Option(value, value));
        field.value = value;
      }
    }

    return { names: ["q", ...names], wanted, choose, number };
  }

  return { create };
})();
