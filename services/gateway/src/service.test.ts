import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService, BatchService, BatchState, STREAM } from "@polyreel/contract";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@polyreel/contract/grpc/health/v1/health_pb.js";
import { Releasers } from "@polyreel/platform";
import { readStoreConfig } from "@polyreel/platform/runtime";
import { lastFact } from "@polyreel/platform/stream";
import { needs } from "@polyreel/platform/testing";
import { afterEach, describe, expect, it } from "vitest";
import { readConfig } from "./config.js";
import { postgresPrograms, startPostgres } from "./read-model/testing/private-postgres.js";
import { startGateway } from "./service.js";
import { runGateway } from "./testing/running-gateway.js";
import { sampleBatch } from "./testing/sample-batch.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

const programs = await postgresPrograms();

let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

const batchesAt = (baseUrl: string) => createClient(BatchService, createGrpcTransport({ baseUrl }));
const healthAt = (baseUrl: string) => createClient(Health, createGrpcTransport({ baseUrl }));
const codeOf = (call: Promise<unknown>): Promise<Code | "answered"> =>
  call.then(
    () => "answered" as const,
    (error: unknown) => ConnectError.from(error).code,
  );

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("a gateway on shutdown", () => {
  it("ends watching calls with UNAVAILABLE, reports its health, and exits cleanly on SIGTERM", async () => {
    const other = releasers.use(await runGateway());
    const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
    const env = {
      ...process.env,
      NATS_URL: other.nats.url,
      POLYREEL_STORE: other.config.store.address,
      GATEWAY_PORT: "0",
    };
    const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
    releasers.add(() => child.kill("SIGKILL"));
    let url = "";
    for await (const line of createInterface({ input: child.stdout })) {
      const { message, port } = JSON.parse(line) as { message: string; port?: number };
      if (!message.startsWith("listening on")) continue;
      url = `http://127.0.0.1:${port}`;
      break;
    }
    child.stdout.resume();

    const { batch } = await batchesAt(url).submitBatch({ batch: sampleBatch() });
    const watching = batchesAt(url)
      .watchBatch({ batchId: batch?.batchId ?? "" })
      [Symbol.asyncIterator]();
    const health = healthAt(url).watch({})[Symbol.asyncIterator]();
    expect((await watching.next()).value).toMatchObject({ update: { case: "batchSubmitted" } });
    expect((await health.next()).value).toMatchObject({ status: Status.SERVING });

    const began = Date.now();
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const error = await watching.next().then(
      () => expect.fail("the watch went on"),
      (thrown: unknown) => ConnectError.from(thrown),
    );
    expect(error.code).toBe(Code.Unavailable);
    expect(error.rawMessage).toContain("after_sequence");
    expect(await health.next().then(({ value }) => value)).toMatchObject({ status: Status.NOT_SERVING });
    expect(await codeOf(health.next())).toBe(Code.Unavailable);
    expect(await exited).toEqual([0, null]);
    expect(Date.now() - began).toBeLessThan(9000); // Its grace time would be 10 s.
  });

  it("leaves the batch to the next one, which knows it completely", async () => {
    const first = releasers.use(await runGateway());
    const requestId = "r1";
    const { batch } = await batchesAt(first.url).submitBatch({ batch: sampleBatch(), requestId });
    const batchId = batch?.batchId ?? "";
    await first.platform.publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
    await first.closeGateway();
    await first.platform.publisher.publish("combination.failed", { batchId, combinationId: "c" }, { id: "c" });

    const next = releasers.use(await startGateway(first.config));
    const client = batchesAt(`http://127.0.0.1:${next.port}`);
    // Including the finished fact, which nobody had published yet.
    await expect.poll(async () => (await client.getBatch({ batchId })).batch?.state, PATIENT).toBe(BatchState.FINISHED);
    expect((await client.submitBatch({ batch: sampleBatch(), requestId })).batch).toMatchObject({
      batchId,
      combinations: { total: 1n, failed: 1n },
    });
    const finished = await lastFact(first.platform.stream, "batch.finished", batchId);
    const submitted = await lastFact(first.platform.stream, "batch.submitted", batchId);
    expect(finished?.fact).toMatchObject({ delivered: 0n, failed: 1n });
    expect(finished?.traceparent.split("-")[1]).toBe(submitted?.traceparent.split("-")[1]);
  });
});

describe("a gateway with a database", () => {
  it("still knows what the stream no longer has, and continues from there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-gateway-database-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const first = releasers.use(await runGateway({ databaseFolder: folder }));
    const { batch } = await batchesAt(first.url).submitBatch({ batch: sampleBatch({ name: "kept" }) });
    const batchId = batch?.batchId ?? "";
    await first.closeGateway();
    await first.platform.stream.manager.streams.purge(STREAM);
    await first.platform.publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });

    const next = releasers.use(await startGateway(first.config));
    const client = batchesAt(`http://127.0.0.1:${next.port}`);
    expect((await client.listBatches({})).batches).toMatchObject([
      { batchId, name: "kept", state: BatchState.RUNNING, combinations: { total: 1n } },
    ]);
    expect(await client.getStats({})).toMatchObject({ batches: { running: 1n }, queued: { joins: 0n } });
  });
});

describe("a rebuild of the read model", () => {
  it("restores the same state, and publishes no end twice", async () => {
    const gateway = releasers.use(await runGateway());
    const client = batchesAt(gateway.url);
    const { publisher, stream } = gateway.platform;
    const batchIds: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { batch } = await client.submitBatch({ batch: sampleBatch() });
      const batchId = batch?.batchId ?? "";
      batchIds.push(batchId);
      await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
      await publisher.publish("combination.failed", { batchId, combinationId: "c" }, { id: "c" });
    }
    const states = async () => (await client.listBatches({})).batches;
    const finished = () => states().then((all) => all.every(({ state }) => state === BatchState.FINISHED));
    await expect.poll(finished, PATIENT).toBe(true);
    const before = await states();

    const admin = createClient(AdminService, createGrpcTransport({ baseUrl: gateway.url }));
    const steps: { sequence: bigint; lastSequence: bigint }[] = [];
    for await (const progress of admin.rebuildReadModel({})) steps.push(progress);
    const { state } = await stream.manager.streams.info(STREAM, { subjects_filter: "polyreel.batch.finished.*" });
    expect(steps.at(-1)).toMatchObject({ sequence: BigInt(state.last_seq), lastSequence: BigInt(state.last_seq) });
    expect(await states()).toEqual(before);
    expect(Object.values(state.subjects ?? {})).toEqual([1, 1, 1]);
    expect((await client.listCombinations({ batchId: batchIds[0] ?? "" })).combinations).toHaveLength(1);
  });
});

describe("a gateway without its event stream", () => {
  it("refuses at once, reports its health, and continues when the stream is back", async () => {
    const folder = await mkdtemp(join(tmpdir(), "polyreel-gateway-nats-"));
    releasers.add(() => rm(folder, { recursive: true, force: true }));
    const natsPort = await freePort();
    const startNats = () => {
      const child = spawn("nats-server", ["-js", "-a", "127.0.0.1", "-p", String(natsPort), "-sd", folder], {
        stdio: "ignore",
      });
      releasers.add(() => child.kill("SIGKILL"));
      return child;
    };
    let nats = startNats();
    const natsUrl = `nats://127.0.0.1:${natsPort}`;
    const gateway = await runGateway({ natsUrl, store: readStoreConfig({ POLYREEL_STORE: join(folder, "store") }) });
    // Closed while its stream is available, before nats-server.
    let client = batchesAt(gateway.url);
    try {
      const { batch } = await client.submitBatch({ batch: sampleBatch() });
      const batchId = batch?.batchId ?? "";
      const watching = client.watchBatch({ batchId })[Symbol.asyncIterator]();
      await watching.next();

      nats.kill("SIGKILL");
      await once(nats, "exit");
      await expect.poll(async () => (await healthAt(gateway.url).check({})).status, PATIENT).toBe(Status.NOT_SERVING);
      const began = Date.now();
      expect(await codeOf(client.submitBatch({ batch: sampleBatch() }))).toBe(Code.Unavailable);
      expect(Date.now() - began).toBeLessThan(2000);
      expect(await codeOf(client.getBatch({ batchId }))).toBe("answered");

      nats = startNats();
      await expect.poll(async () => (await healthAt(gateway.url).check({})).status, PATIENT).toBe(Status.SERVING);
      client = batchesAt(gateway.url);
      await expect.poll(() => codeOf(client.submitBatch({ batch: sampleBatch() })), PATIENT).toBe("answered");
      await client.cancelBatch({ batchId });
      // The existing watch continues by itself.
      const seen: (string | undefined)[] = [];
      for (let next = await watching.next(); !next.done; next = await watching.next())
        seen.push(next.value.update.case);
      expect(seen).toEqual(["batchCancelled", "batchFinished"]);
    } finally {
      await gateway.close();
    }
  });
});

describe("a gateway reachable by other machines", () => {
  it.each(["0.0.0.0", "::", "192.0.2.7"])(
    "does not start on %s without explicitly disabled authentication",
    async (host) => {
      const config = readConfig({ POLYREEL_STORE: "/nowhere", GATEWAY_HOST: host });
      await expect(startGateway(config)).rejects.toMatchObject({
        code: "invalid",
        failure: { reason: expect.stringContaining(host), remedy: expect.stringContaining("POLYREEL_AUTH=required") },
      });
    },
  );

  it("starts with POLYREEL_AUTH=none, and then answers to addresses, inner names and configured ones only", async () => {
    const { auth } = readConfig({ POLYREEL_STORE: "/s", POLYREEL_AUTH: "none" });
    const open = releasers.use(await runGateway({ host: "0.0.0.0", auth }));
    const named = releasers.use(await runGateway({ host: "0.0.0.0", auth, allowedHosts: ["studio.example"] }));
    const statusOf = async (port: number, host: string) => {
      const call = http.get({ host: "127.0.0.1", port, path: "/", headers: { host }, agent: false });
      const [response] = (await once(call, "response")) as [http.IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    for (const name of ["10.0.0.7:8080", "[fd00::1]", "gateway:8080", "gateway.render.svc.cluster.local"]) {
      expect(await statusOf(open.port, name)).toBe(200);
    }
    expect(await statusOf(open.port, "any.example")).toBe(403);
    expect(await statusOf(named.port, "studio.example:80")).toBe(200);
    expect(await statusOf(named.port, "any.example")).toBe(403);
  });
});

describe("a gateway without its PostgreSQL", needs(programs, "needs PostgreSQL"), () => {
  it("refuses at once with its name, reports its health, and continues when it is back", async () => {
    const postgres = releasers.use(await startPostgres(programs ?? ""));
    const gateway = releasers.use(await runGateway({ databaseUrl: await postgres.database() }));
    const client = batchesAt(gateway.url);
    const health = async () => (await healthAt(gateway.url).check({})).status;
    const { batch } = await client.submitBatch({ batch: sampleBatch() });
    const batchId = batch?.batchId ?? "";
    const calls = [
      () => client.getBatch({ batchId }),
      () => client.listBatches({}),
      () => client.getStats({}),
      () => client.listCombinations({ batchId }),
      () => client.submitBatch({ batch: sampleBatch() }),
      () => client.cancelBatch({ batchId }),
      () => client.deleteBatch({ batchId }),
    ];
    const refusals = () =>
      Promise.all(
        calls.map((call) =>
          call().then(
            () => "answered",
            (error: unknown) => `${Code[ConnectError.from(error).code]} ${ConnectError.from(error).rawMessage}`,
          ),
        ),
      );

    for (let round = 0; round < 2; round++) {
      // Running calls are refused with the same message.
      const asking = Promise.all(Array.from({ length: 20 }, refusals));
      await postgres.stop();
      for (const answer of (await asking).flat())
        expect(answer).toMatch(/^answered|^Unavailable .*PostgreSQL|NotFound/);
      await expect.poll(health, PATIENT).toBe(Status.NOT_SERVING);
      const began = Date.now();
      for (const answer of await refusals()) expect(answer).toMatch(/^Unavailable .*PostgreSQL/);
      const output = await fetch(`${gateway.url}/outputs/${batchId}/c`);
      expect(output.status).toBe(503);
      expect(await output.text()).toContain("PostgreSQL");
      expect(Date.now() - began).toBeLessThan(3000);

      await postgres.start();
      await expect.poll(health, PATIENT).toBe(Status.SERVING);
      const { batch: next } = await client.submitBatch({ batch: sampleBatch({ name: `round ${round}` }) });
      expect((await client.listBatches({})).batches.map((one) => one.batchId)).toContain(next?.batchId);
    }
  });
});
