// What is shown as a file: CSV of the values, SVG and PNG of the drawings. Nothing leaves the page.

function download(text, type, ending) {
  const link = element("a", { download: `${fileName()}.${ending}`,
    href: URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const fileName = () => [state.study, state.dataset, state.quantity].join("-").replace(/[^\p{L}\p{N}_-]+/gu, "_");

const quoted = value => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/* A line for each value that is drawn; a value that is not finite is "diverged". */
function asCsv() {
  const q = quantity(), kind = state.centre === "mean" ? ["mean", "low", "high"] : ["median", "quartile_1", "quartile_3"];
  const lines = [["figure", "dataset", "runs", "arm", ...study().axes.map(a => a.name), "at", "quantity",
    "difference_to", ...kind, "n", "diverged"]];
  for (const panel of PANELS) for (const s of panel.series.filter(one => !one.own)) for (const p of s.points) {
    lines.push([panel.kind, panel.dataset, p.point.stage.name, s.label,
      ...p.point.study.axes.map((a, i) => a.values[p.point.at[i]]), panel.at(p.x), q.words + (q.perCent ? " (%)" : ""),
      state.ref === NONE ? "" : state.ref, ...[p.value, p.low, p.high].map(v => (v === null ? "" : isFinite(v) ? +v.toPrecision(6) : "diverged")),
      p.n, p.lost]);
  }
  return lines.map(line => line.map(value => quoted(String(value))).join(",")).join("\r\n") + "\r\n";
}

/* One drawing of all panels, with its sentence and its legend, and the colours that are seen. */
function asSvg() {
  const style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(name).trim();
  const width = Math.max(360, ...PANELS.map(p => p.width)) * (PANELS.length > 1 ? 2 : 1) + 48, pad = 16;
  const parts = [];
  let y = pad, x = pad, tall = 0;
  const line = (text, heavy) => {
    for (const each of wrapped(text, width - 2 * pad)) {
      parts.push(node("text", { x: pad, y: y + 12, ...(heavy ? { class: "heavy" } : {}) }, each));
      y += LINE;
    }
  };
  line(`${study().title}: ${heading()}`, true);
  line($("sentence").textContent);
  y += 6;
  for (const arm of LEGEND) {
    const wide = widthOf(arm.label) + 52;
    if (x > pad && x + wide > width - pad) { x = pad; y += LINE + 2; }
    parts.push(node("line", { x1: x, x2: x + 30, y1: y + 8, y2: y + 8, stroke: arm.look[0], "stroke-width": 3,
      "stroke-dasharray": arm.look[1] }), node("text", { x: x + 36, y: y + 12 }, arm.label));
    x += wide;
  }
  [x, y] = [pad, y + 2 * LINE];
  for (const panel of PANELS) {
    const copy = panel.svg.cloneNode(true), high = +panel.svg.getAttribute("height") + LINE + 12;
    if (x > pad && x + panel.width > width - pad) { [x, y, tall] = [pad, y + tall, 0]; }
    for (const name of [...copy.attributes].map(a => a.name)) {
      if (!["viewBox", "width", "height"].includes(name)) copy.removeAttribute(name);
    }
    copy.querySelectorAll(".guide").forEach(guide => guide.remove());
    copy.setAttribute("x", x);
    copy.setAttribute("y", y + LINE);
    parts.push(node("text", { x, y: y + 12, class: "heavy" }, panel.title), copy);
    [x, tall] = [x + panel.width + pad, Math.max(tall, high)];
  }
  const high = y + tall + pad;
  const svg = node("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${high}`, width, height: high });
  svg.style.color = colour("--ink");
  svg.append(node("style", {}, `text{font:${FONT};fill:${colour("--ink")}}.grid{stroke:${colour("--line")}}.zero{stroke:${colour("--quiet")}}.heavy{font-weight:600}`),
    node("rect", { width, height: high, fill: colour("--paper") }), ...parts);
  return new XMLSerializer().serializeToString(svg);
}

async function asPng() {
  const picture = new Image(), text = asSvg();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const canvas = element("canvas", { width: 2 * picture.width, height: 2 * picture.height });
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.drawImage(picture, 0, 0);
  return new Promise(done => { canvas.toBlob(done, "image/png"); });
}

function saving() {
  $("save-csv").onclick = () => download(asCsv(), "text/csv", "csv");
  $("save-svg").onclick = () => download(asSvg(), "image/svg+xml", "svg");
  $("save-png").onclick = async () => download(await asPng(), "image/png", "png");
}
