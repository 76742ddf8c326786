import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const isAnswer = (text: string) => text.startsWith("**");
/** A row of a table, except its head. */
const isBound = (text: string) => /^\| (?!bound|where \||---)/.test(text);

it.each([
  ["docs/what-if.md", "each answer", "\n\n", isAnswer],
  ["docs/security.md", "each bound", "\n", isBound],
] as const)("%s names a test that exists for %s", async (name, _what, between, isPromise) => {
  const page = new URL(`../../${name}`, import.meta.url);
  const text = await readFile(page, "utf8");
  const linked = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = ""]) => path);
  expect(linked.length).toBeGreaterThan(30);
  expect(linked.filter((path) => !existsSync(fileURLToPath(new URL(path, page))))).toEqual([]);
  const promises = text.split(between).filter(isPromise);
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.filter((promise) => !/\.test\.ts\)/.test(promise))).toEqual([]);
});

const ROOT = new URL("../../", import.meta.url);

it("links to files that exist, on every page", async () => {
  const pages = (await readdir(new URL("docs/", ROOT), { recursive: true })).filter((name) => name.endsWith(".md"));
  const broken: string[] = [];
  for (const name of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...pages.map((page) => `docs/${page}`)]) {
    const page = new URL(name, ROOT);
    const text = (await readFile(page, "utf8")).replace(/^```.*?^```/gms, "");
    for (const [, path = ""] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g))
      if (!/^https?:/.test(path) && !existsSync(fileURLToPath(new URL(path, page)))) broken.push(`${name}: ${path}`);
  }
  expect(broken).toEqual([]);
});

it("names commands in the README that exist", async () => {
  const program = fileURLToPath(new URL("cli/bin/polyreel.mjs", ROOT));
  const { stdout } = await promisify(execFile)(process.execPath, [program, "--help"]);
  const commands = new Set([...stdout.matchAll(/^ {2}([a-z]+) .* {2,}\S/gm)].map(([, command]) => command));
  const readme = await readFile(new URL("README.md", ROOT), "utf8");
  const used = [...readme.matchAll(/\bpolyreel ([a-z]+)\b/g)].map(([, command]) => command);
  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((command) => !commands.has(command))).toEqual([]);
  const scripts = JSON.parse(await readFile(new URL("package.json", ROOT), "utf8")).scripts;
  for (const [, script = ""] of readme.matchAll(/npm run ([a-z:]+)/g)) expect(Object.keys(scripts)).toContain(script);
});
