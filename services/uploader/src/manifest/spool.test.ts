import { mkdtemp, rmdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RowSpool } from "./spool.js";

it("removes leftovers of a process killed while opening a spool, and keeps open ones", async () => {
  const left = join(tmpdir(), "polyreel-manifest-left");
  await writeFile(left, "");
  const folder = await mkdtemp(join(tmpdir(), "polyreel-manifest-"));
  await using spool = await RowSpool.open();
  await RowSpool.removeLeft();
  await expect(stat(left)).rejects.toThrow("ENOENT");
  await rmdir(folder); // Another program's folder with a similar name.
  for await (const row of spool.rows()) expect.fail(`It has ${JSON.stringify(row)}.`);
});
