"use strict";
// Parts that are closed are text in a noscript element, one node; they are unfolded while they are open or printed.
(() => {
  const unfolded = new Map(); // from a part to its text and what was made of it

  function unfold(part) {
    const text = part.querySelector(":scope > noscript.folded");
    if (!text) return;
    const page = new DOMParser().parseFromString(text.textContent, "text/html");
    const nodes = [...page.body.childNodes];
    unfolded.set(part, { text, nodes });
    text.replaceWith(...nodes);
  }

  function fold(part) {
    const { text, nodes } = unfolded.get(part) ?? { nodes: [] };
    nodes[0]?.replaceWith(text);
    for (const node of nodes) node.remove();
    unfolded.delete(part);
  }

  document.addEventListener("toggle", ({ target }) => { if (target.open) unfold(target); else fold(target); }, true);
  addEventListener("beforeprint", () => { for (const text of document.querySelectorAll("noscript.folded")) unfold(text.parentElement); });
})();
