import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stage } from "@polyreel/contract";
import { DigestCounts } from "@polyreel/parts";
import { openFolderStore, partUsesKey, scopedStore } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CombinationCosts } from "./combination-costs.js";

const hash = (name: string): string => createHash("sha256").update(name).digest("hex");
const step = (name: string) => ({
  ...{ stage: Stage.CLIP, id: hash(name), block: name, choice: "a", index: 1, count: 2 },
  part: { kind: "clip", hash: hash(name) } as const,
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-costs-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("counts each part once, with its uses, and knows of no cost before it is made", async () => {
  const store = await openFolderStore(folder);
  const counts = new DigestCounts();
  for (let i = 0; i < 500; i++) counts.add(hash("hook"));
  await scopedStore(store, "default").put(partUsesKey("b1"), counts.repeated());
  const cost = await new CombinationCosts(store).of({
    ...{ batchId: "b1", tenant: "default", ownCoreSeconds: 0.004 },
    steps: [step("hook"), step("body"), step("hook"), { ...step("x"), stage: Stage.JOIN, part: undefined }],
  });
  expect(cost).toMatchObject({ coreSeconds: 0.004, aloneCoreSeconds: 0.004, ownCoreSeconds: 0.004 });
  expect(cost.parts.map(({ block, uses, coreSeconds }) => [block, uses, coreSeconds])).toEqual([
    ["hook", 500n, 0],
    ["body", 1n, 0],
  ]);
});
