import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, type NatsConnection, startNatsServer } from "@polyreel/platform/stream";
import { writeNatsConfig } from "../write-nats-config.js";

interface Options {
  readonly jobs?: readonly string[];
  readonly tls?: boolean;
  /** Changes the folder before the server reads it. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/** A nats-server under the written configuration. */
export async function startWithUsers({ jobs = [], tls = false, prepare }: Options = {}) {
  const releasers = new Releasers();
  const folder = await mkdtemp(join(tmpdir(), "polyreel-nats-users-"));
  releasers.add(() => rm(folder, { recursive: true, force: true }));
  const options = { out: folder, at: folder, jobs, tls, hosts: ["localhost", "127.0.0.1"], now: new Date() };
  const { users } = await writeNatsConfig(options);
  await prepare?.(folder);
  const server = releasers.use(await startNatsServer({ configuration: join(folder, "nats-server.conf") }));
  const lines: Record<string, unknown>[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const filesOf = (user: string) => ({
    nkeyFile: join(folder, `users/${user}.nk`),
    ...(tls && {
      caFile: join(folder, "tls/ca.pem"),
      certFile: join(folder, `tls/${user}.pem`),
      keyFile: join(folder, `tls/${user}-key.pem`),
    }),
  });
  return {
    folder,
    users,
    server,
    lines,
    filesOf,
    /** Writes the configuration again, and has the server read it. */
    reload: async () => {
      await writeNatsConfig(options);
      process.kill(server.pid, "SIGHUP");
    },
    connect: async (user: string, access: object = filesOf(user), url = server.url): Promise<NatsConnection> => {
      const connection = await connectNats({ url, access, name: user, inboxPrefix: `_INBOX_${user}`, log });
      releasers.add(() => connection.close());
      return connection;
    },
    close: () => releasers.close(),
  };
}

export type NatsUsers = Awaited<ReturnType<typeof startWithUsers>>;
