import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PartReady, PartRequestedSchema, PcmIndexSchema } from "@polyreel/contract";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { openFolderStore } from "@polyreel/platform/blobs";
import { openWorkFolder } from "@polyreel/platform/files";
import type { Lease, Publisher } from "@polyreel/platform/stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Making, PartMaker } from "./part-maker.js";
import { PartStore } from "./part-store.js";

const request = create(PartRequestedSchema, { batchId: "b1", tenant: "default", attempt: 1, hash: "0".repeat(64) });
const work = {
  signal: new AbortController().signal,
  span: { setAttributes: () => {} },
  outsideSlot: async (wait: () => Promise<unknown>) => {
    outside++;
    return wait();
  },
} as unknown as Work;

const words = [{ text: "hello", startSeconds: 0.25, endSeconds: 0.5 }];
let folder: string;
let made: number;
/** Whether another process holds the part's lease. */
let heldElsewhere: boolean;
/** Number of waits outside the slot. */
let outside: number;
let published: unknown[];
let noted: unknown[];
let progress: unknown[];
let maker: PartMaker;
let parts: PartStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-maker-"));
  made = 0;
  published = [];
  noted = [];
  progress = [];
  const publisher = {
    publish: async (...fact: unknown[]) => published.push(fact),
    progress: (one: { batchId: string; fraction: number }) => progress.push([one.batchId, one.fraction]),
  };
  const workFolder = await openWorkFolder("maker-test", folder);
  heldElsewhere = false;
  outside = 0;
  const leases = {
    tryHold: async (_name: string, make: (lease: Lease) => Promise<void>) => {
      if (!heldElsewhere) await make({ assertHeld: async () => {} });
      return !heldElsewhere;
    },
    isFree: async () => !heldElsewhere,
  };
  maker = new PartMaker(leases, workFolder, publisher as unknown as Publisher, { note: (...part) => noted.push(part) });
  parts = new PartStore(await openFolderStore(join(folder, "store")));
});
afterEach(() => rm(folder, { recursive: true }));

const speak = async ({ tempDir }: { tempDir: string }) => {
  made++;
  const payloadPath = join(tempDir, "speech");
  await writeFile(payloadPath, new Uint8Array(8));
  const value = create(PcmIndexSchema, { samples: 1n, words });
  return { payloadPath, index: { kind: { case: "pcm", value } } } as const;
};
const answer = (batchId: string, make = speak, sequence = 7) =>
  maker.answer(parts, { fact: create(PartRequestedSchema, { ...request, batchId }), sequence }, "voice", work, make);

it("publishes a voice line's length and word times, also if it existed already", async () => {
  await answer("b1");
  await answer("b1");
  for (const [i, reused] of [false, true].entries()) {
    expect(published[i]).toMatchObject(["voice.ready", { reused, speechSamples: 1n, words }, { attempt: 1 }]);
  }
  expect((await parts.index("voice", request.hash))?.coreSeconds).toBeGreaterThan(0); // For those who reuse it.
});

it("answers each request of an attempt, and a redelivered one with the same message id", async () => {
  for (const sequence of [7, 7, 8]) await answer("b1", speak, sequence);
  const ids = published.map((fact) => (fact as [string, PartReady, { id: string }])[2].id);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  await maker.fail({ fact: request, sequence: 9 }, "voice", new PolyreelError("internal", "It broke."));
  expect(published[3]).toMatchObject(["voice.failed", { hash: request.hash }, { id: expect.stringContaining("9") }]);
});

it("reports a part as new to one of several concurrent requests", async () => {
  await Promise.all(["b1", "b2", "b3"].map((batchId) => answer(batchId)));
  expect(made).toBe(1);
  const facts = published.map((fact) => (fact as [string, PartReady])[1]);
  expect(facts.map(({ reused }) => reused).sort()).toEqual([false, true, true]);
  expect(facts.filter(({ encodeSeconds }) => encodeSeconds > 0).map(({ reused }) => reused)).toEqual([false]);
  expect(outside).toBe(2);
});

it("continues for a batch that waits for a slot when the first batch is cancelled, and reports progress to both", async () => {
  const of = (batchId: string) => create(PartRequestedSchema, { ...request, batchId });
  const cancel = new AbortController();
  let goOn = () => {};
  const slowly = async (making: Making) => {
    making.onProgress(0.25);
    await new Promise<void>((resolve) => (goOn = resolve));
    making.signal.throwIfAborted();
    return speak(making);
  };
  await using _first = maker.wanted(of("b1"), "voice");
  await using _second = maker.wanted(of("b2"), "voice");
  const first = maker.answer(
    parts,
    { fact: of("b1"), sequence: 7 },
    "voice",
    { ...work, signal: cancel.signal },
    slowly,
  );
  await expect
    .poll(() => progress)
    .toEqual([
      ["b1", 0.25],
      ["b2", 0.25],
    ]);
  cancel.abort(new Error("cancelled"));
  await expect(first).rejects.toThrow("cancelled");
  const second = answer("b2"); // It has its slot now.
  await expect.poll(() => outside).toBe(1);
  goOn();
  await second;
  expect(made).toBe(1);
  expect(published).toMatchObject([["voice.ready", { batchId: "b2", reused: false }, {}]]);
});

it("waits outside its slot while another process makes the part, and takes over when that one gives up", async () => {
  heldElsewhere = true;
  const answering = answer("b1");
  await expect.poll(() => outside).toBe(1);
  expect(made).toBe(0);
  heldElsewhere = false;
  await answering;
  expect(published).toMatchObject([["voice.ready", { reused: false }, {}]]);
});

it("uses the part that another process has made", async () => {
  heldElsewhere = true;
  const answering = answer("b1");
  await expect.poll(() => outside).toBe(1);
  const tempDir = await mkdtemp(join(folder, "elsewhere-"));
  const { payloadPath, index } = await speak({ tempDir });
  await parts.put("voice", request.hash, await readFile(payloadPath), index);
  await answering;
  expect(made).toBe(1);
  expect(published).toMatchObject([["voice.ready", { reused: true }, {}]]);
});

it("reports a part as reused if another process stored it meanwhile", async () => {
  await answer("b1", async (making) => {
    const { payloadPath, index } = await speak(making);
    await parts.put("voice", request.hash, await readFile(payloadPath), index);
    return { payloadPath, index };
  });
  expect(published).toMatchObject([["voice.ready", { reused: true }, {}]]);
});

it("records the cost of a new part, and none for an existing one", async () => {
  await answer("b1");
  await answer("b1");
  expect(noted).toEqual([["", { coreSeconds: expect.any(Number), amount: 1 / 48_000, bytes: 8 }]]);
});
