import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { startNatsServer } from "./server.js";
import { openStream } from "./stream.js";
import { Operator } from "./testing/credentials.js";

const log = createLog("test", "silent");

it("uses a nats-server of an operator by a file of credentials, which refuses those of another one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-credentials-"));
  const [operator, another] = [new Operator(), new Operator()];
  const configuration = join(folder, "nats.conf");
  await writeFile(configuration, operator.configuration(join(folder, "data")));
  const nats = await startNatsServer({ configuration });
  try {
    const files = { own: join(folder, "own.creds"), foreign: join(folder, "foreign.creds") };
    await writeFile(files.own, operator.credentials("gateway"));
    await writeFile(files.foreign, another.credentials("gateway"));
    const connect = (credsFile?: string) =>
      connectNats({ url: nats.url, name: "test", log, access: credsFile ? { credsFile } : {} });
    const connection = await connect(files.own);
    const { manager } = await openStream(connection, { maxBytes: 1024 ** 2 });
    expect((await manager.getAccountInfo()).streams).toBeGreaterThan(0);
    await connection.close();
    await expect(connect(files.foreign)).rejects.toThrow(/refuses this service's user/);
    await expect(connect()).rejects.toThrow(/refuses this service's user/);
  } finally {
    await nats.close();
    await rm(folder, { recursive: true });
  }
});
