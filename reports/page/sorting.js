"use strict";
// How tables are sorted, on the page and in the explorer.

// The order of two values: numbers, then texts, then what is missing (null), in both directions.
function compared(x, y, direction) {
  const kind = value => value === null ? 2 : typeof value === "number" ? 0 : 1;
  if (kind(x) !== kind(y)) return kind(x) - kind(y);
  if (x === y) return 0;
  const order = kind(x) === 0 ? (x < y ? -1 : 1) : x.localeCompare(y, "en", {numeric: true});
  return direction * order;
}

// Put the content of a head cell into a button that calls `sort`.
function makeSortable(head, sort) {
  const button = Object.assign(document.createElement("button"), {type: "button", onclick: sort});
  button.append(...head.childNodes);
  head.append(button);
}

// Tell how a column is sorted: 1 is up, -1 is down, 0 is not.
function markSorted(head, direction) {
  head.ariaSort = direction > 0 ? "ascending" : direction < 0 ? "descending" : "none";
}

