import { activeTraceId } from "@polyreel/platform/telemetry";
import { DEFAULT_TENANT } from "@polyreel/spec";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { neededAt } from "../access/route-roles.js";
import { statusName, toConnectError } from "../server/errors.js";
import type { AuditLog } from "./audit-log.js";
import type { ObjectName } from "./message-facts.js";
import { type Trail, trailOf } from "./trail.js";

/** Parameters of routes that name an object of the same kind in every route. */
const KINDS: Readonly<Record<string, string>> = {
  batchId: "batch",
  job_id: "job",
  sha256: "source",
  media_id: "source",
};

const errors = new WeakMap<FastifyReply, unknown>();

/** Notes why a route is refused or failed. */
export const noteError = (reply: FastifyReply, error: unknown): void => void errors.set(reply, error);

/** Records requests that have a trail, before their answer is sent; refuses them before they begin while that is impossible. */
export function auditRoutes(app: FastifyInstance, audit: AuditLog): void {
  app.addHook("onRequest", async ({ raw, routeOptions: { url } }) => {
    const trail = trailOf(raw);
    if (!trail) return;
    trail.isTaken = true;
    if (url !== undefined) audit.assertRecordable();
  });
  const recorded = new WeakSet<FastifyReply>();
  app.addHook("onSend", async (request, reply) => {
    const trail = trailOf(request.raw);
    const { url } = request.routeOptions;
    // A second time: the answer that says that the first one could not be recorded.
    if (!trail || url === undefined || recorded.has(reply)) return;
    recorded.add(reply);
    const outcome = outcomeOf(reply);
    if (isPiece(request, reply, outcome.outcome) || isStranger(trail, request.method, url, outcome.outcome)) return;
    const { tenant } = { tenant: "", ...textsIn(request.query), ...textsIn(request.params) };
    await audit.record(
      trail.entry({
        ...outcome,
        tenant: trail.tenant || tenant || DEFAULT_TENANT,
        action: `${request.method} ${url}`,
        object: objectOf(request, reply),
        fields: [...Object.keys(textsIn(request.query)), ...fieldsIn(request.body)],
        traceId: activeTraceId(),
      }),
    );
  });
}

function outcomeOf(reply: FastifyReply): { readonly outcome: string; readonly reason?: string } {
  const { statusCode } = reply;
  if (statusCode < 400) return { outcome: "ok" };
  const error = errors.get(reply);
  if (error === undefined) return { outcome: "invalid_argument", reason: `HTTP status ${statusCode}` };
  const status = toConnectError(error);
  return { outcome: statusName(status).toLowerCase(), reason: status.rawMessage };
}

/** Whoever has no key and tries a route that needs one: there is nothing to know about them, but for those who sign in. */
const isStranger = ({ principal }: Trail, method: string, url: string, outcome: string): boolean =>
  principal.kind === "anyone" && outcome === "unauthenticated" && neededAt(method, url) !== "anyone";

/** Where an upload that is finished names its source. */
const FINISHED = "polyreel-source";

/**
 * Requests about an upload that is not finished by them. An upload is one entry: the request that finishes or ends it, or is
 * refused; connections that end between pieces are a part of it.
 */
function isPiece(
  { method, headers, routeOptions: { url = "" } }: FastifyRequest,
  reply: FastifyReply,
  outcome: string,
): boolean {
  if (!/^\/uploads(\/|$)/.test(url) || (outcome !== "ok" && outcome !== "cancelled")) return false;
  const isEnd = method === "DELETE" || headers["x-http-method-override"]?.toString().toUpperCase() === "DELETE";
  return !isEnd && !url.endsWith("/complete") && !reply.hasHeader(FINISHED);
}

/** The object that was made, or else the one that the path names. */
function objectOf({ params, routeOptions: { url = "" } }: FastifyRequest, reply: FastifyReply): ObjectName | undefined {
  const source = reply.getHeader(FINISHED);
  if (source) return { kind: "source", id: String(source) };
  const [, collection, made] = /([a-z]+)s\/([^/]+)$/.exec(String(reply.getHeader("location") ?? "")) ?? [];
  if (collection && made) return { kind: collection, id: made };
  const named = Object.entries(textsIn(params)).filter(([name]) => KINDS[name] || name === "id");
  const [name = "", id] = named[0] ?? [];
  const kind = KINDS[name] ?? /([a-z]+)s\/(?::tenant\/)?:id/.exec(url)?.[1] ?? "";
  return id ? { kind, id } : undefined;
}

const textsIn = (values: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

/** Names in a body of JSON. */
const fieldsIn = (body: unknown): string[] =>
  typeof body === "object" && body !== null && !ArrayBuffer.isView(body) ? Object.keys(body) : [];
