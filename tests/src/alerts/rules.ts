import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const DEPLOY = new URL("../../../deploy/", import.meta.url);
export const deployed = (path: string): string => fileURLToPath(new URL(path, DEPLOY));

/** Text and content of the alerts. */
export async function readRules(): Promise<{ text: string; rules: readonly Rule[] }> {
  const text = await readFile(deployed("prometheus/alerts.yaml"), "utf8");
  return { text, rules: (parse(text) as Rules).groups.flatMap(({ rules }) => rules) };
}
