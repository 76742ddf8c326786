import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchState, type CombinationStatus, ReworkFrom } from "@polyreel/contract";
import { clipEncoder } from "@polyreel/media/ffmpeg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { timesMade } from "../kill/whole.js";
import { endOfRun, resumed } from "../rework/runs.js";
import { combinationsOf, failuresOf, labels, manifestOf, runBatch, submit } from "../testing/batches.js";
import { audio, bed, footage, video } from "../testing/blocks.js";
import { visibleFiles } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { put } from "../testing/media.js";
import { eventually, type OldData, type Opened, openOldData, START_MS, unpackOldData } from "./opened.js";
import { changedFiles, snapshot } from "./snapshot.js";

// Later requests for batches that the release before outputs and receipts finished.

let old: OldData;
let opened: Opened;
/** Sources by the labels of their choices. */
let sources: Map<string, string>;
/** Whether this release plans the same parts. */
let isSameEncoder: boolean;

beforeAll(async () => {
  old = await unpackOldData();
  isSameEncoder = old.clipEncoder === (await clipEncoder());
  opened = await openOldData(old, { GATEWAY_DATABASE: join(old.folder, "store", "database") });
  sources = new Map(Object.entries(old.sources));
  // Half-done batches would deliver meanwhile.
  for (const name of ["half", "waiting", "written", "unplanned"] as const) {
    const state = async () => (await opened.batches.getBatch({ batchId: old.ids[name] })).batch?.state;
    await eventually(state, (found) => found === BatchState.FINISHED);
  }
}, START_MS);
afterAll(() => opened?.close());

const out = (...path: string[]) => join(opened.out, ...path);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const hashOf = async (path: string) => sha256(await readFile(path));
const servedHash = async ({ urlPath }: Pick<CombinationStatus, "urlPath">): Promise<string> => {
  const answer = await fetch(opened.url + urlPath);
  expect(answer.status).toBe(200);
  return sha256(new Uint8Array(await answer.arrayBuffer()));
};
const into = (path: string) => ({ destination: { kind: { case: "folder" as const, value: { path } } } });
const hook = (...labels: string[]) =>
  video("hook", { choices: labels.map((label) => footage(label, sources.get(label) ?? "")) });

/** A batch with pictures beside its videos, as submitted then: `folder` is also its name by default. */
const pictured = (folder: string, { hooks = ["a", "b"], name = folder } = {}) => ({
  name,
  blocks: [
    hook(...hooks),
    folder === "pictures"
      ? audio("music", { loop: true, choices: [bed("chord", sources.get("chord"))] })
      : video("body", { choices: [footage("body", sources.get("body") ?? "")] }),
  ],
  outputs: [
    {
      ...into(folder),
      poster: { seconds: 0n, nanos: 100_000_000 },
      operation: { case: "contactSheet" as const, value: { columns: 2, rows: 1, width: 40 } },
    },
  ],
});
const PICTURES = ["a", "b"].flatMap((name) => [".jpg", ".mp4", ".sheet.jpg"].map((suffix) => name + suffix));
const MANIFESTS = ["manifest.csv", "manifest.jsonl"];

it("serves delivered files and virtual outputs", async () => {
  for (const one of await combinationsOf(opened, old.ids.pictures)) {
    expect(await servedHash(one)).toBe(await hashOf(out(one.path)));
  }
  for (const one of await combinationsOf(opened, old.ids.virtual)) expect(await servedHash(one)).not.toBe("");
});

it("answers a request accepted then with its batch", async () => {
  expect(await submit(opened, pictured("pictures"), "pictures")).toBe(old.ids.pictures);
  const other = submit(opened, pictured("pictures", { hooks: ["a"] }), "pictures");
  await expect(other).rejects.toThrow(/request id/);
});

it("retries failures, without touching anything else", async () => {
  const before = await snapshot(opened.out);
  await put(opened, join(old.folder, "late.mp4"));
  const batchId = old.ids.failing;
  const ended = await endOfRun(opened, batchId, await resumed(opened.batches.retryBatch({ batchId })));
  expect(ended.status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect(ended.combinations.map(labels)).toEqual(["a/body", "late/body"]);
  await expect
    .poll(() => manifestOf(opened, "failing"))
    .toMatchObject([{ status: "delivered" }, { status: "delivered" }]);
  const changed = changedFiles(before, await snapshot(opened.out));
  expect(changed.filter((path) => !path.includes("manifest"))).toEqual([]);
});

it("delivers virtual outputs", async () => {
  const request = { batchId: old.ids.virtual, destination: into("elsewhere").destination };
  const { status } = await endOfRun(
    opened,
    request.batchId,
    await resumed(opened.batches.deliverCombinations(request)),
  );
  expect(status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  for (const one of await combinationsOf(opened, request.batchId)) {
    expect(one.path).toMatch(/^elsewhere\/.*\.mp4$/);
    expect(await servedHash(one)).toBe(await hashOf(out(one.path)));
  }
});

it.each([ReworkFrom.RENDERED, ReworkFrom.PLANNED])("replays from %i without changing the files", async (from) => {
  const before = await snapshot(out("pictures"));
  const request = { batchId: old.ids.pictures, from };
  const { status, updates } = await endOfRun(
    opened,
    request.batchId,
    await resumed(opened.batches.replayBatch(request)),
  );
  expect(status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect([...timesMade(updates).values()].filter((times) => times > 0)).toEqual([]);
  await expect.poll(async () => (await manifestOf(opened, "pictures")).length).toBe(6);
  const changed = changedFiles(before, await snapshot(out("pictures")));
  expect(changed.filter((name) => !MANIFESTS.includes(name))).toEqual([]);
  await expect.poll(() => visibleFiles(out("pictures"))).toEqual([...PICTURES, ...MANIFESTS]);
});

it("delivers identical files into another folder, with the pictures", async () => {
  const request = { batchId: old.ids.pictures, destination: into("copies").destination };
  const run = await resumed(opened.batches.deliverCombinations(request));
  const { status, updates } = await endOfRun(opened, request.batchId, run);
  expect(status.combinations).toMatchObject({ delivered: 2n, failed: 0n });
  expect([...timesMade(updates).values()].filter((times) => times > 0)).toEqual([]);
  const files = async () => (await visibleFiles(out("copies"))).filter((name) => !name.startsWith("manifest"));
  await expect.poll(files).toEqual(PICTURES); // Once their list is written.
  for (const name of PICTURES)
    expect(await hashOf(out("copies", name)), name).toBe(await hashOf(out("pictures", name)));
});

it("recognises the files as its own when the batch is rendered again, and as no other batch's", async () => {
  // A folder that nothing was delivered into since.
  const files = ["b.jpg", "b.mp4", "b.sheet.jpg"];
  expect((await readdir(out("removable"))).sort()).toEqual([...files, ...MANIFESTS]);
  const refused = await runBatch(opened, pictured("removable", { hooks: ["b"], name: "other" }));
  expect([...failuresOf(refused.combinations).values()][0]?.reason).toMatch(
    /in removable do(es)? not belong to this batch: b\.mp4/,
  );

  const before = await snapshot(out("removable"));
  const same = await runBatch(opened, pictured("removable", { hooks: ["b"] }));
  expect(same.status.combinations).toMatchObject({ delivered: 1n, failed: 0n });
  const changed = changedFiles(before, await snapshot(out("removable")));
  if (isSameEncoder) expect(changed.filter((name) => !MANIFESTS.includes(name))).toEqual([]);

  const next = await runBatch(opened, pictured("removable", { hooks: ["c"] }));
  const dropped = async () => (await opened.batches.getBatch({ batchId: next.batchId })).batch?.dropped;
  await expect.poll(dropped).toMatchObject({ count: 3n, removed: false });
  expect((await dropped())?.paths.sort()).toEqual(files.map((name) => `removable/${name}`));
});

it("deletes a batch with its files, which have no receipts", async () => {
  for (const name of ["pictures", "voices", "acme"] as const) {
    const batchId = old.ids[name];
    const { combinations } = old.answer(name);
    expect(combinations.length).toBeGreaterThan(0);
    await opened.batches.deleteBatch({ batchId });
    const isThere = () =>
      opened.batches.getBatch({ batchId }).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: 60_000 }).toBe(false);
    const folder = name === "voices" ? batchId : name;
    expect(await readdir(opened.out), name).not.toContain(folder);
  }
});

it("rebuilds the same read model", async () => {
  const known = async () => {
    const { batches } = await opened.batches.listBatches({});
    // One that was planned for another encoder is retried meanwhile.
    const ended = batches.filter(({ state }) => state !== BatchState.RUNNING);
    // The earlier release did not record it; the facts have it.
    const all = ended.map(async (batch) => {
      return [{ ...batch, runBeganAt: undefined }, await combinationsOf(opened, batch.batchId)] as const;
    });
    return await Promise.all(all);
  };
  const before = await known();
  expect(before.length).toBeGreaterThan(8);
  for await (const _ of opened.admin.rebuildReadModel({}));
  expect(await known()).toEqual(before);
});

it("leaves nothing behind", () => expectNothingLeft(opened));
