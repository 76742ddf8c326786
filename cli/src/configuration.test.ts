import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Variables of other programs and standards, which no config.ts reads. */
const NOT_OURS = /^(OTEL_|FFMPEG_PATH$|FFPROBE_PATH$)/;

it("docs/configuration.md lists exactly the variables that config.ts files read", async () => {
  const services = await readdir(join(ROOT, "services"));
  const ofServices = services.map((name) => `services/${name}/src`);
  const folders = ["cli/src", "packages/platform/src/runtime", "services/gateway/src/notify", ...ofServices];
  const code = await Promise.all(folders.map((folder) => readFile(join(ROOT, folder, "config.ts"), "utf8")));
  const read = code.flatMap((text) => [...text.matchAll(/\b([A-Z]+_[A-Z_]+): \w+\(|\benv\.([A-Z_]+)/g)]);
  const table = await readFile(join(ROOT, "docs/configuration.md"), "utf8");
  const documented = [...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name = ""]) => name);
  const known = read.map(([, validated, plain]) => validated ?? plain ?? "");
  expect(known.length).toBeGreaterThan(20);
  const documentedOurs = new Set(documented.filter((name) => !NOT_OURS.test(name)));
  // XDG_CACHE_HOME only serves as part of a default.
  expect(documentedOurs).toEqual(new Set(known.filter((name) => name !== "XDG_CACHE_HOME")));
});
