import { readFile } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { TestAuthority } from "@polyreel/platform/testing";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { ProblemsError } from "../problem.js";
import { call, isUnreachable } from "./call.js";
import { connectTo } from "./connection.js";
import { httpGet } from "./http-get.js";
import { trustedAuthorities } from "./trusted-authorities.js";

let authority: TestAuthority;
const servers: net.Server[] = [];
beforeAll(async () => {
  authority = await TestAuthority.create();
});
afterAll(() => authority.close());
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
});

function listen(server: net.Server): Promise<string> {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`https://127.0.0.1:${(server.address() as net.AddressInfo).port}`));
  });
}

async function serverWith(names: string, days?: number): Promise<string> {
  const paths = await authority.issue("server", names, days);
  const [cert, key] = await Promise.all([readFile(paths.certificate), readFile(paths.key)]);
  const server = tls.createServer({ cert, key, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  });
  return listen(server.on("tlsClientError", () => {}));
}

/** What a call and a download report: both the same. */
async function problemAt(url: string) {
  const connection = connectTo(url);
  try {
    const listing = connection.batches.listBatches({});
    const [cause] = await Promise.all([listing.catch((error: unknown) => error)]);
    expect(isUnreachable(cause)).toBe(false);
    const thrown = await call(connection, connection.batches.listBatches({})).catch((error: unknown) => error);
    const downloaded = await httpGet(url, new AbortController().signal).catch((error: unknown) => error);
    if (!(thrown instanceof ProblemsError && downloaded instanceof ProblemsError)) return expect.fail(String(thrown));
    expect(downloaded.problems).toEqual(thrown.problems);
    return thrown.problems[0];
  } finally {
    connection.close();
  }
}

it("explains an issuer that is not known, and knows it by POLYREEL_CA", async () => {
  const url = await serverWith("IP:127.0.0.1");
  const problem = await problemAt(url);
  expect(problem?.what).toMatch(/is of an issuer that is not known here/);
  expect(problem?.remedy).toContain("POLYREEL_CA");
  vi.stubEnv("POLYREEL_CA", authority.certificate);
  expect((await httpGet(url, new AbortController().signal)).statusCode).toBe(204);
});

it("explains a certificate for other names, naming both", async () => {
  vi.stubEnv("POLYREEL_CA", authority.certificate);
  const { what } = (await problemAt(await serverWith("DNS:studio.example,DNS:cdn.example"))) ?? {};
  expect(what).toMatch(/ is for studio\.example, cdn\.example, not for 127\.0\.0\.1\.$/);
});

it("explains an expired certificate", async () => {
  vi.stubEnv("POLYREEL_CA", authority.certificate);
  expect((await problemAt(await serverWith("IP:127.0.0.1", -1)))?.what).toMatch(/has expired/);
});

it("explains a server without TLS", async () => {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const url = await listen(server);
  expect(await problemAt(url)).toEqual({
    what: `The server at ${url} does not speak TLS.`,
    remedy: expect.stringContaining(url.replace("https", "http")),
  });
});

it.each([
  ["/none/ca.pem", /POLYREEL_CA: the file \/none\/ca\.pem cannot be read \(ENOENT\)/],
  ["/etc/hostname", /POLYREEL_CA: the file \/etc\/hostname has no certificate/],
])("refuses %s as the file of authorities", (path, message) => {
  expect(() => trustedAuthorities(path)).toThrow(message);
});
