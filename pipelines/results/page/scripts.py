"""The scripts of the pages; without them everything is there to read, and tables and slices stand still."""

SORT = """
"use strict";
document.documentElement.classList.add("script");
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const key = (row, n) => { const cell = row.cells[n]; return cell.dataset.sort ?? cell.textContent.trim(); };
  const compare = (a, b) => a !== "" && b !== "" && !isNaN(a) && !isNaN(b) ? a - b
    : a.localeCompare(b, "en", { numeric: true });
  heads.forEach((head, n) => {
    if (head.hasAttribute("data-fixed")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].filter((row) => row.cells.length === heads.length);
      rows.sort((a, b) => {
        const [x, y] = [key(a, n), key(b, n)];
        if (x === "" || y === "") return (x === "") - (y === "");
        return up ? compare(x, y) : compare(y, x);
      });
      body.append(...rows);
    });
  });
}
"""
"""Heads of sortable tables become buttons; cells sort by ``data-sort`` or their text, empty ones last."""

SLIDE = """
for (const tile of document.querySelectorAll("figure[data-stack]")) {
  const range = tile.querySelector("input"), said = tile.querySelector("output");
  const slices = [...tile.querySelectorAll("g.slice")];
  const cuts = tile.closest("section").querySelectorAll(".cut");
  const show = () => {
    const slice = slices[Number(range.value)];
    slices.forEach((other) => other.classList.toggle("on", other === slice));
    said.textContent = slice.dataset.said;
    range.setAttribute("aria-valuetext", slice.dataset.said);
    const d = Number(slice.dataset.offset);
    cuts.forEach((cut) => cut.setAttribute("transform", `translate(${cut.dataset.x * d} ${cut.dataset.y * d})`));
  };
  range.addEventListener("input", show);
  show();
}
"""
"""The slider of a finding shows one slice of its stack and moves the line of its plane in the other views."""
