import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFolderStore, type Store } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { CharacterLedger } from "./character-ledger.js";

let folder: string;
let store: Store;
let now: number;
let ledger: CharacterLedger;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-ledger-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  store = await openFolderStore(await mkdtemp(join(folder, "store-")));
  now = Date.UTC(2026, 4, 31, 23);
  ledger = new CharacterLedger(store, () => now);
});

const LIMITS = { charactersPerBatch: 100, charactersPerMonth: 150 };
const reserve = (characters: number, batchId = "b1", its = ledger) =>
  its.reserve({ provider: "eleven", batchId, hash: "a".repeat(64), characters }, LIMITS);

it("bounds a batch's characters, and those of all batches in a month", async () => {
  await Promise.all([reserve(60), reserve(40)]);
  await expect(reserve(1)).rejects.toMatchObject({
    code: "precondition",
    failure: {
      reason: expect.stringContaining('more than the 100 that the voice provider "eleven" may speak for one batch'),
      remedy: expect.stringContaining("charactersPerBatch"),
    },
  });
  await reserve(50, "b2");
  await expect(reserve(1, "b3")).rejects.toMatchObject({
    failure: { reason: expect.stringContaining("may speak for this tenant in a month") },
  });
  now += 3_600_000 * 2; // The next month.
  await reserve(1, "b3");
});

it("gives back what was refused, and counts what other services and earlier processes spent", async () => {
  const takeBack = await reserve(100);
  await takeBack();
  await reserve(90);
  const other = new CharacterLedger(store, () => now);
  await expect(reserve(11, "b1", other)).rejects.toThrow();
  await reserve(10, "b1", other);
  now += 31_000;
  await expect(reserve(1)).rejects.toThrow();
});
