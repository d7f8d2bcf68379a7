// check_dashboard.cjs DASHBOARD.json -- checks a dashboard against Grafana's published types.
//
// Run where @grafana/schema and typescript are installed (npm).  The compiler
// alone would not do: it takes unknown keys in places and no plain strings for
// enums.  So the types are walked here, beside the JSON: every key must be
// known, every value must fit, nothing required may be missing.  The options of
// a panel are checked against the types of its kind of panel.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const require_here = createRequire(path.join(process.cwd(), "here.js"));
const ts = require_here("typescript");

const schema = path.join(path.dirname(require_here.resolve("@grafana/schema/package.json")), "dist/types");
const dashboard = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

// Types that the check needs by name; @grafana/schema has no Prometheus query
// and no dashboard links of panels, so queries have their own list of keys.
const kinds = [...new Set(allPanels().map((p) => p.type))].filter((k) => k !== "row");
const QUERY_KEYS = ["datasource", "editorMode", "exemplar", "expr", "format", "hide", "instant", "interval",
  "legendFormat", "range", "refId"];

function allPanels() {
  return dashboard.panels.flatMap((p) => [p, ...(p.panels ?? [])]);
}

function load() {
  const lines = ['import { Dashboard } from "@grafana/schema";', "export const dashboard: Dashboard = null as any;"];
  for (const kind of kinds) {
    const file = path.join(schema, `raw/composable/${kind}/panelcfg/x/types.gen.d.ts`);
    if (!fs.existsSync(file)) fail(`panel type ${kind} has no types in @grafana/schema`);
    lines.push(`import * as ${kind} from ${JSON.stringify(file.replace(/\.d\.ts$/, ""))};`,
      `export const ${kind}_options: ${kind}.Options = null as any;`);
    if (/interface FieldConfig/.test(fs.readFileSync(file, "utf8")))
      lines.push(`export const ${kind}_fields: ${kind}.FieldConfig = null as any;`);
  }
  const file = path.join(process.cwd(), "types_of_dashboard.ts");
  fs.writeFileSync(file, lines.join("\n"));
  const program = ts.createProgram([file], { strict: true, skipLibCheck: true, module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler, noEmit: true, types: [] });
  const checker = program.getTypeChecker(), types = new Map();
  const source = program.getSourceFile(file);
  for (const s of checker.getExportsOfModule(checker.getSymbolAtLocation(source)))
    types.set(s.name, checker.getTypeOfSymbol(s));
  if (types.get("dashboard").flags & ts.TypeFlags.Any) fail("the types of @grafana/schema do not load");
  return { checker, types };
}

const problems = [];

function fail(text) {
  console.error("check_dashboard: " + text);
  process.exit(1);
}

// Returns what is wrong with a value, as texts; none: it fits.
function check(checker, type, value, at) {
  if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
  if (type.isUnion()) {
    const tries = type.types.map((t) => check(checker, t, value, at));
    return tries.find((t) => !t.length) ?? tries.reduce((a, b) => (deepest(b) > deepest(a) ? b : a));
  }
  if (type.isIntersection() && !checker.getPropertiesOfType(type).length)
    return type.types.flatMap((t) => check(checker, t, value, at));
  if (type.isLiteral()) return type.value === value ? [] : [`${at}: ${JSON.stringify(value)} is not ${JSON.stringify(type.value)}`];
  if (type.flags & ts.TypeFlags.BooleanLiteral)
    return checker.typeToString(type) === String(value) ? [] : [`${at}: not ${checker.typeToString(type)}`];
  for (const [flag, name] of [[ts.TypeFlags.StringLike, "string"], [ts.TypeFlags.NumberLike, "number"], [ts.TypeFlags.BooleanLike, "boolean"]])
    if (type.flags & flag) return typeof value === name ? [] : [`${at}: ${JSON.stringify(value)} is no ${name}`];
  if (type.flags & ts.TypeFlags.Null) return value === null ? [] : [`${at}: not null`];
  if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Never)) return [`${at}: should not be there`];
  if (checker.isArrayType(type)) {
    if (!Array.isArray(value)) return [`${at}: is no list`];
    return value.flatMap((v, i) => check(checker, checker.getTypeArguments(type)[0], v, `${at}[${i}]`));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at}: is no object`];
  return checkObject(checker, type, value, at);
}

const deepest = (texts) => Math.max(...texts.map((t) => t.split(":")[0].split(/[.[]/).length)) - texts.length / 1000;

function checkObject(checker, type, value, at) {
  const found = [], names = new Set(), rest = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  for (const p of checker.getPropertiesOfType(type)) {
    names.add(p.name);
    if (p.name in value) found.push(...check(checker, checker.getTypeOfSymbol(p), value[p.name], `${at}.${p.name}`));
    else if (!(p.flags & ts.SymbolFlags.Optional)) found.push(`${at}.${p.name}: is missing`);
  }
  for (const key of Object.keys(value)) {
    if (names.has(key)) continue;
    if (rest) found.push(...check(checker, rest, value[key], `${at}.${key}`));
    else found.push(`${at}.${key}: is not known to Grafana`);
  }
  return found;
}

const { checker, types } = load();
problems.push(...check(checker, types.get("dashboard"), dashboard, "dashboard"));
const ids = new Set();
for (const p of allPanels()) {
  const at = `panel "${p.title}"`;
  if (ids.has(p.id)) problems.push(`${at}: the id ${p.id} is taken`);
  ids.add(p.id);
  if (p.type === "row") continue;
  // What Grafana fills in itself when it is missing is no problem.
  const complaints = check(checker, types.get(p.type + "_options"), p.options ?? {}, at + ".options");
  if (types.has(p.type + "_fields"))
    complaints.push(...check(checker, types.get(p.type + "_fields"), p.fieldConfig?.defaults?.custom ?? {}, at + ".custom"));
  problems.push(...complaints.filter((c) => !/: is missing$/.test(c)));
  for (const t of p.targets ?? [])
    for (const key of Object.keys(t)) if (!QUERY_KEYS.includes(key)) problems.push(`${at}: query key ${key}`);
}
if (problems.length) fail(problems.length + " problems\n  " + problems.join("\n  "));
const version = JSON.parse(fs.readFileSync(path.join(schema, "../../package.json"), "utf8")).version;
console.log(`${allPanels().length} panels fit @grafana/schema ${version}`);
