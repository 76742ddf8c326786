import { randomUUID } from "node:crypto";
import { utimes } from "node:fs/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Client, Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  AdminService,
  type BatchSchema,
  BatchService,
  BatchState,
  CleanUpReason,
  type CleanUpRequestSchema,
  type CleanUpResponse,
  factSubject,
  STREAM,
} from "@polyreel/contract";
import { stretchHash } from "@polyreel/parts";
import { Releasers } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { readKeptPaths } from "@polyreel/platform/files";
import { openLeases } from "@polyreel/platform/stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gatewayDefaults } from "../config.js";
import { startGateway } from "../service.js";
import { refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

/** Long enough for machines that are busy with other tests. */
const PATIENT = { timeout: 20_000 };
const DAY_MS = 86_400_000;

const releasers = new Releasers();
let gateway: RunningGateway;
let client: Client<typeof BatchService>;
let admin: Client<typeof AdminService>;
/** Each test has its own tenant. */
let tenant: string;

beforeAll(async () => {
  gateway = releasers.use(await runGateway());
  const transport = createGrpcTransport({ baseUrl: gateway.url });
  client = createClient(BatchService, transport);
  admin = createClient(AdminService, transport);
});
beforeEach(() => {
  tenant = `t${randomUUID()}`;
});
afterAll(() => releasers.close());

const cleanUp = (request: Omit<MessageInitShape<typeof CleanUpRequestSchema>, "whose" | "$typeName"> = {}) =>
  admin.cleanUp({ ...request, whose: { case: "tenant", value: tenant } });

const submit = async (batch: MessageInitShape<typeof BatchSchema> = {}) =>
  (await client.submitBatch({ batch: sampleBatch({ tenant, ...batch }) })).batch?.batchId ?? "";

/** Waits until the gateway knows the batch. */
async function known(batchId: string): Promise<void> {
  await expect.poll(async () => (await client.getBatch({ batchId })).batch?.finishedAt, PATIENT).toBeDefined();
}

/** A batch that ended some days ago, and has written this number of bytes. */
async function ended(daysAgo: number, bytes = 0, batch: MessageInitShape<typeof BatchSchema> = {}): Promise<string> {
  const batchId = await submit(batch);
  if (bytes > 0) await write(batchId, 0, bytes);
  await end(batchId, daysAgo);
  return batchId;
}

async function end(batchId: string, daysAgo: number): Promise<void> {
  const time = timestampFromDate(new Date(Date.now() - daysAgo * DAY_MS));
  await gateway.platform.publisher.publish("batch.finished", { batchId, time }, { id: "1" });
  await known(batchId);
}

const write = (
  batchId: string,
  ordinal: number,
  bytes: number,
  { attempt = 1, path = `${batchId}/${ordinal}.mp4` } = {},
) =>
  gateway.platform.publisher.publish(
    "combination.delivered",
    {
      ...{ batchId, attempt, combinationId: `c${ordinal}`, ordinal: BigInt(ordinal), path },
      certificate: { sizeBytes: BigInt(bytes) },
    },
    { id: `c${ordinal}`, attempt },
  );

/** Puts a part of 100 bytes and an index of 10 into the store, which batches use. */
async function part(digit: string, ...batchIds: string[]): Promise<string> {
  const hash = digit.repeat(64);
  const store = scopedStore(gateway.platform.store, tenant);
  await store.put(`parts/clip/${hash}`, new Uint8Array(100));
  await store.put(`parts/clip/${hash}.index`, new Uint8Array(10));
  for (const batchId of batchIds) {
    await gateway.platform.publisher.publish("clip.ready", { batchId, hash }, { id: hash });
  }
  return hash;
}

async function stored(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of scopedStore(gateway.platform.store, tenant).list("")) keys.push(key);
  return keys.sort();
}

/** Batches that are not being deleted (no uploader runs here). */
const batches = async () =>
  (await client.listBatches({ tenant })).batches
    .flatMap(({ batchId, state }) => (state === BatchState.DELETING ? [] : [batchId]))
    .sort();
const ids = ({ batches }: CleanUpResponse) => batches.map(({ batchId }) => batchId);
const olderThan = (days: number) => ({ seconds: BigInt(days * 86_400), nanos: 0 });

describe("CleanUp", () => {
  it("removes old batches with the parts that no other batch uses; a dry run reports the same and changes nothing", async () => {
    const [old, older, young] = [await ended(40, 500), await ended(50, 300), await ended(10, 100)];
    const common = await Promise.all([part("1", young, old), part("2", young, older)]);
    const ofBoth = await part("3", old, older);
    const before = { stored: await stored(), batches: await batches() };

    const request = { olderThan: olderThan(30) };
    // The gateway may not have processed the published facts yet.
    await expect.poll(async () => (await cleanUp({ ...request, dryRun: true })).parts?.count, PATIENT).toBe(1n);
    const dryRun = await cleanUp({ ...request, dryRun: true });
    expect(dryRun.batches).toMatchObject([
      { batchId: older, bytes: 300n, reason: CleanUpReason.AGE, parts: { count: 0n, bytes: 0n } },
      { batchId: old, bytes: 500n, reason: CleanUpReason.AGE, parts: { count: 1n, bytes: 110n } },
    ]);
    const endedAt = dryRun.batches[0]?.endedAt;
    expect(endedAt && Math.round((Date.now() - timestampDate(endedAt).getTime()) / DAY_MS)).toBe(50);
    expect({ stored: await stored(), batches: await batches() }).toEqual(before);

    expect(await cleanUp(request)).toEqual(dryRun);
    expect(await batches()).toEqual([young]);
    const left = await stored();
    expect(left).not.toContain(`parts/clip/${ofBoth}`);
    expect(left).not.toContain(`parts/clip/${ofBoth}.index`);
    for (const hash of common) expect(left).toContain(`parts/clip/${hash}.index`);
    expect(await cleanUp(request)).toMatchObject({ batches: [], parts: { count: 0n } });
  });

  it("frees space: the oldest end first, counting each path once", async () => {
    const [first, second, third] = [await ended(3, 100), await ended(2, 100), await ended(1, 100)];
    const live = await submit();
    await write(live, 0, 1000);
    await write(first, 0, 80, { attempt: 2 }); // Delivered again, to the same path.
    await write(first, 1, 50);
    const wouldGo = (maxBytes: bigint) => cleanUp({ maxBytes, dryRun: true });
    await expect
      .poll(async () => (await wouldGo(0n)).batches.map(({ bytes }) => bytes), PATIENT)
      .toEqual([150n, 100n, 100n]);
    expect(ids(await wouldGo(1350n))).toEqual([]);
    expect(ids(await wouldGo(1349n))).toEqual([first]);
    expect(ids(await wouldGo(1199n))).toEqual([first, second]);
    expect(await cleanUp({ maxBytes: 1150n })).toMatchObject({
      batches: [
        { batchId: first, reason: CleanUpReason.SIZE },
        { batchId: second, reason: CleanUpReason.SIZE },
      ],
    });
    expect(await batches()).toEqual([live, third].sort());
  });

  it("keeps batches that are running, unfinished, or continued by a kept one", async () => {
    const live = await submit();
    const sample = await ended(50, 100, { sample: { count: 1n } });
    const whole = await submit({ continues: sample });
    const gone = await ended(40);
    expect(ids(await cleanUp({ olderThan: olderThan(0), maxBytes: 0n }))).toEqual([gone]);
    expect(await refusal(client.deleteBatch({ batchId: sample }))).toMatchObject({
      code: Code.FailedPrecondition,
      failures: [{ reason: `Batch ${whole} continues batch ${sample}, and can't be worked again without it.` }],
    });
    await end(whole, 20);
    expect(ids(await cleanUp({ olderThan: olderThan(30) }))).toEqual([]);
    expect((await refusal(client.deleteBatch({ batchId: sample }))).code).toBe(Code.FailedPrecondition);
    expect(ids(await cleanUp({ olderThan: olderThan(10) }))).toEqual([whole, sample]);
    expect(await batches()).toEqual([live]);
  });

  it("keeps a batch that is being resumed", async () => {
    const batchId = await ended(50, 100);
    const { publisher } = gateway.platform;
    await publisher.publish("batch.resumed", { batchId, run: 2, attempt: 2, combinations: 1n }, { id: "2" });
    await expect.poll(async () => (await client.getBatch({ batchId })).batch?.finishedAt, PATIENT).toBeUndefined();
    expect(ids(await cleanUp({ olderThan: olderThan(1), maxBytes: 0n }))).toEqual([]);
  });

  it("reports a batch that could not be removed, and continues with the others", async () => {
    const [first, second] = [await ended(50, 100), await ended(40, 100)];
    const hash = await part("4", first);
    const store = scopedStore(gateway.platform.store, tenant);
    // A folder in place of the index, which a store does not remove.
    await store.remove([`parts/clip/${hash}.index`]);
    await store.put(`parts/clip/${hash}.index/file`, new Uint8Array(1));
    const request = { olderThan: olderThan(30) };
    await expect.poll(async () => (await cleanUp({ ...request, dryRun: true })).parts?.count, PATIENT).toBe(1n);
    const { batches: cleaned, parts } = await cleanUp(request);
    expect(cleaned.map(({ batchId, failure }) => [batchId, failure !== undefined])).toEqual([
      [first, true],
      [second, false],
    ]);
    expect(parts).toMatchObject({ count: 0n });
    expect(await batches()).toEqual([first]);
  });

  it("makes uploaders keep files that another batch has written to the same path", async () => {
    const path = "latest/video.mp4";
    const [old, young] = [await submit(), await submit()];
    for (const batchId of [old, young]) await write(batchId, 0, 100, { path });
    await write(old, 1, 100);
    await end(old, 50);
    await end(young, 10);
    await cleanUp({ olderThan: olderThan(30) });
    const store = scopedStore(gateway.platform.store, tenant);
    expect(await readKeptPaths(store, old)).toEqual(new Set([path]));
  });

  it("uses the gateway's configured retention by default, which is none here", async () => {
    const batchId = await ended(5000, 10 ** 12);
    expect(ids(await cleanUp())).toEqual([]);
    expect(await batches()).toEqual([batchId]);
    expect((await refusal(cleanUp({ olderThan: { seconds: -1n } }))).code).toBe(Code.InvalidArgument);
    // Neither a missing nor an empty field means all tenants.
    for (const whose of [undefined, { case: "tenant", value: "" }, { case: "allTenants", value: false }] as const) {
      const all = admin.cleanUp({ olderThan: olderThan(0), ...(whose && { whose }) });
      expect((await refusal(all)).code).toBe(Code.InvalidArgument);
    }
    expect(await batches()).toEqual([batchId]);
  });

  it("is rejected while another one is running, except for a dry run", async () => {
    const leases = await openLeases(gateway.platform.stream);
    await leases.tryHold("clean-up", async () => {
      expect(await refusal(cleanUp())).toMatchObject({
        code: Code.Unavailable,
        failures: [{ reason: "Another clean-up is running." }],
      });
      await cleanUp({ dryRun: true });
    });
    await cleanUp();
  });
});

describe("a gateway with a retention", () => {
  const settings = { ...gatewayDefaults.retention, olderThanMs: 30 * DAY_MS, everyMs: 100 };
  const timesDeleted = async (batchId: string) => {
    const subject = factSubject("batch.deleting", batchId);
    const { state } = await gateway.platform.stream.manager.streams.info(STREAM, { subjects_filter: subject });
    return state.subjects?.[subject] ?? 0;
  };

  it("cleans up at the start and periodically, once for all gateways", async () => {
    const [old, young] = [await ended(40), await ended(10)];
    expect(await batches()).toEqual([old, young].sort());
    for (let i = 0; i < 2; i++) releasers.use(await startGateway({ ...gateway.config, retention: settings }));
    await expect.poll(batches, PATIENT).toEqual([young]);
    const later = await submit();
    const time = timestampFromDate(new Date(Date.now() - 40 * DAY_MS));
    await gateway.platform.publisher.publish("batch.finished", { batchId: later, time }, { id: "1" });
    await expect.poll(() => timesDeleted(later), PATIENT).toBe(1);
    await expect.poll(batches, PATIENT).toEqual([young]);
    expect([await timesDeleted(old), await timesDeleted(later)]).toEqual([1, 1]);
  });

  it("bounds the decoded sound in its store, and keeps what a batch has just requested", async () => {
    const store = scopedStore(gateway.platform.store, tenant);
    const long = new Date(Date.now() - DAY_MS);
    const encoder = "aac";
    const stretch = { sourceSha256: "music", start: 0n, samples: 2_880_000n, fromFirstPicture: false, track: 0 };
    const [unused, used] = ["a".repeat(64), stretchHash(stretch, encoder)];
    for (const name of [unused, used]) {
      for (const [suffix, bytes] of [
        ["", 100],
        [".index", 10],
      ] as const) {
        await store.put(`parts/pcm/${name}${suffix}`, new Uint8Array(bytes));
        await utimes((await store.files.open(`parts/pcm/${name}${suffix}`)).path, long, long);
      }
    }
    const events = [{ input: { case: "sourceSha256" as const, value: "music" }, samples: 48_000n }];
    const recipe = { case: "sound" as const, value: { encoder, events } };
    const batchId = await submit();
    await gateway.platform.publisher.publish("sound.requested", { batchId, tenant, hash: "s", recipe }, { id: "s" });
    const retention = { ...settings, decodedMaxBytes: 50 };
    const bounded = await startGateway({ ...gateway.config, retention });
    try {
      await expect.poll(stored, PATIENT).not.toContain(`parts/pcm/${unused}`);
      expect(await stored()).toEqual(expect.arrayContaining([`parts/pcm/${used}`, `parts/pcm/${used}.index`]));
    } finally {
      await bounded.close();
    }
  });
});
