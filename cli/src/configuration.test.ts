import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Variables of other programs and standards, which no config.ts reads. */
const NOT_OURS = /^(OTEL_|FFMPEG_PATH$|FFPROBE_PATH$)/;

it("docs/configuration.md lists exactly the variables that config.ts files read", async () => {
  const folders = ["cli", "packages", "services"];
  const listings = await Promise.all(folders.map((folder) => readdir(join(ROOT, folder), { recursive: true })));
  const files = listings.flatMap((names, index) => names.map((name) => join(ROOT, folders[index] ?? "", name)));
  const configs = files.filter((path) => /^(?!.*\/(node_modules|dist)\/).*\/src\/.*config\.ts$/.test(path));
  expect(configs.length).toBeGreaterThan(8);
  const code = await Promise.all(configs.map((path) => readFile(path, "utf8")));
  const read = code.flatMap((text) => [...text.matchAll(/\b([A-Z]+_[A-Z_]+): \w+[(<]|\benv\.([A-Z_]+)/g)]);
  const table = await readFile(join(ROOT, "docs/configuration.md"), "utf8");
  const documented = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name = ""]) => name);
  const known = read.map(([, validated, plain]) => validated ?? plain ?? "");
  expect(known.length).toBeGreaterThan(20);
  const documentedOurs = new Set(documented.filter((name) => !NOT_OURS.test(name)));
  // Those of XDG only serve as parts of defaults.
  expect(documentedOurs).toEqual(new Set(known.filter((name) => !name.startsWith("XDG_"))));
});
