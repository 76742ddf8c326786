import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createLog } from "../runtime/log.js";
import { closeConnection, connectNats } from "./connection.js";
import { startNatsServer } from "./server.js";
import { natsServers } from "./servers.js";

it.each([
  ["nats://127.0.0.1:4222", { servers: ["127.0.0.1:4222"] }],
  ["one, nats://two:4333", { servers: ["one:4222", "two:4333"] }],
  ["nats://[::1]:4222", { servers: ["[::1]:4222"] }],
  ["nats://me:12345@host", { servers: ["host:4222"], user: "me", pass: "12345" }],
  ["nats://me:a%40b%2F@one,two:4223", { servers: ["one:4222", "two:4223"], user: "me", pass: "a@b/" }],
  ["nats://a-token@host", { servers: ["host:4222"], token: "a-token" }],
  ["tls://me:you@host", { servers: ["host:4222"], user: "me", pass: "you", tls: {} }],
])("reads %s", (url, expected) => {
  expect(natsServers(url)).toEqual(expected);
});

it.each([
  "",
  "nats://me:secret@host:port",
  "nats://me:sec/ret@host",
  "http://me:secret@host",
  "nats://me:secret%@host",
  "nats://me:secret@",
  "nats://me:secret@one,nats://me:secrets@two",
])("refuses %j without repeating any of it", (url) => {
  const refuse = () => natsServers(url);
  expect(refuse).toThrow(expect.objectContaining({ code: "invalid" }));
  expect(refuse).not.toThrow(/sec|ret/);
});

it("authenticates with the credentials in NATS_URL", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-servers-"));
  const settings = join(folder, "nats.conf");
  await writeFile(settings, `authorization {user: me, password: "a@b/1"}\n`);
  const server = await startNatsServer({ cluster: ["-c", settings] });
  const connect = (credentials: string) =>
    connectNats({
      url: server.url.replace("//", `//${credentials}@`),
      name: "test",
      log: createLog("test", "silent"),
      patienceSeconds: 0,
    });
  try {
    const connection = await connect("me:a%40b%2F1");
    await connection.flush();
    await closeConnection(connection);
    await expect(connect("me:else")).rejects.toMatchObject({ code: "precondition" });
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
});
