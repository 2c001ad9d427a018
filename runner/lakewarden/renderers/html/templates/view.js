"use strict";
// Which tables are listed and in which order, and how many each choice of a filter would list.
const tableView = (() => {
  const MANY = 100; // choices of a filter; beyond, a part of one is enough
  const NOT_APPLICABLE = "n".charCodeAt(0);

  // Number rows by a key so that equal keys share a number; `order` compares two rows.
  function ranks(rows, order) {
    const result = new Int32Array(rows.length);
    let rank = 0;
    for (let place = 0; place < rows.length; place += 1) {
      if (place && order(rows[place - 1], rows[place]) !== 0) rank += 1;
      result[rows[place]] = rank;
    }
    return result;
  }

  const upTo = (count) => Array.from({ length: count }, (_, row) => row);
  const natural = (text) => text.toLowerCase().replace(/[0-9]+/g, (digits) => digits.padStart(20, "0"));
  const compare = (a, b) => (a < b ? -1 : Number(a > b));

  function create(tables) {
    const { count, words } = tables;
    const policies = new Map(words.policies.map(({ id }, place) => [id, place]));
    const letters = new Map(words.outcomes.map(([letter, outcome]) => [outcome, letter.charCodeAt(0)]));
    const bits = new Map(words.outcomes.map(([letter], place) => [letter.charCodeAt(0), 1 << place]));
    const seen = new Uint8Array(count); // a bit for each outcome that a table has
    for (const column of tables.outcomes) {
      for (let row = 0; row < count; row += 1) seen[row] |= bits.get(column[row]) ?? 0;
    }
    const plain = upTo(count);
    const byWorst = (a, b) =>
      tables.rank[a] - tables.rank[b] || tables.size[b] - tables.size[a] || compare(tables.fullName(a), tables.fullName(b));
    const worst = Uint32Array.from(plain.slice().sort(byWorst));
    const ready = {};
    const keys = {
      worst: () => ranks([...worst], () => 1),
      name() {
        const texts = plain.map((row) => natural(tables.fullName(row)));
        const order = (a, b) => compare(texts[a], texts[b]);
        return ranks(plain.slice().sort(order), order);
      },
      severity: () => tables.severity,
      size() {
        const order = (a, b) => tables.size[b] - tables.size[a];
        return ranks(plain.slice().sort(order), order);
      },
      owner() {
        const order = new Intl.Collator("en", { numeric: true }).compare;
        const names = upTo(tables.owners.length).sort((a, b) => order(tables.owners[a], tables.owners[b]));
        const rank = ranks(names, () => 1);
        return tables.owner.map((owner) => rank[owner]);
      },
    };

    // Rows by a key, equal ones worst first: counted into their places, so that it takes one pass.
    function sorted(name, turned) {
      if (name === "worst" && !turned) return worst;
      const rank = (ready[name] ??= keys[name]());
      const most = rank.reduce((a, b) => Math.max(a, b), 0);
      const starts = new Uint32Array(most + 2);
      for (let row = 0; row < count; row += 1) starts[(turned ? most - rank[row] : rank[row]) + 1] += 1;
      for (let place = 1; place < starts.length; place += 1) starts[place] += starts[place - 1];
      const result = new Uint32Array(count);
      for (const row of worst) result[starts[turned ? most - rank[row] : rank[row]]++] = row;
      return result;
    }

    let texts = null;
    function searched(query) {
      texts ??= plain.map((row) => `${tables.fullName(row)}\n${tables.place(row)}`.toLowerCase());
      const hits = new Uint8Array(count).fill(1);
      for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
        const owners = tables.owners.map((owner) => owner.toLowerCase().includes(word));
        for (let row = 0; row < count; row += 1) {
          if (hits[row] && !owners[tables.owner[row]] && !texts[row].includes(word)) hits[row] = 0;
        }
      }
      return hits;
    }

    // What is typed names one of the values, without its line ends, or a part of some.
    function chosen(values, wanted) {
      const exact = values.map((value) => value === wanted);
      if (values.length <= MANY || exact.includes(true)) return exact;
      const typed = values.map((value) => value.replaceAll("\n", "") === wanted);
      if (typed.includes(true)) return typed;
      const part = wanted.trim().toLowerCase();
      return values.map((value) => value.toLowerCase().includes(part));
    }

    const schemaNames = upTo(tables.schemas.length).map(tables.schemaName);
    const makers = {
      q: (wanted) => [searched(wanted), [false, true]],
      status: (wanted) => [tables.status, words.statuses.map(([status]) => status === wanted)],
      severity: (wanted) => [tables.severity, words.severities.map((severity) => severity === wanted)],
      catalog(wanted) {
        const catalogs = chosen(tables.catalogs, wanted);
        return [tables.schema, tables.schemas.map(([catalog]) => catalogs[catalog])];
      },
      schema: (wanted) => [tables.schema, chosen(schemaNames, wanted)],
      owner: (wanted) => [tables.owner, chosen(tables.owners, wanted)],
      exemption: (wanted) => [tables.kind, tables.kinds.map((kinds) => kinds.includes(wanted))],
      missing: (wanted) => [tables.lack, tables.lacks.map((lacks) => lacks.some(([lack]) => lack === wanted))],
      fact(wanted) {
        const fact = tables.facts.find(({ name }) => wanted.startsWith(`${name}=`));
        if (!fact) return [tables.status, []];
        const place = fact.values.indexOf(wanted.slice(fact.name.length + 1));
        return [fact.column, [false, ...fact.values.map((_, value) => value === place)]];
      },
      decision({ policy, outcome }) {
        const letter = letters.get(outcome);
        const accepted = new Uint8Array(128);
        if (!policy) {
          for (let mask = 0; mask < 64; mask += 1) accepted[mask] = Number((mask & bits.get(letter)) > 0);
          return [seen, accepted];
        }
        const column = tables.outcomes[policies.get(policy)];
        if (!column) return [tables.status, []];
        if (letter) accepted[letter] = 1;
        else if (!outcome) for (const each of letters.values()) accepted[each] = Number(each !== NOT_APPLICABLE);
        return [column, accepted];
      },
    };

    // Return the rows that are wanted, in order, and the numbers for the filters' choices.
    function list(wanted, { sort = "worst", turned = false, also = -1 } = {}) {
      const { policy, outcome, ...others } = wanted;
      const asked = Object.entries(others).filter(([, value]) => value);
      if (policy || outcome) asked.push(["decision", { policy, outcome }]);
      const tests = asked.map(([name, value]) => {
        const [column, accepted] = makers[name](value);
        return { name, column, accepted: Uint8Array.from({ length: 1 + Math.max(accepted.length, 128) }, (_, each) => Number(Boolean(accepted[each]))) };
      });
      const tallies = tallying();
      const kept = new Uint8Array(count);
      for (let row = 0; row < count; row += 1) {
        let missed = null;
        let misses = 0;
        for (const test of tests) {
          if (!test.accepted[test.column[row]]) {
            misses += 1;
            missed = test.name;
            if (misses > 1) break;
          }
        }
        if (misses === 0) {
          kept[row] = 1;
          tallies.all(row);
        } else if (misses === 1) tallies[missed]?.(row);
      }
      const matching = kept.reduce((sum, each) => sum + each, 0);
      if (also >= 0) kept[also] = 1;
      return { rows: sorted(sort, turned).filter((row) => kept[row]), matching, counts: tallies.counts({ policy, outcome }) };
    }

    // A choice is counted among the tables that all other filters let through.
    function tallying() {
      const tally = (number) => new Uint32Array(number + 1);
      const status = tally(words.statuses.length);
      const severity = tally(words.severities.length);
      const catalog = tally(tables.schemas.length);
      const schema = tally(tables.schemas.length);
      const owner = tally(tables.owners.length);
      const exemption = tally(tables.kinds.length);
      const missing = tally(tables.lacks.length);
      const masks = tally(64);
      const facts = tables.facts.map(({ values }) => tally(values.length));
      const outcomes = tables.outcomes.map(() => tally(128));
      const add = {
        status: (row) => { status[tables.status[row]] += 1; },
        severity: (row) => { severity[tables.severity[row]] += 1; },
        catalog: (row) => { catalog[tables.schema[row]] += 1; },
        schema: (row) => { schema[tables.schema[row]] += 1; },
        owner: (row) => { owner[tables.owner[row]] += 1; },
        exemption: (row) => { exemption[tables.kind[row]] += 1; },
        missing: (row) => { missing[tables.lack[row]] += 1; },
        fact(row) { for (let each = 0; each < facts.length; each += 1) facts[each][tables.facts[each].column[row]] += 1; },
        decision(row) {
          masks[seen[row]] += 1;
          for (let each = 0; each < outcomes.length; each += 1) outcomes[each][tables.outcomes[each][row]] += 1;
        },
      };
      const each = Object.values(add);
      add.all = (row) => { for (const one of each) one(row); };
      add.counts = ({ policy, outcome }) => {
        const sum = (name, found) => {
          const result = new Map();
          found.forEach((number, place) => { if (number) for (const value of name(place)) result.set(value, (result.get(value) ?? 0) + number); });
          return result;
        };
        const letter = letters.get(outcome);
        const byPolicy = new Map(words.policies.map(({ id }, place) => {
          const found = outcomes[place];
          const applies = [...letters.values()].reduce((total, one) => total + (one === NOT_APPLICABLE ? 0 : found[one]), 0);
          return [id, outcome ? found[letter] ?? 0 : applies];
        }));
        const byOutcome = new Map(words.outcomes.map(([one, name]) => {
          if (policy) return [name, outcomes[policies.get(policy)]?.[one.charCodeAt(0)] ?? 0];
          return [name, masks.reduce((total, number, mask) => total + (mask & bits.get(one.charCodeAt(0)) ? number : 0), 0)];
        }));
        return {
          status: sum((place) => (words.statuses[place] ? [words.statuses[place][0]] : []), status),
          severity: sum((place) => (words.severities[place] ? [words.severities[place]] : []), severity),
          catalog: sum((place) => [tables.catalogs[tables.schemas[place][0]]], catalog),
          schema: sum((place) => [schemaNames[place]], schema),
          owner: sum((place) => [tables.owners[place]], owner),
          exemption: sum((place) => tables.kinds[place], exemption),
          missing: sum((place) => tables.lacks[place].map(([lack]) => lack), missing),
          fact: new Map(tables.facts.flatMap(({ name, values }, fact) => values.map((value, place) => [`${name}=${value}`, facts[fact][place + 1]]))),
          policy: byPolicy,
          outcome: byOutcome,
        };
      };
      return add;
    }

    // Get ready in a quiet moment what a first search or sort would wait for.
    function prepare() {
      for (const name of Object.keys(keys)) ready[name] ??= keys[name]();
      searched("x");
    }

    return { list, prepare, natural: { worst: "down", name: "up", severity: "down", size: "down", owner: "up" } };
  }

  return { create, MANY };
})();
