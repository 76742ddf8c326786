import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { BatchService } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { hostName, isAllowedHost, isLoopback } from "./allowed-hosts.js";

const PAGE = "https://studio.example";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ allowedOrigins: [PAGE] });
});
afterAll(() => gateway.close());

type Headers = Record<string, string>;

async function request1(path: string, headers: Headers, method = "POST"): Promise<{ status: number; body: string }> {
  const call = http.request({ host: "127.0.0.1", port: gateway.port, path, method, headers, agent: false });
  call.end(method === "POST" ? "{}" : undefined);
  const [response] = (await once(call, "response")) as [http.IncomingMessage];
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, body };
}

async function request2(path: string, headers: Headers): Promise<number> {
  const session = http2.connect(gateway.url);
  try {
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
    stream.end("{}");
    const [response] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status": number }];
    stream.resume();
    return response[":status"];
  } finally {
    session.destroy();
  }
}

const LIST = "/polyreel.v1.BatchService/ListBatches";
const OUTPUT = "/outputs/b/c";
const JSON_TYPE = { "content-type": "application/json" };
const own = () => `localhost:${gateway.port}`;

describe("a gateway on loopback", () => {
  it.each(["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.9.10", "[::1]", "10.0.0.7", "[fd00::1]"])(
    "answers to %s",
    async (name) => {
      for (const host of [name, `${name}:${gateway.port}`]) {
        expect((await request1(LIST, { ...JSON_TYPE, host })).status).toBe(200);
        expect(await request2(LIST, { ...JSON_TYPE, ":authority": host })).toBe(200);
      }
    },
  );

  it.each(["rebound.example", "localhost.rebound.example", "127.0.0.1.rebound.example", "gateway", "gateway.local"])(
    "refuses %s for any request",
    async (name) => {
      const host = `${name}:${gateway.port}`;
      const refused = await request1(LIST, { ...JSON_TYPE, host });
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.body)).toMatchObject({ code: "permission_denied" });
      expect(refused.body).toContain("GATEWAY_ALLOWED_HOSTS");
      expect((await request1(OUTPUT, { host }, "GET")).status).toBe(403);
      expect((await request1(LIST, { host, origin: `http://${host}` }, "OPTIONS")).status).toBe(403);
      expect(await request2(LIST, { ...JSON_TYPE, ":authority": host })).toBe(403);
      expect(await request2(LIST, { ...JSON_TYPE, ":authority": own(), host })).toBe(403);
      expect((await request1(`http://${host}${LIST}`, { ...JSON_TYPE, host: own() })).status).toBe(403);
    },
  );

  it.each([
    ["gRPC", createGrpcTransport, "2"],
    ["gRPC-Web", createGrpcWebTransport, "1.1"],
  ] as const)("refuses in the protocol of %s", async (_, createTransport, httpVersion) => {
    const asPage: Interceptor = (next) => (call) => {
      call.header.set("origin", "https://elsewhere.example");
      return next(call);
    };
    const transport = createTransport({ baseUrl: gateway.url, interceptors: [asPage], httpVersion });
    const error = await createClient(BatchService, transport)
      .listBatches({})
      .catch((thrown: unknown) => ConnectError.from(thrown));
    expect(error).toMatchObject({ code: Code.PermissionDenied });
    expect(String(error)).toContain("GATEWAY_ALLOWED_ORIGINS");
  });
});

describe("pages of foreign origins", () => {
  it.each(["https://elsewhere.example", "null", `${PAGE}.elsewhere.example`, "http://studio.example", "localhost", ""])(
    "may not call: %j",
    async (origin) => {
      for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
        const { status } = await request1(LIST, { host: own(), origin, "content-type": type });
        expect(status).toBe(403);
      }
      expect(await request2(LIST, { ...JSON_TYPE, ":authority": own(), origin })).toBe(403);
    },
  );

  it("may call if allowed, or if same-origin", async () => {
    for (const origin of [PAGE, `http://${own()}`, `https://${own()}`]) {
      expect((await request1(LIST, { ...JSON_TYPE, host: own(), origin })).status).toBe(200);
      expect(await request2(LIST, { ...JSON_TYPE, ":authority": own(), origin })).toBe(200);
    }
    expect((await request1(LIST, { ...JSON_TYPE, host: own(), origin: "http://localhost:1" })).status).toBe(403);
  });

  it("may link to outputs", async () => {
    const { status } = await request1(OUTPUT, { host: own(), origin: "https://elsewhere.example" }, "GET");
    expect(status).toBe(404);
  });
});

describe("pages of foreign origins and the REST layer", () => {
  const headers = () => ({ host: own(), "sec-fetch-site": "cross-site" });

  it.each(["/", "/docs", "/docs/static/index.html", "/openapi.json"])("may link to %s", async (path) => {
    expect((await request1(path, headers(), "GET")).status).toBeLessThan(400);
    expect((await request1(path, headers())).status).toBe(403);
  });

  it.each(["/api/v1/videos", "/api/v1/health", "/docsx", "/jobs/x"])("may not read %s", async (path) => {
    expect((await request1(path, headers(), "GET")).status).toBe(403);
  });
});

describe("isAllowedHost", () => {
  it.each<[name: string, host: string, auth: string, allowed: string[], is: boolean]>([
    ["studio.example", "0.0.0.0", "none", [], false],
    ["studio.example", "0.0.0.0", "none", ["studio.example"], true],
    ["studio.example", "0.0.0.0", "required", [], true],
    ["rebound.example", "0.0.0.0", "required", ["studio.example"], false],
    ["gateway", "0.0.0.0", "none", ["studio.example"], true],
    ["gateway.render.svc", "0.0.0.0", "none", [], true],
    ["gateway.render.svc.cluster.local", "0.0.0.0", "none", [], true],
    ["gateway.render", "0.0.0.0", "none", [], false],
    ["render-1.internal", "::", "none", [], true],
    ["local.rebound.example", "::", "none", [], false],
    ["127.0.0.1", "0.0.0.0", "none", ["studio.example"], true],
    ["10.1.2.3", "0.0.0.0", "none", ["studio.example"], true],
    ["10.1.2.3.rebound.example", "0.0.0.0", "none", [], false],
    ["studio.example", "127.0.0.1", "local", [], false],
    ["studio.example", "127.0.0.1", "required", [], false],
    ["studio.example", "127.0.0.1", "local", ["studio.example"], true],
    ["gateway", "127.0.0.1", "local", [], false],
    ["rebound.example", "::1", "local", ["studio.example"], false],
    ["rebound.example", "localhost", "local", [], false],
  ])("%s at %s with POLYREEL_AUTH=%s and %j: %s", (name, host, auth, allowedHosts, isAllowed) => {
    expect(isAllowedHost(name, { host, auth, allowedHosts })).toBe(isAllowed);
  });

  it("includes the hosts that links lead to", () => {
    const links = { publicUrl: "https://studio.example:8443/x", cdnUrl: "https://cdn.example" };
    const config = { host: "127.0.0.1", auth: "local", allowedHosts: [], links };
    const names = ["studio.example", "cdn.example", "rebound.example"];
    expect(names.map((name) => isAllowedHost(name, config))).toEqual([true, true, false]);
  });

  it.each([
    ["studio.example:8080", "studio.example"],
    ["Studio.Example.", "studio.example"],
    ["[::1]:8080", "[::1]"],
    ["0x7f.1", "127.0.0.1"],
    ["user@127.0.0.1", undefined],
    ["a b", undefined],
    ["127.0.0.1/x", undefined],
    ["", undefined],
  ])("reads %j as %j", (authority, name) => {
    expect(hostName(authority)).toBe(name);
  });

  it.each([
    ["127.0.0.1", true],
    ["::1", true],
    ["localhost", true],
    ["127.evil.example", false],
    ["0.0.0.0", false],
    ["::", false],
    ["", false],
  ])("%j is the loopback: %s", (host, is) => {
    expect(isLoopback(host)).toBe(is);
  });
});
