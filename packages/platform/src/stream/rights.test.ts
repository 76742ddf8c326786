import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { followMessages } from "./follow.js";
import { openLeases } from "./lease.js";
import { createPublisher } from "./publisher.js";
import { type NatsServer, startNatsServer } from "./server.js";
import { openStream } from "./stream.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

let releasers = new Releasers();
afterEach(async () => {
  await releasers.close();
  releasers = new Releasers();
});

/** A server whose user may do everything except what is denied. */
async function serverThatDenies(permissions: string): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-rights-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "nats.conf");
  await writeFile(file, `authorization { users: [ { user: u, password: p, permissions: { ${permissions} } } ] }`);
  return releasers.use(await startNatsServer({ cluster: ["-c", file] }));
}

async function connected(permissions: string) {
  const { url } = await serverThatDenies(permissions);
  const lines: { level: string; message: string; subject?: string }[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const connection = await connectNats({ url: url.replace("://", "://u:p@"), name: "test", log });
  releasers.add(() => connection.close());
  return { connection, lines };
}

const opened = async (permissions: string) => {
  const { connection, lines } = await connected(permissions);
  return { stream: await openStream(connection, { maxBytes: 1 << 20 }), connection, lines };
};

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => error,
  );

it("names the subject of a fact that may not be published, at once, and logs it once", async () => {
  const { stream, lines } = await opened('publish: { deny: ["polyreel.batch.>"] }');
  const publisher = createPublisher(stream);
  const began = Date.now();
  for (const batchId of ["b1", "b2"]) {
    expect(await refusalOf(publisher.publish("batch.planned", { batchId }, { id: "plan" }))).toMatchObject({
      code: "unavailable",
      failure: {
        reason: `The NATS server does not let this service's user (u) publish to "polyreel.batch.planned.${batchId}".`,
        remedy: expect.stringContaining("permissions"),
      },
    });
  }
  expect(Date.now() - began).toBeLessThan(4000); // Otherwise it would wait 5 s for an answer.
  const refused = () => lines.filter(({ level }) => level === "error");
  await expect.poll(() => refused().length, PATIENT).toBe(1);
  expect(refused()[0]?.subject).toMatch(/^polyreel\.batch\.planned\./);
  // Others are accepted as before.
  await publisher.publish("combination.failed", { batchId: "b1", combinationId: "c" }, { id: "c" });
});

it("logs the subject of a refused subscription", async () => {
  const { connection, lines } = await opened('subscribe: { deny: ["polyreel.progress.>"] }');
  connection.subscribe("polyreel.progress.b1", { callback: () => {} });
  await expect
    .poll(() => lines.map(({ message }) => message), PATIENT)
    .toContainEqual(`The NATS server does not let this service's user (u) subscribe to "polyreel.progress.b1".`);
});

it.each([
  ["ask for the stream", 'publish: { deny: ["$JS.API.>"] }', /publish to "\$JS\.API\./],
  ["hear the answers", 'subscribe: { deny: ["_INBOX.>"] }', /subscribe to "_INBOX\./],
])("names what is refused if it may not %s", async (_, permissions, reason) => {
  const { connection } = await connected(permissions);
  expect(await refusalOf(openStream(connection, { maxBytes: 1 << 20 }))).toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringMatching(reason) },
  });
});

it.each([
  [
    "create a reader",
    'publish: { deny: ["$JS.API.CONSUMER.CREATE.>"] }',
    /publish to "\$JS\.API\.CONSUMER\.CREATE\.POLYREEL\./,
  ],
  [
    "read a message",
    'publish: { deny: ["$JS.API.STREAM.MSG.GET.>"] }',
    /publish to "\$JS\.API\.STREAM\.MSG\.GET\.POLYREEL"/,
  ],
])("does not wait for facts that it may not read: %s", async (_, permissions, reason) => {
  const { stream } = await opened(permissions);
  const signal = AbortSignal.timeout(15_000);
  const reading = async () => {
    for await (const { pending } of followMessages(stream, { subject: "polyreel.batch.*.*", signal })) {
      expect(pending).toBe(0);
    }
  };
  expect(await refusalOf(reading())).toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringMatching(reason) },
  });
});

it("names what is refused of a bucket", async () => {
  const { stream } = await opened('publish: { deny: ["$KV.polyreel-leases.>"] }');
  const leases = await openLeases(stream);
  expect(await refusalOf(leases.tryHold("part", async () => {}))).toMatchObject({
    failure: { reason: expect.stringContaining('publish to "$KV.polyreel-leases.part"') },
  });
});
