import { headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { startNatsServer } from "./server.js";
import { openStream } from "./stream.js";
import { RefusedError } from "./stream-writer.js";

const releasers = new Releasers();
const nothing = new Uint8Array();
let url: string;

async function open() {
  const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
  return openStream(connection, { maxBytes: 1 << 20 });
}

const named = (id: string) => {
  const named = headers();
  named.set("Nats-Msg-Id", id);
  return named;
};

beforeAll(async () => {
  ({ url } = releasers.use(await startNatsServer()));
});
afterAll(() => releasers.close());

it("returns each message's position, whether it was a duplicate, and why it is refused", async () => {
  const { writer, connection, manager } = await open();
  const ids = ["a", "b", "a", "c"];
  const written = await Promise.all(ids.map((id) => writer.write("polyreel.clip.ready.b1", nothing, named(id))));
  expect(written.map(({ duplicate }) => duplicate)).toEqual([false, false, true, false]);
  expect(written.map(({ seq }) => seq)).toEqual([1, 2, 1, 3]);
  expect((await manager.streams.info("POLYREEL")).state.messages).toBe(3);

  const expecting = headers();
  expecting.set("Nats-Expected-Last-Subject-Sequence", "1");
  const refused = await writer.write("polyreel.clip.ready.b1", nothing, expecting).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RefusedError);
  expect(refused).toMatchObject({ code: 10071 });
  await expect(writer.write("elsewhere", nothing, headers())).rejects.toThrow("There is no stream.");
  await connection.drain();
});

it("rejects pending messages when the connection closes", async () => {
  const { writer, connection } = await open();
  const waiting = writer.write("polyreel.clip.ready.b1", nothing, headers());
  await Promise.all([expect(waiting).rejects.toThrow(), connection.close()]);
  await expect(writer.write("polyreel.clip.ready.b1", nothing, headers())).rejects.toThrow();
});
