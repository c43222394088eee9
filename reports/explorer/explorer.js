const MOST_ROWS = 500, BEST = "best";
const $ = id => document.getElementById(id);
let DATA, state = {}, order = { column: null, direction: -1 };

const words = metric => metric.replace("_", " ");
const study = () => DATA.studies.find(s => s.name === state.study);
const axis = name => study().axes.find(a => a.name === name);
const indexOf = name => study().axes.findIndex(a => a.name === name);
const isNumeric = a => a.values.every(v => v.trim() !== "" && isFinite(v));

async function unpack() {
  const bytes = Uint8Array.from(atob($("data").textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/* ---------- choices: each is put right when one before it changes ---------- */

function settle() {
  const s = study();
  if (!s.datasets.includes(state.dataset)) state.dataset = s.datasets[0];
  const names = s.axes.map(a => a.name);
  if (!names.includes(state.colour)) {
    state.colour = s.compared[0] ?? names.find(n => n !== s.tune) ?? names[0];
  }
  const others = names.filter(n => n !== state.colour);
  if (!others.includes(state.along)) {
    state.along = others.find(n => n === s.tune) ?? others.find(n => isNumeric(axis(n)))
      ?? others[0] ?? null;
  }
  if (state.along && state.at !== BEST && !axis(state.along).values.includes(state.at)) state.at = BEST;
  const fixed = {};
  for (const name of others.filter(n => n !== state.along)) {
    const known = axis(name).values;
    fixed[name] = known.includes(state.fixed?.[name]) ? state.fixed[name] : known[0];
  }
  state.fixed = fixed;
}

function choices() {
  const s = study(), names = s.axes.map(a => a.name), own = (id, label, options, chosen, set) =>
    ({ id, label, options: options.map(o => Array.isArray(o) ? o : [o, o]), chosen, set });
  const list = [
    own("study", "study", DATA.studies.map(x => [x.name, x.title]), state.study, v => { state.study = v; }),
    own("dataset", "dataset", s.datasets, state.dataset, v => { state.dataset = v; }),
    own("metric", "metric", DATA.metrics.map(m => [m, words(m)]), state.metric, v => { state.metric = v; }),
  ];
  if (names.length) list.push(own("colour", "compared axis", names, state.colour,
    v => { state.colour = v; state.hidden.clear(); }));
  if (state.along) {
    list.push(own("along", "sensitivity to", names.filter(n => n !== state.colour), state.along,
      v => { state.along = v; }));
    list.push(own("at", `${state.along} of the curves`,
      [[BEST, "best for each"], ...axis(state.along).values], state.at, v => { state.at = v; }));
  }
  Object.keys(state.fixed).forEach((name, i) => list.push(own(`fixed-${i}`, name, axis(name).values,
    state.fixed[name], v => { state.fixed[name] = v; })));
  return list;
}

function controls() {
  const active = document.activeElement?.id;
  $("controls").replaceChildren(...choices().map(choice => {
    const label = document.createElement("label"), select = document.createElement("select");
    label.textContent = choice.label;
    select.id = choice.id;
    choice.options.forEach(([value, text], i) => select.add(new Option(text, i, false, value === choice.chosen)));
    select.onchange = () => { choice.set(choice.options[select.value][0]); show(); };
    label.append(select);
    return label;
  }));
  if (active) $(active)?.focus();
}

/* ---------- what is chosen ---------- */

const end = (point, metric) => point.curves[DATA.metrics.indexOf(metric)].map(q => q.at(-1) ?? null);

const best = points => points.reduce((a, b) => (b.rank < a.rank ? b : a), points[0]);

function arms() {
  const s = study(), a = axis(state.colour), c = indexOf(state.colour), x = indexOf(state.along);
  const mine = s.points.filter(p => p.dataset === state.dataset
    && Object.entries(state.fixed).every(([n, v]) => axis(n).values[p.at[indexOf(n)]] === v));
  if (!a) return [{ label: "all", look: ["#0072b2", ""], points: mine, chosen: mine[0] }];
  return a.values.map((label, i) => {
    const points = mine.filter(p => p.at[c] === i).sort((p, q) => p.at[x] - q.at[x]);
    const drawn = points.filter(p => p.epochs.length);
    const at = x >= 0 && state.at !== BEST
      ? drawn.find(p => axis(state.along).values[p.at[x]] === state.at) : best(drawn);
    return { label, look: a.looks[i], points, chosen: at };
  }).filter(arm => arm.points.length);
}

/* ---------- drawing ---------- */

function node(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function ticks(low, high) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 4));
  const size = [1, 2, 5, 10].map(k => k * step).find(k => (high - low) / k <= 6);
  const first = Math.ceil(low / size - 1e-9);
  return Array.from({ length: Math.floor(high / size + 1e-9) - first + 1 }, (_, i) => +((first + i) * size).toPrecision(6));
}

/* series: {look, label, points: [[x, median, q1, q3]]}; marks: [[x, text]] or null */
function draw(svg, series, marks, xTitle) {
  const W = 520, H = 330, left = 58, right = 12, top = 10, bottom = 44;
  const all = series.flatMap(s => s.points).filter(p => p[1] !== null);
  svg.replaceChildren();
  if (!all.length) return void svg.append(node("text", { x: W / 2, y: H / 2, "text-anchor": "middle" }, "nothing to draw"));
  const ys = all.flatMap(p => p.slice(1)).filter(v => v !== null), xs = all.map(p => p[0]);
  let [low, high] = [Math.min(...ys), Math.max(...ys)];
  const room = (high - low) * 0.04 || 0.5;
  [low, high] = [low - room, high + room];
  const from = marks ? marks[0][0] : Math.min(...xs), to = marks ? marks.at(-1)[0] : Math.max(...xs);
  const X = v => (to > from ? left + (v - from) / (to - from) * (W - left - right) : W / 2);
  const Y = v => H - bottom - (v - low) / (high - low) * (H - top - bottom);
  for (const t of ticks(low, high)) svg.append(
    node("line", { class: "grid", x1: left, x2: W - right, y1: Y(t), y2: Y(t) }),
    node("text", { x: left - 6, y: Y(t) + 4, "text-anchor": "end" }, t));
  const under = marks ?? (to > from ? ticks(from, to) : [from]).map(t => [t, t]);
  const every = Math.ceil(under.reduce((n, [, text]) => n + String(text).length + 2, 0) * 6.5 / (W - left - right));
  under.forEach(([t, text], i) => { if (i % every === 0) svg.append(node("text",
    { x: X(t), y: H - bottom + 18, "text-anchor": "middle" }, text)); });
  svg.append(node("text", { x: (left + W - right) / 2, y: H - 6, "text-anchor": "middle" }, xTitle));
  for (const { look: [colour, dash], label, points } of series) {
    const known = points.filter(p => p[1] !== null), banded = points.filter(p => p[2] !== null && p[3] !== null);
    const path = list => list.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join(" ");
    const ring = [...banded.map(p => [p[0], p[3]]), ...banded.map(p => [p[0], p[2]]).reverse()];
    svg.append(node("polygon", { class: "band", points: path(ring), fill: colour, opacity: 0.16 }));
    const line = node("polyline", { class: "line", points: path(known), fill: "none", stroke: colour,
      "stroke-width": 2, "stroke-dasharray": dash, "stroke-linejoin": "round" });
    line.append(node("title", {}, label));
    svg.append(line);
    if (known.length <= 12) for (const [x, y] of known) {
      const dot = node("circle", { cx: X(x), cy: Y(y), r: 3.5, fill: colour });
      dot.append(node("title", {}, `${label}: ${y}`));
      svg.append(dot);
    }
  }
}

function drawCurves(shown) {
  const m = DATA.metrics.indexOf(state.metric);
  draw($("curves"), shown.filter(a => a.chosen).map(({ look, label, chosen }) => ({ look, label,
    points: chosen.epochs.map((e, i) => [e, ...chosen.curves[m].map(q => q[i])]) })), null, "epoch");
}

function drawSensitivity(shown) {
  const along = state.along && axis(state.along), x = indexOf(state.along);
  $("sensitivity-title").textContent = along ? `Sensitivity to ${state.along}` : "At the end";
  const log = along && isNumeric(along) && along.values.every(v => +v > 0);
  const at = i => (log ? Math.log10(+along.values[i]) : i);
  const marks = along ? along.values.map((v, i) => [at(i), v]) : shown.map((a, i) => [i, a.label]);
  if (!marks.length) return draw($("sensitivity"), [], null, "");
  draw($("sensitivity"), shown.map(({ look, label, points }, i) => ({ look, label,
    points: points.map(p => [along ? at(p.at[x]) : i, ...end(p, state.metric)]) })),
  marks, along ? `${state.along}${log ? " (logarithmic)" : ""}` : state.colour ?? "");
}

function legend(list) {
  $("legend").replaceChildren(...list.map(({ label, look: [colour, dash], chosen }) => {
    const item = document.createElement("label"), box = document.createElement("input");
    const key = node("svg", { width: 30, height: 10, "aria-hidden": "true" });
    key.append(node("line", { x1: 0, x2: 30, y1: 5, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }));
    box.type = "checkbox";
    box.checked = !state.hidden.has(label);
    box.onchange = () => { state.hidden[box.checked ? "delete" : "add"](label); show(false); };
    const at = state.along && chosen && state.at === BEST ? ` (${state.along} ${axis(state.along).values[chosen.at[indexOf(state.along)]]})` : "";
    item.append(box, key, label + at);
    return item;
  }));
}

function table(shown) {
  const names = study().axes.map(a => a.name);
  const head = ["run_id", ...names, "seed", "status", ...DATA.metrics];
  const rows = shown.flatMap(arm => (state.at === BEST || !state.along ? (arm.chosen ? [arm.chosen] : []) : arm.points.filter(
    p => axis(state.along).values[p.at[indexOf(state.along)]] === state.at))).flatMap(p => p.runs.map(
    ([id, seed, status, ...values]) => [id, ...p.at.map((v, i) => study().axes[i].values[v]), seed, status, ...values]));
  const by = order.column === null ? -1 : head.indexOf(order.column);
  if (by >= 0) rows.sort((a, b) => compared(a[by], b[by], order.direction));
  const cell = v => { const td = document.createElement("td"); td.textContent = v ?? "–";
    if (typeof v === "number") td.className = "n"; return td; };
  const line = row => { const tr = document.createElement("tr"); tr.append(...row.map(cell)); return tr; };
  const top = document.createElement("tr");
  top.append(...head.map(name => {
    const th = document.createElement("th"), direction = name === order.column ? order.direction : 0;
    th.scope = "col";
    th.textContent = words(name) + ["", " ↑", " ↓"].at(direction);
    markSorted(th, direction);
    makeSortable(th, () => { order = { column: name, direction: direction < 0 ? 1 : -1 }; show(false); });
    return th;
  }));
  const thead = document.createElement("thead"), body = document.createElement("tbody");
  thead.append(top);
  body.append(...rows.slice(0, MOST_ROWS).map(line));
  $("runs").replaceChildren(thead, body);
  $("count").textContent = `${rows.length} runs` + (rows.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : "");
}

function show(rebuild = true) {
  if (rebuild) { settle(); controls(); }
  $("question").textContent = study().question;
  const list = arms(), shown = list.filter(a => !state.hidden.has(a.label));
  if (rebuild) legend(list);
  drawCurves(shown);
  drawSensitivity(shown);
  table(shown);
  document.documentElement.dataset.ready = "yes";
}

unpack().then(data => {
  DATA = data;
  state = { study: data.studies[0]?.name, metric: "test_accuracy", at: BEST, fixed: {}, hidden: new Set() };
  if (data.studies.length) show();
  else { $("count").textContent = "This sweep has no runs."; document.documentElement.dataset.ready = "yes"; }
});
