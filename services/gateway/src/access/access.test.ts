import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { AccessService, AdminService, BatchService, Role, SourceService } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeApiKey } from "./api-key.js";
import { KeptKeys } from "./kept-keys.js";
import { type AskingGateway, codeOf, startAskingGateway } from "./testing/asking-gateway.js";

let gateway: AskingGateway;
let operator: string;
let secrets: AskingGateway["secrets"];

const access = (secret?: string) => createClient(AccessService, gateway.transport(secret));

beforeAll(async () => {
  gateway = await startAskingGateway(async (setup) => {
    expect(await codeOf(createClient(BatchService, setup).listBatches({}))).toBe(Code.PermissionDenied);
  });
  secrets = gateway.secrets;
  operator = secrets.operator;
  const again = access(gateway.setup).createKey({ name: "second", role: Role.OPERATOR });
  expect(await codeOf(again)).toBe(Code.Unauthenticated);
});
afterAll(() => gateway.close());

describe("a gateway with keys", () => {
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
    const sources = (secret: string) => createClient(SourceService, gateway.transport(secret));
    expect(await codeOf(sources(secrets.viewer).getSource({ sha256 }))).toBe("ok");
    expect(await codeOf(sources(other).getSource({ sha256 }))).toBe(Code.NotFound);
    expect(await codeOf(sources(other).getSource({ sha256, tenant: "acme" }))).toBe(Code.PermissionDenied);
    expect((await access(other).listKeys({})).keys.map(({ name }) => name)).toEqual(["other"]);
    const [foreign] = (await access(operator).listKeys({ tenant: "acme" })).keys;
    expect(await codeOf(access(other).revokeKey({ id: foreign?.id ?? "" }))).toBe(Code.NotFound);
  });

  it("lets administrators clean up for their own tenant only", async () => {
    const cleanUp = (tenant: string) => {
      const { cleanUp } = createClient(AdminService, gateway.transport(secrets.admin));
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
        const error = await createClient(BatchService, gateway.transport(secret, "grpc"))
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
