import { mkdtemp, rm, writeFile } from "node:fs/promises";
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
  SecretService,
  SessionService,
  SourceService,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import { makeMasterKey } from "@polyreel/platform/secrets";
import { expect } from "vitest";
import { type Ended, runBatch } from "../testing/batches.js";
import { footage, text, video } from "../testing/blocks.js";
import { makeFootage, put } from "../testing/media.js";
import { type Pipeline, startPipeline } from "../testing/pipeline.js";

// Two tenants across all services: acme calls, and globex must be invisible to it.

export const HEADER = "polyreel-tenant";

export const clientsOf = (baseUrl: string, tenant?: string) => {
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
export const NOWHERE = "http://127.0.0.1:1999/hook";
const NOTIFYING = {
  POLYREEL_WEBHOOK_SECRETS: `default=${SECRET},globex/own=${SECRET}`,
  POLYREEL_SECRET_KEYS: makeMasterKey(),
  POLYREEL_NOTIFY_ALLOW: "127.0.0.1",
  POLYREEL_NOTIFY: JSON.stringify([{ webhook: { url: NOWHERE } }]),
};

export let pipeline: Pipeline;
export let acme: ReturnType<typeof clientsOf>;
export let globex: ReturnType<typeof clientsOf>;
/** A caller without a tenant, like an operator. */
export let operator: ReturnType<typeof clientsOf>;
export let own: Ended;
export let foreign: Ended;
let destinations: string;
export let films: { acme: string; globex: string };

/** Two combinations of one film under two headlines. */
export const batchOf = (film: string, rest: object = {}) => ({
  name: "the same name",
  canvas: { width: 90, height: 160 },
  blocks: [
    video("hook", { choices: [footage("film", film)] }),
    text("headline", { over: ["hook"], choices: [{ text: "Now" }, { text: "Free" }] }),
  ],
  ...rest,
});

/** Starts all services, and a finished batch of each tenant. */
export async function startTwoTenants(): Promise<void> {
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
}

export async function closeTwoTenants(): Promise<void> {
  await pipeline?.close();
  if (destinations) await rm(dirname(destinations), { recursive: true });
}

export async function refusal(call: () => Promise<unknown> | AsyncIterable<unknown>) {
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

export const NEVER = "bneverwas";

/** Checks that a foreign batch is refused like one that never existed, word for word, and is not changed. */
export async function hidden(call: (batchId: string) => Promise<unknown> | AsyncIterable<unknown>): Promise<void> {
  const before = await globex.batches.getBatch({ batchId: foreign.batchId });
  const never = await refusal(() => call(NEVER));
  const { code, message } = await refusal(() => call(foreign.batchId));
  expect({ code, message: message.replaceAll(foreign.batchId, NEVER) }).toEqual(never);
  expect(code).toBe(Code.NotFound);
  expect(await globex.batches.getBatch({ batchId: foreign.batchId })).toEqual(before);
}

export const denied = async (call: () => Promise<unknown> | AsyncIterable<unknown>) =>
  expect((await refusal(call)).code).toBe(Code.PermissionDenied);

/** Checks that a foreign source is refused like one that was never put, word for word. */
export async function withoutTrace(call: (sha256: string) => Promise<unknown>): Promise<void> {
  const unknown = "0".repeat(64);
  const { code, message } = await refusal(() => call(films.globex));
  expect({ code, message: message.replaceAll(films.globex, unknown) }).toEqual(await refusal(() => call(unknown)));
  expect(code).toBe(Code.NotFound);
}

export const ids = ({ batches }: { batches: { batchId: string }[] }) => batches.map(({ batchId }) => batchId).sort();
export const both = () => [own.batchId, foreign.batchId].sort();
export const ofForeign = () => ({ combinationId: foreign.combinations[0]?.id ?? "" });
