"use strict";
// The live page.  Once a second it asks for /live.json, keeps the last answers,
// and shows counters as rates between two of them.  Elements are made once and
// then changed in place, so that focus and selection survive.

const PERIOD_MS = 1000, KEPT = 120, ROWS = 200, GRAPH_NODES = 30, CELLS = 1000;
const STATES = ["running", "waiting", "halted", "closed", "blocked", "fault", "limit"];
const $ = (id) => document.getElementById(id);

const page = {
  paused: false, theme: "auto",
  now: null, before: null,       // answers of the server
  history: [],                   // {t, instructions, messages} a second
  buckets: [],                   // the last answers' histogram, for "the last 10 s"
  vm: "", measure: "", sort: { key: "vm", down: false },
  topology: "", rows: new Map(), nodes: new Map(), edges: new Map(),
};

// ------------------------------------------------------------------- elements

function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  return fill(e, attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  return fill(e, attributes, children);
}

function fill(e, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

function put(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

// -------------------------------------------------------------------- numbers

function scaled(value, units, digits) {
  for (const [size, unit, from = size] of units)
    if (Math.abs(value) >= from) return Number((value / size).toPrecision(digits)) + unit;
  return null;
}

function count(value) {
  if (value == null) return "–";
  const text = scaled(value, [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k", 1e4]], 4);
  return text ?? String(Number.isInteger(value) ? value : Number(value.toPrecision(3)));
}

function seconds(value) {
  if (value == null || !isFinite(value)) return "–";
  if (value === 0) return "0 s";
  const text = scaled(value, [[1, " s"], [1e-3, " ms"], [1e-6, " µs"], [1e-9, " ns"]], 3);
  return text ?? (value * 1e9).toPrecision(2) + " ns";
}

const bytes = (value) => scaled(value, [[2 ** 30, " GiB"], [2 ** 20, " MiB"], [2 ** 10, " KiB"]], 3) ?? value + " B";

function amount(value, unit) {
  return unit === "seconds" ? seconds(value) : unit === "bytes" ? bytes(value) : count(value);
}

// ----------------------------------------------------------------- the answer

const series = (answer, name) => answer?.families[name]?.series ?? [];
const matches = (s, labels) => Object.entries(labels).every(([k, v]) => s.labels[k] === v);

function total(answer, name, labels = {}) {
  let sum = null;
  for (const s of series(answer, name)) if (matches(s, labels)) sum = (sum ?? 0) + s.value;
  return sum;
}

// Per second between the last two answers; null when there are not two.
function rate(name, labels = {}) {
  const now = total(page.now, name, labels), before = total(page.before, name, labels);
  const time = page.before ? page.now.now - page.before.now : 0;
  return now == null || before == null || time <= 0 ? null : Math.max(0, (now - before) / time);
}

// One pass over a family, for tables of many VMs: label value -> series.
function byLabel(answer, name, label) {
  return new Map(series(answer, name).map((s) => [s.labels[label], s]));
}

function rates(name, label) {
  const before = byLabel(page.before, name, label), time = page.before ? page.now.now - page.before.now : 0;
  return (key, now) => {
    const b = before.get(key);
    return !b || !now || time <= 0 ? null : Math.max(0, (now.value - b.value) / time);
  };
}

const isRunning = () => series(page.now, "lc3_vm_state").some((s) => s.value < 2);

// ---------------------------------------------------------------------- tiles

function tile(id, what) {
  let e = $("tile-" + id);
  if (!e) {
    e = element("div", { class: "tile", id: "tile-" + id }, element("div", { class: "what" }, what),
      element("div", { class: "figure" }), element("div", { class: "beside" }));
    $("tiles").append(e);
  }
  return e;
}

function showTile(id, what, figure, beside, values) {
  const e = tile(id, what);
  put(e.querySelector(".figure"), figure);
  put(e.querySelector(".beside"), beside);
  if (!values) return;
  e.querySelector("svg")?.remove();
  e.append(spark(values));
}

function spark(values) {
  const svg = drawn("svg", { viewBox: "0 0 120 28", preserveAspectRatio: "none", "aria-hidden": "true" });
  const top = Math.max(...values, 1e-9);
  const points = values.map((v, i) => `${i * 120 / Math.max(29, values.length - 1)},${27 - 25 * v / top}`);
  if (values.length > 1) {
    svg.append(drawn("path", { class: "area", d: `M${points[0].split(",")[0]},28 L${points.join(" ")} L${points[points.length - 1].split(",")[0]},28 Z` }));
    svg.append(drawn("polyline", { class: "path", points: points.join(" "), "vector-effect": "non-scaling-stroke" }));
  }
  return svg;
}

// The summary of the series with most counts stands for a family on its tile.
function busiest(name) {
  return series(page.now, name).reduce((a, s) => (s.count > (a?.count ?? 0) ? s : a), null);
}

function showTiles() {
  const all = total(page.now, "lc3_instructions");
  const instructions = rate("lc3_instructions"), messages = rate("lc3_messages_received");
  if (instructions != null) page.history.push({ instructions, messages });
  page.history.splice(0, page.history.length - KEPT);
  showTile("instructions", "Instructions a second", count(instructions), `${count(all)} in all`,
    page.history.map((h) => h.instructions));
  showTile("messages", "Messages a second", count(messages),
    `${count(total(page.now, "lc3_messages_received"))} in all`, page.history.map((h) => h.messages ?? 0));
  const latency = busiest("lc3_message_latency_seconds"), slice = busiest("lc3_instruction_seconds");
  showTile("latency", "Latency, median", seconds(latency?.p50),
    latency ? `p99 ${seconds(latency.p99)}, VM ${latency.labels.vm}` : "no stamped message yet");
  showTile("slice", "An instruction, median", seconds(slice?.p50),
    slice ? `p99 ${seconds(slice.p99)}, VM ${slice.labels.vm}` : "no slice yet");
  if (series(page.now, "lc3_nic_received_frames").length) {
    const dropped = total(page.now, "lc3_nic_dropped_frames");
    showTile("nic", "Frames a second", count(rate("lc3_nic_received_frames")), `${count(dropped)} dropped`);
  }
  if (series(page.now, "lc3_jit_compiled_regions").length)
    showTile("jit", "Regions compiled", count(total(page.now, "lc3_jit_compiled_regions")),
      `${count(total(page.now, "lc3_jit_invalidated_regions"))} dropped again`);
}

// ---------------------------------------------------------------------- graph

const NODE_W = 150, NODE_H = 62, GAP_X = 120, GAP_Y = 34;

function links() {
  return series(page.now, "lc3_ring_capacity_words").map((s) => ({ ...s.labels, capacity: s.value }));
}

// Columns by distance from the sources; a link that closes a circle goes back.
function columns(ids, edges) {
  const depth = new Map(), open = new Set();
  const incoming = (id) => edges.filter((e) => e.to === id && e.from !== id && ids.includes(e.from));
  function visit(id) {
    if (depth.has(id)) return depth.get(id);
    if (open.has(id)) return -1;
    open.add(id);
    const d = Math.max(-1, ...incoming(id).map((e) => visit(e.from))) + 1;
    open.delete(id);
    depth.set(id, d);
    return d;
  }
  ids.forEach(visit);
  return depth;
}

function placeNodes(ids, edges) {
  const depth = columns(ids, edges), filled = new Map(), at = new Map();
  const linked = edges.length > 0;
  ids.forEach((id, i) => {
    const column = linked ? depth.get(id) : i % 4;
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    at.set(id, { x: 12 + column * (NODE_W + GAP_X), y: 30 + row * (NODE_H + GAP_Y) });
  });
  return at;
}

function edgePath(a, b) {
  const y1 = a.y + NODE_H / 2, y2 = b.y + NODE_H / 2;
  if (b.x > a.x) {
    const x1 = a.x + NODE_W, x2 = b.x - 7, middle = (x1 + x2) / 2;
    return { d: `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`, x: middle, y: (y1 + y2) / 2 - 7 };
  }
  const low = Math.max(a.y, b.y) + NODE_H + 26, x1 = a.x + NODE_W / 2, x2 = b.x + NODE_W / 2;
  return { d: `M${x1},${a.y + NODE_H} C${x1},${low + 10} ${x2},${low + 10} ${x2},${b.y + NODE_H + 7}`,
    x: (x1 + x2) / 2, y: low + 12 };
}

function makeNode(id, at, name) {
  const g = drawn("g", { class: "node", tabindex: "0", role: "button", "aria-pressed": "false",
    transform: `translate(${at.x},${at.y})` });
  g.append(drawn("rect", { width: NODE_W, height: NODE_H, rx: 8 }),
    drawn("text", { x: 10, y: 19, class: "name" }, name.length > 17 ? name.slice(0, 16) + "…" : name),
    drawn("text", { x: 10, y: 36, class: "speed" }), drawn("text", { x: 10, y: 52, class: "state" }));
  g.addEventListener("click", () => choose(id));
  g.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose(id);
  });
  return g;
}

function makeEdge(e, a, b) {
  const path = edgePath(a, b);
  const g = drawn("g", {}, drawn("path", { class: "edge", d: path.d, "marker-end": "url(#head)" }),
    drawn("rect", { class: "fill-back", x: path.x - 25, y: path.y + 12, width: 50, height: 4, rx: 2 }),
    drawn("rect", { class: "fill", x: path.x - 25, y: path.y + 12, width: 0, height: 4, rx: 2 }),
    drawn("text", { class: "rate", x: path.x, y: path.y, "text-anchor": "middle" }), drawn("title"));
  return g;
}

function buildGraph(infos, edges) {
  const ids = infos.map((s) => s.labels.vm), at = placeNodes(ids, edges);
  let width = 0, height = 0;
  for (const p of at.values()) {
    width = Math.max(width, p.x + NODE_W + 12);
    height = Math.max(height, p.y + NODE_H + 12);
  }
  const back = edges.some((e) => at.has(e.from) && at.has(e.to) && at.get(e.to).x <= at.get(e.from).x);
  height += back ? 56 : 0;
  const svg = drawn("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": "VMs and the rings between them" });
  svg.append(drawn("defs", {}, drawn("marker", { id: "head", viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 7,
    markerHeight: 7, orient: "auto" }, drawn("path", { class: "head", d: "M0,0 L8,4 L0,8 Z" }))));
  page.nodes.clear();
  page.edges.clear();
  for (const e of edges)
    if (at.has(e.from) && at.has(e.to)) {
      page.edges.set(e.ring, makeEdge(e, at.get(e.from), at.get(e.to)));
      svg.append(page.edges.get(e.ring));
    }
  for (const s of infos) {
    page.nodes.set(s.labels.vm, makeNode(s.labels.vm, at.get(s.labels.vm), s.labels.name));
    svg.append(page.nodes.get(s.labels.vm));
  }
  $("graph-box").replaceChildren(svg);
}

// Too many to draw: a cell per VM, the darker the busier.
function showCells(infos) {
  const speed = byLabel(page.now, "lc3_instructions", "vm"), perSecond = rates("lc3_instructions", "vm");
  const shown = infos.slice(0, CELLS), values = shown.map((s) => perSecond(s.labels.vm, speed.get(s.labels.vm)) ?? 0);
  const top = Math.max(...values, 1), across = 50, size = 14;
  const svg = drawn("svg", { width: across * size, height: Math.ceil(shown.length / across) * size, role: "img",
    "aria-label": `Activity of ${shown.length} VMs` });
  shown.forEach((s, i) => svg.append(drawn("rect", { class: "fill", x: i % across * size, y: Math.floor(i / across) * size,
    width: size - 2, height: size - 2, rx: 2, "fill-opacity": (0.1 + 0.9 * values[i] / top).toFixed(2) },
    drawn("title", {}, `VM ${s.labels.vm} ${s.labels.name}: ${count(values[i])} instructions a second`))));
  $("graph-box").replaceChildren(svg);
  put($("graph-note"), `${infos.length} VMs, ${links().length} rings; a cell each` +
    (infos.length > CELLS ? `, the first ${CELLS}` : "") + ". The stronger a cell, the busier its VM.");
}

function updateNodes(infos) {
  const speed = byLabel(page.now, "lc3_instructions", "vm"), perSecond = rates("lc3_instructions", "vm");
  const states = byLabel(page.now, "lc3_vm_state", "vm");
  for (const s of infos) {
    const id = s.labels.vm, g = page.nodes.get(id), state = STATES[states.get(id)?.value] ?? "";
    const text = `${count(perSecond(id, speed.get(id)))} instr/s`;
    put(g.querySelector(".speed"), text);
    put(g.querySelector(".state"), `${state} · ${s.labels.engine}`);
    g.dataset.state = state;
    g.setAttribute("aria-label", `VM ${id} ${s.labels.name}, ${state}, ${text}`);
    g.setAttribute("aria-pressed", String(page.vm === id));
  }
}

function updateEdges(edges) {
  const words = byLabel(page.now, "lc3_ring_read_words", "ring"), perSecond = rates("lc3_ring_read_words", "ring");
  const inside = byLabel(page.now, "lc3_ring_occupancy_words", "ring");
  for (const e of edges) {
    const g = page.edges.get(e.ring);
    if (!g) continue;
    const r = perSecond(e.ring, words.get(e.ring)), used = inside.get(e.ring)?.value ?? 0;
    put(g.querySelector(".rate"), `${count(r)}/s`);
    g.querySelector(".edge").classList.toggle("moving", r > 0);
    g.querySelector(".fill").setAttribute("width", Math.min(50, 50 * used / e.capacity).toFixed(1));
    put(g.querySelector("title"), `${e.from} to ${e.to}: ${count(words.get(e.ring)?.value)} words, ` +
      `${used} of ${e.capacity} in the ring now`);
  }
}

function showGraph() {
  const infos = series(page.now, "lc3_vm"), edges = links();
  if (infos.length > GRAPH_NODES) return showCells(infos);
  const topology = JSON.stringify([infos.map((s) => s.labels), edges]);
  if (topology !== page.topology) buildGraph(infos, edges);
  page.topology = topology;
  put($("graph-note"), edges.length ? "Words a second on every ring; the bar under a rate shows how full the ring is. Choose a VM to see its distribution." : "No rings in this run.");
  updateNodes(infos);
  updateEdges(edges);
}

// --------------------------------------------------------------- distribution

function choose(vm) {
  page.vm = page.vm === vm ? "" : vm;
  page.buckets = [];
  if (page.vm && ![...$("which").options].some((o) => o.value === page.vm)) $("which").append(new Option(page.vm, page.vm));
  $("which").value = page.vm;
  updateNodesAndRows();
  refresh();
}

function updateNodesAndRows() {
  for (const [id, g] of page.nodes) g.setAttribute("aria-pressed", String(id === page.vm));
  for (const [id, row] of page.rows) row.classList.toggle("chosen", id === page.vm);
}

function measures() {
  return Object.entries(page.now.families).filter(([, f]) => f.kind === "histogram");
}

const title = (name) => name.replace(/^lc3_/, "").replace(/_seconds$/, "").replaceAll("_", " ");

function showChoices() {
  const list = measures(), names = list.map(([name]) => name).join();
  if ($("measure").dataset.names !== names) {
    $("measure").dataset.names = names;
    $("measure").replaceChildren(...list.map(([name]) => new Option(title(name), name)));
    if (!list.some(([name]) => name === page.measure)) {
      const best = list.find(([name, f]) => name === "lc3_message_latency_seconds" && f.series.some((s) => s.count));
      page.measure = (best ?? list[0])?.[0] ?? "";
    }
    $("measure").value = page.measure;
  }
  const infos = series(page.now, "lc3_vm").slice(0, ROWS);
  if ($("which").dataset.count !== String(infos.length)) {
    $("which").dataset.count = infos.length;
    $("which").replaceChildren(new Option("all", ""),
      ...infos.map((s) => new Option(`${s.labels.vm} ${s.labels.name}`, s.labels.vm)));
    $("which").value = page.vm;
  }
  put($("measure-help"), page.now.families[page.measure]?.help ?? "");
}

// The buckets to show: all of the run, or what came since ten answers ago.
function chosenBuckets() {
  const h = page.now.histogram;
  if (!h || h.family !== page.measure || (h.vm ?? "") !== page.vm) return null;
  page.buckets.push({ now: page.now.now, buckets: h.buckets });
  while (page.buckets.length > 2 && page.now.now - page.buckets[1].now > 10) page.buckets.shift();
  if ($("window").value === "all") return h.buckets;
  const old = new Map(page.buckets[0].buckets.map((b) => [b[0], b[2]]));
  return h.buckets.map(([low, high, n]) => [low, high, n - (old.get(low) ?? 0)]).filter((b) => b[2] > 0);
}

function quantile(buckets, all, q) {
  let seen = 0;
  for (const [, high, n] of buckets) {
    seen += n;
    if (seen >= q * all) return high;
  }
  return buckets.length ? buckets[buckets.length - 1][1] : null;
}

const CHART_H = 230, LEFT = 54, BOTTOM = 30, TOP = 16, RIGHT = 14;
let CHART_W = 560; // of both, by the space there is

function chart(label) {
  return drawn("svg", { viewBox: `0 0 ${CHART_W} ${CHART_H}`, width: "100%", role: "img", tabindex: "0", "aria-label": label });
}

function powers(low, high) {
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++)
    for (const k of [1, 2, 5]) if (k * 10 ** p >= low * 0.999 && k * 10 ** p <= high * 1.001) ticks.push(k * 10 ** p);
  return ticks.length > 7 ? ticks.filter((t) => Math.abs(Math.log10(t) % 1) < 1e-6) : ticks;
}

function thin(ticks, most) {
  const step = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % step === 0);
}

// The range on a logarithmic axis: zero stands half a unit before the smallest.
function logRange(buckets) {
  const smallest = buckets.find((b) => b[0] > 0)?.[0] ?? 1, last = buckets[buckets.length - 1][1];
  const low = buckets[0][0] > 0 ? smallest : smallest / 2;
  return [low, Math.max(last, low * 1.2)];
}

function columnsOf(buckets, low, high, n) {
  const sums = new Array(n).fill(0), span = Math.log(high / low);
  for (const [a, b, c] of buckets) {
    const first = Math.min(n - 1, Math.max(0, n * Math.log(Math.max(a, low) / low) / span));
    const last = Math.min(n, Math.max(first + 1e-9, n * Math.log(Math.max(b, low) / low) / span));
    for (let i = Math.floor(first); i < last; i++)
      sums[i] += c * (Math.min(i + 1, last) - Math.max(i, first)) / (last - first);
  }
  return sums;
}

function drawHistogram(box, buckets, all, unit) {
  const [low, high] = logRange(buckets), n = CHART_W < 400 ? 40 : 64, sums = columnsOf(buckets, low, high, n);
  const isLog = $("log-counts").checked, top = Math.max(...sums);
  const height = (c) => c <= 0 ? 0 : isLog ? Math.log10(1 + c) / Math.log10(1 + top) : c / top;
  const x = (v) => LEFT + (CHART_W - LEFT - RIGHT) * Math.log(v / low) / Math.log(high / low);
  const y = (part) => TOP + (CHART_H - TOP - BOTTOM) * (1 - part);
  const svg = chart(`Histogram of ${title(page.measure)}, ${all} values`);
  const lines = isLog ? thin(powers(1, Math.max(top, 1)).filter((t) => Math.log10(t) % 1 === 0), 5) : [top / 4, top / 2, 3 * top / 4, top];
  for (const t of lines) {
    svg.append(drawn("line", { class: "grid", x1: LEFT, x2: CHART_W - RIGHT, y1: y(height(t)), y2: y(height(t)) }),
      drawn("text", { x: LEFT - 6, y: y(height(t)) + 4, "text-anchor": "end" }, count(Math.round(t))));
  }
  const w = (CHART_W - LEFT - RIGHT) / n;
  sums.forEach((c, i) => c > 0 && svg.append(drawn("rect", { class: "bar", x: (LEFT + i * w).toFixed(1),
    y: y(height(c)).toFixed(1), width: (w - 1).toFixed(1), height: ((CHART_H - TOP - BOTTOM) * height(c)).toFixed(1) })));
  for (const t of thin(powers(low, high), Math.floor(CHART_W / 75)))
    svg.append(drawn("text", { x: x(t), y: CHART_H - 10, "text-anchor": "middle" }, amount(t, unit)));
  let before = -100;
  for (const [name, q] of [["p50", 0.5], ["p99", 0.99], ["p99.9", 0.999]]) {
    const at = Math.min(x(quantile(buckets, all, q)), CHART_W - RIGHT);
    svg.append(drawn("line", { class: "mark", x1: at, x2: at, y1: TOP, y2: CHART_H - BOTTOM }));
    if (at - before > 34)
      svg.append(drawn("text", { class: "mark-text", x: at, y: TOP - 4, "text-anchor": at > CHART_W - 40 ? "end" : "middle" }, name));
    before = at;
  }
  box.replaceChildren(svg);
  readable(svg, n, (i) => {
    const a = low * (high / low) ** (i / n), b = low * (high / low) ** ((i + 1) / n);
    return [LEFT + (i + 0.5) * w, `${amount(a, unit)} to ${amount(b, unit)}: ${count(Math.round(sums[i]))} of ${count(all)}`];
  });
}

function drawCurve(box, buckets, all, unit) {
  const [low, high] = logRange(buckets), nines = Math.max(2, Math.min(7, Math.ceil(Math.log10(all))));
  const x = (q) => LEFT + (CHART_W - LEFT - RIGHT) * Math.min(1, -Math.log10(Math.max(1 - q, 1e-12)) / nines);
  const y = (v) => TOP + (CHART_H - TOP - BOTTOM) * (1 - Math.log(Math.max(v, low) / low) / Math.log(high / low));
  const svg = chart(`${title(page.measure)} by percentile`);
  for (const t of thin(powers(low, high), 6))
    svg.append(drawn("line", { class: "grid", x1: LEFT, x2: CHART_W - RIGHT, y1: y(t), y2: y(t) }),
      drawn("text", { x: LEFT - 6, y: y(t) + 4, "text-anchor": "end" }, amount(t, unit)));
  for (let k = nines, free = CHART_W; k >= 0; k--) { // from the right, as many labels as fit
    const q = 1 - 10 ** -k, text = k === 0 ? "0" : (q * 100).toFixed(Math.max(0, k - 2)) + " %", width = 6.5 * text.length;
    const at = k === nines ? CHART_W - 2 - width / 2 : x(q);
    svg.append(drawn("line", { class: "grid", x1: x(q), x2: x(q), y1: TOP, y2: CHART_H - BOTTOM }));
    if (at + width / 2 > free) continue;
    svg.append(drawn("text", { x: at, y: CHART_H - 10, "text-anchor": "middle" }, text));
    free = at - width / 2 - 8;
  }
  let seen = 0, d = "";
  for (const [lowEdge, highEdge, n] of buckets) {
    d += `${d ? "L" : "M"}${x(seen / all).toFixed(1)},${y(d ? highEdge : lowEdge).toFixed(1)}`;
    seen += n;
    d += `L${x(seen / all).toFixed(1)},${y(highEdge).toFixed(1)}`;
  }
  svg.append(drawn("path", { class: "path", d }));
  box.replaceChildren(svg);
  const steps = nines * 10;
  readable(svg, steps, (i) => {
    const q = 1 - 10 ** (-i / 10);
    return [x(q), `p${(q * 100).toPrecision(Math.min(12, 3 + Math.floor(i / 10)))}: ${amount(quantile(buckets, all, q), unit)}`];
  });
}

// Pointer and arrow keys move a line over a chart and say what stands there.
function readable(svg, steps, tell) {
  const kind = svg.parentNode.id;
  const show = (i) => {
    page.reading = { kind, i };
    const [x, text] = tell(i);
    svg.querySelector(".cursor")?.remove();
    svg.append(drawn("line", { class: "cursor", x1: x, x2: x, y1: TOP, y2: CHART_H - BOTTOM }));
    put($("readout"), text);
  };
  const clamp = (i) => Math.max(0, Math.min(steps - 1, i));
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), at = (event.clientX - box.left) * CHART_W / box.width;
    show(clamp(Math.floor(steps * (at - LEFT) / (CHART_W - LEFT - RIGHT))));
  });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(clamp((page.reading?.kind === kind ? page.reading.i : Math.floor(steps / 2)) + step));
  });
  if (page.reading?.kind === kind) show(clamp(page.reading.i));
}

function showPercentiles(buckets, all, unit) {
  const columns = [["values", count(all), all]];
  for (const q of [0.5, 0.9, 0.99, 0.999, 0.9999])
    columns.push([`p${q * 100}`, amount(quantile(buckets, all, q), unit)]);
  const h = page.now.histogram;
  if ($("window").value === "all" && h) columns.push(["largest", amount(h.max, unit)], ["mean", amount(h.sum / h.count, unit)]);
  const [head, body] = [$("percentiles").querySelector("thead tr"), $("percentiles").querySelector("tbody tr")];
  head.replaceChildren(...columns.map(([name]) => element("th", { scope: "col" }, name)));
  body.replaceChildren(...columns.map(([, text, value]) => element("td", value == null ? {} : { "data-value": value }, text)));
}

function showDistribution() {
  showChoices();
  const buckets = page.measure ? chosenBuckets() : null;
  const focused = document.activeElement?.closest?.("#histogram, #curve")?.id;
  const all = (buckets ?? []).reduce((sum, b) => sum + b[2], 0);
  const unit = page.now.families[page.measure]?.unit;
  if (!all) {
    const text = page.measure ? "Nothing recorded here." : "This run records no histogram.";
    for (const id of ["histogram", "curve"]) $(id).replaceChildren(element("p", { class: "note" }, text));
    for (const row of $("percentiles").querySelectorAll("tr")) row.replaceChildren();
    return;
  }
  CHART_W = Math.max(260, $("histogram").clientWidth);
  drawHistogram($("histogram"), buckets, all, unit);
  drawCurve($("curve"), buckets, all, unit);
  if (focused) $(focused).firstChild.focus();
  showPercentiles(buckets, all, unit);
}

// ------------------------------------------------------------------ VM table

const COLUMNS = [
  { key: "vm", name: "VM", text: (v) => `${v.vm} ${v.name}`, sort: (v) => Number(v.vm) },
  { key: "engine", name: "engine", text: (v) => v.engine, isText: true },
  { key: "state", name: "state", text: (v) => v.state, isText: true },
  { key: "instructions", name: "instructions", text: (v) => count(v.instructions), exact: true },
  { key: "speed", name: "a second", text: (v) => count(v.speed) },
  { key: "sent", name: "sent", text: (v) => count(v.sent), exact: true },
  { key: "received", name: "received", text: (v) => count(v.received), exact: true },
  { key: "p50", name: "latency p50", text: (v) => seconds(v.p50) },
  { key: "p99", name: "p99", text: (v) => seconds(v.p99) },
  { key: "spins", name: "spins", text: (v) => count(v.spins), exact: true },
];

function vmList() {
  const of = (name) => byLabel(page.now, name, "vm");
  const instructions = of("lc3_instructions"), sent = of("lc3_messages_sent"), received = of("lc3_messages_received");
  const spins = of("lc3_spins"), states = of("lc3_vm_state"), latency = of("lc3_message_latency_seconds");
  const speed = rates("lc3_instructions", "vm");
  return series(page.now, "lc3_vm").map(({ labels }) => {
    const id = labels.vm;
    return { ...labels, state: STATES[states.get(id)?.value] ?? "", instructions: instructions.get(id)?.value,
      speed: speed(id, instructions.get(id)), sent: sent.get(id)?.value, received: received.get(id)?.value,
      spins: spins.get(id)?.value, p50: latency.get(id)?.p50, p99: latency.get(id)?.p99 };
  });
}

function showHead() {
  const head = $("vm-table").querySelector("thead tr");
  if (!head.children.length)
    for (const c of COLUMNS) {
      const button = element("button", { type: "button" }, c.name);
      button.addEventListener("click", () => {
        page.sort = { key: c.key, down: page.sort.key === c.key ? !page.sort.down : c.key !== "vm" };
        showTable();
      });
      head.append(element("th", { scope: "col", class: c.isText ? "text" : "" }, button));
    }
  COLUMNS.forEach((c, i) => head.children[i].setAttribute("aria-sort",
    page.sort.key !== c.key ? "none" : page.sort.down ? "descending" : "ascending"));
}

function makeRow(v) {
  const button = element("button", { type: "button" }, `${v.vm} ${v.name}`);
  button.addEventListener("click", () => choose(v.vm));
  const row = element("tr", { "data-vm": v.vm }, element("td", {}, button));
  for (const c of COLUMNS.slice(1)) row.append(element("td", { class: c.isText ? "text" : "", "data-key": c.key }));
  return row;
}

function updateRow(row, v) {
  COLUMNS.slice(1).forEach((c, i) => {
    const cell = row.children[i + 1];
    put(cell, c.text(v));
    if (c.exact && v[c.key] != null) {
      cell.dataset.value = v[c.key];
      cell.title = v[c.key].toLocaleString("en");
    }
    if (c.key === "state") cell.dataset.state = v.state;
  });
  row.classList.toggle("chosen", page.vm === v.vm);
}

function showTable() {
  showHead();
  const column = COLUMNS.find((c) => c.key === page.sort.key), value = column.sort ?? ((v) => v[column.key] ?? -1);
  const list = vmList().sort((a, b) => {
    const [x, y] = [value(a), value(b)], order = x < y ? -1 : x > y ? 1 : Number(a.vm) - Number(b.vm);
    return page.sort.down ? -order : order;
  });
  put($("vms-note"), list.length > ROWS ? `The first ${ROWS} of ${list.length}, in the order chosen.` : "");
  const body = $("vm-table").querySelector("tbody"), shown = list.slice(0, ROWS), focused = document.activeElement;
  for (const v of shown) {
    if (!page.rows.has(v.vm)) page.rows.set(v.vm, makeRow(v));
    updateRow(page.rows.get(v.vm), v);
  }
  const rows = shown.map((v) => page.rows.get(v.vm));
  if (rows.some((row, i) => body.children[i] !== row) || body.children.length !== rows.length) {
    body.replaceChildren(...rows);
    if (body.contains(focused)) focused.focus();
  }
}

// ----------------------------------------------------------- the other panels

// A table of name, value and rate per row; `rows` is [text, value, perSecond, unit, isBad].
function showRows(id, rows, heads) {
  const box = $(id + "-body"), section = $(id);
  section.hidden = !rows.length;
  if (!rows.length) return;
  if (!box.firstChild) {
    const table = element("table", {}, element("thead", {}, element("tr", {},
      ...heads.map((h) => element("th", { scope: "col" }, h)))), element("tbody"));
    box.append(element("div", { class: "scroll" }, table));
  }
  const body = box.querySelector("tbody");
  rows.forEach(([text, value, perSecond, unit, isBad], i) => {
    const row = body.children[i] ?? body.appendChild(element("tr", {}, element("td"), element("td"), element("td")));
    put(row.children[0], text);
    put(row.children[1], typeof value === "string" ? value : amount(value, unit));
    if (typeof value === "number") row.children[1].dataset.value = value;
    row.children[1].classList.toggle("bad", Boolean(isBad));
    put(row.children[2], perSecond === "" ? "" : perSecond == null ? "–" : amount(perSecond, unit));
  });
  while (body.children.length > rows.length) body.lastChild.remove();
}

function counterRow(text, name, labels, unit, isBad) {
  const value = total(page.now, name, labels);
  return value == null ? [] : [[text, value, rate(name, labels), unit, isBad && value > 0]];
}

const summaryText = (s) => s?.count ? `p50 ${seconds(s.p50)}, p99 ${seconds(s.p99)}` : "–";

function showNic() {
  const rows = [];
  for (const { labels } of series(page.now, "lc3_nic_received_frames")) {
    const key = { nic: labels.nic, vm: labels.vm }, find = (name) => series(page.now, name).find((s) => matches(s, key));
    const prefix = series(page.now, "lc3_nic_received_frames").length > 1 ? `${labels.nic} → VM ${labels.vm}: ` : "";
    rows.push([prefix + "source", labels.source.replace(/^.*\//, ""), ""],
      ...counterRow(prefix + "frames offered", "lc3_nic_offered_frames", key),
      ...counterRow(prefix + "frames received", "lc3_nic_received_frames", key),
      ...counterRow(prefix + "frames dropped", "lc3_nic_dropped_frames", key, "", true),
      ...counterRow(prefix + "bytes received", "lc3_nic_received_bytes", key, "bytes"));
    const queued = find("lc3_nic_queued_frames"), ring = find("lc3_nic_ring_frames");
    if (queued) rows.push([prefix + "waiting in the ring", `${queued.value}${ring ? ` of ${ring.value}` : ""}`, ""]);
    const delay = find("lc3_nic_delay_seconds"), pacing = find("lc3_nic_pacing_error_seconds");
    if (delay) rows.push([prefix + "delay in the ring", summaryText(delay), ""]);
    if (pacing) rows.push([prefix + "pacing error", summaryText(pacing), ""]);
  }
  showRows("nic", rows, ["", "so far", "a second"]);
}

function showJit() {
  const rows = [["regions compiled", "lc3_jit_compiled_regions"], ["regions from the cache", "lc3_jit_cached_regions"],
    ["regions given up", "lc3_jit_failed_regions"], ["regions dropped", "lc3_jit_invalidated_regions"],
    ["instructions in compiled code", "lc3_native_instructions"]].flatMap(([text, name]) => counterRow(text, name, {}));
  rows.push(...counterRow("time compiling", "lc3_jit_compile_seconds", {}, "seconds"));
  const live = total(page.now, "lc3_jit_live_regions");
  if (live != null) rows.unshift(["regions in use", live, ""]);
  showRows("jit", rows, ["", "so far", "a second"]);
}

function showTraps() {
  const names = [...new Set(series(page.now, "lc3_traps").map((s) => s.labels.trap))];
  const rows = names.map((trap) => [trap, total(page.now, "lc3_traps", { trap }), rate("lc3_traps", { trap })]);
  showRows("traps", rows.filter((r) => r[1] > 0), ["name", "so far", "a second"]);
}

function showUser() {
  const rows = [];
  for (const [name, f] of Object.entries(page.now.families)) {
    if (!name.startsWith("lc3_user_")) continue;
    for (const s of f.series) {
      const isNamed = name !== "lc3_user_counter" && name !== "lc3_user_histogram";
      const text = [name.slice(9).replaceAll("_", " ") + (isNamed ? "" : " " + s.labels.number), "VM " + s.labels.vm].join(", ");
      if (f.kind === "histogram") rows.push([text, s.count ? `p50 ${count(s.p50)}, p99 ${count(s.p99)}` : "–", ""]);
      else rows.push([text, s.value, rate(name, s.labels)]);
    }
  }
  showRows("user", rows.slice(0, ROWS), ["name", "so far", "a second"]);
}

// ----------------------------------------------------------------------- loop

function showStatus(state, text) {
  $("status").dataset.state = state;
  put($("status"), text);
  document.body.classList.toggle("stale", state === "lost");
}

function showAll() {
  showTiles();
  showGraph();
  showDistribution();
  showTable();
  showNic();
  showJit();
  showTraps();
  showUser();
  const age = Math.max(0, Math.round(page.now.now - page.now.created));
  put($("uptime"), `${series(page.now, "lc3_vm").length} VMs, started ${age < 120 ? age + " s" : Math.round(age / 60) + " min"} ago`);
  if (!page.paused) showStatus(isRunning() ? "running" : "ended", isRunning() ? "running" : "ended");
  document.body.dataset.answers = Number(document.body.dataset.answers ?? 0) + 1;
}

let asking = 0;

async function refresh() {
  const mine = ++asking; // an answer to an older question is thrown away
  const query = new URLSearchParams();
  if (page.measure) query.set("family", page.measure);
  if (page.vm) query.set("vm", page.vm);
  const begin = performance.now();
  try {
    const response = await fetch("live.json?" + query, { cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (!response.ok) throw new Error(response.status);
    const answer = await response.json();
    if (mine !== asking) return 0;
    if (page.now && answer.now - page.now.now > 0.3) page.before = page.now;
    page.now = answer;
    const first = !page.measure;
    showAll();
    if (first && page.measure) return refresh();
  } catch (error) {
    if (mine === asking) showStatus("lost", "connection lost, trying again");
    if (!(error instanceof TypeError) && error.name !== "TimeoutError") console.error(error);
  }
  return performance.now() - begin;
}

async function loop() {
  const took = page.paused || document.hidden ? 0 : await refresh();
  setTimeout(loop, Math.max(PERIOD_MS - took, took * 4, 100)); // a big registry is asked less often
}

$("pause").addEventListener("click", () => {
  page.paused = !page.paused;
  $("pause").setAttribute("aria-pressed", String(page.paused));
  put($("pause"), page.paused ? "Resume" : "Pause");
  if (page.paused) showStatus("paused", "paused");
  else refresh();
});

$("theme").addEventListener("click", () => {
  page.theme = { auto: "dark", dark: "light", light: "auto" }[page.theme];
  if (page.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = page.theme;
  put($("theme"), "Theme: " + page.theme);
});

$("measure").addEventListener("change", () => {
  page.measure = $("measure").value;
  page.buckets = [];
  refresh();
});
$("which").addEventListener("change", () => {
  page.vm = $("which").value;
  page.buckets = [];
  updateNodesAndRows();
  refresh();
});
addEventListener("resize", () => page.now && showDistribution());
for (const id of ["window", "log-counts"]) $(id).addEventListener("change", () => page.now && showDistribution());

loop();
