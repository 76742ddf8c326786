import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
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
import { makeMasterKey } from "@polyreel/platform/secrets";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, runBatch } from "./testing/batches.js";
import { footage, text, video } from "./testing/blocks.js";
import { makeFootage, put } from "./testing/media.js";
import { type Pipeline, startPipeline } from "./testing/pipeline.js";
import { reflectedMethods } from "./testing/reflected-methods.js";

// Two tenants across all services: acme calls, and globex must be invisible to it.

const ALL = { case: "allTenants" as const, value: true };
const HEADER = "polyreel-tenant";

const clientsOf = (baseUrl: string, tenant?: string) => {
  const named: Interceptor = (next) => (request) => {
    if (tenant !== undefined) request.header.set(HEADER, tenant);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl, interceptors: [named] });
  return {
    batches: createClient(BatchService, transport),
    admin: createClient(AdminService, transport),
    sources: createClient(SourceService, transport),
    voices: createClient(VoiceService, transport),
    destinations: createClient(DestinationService, transport),
    links: createClient(LinkService, transport),
    notifications: createClient(NotificationService, transport),
    presets: createClient(PresetService, transport),
    access: createClient(AccessService, transport),
    secrets: createClient(SecretService, transport),
    usage: createClient(UsageService, transport),
    audit: createClient(AuditService, transport),
    users: createClient(UserService, transport),
    sessions: createClient(SessionService, transport),
  };
};

/** Every batch has a webhook, which nothing answers; only globex has a secret of its own. */
const SECRET = `whsec_${"A".repeat(32)}`;
const NOWHERE = "http://127.0.0.1:1999/hook";
const NOTIFYING = {
  POLYREEL_WEBHOOK_SECRETS: `default=${SECRET},globex/own=${SECRET}`,
  POLYREEL_SECRET_KEYS: makeMasterKey(),
  POLYREEL_NOTIFY_ALLOW: "127.0.0.1",
  POLYREEL_NOTIFY: JSON.stringify([{ webhook: { url: NOWHERE } }]),
};

let pipeline: Pipeline;
let acme: ReturnType<typeof clientsOf>;
let globex: ReturnType<typeof clientsOf>;
/** A caller without a tenant, like an operator. */
let operator: ReturnType<typeof clientsOf>;
let own: Ended;
let foreign: Ended;
let destinations: string;
let films: { acme: string; globex: string };

/** Two combinations of one film under two headlines. */
const batchOf = (film: string, rest: object = {}) => ({
  name: "the same name",
  canvas: { width: 90, height: 160 },
  blocks: [
    video("hook", { choices: [footage("film", film)] }),
    text("headline", { over: ["hook"], choices: [{ text: "Now" }, { text: "Free" }] }),
  ],
  ...rest,
});

beforeAll(async () => {
  destinations = join(await mkdtemp(join(tmpdir(), "polyreel-tenants-")), "destinations.yaml");
  await writeFile(destinations, "campaigns: {type: folder, path: campaigns, tenants: [acme]}\n");
  pipeline = await startPipeline({ POLYREEL_DESTINATIONS: destinations, ...NOTIFYING });
  acme = clientsOf(pipeline.url, "acme");
  globex = clientsOf(pipeline.url, "globex");
  operator = clientsOf(pipeline.url);
  const film = (name: string, hertz: number) =>
    makeFootage(pipeline.folder, `${name}.mp4`, { seconds: 0.4, size: "64x64", hertz });
  films = {
    acme: await put(acme, await film("acme", 300)),
    globex: await put(globex, await film("globex", 400)),
  };
  own = await runBatch(acme, batchOf(films.acme, { outputs: [{ virtual: true }] }), { requestId: "first" });
  foreign = await runBatch(globex, batchOf(films.globex, { outputs: [{ virtual: true }] }), { requestId: "first" });
});
afterAll(async () => {
  await pipeline?.close();
  if (destinations) await rm(dirname(destinations), { recursive: true });
});

async function refusal(call: () => Promise<unknown> | AsyncIterable<unknown>) {
  try {
    const answer = call();
    if (Symbol.asyncIterator in answer) for await (const _ of answer);
    else await answer;
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    return { code, message: rawMessage };
  }
  return expect.fail("the call was not refused");
}

const NEVER = "bneverwas";

/** Checks that a foreign batch is refused like one that never existed, word for word, and is not changed. */
async function hidden(call: (batchId: string) => Promise<unknown> | AsyncIterable<unknown>): Promise<void> {
  const before = await globex.batches.getBatch({ batchId: foreign.batchId });
  const never = await refusal(() => call(NEVER));
  const { code, message } = await refusal(() => call(foreign.batchId));
  expect({ code, message: message.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
  expect(code).toBe(Code.NotFound);
  expect(await globex.batches.getBatch({ batchId: foreign.batchId })).toEqual(before);
}

const denied = async (call: () => Promise<unknown> | AsyncIterable<unknown>) =>
  expect((await refusal(call)).code).toBe(Code.PermissionDenied);

/** Checks that a foreign source is refused like one that was never put, word for word. */
async function withoutTrace(call: (sha256: string) => Promise<unknown>): Promise<void> {
  const unknown = "0".repeat(64);
  const { code, message } = await refusal(() => call(films.globex));
  expect({ code, message: message.replaceAll(films.globex, unknown) }).toEqual(await refusal(() => call(unknown)));
  expect(code).toBe(Code.NotFound);
}

const ids = ({ batches }: { batches: { batchId: string }[] }) => batches.map(({ batchId }) => batchId).sort();
const both = () => [own.batchId, foreign.batchId].sort();
const ofForeign = () => ({ combinationId: foreign.combinations[0]?.id ?? "" });

const CASES: Record<string, () => Promise<void>> = {
  "polyreel.v1.BatchService/SubmitBatch": async () => {
    expect(own.batchId).not.toBe(foreign.batchId); // Under one request id.
    await denied(() => acme.batches.submitBatch({ batch: batchOf(films.acme, { tenant: "globex" }) }));
    const continued = (continues: string) => () =>
      acme.batches.submitBatch({ batch: batchOf(films.acme, { continues }), requestId: "continued" });
    const never = await refusal(continued(NEVER));
    const { code, message } = await refusal(continued(foreign.batchId));
    expect({ code, message: message.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
  },
  "polyreel.v1.BatchService/GetBatch": async () => {
    await hidden((batchId) => acme.batches.getBatch({ batchId }));
    expect((await operator.batches.getBatch({ batchId: foreign.batchId })).batch?.tenant).toBe("globex");
  },
  "polyreel.v1.BatchService/ListBatches": async () => {
    expect(ids(await acme.batches.listBatches({}))).toEqual([own.batchId]);
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
    expect(ids(await operator.batches.listBatches({ tenant: "globex" }))).toEqual([foreign.batchId]);
    await denied(() => acme.batches.listBatches({ tenant: "globex" }));
    const { nextPageToken: pageToken } = await operator.batches.listBatches({ pageSize: 1 });
    expect((await refusal(() => acme.batches.listBatches({ pageToken }))).code).toBe(Code.InvalidArgument);
  },
  "polyreel.v1.BatchService/GetStats": async () => {
    const counts = async (clients: typeof acme, tenant = "") => {
      const { batches, combinations, joining } = await clients.batches.getStats({ tenant });
      return [batches?.finished, combinations?.delivered, joining?.count];
    };
    expect(await counts(acme)).toEqual([1n, 2n, 2n]);
    expect(await counts(operator)).toEqual([2n, 4n, 4n]);
    expect(await counts(operator, "globex")).toEqual([1n, 2n, 2n]);
    await denied(() => acme.batches.getStats({ tenant: "globex" }));
  },
  "polyreel.v1.BatchService/ListCombinations": async () => {
    await hidden((batchId) => acme.batches.listCombinations({ batchId }));
    expect((await operator.batches.listCombinations({ batchId: foreign.batchId })).combinations).toHaveLength(2);
  },
  "polyreel.v1.BatchService/GetCombination": async () => {
    const get = (clients: typeof acme) => (batchId: string) =>
      clients.batches.getCombination({ batchId, ...ofForeign() });
    expect((await get(globex)(foreign.batchId)).combination?.outputs).toMatchObject([{ percent: 100 }]);
    await hidden(get(acme));
    expect((await get(operator)(foreign.batchId)).combination?.status?.id).toBe(ofForeign().combinationId);
  },
  "polyreel.v1.BatchService/WatchBatch": async () => {
    await hidden((batchId) => acme.batches.watchBatch({ batchId }));
    let seen = 0;
    for await (const _ of operator.batches.watchBatch({ batchId: foreign.batchId })) seen++;
    expect(seen).toBeGreaterThan(4);
  },
  "polyreel.v1.BatchService/ReadOutput": async () => {
    const read = (clients: typeof acme) => (batchId: string) => clients.batches.readOutput({ batchId, ...ofForeign() });
    for await (const _ of read(globex)(foreign.batchId)); // What its owner has read is cached for its owner only.
    await hidden(read(acme));
    for await (const _ of read(operator)(foreign.batchId));
  },
  "polyreel.v1.BatchService/EstimateBatch": async () => {
    const { clips: whole } = await globex.batches.estimateBatch({ batch: batchOf(films.globex) });
    expect(whole?.there).toBe(2n);
    const { clips, unknown } = await acme.batches.estimateBatch({ batch: batchOf(films.globex) });
    expect(clips?.there).toBe(0n);
    expect(unknown).toMatchObject([{ choice: "film" }]);
    await denied(() => acme.batches.estimateBatch({ batch: batchOf(films.globex, { tenant: "globex" }) }));
    const base = batchOf(films.globex, { tenant: "globex" });
    await denied(() => acme.batches.estimateBatch({ batch: batchOf(films.acme), base }));
  },
  "polyreel.v1.BatchService/CancelBatch": async () => hidden((batchId) => acme.batches.cancelBatch({ batchId })),
  "polyreel.v1.BatchService/RetryBatch": async () => hidden((batchId) => acme.batches.retryBatch({ batchId })),
  "polyreel.v1.BatchService/ListMissingSources": async () =>
    hidden((batchId) => acme.batches.listMissingSources({ batchId })),
  "polyreel.v1.BatchService/ReplayBatch": async () => hidden((batchId) => acme.batches.replayBatch({ batchId })),
  "polyreel.v1.BatchService/DeliverCombinations": async () =>
    hidden((batchId) => acme.batches.deliverCombinations({ batchId })),
  "polyreel.v1.BatchService/ApproveCombinations": async () =>
    hidden((batchId) => acme.batches.approveCombinations({ batchId })),
  "polyreel.v1.BatchService/RejectCombinations": async () =>
    hidden((batchId) => acme.batches.rejectCombinations({ batchId })),
  "polyreel.v1.BatchService/DeleteBatch": async () => hidden((batchId) => acme.batches.deleteBatch({ batchId })),
  "polyreel.v1.SourceService/GetSource": async () => {
    const get = (clients: typeof acme, sha256: string, tenant = "") => clients.sources.getSource({ sha256, tenant });
    await withoutTrace((sha256) => get(acme, sha256));
    expect((await get(globex, films.globex)).source?.sha256).toBe(films.globex);
    await denied(() => get(acme, films.globex, "globex"));
    expect((await get(operator, films.globex, "globex")).source?.sha256).toBe(films.globex);
  },
  "polyreel.v1.SourceService/ListSources": async () => {
    const hashesOf = async (clients: typeof acme, tenant = "") =>
      (await clients.sources.listSources({ tenant })).sources.map(({ sha256 }) => sha256);
    expect(await hashesOf(globex)).toEqual([films.globex]);
    expect(await hashesOf(operator, "globex")).toEqual([films.globex]);
    await denied(() => hashesOf(acme, "globex"));
  },
  "polyreel.v1.SourceService/UpdateSource": async () => {
    const update = (clients: typeof acme, sha256: string, tenant = "") =>
      clients.sources.updateSource({ sha256, tenant, title: "A film" });
    await withoutTrace((sha256) => update(acme, sha256));
    await denied(() => update(acme, films.globex, "globex"));
    expect((await update(globex, films.globex)).source?.title).toBe("A film");
  },
  "polyreel.v1.SourceService/DeleteSource": async () => {
    const remove = (clients: typeof acme, sha256: string, tenant = "") =>
      clients.sources.deleteSource({ sha256, tenant });
    await withoutTrace((sha256) => remove(acme, sha256));
    await denied(() => remove(acme, films.globex, "globex"));
    expect((await refusal(() => remove(globex, films.globex))).code).toBe(Code.FailedPrecondition); // In use.
  },
  "polyreel.v1.SourceService/PutSource": async () => {
    const bytes = await readFile(`${pipeline.folder}/globex.mp4`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const send = (clients: typeof acme, tenant = "") =>
      clients.sources.putSource(
        (async function* () {
          const description = { sha256, sizeBytes: BigInt(bytes.length), tenant };
          yield { part: { case: "description" as const, value: description } };
          yield { part: { case: "chunk" as const, value: bytes } };
        })(),
      );
    expect((await send(globex)).known).toBe(true);
    expect((await send(acme)).known).toBe(false);
    await denied(() => send(acme, "globex"));
    expect((await send(operator, "globex")).known).toBe(true);
  },
  "polyreel.v1.UsageService/GetUsage": async () => {
    const tenantsOf = async (clients: typeof acme, tenant = "") =>
      (await clients.usage.getUsage({ tenant })).usage.map((one) => one.tenant);
    expect([await tenantsOf(acme), await tenantsOf(operator)]).toEqual([["acme"], ["acme", "globex"]]);
    await denied(() => tenantsOf(acme, "globex"));
  },
  "polyreel.v1.VoiceService/ListVoices": async () => {
    const { voices } = await acme.voices.listVoices({}); // The engines' voices, not owned by a tenant.
    expect(voices.length).toBeGreaterThan(0);
    expect(await operator.voices.listVoices({})).toMatchObject({ voices });
  },
  "polyreel.v1.PresetService/ListPresets": async () => {
    const { presets } = await acme.presets.listPresets({}); // The server's, not owned by a tenant.
    expect(presets.length).toBeGreaterThan(0);
    expect(await operator.presets.listPresets({})).toMatchObject({ presets });
  },
  "polyreel.v1.DestinationService/ListDestinations": async () => {
    const namesOf = async (clients: typeof acme, tenant = "") =>
      (await clients.destinations.listDestinations({ tenant })).destinations.map(({ name }) => name);
    expect(await namesOf(acme)).toEqual(["campaigns"]);
    expect(await namesOf(globex)).toEqual([]);
    await denied(() => namesOf(globex, "acme"));
    expect(await namesOf(operator, "acme")).toEqual(["campaigns"]);
  },
  "polyreel.v1.LinkService/CreateLink": async () => {
    const output = (clients: typeof acme) => (batchId: string) =>
      clients.links.createLink({ target: { case: "output", value: { batchId, ...ofForeign() } } });
    const outputs = (clients: typeof acme) => (batchId: string) =>
      clients.links.createLink({ target: { case: "outputs", value: { batchId } } });
    const { url } = await output(globex)(foreign.batchId);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace("tenant=globex", "tenant=acme"))).status).toBe(403);
    expect((await fetch((await output(operator)(foreign.batchId)).url)).status).toBe(200);
    await hidden(output(acme));
    await hidden(outputs(acme));
    const sha256 = films.globex;
    const source = (clients: typeof acme, tenant = "") =>
      clients.links.createLink({ target: { case: "source", value: { tenant, sha256 } } });
    expect((await source(globex)).url).toContain("tenant=globex");
    expect((await source(operator, "globex")).url).toContain("tenant=globex");
    expect((await refusal(() => source(acme, "default"))).code).toBe(Code.PermissionDenied);
    await denied(() => source(acme, "globex"));
    await denied(() => acme.links.createLink({ target: { case: "upload", value: { tenant: "globex" } } }));
  },
  "polyreel.v1.NotificationService/ListNotifications": async () => {
    const batchesIn = async (clients: typeof acme, request: object = {}) =>
      (await clients.notifications.listNotifications(request)).notifications.map(({ batchId }) => batchId).sort();
    await expect.poll(() => batchesIn(operator)).toEqual(both());
    expect(await batchesIn(acme)).toEqual([own.batchId]);
    expect(await batchesIn(acme, { batchId: foreign.batchId })).toEqual([]);
    expect(await batchesIn(operator, { tenant: "globex" })).toEqual([foreign.batchId]);
    await denied(() => batchesIn(acme, { tenant: "globex" }));
  },
  "polyreel.v1.NotificationService/TestNotification": async () => {
    const test = (clients: typeof acme) => (batchId: string) =>
      clients.notifications.testNotification({ receiver: { case: "batchId", value: batchId } });
    await hidden(test(acme));
    expect((await test(globex)(foreign.batchId)).receivers).toHaveLength(1);
    const signed =
      (clients: typeof acme, tenant = "") =>
      () =>
        clients.notifications.testNotification({
          receiver: { case: "webhook", value: { url: NOWHERE, secret: "own" } },
          tenant,
        });
    expect((await signed(globex)()).receivers).toHaveLength(1);
    expect((await refusal(signed(acme))).code).toBe(Code.InvalidArgument); // Nobody signs with another's secret.
    await denied(signed(acme, "globex"));
  },
  "polyreel.v1.NotificationService/ResendNotification": async () => {
    const [{ id = "" } = {}] = (await globex.notifications.listNotifications({})).notifications;
    const { code, message } = await refusal(() => acme.notifications.resendNotification({ id }));
    const never = await refusal(() => acme.notifications.resendNotification({ id: NEVER }));
    expect({ code, message: message.replaceAll(id, NEVER) }).toEqual(never);
    expect((await globex.notifications.resendNotification({ id })).notification?.id).toBe(id);
  },
  "polyreel.v1.AccessService/GetCaller": async () => {
    expect([(await acme.access.getCaller({})).tenant, (await operator.access.getCaller({})).tenant]).toEqual([
      "acme",
      "",
    ]);
  },
  "polyreel.v1.AccessService/GetSignInMethods": async () => {
    // The same for everybody, also before they sign in.
    expect(await acme.access.getSignInMethods({})).toEqual(await operator.access.getSignInMethods({}));
  },
  "polyreel.v1.AccessService/CreateKey": async () => {
    expect((await acme.access.createKey({ name: "own", role: Role.VIEWER })).key?.tenant).toBe("acme");
    await denied(() => acme.access.createKey({ name: "foreign", role: Role.VIEWER, tenant: "globex" }));
  },
  "polyreel.v1.AccessService/ListKeys": async () => {
    const { key } = await globex.access.createKey({ name: "theirs", role: Role.VIEWER });
    const listed = async ({ access }: typeof acme) => (await access.listKeys({})).keys.map(({ id }) => id);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining([key?.id]),
      expect.arrayContaining([key?.id]),
    ]);
    await denied(() => acme.access.listKeys({ tenant: "globex" }));
  },
  "polyreel.v1.AccessService/RevokeKey": async () => {
    const id = (await globex.access.createKey({ name: "theirs", role: Role.VIEWER })).key?.id ?? "";
    const never = await refusal(() => acme.access.revokeKey({ id: NEVER }));
    const { code, message } = await refusal(() => acme.access.revokeKey({ id }));
    expect({ code, message: message.replaceAll(id, NEVER) }).toEqual(never);
    expect((await globex.access.revokeKey({ id })).key?.revokedAt).toBeDefined();
  },
  "polyreel.v1.SecretService/SetSecret": async () => {
    await globex.secrets.setSecret({ name: "drive", value: "theirs" });
    expect((await acme.secrets.setSecret({ name: "drive", value: "own" })).secret).toMatchObject({
      ...{ tenant: "acme", version: 1 },
    });
    await denied(() => acme.secrets.setSecret({ name: "drive", tenant: "globex", value: "own" }));
  },
  "polyreel.v1.SecretService/ListSecrets": async () => {
    await globex.secrets.setSecret({ name: "theirs", value: "x" });
    const listed = async ({ secrets }: typeof acme) => (await secrets.listSecrets({})).secrets.map(({ name }) => name);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining(["theirs"]),
      expect.arrayContaining(["theirs"]),
    ]);
    await denied(() => acme.secrets.listSecrets({ tenant: "globex" }));
  },
  "polyreel.v1.SecretService/DeleteSecret": async () => {
    await globex.secrets.setSecret({ name: "lonely", value: "x" });
    const never = await refusal(() => acme.secrets.deleteSecret({ name: "neverxx" }));
    const { code, message } = await refusal(() => acme.secrets.deleteSecret({ name: "lonely" }));
    expect({ code, message: message.replaceAll("lonely", "neverxx") }).toEqual(never);
    await denied(() => acme.secrets.deleteSecret({ name: "lonely", tenant: "globex" }));
    await globex.secrets.deleteSecret({ name: "lonely" });
  },
  "polyreel.v1.SecretService/RotateSecrets": async () => {
    await denied(() => acme.secrets.rotateSecrets({}));
    expect(await operator.secrets.rotateSecrets({})).toMatchObject({ rotated: 0, failures: [] });
  },
  "polyreel.v1.AuditService/ListAuditLog": async () => {
    const tenants = async (clients: typeof acme, tenant = "") =>
      new Set((await clients.audit.listAuditLog({ tenant })).entries.map((entry) => entry.tenant));
    expect(await tenants(acme)).toEqual(new Set(["acme"]));
    expect(await tenants(operator, "globex")).toEqual(new Set(["globex"]));
    expect([...(await tenants(operator))]).toEqual(expect.arrayContaining(["acme", "globex"]));
    await denied(() => tenants(acme, "globex"));
  },
  "polyreel.v1.UserService/CreateUser": async () => {
    expect((await acme.users.createUser({ email: "a@x.example", role: Role.VIEWER })).user?.tenant).toBe("acme");
    await denied(() => acme.users.createUser({ email: "b@x.example", role: Role.VIEWER, tenant: "globex" }));
  },
  "polyreel.v1.UserService/ListUsers": async () => {
    await globex.users.createUser({ email: "list@x.example", role: Role.VIEWER });
    const listed = async ({ users }: typeof acme) => (await users.listUsers({})).users.map(({ email }) => email);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining(["list@x.example"]),
      expect.arrayContaining(["list@x.example"]),
    ]);
    await denied(() => acme.users.listUsers({ tenant: "globex" }));
  },
  "polyreel.v1.UserService/UpdateUser": () => missesUser((user) => acme.users.updateUser({ user, active: false })),
  "polyreel.v1.UserService/RemoveUser": () => missesUser((user) => acme.users.removeUser({ user })),
  "polyreel.v1.UserService/ResetPassword": () => missesUser((user) => acme.users.resetPassword({ user })),
  "polyreel.v1.UserService/SetPassword": async () => {
    const by = { case: "currentPassword", value: "x" } as const;
    const { code } = await refusal(() => acme.users.setPassword({ by, newPassword: "several words of mine" }));
    expect(code).toBe(Code.FailedPrecondition);
  },
  // Nobody signs in at a gateway that does not ask who is calling: sessions.test.ts of the gateway has the others.
  "polyreel.v1.SessionService/SignIn": () => hasNoSessions(() => acme.sessions.signIn({ email: "a@x.example" })),
  "polyreel.v1.SessionService/RefreshSession": async () => {
    expect((await refusal(() => acme.sessions.refreshSession({ refreshToken: NEVER }))).code).toBe(
      Code.Unauthenticated,
    );
  },
  "polyreel.v1.SessionService/SignOut": () => hasNoSessions(() => acme.sessions.signOut({})),
  "polyreel.v1.SessionService/ListSessions": async () => {
    expect((await acme.sessions.listSessions({})).sessions).toEqual([]);
  },
  "polyreel.v1.SessionService/RevokeSession": async () => {
    expect((await refusal(() => acme.sessions.revokeSession({ id: NEVER }))).code).toBe(Code.NotFound);
  },
  "polyreel.v1.SessionService/RotateSigningKey": async () => {
    await denied(() => acme.sessions.rotateSigningKey({}));
    expect((await operator.sessions.rotateSigningKey({})).keyId).toMatch(/^\d+-/);
  },
  "polyreel.v1.AdminService/CleanUp": async () => {
    const request = { olderThan: { seconds: 0n }, dryRun: true };
    const globexAlone = { case: "tenant" as const, value: "globex" };
    for (const whose of [ALL, globexAlone]) {
      await denied(() => acme.admin.cleanUp({ ...request, dryRun: false, whose }));
    }
    const acmeAlone = { case: "tenant" as const, value: "acme" };
    expect(ids(await acme.admin.cleanUp({ ...request, whose: acmeAlone }))).toEqual([own.batchId]);
    expect(ids(await operator.admin.cleanUp({ ...request, whose: ALL }))).toEqual(both());
    expect(ids(await operator.admin.cleanUp({ ...request, whose: globexAlone }))).toEqual([foreign.batchId]);
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
  },
  "polyreel.v1.AdminService/RebuildReadModel": async () => {
    await denied(() => acme.admin.rebuildReadModel({}));
    for await (const _ of operator.admin.rebuildReadModel({}));
    expect(ids(await operator.batches.listBatches({}))).toEqual(both());
    expect(ids(await acme.batches.listBatches({}))).toEqual([own.batchId]);
  },
};

/** To acme, a user of globex is as one who never existed. */
async function missesUser(call: (user: string) => Promise<unknown>): Promise<void> {
  const email = `${crypto.randomUUID()}@x.example`;
  await globex.users.createUser({ email, role: Role.VIEWER });
  const never = await refusal(() => call("never@x.example"));
  const { code, message } = await refusal(() => call(email));
  expect({ code, message: message.replaceAll(email, "never@x.example") }).toEqual(never);
}

const hasNoSessions = async (call: () => Promise<unknown>): Promise<void> =>
  expect((await refusal(call)).code).toBe(Code.FailedPrecondition);

it("has a case for every method of every service", async () => {
  expect(Object.keys(CASES).sort()).toEqual(await reflectedMethods(pipeline.url));
});

it.each(Object.entries(CASES))("%s accesses one tenant's data, and an operator's all", (_, holds) => holds());

it("serves outputs to their tenant and to operators, and reports them as unknown to others", async () => {
  const path = (ended: Ended) => ended.combinations[0]?.urlPath ?? "";
  const get = async (url: string, tenant?: string, method = "GET") => {
    const answer = await fetch(pipeline.url + url, {
      method,
      ...(tenant !== undefined && { headers: { [HEADER]: tenant } }),
    });
    // Without the binary form of the failure, which has the id in base64.
    const body = Buffer.from(await answer.arrayBuffer())
      .toString("latin1")
      .replace(/"value":"[^"]*"/g, "");
    return { status: answer.status, body };
  };
  expect((await get(path(foreign), "globex")).status).toBe(200);
  expect((await get(path(foreign))).status).toBe(200);
  for (const method of ["GET", "HEAD"]) {
    const never = await get(path(foreign).replace(foreign.batchId, NEVER), "acme", method);
    const { status, body } = await get(path(foreign), "acme", method);
    expect({ status, body: body.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
    expect(status).toBe(404);
  }
  expect((await get(path(own), "acme")).status).toBe(200);
  expect((await get(path(own), "")).status).toBe(400);
});

it("gives an empty tenant access to nothing", async () => {
  const withoutAccess = clientsOf(pipeline.url, "");
  expect((await refusal(() => withoutAccess.batches.listBatches({}))).code).toBe(Code.InvalidArgument);
  expect((await refusal(() => withoutAccess.admin.rebuildReadModel({}))).code).toBe(Code.InvalidArgument);
});
