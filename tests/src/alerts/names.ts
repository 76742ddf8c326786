import { INSTRUMENTS } from "@polyreel/platform/metrics";

const UNITS: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };
const SUFFIXES = { counter: ["_total"], gauge: [""], histogram: ["_bucket", "_sum", "_count"] };
const shown = (name: string): string => name.replaceAll(".", "_");

/** Labels of each series that Prometheus can have. */
const SERIES = new Map<string, readonly string[]>([
  ["up", []],
  ...Object.entries(INSTRUMENTS).flatMap(([name, { kind, unit, attributes }]) => {
    const labels = [...attributes.map(shown), ...(kind === "histogram" ? ["le"] : [])];
    return SUFFIXES[kind].map((suffix) => [`${shown(name)}${UNITS[unit] ?? ""}${suffix}`, labels] as const);
  }),
]);
/** Prometheus adds these. */
const TARGET = ["job", "instance"];

/** Names of series and labels in an expression of PromQL that no metric has. */
export function unknownIn(expression: string): string[] {
  const code = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]*\]/g, "");
  const all = [...TARGET, ...[...SERIES.values()].flat()];
  const grouped = [...code.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list.split(",").map((label) => label.trim()),
  );
  const selected = [...code.matchAll(/(\w+)\s*\{([^}]*)\}/g)].flatMap(([, name = "", matchers = ""]) =>
    [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
      .map(([, label = ""]) => label)
      .filter((label) => ![...TARGET, ...(SERIES.get(name) ?? [])].includes(label))
      .map((label) => `${name}{${label}}`),
  );
  const rest = code.replaceAll(/\b(?:by|on|without|ignoring)\s*\([^)]*\)/g, "").replaceAll(/\{[^}]*\}/g, "");
  const names = [...rest.matchAll(/(?<![\w.])[a-z]\w*(?!\w|\s*\()/g)].map(([name]) => name);
  const operators = ["or", "and", "unless", "by", "on"];
  return [
    ...names.filter((name) => !SERIES.has(name) && !operators.includes(name)),
    ...grouped.filter((label) => !all.includes(label)),
    ...selected,
  ];
}
