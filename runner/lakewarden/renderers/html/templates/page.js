"use strict";
// What the page does beside its tables: copying, the side bar, the way back to the top.
(() => {
  const COPIED_MS = 2000;

  async function write(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // a page that was opened from a file in an older browser
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  // A button with data-copy="ID" copies the text of that element, or its data-text where that is longer.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    const done = await write(source.dataset.text || source.textContent);
    button.focus();
    button.textContent = done ? "Copied" : "Select and copy by hand";
    said.textContent = done ? "Copied" : "Copying isn't allowed here";
    setTimeout(() => { button.textContent = label; said.textContent = ""; }, COPIED_MS);
  });

  // Links within the page move it, and leave the address to the tables' filters.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const name = link.getAttribute("href").slice(1);
    if (name.includes("=")) return;
    const target = document.getElementById(decodeURIComponent(name));
    if (!target) return;
    event.preventDefault();
    const folded = target.matches("details") ? target : target.querySelector(":scope > details:not(.data)");
    if (folded) folded.open = true;
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  });

  // The side bar marks the section that is being read.
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target); else seen.delete(target);
    }
    const current = [...seen].sort((a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)[0];
    for (const [name, link] of links) {
      if (current && current.dataset.section === name) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const name of links.keys()) {
    const heading = document.getElementById(name);
    const section = heading && (heading.closest("section, header, footer") || heading);
    if (section) { section.dataset.section = name; watch.observe(section); }
  }

  const up = document.querySelector(".to-top");
  new IntersectionObserver(([first]) => { up.hidden = first.isIntersecting; }).observe(document.querySelector("h1"));

  // Closed parts are printed open: a proof on paper has no button.
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details.printed:not([open])")) { closed.push(each); each.open = true; }
  });
  addEventListener("afterprint", () => { for (const each of closed.splice(0)) each.open = false; });

  const said = document.createElement("p");
  said.className = "for-screen-readers";
  said.setAttribute("role", "status");
  document.body.append(said);
  for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
})();
