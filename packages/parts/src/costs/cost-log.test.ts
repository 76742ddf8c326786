import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measuredKey, openFolderStore, type Store } from "@polyreel/platform/blobs";
import { createLog } from "@polyreel/platform/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CostLog, readMeasured } from "./cost-log.js";
import { deliveryClass, merged, ofKind, withPart } from "./record.js";

const log = createLog("test", "silent");
let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-notebook-"));
  store = await openFolderStore(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const part = { coreSeconds: 2, amount: 10, bytes: 1000 };

it("adds measured costs to the record, and reads a missing record as empty", async () => {
  expect(await readMeasured(store, ["renderer", "tts"])).toEqual({});
  for (let i = 0; i < 2; i++) {
    const notebook = new CostLog(store, "renderer", log);
    notebook.note("sound", part);
    notebook.note("clip 10x10 still", part);
    await notebook.close();
  }
  const tts = new CostLog(store, "tts", log);
  tts.note("voice", part);
  await tts.close();
  const twice = { parts: 2, coreSeconds: 4, amount: 20, bytes: 2000, amountSquares: 200, amountSeconds: 40 };
  expect(await readMeasured(store, ["renderer", "tts"])).toEqual({
    sound: twice,
    "clip 10x10 still": twice,
    voice: { parts: 1, ...part, amountSquares: 100, amountSeconds: 20 },
  });
});

it("reads a damaged record as empty", async () => {
  for (const damaged of [
    "{",
    "[]",
    "null",
    '{"sound":{"parts":1}}',
    '{"sound":{"parts":-1,"coreSeconds":1,"amount":1,"bytes":1}}',
  ]) {
    await store.put(measuredKey("damaged"), Buffer.from(damaged));
    expect(await readMeasured(store, ["damaged"]), damaged).toEqual({});
  }
});

it("reads records without sums of squares", async () => {
  await store.put(measuredKey("old"), Buffer.from('{"sound":{"parts":4,"coreSeconds":8,"amount":40,"bytes":1000}}'));
  const sums = { parts: 4, coreSeconds: 8, amount: 40, bytes: 1000, amountSquares: 400, amountSeconds: 80 };
  expect(await readMeasured(store, ["old"])).toEqual({ sound: sums });
});

it("gives older measurements less and less weight", () => {
  let record = {};
  for (let i = 0; i < 1000; i++) record = withPart(record, "sound", { ...part, coreSeconds: 100 });
  for (let i = 0; i < 1000; i++) record = withPart(record, "sound", part);
  const sums = ofKind(merged(record, record), "sound");
  expect(sums?.parts).toBe(200);
  expect((sums?.coreSeconds ?? 0) / (sums?.amount ?? 1)).toBeCloseTo(0.2, 0);
});

it("remembers more joins and deliveries than parts", () => {
  let record = {};
  for (let i = 0; i < 6000; i++) record = withPart(record, deliveryClass("virtual"), part);
  expect(record).toMatchObject({ "delivery virtual": { parts: 5000 } });
});
