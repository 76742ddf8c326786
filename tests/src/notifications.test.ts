import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  AdminService,
  BatchService,
  NotificationService,
  NotificationState,
  NotifyEvent,
  NotifySchema,
} from "@polyreel/contract";
import { type PrivatePostgres, postgresPrograms, sampleBatch, startPostgres } from "@polyreel/gateway/testing";
import { openPlatform, type Platform } from "@polyreel/pipeline";
import { Releasers } from "@polyreel/platform";
import { guardArguments } from "@polyreel/platform/process";
import { readCommonConfig } from "@polyreel/platform/runtime";
import { startNatsServer } from "@polyreel/platform/stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ServiceProcess, startService } from "./testing/pipeline.js";

// Gateways as processes, killed while they send; other services are played by this process.

const SECRET = `whsec_${Buffer.alloc(24, "secret").toString("base64")}`;
const SECONDS = { timeout: 60_000 };

const all = new Releasers();
let postgres: PrivatePostgres | undefined;
let releasers: Releasers;
/** How the receiver answers at present. */
let answer: (response: ServerResponse) => void;
/** What it got, by the id of the event; how often each. */
let received: Map<string, number>;
let types: string[];
let receiverUrl: string;

beforeAll(async () => {
  const programs = await postgresPrograms();
  if (programs) postgres = all.use(await startPostgres(programs));
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const id = String(request.headers["webhook-id"]);
    received.set(id, (received.get(id) ?? 0) + 1);
    types.push(JSON.parse(body).type);
    answer(response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  all.add(() => receiver.closeAllConnections());
  all.add(() => receiver.close());
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(() => all.close());

beforeEach(() => {
  releasers = new Releasers();
  received = new Map();
  types = [];
  answer = accept;
});
afterEach(() => releasers.close());

const accept = (response: ServerResponse) => response.writeHead(204).end();

interface Gateway {
  readonly process: ServiceProcess;
  readonly batches: Client<typeof BatchService>;
  readonly admin: Client<typeof AdminService>;
  readonly notifications: Client<typeof NotificationService>;
}

/** A stream, a database, and gateways over both; without PostgreSQL one at a time. */
async function openBench() {
  const databaseUrl = await postgres?.database();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-notifications-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const nats = releasers.use(await startNatsServer());
  const env = {
    NATS_URL: nats.url,
    POLYREEL_STORE: join(folder, "store"),
    ...(databaseUrl === undefined ? { GATEWAY_DATABASE: join(folder, "database") } : { DATABASE_URL: databaseUrl }),
    GATEWAY_PORT: "0",
    POLYREEL_WEBHOOK_SECRETS: `default=${SECRET}`,
    POLYREEL_NOTIFY_ALLOW: "127.0.0.1",
    TMPDIR: folder,
  };
  const node = await guardArguments(process.execPath);
  const platform: Platform = releasers.use(
    await openPlatform("test", readCommonConfig({ ...env, LOG_LEVEL: "silent" }), { declaresStream: true }),
  );
  const start = async (more: NodeJS.ProcessEnv = {}): Promise<Gateway> => {
    const started = startService("gateway", node, { ...env, ...more });
    releasers.add(() => started.kill("SIGTERM"));
    const { port } = await started.logged(/^listening/);
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
    return {
      process: started,
      batches: createClient(BatchService, transport),
      admin: createClient(AdminService, transport),
      notifications: createClient(NotificationService, transport),
    };
  };
  /** Submits a batch whose events go to the receiver. */
  const submit = async ({ batches }: Gateway, on: NotifyEvent[] = []): Promise<string> => {
    const notify = [create(NotifySchema, { channel: { case: "webhook", value: { url: receiverUrl, on } } })];
    const submitted = await batches.submitBatch({ batch: sampleBatch({ notify }), requestId: randomUUID() });
    return submitted.batch?.batchId ?? "";
  };
  /** What services publish about a combination. */
  const publish = (name: "combination.failed" | "combination.delivered", batchId: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) => {
        const about = { batchId, combinationId: `c${n}`, ordinal: BigInt(n), attempt: 1 };
        const fact =
          name === "combination.failed" ? { ...about, failure: { reason: "broken" } } : { ...about, path: "a" };
        return platform.publisher.publish(name, fact, { id: `c${n}` });
      }),
    );
  return { start, submit, publish };
}

const listed = async ({ notifications }: Gateway) =>
  (await notifications.listNotifications({ pageSize: 1000 })).notifications;
const statesOf = async (gateway: Gateway) =>
  [...new Set((await listed(gateway)).map(({ state }) => NotificationState[state]))].sort();

describe("a gateway that is killed while it sends", () => {
  it("sends everything after its restart, with the same ids, and nothing that was accepted", async () => {
    const bench = await openBench();
    // A claim lasts twice as long.
    const gateway = await bench.start({ POLYREEL_NOTIFY_TIMEOUT_SECONDS: "2" });
    const batchId = await bench.submit(gateway);
    let count = 0;
    // Three are accepted; the others hang until the gateway is gone.
    answer = (response) => ++count <= 3 && accept(response);
    await bench.publish("combination.failed", batchId, 20);
    await expect.poll(() => received.size, SECONDS).toBeGreaterThanOrEqual(7);
    await gateway.process.kill("SIGKILL");
    const before = new Map(received);
    answer = accept;
    const again = await bench.start();
    await expect.poll(() => received.size, SECONDS).toBe(20);
    await expect.poll(() => statesOf(again), SECONDS).toEqual(["SENT"]);
    const ids = (await listed(again)).map(({ id }) => id).sort();
    expect(ids).toEqual([...received.keys()].sort());
    // What was accepted may be sent twice only if its gateway died before it had noted that.
    const repeated = [...before.keys()].filter((id) => (received.get(id) ?? 0) > 1);
    expect(repeated.length).toBeGreaterThanOrEqual(4);
    expect(repeated.length).toBeLessThanOrEqual(before.size);
    expect([...received].filter(([id, times]) => !before.has(id) && times > 1)).toEqual([]);
  });
});

describe("two gateways over one database", () => {
  it("send each of a thousand events once, and go on when one of them is killed", async ({ skip }) => {
    if (!postgres) return skip("PostgreSQL is not installed");
    const bench = await openBench();
    const [one, other] = [await bench.start(), await bench.start()];
    const batchId = await bench.submit(one, [NotifyEvent.DELIVERED]);
    await bench.publish("combination.delivered", batchId, 1000);
    await expect.poll(() => received.size, SECONDS).toBeGreaterThan(300);
    await one.process.kill("SIGKILL");
    await expect.poll(() => received.size, SECONDS).toBe(1000);
    await expect.poll(() => statesOf(other), SECONDS).toEqual(["SENT"]);
    const twice = [...received.values()].filter((times) => times > 1).length;
    expect(twice).toBeLessThanOrEqual(8); // At most what was under way at the kill.
    expect(Math.max(...received.values())).toBeLessThanOrEqual(2);
  });
});

describe("a rebuild of the read model", () => {
  it("sends nothing again, and what waits goes on", async () => {
    const bench = await openBench();
    const gateway = await bench.start();
    const batchId = await bench.submit(gateway);
    await bench.publish("combination.failed", batchId, 3);
    await expect.poll(() => received.size, SECONDS).toBe(3);
    await expect.poll(() => statesOf(gateway), SECONDS).toEqual(["SENT"]);
    answer = (response) => response.writeHead(500).end();
    await gateway.batches.cancelBatch({ batchId });
    await expect.poll(() => types.includes("batch.finished"), SECONDS).toBe(true);
    answer = accept;
    const before = new Map(received);
    for await (const _ of gateway.admin.rebuildReadModel({}));
    await expect.poll(() => statesOf(gateway), SECONDS).toEqual(["SENT"]); // Its second attempt, after 5 s.
    const repeated = [...received].filter(([id, times]) => times > (before.get(id) ?? 0));
    expect(repeated).toHaveLength(1);
    expect(received.size).toBe(4);
    expect(await listed(gateway)).toHaveLength(4);
  });
});
