import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BatchState,
  type BatchStatus,
  type CombinationStatus,
  joinOf,
  type WatchBatchResponse,
} from "@polyreel/contract";
import { postgresPrograms, startPostgres } from "@polyreel/gateway/testing";
import { clipEncoder } from "@polyreel/media/ffmpeg";
import { decodedFrameCount } from "@polyreel/media/testing";
import { Releasers } from "@polyreel/platform";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timesMade } from "../kill/whole.js";
import { combinationsOf, manifestOf, watch } from "../testing/batches.js";
import { visibleFiles } from "../testing/left-behind.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { type OldBatch, type OldData, type Opened, openOldData, START_MS, unpackOldData } from "./opened.js";
import { changedFiles, snapshot } from "./snapshot.js";

// A store, a stream and a read model as left by the release before outputs and receipts: killed, with work half done.

const run = promisify(execFile);
const programs = await postgresPrograms();
/** A renderer encodes only clips planned for its own ffmpeg. */
const encoder = await clipEncoder();

const ENDED = ["pictures", "virtual", "failing", "voices", "acme", "removable", "cancelled"] as const;
/** Fields that the earlier release did not have. */
const ADDED = { deliveries: undefined, renditions: undefined, run: 0, runBeganAt: undefined };
/** A count that only the database has: it would be lost by refilling it from the stream. */
const ONLY_IN_DATABASE = 7n;

const servers = new Releasers();
afterAll(() => servers.close());

/** The dump of the earlier release's database, restored into a server of this machine's version. */
async function restored(folder: string): Promise<NodeJS.ProcessEnv> {
  const postgres = servers.use(await startPostgres(programs ?? ""));
  const url = await postgres.database();
  const psql = (...args: string[]) =>
    run(join(programs ?? "", "psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", ...args, url]);
  await psql("-f", join(folder, "postgres.sql"));
  const laidOut = `jsonb_set(tally, '{combinations,laidOut}', '${ONLY_IN_DATABASE}')`;
  await psql("-c", `update batches set tally = ${laidOut} where name = 'virtual'`);
  return { DATABASE_URL: url };
}

const READ_MODELS = {
  PGlite: async (folder: string) => ({ GATEWAY_DATABASE: join(folder, "store", "database") }),
  PostgreSQL: restored,
  "memory, from the stream": async () => ({}),
};

describe.each(Object.entries(READ_MODELS))("old data, with the read model in %s", (name, readModel) => {
  const isSkipped = name === "PostgreSQL" && programs === undefined;
  let old: OldData;
  let opened: Opened;
  let before: Map<string, string>;
  beforeAll(async () => {
    if (isSkipped) return;
    old = await unpackOldData();
    before = await snapshot(join(old.folder, "out"));
    opened = await openOldData(old, await readModel(old.folder));
  }, START_MS);
  afterAll(() => opened?.close());

  const statusOf = async (batch: OldBatch): Promise<BatchStatus | undefined> =>
    (await opened.batches.getBatch({ batchId: old.ids[batch] })).batch;
  const finished = async (batch: OldBatch) => {
    await expect.poll(async () => (await statusOf(batch))?.state, { timeout: 120_000 }).toBe(BatchState.FINISHED);
    const batchId = old.ids[batch];
    const updates = await watch(opened, batchId, { withinSeconds: 60 });
    return { status: await statusOf(batch), combinations: await combinationsOf(opened, batchId), updates };
  };

  it("gives the earlier release's answers about finished batches", needs(!isSkipped, "needs PostgreSQL"), async () => {
    for (const batch of ENDED) {
      const known = old.answer(batch);
      const { batch: status } = await opened.batches.getBatch({ batchId: old.ids[batch] });
      const isKept = name === "PostgreSQL" && batch === "virtual";
      const counts = { ...known.batch.combinations, ...(isKept && { rendered: ONLY_IN_DATABASE }) };
      expect({ ...status, ...ADDED }, batch).toEqual({ ...known.batch, combinations: counts });
      const combinations = await combinationsOf(opened, old.ids[batch]);
      expect(combinations.map(asBefore), batch).toEqual(known.combinations);
    }
    const { batches } = await opened.batches.listBatches({});
    expect(batches.map(({ batchId }) => batchId).sort()).toEqual(Object.values(old.ids).sort());
  });

  it("delivers the rest of a half-delivered batch once", needs(!isSkipped, "needs PostgreSQL"), async () => {
    const { status, combinations, updates } = await finished("half");
    expect(status?.combinations).toMatchObject({ total: 6n, delivered: 6n, failed: 0n });
    expect(status?.deliveries).toMatchObject({ total: 6n, delivered: 6n, failed: 0n });
    // The uploader's last fact before it died was not acknowledged: minutes later, it is published again.
    const known = new Set(old.answer("half").combinations.flatMap(({ id, path }) => (path ? id : [])));
    const times = deliveries(updates);
    for (const { id } of combinations) expect(times.get(`${id} 0 1`), id).toBeOneOf(known.has(id) ? [1, 2] : [1]);
    expect(known.size).toBeGreaterThan(0);
    expect(times.size).toBe(6);
    await expectDelivered(combinations);
    expect(await manifestOf(opened, "half")).toHaveLength(6);
  });

  it("makes the pictures that were missing beside laid-out videos", needs(!isSkipped, "needs PostgreSQL"), async () => {
    const { status, combinations, updates } = await finished("waiting");
    expect(status?.combinations).toMatchObject({ total: 2n, delivered: 2n, failed: 0n });
    expect(status?.deliveries).toMatchObject({ total: 6n, delivered: 6n, failed: 0n });
    expect(combinations.map(({ outputs }) => outputs.map((output) => output.name))).toEqual(
      Array(2).fill(["video", "poster", "sheet"]),
    );
    expect([...deliveries(updates).values()]).toEqual([1, 1, 1, 1, 1, 1]);
    await expectDelivered(combinations);
    expect(partsMade(updates)).toBe(0);
    await manifestOf(opened, "waiting");
    const names = ["a", "b"].flatMap((hook) => [".jpg", ".mp4", ".sheet.jpg"].map((suffix) => hook + suffix));
    expect(await visibleFiles(join(opened.out, "waiting"))).toEqual([...names, "manifest.csv", "manifest.jsonl"]);
  });

  it("continues a resumed run", needs(!isSkipped, "needs PostgreSQL"), async () => {
    const { status, combinations } = await finished("written");
    expect(status?.combinations).toMatchObject({ total: 2n, delivered: 2n, failed: 0n });
    expect(combinations.every(({ path }) => path.endsWith(".mp4"))).toBe(true);
    await expectDelivered(combinations);
  });

  it("plans an accepted batch", needs(!isSkipped, "needs PostgreSQL"), async () => {
    const { status, combinations } = await finished("unplanned");
    expect(status?.combinations).toMatchObject({ total: 2n, delivered: 2n, failed: 0n });
    await expectDelivered(combinations);
  });

  it("makes a planned batch", needs(!isSkipped, "needs PostgreSQL"), async (context) => {
    if (old.clipEncoder !== encoder) return context.skip(`it was planned for ${old.clipEncoder}`);
    const { status, combinations, updates } = await finished("early");
    expect(status?.combinations).toMatchObject({ total: 2n, delivered: 2n, failed: 0n });
    expect(status?.deliveries).toMatchObject({ total: 6n, delivered: 6n, failed: 0n });
    expect([...deliveries(updates).values()]).toEqual([1, 1, 1, 1, 1, 1]);
    await expectDelivered(combinations);
  });

  it("does not change delivered files", needs(!isSkipped, "needs PostgreSQL"), async () => {
    expect(before.size).toBeGreaterThan(20);
    expect(changedFiles(before, await snapshot(opened.out))).toEqual([]);
  });

  it("leaves nothing behind", needs(!isSkipped, "needs PostgreSQL"), () => expectNothingLeft(opened));

  /** Each output matches its certificate, and is served as it is on disk. */
  async function expectDelivered(combinations: readonly CombinationStatus[]): Promise<void> {
    for (const { path, urlPath, certificate } of combinations.flatMap(({ outputs }) => outputs)) {
      const file = join(opened.out, path);
      expect((await stat(file)).size, path).toBe(Number(certificate?.sizeBytes));
      const answer = await fetch(opened.url + urlPath);
      expect(sha256(new Uint8Array(await answer.arrayBuffer())), path).toBe(sha256(await readFile(file)));
      if (path.endsWith(".mp4")) expect(await decodedFrameCount(file), path).toBe(Number(joinOf(certificate)?.frames));
    }
  }
});

/** Without what that release did not know. */
const asBefore = (status: CombinationStatus): CombinationStatus => ({ ...status, outputs: [] });

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** How often each delivery was published, by combination, number and attempt. */
function deliveries(updates: readonly WatchBatchResponse[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { update } of updates) {
    if (update.case !== "combinationDelivered") continue;
    const { combinationId, delivery, attempt } = update.value;
    const key = `${combinationId} ${delivery} ${Math.max(1, attempt)}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return times;
}

/** Number of parts reported as made. */
const partsMade = (updates: readonly WatchBatchResponse[]): number =>
  [...timesMade(updates).values()].reduce((sum, times) => sum + times, 0);
