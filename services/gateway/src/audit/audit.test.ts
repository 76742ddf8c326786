import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  AccessService,
  AdminService,
  type AuditEntry,
  AuditService,
  BatchService,
  LinkService,
  Role,
} from "@polyreel/contract";
import { Releasers } from "@polyreel/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey } from "../access/api-key.js";
import { KeptKeys, keyRecord } from "../access/kept-keys.js";
import { isPostgresThere, postgresUrl } from "../read-model/testing/projection-stores.js";
import { PATIENT, refusal } from "../testing/batch-gateway.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

const releasers = new Releasers();
let gateway: RunningGateway;
let keys: Record<"viewer" | "admin" | "operator", { readonly id: string; readonly secret: string }>;

beforeAll(async () => {
  const databaseUrl = isPostgresThere ? await postgresUrl(releasers) : "";
  gateway = releasers.use(await runGateway({ auth: "required", databaseUrl }));
  const kept = new KeptKeys(gateway.platform.store);
  const made = (["viewer", "admin", "operator"] as const).map(async (name) => {
    const { id, secretSha256, text } = makeApiKey();
    const role = Role[name.toUpperCase() as "VIEWER"];
    const tenant = name === "operator" ? "" : "acme";
    await kept.put(keyRecord({ $typeName: "polyreel.v1.Key", id, name, role, tenant }, secretSha256));
    return [name, { id, secret: text }] as const;
  });
  keys = Object.fromEntries(await Promise.all(made)) as typeof keys;
}, 60_000);
afterAll(() => releasers.close());

const transport = (secret: string) => {
  const named: Interceptor = (next) => (request) => {
    request.header.set("Authorization", `Bearer ${secret}`);
    request.header.set("User-Agent", "farm/1.0");
    request.header.set("traceparent", `00-${TRACE}-b7ad6b7169203331-01`);
    return next(request);
  };
  return createGrpcTransport({ baseUrl: gateway.url, interceptors: [named] });
};
const clients = (secret: string) => ({
  batches: createClient(BatchService, transport(secret)),
  access: createClient(AccessService, transport(secret)),
  admin: createClient(AdminService, transport(secret)),
  links: createClient(LinkService, transport(secret)),
  audit: createClient(AuditService, transport(secret)),
});
const http = (path: string, secret: string, init: RequestInit = {}) =>
  fetch(gateway.url + path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${secret}` } });

/** "CancelBatch batch b1 ok by key admin", the oldest first. */
const summary = ({ action, object, outcome, principal }: AuditEntry, names: ReadonlyMap<string, string> = new Map()) =>
  `${action.split("/").length === 2 && !action.includes(" ") ? action.split("/")[1] : action} ` +
  `${object ? `${object.kind} ${names.get(object.id) ?? object.id}` : "-"} ${outcome} by ${principal?.name}`;

it("tells who did what to which object, over every way in, and survives a rebuild", async () => {
  const { viewer, admin, operator } = {
    viewer: clients(keys.viewer.secret),
    admin: clients(keys.admin.secret),
    operator: clients(keys.operator.secret),
  };
  const batchId =
    (await admin.batches.submitBatch({ batch: sampleBatch({ name: "launch of X" }), requestId: "r1" })).batch
      ?.batchId ?? "";
  await admin.batches.getBatch({ batchId });
  await refusal(viewer.batches.cancelBatch({ batchId }));
  await operator.batches.cancelBatch({ batchId });
  await expect.poll(async () => (await admin.batches.getBatch({ batchId })).batch?.finishedAt, PATIENT).toBeDefined();
  await operator.batches.deleteBatch({ batchId });
  const { key, secret } = await admin.access.createKey({ name: "agency", role: Role.VIEWER });
  const id = key?.id ?? "";
  await admin.access.revokeKey({ id });
  expect((await http("/sources/a.mp4", secret, { method: "PUT", body: "x" })).status).toBe(401);
  expect((await http("/sources", secret)).status).toBe(401); // Within a minute of the same client.
  await http("/sources", `pr_${"0".repeat(16)}_${"0".repeat(43)}`, { method: "PUT", body: "x" }); // No such key.
  await fetch(`${gateway.url}/sources`, { method: "PUT", body: "x" });
  const put = await http("/sources/a.mp4?title=Secret", keys.admin.secret, { method: "PUT", body: "bytes" });
  const { sha256 } = (await put.json()) as { sha256: string };
  const piece = { "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream" };
  const begun = await http("/uploads", keys.admin.secret, {
    method: "POST",
    headers: { "Tus-Resumable": "1.0.0", "Upload-Length": "6" },
  });
  const upload = begun.headers.get("location") ?? "";
  const pieces = [];
  for (const offset of [0, 3]) {
    const headers = { ...piece, "Upload-Offset": String(offset) };
    pieces.push(await http(upload, keys.admin.secret, { method: "PATCH", headers, body: "abc" }));
  }
  const uploaded = pieces[1]?.headers.get("polyreel-source") ?? "";
  expect((await http(`/sources/${sha256}`, keys.viewer.secret, { method: "DELETE" })).status).toBe(403);
  expect((await http(`/sources/${sha256}`, keys.admin.secret, { method: "DELETE" })).status).toBe(204);
  await http("/api/v1/nothing", keys.admin.secret, { method: "POST" });
  await refusal(admin.admin.cleanUp({ olderThan: { seconds: 0n }, whose: { case: "allTenants", value: true } }));

  await refusal(admin.access.createKey({ name: "theirs", role: Role.VIEWER, tenant: "globex" }));
  const names = new Map([
    [batchId, "B"],
    [id, "K"],
    [sha256, "S"],
    [uploaded, "U"],
  ]);
  const entries = async () => (await operator.audit.listAuditLog({ pageSize: 1000 })).entries.toReversed();
  const expected = [
    "SubmitBatch batch B ok by admin",
    "CancelBatch - permission_denied by viewer", // Refused before its body is read.
    "CancelBatch batch B ok by operator",
    "DeleteBatch batch B ok by operator",
    "CreateKey key K ok by admin",
    "RevokeKey key K ok by admin",
    "CreateKey tenant globex permission_denied by admin", // In the caller's log, not in that tenant's.
    "PUT /sources/a.mp4 - unauthenticated by agency",
    "PUT /sources/* source S ok by admin",
    "PATCH /uploads/:tenant/:id source U ok by admin",
    "DELETE /sources/:sha256 source S permission_denied by viewer",
    "DELETE /sources/:sha256 source S ok by admin",
    "CleanUp - permission_denied by admin",
  ];
  // Refusals before a call begins are recorded just after their answer.
  await expect
    .poll(async () => (await entries()).map((one) => summary(one, names)).sort(), PATIENT)
    .toEqual([...expected].sort());
  const all = await entries();
  expect(all.map(({ tenant }) => tenant)).toEqual(all.map(() => "acme"));
  const submitted = all.find(({ action }) => action.endsWith("/SubmitBatch"));
  expect(submitted).toMatchObject({
    principal: { kind: "key", id: keys.admin.id, name: "admin" },
    fields: ["batch.name", "batch.blocks", "request_id"],
    ...{ address: "127.0.0.1", traceId: TRACE, requestId: "r1", reason: "" },
    userAgent: expect.stringContaining("farm/1.0"),
  });
  expect(JSON.stringify(all, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toMatch(
    new RegExp(`launch of X|Secret|${secret.slice(-43)}`),
  );

  for await (const _ of operator.admin.rebuildReadModel({}));
  expect((await entries()).slice(0, all.length)).toEqual(all);
  expect((await entries()).slice(all.length).map((one) => summary(one))).toEqual(["RebuildReadModel - ok by operator"]);

  const lines = (await (await http("/audit.jsonl", keys.admin.secret)).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(all.map((one) => one.id).toReversed());
  const csv = await (await http("/audit.csv?action=CancelBatch&outcome=refused", keys.admin.secret)).text();
  expect(csv.trim().split(/\r?\n/)).toMatchObject([
    expect.stringMatching(/^\uFEFF?time,tenant,principal_kind/),
    expect.stringContaining(`${keys.viewer.id},viewer,polyreel.v1.BatchService/CancelBatch,,,permission_denied`),
  ]);
});

it("is an administrator's of its tenant, and pages", async () => {
  const { audit } = clients(keys.admin.secret);
  const seen: string[] = [];
  let pageToken = "";
  do {
    const page = await audit.listAuditLog({ pageSize: 5, pageToken });
    seen.push(...page.entries.map((one) => one.id));
    expect(page.entries.every(({ tenant }) => tenant === "acme")).toBe(true);
    pageToken = page.nextPageToken;
  } while (pageToken);
  expect(new Set(seen).size).toBe(13);
  expect(await refusal(audit.listAuditLog({ tenant: "globex" }))).toMatchObject({ failures: [{ field: "tenant" }] });
  expect(await refusal(audit.listAuditLog({ pageToken: "x" }))).toMatchObject({ failures: [{ field: "page_token" }] });
  expect((await http("/audit.csv", keys.viewer.secret)).status).toBe(403);
  const wrong = await http("/audit.jsonl?from=yesterday", keys.admin.secret);
  expect(await wrong.json()).toMatchObject({ status: 400, detail: expect.stringContaining("is not a time") });
});
