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
    const heard: string[] = [];
    const stop = listen(connection, "progress", ProgressSchema, ({ id }) => heard.push(id));
    const say = (id: string) =>
      connection.publish("progress", toBinary(ProgressSchema, create(ProgressSchema, { id })));
    connection.publish("progress", Uint8Array.of(0xff, 0xff, 0xff));
    say("one");
    await expect.poll(() => heard).toEqual(["one"]);
    stop();
    say("two");
    await connection.flush();
    expect(heard).toEqual(["one"]);
    return all;
  });
  await releasers.close();
});
