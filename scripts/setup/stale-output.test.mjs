import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { removeStaleOutput } from "./stale-output.mjs";

it("removes only output without a source", () => {
  const workspace = mkdtempSync(join(tmpdir(), "polyreel-stale-"));
  const kept = ["a.js", "a.js.map", "a.d.ts", "a.d.ts.map", "deep/b.js", "descriptors.binpb", ".tsbuildinfo"];
  const stale = ["old.js", "old.js.map", "old.d.ts", "old.d.ts.map", "deep/c.test.js", "gone/d.js"];
  for (const file of ["src/a.ts", "src/deep/b.ts", ...[...kept, ...stale].map((file) => `dist/${file}`)]) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), "");
  }
  expect(removeStaleOutput([workspace, join(workspace, "none")]).sort()).toEqual(
    stale.map((file) => join(workspace, "dist", file)).sort(),
  );
  const left = readdirSync(join(workspace, "dist"), { recursive: true }).filter((file) => /\./.test(file));
  expect(left.sort()).toEqual([...kept].sort());
  rmSync(workspace, { recursive: true });
});
