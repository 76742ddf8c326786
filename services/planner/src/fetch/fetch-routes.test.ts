import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { sourceKey } from "@polyreel/platform/blobs";
import { admissionOf } from "@polyreel/platform/web";
import { describe, expect, it } from "vitest";
import { BYTES, SHA256, useFetching } from "./testing/fetching.js";
import { startCountingServer, startWebServer, type WebServer } from "./testing/web-server.js";

// Redirects and host names.

const bench = useFetching();

describe("redirects", () => {
  const redirecting = (location: (request: IncomingMessage) => string, status = 302) =>
    startCountingServer((_count, request, response) => {
      if (request.url?.startsWith("/end")) response.end(BYTES);
      else response.writeHead(status, { location: location(request) }).end();
    });

  it.each([301, 302, 303, 307, 308])("are followed: %d", async (status) => {
    await using server = await redirecting(() => "/end.mp4?key=2", status);
    expect(await bench.fetched(`${server.url}/start.mp4`)).toMatchObject({ sha256: SHA256, name: "start.mp4" });
    expect(server.requests).toBe(2);
  });

  it("are limited in number", async () => {
    await using server = await redirecting(({ url }) => `${url}&again`);
    expect(await bench.refusal(server)).toBe("HOST/a.mp4 redirects more than 5 times.");
    expect(server.requests).toBe(6);
  });

  it("into the inner network are refused, by address and by name", async () => {
    await using inner = await startCountingServer((_count, _request, response) => response.end("secret"));
    const port = new URL(inner.url).port;
    const admission = admissionOf("127.0.0.1");
    await using server = await redirecting(
      ({ url }) => `//${url?.startsWith("/name") ? "inner.example" : "127.0.0.2"}:${port}/a`,
    );
    const resolve = async () => [{ address: "127.0.0.3", family: 4 }];
    expect(await bench.refusal(server, "/address", { admission })).toMatch(
      /^127\.0\.0\.2:\d+\/a points into an inner network/,
    );
    expect(await bench.refusal(server, "/name", { admission, resolve })).toMatch(/^inner\.example:\d+\/a points into/);
    expect(inner.requests).toBe(0);
  });

  it("without a location are treated as other answers", async () => {
    await using server = await startCountingServer((_count, _request, response) => response.writeHead(302).end());
    expect(await bench.refusal(server)).toMatch(/^The server answers 302 \(Found\)/);
  });
});

describe("names", () => {
  const port = (server: WebServer) => new URL(server.url).port;

  it("that resolve to inner addresses are refused without a connection", async () => {
    await using server = await startCountingServer((_count, _request, response) => response.end(BYTES));
    const admission = admissionOf("");
    for (const address of ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "169.254.169.254"]) {
      const resolve = async () => [{ address, family: address.includes(":") ? 6 : 4 }];
      await expect(
        bench.fetched(`http://a.example:${port(server)}/b?key=1`, { admission, resolve }),
      ).rejects.toMatchObject({
        code: "invalid",
        failure: {
          reason: `a.example:${port(server)}/b points into an inner network, which sources are not fetched from.`,
        },
      });
    }
    await expect(bench.fetched(`http://localhost:${port(server)}/`, { admission })).rejects.toThrow(
      "points into an inner network",
    );
    expect(server.requests).toBe(0);
  });

  it("connect only to the checked addresses, even if they resolve differently a moment later", async () => {
    await using server = await startCountingServer((_count, request, response) => response.end(request.headers.host));
    let lookups = 0;
    const resolve = async () => [
      { address: "10.0.0.1", family: 4 }, // Not admitted: skipped.
      { address: ++lookups === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 },
    ];
    await bench.fetched(`http://a.example:${port(server)}/`, { resolve });
    expect(lookups).toBe(1);
    const host = createHash("sha256")
      .update(`a.example:${port(server)}`)
      .digest("hex");
    expect(await bench.store.head(sourceKey(host))).toBeDefined();
  });

  it("may be admitted", async () => {
    await using server = await startWebServer((_, response) => response.end(BYTES));
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    const admission = admissionOf("media.inner");
    expect((await bench.fetched(`http://media.inner:${port(server)}/`, { admission, resolve })).sha256).toBe(SHA256);
  });

  it.each([
    ["ENOTFOUND", /^a\.example: no host has this name\.$/, 1],
    ["EAI_AGAIN", /^a\.example: the name cannot be resolved at present; tried 3 times\.$/, 3],
  ])("that cannot be resolved are reported: %s", async (code, reason, times) => {
    let lookups = 0;
    const resolve = () => {
      lookups++;
      return Promise.reject(Object.assign(new Error(code), { code }));
    };
    await expect(bench.fetched("https://a.example/", { resolve })).rejects.toThrow(reason);
    expect(lookups).toBe(times);
  });
});
