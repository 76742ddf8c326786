import { afterEach, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { openLeases } from "./lease.js";
import { startNatsServer } from "./server.js";
import { joinStream, openStream } from "./stream.js";

const PATIENT = { timeout: 10_000 };

let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

async function server() {
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line).message) });
  const { url } = releasers.use(await startNatsServer());
  const connected = async () => {
    const connection = await connectNats({ url, name: "test", log });
    releasers.add(() => connection.close());
    return connection;
  };
  return { connected, log, lines };
}

it("waits for the stream and its buckets, says what it waits for, and goes on", async () => {
  const { connected, log, lines } = await server();
  let isOpen = false;
  const joining = joinStream(await connected(), {}, log).finally(() => {
    isOpen = true;
  });
  await expect.poll(() => lines, PATIENT).toEqual(["waiting for a gateway: it declares the event stream"]);
  expect(isOpen).toBe(false);
  const began = performance.now();
  await openStream(await connected(), { maxBytes: 1 << 20, ackWaitMs: 1_500 });
  const stream = await joining;
  expect(performance.now() - began).toBeLessThan(2_500);
  expect(await (await openLeases(stream)).tryHold("part", async () => {})).toBe(true);
  // Its settings are those of the gateway.
  expect((await stream.manager.streams.info("KV_polyreel-leases")).config.max_age).toBe(1_500_000_000);
});

it("opens an existing stream at once, and changes nothing", async () => {
  const { connected, log } = await server();
  const owner = await openStream(await connected(), { maxBytes: 1 << 20 });
  const { config } = await owner.manager.streams.info("POLYREEL");
  const began = performance.now();
  const stream = await joinStream(await connected(), {}, log);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect((await stream.manager.streams.info("POLYREEL")).config).toEqual(config);
});

it("refuses the stream of a later release", async () => {
  const { connected, log } = await server();
  const { manager } = await openStream(await connected(), { maxBytes: 1 << 20 });
  await manager.streams.update("POLYREEL", { description: "Facts of Polyreel, format 2" });
  await expect(joinStream(await connected(), {}, log)).rejects.toMatchObject({ code: "precondition" });
});
