import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../log.js";
import { connectNats } from "./connection.js";
import { type Leases, openLeases } from "./lease.js";
import { startNatsServer } from "./server.js";
import { openStream } from "./stream.js";

const releasers = new Releasers();
let ours: Leases;
let theirs: Leases;

beforeAll(async () => {
  const { url } = releasers.use(await startNatsServer());
  const open = async () => {
    const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
    releasers.add(() => connection.drain());
    return openLeases(await openStream(connection, { maxBytes: 1 << 20, ackWaitMs: 1_000 }));
  };
  [ours, theirs] = [await open(), await open()];
});
afterAll(() => releasers.close());

it("is held by one, renewed while it works, and free when it has ended, however that was", async () => {
  let end = (_error?: Error) => {};
  const working = ours.tryHold(
    "part",
    () => new Promise((resolve, reject) => (end = (e) => (e ? reject(e) : resolve()))),
  );
  await expect.poll(() => theirs.isFree("part")).toBe(false);
  expect(await theirs.tryHold("part", () => Promise.reject(new Error("was run")))).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than a lease that is not renewed
  expect(await theirs.isFree("part")).toBe(false);
  end(new Error("failed"));
  await expect(working).rejects.toThrow("failed");
  expect(await theirs.isFree("part")).toBe(true);
  const ran: string[] = [];
  expect(await theirs.tryHold("part", async () => void ran.push("theirs"))).toBe(true);
  expect(ran).toEqual(["theirs"]);
});
