"use strict";
// Parts that are closed at first are text in a noscript element, one node, until they are opened or printed.
(() => {
  function unfold(folded) {
    const page = new DOMParser().parseFromString(folded.textContent, "text/html");
    folded.replaceWith(...page.body.childNodes);
  }

  document.addEventListener("toggle", ({ target }) => {
    const folded = target.open && target.querySelector(":scope > noscript.folded");
    if (folded) unfold(folded);
  }, true);
  addEventListener("beforeprint", () => document.querySelectorAll("noscript.folded").forEach(unfold));
})();
