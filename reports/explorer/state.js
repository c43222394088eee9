// What is chosen: the state, its address (#study=...), and the controls.

const BEST = "best", ALL = "all datasets", NONE = "none";
const STAGES = {
  confirm: "confirming runs (verdicts rest on them)", tune: "tuning runs (all values)" };
const PLAIN = { quantity: "test_accuracy", scale: "auto", centre: "mean", x: "epochs", ref: NONE,
  at: BEST, filter: "" };
const SCALES = [["auto", "automatic"], ["linear", "linear"], ["log", "logarithmic"]];
const CENTRES = [["mean", "mean and t-interval"], ["median", "median and quartiles"]];
const XS = [["epochs", "epochs"], ["log-epochs", "epochs, logarithmic"], ["updates", "updates"],
  ["log-updates", "updates, logarithmic"]];

let state = {};

const study = () => DATA.studies.find(s => s.name === state.study);
const axis = name => study().axes.find(a => a.name === name);
const indexOf = name => study().axes.findIndex(a => a.name === name);
const isNumeric = a => a.values.every(v => v.trim() !== "" && isFinite(v));
const allowed = (value, list, otherwise) => (list.includes(value) ? value : otherwise);

/* The recorded quantities, and errors beside accuracies. */
const quantities = () => study().quantities ??= offered(study());

function offered(study) {
  const stages = Object.values(study.stages);
  const there = name => stages.some(stage => stage.points.some(p => name in p.curves));
  return DATA.quantities.flatMap(([name, words, perCent]) => {
    const main = /_(accuracy|cost)$/.test(name), found = { key: name, name, words, perCent, main };
    if (!name.endsWith("_accuracy")) return [found];
    const of = { key: name.replace("accuracy", "error"), words: words.replace("accuracy", "error") };
    return [found, { ...found, ...of, error: true }];
  }).filter(q => there(q.name));
}
const quantity = () => quantities().find(q => q.key === state.quantity);

/* Put right whatever does not fit to the study. */
function settle() {
  if (!study()) state = { study: DATA.studies[0].name };
  const s = study(), names = s.axes.map(a => a.name), stages = Object.keys(s.stages);
  state = { ...PLAIN, hidden: new Set(), ...state };
  state.runs = allowed(state.runs, stages, stages[0]);
  state.dataset = allowed(state.dataset, [...s.datasets, ALL], s.datasets[0]);
  const keys = quantities().map(q => q.key);
  state.quantity = allowed(state.quantity, keys, keys[0]);
  for (const [key, list] of [["scale", SCALES], ["centre", CENTRES], ["x", XS]]) {
    state[key] = allowed(state[key], list.map(([value]) => value), PLAIN[key]);
  }
  state.colour = allowed(state.colour, names, s.compared[0] ?? names.find(n => n !== s.tune) ?? names[0]);
  const others = names.filter(n => n !== state.colour);
  state.along = allowed(state.along, [...others, NONE],
    others.find(n => n === s.tune) ?? others.find(n => isNumeric(axis(n))) ?? others[0] ?? NONE);
  state.tuned = s.tune && s.tune !== state.colour ? s.tune : null;
  state.at = allowed(state.at, state.tuned ? axis(state.tuned).values : [], BEST);
  state.ref = allowed(state.ref, state.colour ? axis(state.colour).values : [], NONE);
  state.fixed = Object.fromEntries(others.filter(n => n !== state.tuned).map(name =>
    [name, allowed(state.fixed?.[name], axis(name).values, axis(name).values[0])]));
  const point = state.point && pointOf(state.point);
  if (!point || !shownDatasets().includes(point.dataset)) delete state.point;
  if (!state.point || !point.runs.run_id.includes(state.run)) delete state.run;
}

/* ---------- the address ---------- */

const SIMPLE = ["study", "runs", "dataset", "quantity", "scale", "centre", "x", "colour", "along", "at",
  "ref", "filter", "point", "run"];

function address() {
  const chosen = new URLSearchParams();
  const here = state;
  state = { study: here.study };
  settle();
  const usual = state;
  state = here;
  for (const key of SIMPLE) {
    if (key === "study" || (here[key] ?? "") !== (usual[key] ?? "")) chosen.set(key, here[key] ?? "");
  }
  for (const [name, value] of Object.entries(here.fixed)) {
    if (value !== axis(name).values[0]) chosen.set(`axis.${name}`, value);
  }
  for (const label of here.hidden) chosen.append("hide", label);
  return `#${chosen}`;
}

function fromAddress(hash) {
  const given = new URLSearchParams(hash.slice(1));
  const found = { hidden: new Set(given.getAll("hide")), fixed: {} };
  for (const key of SIMPLE) if (given.has(key)) found[key] = given.get(key);
  for (const [key, value] of given) if (key.startsWith("axis.")) found.fixed[key.slice(5)] = value;
  return found;
}

/* ---------- what is chosen ---------- */

const inAll = () => state.dataset === ALL;
const shownDatasets = () => (inAll() ? study().datasets : [state.dataset]);
const label = (name, point) => axis(name).values[point.at[indexOf(name)]];
const hasFixed = (point, besides) => Object.entries(state.fixed)
  .every(([name, value]) => name === besides || label(name, point) === value);

/* The arms on a dataset: the chosen point of each, and those along the other axis. */
function arms(dataset) {
  const s = study(), colour = state.colour, along = state.along === NONE ? null : state.along;
  const mine = s.stages[state.runs].points.filter(p => p.dataset === dataset);
  const swept = (along && along === s.tune && s.stages.tune ? s.stages.tune.points : mine)
    .filter(p => p.dataset === dataset);
  const tuned = points => {
    const drawn = points.filter(p => p.units.length);
    return state.tuned && state.at !== BEST ? drawn.find(p => label(state.tuned, p) === state.at) : best(drawn);
  };
  const values = colour ? axis(colour).values : ["all runs"];
  return values.map((name, i) => {
    const ofArm = p => !colour || label(colour, p) === name;
    const points = mine.filter(p => ofArm(p) && hasFixed(p));
    const row = swept.filter(p => ofArm(p) && hasFixed(p, along));
    const each = !along ? [] : axis(along).values.map(value => {
      const here = row.filter(p => label(along, p) === value);
      return along === state.tuned ? here[0] : tuned(here);
    });
    return { label: name, look: colour ? axis(colour).looks[i] : ["#0072b2", ""], points,
      chosen: tuned(points), along: each };
  }).filter(arm => arm.points.length || arm.along.some(Boolean));
}

/* ---------- controls ---------- */

function choices() {
  const s = study(), names = s.axes.map(a => a.name), list = [];
  const add = (id, text, options, chosen, set) => {
    if (options.length > 1) list.push({ id, text, options: options.map(o => (Array.isArray(o) ? o : [o, o])), chosen, set });
  };
  const plain = (key, text, options) => add(key === "runs" ? "stage" : key, text, options, state[key], v => { state[key] = v; });
  add("study", "study", DATA.studies.map(x => [x.name, x.title]), state.study, v => { state = { study: v }; });
  plain("runs", "runs", Object.keys(s.stages).map(stage => [stage, STAGES[stage]]));
  plain("dataset", "dataset", s.datasets.length > 1 ? [...s.datasets, ALL] : s.datasets);
  plain("quantity", "quantity", quantities().map(q => [q.key, q.words]));
  add("colour", "compared axis", names, state.colour,
    v => { state.colour = v; state.hidden = new Set(); state.ref = NONE; });
  if (state.colour) plain("ref", "difference to", [NONE, ...axis(state.colour).values]);
  if (state.tuned) plain("at", state.tuned, [[BEST, "best for each"], ...axis(state.tuned).values]);
  Object.keys(state.fixed).forEach((name, i) => add(`fixed-${i}`, name, axis(name).values,
    state.fixed[name], v => { state.fixed[name] = v; }));
  plain("along", "sensitivity to", [...names.filter(n => n !== state.colour), NONE]);
  plain("centre", "lines and bands", CENTRES);
  plain("scale", "vertical axis", SCALES);
  const counted = Object.values(s.stages).every(stage => stage.points.every(p => p.updates));
  plain("x", "horizontal axis", counted ? XS : XS.slice(0, 2));
  return list;
}

function controls() {
  const active = document.activeElement?.id;
  $("controls").replaceChildren(...choices().map(choice => {
    const box = document.createElement("label"), select = document.createElement("select");
    box.append(Object.assign(document.createElement("span"), { textContent: choice.text }), select);
    select.id = choice.id;
    choice.options.forEach(([value, text], i) => {
      const option = new Option(text, i, false, value === choice.chosen);
      option.dir = "auto";
      select.add(option);
    });
    select.onchange = () => {
      choice.set(choice.options[select.value][0]);
      delete state.point;
      delete state.run;
      show();
    };
    return box;
  }));
  if (active && $(active)?.closest("#controls")) $(active).focus();
}
