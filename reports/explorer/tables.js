// Tables: the values at an epoch, the runs with their filter, and the settings of one run.

const MOST_ROWS = 200;
let order = { column: null, direction: -1 };

function element(tag, facts = {}, ...children) {
  const made = Object.assign(document.createElement(tag), facts);
  made.append(...children);
  return made;
}

const cell = value => element("td", { textContent: value ?? "–", dir: "auto",
  className: typeof value === "number" ? "n" : "" });

function filled(table, head, rows) {
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

const head = text => element("th", { scope: "col", textContent: text, dir: "auto" });

/* ---------- values: the arms at one place of a panel ---------- */

const KEY = look => {
  const key = node("svg", { width: 30, height: 10, "aria-hidden": "true" });
  key.append(node("line", { x1: 0, x2: 30, y1: 5, y2: 5, stroke: look[0], "stroke-width": 3,
    "stroke-dasharray": look[1] }));
  return key;
};

/* The arms of a panel at a place; one whose curve ended before is there with its last value. */
function valuesAt(panel, place) {
  const at = s => s.points.find(p => p.x === place) ?? (panel.kind === "curves" ? s.points.findLast(p => p.x <= place) : undefined);
  return panel.series.filter(s => !s.own).map(s => ({ ...at(s), series: s }))
    .filter(row => row.x !== undefined);
}

const heads = () => [state.colour ?? "runs", state.tuned, quantity().words, words(state.centre), "n", "diverged"];
const words = centre => (centre === "mean" ? `${study().level} % interval` : "quartiles");

function valueRow(row, selectable) {
  const q = quantity(), difference = state.ref !== NONE, { series, point } = row;
  const name = selectable && point
    ? element("button", { type: "button", textContent: series.label, dir: "auto",
      title: "Show these runs", onclick: () => choosePoint(point) })
    : element("span", { textContent: series.label, dir: "auto" });
  const said = [written(row.value, q, difference), interval(row, q, difference)];
  const line = element("tr", {}, element("th", { scope: "row" }, KEY(series.look), name));
  if (state.tuned) line.append(cell(point ? label(state.tuned, point) : null));
  line.append(...said.map(text => element("td", { className: "n", textContent: text })), cell(row.n), cell(row.lost));
  return line;
}

function valueTable(table, panel, place, selectable) {
  const names = heads().filter((_, i) => i !== 1 || state.tuned);
  const numbers = state.tuned ? 2 : 1;
  filled(table, names.map((text, i) => Object.assign(head(text), { className: i >= numbers ? "n" : "" })), valuesAt(panel, place).map(row => valueRow(row, selectable)));
}

function valuesSection(panels) {
  $("values").replaceChildren(...panels.map(panel => {
    const table = element("table"), place = panel.places.at(-1);
    valueTable(table, panel, place, true);
    const box = element("div", { className: "scroll", tabIndex: 0, ariaLabel: `Values, ${panel.dataset}` }, table);
    box.setAttribute("role", "region");
    return element("div", {}, element("h3", { textContent: `${panel.dataset}, ${panel.at(place)}` }), box);
  }));
}

/* ---------- runs ---------- */

function shownPoints() {
  if (state.point) { const one = pointOf(state.point); if (one) return [one]; }
  return shownDatasets().flatMap(dataset => arms(dataset).filter(a => !state.hidden.has(a.label) && a.chosen)
    .map(a => a.chosen));
}

const isShare = metric => DATA.quantities.some(([name, , perCent]) => name === metric && perCent);
const inPerCent = (value, metric) => (value !== null && isShare(metric) ? +(100 * value).toPrecision(4) : value);

function runRows(point) {
  const { runs, stage } = point, axes = point.study.axes.map(a => a.values[point.at[indexOf(a.name)]]);
  const metrics = DATA.quantities.map(([name]) => name).filter(name => name in runs);
  return runs.run_id.map((id, i) => ({ point, i, cells: [id, point.dataset, ...axes, runs.unit[i],
    ...(stage.splits ? [runs.index[i]] : []), runs.status[i], ...metrics.map(m => inPerCent(runs[m][i], m))] }));
}

function runHeads(point) {
  const metrics = DATA.quantities.map(([name]) => name).filter(name => name in point.runs);
  return ["run_id", "dataset", ...point.study.axes.map(a => a.name),
    ...(point.stage.splits ? ["split", "index"] : ["seed"]), "status", ...metrics];
}

function filteredRuns() {
  const points = shownPoints(), wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const all = points.flatMap(runRows);
  const rows = all.filter(({ cells }) => {
    const text = cells.join("\n").toLowerCase();
    return wanted.every(word => text.includes(word));
  });
  const names = points.length ? runHeads(points[0]) : [];
  const by = order.column === null ? -1 : names.indexOf(order.column);
  if (by >= 0) rows.sort((a, b) => compared(a.cells[by], b.cells[by], order.direction));
  return { names, rows, all: all.length };
}

function runTable() {
  const { names, rows, all } = filteredRuns();
  const focused = document.activeElement?.closest("#runs th")?.cellIndex;
  const heads = names.map((name, column) => {
    const th = head(name.replaceAll("_", " ") + (isShare(name) ? " (%)" : "")), direction = name === order.column ? order.direction : 0;
    th.textContent += ["", " ↑", " ↓"].at(direction);
    th.className = typeof rows[0]?.cells[column] === "number" ? "n" : "";
    markSorted(th, direction);
    makeSortable(th, () => { order = { column: name, direction: direction < 0 ? 1 : -1 }; runTable(); });
    return th;
  });
  const lines = rows.slice(0, MOST_ROWS).map(({ point, cells: [id, ...others] }) => {
    const button = element("button", { type: "button", textContent: id, onclick: () => chooseRun(point, id) });
    button.setAttribute("aria-pressed", state.run === id);
    return element("tr", { className: state.run === id ? "chosen" : "" }, element("td", {}, button), ...others.map(cell));
  });
  filled($("runs"), heads, lines);
  if (focused !== undefined) $("runs").querySelectorAll("th button")[focused]?.focus();
  const some = rows.length < all ? `${rows.length} of ${all} runs` : `${all} runs`;
  $("count").textContent = some + (rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : "");
  $("of-point").textContent = state.point ? `Only the runs of ${pointName(pointOf(state.point))}.` : "";
  $("all-points").hidden = !state.point;
}

/* ---------- points and runs by name ---------- */

const pointId = point => `${point.stage.name}.${point.stage.points.indexOf(point)}`;

function pointOf(id) {
  const [stage, index] = id.split(".");
  return study().stages[stage]?.points[+index];
}

const pointName = point => [point.dataset, ...point.study.axes.map(a => `${a.name} ${a.values[point.at[indexOf(a.name)]]}`)].join(", ");

function choosePoint(point) {
  state.point = pointId(point);
  delete state.run;
  show(false);
  $("count").scrollIntoView({ block: "nearest" });
}

function chooseRun(point, id) {
  if (state.run === id) delete state.run;
  else { state.run = id; state.point ??= pointId(point); }
  show(false);
  [...$("runs").querySelectorAll("td button")].find(b => b.textContent === id)?.focus();
}

/* The curve of a chosen run, if it is stored by itself. */
function ownCurve(dataset) {
  const point = state.run && state.point && pointOf(state.point);
  if (!point || point.dataset !== dataset || point.stage.splits || state.ref !== NONE) return null;
  const unit = point.runs.unit[point.runs.run_id.indexOf(state.run)];
  const curves = unitCurves(point, quantity()), grid = epochs(point, quantity());
  const mine = curves?.[point.units.indexOf(unit)];
  if (!mine) return null;
  const turned = v => (quantity().error && v !== null ? 100 - v : v);
  const points = grid.map((epoch, i) => ({ epoch, value: turned(mine[i]), low: null, high: null }))
    .filter(p => p.value !== null);
  return { label: `run ${state.run}`, look: ["currentColor", ""], own: true, points, of: point };
}

function runDetail() {
  const point = state.run && state.point ? pointOf(state.point) : null, box = $("detail");
  const at = point ? point.runs.run_id.indexOf(state.run) : -1;
  box.hidden = at < 0;
  if (at < 0) return box.replaceChildren();
  const facts = { dataset: point.dataset, ...point.study.settings, ...point.settings,
    [point.stage.splits ? "split" : "seed"]: point.runs.unit[at],
    ...(point.stage.splits ? { index: point.runs.index[at] } : {}), status: point.runs.status[at] };
  const list = element("dl", {}, ...Object.entries(facts).map(([name, value]) => element("div", {},
    element("dt", { textContent: name.replaceAll("_", " ") }), element("dd", { textContent: value ?? "–", dir: "auto" }))));
  const command = `python -m experiments show ${state.run}`;
  const curve = point.stage.splits ? "Of confirming runs the mean of a split is stored, not the curve of each run."
    : "Its own curve is the thin line.";
  box.replaceChildren(element("h2", { textContent: `Run ${state.run}` }),
    element("p", {}, "All about it, and how to train it again: ", element("code", { textContent: command }),
      ` ${curve}`), list);
}
