"use strict";
// What leaves the page as a file: the tables that are listed, as CSV.
const takeAway = (() => {
  // A cell that a spreadsheet would take for a formula begins with an apostrophe, as in renderers/csv.py.
  function cell(value) {
    const text = String(value);
    const safe = /^(?:[\t\r\n]|[\s"'`\\]*[=+\-@\uff1d\uff0b\uff0d\uff20])/.test(text) && typeof value !== "number" ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function csv(tables, rows) {
    const { words } = tables;
    const head = ["full_name", "catalog", "schema", "name", "owner", "status", "worst_failure", "bytes", "definition"];
    const lines = [[...head, ...words.policies.map(({ id }) => id)].map(cell).join(",")];
    for (const row of rows) {
      const size = tables.exactSizes.get(row) ?? tables.size[row];
      lines.push([
        tables.fullName(row), ...tables.parts(row), tables.owners[tables.owner[row]],
        words.statuses[tables.status[row]][0], words.severities[tables.severity[row]] ?? "",
        size === -1 ? "" : Number(size) === size ? size : `${size}`, tables.place(row),
        ...tables.outcomes.map((column) => tables.outcomeOf.get(column[row]) ?? ""),
      ].map(cell).join(","));
    }
    return `${lines.join("\r\n")}\r\n`;
  }

  function save(name, type, text) {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  }

  return { csv, save };
})();
