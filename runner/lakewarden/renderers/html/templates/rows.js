"use strict";
// A list of any length of which only the rows near the window are drawn.
const rowList = (() => {
  const NEAR = 500; // pixels around the window
  const FEW = 50; // rows that are drawn in any case, so that a short list is there as a whole
  const BLOCK = 256;
  const CLOSED = 54; // pixels, until rows have been measured
  const OPEN = 900;
  const COST = { closed: 1, open: 15 };

  function create(list, { draw, fill, isOpen }) {
    let rows = new Uint32Array(0);
    let heights = new Float64Array(0);
    let blocks = new Float64Array(0);
    let closedHeight = 0; // of the first row that was measured; most have the same
    let waiting = false;
    let width = list.clientWidth;
    const drawn = new Map(); // row to element, place
    const opened = new Map(); // row to height, for when the list is made again
    const sizes = new ResizeObserver(measure);

    const hasFocus = (one) => one.element.contains(document.activeElement);
    const total = () => blocks.reduce((sum, each) => sum + each, 0);

    function top(place) {
      let sum = 0;
      const block = Math.floor(place / BLOCK);
      for (let each = 0; each < block; each += 1) sum += blocks[each];
      for (let each = block * BLOCK; each < place; each += 1) sum += heights[each];
      return sum;
    }

    function at(pixel) {
      let sum = 0;
      let block = 0;
      while (block < blocks.length - 1 && sum + blocks[block] <= pixel) sum += blocks[block++];
      let place = block * BLOCK;
      while (place < rows.length - 1 && sum + heights[place] <= pixel) sum += heights[place++];
      return place;
    }

    function grow(place, height) {
      blocks[Math.floor(place / BLOCK)] += height - heights[place];
      heights[place] = height;
    }

    function guess(row) {
      return isOpen(row) ? opened.get(row) ?? OPEN : closedHeight || CLOSED;
    }

    function lay() {
      heights = Float64Array.from(rows, guess);
      blocks = new Float64Array(Math.ceil(rows.length / BLOCK));
      heights.forEach((height, place) => { blocks[Math.floor(place / BLOCK)] += height; });
    }

    // The row that keeps its place in the window while others turn out higher or lower.
    function anchor(viewTop) {
      const focused = [...drawn.values()].find(hasFocus);
      if (focused) {
        const start = top(focused.place);
        if (start + heights[focused.place] > viewTop && start < viewTop + innerHeight) return focused.place;
      }
      return at(Math.max(0, viewTop));
    }

    function measure(entries) {
      if (!rows.length) return;
      const viewTop = -list.getBoundingClientRect().top;
      const kept = anchor(viewTop);
      const before = top(kept);
      let changed = false;
      for (const { target } of entries) {
        const one = drawn.get(Number(target.dataset.row));
        if (!one || one.element !== target) continue;
        if (isOpen(one.row) && !target.querySelector(".body")) continue; // it would seem to have room for more
        const height = target.offsetHeight;
        if (isOpen(one.row)) opened.set(one.row, height);
        else if (height && !closedHeight) {
          closedHeight = height;
          lay();
          changed = true;
        }
        if (!height || height === heights[one.place]) continue;
        grow(one.place, height);
        changed = true;
      }
      if (!changed) return;
      place();
      const shift = top(kept) - before;
      if (shift && viewTop > 0) scrollBy({ top: shift, behavior: "instant" });
      later();
    }

    function place() {
      list.style.height = `${total()}px`;
      for (const one of drawn.values()) one.element.style.transform = `translateY(${top(one.place)}px)`;
    }

    // The places to be drawn: those near the window, then around them while they cost little.
    function range() {
      if (!rows.length) return [0, -1];
      const viewTop = -list.getBoundingClientRect().top;
      let first = at(Math.max(0, viewTop - NEAR));
      let last = at(Math.max(0, viewTop + innerHeight + NEAR));
      const cost = (each) => (isOpen(rows[each]) ? COST.open : COST.closed);
      let spent = 0;
      for (let each = first; each <= last; each += 1) spent += cost(each);
      while (last - first + 1 < Math.min(FEW, rows.length)) {
        const next = last < rows.length - 1 ? last + 1 : first - 1;
        spent += cost(next);
        if (spent > FEW) break;
        if (next > last) last = next;
        else first = next;
      }
      return [first, last];
    }

    function add(each) {
      const row = rows[each];
      const element = draw(row, each, rows.length);
      element.dataset.row = row;
      const before = [...drawn.values()].filter((one) => one.place > each).sort((a, b) => a.place - b.place)[0];
      list.insertBefore(element, before?.element ?? null);
      drawn.set(row, { row, element, place: each });
      sizes.observe(element);
      if (isOpen(row)) fill(row, element);
    }

    function remove(one) {
      sizes.unobserve(one.element);
      drawn.delete(one.row);
      one.element.remove();
    }

    function update() {
      const [first, last] = range();
      for (const one of [...drawn.values()]) {
        if ((one.place < first || one.place > last) && !hasFocus(one)) remove(one);
      }
      for (let each = first; each <= last; each += 1) if (!drawn.has(rows[each])) add(each);
      place();
    }

    function later() {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; update(); });
    }

    // List other rows; one that has the focus keeps it if it is still among them.
    function show(next) {
      const focused = [...drawn.values()].find(hasFocus);
      for (const one of [...drawn.values()]) remove(one);
      rows = next;
      lay();
      update();
      const place = focused ? rows.indexOf(focused.row) : -1;
      if (place >= 0) reach(place).querySelector("summary").focus({ preventScroll: true });
    }

    // Draw a row wherever it is, and return its element.
    function reach(each) {
      const row = rows[each];
      if (!drawn.has(row)) {
        add(each);
        place();
      }
      return drawn.get(row).element;
    }

    function redraw() { show(rows); }

    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", () => {
      if (list.clientWidth !== width) { // else no row has another height
        width = list.clientWidth;
        opened.clear();
        closedHeight = 0;
        lay();
      }
      later();
    });

    return {
      show, redraw, reach, later,
      rows: () => rows,
      elementOf: (row) => drawn.get(row)?.element,
      placeOf: (row) => rows.indexOf(row),
    };
  }

  return { create };
})();
