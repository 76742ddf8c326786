import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  AccessService,
  AdminService,
  AuditService,
  BatchService,
  DestinationService,
  LinkService,
  NotificationService,
  PresetService,
  Role,
  SecretService,
  SessionService,
  SourceService,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { makeApiKey } from "./api-key.js";
import { KeptKeys } from "./kept-keys.js";
import { neededFor } from "./method-roles.js";
import { type Needed, suffices } from "./roles.js";

const SERVICES = [
  ...[AccessService, AdminService, BatchService, DestinationService, LinkService],
  ...[NotificationService, PresetService, SecretService, SourceService, UsageService, VoiceService],
  ...[AuditService, UserService, SessionService],
];
const ROLES = { viewer: Role.VIEWER, editor: Role.EDITOR, admin: Role.ADMIN, operator: Role.OPERATOR };
type RoleName = keyof typeof ROLES;

let gateway: RunningGateway;
let operator: string;
/** A key of tenant acme by role, and one of operators. */
let secrets: Record<RoleName, string>;
const printed: string[] = [];

const bearer =
  (secret: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("Authorization", `Bearer ${secret}`);
    return next(request);
  };
const transport = (secret = "", create: typeof createConnectTransport = createConnectTransport) =>
  create({ baseUrl: gateway.url, httpVersion: "1.1", interceptors: secret ? [bearer(secret)] : [] });
const access = (secret?: string) => createClient(AccessService, transport(secret));
const codeOf = (call: Promise<unknown>): Promise<Code | "ok"> =>
  call.then(
    () => "ok" as const,
    (error: unknown) => ConnectError.from(error).code,
  );

beforeAll(async () => {
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  gateway = await runGateway({ auth: "required" }).finally(() => {
    process.stderr.write = write;
  });
  const [, setup = ""] = /POLYREEL_KEY=(\S+)/.exec(printed.join("")) ?? [];
  const early = createClient(BatchService, transport(setup));
  expect(await codeOf(early.listBatches({}))).toBe(Code.PermissionDenied);
  operator = (await access(setup).createKey({ name: "first", role: Role.OPERATOR })).secret;
  const made = Object.entries(ROLES).map(async ([name, role]) => {
    const tenant = role === Role.OPERATOR ? "" : "acme";
    return [name, (await access(operator).createKey({ name, role, tenant })).secret];
  });
  secrets = Object.fromEntries(await Promise.all(made));
  expect(await codeOf(access(setup).createKey({ name: "second", role: Role.OPERATOR }))).toBe(Code.Unauthenticated);
});
afterAll(() => gateway.close());

const methods = SERVICES.flatMap((service) =>
  service.methods.map((method) => ({
    service,
    method,
    name: `${service.typeName.split(".").at(-1)}.${method.localName}`,
    needed: neededFor(service.typeName, method.localName) ?? "anyone",
  })),
);

/** The answer to an empty request: anything but a refusal of the caller means that the method was reached. */
async function answer(url: string, type: string, secret?: string): Promise<number> {
  const headers = { "Content-Type": type, ...(secret && { Authorization: `Bearer ${secret}` }) };
  const left = new AbortController();
  // An empty message, in an envelope where the method streams.
  const body = type === "application/connect+proto" ? new Uint8Array([2, 0, 0, 0, 2, 123, 125]) : new Uint8Array();
  const response = await fetch(url, { method: "POST", headers, body, signal: left.signal });
  const text = await response.text();
  if (type !== "application/connect+proto") return response.status;
  return /"code":"unauthenticated"/.test(text) ? 401 : /"code":"permission_denied"/.test(text) ? 403 : 200;
}

describe("a gateway with keys", () => {
  it.each(methods)("asks callers of $name for the role $needed", async ({ service, method, needed }) => {
    const url = `${gateway.url}/${service.typeName}/${method.name}`;
    const type = method.methodKind === "unary" ? "application/proto" : "application/connect+proto";
    const isOpen = needed === "anyone";
    // Signing in with nothing is refused as unknown, too.
    if (!isOpen) expect(await answer(url, type)).toBe(401);
    for (const name of Object.keys(ROLES) as RoleName[]) {
      const isRefused = (await answer(url, type, secrets[name])) === 403;
      expect([name, isRefused]).toEqual([name, !suffices(ROLES[name], needed)]);
    }
  });

  it.each<[string, string, Needed]>([
    ["GET", "/sources", "viewer"],
    ["GET", "/api/v1/stats", "viewer"],
    ["GET", "/api/v1/videos", "viewer"],
    ["GET", "/events/none", "viewer"],
    ["GET", "/batches/none/manifest.csv", "viewer"],
    ["GET", "/batches/none/outputs.zip", "viewer"],
    ["GET", "/outputs/none/none", "viewer"],
    ["PUT", "/sources/a.bin", "editor"],
    ["POST", "/uploads", "editor"],
    ["POST", "/jobs", "editor"],
    ["DELETE", `/sources/${"a".repeat(64)}`, "admin"],
    ["DELETE", "/api/v1/videos/none", "admin"],
  ])("asks callers of %s %s for the role %s", async (method, path, needed) => {
    const status = async (secret?: string) =>
      (await fetch(gateway.url + path, { method, headers: secret ? { Authorization: `Bearer ${secret}` } : {} }))
        .status;
    expect(await status()).toBe(401);
    for (const name of Object.keys(ROLES) as RoleName[]) {
      expect([name, (await status(secrets[name])) === 403]).toEqual([name, !suffices(ROLES[name], needed)]);
    }
  });

  it.each(["/", "/api/v1/health", "/docs", "/openapi.json"])("shows %s to everybody", async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });

  it("keeps tenants apart: to each, what others have does not exist", async () => {
    const tenantOf = async (secret: string) => (await access(secret).getCaller({})).tenant;
    expect([await tenantOf(secrets.editor), await tenantOf(secrets.operator)]).toEqual(["acme", ""]);
    const other = (await access(operator).createKey({ name: "other", role: Role.ADMIN, tenant: "globex" })).secret;
    const put = await fetch(`${gateway.url}/sources/a.txt`, {
      method: "PUT",
      body: "acme's",
      headers: { Authorization: `Bearer ${secrets.editor}` },
    });
    const { sha256 } = (await put.json()) as { sha256: string };
    const sources = (secret: string) => createClient(SourceService, transport(secret));
    expect(await codeOf(sources(secrets.viewer).getSource({ sha256 }))).toBe("ok");
    expect(await codeOf(sources(other).getSource({ sha256 }))).toBe(Code.NotFound);
    expect(await codeOf(sources(other).getSource({ sha256, tenant: "acme" }))).toBe(Code.PermissionDenied);
    expect((await access(other).listKeys({})).keys.map(({ name }) => name)).toEqual(["other"]);
    const [foreign] = (await access(operator).listKeys({ tenant: "acme" })).keys;
    expect(await codeOf(access(other).revokeKey({ id: foreign?.id ?? "" }))).toBe(Code.NotFound);
  });

  it("lets administrators clean up for their own tenant only", async () => {
    const cleanUp = (tenant: string) => {
      const { cleanUp } = createClient(AdminService, transport(secrets.admin));
      return codeOf(cleanUp({ whose: { case: "tenant", value: tenant }, olderThan: { seconds: 3600n }, dryRun: true }));
    };
    expect([await cleanUp("acme"), await cleanUp("globex")]).toEqual(["ok", Code.PermissionDenied]);
  });

  it("is not deceived by the writing of a path", async () => {
    const target = "/x/../polyreel.v1.BatchService/ListBatches";
    const socket = connect(gateway.port, "127.0.0.1");
    const body =
      "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    socket.end(`POST ${target} HTTP/1.1\r\n${body}`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 (401|404)/);
  });

  it("lets nobody give more than it has", async () => {
    const admin = access(secrets.admin);
    expect(await codeOf(admin.createKey({ name: "x", role: Role.OPERATOR }))).toBe(Code.PermissionDenied);
    expect(await codeOf(admin.createKey({ name: "x", role: Role.VIEWER, tenant: "globex" }))).toBe(
      Code.PermissionDenied,
    );
    const { key } = await admin.createKey({ name: "x", role: Role.VIEWER });
    expect(key?.tenant).toBe("acme");
  });

  it("refuses wrong, unknown, foreign and malformed keys with one message, over gRPC, too", async () => {
    const wrong = `${secrets.editor.slice(0, -4)}AAAA`;
    const refusals = await Promise.all(
      [wrong, makeApiKey().text, "pr_x", "eyJhbGciOiJub25lIn0.e30.", "setup_x"].map(async (secret) => {
        const grpc = createGrpcTransport({ baseUrl: gateway.url, interceptors: [bearer(secret)] });
        const error = await createClient(BatchService, grpc)
          .listBatches({})
          .catch((thrown: unknown) => ConnectError.from(thrown));
        return error instanceof ConnectError ? `${error.code} ${error.rawMessage}` : "accepted";
      }),
    );
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toMatch(/^16 The key or token is unknown, or no longer valid/);
  });

  it("refuses expired and revoked keys, and notes the last use", async () => {
    const keys = new KeptKeys(gateway.platform.store);
    const { key, secret } = await access(operator).createKey({ name: "brief", role: Role.VIEWER });
    expect(await codeOf(access(secret).getCaller({}))).toBe("ok");
    const id = key?.id ?? "";
    await expect.poll(async () => (await keys.get(id))?.key?.lastUsedAt).toBeDefined();
    expect((await access(operator).revokeKey({ id })).key?.revokedAt).toBeDefined();
    expect(await codeOf(access(secret).getCaller({}))).toBe(Code.Unauthenticated);
  });

  it("keeps no secret: neither in the store nor in an answer", async () => {
    const { keys } = await access(operator).listKeys({});
    const shown = JSON.stringify(keys, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    const secretPart = secrets.editor.split("_").slice(2).join("_");
    expect(shown).not.toContain(secretPart);
    for await (const { key } of gateway.platform.store.list("access-keys/")) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of gateway.platform.store.read(key)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString("latin1")).not.toContain(secretPart);
    }
  });
});
