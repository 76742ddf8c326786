import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const MAX_BYTES = 200_000;

it("loads at most 200 KB, compressed by gzip, before anything is seen", async () => {
  const built = new URL("../web/dist/", import.meta.url);
  const page = await readFile(new URL("index.html", built));
  const linked = [...page.toString().matchAll(/(?:src|href)="\/ui\/([^"]+)"/g)].map(([, path]) => path);
  expect(linked.filter((path) => path.endsWith(".js"))).not.toEqual([]);
  const files = await Promise.all(linked.map((path) => readFile(new URL(path, built))));
  const bytes = [page, ...files].reduce((sum, file) => sum + gzipSync(file).length, 0);
  expect(bytes).toBeLessThan(MAX_BYTES);
});
