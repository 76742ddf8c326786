import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { closeConnection, connectNats } from "./connection.js";
import { keepNatsServer, type ServerEvent } from "./keep-server.js";
import { createPublisher } from "./publisher.js";
import { openStream } from "./stream.js";

const log = createLog("test", "silent");

let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

async function keep() {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-keep-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const events: ServerEvent[] = [];
  const server = releasers.use(await keepNatsServer({ folder, onEvent: (event) => void events.push(event) }));
  const restarts = () => events.filter(({ kind }) => kind === "restarted").length;
  return { server, events, restarts };
}

it("restarts a killed server with the same address and data, and clients reconnect", { timeout: 30_000 }, async () => {
  const { server, events, restarts } = await keep();
  const connection = await connectNats({ url: server.url, name: "test", log });
  releasers.add(() => closeConnection(connection));
  const stream = await openStream(connection, { maxBytes: 64 << 20 });
  const publisher = createPublisher(stream);
  const before = await publisher.publish("batch.planned", { batchId: "b1" }, { id: "before" });

  const first = server.pid;
  process.kill(first, "SIGKILL");
  await expect.poll(restarts, { timeout: 15_000 }).toBe(1);
  expect(events).toMatchObject([{ kind: "ended", how: "signal SIGKILL" }, { kind: "restarted" }]);
  expect(server.pid).not.toBe(first);
  await expect.poll(() => stream.broker.there, { timeout: 15_000 }).toBe(true);
  const after = await publisher.publish("batch.planned", { batchId: "b1" }, { id: "after" });
  expect(after.seq).toBe(before.seq + 1);
});

it("gives up on a server that keeps ending, and reports it", { timeout: 60_000 }, async () => {
  const { server, restarts } = await keep();
  for (let kills = 0; kills < 5; kills++) {
    process.kill(server.pid, "SIGKILL");
    await expect.poll(restarts, { timeout: 15_000 }).toBe(kills + 1);
  }
  process.kill(server.pid, "SIGKILL");
  const error = await server.failed;
  expect(error).toMatchObject({ code: "unavailable" });
  expect(error.message).toBe(
    "nats-server keeps ending: it was started again 5 times in a minute (last: signal SIGKILL).",
  );
  expect(restarts()).toBe(5);
});

it("can be closed between an end and the next start", async () => {
  const { server, events } = await keep();
  process.kill(server.pid, "SIGKILL");
  await expect.poll(() => events.length).toBe(1);
  await server.close();
  expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
  expect(events).toHaveLength(1);
});
