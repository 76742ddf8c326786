import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Files that make failures: for mistakes in a request, by the error class, and for unknowns in an estimate. */
const HOMES = [
  "packages/planning/src/estimate/known-now.ts",
  "packages/platform/src/errors.ts",
  "packages/spec/src/mistake.ts",
];

/** A failure, made as a message, or as the initialiser of one in a fact. */
const MADE = /create\(FailureSchema, \{|\bfailure: \{ *reason\b|\bfailure = \{ *reason: [^}]*\bremedy/;

async function sources(): Promise<string[]> {
  const found = await Promise.all(
    ["packages", "services", "cli"].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((path) => join(folder, path)),
    ),
  );
  const left = /node_modules|\/dist\/|\/gen\/|\/testing\/|\.test\.ts$/;
  return found.flat().filter((path) => path.endsWith(".ts") && path.includes("/src/") && !left.test(path));
}

it("makes failures only in files that set their code", async () => {
  const files = await sources();
  expect(files.length).toBeGreaterThan(300);
  const making: string[] = [];
  for (const file of files) if (MADE.test(await readFile(join(root, file), "utf8"))) making.push(file);
  expect(making.sort()).toEqual(HOMES);
});
