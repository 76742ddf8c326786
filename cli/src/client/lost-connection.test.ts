import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { ProblemsError } from "../problem.js";
import { putRemotely } from "../sources/put-remote.js";
import { call } from "./call.js";
import { connectTo } from "./connection.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server that handles each call's stream, or its connection, as given. */
async function startServer(handle: (stream: http2.ServerHttp2Stream, sockets: Set<Socket>) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = http2.createServer();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("session", (session) => session.on("error", () => {}));
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    handle(stream, sockets);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const problemsOf = (call: Promise<unknown>): Promise<ProblemsError> =>
  call.then(
    () => expect.fail("it was answered"),
    (error: unknown) => (error instanceof ProblemsError ? error : expect.fail(String(error))),
  );

const ENDS: [string, (stream: http2.ServerHttp2Stream, sockets: Set<Socket>) => void][] = [
  [
    "dies",
    (_, sockets) =>
      setTimeout(() => {
        for (const socket of sockets) socket.resetAndDestroy();
      }, 50),
  ],
  [
    "closes the connection",
    (_, sockets) =>
      setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 50),
  ],
  ["ends its session at once", (stream) => setTimeout(() => stream.session?.destroy(), 50)],
  ["cuts the call", (stream) => setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), 50)],
  ["fails inside", (stream) => setTimeout(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 50)],
];

it.each(ENDS)("explains that the server %s during an upload or before its response", async (_, handle) => {
  const url = await startServer(handle);
  const connection = connectTo(url);
  ends.push(() => connection.close());
  const folder = await mkdtemp(join(tmpdir(), "polyreel-upload-"));
  ends.push(() => rm(folder, { recursive: true }));
  const path = join(folder, "a.mp4");
  await writeFile(path, Buffer.alloc(8 << 20));
  const file = { path, sha256: "a".repeat(64), sizeBytes: 8 << 20 };
  const { signal } = new AbortController();
  const upload = await problemsOf(putRemotely(connection, "")(file as never, signal));
  const unary = await problemsOf(call(connection, connection.batches.listBatches({})));
  for (const { problems } of [upload, unary]) {
    expect(problems[0]?.what).toBe(`The server at ${url} closed the connection before it had answered.`);
    expect(problems[0]?.remedy).toMatch(/its log/);
  }
});
