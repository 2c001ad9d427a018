"use strict";
// The page's tables: columns of the index at once, details by the block when one is asked for.
const tableData = (() => {
  const NUMBER = "\ufdd0";
  const WORD = "\ufdd9"; // the first of them
  const FIRST = 48; // a small number in a column is a letter from here on
  const SEVERITIES = 6; // five, and none
  const AMBIGUOUS = /[.`=\s]/;
  const DAMAGED = { damaged: true, details: { about: [] }, decisions: {} };

  function json(id) {
    const element = document.getElementById(id);
    return element && JSON.parse(element.textContent);
  }

  async function unpack(base64) {
    const letters = atob(base64);
    const bytes = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(plain).text());
  }

  const quoted = (part) => `\`${part.replaceAll("`", "``")}\``;

  function sizeWords(bytes) {
    const written = (number, digits) => number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    if (bytes < 1024) return `${written(bytes, 0)} B`;
    let size = bytes;
    let unit = "";
    for (unit of ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]) {
      size /= 1024;
      if (size < 1024) break;
    }
    return `${written(Math.floor(size * 10) / 10, 1)} ${unit}`;
  }

  const small = (text) => Uint16Array.from({ length: text.length }, (_, place) => text.charCodeAt(place) - FIRST);

  // Return a function that says what a book has about the table whose turn it is; undefined is nothing.
  function phraseBook({ phrases, rows, words }) {
    const seen = phrases.map(() => 0);
    const kept = small(rows);
    const turns = kept.map((phrase) => (phrase ? seen[phrase - 1]++ : 0));
    return (row, places) => {
      if (!kept[row]) return undefined;
      const phrase = kept[row] - 1;
      const columns = words[phrase];
      const names = columns.length - (phrases[phrase].split(NUMBER).length - 1);
      let next = names;
      const text = phrases[phrase].replace(/[\ufdd0-\ufdef]/g, (place) => {
        if (place === NUMBER) return String(columns[next++][turns[row]]);
        return place >= WORD ? String(columns[place.charCodeAt(0) - WORD.charCodeAt(0)][turns[row]]) : places[place];
      });
      return JSON.parse(text);
    };
  }

  // Return a function from a table of a block to what is said of it and of each policy's decision.
  function opened({ details, decisions }, first, tables) {
    const respects = Object.entries(details).map(([name, book]) => [name, phraseBook(book)]);
    const policies = tables.words.policies.map(({ id }, policy) => {
      const books = Object.fromEntries(Object.entries(decisions[id] ?? {}).map(([letter, book]) => [letter, phraseBook(book)]));
      return { id, books, column: tables.outcomes[policy] };
    });
    return (row) => {
      const places = placesOf(tables, row);
      const found = { details: {}, decisions: {} };
      for (const [name, book] of respects) {
        const detail = book(row - first, places);
        if (detail !== undefined) found.details[name] = detail;
      }
      for (const { id, books, column } of policies) {
        const letter = column[row];
        let turn = 0;
        for (let each = first; each < row; each += 1) turn += Number(column[each] === letter);
        const decision = books[String.fromCharCode(letter)]?.(turn, places);
        if (decision) found.decisions[id] = { ...decision, outcome: tables.outcomeOf.get(letter) };
      }
      return found;
    };
  }

  // Return the texts that belong in the places of a table's phrases, as they stand in JSON.
  function placesOf(tables, row) {
    const parts = tables.parts(row);
    const sql = parts.map((part) => (/^[a-zA-Z0-9_]+$/.test(part) ? part : quoted(part))).join(".");
    const size = tables.size[row];
    const texts = {
      "\ufdd1": tables.fullName(row),
      "\ufdd2": sql,
      "\ufdd3": parts.map(quoted).join("."),
      "\ufdd4": parts[2],
      "\ufdd5": tables.owners[tables.owner[row]],
      "\ufdd6": String(size),
      "\ufdd7": size.toLocaleString("en"),
      "\ufdd8": sizeWords(size),
    };
    return Object.fromEntries(Object.entries(texts).map(([place, text]) => [place, JSON.stringify(text).slice(1, -1)]));
  }

  async function load() {
    const words = json("data-words");
    const [names, places, columns] = await Promise.all(
      ["data-names", "data-places", "data-columns"].map((id) => {
        const packed = json(id);
        return packed === null ? null : unpack(packed);
      }),
    );
    const elements = [...document.querySelectorAll(".data-block")];
    const starts = [];
    columns.blocks.reduce((start, number) => (starts.push(start), start + number), 0);
    const blocks = new Map(); // promises
    const books = []; // what they gave
    const rank = small(columns.rank);
    const policies = words.policies.map(({ id }) => id);
    const tables = {
      words,
      count: columns.count,
      catalogs: columns.catalogs,
      schemas: columns.schemas,
      owners: columns.owners,
      kinds: columns.kinds,
      lacks: columns.lacks,
      names,
      schema: Uint32Array.from(columns.schema),
      owner: Uint32Array.from(columns.owner),
      kind: Uint32Array.from(columns.kind),
      lack: Uint32Array.from(columns.lack),
      size: Float64Array.from(columns.size, Number), // -1 is not known
      exactSizes: new Map(columns.size.flatMap((size, row) => (typeof size === "string" ? [[row, size]] : []))),
      outcomeOf: new Map(words.outcomes.map(([letter, outcome]) => [letter.charCodeAt(0), outcome])),
      rank, // orders by status, worst severity, mandatory before advisory
      status: rank.map((each) => Math.floor(each / 2 / SEVERITIES)),
      severity: small(columns.severity),
      outcomes: policies.map((id) => Uint8Array.from({ length: columns.count }, (_, row) => columns.outcomes[id].charCodeAt(row))),
      facts: columns.facts.map(([name, values, column]) => ({ name, values, column: small(column) })), // 0 is none, then the values
      schemaName: (schema) => `${columns.catalogs[columns.schemas[schema][0]]}.${columns.schemas[schema][1]}`,
      parts(row) {
        const [catalog, schema] = columns.schemas[columns.schema[row]];
        return [columns.catalogs[catalog], schema, names[row]];
      },
      fullName(row) {
        return columns.odd[row] ?? this.parts(row).map((part) => (AMBIGUOUS.test(part) ? quoted(part) : part)).join(".");
      },
      place: (row) => (places ? places[row] : ""),
      sizeWords,
      blockOf(row) {
        let block = starts.length - 1;
        while (starts[block] > row) block -= 1;
        return block;
      },
      // What is said of a table and of each decision: a promise, kept once its block is unpacked.
      async details(row) {
        const block = this.blockOf(row);
        if (!blocks.has(block)) blocks.set(block, this.book(block));
        books[block] = await blocks.get(block);
        return books[block](row);
      },
      async book(block) {
        try {
          const found = opened(await unpack(JSON.parse(elements[block].textContent)), starts[block], this);
          found(starts[block]);
          return found;
        } catch (error) {
          console.warn(error);
          return () => DAMAGED;
        }
      },
      // The same at once, where the block is unpacked; null where it isn't.
      detailsNow(row) {
        return books[this.blockOf(row)]?.(row) ?? null;
      },
    };
    return tables;
  }

  return { load };
})();
