import { once } from "node:events";
import { connect as connectH2, type IncomingHttpHeaders } from "node:http2";
import { text } from "node:stream/consumers";
import {
  create,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
} from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import * as contract from "@polyreel/contract";
import { AccessService, BatchService, Role } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neededFor } from "./method-roles.js";
import { type Needed, suffices } from "./roles.js";
import { routes } from "./route-roles.js";
import { type AskingGateway, ROLES, type RoleName, startAskingGateway } from "./testing/asking-gateway.js";

// Every method and every route, for every role, by every protocol; and for what belongs to another tenant.

const NO_KEY = "no key";
const CALLERS = [NO_KEY, ...Object.keys(ROLES)] as (typeof NO_KEY | RoleName)[];
const REFUSED = /This needs the role (\w+), and the caller has (\w+)|wants to know who is calling/;

let gateway: AskingGateway;
beforeAll(async () => {
  gateway = await startAskingGateway();
});
afterAll(() => gateway.close());

const secretOf = (caller: string): string => gateway.secrets[caller as RoleName] ?? "";
const isLetIn = (caller: string, needed: Needed): boolean =>
  needed === "anyone" || (caller !== NO_KEY && suffices(ROLES[caller as RoleName], needed));

const isService = (one: unknown): one is DescService =>
  typeof one === "object" && one !== null && "kind" in one && one.kind === "service";
const services = Object.values<unknown>(contract).filter(isService);
const methods = services.flatMap((service) =>
  service.methods.map((method) => ({
    method,
    name: `${service.typeName.split(".").at(-1)}/${method.name}`,
    needed: neededFor(service.typeName, method.localName) ?? "operator",
  })),
);

describe.each(["connect", "grpc"] as const)("a method over %s", (protocol) => {
  it.each(methods)("$name lets in who has the role $needed", async ({ method, needed }) => {
    for (const caller of CALLERS) {
      const refused = REFUSED.test(await errorOf(gateway.transport(secretOf(caller), protocol), method));
      expect([caller, refused]).toEqual([caller, !isLetIn(caller, needed)]);
    }
  });
});

const isUnary = (method: DescMethod): method is DescMethodUnary => method.methodKind === "unary";

/** The message of the error of an empty request; "" if it has none by the first answer. */
async function errorOf(transport: Transport, method: DescMethod): Promise<string> {
  const left = new AbortController();
  const message = create(method.input);
  try {
    if (isUnary(method)) await transport.unary(method, left.signal, undefined, undefined, message);
    else {
      const messages = (async function* () {
        yield message;
      })();
      const { message: answers } = await transport.stream(
        method as DescMethodStreaming,
        left.signal,
        undefined,
        undefined,
        messages,
      );
      for await (const _ of answers) break;
    }
    return "";
  } catch (error) {
    return ConnectError.from(error).rawMessage;
  } finally {
    left.abort();
  }
}

/** Ids of what nobody has, of the form that each parameter has. */
const NOBODYS: Readonly<Record<string, string>> = {
  sha256: "0".repeat(64),
  media_id: "0".repeat(64),
  tenant: "acme",
  provider: "none",
};
const pathOf = (url: string, ids: Readonly<Record<string, string>> = NOBODYS): string =>
  url.replace("*", "a.txt").replace(/:(\w+)/g, (_, name: string) => ids[name] ?? "b".padEnd(21, "a"));

interface Answer {
  readonly status: number;
  readonly body: string;
}

const overHttp1 = async (method: string, path: string, secret: string): Promise<Answer> => {
  const signal = AbortSignal.timeout(10_000);
  const headers = secret ? { Authorization: `Bearer ${secret}` } : {};
  const response = await fetch(gateway.url + path, { method, headers, redirect: "manual", signal });
  // A stream of events has no end.
  const isStream = response.headers.get("content-type")?.includes("event-stream");
  const body = isStream ? "" : await response.text();
  if (isStream) await response.body?.cancel();
  return { status: response.status, body };
};

const overHttp2 = async (method: string, path: string, secret: string): Promise<Answer> => {
  const session = connectH2(gateway.url);
  try {
    const headers = { ":method": method, ":path": path, ...(secret && { authorization: `Bearer ${secret}` }) };
    const stream = session.request(headers, { endStream: true });
    const [answered] = (await once(stream, "response")) as [IncomingHttpHeaders];
    const isStream = String(answered["content-type"]).includes("event-stream");
    return { status: Number(answered[":status"]), body: isStream ? "" : await text(stream) };
  } finally {
    session.destroy();
  }
};

describe.each([
  ["HTTP/1.1", overHttp1],
  ["HTTP/2", overHttp2],
])("a route over %s", (_, send) => {
  it.each(routes)("$method $url lets in who has the role $needed", async ({ method, url, needed }) => {
    for (const caller of CALLERS) {
      const { status, body } = await send(method, pathOf(url), secretOf(caller));
      expect([caller, status >= 400 && REFUSED.test(body)]).toEqual([caller, !isLetIn(caller, needed)]);
    }
  });
});

describe("what belongs to another tenant", () => {
  /** Of acme, by the parameter that names it. */
  let theirs: Readonly<Record<string, string>>;
  let stranger: string;
  beforeAll(async () => {
    const access = createClient(AccessService, gateway.transport(gateway.secrets.operator));
    stranger = (await access.createKey({ name: "stranger", role: Role.ADMIN, tenant: "globex" })).secret;
    const headers = { Authorization: `Bearer ${gateway.secrets.editor}` };
    const put = await fetch(`${gateway.url}/sources/a.txt`, { method: "PUT", body: "acme's", headers });
    const { sha256 } = (await put.json()) as { sha256: string };
    const tus = { ...headers, "Tus-Resumable": "1.0.0", "Upload-Length": "10" };
    const begun = await fetch(`${gateway.url}/uploads`, { method: "POST", headers: tus });
    const id = begun.headers.get("location")?.split("/").at(-1) ?? "";
    const choices = [
      { media: { case: "source" as const, value: { location: { case: "sha256" as const, value: sha256 } } } },
    ];
    const blocks = [{ name: "hook", kind: { case: "video" as const, value: { choices } } }];
    const batches = createClient(BatchService, gateway.transport(gateway.secrets.editor));
    const { batch } = await batches.submitBatch({ batch: { blocks } });
    const batchId = batch?.batchId ?? "";
    theirs = { sha256, media_id: sha256, batchId, job_id: batchId, tenant: "acme", id };
  });

  const named = routes.filter(
    ({ url, needed }) => /:(sha256|media_id|batchId|job_id|id)\b/.test(url) && needed !== "anyone",
  );

  it.each(named)("is to $method $url as if it did not exist", async ({ method, url }) => {
    const ids = url.includes("/videos/") ? { ...theirs, id: theirs.batchId ?? "" } : theirs;
    const masked = ({ status, body }: Answer, known: Readonly<Record<string, string>>) => {
      const shown = Object.values(known).reduce((all, one) => (one === "" ? all : all.replaceAll(one, "?")), body);
      return { status, body: shown.replaceAll("b".padEnd(21, "a"), "?").replace(/[0-9a-f]{32}/g, "?") };
    };
    const foreign = masked(await overHttp1(method, pathOf(url, ids), stranger), ids);
    expect(foreign).toEqual(masked(await overHttp1(method, pathOf(url), stranger), NOBODYS));
    expect(foreign.status).toBeGreaterThanOrEqual(400);
  });

  it("is there for its own tenant, afterwards too", async () => {
    const own = (url: string) => overHttp1("GET", pathOf(url, theirs), gateway.secrets.admin);
    expect((await own("/sources/:sha256")).status).toBe(200);
    expect((await own("/events/:batchId")).status).toBe(200);
    expect((await own("/uploads/:tenant/:id")).status).not.toBe(404);
    const { batchId = "" } = theirs;
    const batches = createClient(BatchService, gateway.transport(gateway.secrets.viewer));
    expect((await batches.getBatch({ batchId })).batch?.batchId).toBe(batchId);
    const foreign = createClient(BatchService, gateway.transport(stranger, "grpc"));
    await expect(foreign.getBatch({ batchId })).rejects.toMatchObject({ code: Code.NotFound });
  });
});
