import type { IncomingMessage } from "node:http";
import { PolyreelError } from "@polyreel/platform";
import { readBytes, type Store, sourceKey } from "@polyreel/platform/blobs";
import { admissionOf } from "@polyreel/platform/web";
import { describe, expect, it } from "vitest";
import type { TriedAgain } from "./fetch-source.js";
import { BYTES, LIMITS, SHA256, useFetching } from "./testing/fetching.js";
import { startCountingServer, startRawServer, startWebServer } from "./testing/web-server.js";

const bench = useFetching();

describe("an available file", () => {
  it("is stored completely, with its name on the server", async () => {
    const headers: IncomingMessage["headers"][] = [];
    await using server = await startWebServer((request, response) => {
      headers.push(request.headers);
      response.end(BYTES);
    });
    expect(await bench.fetched(`${server.url}/spring/half%20price.mp4?key=1`)).toEqual({
      sha256: SHA256,
      sizeBytes: BYTES.length,
      name: "half price.mp4",
    });
    expect((await readBytes(bench.store, sourceKey(SHA256))).equals(BYTES)).toBe(true);
    expect(headers).toMatchObject([{ "accept-encoding": "identity" }]);
    await expect.poll(() => server.open).toBe(0);
  });

  it.each([
    ["in chunks", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n`],
    ["until the connection ends", "HTTP/1.0 200 OK\r\n\r\nonetwo"],
    ["exactly as large as allowed", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nonetwo"],
    ["followed by more data, which is ignored", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nonetwothree"],
  ])("may be sent %s", async (_, answer) => {
    await using server = await startRawServer(answer);
    const { sizeBytes } = await bench.fetched(server.url, { limits: { ...LIMITS, maxBytes: 6 } });
    expect(sizeBytes).toBe(6);
  });

  it("may arrive slowly without stalling", async () => {
    await using server = await startWebServer((_, response) => {
      let pieces = 0;
      const timer = setInterval(() => {
        response.write("a");
        if (++pieces < 8) return;
        clearInterval(timer);
        response.end();
      }, 40);
    });
    expect((await bench.fetched(server.url)).sizeBytes).toBe(8);
  });

  it("is not aborted because of a slow store", async () => {
    await using server = await startWebServer((_, response) => response.end(BYTES));
    const slow: Store = {
      ...bench.store,
      putHashed: (prefix, bytes, options) =>
        bench.store.putHashed(
          prefix,
          (async function* () {
            for await (const chunk of bytes) {
              await new Promise((resolve) => setTimeout(resolve, LIMITS.stallMs / 2));
              yield chunk;
            }
          })(),
          options,
        ),
    };
    expect((await bench.fetched(server.url, { store: slow })).sha256).toBe(SHA256);
  });
});

describe("an error status", () => {
  it.each([
    [404, /^HOST\/a\.mp4 does not exist: the server answers 404 \(Not Found\)\.$/],
    [403, /^HOST\/a\.mp4 is refused: the server answers 403/],
    [401, /^HOST\/a\.mp4 asks for a password/],
    [410, /^HOST\/a\.mp4 is gone/],
    [418, /^The server answers 418/],
    [204, /^The server answers 204/],
    [206, /^The server answers 206/],
    [304, /^The server answers 304/],
  ])("is final: %d", async (status, reason) => {
    await using server = await startCountingServer((_count, _request, response) => response.writeHead(status).end());
    expect(await bench.refusal(server)).toMatch(reason);
    expect(server.requests).toBe(1);
  });

  it.each([500, 502, 503, 429, 408])("is retried: %d", async (status) => {
    await using server = await startCountingServer((count, _request, response) =>
      count === 1 ? response.writeHead(status).end("busy") : response.end(BYTES),
    );
    expect((await bench.fetched(server.url)).sha256).toBe(SHA256);
    expect(server.requests).toBe(2);
  });

  it("is reported with the number of attempts", async () => {
    await using server = await startCountingServer((_count, _request, response) => response.writeHead(503).end());
    expect(await bench.refusal(server)).toMatch(
      /^The server answers 503 \(Service Unavailable\) for HOST\/a\.mp4; tried 3 times\.$/,
    );
    expect(server.requests).toBe(3);
  });

  it.each([
    ["in seconds", () => "1"],
    // Dates have a resolution of one second.
    ["as a date", () => new Date(Date.now() + 2_000).toUTCString()],
  ])("is not retried before its Retry-After, %s", async (_, retryAfter) => {
    const times: number[] = [];
    await using server = await startCountingServer((count, _request, response) => {
      times.push(performance.now());
      if (count === 1) response.writeHead(429, { "retry-after": retryAfter() }).end();
      else response.end(BYTES);
    });
    const retries: TriedAgain[] = [];
    await bench.fetched(server.url, { onTryAgain: (one) => retries.push(one) });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
    expect(retries).toMatchObject([{ tried: 1, tries: 3, reason: expect.stringContaining("answers 429") }]);
    expect(retries[0]?.inMs).toBeGreaterThanOrEqual(990);
  });

  it("is retried within a limit, despite a longer Retry-After", async () => {
    await using server = await startCountingServer((_count, _request, response) =>
      response.writeHead(503, { "retry-after": "86400" }).end(),
    );
    expect(await bench.refusal(server, "/", { limits: { ...LIMITS, maxRetryAfterMs: 30 } })).toMatch(/tried 3 times/);
  });
});

describe("a server that hangs", () => {
  it.each([
    ["before it answers", "", /HOST\/a\.mp4: no answer within 0\.15 s; tried 3 times/],
    ["in its headers", "HTTP/1.1 200 OK\r\nContent-", /no answer within 0\.15 s/],
    ["before the file", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", /no data received for 0\.15 s; tried 3 times/],
    ["in the file", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", /no data received for 0\.15 s/],
  ])("%s is aborted", async (_, answer, reason) => {
    await using server = await startRawServer(answer, { end: false });
    expect(await bench.refusal(server)).toMatch(reason);
  });

  it("by trickling is aborted at the deadline", async () => {
    await using server = await startWebServer((_, response) => {
      const timer = setInterval(() => response.write("a"), 20);
      response.once("close", () => clearInterval(timer));
    });
    expect(await bench.refusal(server, "/?key=secret", { limits: { ...LIMITS, deadlineMs: 400 } })).toMatch(
      /^HOST could not be fetched within 0\.4 s/,
    );
  });

  it("is aborted at once by the signal", async () => {
    await using server = await startRawServer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", { end: false });
    const cancel = new AbortController();
    const reason = new Error("cancelled");
    setTimeout(() => cancel.abort(reason), 50);
    const limits = { ...LIMITS, stallMs: 60_000 };
    await expect(bench.fetched(server.url, { signal: cancel.signal, limits })).rejects.toBe(reason);
    await expect.poll(() => server.open).toBe(0);
  });

  it("is aborted also in a look-up that never ends", async () => {
    const admission = admissionOf("");
    const run = bench.fetched("http://slow.example/", {
      admission,
      resolve: () => new Promise(() => {}),
      limits: { ...LIMITS, connectMs: 50 },
    });
    await expect(run).rejects.toThrow("slow.example: no connection within 0.05 s; tried 3 times.");
  });
});

describe("an answer that is incomplete or not a plain file", () => {
  it.each([
    [
      "shorter",
      "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nfoot",
      /^HOST\/a\.mp4: the connection ended before all 500 bytes were received; tried 3/,
    ],
    ["nothing", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", /ended before all 500 bytes were received/],
    [
      "cut in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfoot",
      /the connection was interrupted/,
    ],
    [
      "compressed",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nfoot",
      /sends HOST\/a\.mp4 compressed/,
    ],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", /is not HTTP/],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", /connection/],
    ["endless headers", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(100_000)}`, /not HTTP/],
  ])("is refused: %s", async (_, answer, reason) => {
    await using server = await startRawServer(answer);
    expect(await bench.refusal(server)).toMatch(reason);
  });

  it("is fetched completely once the file no longer changes", async () => {
    // The first answers end early, as for a file that changes while it is served.
    await using server = await startCountingServer((count, _request, response) => {
      response.writeHead(200, { "content-length": BYTES.length });
      if (count < 3) response.write(BYTES.subarray(0, 100_000 * count), () => response.destroy());
      else response.end(BYTES);
    });
    expect((await bench.fetched(server.url)).sha256).toBe(SHA256);
    expect(server.requests).toBe(3);
  });
});

describe("a file that is too large", () => {
  it("is refused by its announced size, without reading it", async () => {
    let written = 0;
    await using server = await startWebServer((_, response) => {
      response.writeHead(200, { "content-length": 1_000_001 });
      response.write(Buffer.alloc(1000));
      response.on("drain", () => written++);
    });
    expect(await bench.refusal(server)).toBe("HOST/a.mp4 is larger than the 1000000 bytes allowed: 1000001.");
    expect(written).toBe(0);
  });

  it("is refused by its received size", async () => {
    let sent = 0;
    await using server = await startWebServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000))) sent += 10_000;
      };
      response.on("drain", more);
      more();
    });
    expect(await bench.refusal(server)).toBe("HOST/a.mp4 is larger than the 1000000 bytes allowed.");
    expect(sent).toBeLessThan(50_000_000);
  });
});

describe("connections", () => {
  it("that are refused are reported", async () => {
    const { url, ...server } = await startWebServer(() => {});
    await server[Symbol.asyncDispose]();
    await expect(bench.fetched(url)).rejects.toThrow(/the connection was refused; tried 3 times\.$/);
  });

  it("without the expected TLS are reported", async () => {
    await using server = await startRawServer("HTTP/1.1 400 Bad Request\r\n\r\n");
    await expect(bench.fetched(server.url.replace("http:", "https:"))).rejects.toThrow(
      /the TLS handshake failed|the server does not speak TLS/,
    );
  });
});

it("passes the store's errors on unchanged", async () => {
  await using server = await startCountingServer((_count, _request, response) => response.end(BYTES));
  const full = new PolyreelError("exhausted", "The disk is full.");
  const broken: Store = { ...bench.store, putHashed: () => Promise.reject(full) };
  await expect(bench.fetched(server.url, { store: broken })).rejects.toBe(full);
  expect(server.requests).toBe(1);
  await expect.poll(() => server.open).toBe(0);
});
