import { readFile } from "node:fs/promises";
import { INSTRUMENTS } from "@polyreel/platform/metrics";
import { expect, it } from "vitest";

const UNITS: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };
const shown = (name: string): string => name.replaceAll(".", "_");

it("docs/metrics.md lists every metric with its labels", async () => {
  const docs = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
  const listed = docs.match(/^\| `\w+` \| (counter|gauge|histogram) .*$/gm);
  const rows = Object.entries(INSTRUMENTS).map(([name, { kind, unit, attributes, description }]) => {
    const labels = attributes.map((one) => `\`${shown(one)}\``).join(", ");
    const total = kind === "counter" ? "_total" : "";
    return `| \`${shown(name)}${UNITS[unit] ?? ""}${total}\` | ${kind} | ${labels} | ${description} |`;
  });
  expect(listed).toEqual(rows);
});
