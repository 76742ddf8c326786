import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { Readable } from "node:stream";
import { PolyreelError, Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { createTelemetry } from "@polyreel/platform/telemetry";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AuditLog } from "../audit/audit-log.js";
import { PROBLEM_TYPE } from "./problem.js";
import { callOf, openWebApp, type WebApp } from "./web-app.js";

const lines: Record<string, unknown>[] = [];
const releasers = new Releasers();
let h1: string;
let h2: http2.ClientHttp2Session;
let aborted: Promise<void>;

function routes(app: WebApp): void {
  app.get("/failing/:what", async (request) => {
    const { what } = request.params as { what: string };
    if (what === "inside") throw new Error("a secret");
    if (what === "full") throw new PolyreelError("exhausted", { field: "size", reason: "It is too large." });
    throw new PolyreelError("not_found", { reason: `There is no ${what}.`, remedy: "Look again." });
  });
  app.post("/json", async (request) => request.body);
  app.get("/slow", async (request, reply) => {
    const { signal } = callOf(request, reply);
    aborted = once(signal, "abort").then(() => {});
    return reply.send(Readable.from(endless()));
  });
}

async function* endless() {
  for (;;) yield Buffer.alloc(65_536);
}

beforeAll(async () => {
  const log = createLog("test", "debug", { write: (line: string) => void lines.push(JSON.parse(line)) });
  const audit = new AuditLog({ append: async () => {} }, log);
  const deps = { log, audit, telemetry: await createTelemetry("test", {}) };
  const handler = await openWebApp(deps, [routes], () => "anyone");
  const one = http.createServer(handler).listen(0, "127.0.0.1");
  const two = http2.createServer(handler).listen(0, "127.0.0.1");
  await Promise.all([once(one, "listening"), once(two, "listening")]);
  const port = (server: { address(): unknown }) => (server.address() as { port: number }).port;
  h1 = `http://127.0.0.1:${port(one)}`;
  h2 = http2.connect(`http://127.0.0.1:${port(two)}`);
  releasers.add(async () => void one.close());
  releasers.add(async () => void two.close());
  releasers.add(async () => void h2.destroy());
});
afterAll(() => releasers.close());

async function get(path: string, init?: RequestInit) {
  const response = await fetch(h1 + path, init);
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

const type = expect.stringContaining(PROBLEM_TYPE);

it("answers errors as problems, over HTTP/1.1 and HTTP/2", async () => {
  const missing = {
    status: 404,
    title: "Not Found",
    detail: "There is no clip. Look again.",
    failure: { reason: "There is no clip.", remedy: "Look again." },
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  };
  expect(await get("/failing/clip")).toEqual({ status: 404, type, body: missing });
  const stream = h2.request({ ":path": "/failing/clip" });
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  expect(headers).toMatchObject({ ":status": 404, "content-type": type, "x-content-type-options": "nosniff" });
  let text = "";
  for await (const chunk of stream) text += chunk;
  expect(JSON.parse(text)).toEqual(missing);
});

it("states nothing of an internal error, and logs it", async () => {
  const { status, body } = await get("/failing/inside");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(lines.find(({ level }) => level === "error")).toMatchObject({ route: "/failing/:what" });
});

it.each([
  ["/failing/full", {}, 413],
  ["/nowhere", {}, 404],
  ["/json", { method: "POST", body: "{", headers: { "content-type": "application/json" } }, 400],
  ["/json", { method: "POST", body: "x".repeat(1_100_000), headers: { "content-type": "application/json" } }, 413],
  ["/json", { method: "POST", body: "x", headers: { "content-type": "application/zip" } }, 415],
])("refuses %s %o with %i", async (path, init, status) => {
  expect(await get(path, init)).toEqual({ status, type, body: expect.objectContaining({ status }) });
});

it("states the limit of a body, and where files go", async () => {
  const init = { method: "POST", body: "x".repeat(1_100_000), headers: { "content-type": "application/json" } };
  const detail = expect.stringMatching(/^The body has more than 1,048,576 bytes, .* PUT \/sources\//);
  expect((await get("/json", init)).body).toMatchObject({ title: "Payload Too Large", detail });
});

it("aborts the call when the client disconnects", async () => {
  const request = http.get(`${h1}/slow`);
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  await once(response, "data");
  request.destroy();
  await aborted;
});
