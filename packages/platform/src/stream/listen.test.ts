import { create, toBinary } from "@bufbuild/protobuf";
import { ProgressSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { composed } from "../lifecycle.js";
import { createLog } from "../runtime/log.js";
import { connectNats } from "./connection.js";
import { listen } from "./listen.js";
import { startNatsServer } from "./server.js";

it("skips unreadable messages, and keeps receiving", async () => {
  const releasers = await composed(async (all) => {
    const { url } = all.use(await startNatsServer());
    const connection = await connectNats({ url, name: "test", log: createLog("test", "silent") });
    all.add(() => connection.drain());
    const received: string[] = [];
    const stop = listen(connection, "progress", ProgressSchema, ({ id }) => received.push(id));
    const publish = (id: string) =>
      connection.publish("progress", toBinary(ProgressSchema, create(ProgressSchema, { id })));
    connection.publish("progress", Uint8Array.of(0xff, 0xff, 0xff));
    publish("one");
    await expect.poll(() => received).toEqual(["one"]);
    stop();
    publish("two");
    await connection.flush();
    expect(received).toEqual(["one"]);
    return all;
  });
  await releasers.close();
});
