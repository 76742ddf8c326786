import { once } from "node:events";
import http2 from "node:http2";
import { afterEach, expect, it } from "vitest";
import { type OnePort, openPort } from "./one-port.js";

let port: OnePort | undefined;
afterEach(() => port?.close());

const OPTIONS = {
  host: "127.0.0.1",
  port: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 100,
  stallTimeoutMs: 60_000,
  maxConcurrentStreams: 3,
  headersTimeoutMs: 60_000,
  firstCallTimeoutMs: 600_000,
  idleTimeoutMs: 600_000,
  graceMs: 600_000,
};

/** More than a client receives before it has to read. */
const BODY = Buffer.alloc(1 << 20, "answer");

it.each([
  ["could still send", "the first of many"],
  ["has sent more than is read", BODY],
])("ends a call that is answered while its client %s, with the complete response and its trailers", async (_, sent) => {
  port = await openPort((request, response) => {
    // If nothing was read at all, Node.js ends the call itself.
    request.once("readable", () => {
      request.read(5);
      response.addTrailers({ "grpc-status": "0" });
      response.end(BODY);
    });
  }, OPTIONS);
  const session = http2.connect(`http://127.0.0.1:${port.port}`);
  const call = session.request({ ":path": "/", ":method": "POST" });
  call.write(sent);
  const trailers = once(call, "trailers");
  const closed = once(call, "close");
  const answer: Buffer[] = [];
  call.on("data", (chunk: Buffer) => answer.push(chunk)); // An iterator would end the call itself.
  await once(call, "end");
  expect(Buffer.concat(answer).equals(BODY)).toBe(true);
  expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
  await closed;
  expect(call.rstCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
  // Nothing is left for the server's close to wait for: its grace time is ten minutes.
  await port.close();
});

it("lets a client end its own half if it is about to", async () => {
  port = await openPort((request, response) => {
    request.resume().once("end", () => response.end("read"));
  }, OPTIONS);
  const session = http2.connect(`http://127.0.0.1:${port.port}`);
  const call = session.request({ ":path": "/", ":method": "POST" });
  call.end(BODY);
  let body = "";
  for await (const chunk of call) body += chunk;
  expect(body).toBe("read");
  await port.close();
});
