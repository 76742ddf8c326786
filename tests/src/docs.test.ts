import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const isAnswer = (text: string) => text.startsWith("**");
/** A row of a table, but for its head. */
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
