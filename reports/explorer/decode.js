"use strict";
// The data of the page as packed by Python, and the statistics of a point's units.

let DATA;
const $ = id => document.getElementById(id);

async function unpacked(id) {
  const bytes = Uint8Array.from(atob($(id).textContent), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/* The stages of a study, unpacked when first asked for; each point knows its stage and study. */
async function loaded(study) {
  if (study.stages) return;
  study.stages = await unpacked(`data-${DATA.studies.indexOf(study) + 1}`);
  for (const [name, stage] of Object.entries(study.stages)) {
    stage.name = name;
    for (const point of stage.points) Object.assign(point, { stage, study, decoded: {} });
  }
}

/* ---------- codes: see quantities.py ---------- */

const PLACES = 1e5, DECADE = 900, LOWEST = 300;

function number(code, places) {
  if (places) return code / PLACES;
  if (code === 0) return 0;
  const c = Math.abs(code) - 1, digits = c % DECADE + 100, power = Math.floor(c / DECADE) - LOWEST;
  return Math.sign(code) * Number(`${digits}e${power - 2}`);
}

/* The curves of a point's units: null where a value is missing, Infinity where a run was lost. */
function unitCurves(point, quantity) {
  const known = point.decoded[quantity.name];
  if (known || !point.curves[quantity.name]) return known;
  const [places, curves] = point.curves[quantity.name], grid = epochs(point, quantity);
  const scale = quantity.perCent ? 100 : 1;
  return point.decoded[quantity.name] = curves.map(steps => {
    let code = 0;
    return steps.map((step, i) => step === null
      ? (point.lost !== null && grid[i] >= point.lost ? Infinity : null)
      : scale * number(code += step, places));
  });
}

const epochs = (point, quantity) => point.epochs[quantity.main ? 0 : 1];

/* ---------- statistics ---------- */

const mean = list => list.reduce((a, b) => a + b, 0) / list.length;

function quantile(sorted, share) {
  const at = (sorted.length - 1) * share, below = Math.floor(at), above = sorted[Math.ceil(at)];
  return at === below || sorted[below] === above ? sorted[below]
    : sorted[below] + (at - below) * (above - sorted[below]);
}

/* Value, interval and number of some units: the mean with its t-interval, or median and quartiles. */
function summary(values, half, centre) {
  const there = values.filter(v => v !== null), n = there.length;
  const lost = there.filter(v => !isFinite(v)).length;
  if (!n) return { value: null, low: null, high: null, n, lost };
  if (centre === "median") {
    const sorted = there.toSorted((a, b) => a - b);
    const [low, value, high] = [0.25, 0.5, 0.75].map(q => quantile(sorted, q));
    return { value, low, high, n, lost };
  }
  if (lost) return { value: Infinity, low: null, high: null, n, lost };
  const value = mean(there), spread = Math.sqrt(there.reduce((s, v) => s + (v - value) ** 2, 0) / (n - 1));
  const wide = half[n] === null || !isFinite(spread) ? null : half[n] * spread;
  return { value, low: wide === null ? null : value - wide, high: wide === null ? null : value + wide, n, lost };
}

/* The summaries of a point by epoch, of its difference to a reference if there is one. */
function series(point, quantity, centre, reference = null) {
  const mine = unitCurves(point, quantity), half = point.stage.half[point.dataset];
  const turned = quantity.error ? v => (v === null ? v : 100 - v) : v => v;
  if (!mine) return [];
  const theirs = reference && unitCurves(reference, quantity);
  if (reference && !theirs) return [];
  const grid = epochs(point, quantity), other = reference && epochs(reference, quantity);
  return grid.map((epoch, i) => {
    const at = reference ? other.indexOf(epoch) : i;
    const values = point.units.map((unit, u) => {
      const value = turned(mine[u][i]);
      if (!reference) return value;
      const pair = reference.units.indexOf(unit);
      const base = pair < 0 || at < 0 ? null : turned(theirs[pair][at]);
      if (value === null || base === null) return null;
      return isFinite(value) && isFinite(base) ? value - base : Infinity;
    });
    return { epoch, ...summary(values, half, centre) };
  }).filter(s => s.n);
}

const last = list => list.at(-1) ?? { epoch: null, value: null, low: null, high: null, n: 0, lost: 0 };

const best = points => points.reduce((a, b) => ((b.rank ?? Infinity) < (a.rank ?? Infinity) ? b : a), points[0]);

/* ---------- how numbers are written ---------- */

function written(value, quantity, difference = false) {
  if (value === null || value === undefined) return "–";
  if (!isFinite(value)) return "diverged";
  const size = Math.abs(value);
  const text = quantity.perCent ? (size < 1e4 ? value.toFixed(1) : value.toExponential(1))
    : size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : String(+value.toPrecision(3));
  if (Number(text) === 0) return text.replace("-", "");
  return ((difference && value > 0 ? "+" : "") + text).replaceAll("-", "−");
}

/* A name inside a sentence, whose direction is its own. */
const named = text => `\u2068${text}\u2069`;

const unit = (quantity, difference) => (quantity.perCent ? (difference ? " points" : " %") : "");

const interval = (s, quantity, difference) => s.low === null || s.low === undefined ? ""
  : `[${written(s.low, quantity, difference)}, ${written(s.high, quantity, difference)}]`;
