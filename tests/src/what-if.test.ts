import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("docs/what-if.md names a test that exists for each answer", async () => {
  const page = new URL("../../docs/what-if.md", import.meta.url);
  const text = await readFile(page, "utf8");
  const linked = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => path);
  expect(linked.length).toBeGreaterThan(30);
  expect(linked.filter((path) => !existsSync(fileURLToPath(new URL(path, page))))).toEqual([]);
  const answers = text.split(/\n\n/).filter((paragraph) => paragraph.startsWith("**"));
  expect(answers.filter((answer) => !/\.test\.ts\)/.test(answer))).toEqual([]);
});
