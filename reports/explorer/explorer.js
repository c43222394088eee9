// All together: panels of what is chosen, one sentence about it, and what a pointer or a key does.

const WIDE = 800, PANEL = 300; // pixels of a page with two columns, of a panel among many
let PANELS = [], LEGEND = [], WIDTH = 0;

const difference = () => state.ref !== NONE;
const onUpdates = () => state.x.endsWith("updates");
const heading = () => `${quantity().words}${quantity().perCent ? (difference() ? " (points)" : " (%)") : ""}`
  + (difference() ? `, difference to ${named(state.ref)}` : "");

/* ---------- the series of a dataset ---------- */

function curvesOf(dataset, list) {
  const reference = difference() ? list.find(a => a.label === state.ref)?.chosen : null;
  const placed = s => { const x = onUpdates() ? s.epoch * s.point.updates : s.epoch; return { ...s, x }; };
  const found = list.filter(shownArm).filter(a => a.chosen).map(({ label: name, look, chosen }) => ({ label: name, look, points:
    difference() && !reference ? [] : series(chosen, quantity(), state.centre, reference).map(s => placed({ ...s, point: chosen })) }));
  const own = ownCurve(dataset);
  if (own) found.push({ ...own, points: own.points.map(p => placed({ ...p, point: own.of })) });
  return found.filter(s => s.points.length).map(s => ({ ...s, start: s.points[0].value }));
}

const shownArm = arm => !state.hidden.has(arm.label) && arm.label !== state.ref;

/* At the end of training: along another axis, or arm by arm. */
function endsOf(list) {
  const along = state.along !== NONE && axis(state.along), numeric = along && isNumeric(along);
  const refs = difference() ? list.find(a => a.label === state.ref) : null;
  const end = (point, reference, x) => {
    if (!point || (difference() && !reference)) return null;
    const all = series(point, quantity(), state.centre, difference() ? reference : null);
    return all.length ? { ...last(all), x, point, start: all[0].value } : null;
  };
  return list.filter(shownArm).map((arm, i) => {
    const points = along ? arm.along.map((p, at) => end(p, refs?.along[at], numeric ? +along.values[at] : at))
      : [end(arm.chosen, refs?.chosen, i)];
    const there = points.filter(Boolean).sort((a, b) => a.x - b.x);
    return { ...arm, points: there, start: Math.max(...there.map(p => Math.abs(p.start))) };
  }).filter(s => s.points.length);
}

/* ---------- panels ---------- */

function curvePanel(dataset, list, width) {
  const of = { kind: "curves", dataset, width, height: inAll() ? 220 : 300, series: curvesOf(dataset, list),
    title: `Learning curves on ${dataset}`, x: onUpdates() ? "updates" : "epoch",
    log: state.x.startsWith("log-"), at: x => `${onUpdates() ? "update" : "epoch"} ${x}` };
  const y = scaleOf(of.series, quantity(), difference());
  return finished(of, y && linePanel(of, of.series, y));
}

function endPanel(dataset, list, width) {
  const along = state.along !== NONE && axis(state.along), numeric = along && isNumeric(along);
  const of = { kind: "sensitivity", dataset, width, height: inAll() ? 220 : 300, series: endsOf(list),
    title: `${along ? `Sensitivity to ${state.along}` : "At the end"} on ${dataset}` };
  const y = scaleOf(of.series, quantity(), difference());
  if (numeric) {
    of.log = along.values.every(v => +v > 0);
    Object.assign(of, { x: state.along + (of.log ? " (logarithmic)" : ""), at: x => `${state.along} ${along.values.find(v => +v === x)}`,
      ticks: along.values.map(v => [+v, v]) });
    return finished(of, y && linePanel(of, of.series, y));
  }
  of.single = !along;
  of.names = along ? along.values : list.filter(shownArm).map(a => a.label);
  Object.assign(of, { x: heading(), at: row => (along ? `${state.along} ${of.names[row]}` : "the end") });
  return finished(of, y && dotPanel(of, of.series, y));
}

function finished(panel, drawn) {
  if (!drawn) {
    const svg = node("svg", { width: panel.width, height: 60, viewBox: `0 0 ${panel.width} 60` });
    svg.append(node("text", { x: panel.width / 2, y: 34, "text-anchor": "middle" }, "nothing to draw"));
    return { ...panel, svg, places: [] };
  }
  const made = { ...panel, ...drawn, places: drawn.positions };
  enliven(made);
  return made;
}

/* Hover, focus and arrow keys show all arms at one place; a click shows the runs of a point. */
function enliven(panel) {
  const { svg, places } = panel, say = place => {
    const rows = valuesAt(panel, place), q = quantity();
    svg.setAttribute("aria-valuenow", places.indexOf(place));
    svg.setAttribute("aria-valuetext", `${panel.at(place)}: ` + rows.map(r =>
      `${r.series.label} ${written(r.value, q, difference())} ${interval(r, q, difference())} n ${r.n}`).join("; "));
  };
  const facts = { role: "slider", tabindex: 0, "aria-label": `${panel.title}, ${heading()}`, "aria-valuemin": 0,
    "aria-valuemax": Math.max(1, places.length - 1) };
  for (const [key, value] of Object.entries(facts)) svg.setAttribute(key, value);
  let place = places.at(-1);
  say(place);
  const go = to => { place = to; panel.mark(place); say(place); readout(panel, place); };
  const leave = () => { panel.mark(null); $("readout").hidden = true; };
  const inside = event => {
    const box = svg.getBoundingClientRect(), zoom = panel.width / box.width;
    return [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
  };
  svg.onpointermove = event => go(panel.nearest(...inside(event)));
  svg.onpointerleave = svg.onblur = leave;
  svg.onfocus = () => { if (svg.matches(":focus-visible")) go(place); };
  svg.onclick = event => {
    const [px, py] = inside(event), found = panel.nearestSeries(panel.nearest(px, py), py);
    if (found?.[2].point) choosePoint(found[2].point);
  };
  svg.onkeydown = event => {
    const to = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") leave();
    if (to === undefined) return;
    event.preventDefault();
    go(places[Math.min(places.length - 1, Math.max(0, places.indexOf(place) + to))]);
  };
}

function readout(panel, place) {
  const box = $("readout"), frame = panel.svg.getBoundingClientRect();
  valueTable(box.querySelector("table"), panel, place, false);
  box.querySelector("p").textContent = `${panel.dataset}, ${panel.at(place)}`;
  box.hidden = false;
  const room = document.documentElement.clientWidth - box.offsetWidth - 8;
  box.style.left = `${Math.max(8, Math.min(room, frame.left)) + scrollX}px`;
  box.style.top = `${frame.bottom + scrollY + 2}px`;
}

function drawPanels() {
  const room = $("figures").clientWidth, gap = 16, columns = inAll() ? Math.max(1, Math.floor(room / PANEL)) : room >= WIDE ? 2 : 1;
  WIDTH = room;
  const width = Math.floor((room - gap * (columns - 1)) / columns);
  const byData = shownDatasets().map(dataset => [dataset, arms(dataset)]);
  const kinds = [byData.map(([d, list]) => curvePanel(d, list, width)), byData.map(([d, list]) => endPanel(d, list, width))];
  PANELS = kinds.flat();
  const figure = panel => element("figure", { className: panel.kind },
    element(inAll() ? "h3" : "h2", { textContent: inAll() ? panel.dataset : panel.title, dir: "auto" }), panel.svg);
  const group = (title, panels) => element("section", {}, element("h2", { textContent: title }),
    element("div", { className: "panels" }, ...panels.map(figure)));
  $("figures").replaceChildren(...(inAll() ? [group("Learning curves", kinds[0]),
    group(state.along === NONE ? "At the end" : `Sensitivity to ${state.along}`, kinds[1])]
    : [element("div", { className: "panels" }, ...PANELS.map(figure))]));
  $("figures").style.setProperty("--columns", columns);
  return kinds[0];
}

/* ---------- words ---------- */

function sentence(panels) {
  const q = quantity(), wins = new Map(), lost = new Set(), above = new Map();
  const lower = q.error || /cost/.test(q.name), text = [];
  for (const panel of panels) {
    const ends = valuesAt(panel, panel.places.at(-1)).filter(r => !r.series.own);
    for (const r of ends) if (r.lost) lost.add(`${named(r.series.label)} (${panel.dataset})`);
    const known = ends.filter(r => isFinite(r.value)).sort((a, b) => (lower ? 1 : -1) * (a.value - b.value));
    if (!known.length) continue;
    for (const r of known) above.set(r.series.label, (above.get(r.series.label) ?? 0) + (r.value > 0));
    wins.set(known[0].series.label, (wins.get(known[0].series.label) ?? 0) + 1);
    if (panels.length > 1) continue;
    const say = r => `${named(r.series.label)} ${written(r.value, q, difference())}${unit(q, difference())} ${interval(r, q, difference())}`.trim();
    text.push(`On ${panel.dataset}, ${q.words}${difference() ? ` less that of ${named(state.ref)}` : ""} at the end is `
      + (known.length > 1 ? `${lower ? "lowest" : "highest"} for ${say(known[0])} and ${lower ? "highest" : "lowest"} for ${say(known.at(-1))}`
        : say(known[0])) + `; n\u00a0=\u00a0${known[0].n}.`);
  }
  if (panels.length > 1 && difference()) text.push(`At the end ${q.words} is higher than that of ${named(state.ref)} for `
    + [...above].map(([name, n]) => `${named(name)} on ${n}`).join(", ") + ` of ${panels.length} datasets.`);
  else if (panels.length > 1) text.push(`${q.words[0].toUpperCase()}${q.words.slice(1)} at the end is ${lower ? "lowest" : "highest"} for `
    + [...wins].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${named(name)} on ${n}`).join(", ") + ` of ${panels.length} datasets.`);
  if (!text.length) text.push("There is nothing to draw.");
  if (lost.size) text.push(`Runs diverged: ${[...lost].join(", ")}.`);
  return text.join(" ");
}

function facts() {
  const splits = study().stages[state.runs].splits;
  return `Curves: ${splits ? "confirming runs, a split counting once" : "tuning runs, seed by seed"}. `
    + (state.along !== NONE && state.along === study().tune && splits ? `Sensitivity to ${state.along}: tuning runs.` : "");
}

function legend() {
  const all = shownDatasets().map(arms), found = new Map();
  for (const list of all) for (const arm of list) if (!found.has(arm.label)) found.set(arm.label, arm);
  LEGEND = [...found.values()].filter(shownArm);
  $("legend").replaceChildren(...[...found.values()].map(({ label: name, look, chosen }) => {
    const box = element("input", { type: "checkbox", checked: !state.hidden.has(name) });
    box.onchange = () => { state.hidden[box.checked ? "delete" : "add"](name); show(false); };
    const at = !inAll() && state.tuned && chosen && state.at === BEST ? ` (${state.tuned} ${label(state.tuned, chosen)})` : "";
    const said = name === state.ref ? " (reference)" : at;
    return element("label", {}, box, KEY(look), element("span", { textContent: name + said, dir: "auto" }));
  }));
}

/* ---------- showing ---------- */

async function show(rebuild = true) {
  if (!study()) state.study = DATA.studies[0].name;
  await loaded(study());
  settle();
  if (rebuild) { controls(); legend(); }
  LEGEND = arms(shownDatasets()[0]).filter(shownArm);
  const s = study(), chapter = s.chapters[state.colour];
  $("question").textContent = s.question;
  $("chapter").href = `${DATA.appendix}${chapter ? `#${encodeURIComponent(chapter)}` : ""}`;
  redraw();
  $("filter").value = state.filter;
  runTable();
  runDetail();
  history.replaceState(null, "", address());
  document.documentElement.dataset.ready = "yes";
}

function redraw() {
  $("readout").hidden = true;
  const panels = drawPanels();
  $("shown").textContent = heading();
  $("sentence").textContent = sentence(panels);
  $("facts").textContent = facts();
  valuesSection(panels.filter(p => p.places.length));
}

async function begin() {
  DATA = await unpacked("data-0");
  if (!DATA.studies.length) {
    $("count").textContent = "This sweep has no runs.";
    document.documentElement.dataset.ready = "yes";
    return;
  }
  saving();
  $("reset").onclick = () => { state = { study: state.study }; order = { column: null, direction: -1 }; show(); };
  $("all-points").onclick = () => { delete state.point; delete state.run; show(false); };
  $("filter").oninput = () => { state.filter = $("filter").value; runTable(); history.replaceState(null, "", address()); };
  addEventListener("hashchange", () => { state = fromAddress(location.hash); show(); });
  new ResizeObserver(() => { if (PANELS.length && $("figures").clientWidth !== WIDTH) redraw(); }).observe($("figures"));
  state = fromAddress(location.hash);
  await show();
}
begin();
