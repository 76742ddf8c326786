import type { Releasers } from "../../lifecycle.js";
import { createLog } from "../../runtime/log.js";
import { connectNats } from "../connection.js";
import { startNatsServer } from "../server.js";
import { type EventStream, openStream } from "../stream.js";

/** The stream of facts on a private nats-server. `releasers` closes both. */
export async function openPrivateStream(releasers: Releasers): Promise<EventStream> {
  const { url } = releasers.use(await startNatsServer());
  const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
  releasers.add(() => connection.close());
  return openStream(connection, { maxBytes: 64 << 20 });
}
