import { readFile } from "node:fs/promises";
import { parse } from "yaml";

const ROOT = new URL("../../../", import.meta.url);

/** A service of docker-compose.yml, as far as this project's own services use the format. */
export interface ComposeService {
  readonly environment?: Readonly<Record<string, string>>;
  /** `source:target`. */
  readonly volumes?: readonly string[];
}

/** Services of docker-compose.yml by name, without any variables of the shell. */
export async function readCompose(): Promise<Record<string, ComposeService>> {
  const text = await readFile(new URL("docker-compose.yml", ROOT), "utf8");
  const interpolate = (_key: unknown, value: unknown) => (typeof value === "string" ? withDefaults(value) : value);
  const file = parse(text, interpolate, { merge: true }) as { services: Record<string, ComposeService> };
  return file.services;
}

/** `${NAME:-default}` as if NAME were not set. */
const withDefaults = (value: string): string => value.replace(/\$\{\w+:-([^}]*)\}/g, "$1");

/** Variables that the image sets, by the Dockerfile's ENV. */
export async function imageEnvironment(): Promise<Record<string, string>> {
  const text = await readFile(new URL("Dockerfile", ROOT), "utf8");
  const [, lines = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(text) ?? [];
  return Object.fromEntries([...lines.matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]));
}

/** Names in the tables of docs/configuration.md. */
export async function documentedVariables(): Promise<ReadonlySet<string>> {
  const text = await readFile(new URL("docs/configuration.md", ROOT), "utf8");
  return new Set([...text.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map(([, name = ""]) => name));
}
