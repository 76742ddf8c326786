import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { startNatsServer } from "./server.js";
import { openStream } from "./stream.js";

const log = createLog("test", "silent");
let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

async function connected(url: string) {
  const connection = await connectNats({ url, name: "test", log });
  releasers.add(() => connection.close());
  return connection;
}

it("opens a stream, and updates its size when opened again", async () => {
  const connection = await connected(releasers.use(await startNatsServer()).url);
  await openStream(connection, { maxBytes: 1 << 20 });
  const { manager } = await openStream(connection, { maxBytes: 2 << 20 });
  expect((await manager.streams.info("POLYREEL")).config.max_bytes).toBe(2 << 20);
});

it("states its format, and refuses that of a later release", async () => {
  const connection = await connected(releasers.use(await startNatsServer()).url);
  const { manager } = await openStream(connection, { maxBytes: 1 << 20 });
  expect((await manager.streams.info("POLYREEL")).config.description).toBe("Facts of Polyreel, format 1");
  await manager.streams.update("POLYREEL", { description: "" }); // As left by the first release.
  await openStream(connection, { maxBytes: 1 << 20 });
  await manager.streams.update("POLYREEL", { description: "Facts of Polyreel, format 2" });
  await expect(openStream(connection, { maxBytes: 1 << 20 })).rejects.toMatchObject({
    code: "precondition",
    failure: {
      reason: "The event stream POLYREEL has format 2, of a later release of Polyreel; this one reads up to 1.",
      remedy: expect.stringContaining("Run the release that wrote it"),
    },
  });
  expect((await manager.streams.info("POLYREEL")).config.description).toBe("Facts of Polyreel, format 2");
});

it("can be opened by services that start at the same time", async () => {
  const { url } = releasers.use(await startNatsServer());
  const connections = await Promise.all(Array.from({ length: 8 }, () => connected(url)));
  const opened = await Promise.all(connections.map((connection) => openStream(connection, { maxBytes: 1 << 20 })));
  expect((await opened[0]?.manager.streams.info("POLYREEL"))?.config.max_bytes).toBe(1 << 20);
});

it("names the setting if the server has no room for the stream", async () => {
  const connection = await connected(releasers.use(await startNatsServer()).url);
  const opened = openStream(connection, { maxBytes: 1e16 });
  await expect(opened).rejects.toMatchObject({
    code: "unavailable",
    failure: { remedy: expect.stringContaining("POLYREEL_STREAM_MAX_BYTES") },
  });
});

it("names the setting if a single server is configured with replicas", async () => {
  const connection = await connected(releasers.use(await startNatsServer()).url);
  await expect(openStream(connection, { maxBytes: 1 << 20, replicas: 3 })).rejects.toMatchObject({
    code: "unavailable",
    failure: { remedy: expect.stringContaining("POLYREEL_STREAM_REPLICAS") },
  });
});

it("reports a server without JetStream", async () => {
  const server = spawn("nats-server", ["-a", "127.0.0.1", "-p", "-1"], { stdio: ["ignore", "ignore", "pipe"] });
  releasers.add(async () => {
    server.kill();
    await once(server, "close");
  });
  let output = "";
  for await (const chunk of server.stderr) {
    output += chunk;
    if (output.includes("Server is ready")) break;
  }
  const [, port] = /client connections on 127\.0\.0\.1:(\d+)/.exec(output) ?? [];
  const connection = await connected(`nats://127.0.0.1:${port}`);
  await expect(openStream(connection, { maxBytes: 1 << 20 })).rejects.toMatchObject({
    code: "unavailable",
    failure: { remedy: expect.stringContaining("nats-server -js") },
  });
});
