import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AccessService, AuditService, BatchService, Role } from "@polyreel/contract";
import { postgresPrograms, sampleBatch, startPostgres } from "@polyreel/gateway/testing";
import { Releasers } from "@polyreel/platform";
import { guardArguments } from "@polyreel/platform/process";
import { startNatsServer } from "@polyreel/platform/stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ServiceProcess, startService } from "./testing/pipeline.js";

// Gateways as processes that are killed, and their database stopped, while calls are made.

const SECONDS = { timeout: 30_000 };

let releasers: Releasers;
beforeEach(() => {
  releasers = new Releasers();
});
afterEach(() => releasers.close());

interface Gateway {
  readonly process: ServiceProcess;
  /** Makes a key; returns its id once the call is answered. */
  createKey(): Promise<string>;
  submit(): Promise<string>;
  /** Ids of the objects of all entries; those that occur twice, twice. */
  recorded(): Promise<string[]>;
}

async function openBench(database: NodeJS.ProcessEnv) {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-audit-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const nats = releasers.use(await startNatsServer());
  const env = { NATS_URL: nats.url, POLYREEL_STORE: join(folder, "store"), GATEWAY_PORT: "0", TMPDIR: folder };
  const node = await guardArguments(process.execPath);
  return async (): Promise<Gateway> => {
    const started = startService("gateway", node, { ...env, ...database });
    releasers.add(() => started.kill("SIGTERM"));
    const { port } = await started.logged(/^listening/);
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
    const access = createClient(AccessService, transport);
    const batches = createClient(BatchService, transport);
    const audit = createClient(AuditService, transport);
    return {
      process: started,
      createKey: async () => (await access.createKey({ name: "k", role: Role.VIEWER })).key?.id ?? "",
      submit: async () => (await batches.submitBatch({ batch: sampleBatch() })).batch?.batchId ?? "",
      recorded: async () => {
        const ids: string[] = [];
        let pageToken = "";
        do {
          const page = await audit.listAuditLog({ pageSize: 1000, pageToken });
          ids.push(...page.entries.flatMap(({ object, outcome }) => (object && outcome === "ok" ? object.id : [])));
          pageToken = page.nextPageToken;
        } while (pageToken);
        return ids;
      },
    };
  };
}

/** Calls at once until the gateway is gone; returns what was answered. */
async function load({ createKey, submit }: Gateway, clients: number, onAnswer: () => void): Promise<string[]> {
  const answered: string[] = [];
  const client = async (call: () => Promise<string>) => {
    for (;;) {
      answered.push(await call());
      onAnswer();
    }
  };
  await Promise.allSettled(Array.from({ length: clients }, (_, i) => client(i % 4 === 0 ? submit : createKey)));
  return answered;
}

const missing = (answered: readonly string[], recorded: readonly string[]): string[] =>
  answered.filter((id) => !recorded.includes(id));

/** After so many answers, gateways are killed. */
const ANSWERS = 60;

/** Two gateways where they can share a database; killed amid many calls. Returns what was answered. */
async function killedAmidCalls(start: () => Promise<Gateway>, count: number): Promise<string[]> {
  const gateways = await Promise.all(Array.from({ length: count }, start));
  let left = ANSWERS;
  const onAnswer = () => {
    if (--left === 0) for (const { process } of gateways) process.kill("SIGKILL");
  };
  const answered = (await Promise.all(gateways.map((gateway) => load(gateway, 16, onAnswer)))).flat();
  expect(answered.length).toBeGreaterThanOrEqual(ANSWERS);
  return answered;
}

describe("gateways that are killed", () => {
  it("have recorded every call that they answered, in the database or, while it is away, in the store", async ({
    skip,
  }) => {
    const programs = await postgresPrograms();
    if (!programs) return skip("PostgreSQL is not installed");
    const postgres = releasers.use(await startPostgres(programs));
    const start = await openBench({ DATABASE_URL: await postgres.database() });
    const answered = await killedAmidCalls(start, 2);
    const third = await start();
    expect(missing(answered, await third.recorded())).toEqual([]);

    await postgres.stop();
    const away = await Promise.all(Array.from({ length: 20 }, () => third.createKey()));
    await third.process.kill("SIGKILL");
    await postgres.start();
    const fourth = await start();
    await expect.poll(async () => missing([...answered, ...away], await fourth.recorded()), SECONDS).toEqual([]);
    const recorded = await fourth.recorded();
    expect(recorded.filter((id) => away.includes(id)).sort()).toEqual(away.sort());
  });

  it("have recorded them in a folder's database, too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-pglite-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const start = await openBench({ GATEWAY_DATABASE: folder });
    const answered = await killedAmidCalls(start, 1);
    expect(missing(answered, await (await start()).recorded())).toEqual([]);
  });
});
