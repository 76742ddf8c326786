import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { ScriptProcess } from "../process/testing/script-process.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { type Lease, type Leases, openLeases } from "./lease.js";
import { startNatsServer } from "./server.js";
import { openStream } from "./stream.js";

const releasers = new Releasers();
let ours: Leases;
let theirs: Leases;
let url: string;

beforeAll(async () => {
  ({ url } = releasers.use(await startNatsServer()));
  const open = async () => {
    const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
    releasers.add(() => connection.drain());
    return openLeases(await openStream(connection, { maxBytes: 1 << 20, ackWaitMs: 1_000 }));
  };
  [ours, theirs] = [await open(), await open()];
});
afterAll(() => releasers.close());

it("has one holder, is renewed during its work, and released at its end in any case", async () => {
  let end = (_error?: Error) => {};
  const working = ours.tryHold(
    "part",
    () => new Promise((resolve, reject) => (end = (e) => (e ? reject(e) : resolve()))),
  );
  await expect.poll(() => theirs.isFree("part")).toBe(false);
  expect(await theirs.tryHold("part", () => Promise.reject(new Error("was run")))).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // Longer than a lease lasts without renewal.
  expect(await theirs.isFree("part")).toBe(false);
  end(new Error("failed"));
  await expect(working).rejects.toThrow("failed");
  expect(await theirs.isFree("part")).toBe(true);
  const ran: string[] = [];
  expect(await theirs.tryHold("part", async () => void ran.push("theirs"))).toBe(true);
  expect(ran).toEqual(["theirs"]);
});

it("changes its duration if opened with another one", async () => {
  const server = releasers.use(await startNatsServer());
  const connection = await connectNats({ url: server.url, name: "test", log: createLog("test", "silent") });
  releasers.add(() => connection.close());
  for (const ackWaitMs of [20_000, 1_000, 300_000]) {
    const leases = await openLeases(await openStream(connection, { maxBytes: 1 << 20, ackWaitMs }));
    expect(await leases.tryHold("part", async () => {})).toBe(true);
  }
});

/** A process that holds the lease "stopped", and continues when a line is written to it; prints its steps. */
const holding = (url: string) => `
  import { connectNats } from "@polyreel/platform/stream";
  import { openLeases } from "@polyreel/platform/stream";
  import { openStream } from "@polyreel/platform/stream";
  import { createLog } from "@polyreel/platform/runtime";
  const connection = await connectNats({ url: "${url}", name: "test", log: createLog("test", "silent") });
  const leases = await openLeases(await openStream(connection, { maxBytes: 1 << 20, ackWaitMs: 1_000 }));
  await leases.tryHold("stopped", async (lease) => {
    await lease.assertHeld();
    console.log("held");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    await lease.assertHeld().then(() => console.log("still held"), (error) => console.log(error.code));
  });
  console.log("ended");
  await connection.drain();
`;

it("is not reclaimed, renewed or released by a holder that was paused beyond its expiry", async () => {
  await using holder = ScriptProcess.start(holding(url));
  expect(await holder.line()).toBe("held");
  holder.child.kill("SIGSTOP");
  let end = () => {};
  let next: Lease | undefined;
  let working: Promise<boolean> = Promise.resolve(false);
  const began = async () => {
    working = ours.tryHold("stopped", (lease) => {
      next = lease;
      return new Promise((resolve) => (end = resolve));
    });
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 100))]);
    return next !== undefined;
  };
  await expect.poll(began, { timeout: 20_000 }).toBe(true);
  holder.child.kill("SIGCONT");
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // It renews what it assumes to hold.
  await next?.assertHeld();
  holder.child.stdin?.write("go on\n");
  expect(await holder.line()).toBe("unavailable");
  expect(await holder.line()).toBe("ended");
  await next?.assertHeld();
  expect(await theirs.isFree("stopped")).toBe(false);
  end();
  expect(await working).toBe(true);
  expect(await theirs.isFree("stopped")).toBe(true);
});
