import { once } from "node:events";
import http from "node:http";
import type http2 from "node:http2";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService } from "@polyreel/contract";
import { afterEach, describe, expect, it } from "vitest";
import { runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";
import { type Handler, type OnePort, openPort, type PortOptions } from "./one-port.js";
import {
  CALLS,
  CONNECTIONS,
  call2,
  connect,
  EMPTY_SETTINGS,
  endAll,
  endLater,
  PREFACE,
  session,
  UNARY,
  UPLOAD,
} from "./testing/raw-connections.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

let port: OnePort | undefined;
afterEach(async () => {
  endAll();
  await port?.close();
  port = undefined;
});

async function open(handler: Handler, options: Partial<PortOptions> = {}): Promise<number> {
  port = await openPort(handler, {
    host: "127.0.0.1",
    port: 0,
    maxConnections: 100,
    maxConnectionsPerAddress: 100,
    stallTimeoutMs: 60_000,
    maxConcurrentStreams: 100,
    headersTimeoutMs: 60_000,
    firstCallTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
    graceMs: 500,
    ...options,
  });
  return port.port;
}

/** Closing the port waits for all remaining connections; its grace time would be a minute. */
async function nothingIsLeft(): Promise<void> {
  const began = Date.now();
  await port?.close();
  port = undefined;
  expect(Date.now() - began).toBeLessThan(5000);
}

describe("a gateway that is held to silent connections", () => {
  it.each([
    ["1,000 calls from other addresses", CALLS, (i: number) => `127.0.0.${2 + (i % 8)}`],
    ["1,000 calls from the address of others who call", CALLS, () => "127.0.0.1"],
    ["1,000 connections from other addresses", CONNECTIONS, (i: number) => `127.0.0.${2 + (i % 8)}`],
    ["1,000 connections from the address of others who call", CONNECTIONS, () => "127.0.0.1"],
  ])("answers within a second: %s", async (_, kinds, from) => {
    const gateway = await runGateway();
    try {
      const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
      const { batch } = await client.submitBatch({ batch: sampleBatch() });
      const batchId = batch?.batchId ?? "";
      const watching = client.watchBatch({ batchId })[Symbol.asyncIterator]();
      await watching.next();

      const settled: Promise<unknown>[] = [];
      for (let i = 0; i < 1000; i++) {
        const socket = kinds[i % kinds.length]?.(gateway.port, from(i));
        if (socket)
          settled.push(
            Promise.race(["connect", "close"].map((event) => new Promise((resolve) => socket.once(event, resolve)))),
          );
      }
      await Promise.all(settled);
      await sleep(1000);
      const over2 = async () => {
        const began = Date.now();
        const fresh = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
        await fresh.getBatch({ batchId }, { timeoutMs: 3000 });
        return Date.now() - began;
      };
      const over1 = async () => {
        const began = Date.now();
        const call = http.get({ host: "127.0.0.1", port: gateway.port, path: "/", agent: false, timeout: 3000 });
        const [answer] = (await once(call, "response")) as [http.IncomingMessage];
        answer.resume();
        return Date.now() - began;
      };
      // On a busy machine the first response may take longer. Nothing times out that soon.
      await expect.poll(over2, { timeout: 8000 }).toBeLessThan(1000);
      await expect.poll(over1, { timeout: 8000 }).toBeLessThan(1000);
      // An idle watch is no silent client: it waits for the server.
      await client.cancelBatch({ batchId });
      expect(await watching.next()).toMatchObject({ value: { update: { case: "batchCancelled" } } });
    } finally {
      endAll();
      await gateway.close();
    }
  });
});

describe("a gateway whose clients fall silent", () => {
  it("ends their calls with an explanation, over each protocol, and keeps an idle watch", async () => {
    const gateway = await runGateway({ stallSeconds: 1 });
    try {
      const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
      const { batch } = await client.submitBatch({ batch: sampleBatch() });
      const batchId = batch?.batchId ?? "";
      const watching = client.watchBatch({ batchId })[Symbol.asyncIterator]();
      await watching.next();
      const next = watching.next();
      const began = Date.now();

      const grpc = async (path: string, body: string) => {
        const call = call2(session(gateway.port), path, "application/grpc");
        if (body) call.write(body);
        call.resume();
        const headers = once(call, "response").then(([received]) => received as http2.IncomingHttpHeaders);
        const trailers = once(call, "trailers").then(([received]) => received as http2.IncomingHttpHeaders);
        const { "grpc-status": status, "grpc-message": message } = await Promise.race([
          trailers,
          headers.then((received) => (received["grpc-status"] ? received : trailers)),
        ]);
        return { status, message: decodeURIComponent(String(message)) };
      };
      const connect1 = async () => {
        const socket = connect(gateway.port);
        socket.write(
          `POST ${UNARY} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
        );
        return String((await once(socket, "data"))[0]);
      };
      const [unary, upload, json] = await Promise.all([grpc(UNARY, "\0"), grpc(UPLOAD, ""), connect1()]);
      for (const refused of [unary, upload]) {
        expect(refused).toMatchObject({ status: "4", message: expect.stringContaining("stopped before its end") });
      }
      expect(json).toMatch(/^HTTP\/1\.1 504/);
      expect(json).toContain("stopped before its end");

      await sleep(Math.max(0, 4000 - (Date.now() - began)));
      await client.cancelBatch({ batchId });
      expect(await next).toMatchObject({ value: { update: { case: "batchCancelled" } } });
    } finally {
      endAll();
      await gateway.close();
    }
  });
});

/** Reads bodies to their end, and answers. */
const reading: Handler = (request, response) => {
  void (async () => {
    try {
      for await (const _ of request);
      response.writeHead(200);
      response.end("read");
    } catch {
      response.writeHead(504);
      response.end("stopped");
    }
  })();
};

describe("a silent client", () => {
  it("is answered and disconnected when its body stalls, over HTTP/1.1", async () => {
    const to = await open(reading, { stallTimeoutMs: 200, headersTimeoutMs: 300, graceMs: 60_000 });
    const socket = connect(to);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toContain("504");
    await once(socket, "end");
    await nothingIsLeft();
  });

  it("is answered when its body stalls, over HTTP/2, without affecting other calls of the connection", async () => {
    const to = await open(reading, { stallTimeoutMs: 200 });
    const over = session(to);
    const stopped = call2(over, "/", "text/plain");
    stopped.write("abc");
    const [headers] = (await once(stopped, "response")) as [http2.IncomingHttpHeaders];
    expect(headers[":status"]).toBe(504);
    const whole = call2(over, "/", "text/plain");
    whole.end("abc");
    expect((await once(whole, "response"))[0]).toMatchObject({ ":status": 200 });
  });

  it("cannot prolong its time with single bytes", async () => {
    const to = await open(reading, { stallTimeoutMs: 300 });
    const trickling = call2(session(to), "/", "text/plain");
    const timer = setInterval(() => trickling.write("."), 50);
    const [headers] = (await once(trickling, "response")) as [http2.IncomingHttpHeaders];
    clearInterval(timer);
    expect(headers[":status"]).toBe(504);
  });

  it("is not blamed for a slow server", async () => {
    const slow: Handler = (request, response) => {
      void (async () => {
        for await (const _ of request) await sleep(600);
        response.writeHead(200);
        response.end("read");
      })();
    };
    const to = await open(slow, { stallTimeoutMs: 300 });
    const call = call2(session(to), "/", "text/plain");
    call.end("abc");
    expect((await once(call, "response"))[0]).toMatchObject({ ":status": 200 });
  });

  it("is disconnected if it does not read its response, over either protocol", async () => {
    const answered: { destroyed: boolean }[] = [];
    const large: Handler = (_, response) => {
      const client: Writable = response;
      response.writeHead(200);
      client.write(Buffer.alloc(32 << 20));
      answered.push("stream" in response ? response.stream : response);
    };
    const to = await open(large, { stallTimeoutMs: 300 });
    connect(to).write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    session(to)
      .request({ ":path": "/" })
      .on("error", () => {}); // Not read.
    await expect.poll(() => answered.map(({ destroyed }) => destroyed), PATIENT).toEqual([true, true]);
  });

  it("may wait for a response of any duration", async () => {
    const late: Handler = (request, response) => {
      void (async () => {
        for await (const _ of request);
        response.writeHead(200);
        await sleep(1000);
        response.end("late");
      })();
    };
    const to = await open(late, { stallTimeoutMs: 200 });
    const call = call2(session(to), "/", "text/plain");
    call.end("abc");
    let body = "";
    for await (const chunk of call) body += chunk;
    expect(body).toBe("late");
  });

  it("is disconnected without calls despite pings, even if it keeps its own side open", async () => {
    const to = await open(reading, { firstCallTimeoutMs: 300, stallTimeoutMs: 300, graceMs: 60_000 });
    const silent = connect(to);
    silent.write(Buffer.concat([PREFACE, EMPTY_SETTINGS]));
    const pinging = connect(to);
    const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    pinging.write(Buffer.concat([PREFACE, EMPTY_SETTINGS]));
    const timer = setInterval(() => pinging.write(ping), 50);
    await Promise.all(
      [silent, pinging].map((socket) => new Promise((resolve) => socket.resume().once("end", resolve))),
    );
    clearInterval(timer);
    await nothingIsLeft();
  });
});

describe("a limit per client", () => {
  const busy: Handler = (_, response) => {
    const client: Writable = response;
    response.writeHead(200);
    client.write("more to come");
  };
  const get = (to: number, localAddress: string): Promise<"answered" | "refused"> =>
    new Promise((resolve) => {
      const request = http.get({ host: "127.0.0.1", port: to, localAddress, agent: false });
      endLater(request);
      request.once("response", () => resolve("answered"));
      request.once("error", () => resolve("refused"));
    });

  it("bounds connections in use, and leaves the rest to others", async () => {
    const to = await open(busy, { maxConnections: 5, maxConnectionsPerAddress: 3 });
    for (let i = 0; i < 3; i++) expect(await get(to, "127.0.0.2")).toBe("answered");
    expect(await get(to, "127.0.0.2")).toBe("refused");
    expect(await get(to, "127.0.0.3")).toBe("answered");
  });

  it("may be disabled", async () => {
    const to = await open(busy, { maxConnections: 5, maxConnectionsPerAddress: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 5; i++) expect(await get(to, "127.0.0.2")).toBe("answered");
    expect(await get(to, "127.0.0.2")).toBe("refused");
  });
});
