// Drawings: scales, and a panel of lines over numbers or of dots over names.

const SVG = "http://www.w3.org/2000/svg", FONT = "12px system-ui, sans-serif", LINE = 16;
const PEN = document.createElement("canvas").getContext("2d");

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function widthOf(text) { PEN.font = FONT; return PEN.measureText(text).width; }

/* Lines of a text that fit into a width; a word that does not is broken between characters. */
function wrapped(text, width) {
  const lines = [""];
  for (const word of text.match(/\S+\s*|\s+/gu) ?? []) {
    if (widthOf((lines.at(-1) + word).trimEnd()) <= width) { lines[lines.length - 1] += word; continue; }
    if (widthOf(word.trimEnd()) <= width) { lines.push(word); continue; }
    for (const letter of word) {
      if (widthOf(lines.at(-1) + letter) <= width) lines[lines.length - 1] += letter;
      else lines.push(letter);
    }
  }
  return lines.map(line => line.trim()).filter(Boolean);
}

/* ---------- scales ---------- */

function tidyNumber(value) {
  const size = Math.abs(value);
  const text = size && (size >= 1e5 || size < 1e-3) ? value.toExponential().replace("e+", "e") : String(+value.toPrecision(6));
  return text.replaceAll("-", "−");
}

function stepOf(low, high, most) {
  const rough = 10 ** Math.floor(Math.log10((high - low) / most));
  return [1, 2, 5, 10].map(k => k * rough).find(k => (high - low) / k <= most);
}

/* A scale from values to [0, 1], with ticks at its ends. */
function linear(low, high, most = 5) {
  if (!(high > low)) { const room = Math.abs(low) * 0.1 || 0.5; [low, high] = [low - room, high + room]; }
  const step = stepOf(low, high, most), from = Math.floor(low / step + 1e-9), to = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => +((from + i) * step).toPrecision(12));
  const [first, end] = [ticks[0], ticks.at(-1)];
  return { at: v => (v - first) / (end - first), ticks: ticks.map(t => [t, tidyNumber(t)]), low: first, high: end };
}

/* A logarithmic scale; exact zeros are drawn on its floor, which has a tick of its own. */
function logarithmic(low, high, zero) {
  let from = Math.floor(Math.log10(low) + 1e-9), to = Math.ceil(Math.log10(high) - 1e-9);
  if (to === from) to += 1;
  const every = Math.ceil((to - from) / 5), ticks = [];
  const digits = high / low < 4 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5];
  if (to - from <= 2) {
    const fits = v => v >= low / 2.5 && v <= high * 2.5;
    for (let p = from; p <= to; p += 1) for (const d of digits) if (fits(+`${d}e${p}`)) ticks.push(+`${d}e${p}`);
    while (ticks[1] <= low) ticks.shift();
    while (ticks.at(-2) >= high) ticks.pop();
  } else for (let p = from; p < to + every; p += every) ticks.push(+`1e${p}`);
  const a = Math.log10(ticks[0]), b = Math.log10(ticks.at(-1)), floor = zero ? 0.06 : 0;
  const at = v => (v <= 0 ? 0 : Math.max(0, floor + (1 - floor) * (Math.log10(v) - a) / (b - a)));
  return { at, ticks: [...(zero ? [[0, "0"]] : []), ...ticks.map(t => [t, tidyNumber(t)])],
    low: zero ? 0 : ticks[0], high: ticks.at(-1), log: true };
}

const median = list => list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

/* The scale of the values of some series; what goes through the ceiling is cut and marked. */
function scaleOf(list, quantity, difference) {
  const finite = v => v !== null && v !== undefined && isFinite(v);
  if (!list.some(s => s.points.some(p => finite(p.value)))) return null;
  const tops = list.map(s => Math.max(...s.points.map(p => p.value).filter(finite).map(Math.abs))).filter(isFinite);
  const starts = list.map(s => Math.abs(s.start ?? 0)).filter(finite);
  const ceiling = Math.max(20 * median(tops), 3 * Math.max(...starts, 0), quantity.perCent ? 100 : 0);
  const inside = v => finite(v) && Math.abs(v) <= ceiling;
  const until = s => { const gone = s.points.findIndex(p => !inside(p.value)); return gone < 0 ? s.points : s.points.slice(0, gone); };
  const shown = list.flatMap(s => (s.along ? s.points : until(s)).flatMap(p => (inside(p.value) ? [p.value, p.low, p.high] : []))).filter(inside);
  if (!shown.length) return linear(0, ceiling);
  let low = Math.min(...shown), high = Math.max(...shown);
  if (quantity.perCent && !difference) {
    const own = list.flatMap(s => s.points.map(p => p.value)).filter(finite);
    if (own.every(v => v >= 0 && v <= 100)) [low, high] = [Math.max(low, 0), Math.min(high, 100)];
  }
  const positive = shown.filter(v => v > 0), least = Math.min(...positive);
  const wide = quantity.error || (!quantity.perCent && high / least > 100);
  if (!difference && positive.length && (state.scale === "log" || (state.scale === "auto" && wide))) {
    const values = list.flatMap(s => s.points.map(p => p.value)).filter(v => finite(v) && v <= ceiling);
    const above = values.filter(v => v > 0);
    if (above.length) return logarithmic(Math.min(...above), Math.max(...above, high), values.some(v => v === 0));
  }
  if (difference) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  return linear(low, high);
}

function across(positions, log) {
  const [low, high] = [Math.min(...positions), Math.max(...positions)];
  if (!log || high <= 0) return low === high ? { at: () => 0.5, ticks: [[low, tidyNumber(low)]] } : {
    at: v => (v - low) / (high - low),
    ticks: linear(low, high, 6).ticks.filter(([t]) => t >= low && t <= high) };
  const least = Math.min(...positions.filter(v => v > 0));
  if (least === high) return across(positions, false);
  const zero = low <= 0, inner = logarithmic(least, high, zero), start = zero ? 0.06 : 0;
  const a = Math.log10(least), b = Math.log10(high);
  return { at: v => (v <= 0 ? 0 : start + (1 - start) * (Math.log10(v) - a) / (b - a)),
    ticks: inner.ticks.filter(([t]) => t === 0 ? zero : t >= least * 0.999 && t <= high * 1.001) };
}

/* ---------- panels ---------- */

/* A frame: {svg, X, Y, place}; `panel` has width, height, title of the x axis and ticks of it. */
function framed(panel, y, x) {
  const { width, height } = panel, left = 8 + Math.max(...y.ticks.map(([, t]) => widthOf(t)));
  const right = 14, top = 10, bottom = 40, inner = width - left - right - 6;
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
  const X = v => left + 6 + x.at(v) * inner;
  const Y = v => height - bottom - Math.min(1, Math.max(0, y.at(v))) * (height - top - bottom);
  for (const [t, text] of y.ticks) svg.append(
    node("line", { class: t === 0 ? "grid zero" : "grid", x1: left, x2: width - right, y1: Y(t), y2: Y(t) }),
    node("text", { x: left - 6, y: Y(t) + 4, "text-anchor": "end" }, text));
  let free = -Infinity;
  for (const [t, text] of x.ticks) {
    const half = widthOf(text) / 2, middle = Math.min(width - half - 1, Math.max(half + 1, X(t)));
    if (middle - half < free) continue;
    svg.append(node("line", { class: "grid", x1: X(t), x2: X(t), y1: height - bottom, y2: height - bottom + 4 }),
      node("text", { x: middle, y: height - bottom + 17, "text-anchor": "middle" }, text));
    free = middle + half + 8;
  }
  svg.append(node("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, panel.x));
  return { svg, X, Y, top: Y(y.high), bottom: height - bottom };
}

const cross = (x, y, colour) => node("path", { class: "diverged", stroke: colour, "stroke-width": 2.5,
  fill: "none", d: `M${x - 5},${y - 5}l10,10m0,-10l-10,10` });

/* Lines over numbers, with bands; the first value that is not finite or cut is an x at the edge. */
function linePanel(panel, list, y) {
  const positions = [...new Set(list.flatMap(s => s.points.map(p => p.x)))].sort((a, b) => a - b);
  const x = panel.ticks ? { ...across(positions, panel.log), ticks: panel.ticks } : across(positions, panel.log);
  const frame = framed(panel, y, x), { svg, X, Y } = frame;
  list.forEach(({ look: [colour, dash], points, own }, place) => {
    const inside = p => isFinite(p.value) && p.value <= y.high * (1 + 1e-9) && (y.log || p.value >= y.low - 1e-9 * Math.abs(y.low));
    const gone = points.findIndex(p => !inside(p));
    const lines = [[]], bands = points.filter(p => p.low !== null && isFinite(p.low) && isFinite(p.high) && inside(p));
    for (const p of points) if (inside(p)) lines.at(-1).push(p); else if (lines.at(-1).length) lines.push([]);
    const path = at => at.map(([a, b]) => `${X(a).toFixed(1)},${Y(b).toFixed(1)}`).join(" ");
    if (!own && bands.length) svg.append(node("polygon", { class: "band", fill: colour, opacity: 0.16,
      points: path([...bands.map(p => [p.x, p.high]), ...bands.map(p => [p.x, p.low]).reverse()]) }));
    for (const line of lines.filter(l => l.length)) svg.append(node("polyline", { class: own ? "own" : "line",
      fill: "none", stroke: own ? "currentColor" : colour, "stroke-width": own ? 1.2 : 2,
      "stroke-dasharray": dash, "stroke-linejoin": "round", points: path(line.map(p => [p.x, p.value])) }));
    if (points.length <= 12) for (const p of points.filter(inside)) svg.append(
      node("circle", { cx: X(p.x), cy: Y(p.value), r: 3.5, fill: colour }));
    if (gone >= 0) svg.append(cross(X(points[gone].x) + (place - (list.length - 1) / 2) * 4,
      points[gone].value < 0 ? frame.bottom : frame.top, colour));
  });
  const guide = node("line", { class: "guide", y1: frame.top, y2: frame.bottom, x1: -9, x2: -9 });
  svg.append(guide);
  return {
    svg, positions,
    mark(value) { for (const end of ["x1", "x2"]) guide.setAttribute(end, value === null ? -9 : X(value)); },
    nearest: (px, _) => positions.reduce((a, b) => (Math.abs(X(b) - px) < Math.abs(X(a) - px) ? b : a)),
    nearestSeries: (value, py) => closest(list, value, py, Y),
  };
}

function closest(list, value, py, Y) {
  const known = list.filter(s => !s.own).flatMap(s => s.points.filter(p => p.x === value)
    .map(p => [Math.abs((isFinite(p.value) ? Y(p.value) : 0) - py), s, p]));
  return known.length ? known.reduce((a, b) => (b[0] < a[0] ? b : a)) : null;
}

/* Dots over names: a row for each, its name above it, wrapped as the width needs. */
function dotPanel(panel, list, scale) {
  const names = panel.names, texts = names.map(name => wrapped(name, panel.width - 24));
  const lanes = panel.single ? 1 : list.length, each = 12 * Math.max(1, lanes), rows = texts.map(lines => lines.length * LINE + each + 8);
  const tops = rows.map((_, i) => rows.slice(0, i).reduce((a, b) => a + b, 6));
  const height = rows.reduce((a, b) => a + b, 6) + 40, left = 12, right = panel.width - 24;
  const svg = node("svg", { viewBox: `0 0 ${panel.width} ${height}`, width: panel.width, height });
  const X = v => left + Math.min(1, Math.max(0, scale.at(v))) * (right - left);
  const band = node("rect", { class: "guide", x: 0, width: panel.width, y: -9, height: 0 });
  svg.append(band);
  let free = -Infinity;
  for (const [t, text] of scale.ticks) {
    svg.append(node("line", { class: t === 0 ? "grid zero" : "grid", x1: X(t), x2: X(t), y1: 4, y2: height - 36 }));
    const half = widthOf(text) / 2, middle = Math.min(panel.width - half - 1, Math.max(half + 1, X(t)));
    if (middle - half < free) continue;
    svg.append(node("text", { x: middle, y: height - 22, "text-anchor": "middle" }, text));
    free = middle + half + 8;
  }
  svg.append(node("text", { x: panel.width / 2, y: height - 5, "text-anchor": "middle" }, panel.x));
  texts.forEach((lines, row) => {
    lines.forEach((text, i) => svg.append(node("text", { class: "name", x: panel.width / 2, "text-anchor": "middle",
      y: tops[row] + LINE * i + 12 }, text)));
    list.forEach(({ look: [colour], points }, place) => {
      const p = points.find(one => one.x === row), y = tops[row] + lines.length * LINE + 12 * (place % lanes) + 7;
      if (!p) return;
      const cut = !isFinite(p.value) || scale.at(p.value) > 1 + 1e-9 || scale.at(p.value) < -1e-9;
      if (cut) return void svg.append(cross(p.value < 0 ? left : right, y, colour));
      if (p.low !== null && isFinite(p.low) && isFinite(p.high)) svg.append(node("line", { class: "whisker", stroke: colour, "stroke-width": 2,
        x1: X(p.low), x2: X(p.high), y1: y, y2: y }));
      svg.append(node("circle", { cx: X(p.value), cy: y, r: 4, fill: colour }));
    });
  });
  const rowAt = py => Math.max(0, tops.findLastIndex(top => py >= top));
  return {
    svg, positions: names.map((_, i) => i),
    mark(row) { band.setAttribute("y", row === null ? -9 : tops[row]); band.setAttribute("height", row === null ? 0 : rows[row]); },
    nearest: (_, py) => rowAt(py),
    nearestSeries: (row, py) => closest(list, row, py,
      value => { const s = list.find(one => one.points.some(p => p.x === row && p.value === value));
        return tops[row] + texts[row].length * LINE + 12 * (list.indexOf(s) % lanes) + 7; }),
  };
}
