// Tables that a reader can sort (buttons in the head) and filter (a field over each column).
const tidy = text => text.trim().replaceAll("−", "-").toLowerCase();
const number = text => /^[<≤≈]?[-+]?(\d|inf)/.test(text) ? parseFloat(text.replace(/^[<≤≈]/, "").replace("inf", "Infinity")) : NaN;
const value = text => text === "–" ? null : isNaN(number(text)) ? text : number(text);

function test(filter) {
  const [, sign, limit] = filter.match(/^(<=|>=|<|>|=|≤|≥)\s*(.+)$/) ?? [];
  if (!sign) return text => text.includes(filter);
  const bound = number(limit);
  if (sign === "=") return text => text === limit || number(text) === bound;
  const holds = {"<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b};
  const compare = holds[sign.replace("≤", "<=").replace("≥", ">=")];
  return text => compare(number(text), bound);
}

function enliven(table) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows].map(row => ({row, cells: [...row.cells].map(cell => tidy(cell.textContent))}));
  const create = (tag, facts) => Object.assign(document.createElement(tag), facts);
  const name = head => head.textContent.trim();

  const all = create("input", {type: "search", placeholder: "Filter all columns", ariaLabel: "Filter all columns"});
  const count = create("output", {});
  const clear = create("button", {type: "button", textContent: "Show all"});
  const bar = create("div", {className: "filters"});
  bar.append(all, count, clear);
  table.parentElement.before(bar);

  const fields = heads.map((head, column) => {
    const values = [...new Set([...body.rows].map(row => row.cells[column].textContent.trim()))];
    const words = values.some(value => isNaN(number(tidy(value))) && value !== "–");
    const label = {ariaLabel: `Filter ${name(head)}`};
    if (!words || values.length > 20) return create("input", {type: "search", placeholder: words ? "filter" : "e.g. >1", ...label});
    const choice = create("select", label);
    choice.append(create("option", {value: "", textContent: "all"}));
    choice.append(...values.sort().map(value => create("option", {value: `=${tidy(value)}`, textContent: value})));
    return choice;
  });
  const line = table.tHead.insertRow();
  for (const field of fields) line.insertCell().append(field);

  function show() {
    const tests = fields.map(field => test(tidy(field.value))), word = tidy(all.value);
    let shown = 0;
    for (const {row, cells} of rows) {
      row.hidden = !(cells.some(cell => cell.includes(word)) && tests.every((holds, i) => holds(cells[i])));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
    clear.hidden = shown === rows.length;
  }

  function sort(column, direction) {
    const order = (a, b) => compared(value(a.cells[column]), value(b.cells[column]), direction);
    body.append(...(direction ? rows.toSorted(order) : rows).map(({row}) => row));
    heads.forEach((head, i) => markSorted(head, i === column ? direction : 0));
  }

  heads.forEach((head, column) => makeSortable(head,
    () => sort(column, {none: 1, ascending: -1, descending: 0}[head.ariaSort ?? "none"])));
  for (const field of [all, ...fields]) field.oninput = show;
  clear.onclick = () => { for (const field of [all, ...fields]) field.value = ""; show(); };
  show();
}
document.querySelectorAll("table.filterable").forEach(enliven);
