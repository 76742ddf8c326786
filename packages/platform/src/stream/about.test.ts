import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { VERSION } from "../version.js";
import { connectNats, type NatsConnection } from "./connection.js";
import { followFacts } from "./follow.js";
import { startNatsServer } from "./server.js";
import { type EventStream, openStream } from "./stream.js";

// What operators see of streams and consumers.

const KEPT_MS = 1_000;
const releasers = new Releasers();
let url: string;
let observer: EventStream;
/** Streams that were updated. */
const updates: string[] = [];

async function connected(name: string): Promise<NatsConnection> {
  const connection = await connectNats({ url, name, log: createLog("test", "silent") });
  releasers.add(() => connection.close());
  return connection;
}
const open = async (name = "gateway") =>
  await openStream(await connected(name), { maxBytes: 1 << 20, readersKeptMs: KEPT_MS });

beforeAll(async () => {
  ({ url } = releasers.use(await startNatsServer()));
  observer = await open();
  observer.connection.subscribe("$JS.API.STREAM.UPDATE.*", {
    callback: (_, { subject }) => void updates.push(subject.split(".").at(-1) ?? ""),
  });
});
afterAll(() => releasers.close());

it("describes streams, with metadata where the server has it", async () => {
  const [, minor] = observer.connection.info?.version.split(".").map(Number) ?? [];
  for (const [name, description] of [
    ["POLYREEL", "Facts of Polyreel, format 1"],
    ["KV_polyreel-leases", "Leases of Polyreel: which process does what only one may do"],
    ["KV_polyreel-tries", "Failed attempts of Polyreel's stages at messages"],
  ] as const) {
    const { config } = await observer.manager.streams.info(name);
    expect(config.description).toBe(description);
    const metadata = { "polyreel.service": "gateway", "polyreel.version": VERSION };
    if (Number(minor) >= 10) expect(config.metadata).toMatchObject(metadata);
    else expect(config.metadata).toBeUndefined();
  }
});

it("updates streams of another release once, and those of this one never", async () => {
  updates.length = 0;
  await open();
  expect(updates).toEqual([]);
  await observer.manager.streams.update("KV_polyreel-tries", { description: "" });
  await observer.manager.streams.update("POLYREEL", { description: "" });
  updates.length = 0;
  await open();
  expect(updates.sort()).toEqual(["KV_polyreel-tries", "POLYREEL"]);
});

it("names readers after their service, and leaves none of one that is gone", async () => {
  const { connection, ...reading } = await open("planner");
  const stop = new AbortController();
  void followFacts({ connection, ...reading }, { subject: "polyreel.*.*.*", signal: stop.signal }).next();
  const readers = async () => {
    const names: string[] = [];
    for await (const { name } of observer.manager.consumers.list("POLYREEL")) names.push(name);
    return names;
  };
  await expect.poll(readers).toEqual([expect.stringMatching(/^reader-planner-/)]);
  await sleep(2 * KEPT_MS);
  expect(await readers()).toHaveLength(1); // It waits, and is alive.
  await connection.close(); // As if killed: it removes nothing.
  stop.abort();
  await expect.poll(readers, { timeout: 10_000 }).toEqual([]);
});
