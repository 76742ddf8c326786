import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { toJson } from "@bufbuild/protobuf";
import {
  BatchState,
  BatchStatusSchema,
  type CombinationStatus,
  CombinationStatusSchema,
  joinOf,
} from "@polyreel/contract";
import { postgresPrograms, startPostgres } from "@polyreel/gateway/testing";
import { decodedFrameCount } from "@polyreel/media/testing";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Opened, openOldData, START_MS } from "../old-data/opened.js";
import { changedFiles, snapshot } from "../old-data/snapshot.js";
import { endOfRun, resumed } from "../rework/runs.js";
import { combinationsOf } from "../testing/batches.js";
import { expectNothingLeft } from "../testing/leftovers.js";
import { put } from "../testing/media.js";
import { type ReleaseBatch, type ReleaseData, unpackReleaseData } from "./release-data.js";

// Store, stream and database of the last release, killed with work half done.

const run = promisify(execFile);
const programs = await postgresPrograms();
const releasers = new Releasers();
let data: ReleaseData;
let opened: Opened;
let before: Map<string, string>;

beforeAll(async () => {
  data = await unpackReleaseData();
  before = await snapshot(join(data.folder, "out"));
  opened = releasers.use(await openOldData(data, await readModel()));
}, START_MS);
afterAll(() => releasers.close());

/** The database's dump, restored; without PostgreSQL, the read model is filled from the stream. */
async function readModel(): Promise<NodeJS.ProcessEnv> {
  if (!programs) return {};
  const url = await releasers.use(await startPostgres(programs)).database();
  const psql = (...args: string[]) => run(join(programs, "psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", ...args, url]);
  // Roles belong to the server; the gateway grants it what is missing.
  await psql("-c", "create role polyreel_reader");
  await psql("-f", join(data.folder, "postgres.sql"));
  return { DATABASE_URL: url };
}

const statusOf = async (batch: ReleaseBatch) => (await opened.batches.getBatch({ batchId: data.ids[batch] })).batch;

it("lists its batches, with its answers about those that ended", async () => {
  const { batches } = await opened.batches.listBatches({});
  expect(batches.map(({ batchId }) => batchId).sort()).toEqual(Object.values(data.ids).sort());
  for (const name of ["finished", "failing"] as const) {
    const status = await statusOf(name);
    // Later releases may add fields.
    expect(status && toJson(BatchStatusSchema, status), name).toMatchObject(data.answers[name].batch as object);
    const combinations = await combinationsOf(opened, data.ids[name]);
    expect(combinations.map((one) => toJson(CombinationStatusSchema, one))).toMatchObject(
      data.answers[name].combinations,
    );
  }
});

it.each([
  ["half", 6n],
  ["unplanned", 2n],
] as const)("delivers the rest of an unfinished batch: %s", async (name, total) => {
  await expect.poll(async () => (await statusOf(name))?.state, { timeout: 120_000 }).toBe(BatchState.FINISHED);
  expect((await statusOf(name))?.combinations).toMatchObject({ total, delivered: total, failed: 0n });
  await expectServed(await combinationsOf(opened, data.ids[name]));
});

it("serves a finished batch, and leaves its files alone", async () => {
  await expectServed(await combinationsOf(opened, data.ids.finished));
  expect(before.size).toBeGreaterThan(4);
  expect(changedFiles(before, await snapshot(opened.out))).toEqual([]);
});

it("retries what failed", async () => {
  await put(opened, join(data.folder, "late.mp4"));
  const batchId = data.ids.failing;
  const retried = await resumed(opened.batches.retryBatch({ batchId }));
  await endOfRun(opened, batchId, retried);
  expect((await statusOf("failing"))?.combinations).toMatchObject({ total: 2n, delivered: 2n, failed: 0n });
  await expectServed(await combinationsOf(opened, batchId));
});

it("leaves nothing behind", () => expectNothingLeft(opened));

/** Each output is served as it is on disk, and videos decode to their certificate's frames. */
async function expectServed(combinations: readonly CombinationStatus[]): Promise<void> {
  for (const { name, path, urlPath, certificate } of combinations.flatMap(({ outputs }) => outputs)) {
    const answer = await fetch(opened.url + urlPath);
    expect(answer.status, name).toBe(200);
    const served = Buffer.from(await answer.arrayBuffer());
    expect(served.length, name).toBe(Number(certificate?.sizeBytes));
    if (!path || name === "draft") continue;
    const file = join(opened.out, path);
    expect(served.equals(await readFile(file)), path).toBe(true);
    if (path.endsWith(".mp4")) expect(await decodedFrameCount(file), path).toBe(Number(joinOf(certificate)?.frames));
  }
}
